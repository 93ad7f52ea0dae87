//! A photograph of a garment, made to look like those of Fashion-MNIST: light on black, 28 × 28, the garment in the middle with
//! a small margin.

use std::path::Path;

use anyhow::{Result, bail};
use features::picture_file;
use image::imageops::{FilterType, resize};
use image::{DynamicImage, GrayAlphaImage, GrayImage, Luma, LumaA};

/// Side of the images of Fashion-MNIST.
const SIDE: u32 = 28;

/// The longest side of what is looked at; a larger photograph is made smaller first.
const LOOKED_AT: u32 = 1024;

/// Reads a photograph as 784 numbers from 0 to 1.
///
/// # Errors
/// Where it cannot be read, or shows nothing on its background.
pub fn read(path: &Path) -> Result<Vec<f32>> {
    let mut image = picture_file::open(path)?;
    if image.width().max(image.height()) > LOOKED_AT {
        image = image.thumbnail(LOOKED_AT, LOOKED_AT);
    }
    let image = eight_bits(image);
    let garment =
        if image.pixels().any(|p| !opaque(p)) { cut_out(&image) } else { on_black(&image) };
    let Some(middle) = centred(&garment) else {
        bail!(
            "{}: shows one grey only; give a photograph of a garment on a plain background",
            path.display()
        );
    };
    Ok(middle.pixels().map(|p| f32::from(p.0[0]) / 255.0).collect())
}

/// Grey levels of 8 bits. A file of 16 may hold numbers of fewer, as sensors give them, 10, 12 or 14: as many as the
/// largest of them needs.
fn eight_bits(image: DynamicImage) -> GrayAlphaImage {
    if image.color().bytes_per_pixel() == image.color().channel_count() {
        return image.into_luma_alpha8();
    }
    let mut image = image.into_luma_alpha16();
    let seen = image.pixels().filter(|p| p.0[1] > 0).map(|p| p.0[0]);
    let unused = seen.max().unwrap_or(0).leading_zeros().min(8);
    image.pixels_mut().for_each(|p| p.0[0] <<= unused);
    DynamicImage::ImageLumaA16(image).into_luma_alpha8()
}

fn opaque(pixel: &LumaA<u8>) -> bool {
    pixel.0[1] > 127
}

/// A garment that was cut out already: what is transparent is background. A garment darker than grey is turned into its
/// negative, as Fashion-MNIST does, or it would be black on black.
fn cut_out(image: &GrayAlphaImage) -> GrayImage {
    let garment = || image.pixels().filter(|p| opaque(p)).map(|p| u64::from(p.0[0]));
    let dark = 2 * garment().sum::<u64>() < 255 * garment().count() as u64;
    GrayImage::from_fn(image.width(), image.height(), |x, y| {
        let pixel = image.get_pixel(x, y);
        let light = if dark { 255 - pixel.0[0] } else { pixel.0[0] };
        Luma([if opaque(pixel) { light } else { 0 }])
    })
}

// ANCHOR: on_black
/// Takes the background away, whose grey is the median of the outermost pixels: what is left is how much each pixel
/// differs from it, so a dark garment on white becomes light on black, and a white one on black stays.
fn on_black(image: &GrayAlphaImage) -> GrayImage {
    let (w, h) = image.dimensions();
    let grey = |x: u32, y: u32| image.get_pixel(x, y).0[0];
    let mut edge: Vec<u8> = (0..w)
        .flat_map(|x| [(x, 0), (x, h - 1)])
        .chain((0..h).flat_map(|y| [(0, y), (w - 1, y)]))
        .map(|(x, y)| grey(x, y))
        .collect();
    edge.sort_unstable();
    let background = edge[edge.len() / 2];
    GrayImage::from_fn(w, h, |x, y| {
        let apart = grey(x, y).abs_diff(background);
        // A little noise of the background is background.
        Luma([if apart < 20 { 0 } else { apart }])
    })
}
// ANCHOR_END: on_black

/// Cuts the garment out, fits it into 26 of the 28 pixels, and stretches its greys to the full range.
fn centred(image: &GrayImage) -> Option<GrayImage> {
    let lit = || image.enumerate_pixels().filter(|(_, _, p)| p.0[0] > 0);
    let (left, right) = (lit().map(|p| p.0).min()?, lit().map(|p| p.0).max()?);
    let (top, bottom) = (lit().map(|p| p.1).min()?, lit().map(|p| p.1).max()?);
    let brightest = lit().map(|p| p.2.0[0]).max()?;
    let (w, h) = (right - left + 1, bottom - top + 1);
    let cut = image::imageops::crop_imm(image, left, top, w, h).to_image();
    let scale = f64::from(SIDE - 2) / f64::from(w.max(h));
    let side = |n: u32| ((f64::from(n) * scale).round() as u32).clamp(1, SIDE - 2);
    let small = resize(&cut, side(w), side(h), FilterType::Triangle);
    let mut middle = GrayImage::new(SIDE, SIDE);
    let (dx, dy) = ((SIDE - small.width()) / 2, (SIDE - small.height()) / 2);
    for (x, y, p) in small.enumerate_pixels() {
        let light = u32::from(p.0[0]) * 255 / u32::from(brightest);
        middle.put_pixel(x + dx, y + dy, Luma([light.min(255) as u8]));
    }
    Some(middle)
}
