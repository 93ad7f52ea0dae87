//! Chapter 14, *Parameters*: how big is a network, exactly?
//!
//! A network is described once, as numbers: how many layers, how wide, how many classes. From those
//! numbers this crate derives its size twice, in ways that share no code:
//!
//! - [`Architecture::closed_form`] is algebra: one formula a family;
//! - [`Architecture::describe`] is a walk: the network tells a [`Visitor`] of every module and every
//!   tensor, under the names that torchvision's and transformers' files give them.
//!
//! A property test holds the two equal over random networks, and fixtures made with torchvision and
//! transformers hold the walk to theirs, name by name and shape by shape.
//!
//! # Conventions
//!
//! | question | answer in this book |
//! | --- | --- |
//! | What is a parameter? | An element of a tensor that training changes. Biases and the gains of normalisation count. |
//! | And the running statistics of a batch normalisation? | A *persistent buffer*: saved with the model, not trained, counted apart. |
//! | And masks or rotary frequencies? | Buffers that are computed anew on loading; not saved, not counted. |
//! | Two names for one tensor (tied embeddings)? | Counted once. |
//! | Which parameters are active? | All but the experts that were not chosen for a token. |
//! | Is the head counted? | Yes: 1000 classes for images, the vocabulary for language. |
//! | GB or GiB? | 1 GB = 10⁹ bytes, 1 GiB = 2³⁰ bytes; both are always labelled. |
//! | One multiply-add? | Two operations. |
//! | Which operations count? | Convolutions, matrix products and attention's two products; not biases, norms, activations or softmax. |

pub mod architectures;
pub mod commands;
pub mod composition;
pub mod config;
mod count;
mod error;
pub mod experiments;
pub mod figures;
pub mod formats;
pub mod ladder;
pub mod layers;
pub mod memory;
pub mod registry;
mod tree;
pub mod units;
pub mod verdict;
mod visitor;

pub use architectures::{Architecture, Model};
pub use count::{Activations, Count, Totals};
pub use error::{Error, Result};
pub use registry::{Entry, MODELS, find};
pub use tree::{Folding, Module, TensorShape};
pub use units::Bytes;
pub use visitor::{Counter, Name, Role, Visitor, Work};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "How big is a network, exactly?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    let chapter = commands::add(figures::add(experiments::add(chapter)));
    chapter.bench("count_all").bench("rank_all")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
