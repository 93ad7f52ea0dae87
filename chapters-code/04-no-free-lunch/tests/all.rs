//! The tests of the crate in one program: what they share is compiled and linked once.

mod door;
mod exercises;
mod pipeline_exercises;
mod search;
mod worlds;
