//! What the chapter does on the command line besides recording: `inspect`.

mod inspect;

pub use inspect::{InspectArgs, inspect};

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Args as _, Command, FromArgMatches as _};
use notebook::Chapter;

/// Adds the chapter's command to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    let command =
        Command::new("inspect").about("What is in an IDX file? Shape, classes, some pictures");
    chapter.command(InspectArgs::augment_args(command), |matches, out| {
        let colour = std::io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        inspect(&InspectArgs::from_arg_matches(matches)?, colour, out)?;
        Ok(ExitCode::SUCCESS)
    })
}
