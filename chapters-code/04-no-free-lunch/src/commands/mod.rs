//! What the chapter does on the command line: `prove` and `search`.

mod prove;

pub use prove::ProveArgs;

use notebook::Chapter;

/// Adds the chapter's commands.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.command::<ProveArgs>("prove", prove::prove)
}
