//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/accumulate_gradients.rs"]
mod accumulate_gradients;
#[path = "../exercises/armijo_step.rs"]
mod armijo_step;
#[path = "../exercises/average_weights.rs"]
mod average_weights;
#[path = "../exercises/balanced_batches.rs"]
mod balanced_batches;
#[path = "../exercises/check_layout.rs"]
mod check_layout;
#[path = "../exercises/orthogonal_weights.rs"]
mod orthogonal_weights;
