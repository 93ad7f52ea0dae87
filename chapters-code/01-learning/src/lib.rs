//! Chapter 1, *Learning*: what is learned, and how do we know?

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
pub use scale::{Standardiser, standardise};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "What is learned, and how do we know?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    let chapter = experiments::register(chapter).bench("nearest_200").bench("load");
    commands::plug_into(figures::register(chapter))
}
