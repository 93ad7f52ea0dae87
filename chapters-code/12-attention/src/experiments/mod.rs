//! What the chapter measures, a question a file.

pub mod induction;
pub mod maps;
pub mod memory;
pub mod scale;
pub mod vit;
pub mod words;

use notebook::Chapter;

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    maps::add(induction::add(vit::add(memory::add(scale::add(words::add(chapter))))))
}
