//! A photograph as EfficientNet-Lite0 wants it: the square in its middle, reduced to 224 × 224 pixels by bicubic interpolation, its
//! levels from about −1 to 1.
//!
//! The network was measured on what Pillow's `resize` with `BICUBIC` makes, so ours is the same to the byte. Its arithmetic: one
//! pass along the rows and one down the columns, each rounded to 8 bits, with weights in fixed point of 22 bits. Where a picture is
//! reduced, the kernel is as wide as what one pixel of the result stands for, so nothing is skipped (Keys, 1981, with a = −½).

use std::path::Path;

use features::image::{level, over_white};
use features::picture_file;
use image::{DynamicImage, Rgb, RgbImage};
use ndarray::Array3;
use rayon::prelude::*;

use crate::Result;
use crate::lite0::description::SIDE;

/// How many pixels of the margin are cut off, in all, for a picture of [`SIDE`] pixels.
const MARGIN: usize = 32;
/// Bits behind the point of a weight.
const BITS: u32 = 22;
/// Half the width of the kernel, in pixels of the result.
const SUPPORT: f64 = 2.0;

/// The photograph of a file, PNG or JPEG, as the network takes it, `(3, SIDE, SIDE)`: upright as the camera says, what is
/// transparent on white, grey in all three channels.
///
/// # Errors
/// A file that is absent, a folder, too large, of another format, damaged or cut off.
pub fn read(path: &Path) -> Result<Array3<f32>> {
    Ok(picture(&colours(path)?, SIDE))
}

/// The pixels of a file in 8-bit colours, upright, what is transparent on white.
///
/// # Errors
/// As [`read`].
pub fn colours(path: &Path) -> Result<RgbImage> {
    let image = picture_file::open(path)?;
    Ok(match image {
        DynamicImage::ImageRgb8(image) => image,
        image if image.color().has_alpha() => on_white(image),
        image => image.into_rgb8(),
    })
}

fn on_white(image: DynamicImage) -> RgbImage {
    let (width, height) = (image.width(), image.height());
    // 16 bits are looked at as such: alpha times colour is rounded once.
    if image.color().bytes_per_pixel() > image.color().channel_count() {
        let image = image.into_rgba16();
        let part = |v: u16| f64::from(v) / f64::from(u16::MAX);
        return RgbImage::from_fn(width, height, |x, y| {
            composed(image.get_pixel(x, y).0.map(part))
        });
    }
    let image = image.into_rgba8();
    let part = |v: u8| f64::from(v) / f64::from(u8::MAX);
    RgbImage::from_fn(width, height, |x, y| match image.get_pixel(x, y).0 {
        [r, g, b, u8::MAX] => Rgb([r, g, b]),
        seen_through => composed(seen_through.map(part)),
    })
}

fn composed([r, g, b, alpha]: [f64; 4]) -> Rgb<u8> {
    Rgb([r, g, b].map(|channel| level(over_white(channel, alpha))))
}

/// A picture as the network takes it, `(3, side, side)`. One without pixels is grey.
pub fn picture(image: &RgbImage, side: usize) -> Array3<f32> {
    tensor(&square(image, side))
}

/// Levels from 0 to 255 as numbers from about −1 to 1, `(level − 127) / 128`, channels first: `(3, H, W)`.
pub fn tensor(image: &RgbImage) -> Array3<f32> {
    let (height, width) = (image.height() as usize, image.width() as usize);
    let bytes = image.as_raw();
    Array3::from_shape_fn((3, height, width), |(c, y, x)| {
        (f32::from(bytes[(y * width + x) * 3 + c]) - 127.0) / 128.0
    })
}

/// The square in the middle of a picture, `side` × `side` pixels: of a side of 224, seven eighths of the shorter side.
pub fn square(image: &RgbImage, side: usize) -> RgbImage {
    let (width, height) = (image.width() as usize, image.height() as usize);
    if width == 0 || height == 0 {
        return RgbImage::from_pixel(side as u32, side as u32, Rgb([127; 3]));
    }
    let share = side as f64 / (side + MARGIN) as f64;
    let cut = ((share * width.min(height) as f64) as usize).max(1);
    let before = |n: usize| (n - cut).div_ceil(2);
    resize(image, (before(width), before(height)), (cut, cut), side)
}

/// The part of a picture at `(left, top)`, `(width, height)` large, as
/// `side` × `side` pixels: first along the rows, then down the columns.
pub fn resize(
    image: &RgbImage,
    (left, top): (usize, usize),
    (width, height): (usize, usize),
    side: usize,
) -> RgbImage {
    let stride = 3 * image.width() as usize;
    let rows = image.as_raw().par_chunks(stride).skip(top).take(height);
    let across = weights(width, side);
    let mut narrow = vec![0; 3 * side * height];
    narrow.par_chunks_mut(3 * side).zip(rows).for_each(|(to, row)| {
        for (pixel, taps) in to.chunks_mut(3).zip(&across) {
            taps.sum(&row[3 * left..], pixel);
        }
    });
    let down = weights(height, side);
    let mut bytes = vec![0; 3 * side * side];
    bytes.par_chunks_mut(3 * side).zip(&down).for_each(|(to, taps)| {
        let mut column = vec![0; 3 * taps.weights.len()];
        for (x, pixel) in to.chunks_mut(3).enumerate() {
            let from = narrow[3 * (taps.first * side + x)..].chunks(3 * side);
            column.chunks_mut(3).zip(from).for_each(|(to, from)| to.copy_from_slice(&from[..3]));
            taps.sum_from(&column, pixel);
        }
    });
    RgbImage::from_raw(side as u32, side as u32, bytes).unwrap_or_default()
}

/// What one pixel of the result is made of: pixels from `first`, each with a weight.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

impl Taps {
    fn sum(&self, row: &[u8], to: &mut [u8]) {
        self.sum_from(&row[3 * self.first..], to);
    }

    /// Weighs pixels of three channels that lie one behind another, rounds and clips.
    fn sum_from(&self, pixels: &[u8], to: &mut [u8]) {
        let mut sums = [1 << (BITS - 1); 3];
        for (pixel, weight) in pixels.chunks_exact(3).zip(&self.weights) {
            for (sum, &level) in sums.iter_mut().zip(pixel) {
                *sum += weight * i32::from(level);
            }
        }
        to.iter_mut().zip(sums).for_each(|(to, sum)| *to = (sum >> BITS).clamp(0, 255) as u8);
    }
}

/// The weights of each of `side` pixels that stand for `n`.
fn weights(n: usize, side: usize) -> Vec<Taps> {
    let scale = n as f64 / side as f64;
    let wide = scale.max(1.0); // where it is enlarged, the kernel stays
    let support = SUPPORT * wide;
    let taps = |x: usize| {
        let centre = (x as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(n);
        let at = |i: usize| bicubic((i as f64 - centre + 0.5) * (1.0 / wide));
        let weights: Vec<f64> = (first..end).map(at).collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |w: &f64| (w / sum * f64::from(1 << BITS)).round() as i32;
        Taps { first, weights: weights.iter().map(fixed).collect() }
    };
    (0..side).map(taps).collect()
}

/// The kernel at a distance in pixels.
fn bicubic(distance: f64) -> f64 {
    const A: f64 = -0.5;
    let x = distance.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}
