//! Chapter 1, *Learning*: what is learned, and how do we know?

pub mod bootstrap;
pub mod classes;
pub mod distance;
pub mod fashion;
pub mod idx;
pub mod majority;
pub mod metrics;
pub mod nearest_mean;
pub mod nearest_neighbour;
pub mod scale;

pub use bootstrap::{Bootstrap, Interval};
pub use fashion::{FashionMnist, Labelled};
pub use idx::{FileError, Idx};
pub use majority::Majority;
pub use metrics::{Confusion, accuracy, correct};
pub use nearest_mean::NearestMean;
pub use nearest_neighbour::{NearestNeighbour, Neighbour};
pub use scale::{Standardiser, standardise};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), "What is learned, and how do we know?")
}
