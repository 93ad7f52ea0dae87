//! The tests of the crate in one program: what they share is compiled and linked once.

mod commands;
mod exercises;
mod fast;
mod gradients;
mod networks;
mod operations;
mod preprocess;
mod torchvision;
