//! What the chapter draws, from recorded results only.

mod charts;
mod induction;
mod maps;
mod recorded;
mod schematics;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    maps::add(induction::add(charts::add(schematics::add(chapter))))
}
