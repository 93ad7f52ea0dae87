//! What the chapter does on the command line besides recording: `inspect`.

mod inspect;

pub use inspect::{InspectArgs, inspect};

use std::io::IsTerminal as _;

use notebook::Chapter;

/// Adds the chapter's command to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.command::<InspectArgs>("inspect", |args, _, out| {
        let colour = std::io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        inspect(&args, colour, out)
    })
}
