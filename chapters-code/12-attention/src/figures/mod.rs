//! What the chapter draws, from recorded results only.

mod charts;
mod schematics;
mod speed;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    speed::add(charts::add(schematics::add(chapter)))
}
