//! What the chapter measures, a question a file.

mod alike;
pub mod clouds;
mod conventions;
pub mod crossing;
pub mod few;
mod named;
pub mod pictures;
mod price;
mod probes;
pub mod speed;
mod yours;

use notebook::Chapter;

/// Adds every experiment of the chapter.
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
        yours::add,
        speed::add,
    ];
    parts.into_iter().fold(chapter, |chapter, add| add(chapter))
}
