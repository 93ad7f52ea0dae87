//! What the chapter draws, from recorded results only.

mod charts;
mod schematics;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    charts::add(schematics::add(chapter))
}
