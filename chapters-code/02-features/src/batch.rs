//! Many small images at once, on several threads.

use rayon::prelude::*;

use crate::error::SizeError;
use crate::extractor::{Extractor, Scratch};
use crate::image::{Image, View};

/// Images that one task works on: enough to forget the cost of a task, few enough to share out.
const CHUNK: usize = 64;

/// The features of many 8-bit grey images of one size, `levels` being all their pixels, one row of
/// features an image. The images are shared out in chunks of a fixed size, each with its own buffers,
/// and no two of them touch: the result is the same for any number of threads.
///
/// # Errors
/// [`SizeError`] where the images are too small.
///
/// # Panics
/// If the pixels are not those of whole images, or `features` has no room for every image.
pub fn extract_levels(
    extractor: &dyn Extractor,
    (width, height): (usize, usize),
    levels: &[u8],
    features: &mut [f64],
) -> Result<(), SizeError> {
    let (pixels, length) = (width * height, extractor.length(width, height)?);
    assert_eq!(
        levels.len() % pixels,
        0,
        "{} levels for images of {width} × {height} pixels",
        levels.len()
    );
    assert_eq!(
        features.len(),
        levels.len() / pixels * length,
        "room for {} features",
        features.len()
    );
    // ANCHOR: batch
    let tasks = levels.par_chunks(CHUNK * pixels).zip(features.par_chunks_mut(CHUNK * length));
    tasks.try_for_each_init(Scratch::default, |scratch, (levels, features)| {
        let images = levels.chunks_exact(pixels).zip(features.chunks_exact_mut(length));
        images.into_iter().try_for_each(|(levels, features)| {
            extractor.extract(View::of_levels(width, height, levels), scratch, features)
        })
    })
    // ANCHOR_END: batch
}

/// The features of many images of one size, one row per image.
///
/// # Errors
/// [`SizeError`] where the images are too small.
pub fn extract_images(extractor: &dyn Extractor, images: &[Image]) -> Result<Vec<f64>, SizeError> {
    let Some(first) = images.first() else { return Ok(Vec::new()) };
    let length = extractor.length(first.view().width(), first.view().height())?;
    let mut features = vec![0.0; images.len() * length];
    let tasks = images.par_chunks(CHUNK).zip(features.par_chunks_mut(CHUNK * length));
    tasks.try_for_each_init(Scratch::default, |scratch, (images, features)| {
        let rows = images.iter().zip(features.chunks_exact_mut(length));
        rows.into_iter()
            .try_for_each(|(image, features)| extractor.extract(image.view(), scratch, features))
    })?;
    Ok(features)
}
