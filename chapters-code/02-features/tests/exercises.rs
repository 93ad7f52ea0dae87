//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/chi_square_distance.rs"]
mod chi_square_distance;
#[path = "../exercises/distance_to_ground.rs"]
mod distance_to_ground;
#[path = "../exercises/hue_distance.rs"]
mod hue_distance;
#[path = "../exercises/integral_histogram.rs"]
mod integral_histogram;
#[path = "../exercises/otsu_threshold.rs"]
mod otsu_threshold;
#[path = "../exercises/pair_entropies.rs"]
mod pair_entropies;
#[path = "../exercises/rotation_invariant_lbp.rs"]
mod rotation_invariant_lbp;
#[path = "../exercises/soft_votes.rs"]
mod soft_votes;
