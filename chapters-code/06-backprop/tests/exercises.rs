//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/extrapolated_slope.rs"]
mod extrapolated_slope;
#[path = "../exercises/gradient_of_graph.rs"]
mod gradient_of_graph;
#[path = "../exercises/layer_norm_gradients.rs"]
mod layer_norm_gradients;
#[path = "../exercises/recompute_schedule.rs"]
mod recompute_schedule;
#[path = "../exercises/second_order_dual.rs"]
mod second_order_dual;
#[path = "../exercises/sigmoid_cross_entropy.rs"]
mod sigmoid_cross_entropy;
