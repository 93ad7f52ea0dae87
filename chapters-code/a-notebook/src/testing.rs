//! What the test of every chapter asks of its committed files, how a test calls a program, and what a test says that is left out.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use crate::chapter::Chapter;
use crate::contents::{self, Contents};
use crate::drawing::Drawing;
use crate::store;
use crate::workspace::Workspace;

/// Draws every figure of `chapter` again, from what is recorded, and gives what differs from the
/// committed drawings and the committed list, one line each.
///
/// # Errors
/// Where the checkout cannot be read.
pub fn differences(chapter: &Chapter, workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let name = &chapter.name;
    let mut found = Vec::new();
    let member = workspace.member(name);
    let listed = member.map(|member| Contents::read(workspace, member));
    match listed {
        Some(Ok(listed)) if Contents { code: String::new(), ..listed.clone() } == **chapter => {}
        Some(Err(error)) => found.push(error.to_string()),
        _ => found.push(format!(
            "results/chapter.json is not what `{name}` offers; run `cargo run --release -p {name}`"
        )),
    }
    for figure in &chapter.figures {
        let again = match chapter.draw(workspace, figure) {
            Ok(again) => again,
            Err(error) => {
                found.push(format!("{name}/{figure} cannot be drawn: {error:#}"));
                continue;
            }
        };
        let faults = again.faults().into_iter().chain(again.crowded());
        found.extend(faults.map(|fault| format!("{name}/{figure}: {fault}")));
        match Drawing::read(chapter, workspace, figure) {
            Ok(kept) if store::to_text(&kept.figure)? == store::to_text(&again)? => {}
            Ok(_) => found.push(format!(
                "{name}/{figure} is drawn otherwise than its file says; run `{}`",
                chapter.draw_command(figure)
            )),
            Err(error) => found.push(error.to_string()),
        }
    }
    let orphans = contents::orphans(chapter, workspace);
    found.extend(orphans.iter().map(|path| format!("{}: no figure has that name", path.display())));
    Ok(found)
}

/// Fails, in a test, where [`differences`] finds any.
///
/// # Panics
/// With one difference a line, or where the checkout cannot be read.
#[allow(clippy::panic, reason = "it is called by tests")]
pub fn assert_drawn(chapter: &Chapter) {
    let found = Workspace::find(std::path::Path::new(chapter.compiled_in))
        .map_err(anyhow::Error::from)
        .and_then(|workspace| differences(chapter, &workspace));
    match found {
        Ok(found) if found.is_empty() => {}
        Ok(found) => panic!("{}", found.join("\n")),
        Err(error) => panic!("{error:#}"),
    }
}

/// A program of the workspace, as a test calls it: `Program::new(env!("CARGO_BIN_EXE_learning"), &[])`.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    path: &'static str,
    first: &'static [&'static str],
}

impl Program {
    /// The program at `path`, whose every call begins with the arguments `first`.
    pub const fn new(path: &'static str, first: &'static [&'static str]) -> Self {
        Program { path, first }
    }

    /// What it writes, and how it ends.
    ///
    /// # Panics
    /// Where it cannot be started.
    #[allow(clippy::panic, reason = "it is called by tests")]
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = Command::new(self.path).args(self.first).args(arguments).output();
        output.unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    /// What it writes to standard output, where it succeeds.
    ///
    /// # Panics
    /// With its message, where it does not.
    pub fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {message}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Refused: exit status 2, nothing on standard output, one line on standard error with these words. Gives the line.
    ///
    /// # Panics
    /// Where it does anything else.
    pub fn refuses(&self, arguments: &[&str], words: &[&str]) -> String {
        let output = self.run(arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty(), "{arguments:?} wrote to standard output");
        assert_eq!(message.trim_end().lines().count(), 1, "{arguments:?}: {message}");
        for word in words {
            assert!(message.contains(word), "{message:?} does not say {word:?}");
        }
        message
    }
}

/// Says once that `what` is left out for want of a tool, and `why`.
///
/// # Panics
/// Where tools are required: with `BOOK_REQUIRE_TOOLS=1`.
pub fn skip(what: &str, why: &str) {
    let required = std::env::var("BOOK_REQUIRE_TOOLS").is_ok_and(|v| v == "1");
    assert!(!required, "{what}: {why}, and BOOK_REQUIRE_TOOLS=1 asks for it");
    leave_out(what, why);
}

/// Says once that `what` is left out because of where it runs, which no tool can mend.
pub fn leave_out(what: &str, why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let line = format!("SKIP {what}: {why}");
    if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(line.clone()) {
        say(&line);
    }
}

/// A line for whoever runs the tests, which the test harness does not swallow, as it does those of
/// `eprintln!`.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
