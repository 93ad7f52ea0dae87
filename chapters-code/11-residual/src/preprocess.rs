//! A photograph as torchvision's networks want it: the shorter side brought to 256 pixels (or another number), the square of 224 in the
//! middle, then each channel less its mean and over its deviation.
//!
//! torchvision resizes an image of Pillow by Pillow's own arithmetic, and ours is the same to the byte: one pass along the rows and one
//! down the columns, each rounded to 8 bits, with weights in fixed point of 22 bits. Where a picture is made smaller the kernel is as
//! wide as what one pixel of the result stands for. Only the square in the middle is computed, so that a picture of one row costs
//! no more than another.

use std::path::Path;

use image::{Rgb, RgbImage};
use ndarray::Array3;
use rayon::prelude::*;
use representation::preprocess::colours;

use crate::Result;

/// Side of what a network is given.
pub const SIDE: usize = 224;

/// Means of the channels over ImageNet, for levels from 0 to 1.
const MEANS: [f32; 3] = [0.485, 0.456, 0.406];
/// Their deviations.
const DEVIATIONS: [f32; 3] = [0.229, 0.224, 0.225];
/// Bits behind the point of a weight.
const BITS: u32 = 22;

/// How pixels between pixels are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// From two pixels in each direction, as most of torchvision's weights were measured.
    Bilinear,
    /// From four, as timm's were (Keys, 1981, with a = −½).
    Bicubic,
}

impl Kernel {
    /// Half its width, in pixels of the result.
    fn support(self) -> f64 {
        match self {
            Kernel::Bilinear => 1.0,
            Kernel::Bicubic => 2.0,
        }
    }

    // ANCHOR: kernel
    /// Its height at a distance in pixels.
    fn at(self, distance: f64) -> f64 {
        const A: f64 = -0.5;
        let x = distance.abs();
        match self {
            Kernel::Bilinear => (1.0 - x).max(0.0),
            Kernel::Bicubic if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
            Kernel::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
            Kernel::Bicubic => 0.0,
        }
    }
    // ANCHOR_END: kernel
}

/// How a photograph is made smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// What the shorter side becomes, at least [`SIDE`].
    pub shorter: usize,
    /// How pixels are made.
    pub kernel: Kernel,
}

impl Default for Way {
    /// As the first weights of torchvision were measured.
    fn default() -> Way {
        Way { shorter: 256, kernel: Kernel::Bilinear }
    }
}

/// The photograph of a file, PNG or JPEG, as a network takes it, `(3, SIDE, SIDE)`: upright as the camera says, what is transparent
/// on white, grey in all three channels.
///
/// # Errors
/// A file that is absent, a folder, too large, of another format, damaged or cut off.
pub fn read(path: &Path, way: Way) -> Result<Array3<f32>> {
    Ok(tensor(&square(&colours(path)?, way)))
}

/// Levels from 0 to 255 as numbers, channels first: `(3, H, W)`.
pub fn tensor(image: &RgbImage) -> Array3<f32> {
    let (height, width) = (image.height() as usize, image.width() as usize);
    let bytes = image.as_raw();
    Array3::from_shape_fn((3, height, width), |(c, y, x)| {
        (f32::from(bytes[(y * width + x) * 3 + c]) / 255.0 - MEANS[c]) / DEVIATIONS[c]
    })
}

// ANCHOR: square
/// The square in the middle, [`SIDE`] × [`SIDE`] pixels, of a picture whose
/// shorter side has become `way.shorter`.
pub fn square(image: &RgbImage, way: Way) -> RgbImage {
    let sides = [image.width() as usize, image.height() as usize];
    let short = sides[0].min(sides[1]);
    if short == 0 {
        return RgbImage::from_pixel(SIDE as u32, SIDE as u32, Rgb([127; 3]));
    }
    let shorter = way.shorter.max(SIDE);
    let [across, down] = sides.map(|n| {
        let resized = shorter * n / short;
        let first = half(resized - SIDE);
        taps(n, resized, first..first + SIDE, way.kernel)
    });
    resize(image, &across, &down)
}
// ANCHOR_END: square

/// Half of `n`, rounded to the even number where it lies between two, as Python rounds.
fn half(n: usize) -> usize {
    let low = n / 2;
    if n % 2 == 1 && low % 2 == 1 { low + 1 } else { low }
}

/// First along the rows, then down the columns.
fn resize(image: &RgbImage, across: &[Taps], down: &[Taps]) -> RgbImage {
    let (first, last) = match (down.first(), down.last()) {
        (Some(first), Some(last)) => (first.first, last.first + last.weights.len()),
        _ => (0, 0),
    };
    let row = 3 * across.len();
    let rows = image.as_raw().par_chunks(3 * image.width() as usize).skip(first);
    let mut narrow = vec![0; row * (last - first)];
    narrow.par_chunks_mut(row).zip(rows).for_each(|(to, from)| {
        for (pixel, taps) in to.chunks_mut(3).zip(across) {
            taps.sum(from[3 * taps.first..].chunks_exact(3), pixel);
        }
    });
    let mut bytes = vec![0; row * down.len()];
    bytes.par_chunks_mut(row).zip(down).for_each(|(to, taps)| {
        for (x, pixel) in to.chunks_mut(3).enumerate() {
            let column = narrow[(taps.first - first) * row + 3 * x..].chunks(row);
            taps.sum(column.map(|from| &from[..3]), pixel);
        }
    });
    RgbImage::from_raw(across.len() as u32, down.len() as u32, bytes).unwrap_or_default()
}

/// What one pixel of the result is made of: pixels from `first`, each with a weight.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

impl Taps {
    /// Weighs pixels, rounds and clips.
    fn sum<'a>(&self, pixels: impl Iterator<Item = &'a [u8]>, to: &mut [u8]) {
        let mut sums = [1 << (BITS - 1); 3];
        for (pixel, weight) in pixels.zip(&self.weights) {
            for (sum, &level) in sums.iter_mut().zip(pixel) {
                *sum += weight * i32::from(level);
            }
        }
        to.iter_mut().zip(sums).for_each(|(to, sum)| *to = (sum >> BITS).clamp(0, 255) as u8);
    }
}

/// The weights of some of `resized` pixels that stand for `n`.
fn taps(n: usize, resized: usize, wanted: std::ops::Range<usize>, kernel: Kernel) -> Vec<Taps> {
    let scale = n as f64 / resized as f64;
    let wide = scale.max(1.0); // where it is enlarged, the kernel stays
    let support = kernel.support() * wide;
    let taps = |x: usize| {
        let centre = (x as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(n);
        let at = |i: usize| kernel.at((i as f64 - centre + 0.5) * (1.0 / wide));
        let weights: Vec<f64> = (first..end).map(at).collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |w: &f64| (w / sum * f64::from(1 << BITS)).round() as i32;
        Taps { first, weights: weights.iter().map(fixed).collect() }
    };
    wanted.map(taps).collect()
}
