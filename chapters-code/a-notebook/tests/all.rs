//! The tests of the crate in one program: what they share is compiled and linked once.

mod figures;
mod recording;
mod schematic;
mod staleness;
