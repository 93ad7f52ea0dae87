//! Chapter 7, *Optimization*: why does training work at all?

pub mod rules;

pub use rules::{AtStep, Optimizer};
