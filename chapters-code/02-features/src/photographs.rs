//! The photographs of the chapter, and windows cut out of them at any angle and scale.

use learning::normal;
use notebook::{Data, Rng};
use rand::RngExt as _;

use crate::error::Result;
use crate::image::{Image, level};

/// The folder of the photographs, from the root of the workspace.
pub const FOLDER: &str = "data/photographs";
/// The photographs of surfaces, in grey.
pub const SURFACES: [&str; 3] = ["brick", "grass", "gravel"];
/// The photographs in colour.
pub const SCENES: [&str; 5] = ["astronaut", "chelsea", "coffee", "hubble", "retina"];

/// Where the photographs are, from the root of the workspace.
pub fn paths() -> impl Iterator<Item = String> {
    SURFACES.iter().chain(&SCENES).map(|name| format!("{FOLDER}/{name}.png"))
}

/// A photograph with its name.
#[derive(Clone, Debug)]
pub struct Photograph {
    /// The file's name without its end.
    pub name: &'static str,
    /// Its pixels.
    pub image: Image,
}

impl Photograph {
    /// Reads photograph `name` of the workspace.
    ///
    /// # Errors
    /// As [`Image::open`].
    pub fn read(data: &(impl Data + ?Sized), name: &'static str) -> Result<Photograph> {
        let image = Image::open(&data.data(&format!("{FOLDER}/{name}.png")))?;
        Ok(Photograph { name, image })
    }

    /// Reads several.
    ///
    /// # Errors
    /// As [`Image::open`].
    pub fn read_all(
        data: &(impl Data + ?Sized),
        names: &[&'static str],
    ) -> Result<Vec<Photograph>> {
        names.iter().map(|name| Photograph::read(data, name)).collect()
    }

    /// Red, green and blue between pixels, from 0 to 255, by bilinear interpolation. Places outside are those at the edge.
    fn at(&self, y: f64, x: f64) -> [f64; 3] {
        let view = self.image.view();
        let (height, width) = (view.height() as f64, view.width() as f64);
        let (y, x) = (y.clamp(0.0, height - 1.0), x.clamp(0.0, width - 1.0));
        let (top, left) = (y.floor(), x.floor());
        let (down, right) = (y - top, x - left);
        let pixel = |y: f64, x: f64| {
            let (y, x) = (y.min(height - 1.0), x.min(width - 1.0));
            view.rgb(y as usize * view.width() + x as usize).map(f64::from)
        };
        let corners = [
            pixel(top, left),
            pixel(top, left + 1.0),
            pixel(top + 1.0, left),
            pixel(top + 1.0, left + 1.0),
        ];
        let shares = [
            (1.0 - down) * (1.0 - right),
            (1.0 - down) * right,
            down * (1.0 - right),
            down * right,
        ];
        std::array::from_fn(|c| {
            corners.iter().zip(shares).map(|(corner, share)| corner[c] * share).sum()
        })
    }
}

/// A square window onto a photograph.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Its middle: row and column.
    pub centre: (f64, f64),
    /// How far it is turned, in radians.
    pub angle: f64,
    /// How many pixels of the photograph one pixel of the window stands for.
    pub step: f64,
}

/// A square picture in colour, from 0 to 255 a channel, that is still being made.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Pixels along a side.
    pub side: usize,
    /// The colours, row by row.
    pub pixels: Vec<[f64; 3]>,
}

impl Window {
    /// What is seen through the window: `side × side` pixels.
    pub fn look(&self, photograph: &Photograph, side: usize) -> Picture {
        let (sin, cos) = self.angle.sin_cos();
        let middle = (side as f64 - 1.0) / 2.0;
        let pixels = (0..side * side).map(|i| {
            let (v, u) = ((i / side) as f64 - middle, (i % side) as f64 - middle);
            let (y, x) = (v * cos + u * sin, u * cos - v * sin);
            photograph.at(self.centre.0 + y * self.step, self.centre.1 + x * self.step)
        });
        Picture { side, pixels: pixels.collect() }
    }
}

impl Picture {
    /// A picture of one colour.
    pub fn flat(side: usize, colour: [f64; 3]) -> Picture {
        Picture { side, pixels: vec![colour; side * side] }
    }

    /// Changes every pixel.
    pub fn map(mut self, change: impl FnMut([f64; 3]) -> [f64; 3]) -> Picture {
        let pixels = std::mem::take(&mut self.pixels);
        self.pixels = pixels.into_iter().map(change).collect();
        self
    }

    /// Multiplies every channel.
    pub fn gain(self, factor: f64) -> Picture {
        self.map(|colour| colour.map(|v| v * factor))
    }

    /// Adds noise to every channel of every pixel, normally distributed with this deviation.
    pub fn noise(self, deviation: f64, rng: &mut Rng) -> Picture {
        self.map(|colour| colour.map(|v| v + deviation * normal(rng)))
    }

    /// Adds the same noise to all three channels of a pixel.
    pub fn grey_noise(self, deviation: f64, rng: &mut Rng) -> Picture {
        self.map(|colour| {
            let noise = deviation * normal(rng);
            colour.map(|v| v + noise)
        })
    }

    /// Turns the colours round the axis of greys by an angle in radians: the hue changes, the mean of the channels does
    /// not.
    pub fn turn_hue(self, angle: f64) -> Picture {
        let (sin, cos) = angle.sin_cos();
        let (same, side) = ((1.0 + 2.0 * cos) / 3.0, (1.0 - cos) / 3.0);
        let lift = sin / 3.0_f64.sqrt();
        self.map(|[r, g, b]| {
            let turned = |a: f64, b: f64, c: f64| a * same + b * (side - lift) + c * (side + lift);
            [turned(r, g, b), turned(g, b, r), turned(b, r, g)]
        })
    }

    /// The pixels in another order.
    pub fn shuffled(mut self, rng: &mut Rng) -> Picture {
        shuffle(&mut self.pixels, rng);
        self
    }

    /// The picture in 8-bit colours; what is beyond black or white is cut off.
    pub fn colour(&self) -> Image {
        let bytes: Vec<u8> = self.pixels.iter().flatten().map(|&v| byte(v)).collect();
        Image::from_rgb(self.side, self.side, bytes)
    }

    /// The picture in 8-bit grey: its first channel.
    pub fn grey(&self) -> Image {
        Image::from_levels(self.side, self.side, self.pixels.iter().map(|p| byte(p[0])).collect())
    }
}

fn byte(v: f64) -> u8 {
    level((v / 255.0).clamp(0.0, 1.0))
}

/// Puts items in an order drawn at random (Fisher and Yates).
pub fn shuffle<T>(items: &mut [T], rng: &mut Rng) {
    for i in (1..items.len()).rev() {
        items.swap(i, rng.random_range(0..=i));
    }
}
