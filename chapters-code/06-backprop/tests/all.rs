//! The tests of the crate in one program: what they share is compiled and linked once.

mod curves;
mod engine;
mod exercises;
mod gradients;
mod torch;
mod weights_file;
