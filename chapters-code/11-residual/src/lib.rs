//! Chapter 11, *Residual*: why do deep plain networks fail?
//!
//! | module | what |
//! | --- | --- |
//! | [`description`] | the parts of a network, one after another: what is counted, drawn and run |
//! | [`resnet`], [`mobilenet`] | the networks of the chapter, described |
//! | [`checkpoint`] | files of weights that others made |
//! | [`weights`] | weights by torchvision's names, batch normalisation folded in |
//! | [`timm`] | what the same networks are called in timm |
//! | [`formula`] | weights from a formula, so that none need be stored |
//! | [`preprocess`] | photographs as torchvision prepares them |
//! | [`plain`] | the forward pass in plain loops: the oracle of the fast one |
//! | [`fast`] | the same pass, made for the processor |
//! | [`operations`] | what a training needs besides Chapter 9's operations |
//! | [`networks`] | deep and small networks for garments |
//! | [`shattered`] | networks on a line, and how fast their slope changes along it |
//! | [`landscape`] | directions among all weights, and how the loss changes along them |
//! | [`mobile`] | small networks for garments from MobileNetV3's parts |
//! | [`parts`] | single layers, counted and timed |
//! | [`commands`] | photographs through networks whose weights a reader has |

mod apart;
mod by_name;
pub mod checkpoint;
pub mod commands;
pub mod description;
mod error;
pub mod experiments;
pub mod fast;
pub mod figures;
pub mod formula;
pub mod landscape;
pub mod mobile;
pub mod mobilenet;
mod names;
pub mod networks;
pub mod operations;
pub mod parts;
pub mod plain;
pub mod preprocess;
pub mod resnet;
pub mod shattered;
pub mod timm;
pub mod weights;

pub use apart::apart;
pub use by_name::model;
pub use description::{Activation, Convolution, Gate, Linear, Model, Norm, Part, Residual};
pub use error::{Error, Result};
pub use names::NAMES;
pub use weights::Weights;

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "Why do deep plain networks fail?";
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
