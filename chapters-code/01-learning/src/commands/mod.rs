//! What the chapter does on the command line besides recording: `inspect`.

mod inspect;

pub use inspect::{InspectArgs, inspect};

use std::io::IsTerminal as _;

use notebook::Chapter;
use notebook::terminal::wants_colour;

/// Adds the chapter's command to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.command::<InspectArgs>("inspect", |args, _, out| {
        inspect(&args, wants_colour(std::io::stdout().is_terminal()), out)
    })
}
