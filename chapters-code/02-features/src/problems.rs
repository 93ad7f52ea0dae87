//! Six problems of recognition, fixed before any accuracy was seen.
//!
//! | problem | classes | what tells them apart |
//! | --- | --- | --- |
//! | `garments` | 10 | Fashion-MNIST: shape, upright and centred |
//! | `textures` | 3 | brick, grass, gravel, each patch turned, lit and disturbed anew |
//! | `colours` | 6 | the hue of one and the same kind of grey patch |
//! | `shapes` | 6 | the outline of a figure at any angle, size and place |
//! | `inspection` | 2 | a surface with a scratch and one without |
//! | `places` | 5 | which photograph a patch was cut from |
//!
//! Patches for training come from the left part of a photograph and patches for testing from the right,
//! with a strip between them that no patch reaches into. A *block* is a small region of a photograph:
//! patches of one block overlap and are not independent, so intervals draw whole blocks.

use std::f64::consts::TAU;

use learning::{FashionMnist, fashion};
use notebook::{Data, Rng};
use rand::{RngExt as _, SeedableRng as _};

use crate::image::Image;
use crate::photographs::{Photograph, Picture, SCENES, SURFACES, Window};

/// Pixels along a side of a patch.
pub const SIDE: usize = 32;
/// Patches of a class to learn from, and as many to be tested on.
const OF_A_CLASS: usize = 120;
/// Garments to learn from and to be tested on.
const GARMENTS: (usize, usize) = (6_000, 2_000);

/// The seed of the six, the same in every experiment.
pub const SEED: u64 = 2;

/// Images with their classes.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// The images, all of one size.
    pub images: Vec<Image>,
    /// The class of each.
    pub labels: Vec<u8>,
    /// The block of each: what is drawn together.
    pub blocks: Vec<usize>,
}

impl Examples {
    fn push(&mut self, image: Image, label: usize, block: usize) {
        self.images.push(image);
        self.labels.push(label as u8);
        self.blocks.push(block);
    }
}

/// A problem: examples to learn from and to be tested on.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its name.
    pub name: &'static str,
    /// How many classes it has.
    pub classes: usize,
    /// Examples to learn from.
    pub train: Examples,
    /// Examples to be tested on.
    pub test: Examples,
}

/// The names of the six, in the order of [`all`].
pub const NAMES: [&str; 6] = ["garments", "textures", "colours", "shapes", "inspection", "places"];

/// Which part of a photograph, or of a stream of random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Train,
    Test,
}

/// All six problems, from the files of the workspace and a seed.
///
/// # Errors
/// A file that cannot be read.
pub fn all(data: &(impl Data + ?Sized), seed: u64) -> anyhow::Result<Vec<Problem>> {
    let surfaces = Photograph::read_all(data, &SURFACES)?;
    let scenes = Photograph::read_all(data, &SCENES)?;
    // Every problem has a generator of its own: a change of one leaves the others as they were.
    let both = |problem: u64, make: &dyn Fn(Part, &mut Rng) -> Examples| {
        [(Part::Train, 0), (Part::Test, 1)]
            .map(|(part, place)| make(part, &mut Rng::seed_from_u64(seed + 10 * problem + place)))
    };
    let problem =
        |name, classes, [train, test]: [Examples; 2]| Problem { name, classes, train, test };
    Ok(vec![
        problem("garments", 10, garments(data)?),
        problem("textures", 3, both(1, &|part, rng| textures(&surfaces, part, rng))),
        problem("colours", 6, both(2, &|part, rng| colours(&surfaces, part, rng))),
        problem("shapes", 6, both(3, &|_, rng| shapes(rng))),
        problem("inspection", 2, both(4, &|part, rng| inspection(&surfaces, part, rng))),
        problem("places", 5, both(5, &|part, rng| places(&scenes, part, rng))),
    ])
}

fn garments(data: &(impl Data + ?Sized)) -> anyhow::Result<[Examples; 2]> {
    let data = FashionMnist::of(data)?;
    let first = |part: &learning::Labelled, n: usize| {
        let mut examples = Examples::default();
        for (i, (image, &label)) in part.images.outer_iter().zip(part.y()).take(n).enumerate() {
            let pixels = image.iter().copied().collect();
            examples.push(
                Image::from_levels(fashion::SIDE, fashion::SIDE, pixels),
                label.into(),
                i,
            );
        }
        examples
    };
    Ok([first(&data.train, GARMENTS.0), first(&data.test, GARMENTS.1)])
}

