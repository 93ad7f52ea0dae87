//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/autocorrelation.rs"]
mod autocorrelation;
#[path = "../exercises/depthwise_convolution.rs"]
mod depthwise_convolution;
#[path = "../exercises/residual_backward.rs"]
mod residual_backward;
#[path = "../exercises/short_products.rs"]
mod short_products;
#[path = "../exercises/squeezed_channels.rs"]
mod squeezed_channels;
