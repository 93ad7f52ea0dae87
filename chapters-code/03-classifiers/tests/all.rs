//! The tests of the crate in one program: what they share is compiled and linked once.

mod door;
mod exercises;
mod files;
mod fits;
mod scikit_learn;
mod tree_exercises;
mod trees;