/// Blocks of a photograph from top to bottom, and from left to right within a part.
const BLOCKS: (usize, usize) = (6, 3);

/// A window of `SIDE` pixels somewhere in one part of a photograph, and the block of its centre.
///
/// The farthest corner of a turned window is `reach` from its centre. Centres keep that distance from
/// the edge, and from the line between the parts, so that no pixel serves both.
fn window_in(
    photograph: &Photograph,
    part: Part,
    angle: f64,
    step: f64,
    rng: &mut Rng,
) -> (Window, usize) {
    let (height, width) =
        (photograph.image.view().height() as f64, photograph.image.view().width() as f64);
    let (sin, cos) = angle.sin_cos();
    let reach = (sin.abs() + cos.abs()) * SIDE as f64 / 2.0 * step + 1.0;
    let (left, right) = match part {
        Part::Train => (0.0, width / 2.0),
        Part::Test => (width / 2.0, width),
    };
    let place = |from: f64, to: f64, share: f64| from + reach + share * (to - from - 2.0 * reach);
    let (down, across): (f64, f64) = (rng.random(), rng.random());
    let block = (down * BLOCKS.0 as f64) as usize * BLOCKS.1 + (across * BLOCKS.1 as f64) as usize;
    (Window { centre: (place(0.0, height, down), place(left, right, across)), angle, step }, block)
}

/// A block's number among those of all photographs.
fn block_of(photograph: usize, block: usize) -> usize {
    photograph * BLOCKS.0 * BLOCKS.1 + block
}

fn textures(surfaces: &[Photograph], part: Part, rng: &mut Rng) -> Examples {
    let mut examples = Examples::default();
    for (class, surface) in surfaces.iter().enumerate() {
        for _ in 0..OF_A_CLASS {
            let angle = rng.random::<f64>() * TAU;
            let (window, block) = window_in(surface, part, angle, 1.0, rng);
            let gain = rng.random_range(0.6..1.4);
            let patch = window.look(surface, SIDE).gain(gain).grey_noise(8.0, rng);
            examples.push(patch.grey(), class, block_of(class, block));
        }
    }
    examples
}

/// Patches of all three surfaces, tinted with one of six hues.
fn colours(surfaces: &[Photograph], part: Part, rng: &mut Rng) -> Examples {
    let mut examples = Examples::default();
    for class in 0..6 {
        for i in 0..OF_A_CLASS {
            let surface = i % surfaces.len();
            let (window, block) = window_in(&surfaces[surface], part, 0.0, 1.0, rng);
            let hue = (class as f64 + rng.random_range(-0.3..0.3)) * TAU / 6.0;
            let strength = rng.random_range(25.0..60.0);
            let patch = window.look(&surfaces[surface], SIDE);
            // The tint adds nothing to the luminance: it lies across the axis of 0.2125, 0.7154, 0.0721.
            let tint = tint(hue).map(|v| v * strength);
            let patch = patch.map(|p| std::array::from_fn(|c| p[c] + tint[c])).noise(6.0, rng);
            examples.push(patch.colour(), class, block_of(surface, block));
        }
    }
    examples
}

/// A unit of colour of this hue without luminance.
fn tint(hue: f64) -> [f64; 3] {
    let weights = [0.2125, 0.7154, 0.0721];
    let wave: [f64; 3] = std::array::from_fn(|c| (hue - c as f64 * TAU / 3.0).cos());
    let luminance: f64 = wave.iter().zip(weights).map(|(v, w)| v * w).sum();
    wave.map(|v| v - luminance)
}

/// Whether a point, in units of the figure, is inside the figure of a class.
fn inside(class: usize, y: f64, x: f64) -> bool {
    let disc = |r: f64| y * y + x * x <= r * r;
    match class {
        0 => disc(0.9),                                               // a disc
        1 => y.abs() <= 0.8 && x.abs() <= 0.8,                        // a square
        2 => (-0.9..=0.7).contains(&y) && x.abs() <= (y + 0.9) * 0.6, // a triangle
        3 => disc(1.0) && !disc(0.55),                                // a ring
        4 => disc(1.0) && (y.abs() <= 0.28 || x.abs() <= 0.28),       // a cross
        _ => disc(1.0) && (x <= -0.45 || y >= 0.45) && y.abs() <= 0.9 && x.abs() <= 0.9, // an L
    }
}

