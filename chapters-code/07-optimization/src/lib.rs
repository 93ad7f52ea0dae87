//! Chapter 7, *Optimization*: why does training work at all?
//!
//! | module | what |
//! | --- | --- |
//! | [`initialisation`] | the first weights: Glorot, He |
//! | [`rules`] | how weights follow the gradient: SGD, momentum, Nesterov, Adam, AdamW |
//! | [`schedule`] | the learning rate through training: constant, steps, cosine, warm-up |
//! | [`trainer`] | mini-batches in a seeded order, until all steps are taken |
//! | [`textbook`] | a step as a textbook writes it |
//! | [`speed`] | what a step costs |
//! | [`checkpoint`] | files from which training goes on bit for bit |

pub mod checkpoint;
mod error;
pub mod experiments;
pub mod figures;
pub mod initialisation;
pub mod rules;
pub mod schedule;
pub mod speed;
pub mod textbook;
pub mod trainer;

pub use checkpoint::Checkpoint;
pub use error::{Error, Result};
pub use initialisation::Initialisation;
pub use rules::{AtStep, Optimizer};
pub use schedule::Schedule;
pub use trainer::{Ending, Progress, Samples, Settings, Trainer};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let chapter = Chapter::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_MANIFEST_DIR"),
        "Why does training work at all?",
    );
    speed::register(figures::register(experiments::register(chapter)))
}
