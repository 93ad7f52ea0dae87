//! What is stale in which chapter, and the chapter's own program, which records and draws it anew.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use notebook::run::State;
use notebook::workspace::Crate;
use notebook::{Contents, Freshness, Workspace, cli};
use rayon::prelude::*;

use crate::text::nearest;

/// A chapter in which something no longer follows from the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Its package.
    pub chapter: String,
    /// What is stale, in a line.
    pub reason: String,
}

/// The chapters called `names` (all, where none is named) in which something is stale, in reading
/// order. Nothing is compiled for that.
///
/// # Errors
/// An unknown name, a source that cannot be read.
pub fn stale(workspace: &Workspace, names: &[String]) -> anyhow::Result<Vec<Stale>> {
    let members = workspace.members();
    if let Some(name) = names.iter().find(|name| workspace.member(name).is_none()) {
        let hint = nearest(name, members.iter().map(|c| c.name.as_str()));
        anyhow::bail!("there is no chapter `{name}`{hint}");
    }
    let asked = |member: &&&Crate| names.is_empty() || names.contains(&member.name);
    let asked: Vec<&Crate> = members.iter().filter(asked).copied().collect();
    let reasons: Vec<_> = asked.par_iter().map(|member| reason(workspace, member)).collect();
    let mut found = Vec::new();
    for (member, reason) in asked.iter().zip(reasons) {
        if let Some(reason) = reason? {
            found.push(Stale { chapter: member.name.clone(), reason });
        }
    }
    Ok(found)
}

/// What is stale in the crate `member`, in a line; none where all is fresh.
fn reason(workspace: &Workspace, member: &Crate) -> anyhow::Result<Option<String>> {
    match Contents::read(workspace, member) {
        Ok(contents) => told(workspace, &contents, Freshness::of(&contents, workspace)),
        Err(_) => Ok(Some("its list of experiments and figures is to be written".to_owned())),
    }
}

/// What is stale of what the chapter lists.
fn told(
    workspace: &Workspace,
    contents: &Contents,
    freshness: Freshness,
) -> anyhow::Result<Option<String>> {
    let (mut results, mut seconds) = (0, 0.0);
    for judged in freshness.experiments {
        let (state, recorded) = judged?;
        if state != State::Fresh {
            results += 1;
            seconds += recorded.map_or(0.0, |r| r.provenance.seconds);
        }
    }
    let mut drawings = 0;
    for judged in freshness.figures {
        drawings += usize::from(judged?.0 != State::Fresh);
    }
    let counted = |n: usize, noun: &str| (n > 0).then(|| cli::plural(n, noun));
    let parts: Vec<String> = [counted(results, "experiment"), counted(drawings, "figure")]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() {
        let stale = contents.is_stale(workspace)?;
        return Ok(stale.then(|| "its code changed, so its list is written anew".to_owned()));
    }
    let last = if seconds > 0.0 {
        format!(" (took {} last time)", notebook::Format::Duration.number(seconds))
    } else {
        String::new()
    };
    Ok(Some(format!("{} to be made anew{last}", parts.join(" and "))))
}

/// Compiles the program of `chapter` and has it record and draw what is stale. Its words go to the
/// terminal. Did it end well? A claim that does not hold ends it ill, and so does a crash.
///
/// # Errors
/// Where cargo cannot be started.
pub fn run(workspace: &Workspace, chapter: &str) -> anyhow::Result<bool> {
    let arguments = ["run", "--release", "--quiet", "--package", chapter, "--", "run"];
    let status = cargo(workspace.root())
        .args(arguments)
        .status()
        .context("cargo cannot be started; install Rust, or put cargo on the PATH")?;
    if !status.success() {
        eprintln!("error: {chapter}: its program ended with {status}; what it said stands above");
    }
    Ok(status.success())
}

/// Cargo, in the checkout at `root`, with nothing to read.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// The chapters whose results follow from the code and whose figures or list do not.
///
/// # Errors
/// A source that cannot be read.
pub fn to_draw(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for member in workspace.members() {
        let Ok(contents) = Contents::read(workspace, member) else { continue };
        let freshness = Freshness::of(&contents, workspace);
        let is_fresh = |judged: &Result<(State, _), _>| {
            judged.as_ref().is_ok_and(|(state, _)| *state == State::Fresh)
        };
        let all_fresh = freshness.experiments.iter().all(is_fresh);
        if told(workspace, &contents, freshness)?.is_some() && all_fresh {
            found.push(member.name.clone());
        }
    }
    Ok(found)
}
