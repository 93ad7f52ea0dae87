//! The tests of the crate in one program: what they share is compiled and linked once.

mod checkpoint;
mod command_line;
mod exercises;
mod faults;
mod speed;
mod torch;
mod training;
