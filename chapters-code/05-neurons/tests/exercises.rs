//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/averaged_perceptron.rs"]
mod averaged_perceptron;
#[path = "../exercises/kernel_perceptron.rs"]
mod kernel_perceptron;
#[path = "../exercises/largest_of_many.rs"]
mod largest_of_many;
#[path = "../exercises/margin_of_line.rs"]
mod margin_of_line;
#[path = "../exercises/pieces_of_layer.rs"]
mod pieces_of_layer;
#[path = "../exercises/table_of_unit.rs"]
mod table_of_unit;
