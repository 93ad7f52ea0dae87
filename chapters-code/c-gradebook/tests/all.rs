//! The tests of the crate in one program: what they share is compiled and linked once.

mod book;
mod gains;
mod instructor;
