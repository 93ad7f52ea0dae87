//! Chapter 7, *Optimization*: why does training work at all?
//!
//! | module | what |
//! | --- | --- |
//! | [`initialisation`] | the first weights: Glorot, He |
//! | [`rules`] | how weights follow the gradient: SGD, momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW |
//! | [`muon`] | a rule for whole matrices |
//! | [`schedule`] | the learning rate through training: constant, steps, cosine, warm-up |
//! | [`recipe`] | all that decides what a training comes to: the one way to train |
//! | [`trainer`] | mini-batches in a seeded order, until all steps are taken |
//! | [`garments`] | what the networks of the book learn from |
//! | [`augmentation`] | garments as they might also have been photographed |
//! | [`answers`] | what a network answers to many samples |
//! | [`mlp`] | the network of the chapter |
//! | [`softmax`] | probabilities as an operation, which a loss of logits does not want |
//! | [`session`] | a training that a person watches and may stop |
//! | [`textbook`] | a step as a textbook writes it |
//! | [`speed`] | what a step costs |
//! | [`checkpoint`] | files from which training goes on bit for bit |

pub mod answers;
pub mod augmentation;
pub mod checkpoint;
pub mod commands;
mod error;
pub mod experiments;
pub mod figures;
pub mod garments;
pub mod initialisation;
pub mod mlp;
pub mod muon;
pub mod recipe;
pub mod rules;
pub mod samples;
pub mod schedule;
pub mod session;
pub mod softmax;
pub mod speed;
pub mod textbook;
pub mod trainer;

pub use augmentation::Augmentation;
pub use checkpoint::Checkpoint;
pub use error::{Error, Result};
pub use garments::Garments;
pub use initialisation::Initialisation;
pub use recipe::{Recipe, Run};
pub use rules::{AtStep, Optimizer};
pub use samples::Samples;
pub use schedule::Schedule;
pub use trainer::{Ending, Step, Trainer, unwatched};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let chapter = Chapter::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_MANIFEST_DIR"),
        "Why does training work at all?",
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
