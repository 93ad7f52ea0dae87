//! The tests of the crate in one program: what they share is compiled and linked once.

mod door;
mod exercises;
mod invariance;
mod oracle;
mod picture_file;
