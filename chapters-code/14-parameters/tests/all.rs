//! The tests of the crate in one program: what they share is compiled and linked once.

mod command_line;
mod config;
mod derivations;
mod engine;
mod exercises;
mod published;
