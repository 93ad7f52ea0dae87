//! What the chapter measures, an experiment a file.

mod pipelines;

use notebook::Chapter;

/// Adds every experiment of the chapter with its seed and its data.
pub fn add(chapter: Chapter) -> Chapter {
    pipelines::add(chapter)
}
