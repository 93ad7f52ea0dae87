//! What the chapter measures.

use notebook::Chapter;

/// Adds every experiment of the chapter.
pub fn register(chapter: Chapter) -> Chapter {
    chapter
}
