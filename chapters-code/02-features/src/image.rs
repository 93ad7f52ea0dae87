//! An image as the extractors see it: colours, greyscale on [0, 1] and 8-bit grey levels.
//!
//! The greyscale of a colour is its luminance, 0.2125 R + 0.7154 G + 0.0721 B. Transparency is
//! composited on white, 16 bits are scaled, and a grey file is its own greyscale. The order of the
//! operations is that of scikit-image (van der Walt et al., 2014), because a level that falls on
//! one half is rounded by the last bit.

use std::path::Path;

use ::image::DynamicImage;

use crate::error::Result;
use crate::picture_file;

/// Pixels of an image, row by row, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    width: usize,
    height: usize,
    planes: Planes<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Planes<'a> {
    /// 8-bit grey, and nothing else: `width × height` levels.
    Levels(&'a [u8]),
    /// 8-bit colours, whose greyscale is computed where it is asked for, and its rounded levels.
    Colours { rgb: &'a [u8], levels: &'a [u8] },
    /// Everything else, with its greyscale on [0, 1] and its rounded levels.
    Full { rgb: &'a [u8], grey: &'a [f64], levels: &'a [u8] },
}

/// 8-bit levels as greyscale on [0, 1], by the reciprocal, as scikit-image does.
const LEVEL: f64 = 1.0 / 255.0;

impl<'a> View<'a> {
    /// A view of 8-bit grey levels, row by row.
    ///
    /// # Panics
    /// If there are not `width × height` of them.
    pub fn of_levels(width: usize, height: usize, levels: &'a [u8]) -> Self {
        assert_eq!(
            levels.len(),
            width * height,
            "{} levels for {width} × {height} pixels",
            levels.len()
        );
        View { width, height, planes: Planes::Levels(levels) }
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels.
    pub fn pixels(&self) -> usize {
        self.width * self.height
    }

    /// 8-bit grey levels, rounded where the greyscale is finer.
    pub fn levels(&self) -> &'a [u8] {
        match self.planes {
            Planes::Levels(levels)
            | Planes::Colours { levels, .. }
            | Planes::Full { levels, .. } => levels,
        }
    }

    /// The levels, if they are the greyscale exactly: the file was 8-bit grey.
    pub fn exact_levels(&self) -> Option<&'a [u8]> {
        match self.planes {
            Planes::Levels(levels) => Some(levels),
            Planes::Colours { .. } | Planes::Full { .. } => None,
        }
    }

    /// Greyscale of pixel `i` on [0, 1].
    pub fn grey(&self, i: usize) -> f64 {
        match self.planes {
            Planes::Levels(levels) => f64::from(levels[i]) * LEVEL,
            Planes::Colours { .. } => luminance(self.rgb(i).map(|v| f64::from(v) * LEVEL)),
            Planes::Full { grey, .. } => grey[i],
        }
    }

    /// 8-bit red, green and blue of pixel `i`.
    pub fn rgb(&self, i: usize) -> [u8; 3] {
        match self.planes {
            Planes::Levels(levels) => [levels[i]; 3],
            Planes::Colours { rgb, .. } | Planes::Full { rgb, .. } => {
                [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]]
            }
        }
    }
}

/// An image that owns its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    width: usize,
    height: usize,
    levels: Vec<u8>,
    /// Empty where the image is 8-bit grey.
    rgb: Vec<u8>,
    /// Empty where the image is of 8 bits, grey or colour.
    grey: Vec<f64>,
}

// ANCHOR: luminance
/// Luminance of a colour on [0, 1].
pub fn luminance([r, g, b]: [f64; 3]) -> f64 {
    b.mul_add(0.0721, r.mul_add(0.2125, g * 0.7154))
}

/// A channel over white: `alpha` of it, and white for the rest.
pub fn over_white(channel: f64, alpha: f64) -> f64 {
    ((1.0 - alpha) + alpha * channel).clamp(0.0, 1.0)
}

/// The nearest of 256 levels; halves go to the even one.
pub fn level(grey: f64) -> u8 {
    (grey * 255.0).round_ties_even() as u8
}
// ANCHOR_END: luminance

impl Image {
    /// An image of 8-bit grey levels, row by row.
    ///
    /// # Panics
    /// If there are not `width × height` of them.
    pub fn from_levels(width: usize, height: usize, levels: Vec<u8>) -> Self {
        assert_eq!(
            levels.len(),
            width * height,
            "{} levels for {width} × {height} pixels",
            levels.len()
        );
        Image { width, height, levels, rgb: Vec::new(), grey: Vec::new() }
    }

