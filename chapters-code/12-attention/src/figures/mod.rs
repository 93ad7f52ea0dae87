//! What the chapter draws, from recorded results only.

mod charts;
mod garments;
mod induction;
mod maps;
mod place;
mod recorded;
mod schematics;
mod speed;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let chapter = place::add(garments::add(charts::add(schematics::add(chapter))));
    speed::add(maps::add(induction::add(chapter)))
}
