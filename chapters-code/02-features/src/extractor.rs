//! What an extractor is: an image goes in, a fixed number of features comes out.

use crate::error::SizeError;
use crate::image::View;

/// Buffers that an extractor fills anew for each image. Handed from image to image, so that
/// nothing is allocated after the first.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(crate) counts: Vec<u32>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) floats: Vec<f32>,
    pub(crate) doubles: Vec<f64>,
    pub(crate) borders: Vec<(f32, f32)>,
}

// ANCHOR: extractor
/// Turns an image into features: a fixed number of them for a size of image.
pub trait Extractor: Send + Sync {
    /// The name on the command line and in tables.
    fn name(&self) -> &'static str;

    /// Features of an image of `width × height` pixels.
    ///
    /// # Errors
    /// [`SizeError`] where the image is too small to have any.
    fn length(&self, width: usize, height: usize) -> Result<usize, SizeError>;

    /// Writes the features of `image` into `features`, whose length is [`Extractor::length`].
    /// It panics where they have another, and an image that is too small is a [`SizeError`].
    fn extract(
        &self,
        image: View<'_>,
        scratch: &mut Scratch,
        features: &mut [f64],
    ) -> Result<(), SizeError>;

    /// What feature `component` of an image of `width × height` pixels is, in words.
    fn describe(&self, component: usize, width: usize, height: usize) -> String;
}
// ANCHOR_END: extractor

/// The features of one image, in a new vector.
///
/// # Errors
/// [`SizeError`] where the image is too small to have any.
pub fn features(extractor: &dyn Extractor, image: View<'_>) -> Result<Vec<f64>, SizeError> {
    let mut features = vec![0.0; extractor.length(image.width(), image.height())?];
    extractor.extract(image, &mut Scratch::default(), &mut features)?;
    Ok(features)
}

/// Refuses an image of less than `least` pixels, width and height.
pub(crate) fn at_least(
    extractor: &'static str,
    (width, height): (usize, usize),
    (least_width, least_height): (usize, usize),
) -> Result<(), SizeError> {
    if width >= least_width && height >= least_height {
        return Ok(());
    }
    let fix = if extractor == "hog" {
        "give a larger image, or smaller cells"
    } else {
        "give a larger image"
    };
    Err(SizeError { extractor, width, height, least_width, least_height, fix })
}

/// Panics where a slice of features has the wrong length.
pub(crate) fn check_length(features: &[f64], expected: usize) {
    assert_eq!(
        features.len(),
        expected,
        "room for {} features, not for {expected}",
        features.len()
    );
}

/// Makes a buffer hold `n` zeros.
#[inline(always)]
pub(crate) fn zeros<T: Clone + Default>(buffer: &mut Vec<T>, n: usize) {
    buffer.clear();
    buffer.resize(n, T::default());
}
