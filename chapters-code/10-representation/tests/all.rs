//! The tests of the crate in one program: what they share is compiled and linked once.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

mod cka;
mod clouds;
mod command_line;
mod crossing;
mod exercises;
mod fused;
mod lite0;
mod pictures;
mod preprocess;
mod probes;
