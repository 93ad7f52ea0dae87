//! The five extractors and raw pixels, as rows for a classifier.

use ndarray::Array2;

use crate::batch::extract_images;
use crate::error::SizeError;
use crate::extractor::Extractor;
use crate::extractors::EXTRACTORS;
use crate::hu::signed_log;
use crate::image::Image;

/// What raw pixels are called among the extractors.
pub const RAW: &str = "raw pixels";

/// An extractor, or the pixels themselves.
#[derive(Clone, Copy)]
pub enum Describer {
    /// The pixels: levels of a grey image, red, green and blue of a coloured one.
    Raw,
    /// An extractor; Hu's moments as signed logarithms.
    Features(&'static dyn Extractor),
}

impl Describer {
    /// Raw pixels, then the five extractors.
    pub fn all() -> impl Iterator<Item = Describer> {
        std::iter::once(Describer::Raw).chain(EXTRACTORS.map(Describer::Features))
    }

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Describer::Raw => RAW,
            Describer::Features(extractor) => extractor.name(),
        }
    }

    /// The rows `(n, d)` of `n` images of one size.
    ///
    /// # Errors
    /// [`SizeError`] where the images are too small for the extractor.
    pub fn rows(self, images: &[Image]) -> Result<Array2<f32>, SizeError> {
        let values: Vec<f64> = match self {
            Describer::Raw => images.iter().flat_map(raw).collect(),
            Describer::Features(extractor) => extract_images(extractor, images)?,
        };
        let logarithm = self.name() == "hu";
        let values: Vec<f32> =
            values.into_iter().map(|v| if logarithm { signed_log(v) } else { v } as f32).collect();
        let shape = (images.len(), values.len() / images.len().max(1));
        Ok(Array2::from_shape_vec(shape, values).unwrap_or_default())
    }
}

/// The pixels of an image on [0, 1].
fn raw(image: &Image) -> Vec<f64> {
    let view = image.view();
    match view.exact_levels() {
        Some(levels) => levels.iter().map(|&v| f64::from(v) / 255.0).collect(),
        None => {
            (0..view.pixels()).flat_map(|i| view.rgb(i)).map(|v| f64::from(v) / 255.0).collect()
        }
    }
}
