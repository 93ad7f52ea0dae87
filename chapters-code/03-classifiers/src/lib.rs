//! Chapter 3, *classifiers*: How far do good features carry a simple model?
//!
//! Settings are [`Fit`]ted to samples and give a [`Classifier`]:
//!
//! | settings | what is learned | plain version |
//! | --- | --- | --- |
//! | [`Neighbours`] | nothing: the samples are remembered | [`neighbours::nearest_plain`] |
//! | [`NaiveBayes`] | a bell for each class and feature | itself |
//! | [`Softmax`] | linear scores, by L-BFGS | [`softmax::plain`] |
//! | [`LinearSvm`] | a plane with a margin, by dual coordinate descent | [`svm::plain`] |
//! | [`RandomFeatures`] | linear scores of random waves | itself |
//! | [`trees`] | questions: one tree, a forest, a row of corrections | [`trees::PlainTree`] |
//!
//! # Conventions
//!
//! | question | answer in this chapter |
//! | --- | --- |
//! | Shapes? | Samples `(n, d)`, a row each, bytes or 32-bit reals; labels a slice of `n` bytes, 0 to k − 1. |
//! | Two classes with one score? | The smaller label. |
//! | Two neighbours at one distance? | The one that was remembered first. |
//! | The intercept? | Free in softmax regression, part of the penalty in the linear machine. |
//! | The same bits? | On one kind of processor, for any number of threads. Bytes: on every processor. |

pub mod commands;
pub mod description;
pub mod evidence;
pub mod experiments;
pub mod figures;
pub mod file;
pub mod jobs;
pub mod kernels;
pub mod lbfgs;
mod model;
pub mod naive_bayes;
pub mod neighbours;
pub mod principal;
pub mod random_features;
pub mod softmax;
pub mod svm;
pub mod text;
pub mod toy;
pub mod trees;

pub use description::Description;
pub use evidence::McNemar;
pub use file::{Model, Saved};
pub use model::{Classifier, Fit, FitError, Inputs, Samples, asked, checked};
pub use naive_bayes::{NaiveBayes, NaiveBayesModel};
pub use neighbours::{Neighbours, NeighboursModel};
pub use random_features::{RandomFeatures, RandomFeaturesModel};
pub use softmax::{Softmax, SoftmaxModel};
pub use svm::{LinearSvm, LinearSvmModel, Method};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "How far do good features carry a simple model?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    commands::add(figures::add(experiments::add(chapter))).bench("classifiers")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
