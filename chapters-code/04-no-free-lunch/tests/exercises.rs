//! The exercises on worlds, compiled where they stand: their visible tests hold their solutions.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/bits_of_labels.rs"]
mod bits_of_labels;
#[path = "../exercises/fewest_questions.rs"]
mod fewest_questions;
#[path = "../exercises/what_the_worlds_say.rs"]
mod what_the_worlds_say;
