//! What the chapter draws, a question a file.

mod depth;
mod equal;
mod gradients;
mod landscape;
mod lesions;
mod mobile;
mod multiples;
mod parts;
mod schematics;
mod shattered;
mod speed;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let parts: Vec<fn(Chapter) -> Chapter> = vec![
        depth::add,
        equal::add,
        gradients::add,
        landscape::add,
        lesions::add,
        mobile::add,
        parts::add,
        schematics::add,
        shattered::add,
        speed::add,
    ];
    parts.into_iter().fold(chapter, |chapter, add| add(chapter))
}
