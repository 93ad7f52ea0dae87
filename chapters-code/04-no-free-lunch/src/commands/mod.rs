//! What the chapter does on the command line: `prove` and `search`.

mod prove;
mod search;

pub use prove::ProveArgs;
pub use search::SearchArgs;

use notebook::Chapter;

/// Adds the chapter's commands.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .command::<ProveArgs>("prove", prove::prove)
        .command::<SearchArgs>("search", search::search)
}
