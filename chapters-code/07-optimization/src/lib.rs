//! Chapter 7, *Optimization*: why does training work at all?
//!
//! | module | what |
//! | --- | --- |
//! | [`initialisation`] | the first weights: Glorot, He |
//! | [`rules`] | how weights follow the gradient: SGD, momentum, Nesterov, Adam, AdamW |
//! | [`schedule`] | the learning rate through training: constant, steps, cosine, warm-up |
//! | [`trainer`] | mini-batches in a seeded order, until all steps are taken |
//! | [`checkpoint`] | files from which training goes on bit for bit |

pub mod checkpoint;
mod error;
pub mod initialisation;
pub mod rules;
pub mod schedule;
pub mod trainer;

pub use checkpoint::Checkpoint;
pub use error::{Error, Result};
pub use initialisation::Initialisation;
pub use rules::{AtStep, Optimizer};
pub use schedule::Schedule;
pub use trainer::{Ending, Progress, Samples, Settings, Trainer};
