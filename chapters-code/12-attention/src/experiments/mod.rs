//! What the chapter measures, a question a file.

pub mod garments;
pub mod induction;
pub mod maps;
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
    let chapter = vit::add(memory::add(scale::add(words::add(chapter))));
    let chapter = place::add(garments::add(chapter));
    speed::add(maps::add(induction::add(chapter)))
}
