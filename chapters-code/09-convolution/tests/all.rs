//! The tests of the crate in one program: what they share is compiled and linked once.

mod chapters_to_come;
mod command_line;
mod exercises;
mod gradients;
mod speed;
mod torch;
