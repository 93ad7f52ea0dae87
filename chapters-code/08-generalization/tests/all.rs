//! The tests of the crate in one program: what they share is compiled and linked once.

mod command_line;
mod descent;
mod exercises;
mod numpy;
mod regularisers;
mod torch;
