//! Chapter 10, *Representation*: what did it learn, and at what price?
//!
//! | module | what |
//! | --- | --- |
//! | [`lite0`] | EfficientNet-Lite0, which others trained: its description, its weights, its forward pass |
//! | [`preprocess`] | a photograph as the network takes it |
//! | [`fused`] | the same pass, made for the processor |
//! | [`features`] | what its layers answer, as features of a picture |
//! | [`pca`] | principal components of a cloud of points |
//! | [`tsne`] | a picture of the cloud that keeps neighbours |
//! | [`trustworthiness`] | whether such a picture can be trusted |
//! | [`head`] | a softmax head on features |
//! | [`crossing`] | where curves of accuracy by labels cross |
//! | [`price`] | what an answer takes: operations, bytes, joules |
//! | [`untrained`] | the same network before it has learned anything |
//! | [`inner`] | what the layers of Chapter 9's network say |
//! | [`probe`] | linear maps that read an answer off a layer |
//! | [`cka`] | how alike two representations are |
//! | [`gradient`] | the gradient of an answer in the pixels |
//! | [`patches`] | pictures cut out of photographs, and the patches that excite a channel |
//! | [`occlusion`] | what happens to an answer when a part is covered |
//! | [`saliency`] | maps from gradients |
//! | [`dream`] | pictures that are made to excite, and steps that deceive |
//! | [`commands`] | what is on a photograph, and what is like it |

pub mod cka;
pub mod commands;
pub mod crossing;
pub mod dream;
mod error;
pub mod experiments;
pub mod explain;
pub mod features;
pub mod figures;
pub mod fused;
pub mod gradient;
pub mod head;
pub mod inner;
pub mod lite0;
pub mod occlusion;
pub mod patches;
pub mod pca;
pub mod preprocess;
pub mod price;
pub mod probe;
pub mod saliency;
pub mod trustworthiness;
pub mod tsne;
pub mod untrained;

pub use error::{Error, Result};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "What did it learn, and at what price?";
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
