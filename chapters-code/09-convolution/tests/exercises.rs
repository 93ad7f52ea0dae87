//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/blur_pool.rs"]
mod blur_pool;
#[path = "../exercises/fold_batch_norm.rs"]
mod fold_batch_norm;
#[path = "../exercises/outputs_reached.rs"]
mod outputs_reached;
#[path = "../exercises/separable_kernel.rs"]
mod separable_kernel;
#[path = "../exercises/transposed_convolution.rs"]
mod transposed_convolution;
#[path = "../exercises/winograd_convolution.rs"]
mod winograd_convolution;
