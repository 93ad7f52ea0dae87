//! The whole-book checks in one program: what they share is compiled and linked once.

#[path = "browser/main.rs"]
mod browser;
mod build;
mod classroom;
mod deployment;
mod editions;
mod epub;
mod faults;
mod layers;
mod new_chapter;
mod pdf;
mod scale;
mod serve;
mod site;
mod theme;
mod weight;
