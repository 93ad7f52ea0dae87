//! Chapter 9, *Convolution*: what if the weights are shared?
//!
//! | module | what |
//! | --- | --- |
//! | [`operations`] | convolutions of every kind, the fast form with ReLU and pool, pools, blur, normalisations |
//! | [`networks`] | the networks of the chapter |
//! | [`recipe`] | how they are trained |
//! | [`receptive_field`] | which part of the image an output can see |
//! | [`filters`] | filters that people wrote down, to compare with learned ones |
//! | [`photograph`] | your own garments, made to look like those of the data |
//! | [`textbook`] | the network with plain functions |
//! | [`speed`] | what a hundred mini-batches cost |

pub mod commands;
pub mod experiments;
pub mod figures;
pub mod filters;
pub mod networks;
pub mod operations;
pub mod photograph;
pub mod receptive_field;
pub mod recipe;
pub mod speed;
pub mod textbook;

pub use operations::{BatchNorm, Blur, Convolution, ConvolutionPool, GroupNorm, Pool, Windowed};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let chapter = Chapter::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_MANIFEST_DIR"),
        "What if the weights are shared?",
    );
    commands::add(speed::add(figures::add(experiments::add(chapter))))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
