//! What the chapter measures, a question a file.

pub mod memory;
pub mod scale;
pub mod speed;
pub mod vit;
pub mod words;

use notebook::Chapter;

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    speed::add(vit::add(memory::add(scale::add(words::add(chapter)))))
}
