//! The tests of the crate in one program: what they share is compiled and linked once.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

mod commands;
mod damaged;
mod exercises;
mod fast;
mod gelu;
mod head;
mod induction;
mod memory;
mod operations;
mod read;
mod vit;
