//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/flip_test.rs"]
mod flip_test;
#[path = "../exercises/isotonic_calibration.rs"]
mod isotonic_calibration;
#[path = "../exercises/linked_groups.rs"]
mod linked_groups;
#[path = "../exercises/near_copies.rs"]
mod near_copies;
#[path = "../exercises/running_moments.rs"]
mod running_moments;
#[path = "../exercises/top_k_accuracy.rs"]
mod top_k_accuracy;
#[path = "../exercises/wilson_interval.rs"]
mod wilson_interval;
