//! What the chapter measures, a question a file.

pub mod depth;
mod equal;
pub mod gradients;
pub mod landscape;
pub mod lesions;
pub mod mobile;
pub mod parts;
pub mod shattered;
mod speed;

use notebook::Chapter;

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let parts: Vec<fn(Chapter) -> Chapter> = vec![
        depth::add,
        equal::add,
        gradients::add,
        landscape::add,
        lesions::add,
        mobile::add,
        shattered::add,
        parts::add,
        speed::add,
    ];
    parts.into_iter().fold(chapter, |chapter, add| add(chapter))
}