/// Figures at any angle, size, place and brightness. Nothing is cut from a photograph: each is its own block.
fn shapes(rng: &mut Rng) -> Examples {
    let mut examples = Examples::default();
    for class in 0..6 {
        for i in 0..OF_A_CLASS {
            let (sin, cos) = (rng.random::<f64>() * TAU).sin_cos();
            let radius = rng.random_range(7.0..12.0);
            let middle = (SIDE as f64 - 1.0) / 2.0;
            let room = middle - radius;
            let place: [f64; 2] = std::array::from_fn(|_| middle + rng.random_range(-room..=room));
            let (ground, figure) = (rng.random_range(0.0..40.0), rng.random_range(140.0..255.0));
            let share = |at: usize| {
                // Sixteen points of a pixel, so that edges are smooth.
                let points =
                    (0..16).map(|k| ((k / 4) as f64 / 4.0 - 0.375, (k % 4) as f64 / 4.0 - 0.375));
                let hits = points.filter(|(dy, dx)| {
                    let (v, u) =
                        ((at / SIDE) as f64 + dy - place[0], (at % SIDE) as f64 + dx - place[1]);
                    inside(class, (v * cos + u * sin) / radius, (u * cos - v * sin) / radius)
                });
                hits.count() as f64 / 16.0
            };
            let pixels =
                (0..SIDE * SIDE).map(|at| [ground + (figure - ground) * share(at); 3]).collect();
            let patch = Picture { side: SIDE, pixels }.grey_noise(4.0, rng);
            examples.push(patch.grey(), class, class * OF_A_CLASS + i);
        }
    }
    examples
}

/// Surfaces that are whole, and surfaces with one scratch.
fn inspection(surfaces: &[Photograph], part: Part, rng: &mut Rng) -> Examples {
    let mut examples = Examples::default();
    for class in 0..2 {
        for i in 0..3 * OF_A_CLASS {
            let surface = i % surfaces.len();
            let (window, block) = window_in(&surfaces[surface], part, 0.0, 1.0, rng);
            let mut patch = window.look(&surfaces[surface], SIDE).gain(rng.random_range(0.8..1.2));
            // Drawn for both classes, so that the streams stay alike.
            let (sin, cos) = (rng.random::<f64>() * TAU).sin_cos();
            let offset = rng.random_range(-8.0..8.0);
            let light = rng.random_range(60.0..120.0);
            if class == 1 {
                let middle = (SIDE as f64 - 1.0) / 2.0;
                for (at, pixel) in patch.pixels.iter_mut().enumerate() {
                    let (v, u) = ((at / SIDE) as f64 - middle, (at % SIDE) as f64 - middle);
                    let share = (1.5 - (v * cos + u * sin - offset).abs()).clamp(0.0, 1.0);
                    *pixel = pixel.map(|level| level + share * light);
                }
            }
            examples.push(patch.grey_noise(4.0, rng).grey(), class, block_of(surface, block));
        }
    }
    examples
}

/// Patches of five photographs in colour: where was it taken?
fn places(scenes: &[Photograph], part: Part, rng: &mut Rng) -> Examples {
    let mut examples = Examples::default();
    for (class, scene) in scenes.iter().enumerate() {
        for _ in 0..OF_A_CLASS {
            let (window, block) = window_in(scene, part, 0.0, 1.0, rng);
            let patch = window.look(scene, SIDE).gain(rng.random_range(0.8..1.2)).noise(4.0, rng);
            examples.push(patch.colour(), class, block_of(class, block));
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_never_looks_into_the_other_part() {
        let photograph =
            Photograph { name: "x", image: Image::from_levels(192, 192, vec![0; 192 * 192]) };
        let mut rng = Rng::seed_from_u64(1);
        for i in 0..2000 {
            let part = if i % 2 == 0 { Part::Train } else { Part::Test };
            let (window, block) = window_in(&photograph, part, f64::from(i), 1.0, &mut rng);
            assert!(block < BLOCKS.0 * BLOCKS.1);
            let (sin, cos) = f64::from(i).sin_cos();
            for (v, u) in [(-15.5, -15.5), (-15.5, 15.5), (15.5, -15.5), (15.5, 15.5)] {
                let x = window.centre.1 + u * cos - v * sin;
                assert!(if part == Part::Train { x + 1.0 < 96.0 } else { x >= 96.0 }, "{x}");
            }
        }
    }

    #[test]
    fn a_tint_has_no_luminance() {
        for k in 0..12 {
            assert!(crate::image::luminance(tint(f64::from(k))).abs() < 1e-12);
        }
    }
}
