//! Chapter 3, *classifiers*: How far do good features carry a simple model?
//!
//! What the chapter implements, and where the ideas come from.

pub mod experiments;
pub mod figures;
mod model;
mod share;
pub mod text;
mod tree_figures;
pub mod trees;

pub use model::{Classifier, Fit, FitError, Inputs, Samples, asked, checked};
pub use share::{interval, share};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "How far do good features carry a simple model?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    figures::add(experiments::add(chapter)).bench("share")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
