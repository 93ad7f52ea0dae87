//! Every exercise of the chapter, compiled where it stands: its visible tests hold its solution.
//!
//! That a starter fails and that every mutant is told apart is proved by `gradebook`.
#![allow(dead_code, unused_imports, unused_mut, unused_variables, clippy::todo)]

#[path = "../exercises/cache_pages.rs"]
mod cache_pages;
#[path = "../exercises/choose_checkpoints.rs"]
mod choose_checkpoints;
#[path = "../exercises/infer_and_count.rs"]
mod infer_and_count;
#[path = "../exercises/low_rank_parameters.rs"]
mod low_rank_parameters;
#[path = "../exercises/numbers_behind.rs"]
mod numbers_behind;
#[path = "../exercises/parse_count.rs"]
mod parse_count;
#[path = "../exercises/plan_arena.rs"]
mod plan_arena;
#[path = "../exercises/resting_parameters.rs"]
mod resting_parameters;
