//! What the chapter draws, from recorded results only, and its schematics.

mod descent;
mod grokking;
mod regularisers;
mod sketches;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    grokking::add(descent::add(sketches::add(regularisers::add(chapter))))
}
