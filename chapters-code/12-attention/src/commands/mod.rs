//! The chapter's command line: `classify`, `logits`, `count`. All of it happens on the reader's machine.

mod classify;
mod count;
mod logits;
mod network;

use notebook::Chapter;

/// Adds the chapter's own commands to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .command("classify", classify::classify)
        .command("logits", logits::logits)
        .command("count", count::count)
}
