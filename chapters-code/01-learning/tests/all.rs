//! The tests of the crate in one program: what they share is compiled and linked once.

mod command_line;
mod exercises;
mod idx;
mod rules;
mod rust_and_ndarray;
mod scikit_learn;
