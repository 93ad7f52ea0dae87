//! The chapter's command line: `classify`, `embed`, `neighbours`, `probe`. All of it happens on the reader's machine.

mod classify;
mod cross_validation;
mod embed;
mod files;
mod neighbours;
pub(crate) mod network;
mod probe;

use notebook::Chapter;

/// Adds the chapter's own commands to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .command("classify", classify::classify)
        .command("embed", embed::embed)
        .command("neighbours", neighbours::neighbours)
        .command("probe", probe::probe)
}
