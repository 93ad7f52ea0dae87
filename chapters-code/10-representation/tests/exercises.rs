//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/crossing_point.rs"]
mod crossing_point;
#[path = "../exercises/first_component.rs"]
mod first_component;
#[path = "../exercises/linear_cka.rs"]
mod linear_cka;
#[path = "../exercises/perplexity_search.rs"]
mod perplexity_search;
#[path = "../exercises/same_padding.rs"]
mod same_padding;
