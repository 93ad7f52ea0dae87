//! What the chapter draws, from recorded results only.

mod charts;
mod garments;
mod place;
mod schematics;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    place::add(garments::add(charts::add(schematics::add(chapter))))
}
