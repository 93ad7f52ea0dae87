//! What the chapter draws, from recorded results only, and its schematics.

mod explanation;
mod pipelines;
mod schematics;
mod workings;
mod worlds;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    pipelines::add(worlds::add(chapter))
}
