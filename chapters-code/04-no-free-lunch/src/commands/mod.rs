//! What the chapter does on the command line: `prove` and `search`.

use notebook::Chapter;

/// Adds the chapter's commands.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
}
