//! What the chapter draws, a question a file.

mod alike;
mod clouds;
mod conventions;
mod crossing;
mod few;
mod named;
mod panels;
mod pictures;
mod price;
mod probes;
mod speed;

use notebook::Chapter;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let parts: Vec<fn(Chapter) -> Chapter> = vec![
        alike::add,
        clouds::add,
        conventions::add,
        crossing::add,
        few::add,
        named::add,
        pictures::add,
        price::add,
        probes::add,
        speed::add,
    ];
    parts.into_iter().fold(chapter, |chapter, add| add(chapter))
}
