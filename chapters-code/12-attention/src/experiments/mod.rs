//! What the chapter measures, a question a file.

pub mod garments;
pub mod memory;
pub mod place;
pub mod scale;
pub mod speed;
pub mod training;
pub mod vit;
pub mod words;

use notebook::Chapter;

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    speed::add(vit::add(memory::add(scale::add(words::add(chapter)))))
    let chapter = vit::add(memory::add(scale::add(words::add(chapter))));
    place::add(garments::add(chapter))
}
