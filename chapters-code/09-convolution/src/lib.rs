//! Chapter 9, *Convolution*: what if the weights are shared?
//!
//! | module | what |
//! | --- | --- |
//! | [`operations`] | convolution, its fast form with ReLU and pool, pools, batch normalisation |
//! | [`networks`] | the networks of the chapter |
//! | [`augmentation`] | garments as they might also have been photographed |
//! | [`photograph`] | your own garments, made to look like those of the data |
//! | [`textbook`] | the network with plain functions |
//! | [`speed`] | what a hundred mini-batches cost |
//! | [`evaluate`] | what a network says of many images |

pub mod augmentation;
pub mod commands;
pub mod evaluate;
pub mod experiments;
pub mod figures;
pub mod networks;
pub mod operations;
pub mod photograph;
pub mod speed;
pub mod textbook;

pub use augmentation::{Augmentation, Garments};
pub use operations::{BatchNorm, Convolution, ConvolutionPool, Pool};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let chapter = Chapter::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_MANIFEST_DIR"),
        "What if the weights are shared?",
    );
    commands::plug_into(speed::register(figures::register(experiments::register(chapter))))
}
