//! Chapter 2, *Features*: what does an expert see?
//!
//! Five extractors turn an image into a fixed number of features, behind one trait, [`Extractor`]:
//!
//! | extractor | keeps | features |
//! | --- | --- | --- |
//! | [`ColourHistogram`] | how much of each colour there is | 512 |
//! | [`Hu`] | the shape of the mass of light | 7 |
//! | [`Lbp`] | patterns of bright and dark neighbours | 10 |
//! | [`Glcm`] | which grey levels stand side by side | 5 |
//! | [`Hog`] | directions of the gradients, cell by cell | grows with the image |
//!
//! The definitions are those of scikit-image (van der Walt et al., 2014), to which fixtures hold all five.
//! What is shipped is fast: [`batch::extract_levels`] takes many small images without an allocation for
//! each. The definitions as a textbook writes them are in [`ladder`], and every fast way is tested against them.

pub mod batch;
pub mod colour_histogram;
pub mod commands;
pub mod describers;
mod error;
mod exif;
pub mod experiments;
mod extractor;
mod extractors;
pub mod figures;
pub mod glcm;
pub mod hog;
pub mod hu;
pub mod image;
mod jpeg;
pub mod ladder;
pub mod lbp;
pub mod photographs;
pub mod picture;
pub mod picture_file;
pub mod problems;
pub mod rules;

pub use colour_histogram::ColourHistogram;
pub use error::{Error, Result, SizeError};
pub use extractor::{Extractor, Scratch, features};
pub use extractors::{EXTRACTORS, find};
pub use glcm::Glcm;
pub use hog::Hog;
pub use hu::Hu;
pub use image::{Image, View};
pub use lbp::Lbp;

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "What does an expert see?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    commands::add(figures::add(experiments::add(chapter))).bench("ladder")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
