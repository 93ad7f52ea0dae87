//! What the chapter draws, from recorded results only.

mod charts;
mod garments;
mod place;
mod schematics;
mod speed;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    speed::add(charts::add(schematics::add(chapter)))
    place::add(garments::add(charts::add(schematics::add(chapter))))
}
