//! What the chapter does on the command line.

use notebook::Chapter;

/// Adds the chapter's commands.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
}
