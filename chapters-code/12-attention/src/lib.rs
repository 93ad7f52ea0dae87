//! Chapter 12, *Attention*: what if each part may look at every other?
//!
//! | module | what |
//! | --- | --- |
//! | [`head`] | one head of attention: by definition, in matrices, in tiles, and backward |
//! | [`gelu`] | the two forms of an activation |
//! | [`vit`] | vision transformers, described: tensors by torchvision's names, and counts |
//! | [`network`] | such a transformer with its weights, and its forward pass |
//! | [`fast`] | the same pass, made for the processor |
//! | [`weights`] | files of weights, and what tensors are called in them |
//! | [`commands`] | photographs through networks whose weights a reader has |
//! | [`operations`] | what a training needs besides the engine's operations |
//! | [`networks`] | small transformers and what they are compared with |
//! | [`induction`] | a transformer of attention alone that learns to copy |
//! | [`same`] | maps that give one output |
//! | [`formula`] | weights that a formula gives, here and in Python alike |

pub mod commands;
mod error;
pub mod experiments;
pub mod fast;
pub mod figures;
pub mod formula;
pub mod gelu;
pub mod head;
pub mod induction;
mod names;
pub mod network;
pub mod networks;
pub mod operations;
pub mod same;
pub mod vit;
pub mod weights;

pub use error::{Error, Result};
pub use gelu::Gelu;
pub use head::{Gradients, Head, Mask};
pub use network::{Conventions, Network, Packing};
pub use vit::{Tensor, Vit};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "What if each part may look at every other?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    commands::add(figures::add(experiments::add(chapter)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
