//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/dropout.rs"]
mod dropout;
#[path = "../exercises/exponential_average.rs"]
mod exponential_average;
#[path = "../exercises/label_smoothing.rs"]
mod label_smoothing;
#[path = "../exercises/minimum_norm.rs"]
mod minimum_norm;
#[path = "../exercises/normalised_margin.rs"]
mod normalised_margin;
#[path = "../exercises/strongest_wave.rs"]
mod strongest_wave;
