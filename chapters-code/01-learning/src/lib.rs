//! Chapter 1, *Learning*: what is learned, and how do we know?
//!
//! Data: [`FashionMnist`], read by [`idx`]. Rules: [`Majority`], [`NearestMean`], [`NearestNeighbour`]; each
//! has `fit` and `predict`. Evidence: [`split`], [`cross_validation`], [`metrics`], [`calibration`],
//! [`Bootstrap`]. What can go wrong: [`selection`], [`moved`] and the experiments.
//!
//! # Conventions
//!
//! | question | answer in this book |
//! | --- | --- |
//! | Shapes? | Pictures `(N, H, W)` of bytes; rows `(n, d)` of `f32`; labels a slice of `n` bytes from 0. |
//! | Chance? | Every function that draws takes a [`notebook::Rng`]; the same seed gives the same bits. |
//! | Threads? | Work is cut into the same blocks for any number of threads, and so are the results. |
//! | A statistic of no cases (precision of a class never answered)? | 0, as in scikit-learn with `zero_division=0`. |
//! | Shapes that do not fit? | A panic that names both: that is a fault of the program, not of its data. |

pub mod bootstrap;
pub mod calibration;
pub mod classes;
pub mod commands;
pub mod cross_validation;
pub mod distance;
pub mod experiments;
pub mod fashion;
pub mod figures;
pub mod idx;
pub mod ladder;
pub mod majority;
pub mod metrics;
pub mod moved;
pub mod nearest_mean;
pub mod nearest_neighbour;
pub mod random;
pub mod scale;
pub mod selection;
pub mod split;

pub use bootstrap::{Bootstrap, Interval};
pub use fashion::{FashionMnist, Labelled};
pub use idx::{FileError, Idx};
pub use majority::Majority;
pub use metrics::{Confusion, accuracy, correct};
pub use nearest_mean::NearestMean;
pub use nearest_neighbour::{NearestNeighbour, Neighbour};
pub use random::normal;
pub use scale::{Standardiser, standardise};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "What is learned, and how do we know?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    let chapter = commands::add(figures::add(experiments::add(chapter)));
    chapter.bench("nearest_500").bench("load")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