    /// An image of 8-bit colours: red, green and blue of each pixel, row by row.
    ///
    /// # Panics
    /// If there are not `3 × width × height` bytes.
    pub fn from_rgb(width: usize, height: usize, rgb: Vec<u8>) -> Self {
        assert_eq!(
            rgb.len(),
            3 * width * height,
            "{} bytes for {width} × {height} pixels",
            rgb.len()
        );
        let colours = rgb.chunks_exact(3).map(|c| [c[0], c[1], c[2]].map(|v| f64::from(v) * LEVEL));
        let levels = colours.map(|colour| level(luminance(colour))).collect();
        Image { width, height, levels, rgb, grey: Vec::new() }
    }

    /// An image of colours on [0, 1].
    fn from_colours(width: usize, height: usize, colours: impl Iterator<Item = [f64; 3]>) -> Self {
        Image::build(width, height, colours.map(|colour| (colour, luminance(colour))))
    }

    /// An image of greyscale on [0, 1].
    fn from_grey(width: usize, height: usize, grey: impl Iterator<Item = f64>) -> Self {
        Image::build(width, height, grey.map(|grey| ([grey; 3], grey)))
    }

    fn build(width: usize, height: usize, pixels: impl Iterator<Item = ([f64; 3], f64)>) -> Self {
        let n = width * height;
        let mut image = Image {
            width,
            height,
            levels: Vec::with_capacity(n),
            rgb: Vec::with_capacity(3 * n),
            grey: Vec::with_capacity(n),
        };
        for (colour, grey) in pixels {
            image.rgb.extend(colour.map(level));
            image.grey.push(grey);
            image.levels.push(level(grey));
        }
        image
    }

    /// The pixels, for an extractor.
    pub fn view(&self) -> View<'_> {
        let Image { width, height, levels, rgb, grey } = self;
        let planes = match (rgb.is_empty(), grey.is_empty()) {
            (true, _) => Planes::Levels(levels),
            (false, true) => Planes::Colours { rgb, levels },
            (false, false) => Planes::Full { rgb, grey, levels },
        };
        View { width: *width, height: *height, planes }
    }

    /// Reads a PNG or JPEG: grey or colour, with or without alpha, of 8 or 16 bits.
    ///
    /// A photograph of 8 bits takes four bytes for each pixel, and another three while it is read; with transparency, or
    /// of 16 bits, twelve and up to eight.
    ///
    /// # Errors
    /// As [`picture_file::open`].
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Image::from_decoded(picture_file::open(path)?))
    }

    fn from_decoded(decoded: DynamicImage) -> Self {
        let (width, height) = (decoded.width() as usize, decoded.height() as usize);
        let eight = |v: u8| f64::from(v) * LEVEL;
        let sixteen = |v: u16| f64::from(v) * (1.0 / 65_535.0);
        let composite =
            |[r, g, b, alpha]: [f64; 4]| [r, g, b].map(|channel| over_white(channel, alpha));
        match decoded {
            DynamicImage::ImageLuma8(p) => Image::from_levels(width, height, p.into_raw()),
            DynamicImage::ImageLumaA8(p) => Image::from_grey(
                width,
                height,
                p.pixels().map(|p| over_white(eight(p.0[0]), eight(p.0[1]))),
            ),
            DynamicImage::ImageRgb8(p) => Image::from_rgb(width, height, p.into_raw()),
            // Nothing shows through: the colours are those of the file.
            DynamicImage::ImageRgba8(p) if p.pixels().all(|p| p.0[3] == u8::MAX) => {
                let opaque = DynamicImage::ImageRgba8(p).into_rgb8();
                Image::from_rgb(width, height, opaque.into_raw())
            }
            DynamicImage::ImageRgba8(p) => {
                Image::from_colours(width, height, p.pixels().map(|p| composite(p.0.map(eight))))
            }
            DynamicImage::ImageLuma16(p) => {
                Image::from_grey(width, height, p.pixels().map(|p| sixteen(p.0[0])))
            }
            DynamicImage::ImageLumaA16(p) => Image::from_grey(
                width,
                height,
                p.pixels().map(|p| over_white(sixteen(p.0[0]), sixteen(p.0[1]))),
            ),
            DynamicImage::ImageRgb16(p) => {
                Image::from_colours(width, height, p.pixels().map(|p| p.0.map(sixteen)))
            }
            other => {
                let p = other.into_rgba16();
                Image::from_colours(width, height, p.pixels().map(|p| composite(p.0.map(sixteen))))
            }
        }
    }
}
