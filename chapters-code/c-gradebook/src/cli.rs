//! The commands of exercises, which `cargo book` takes over as its own.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use notebook::{Workspace, terminal};

use crate::exercise::Exercise;
use crate::fault::Faults;
use crate::kit::Kit;
use crate::library::Library;
use crate::prove;

/// Exercises: to list, to solve, to assign and to grade.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the exercises with their points and minutes, and how far you are
    Exercises(List),
}

/// What `exercises` is told.
#[derive(Debug, Args)]
pub struct List {
    /// Packages of chapters [default: all]
    #[arg(value_name = "CHAPTER")]
    chapters: Vec<String>,
    /// Prove them: starters fail, solutions pass, every mutant is told apart
    #[arg(long)]
    prove: bool,
    /// Only the exercises of these names
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// Exercises of your own, in the same format, instead of the book's
    #[arg(long, value_name = "DIR")]
    exercises: Option<PathBuf>,
}

/// Does what `command` says in the workspace at `root`.
///
/// # Errors
/// Bad input or usage: the thing, the fault and the fix.
pub fn run(root: &Path, command: &Command) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::open(root)?;
    match command {
        Command::Exercises(list) if list.prove => prove_all(&workspace, list),
        Command::Exercises(list) => list_all(&workspace, list),
    }
}

fn library(workspace: &Workspace, private: Option<&Path>) -> anyhow::Result<Library> {
    match private {
        Some(folder) => Library::of_folder(folder),
        None => Library::of_book(workspace),
    }
}

fn chosen<'a>(library: &'a Library, list: &List) -> anyhow::Result<Vec<&'a Exercise>> {
    let of_chapters = library.of_chapters(&list.chapters)?;
    if list.only.is_empty() {
        return Ok(of_chapters);
    }
    list.only.iter().map(|name| library.find(name)).collect()
}

fn prove_all(workspace: &Workspace, list: &List) -> anyhow::Result<ExitCode> {
    let library = library(workspace, list.exercises.as_deref())?;
    let chosen = match chosen(&library, list) {
        Ok(chosen) => chosen,
        // An exercise that cannot be read is not found; what is wrong with it is the better answer.
        Err(_) if !library.faults.is_empty() => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut out = io::stdout();
    let mut proof = prove::Proof::default();
    if !chosen.is_empty() {
        let kit = Kit::build(workspace.root(), &workspace.target())?;
        let say = |exercise: &Exercise, faults: &Faults| {
            let verdict = if faults.is_empty() { "proved" } else { "does not hold" };
            eprintln!("{}/{}: {verdict}", exercise.chapter, exercise.name);
        };
        proof = prove::prove(&chosen, &kit, &workspace.target(), &say)?;
    }
    proof.faults.extend(library.faults.clone());
    if !proof.faults.is_empty() {
        eprintln!("{}", proof.faults);
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    writeln!(
        out,
        "{} proved ({} known from before), {} told apart",
        notebook::cli::plural(chosen.len(), "exercise"),
        proof.known,
        notebook::cli::plural(proof.mutants, "mutant")
    )?;
    Ok(ExitCode::SUCCESS)
}

fn list_all(workspace: &Workspace, list: &List) -> anyhow::Result<ExitCode> {
    let library = library(workspace, list.exercises.as_deref())?;
    let mut out = io::stdout().lock();
    for exercise in chosen(&library, list)? {
        let front = &exercise.front;
        writeln!(
            out,
            "{}/{}: {} ({}, {} min, {})",
            exercise.chapter,
            exercise.name,
            front.title,
            front.points,
            front.minutes,
            front.difficulty
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
