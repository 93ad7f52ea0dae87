//! Chapter 4, *no-free-lunch*: Why not one best pipeline?
//!
//! Two halves. [`worlds`] enumerates every target on a few bits and counts what learners get right
//! where they were not taught. [`pipelines`], [`explain`] and [`cost`] ask what remains of the
//! question on real data.

pub mod commands;
pub mod cost;
pub mod experiments;
pub mod explain;
pub mod figures;
pub mod pipelines;
pub mod worlds;

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let title = "Why not one best pipeline?";
    let chapter = Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), title);
    commands::add(figures::add(experiments::add(chapter))).bench("no-free-lunch")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
