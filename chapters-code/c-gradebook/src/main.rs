//! `cargo run -p gradebook`: the commands of exercises without the rest of `cargo book`, and those that every chapter has.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use gradebook::cli::{Command, run};
use notebook::{Workspace, terminal};

/// Exercises: to list, to solve, to assign and to grade.
#[derive(Debug, Parser)]
#[command(name = "gradebook", version)]
struct Arguments {
    /// The checkout of the book [default: the one around the current folder]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// The commands that every chapter has.
const OF_CHAPTERS: [&str; 5] = ["run", "list", "show", "draw", "record-bench"];

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|word| OF_CHAPTERS.contains(&word.as_str())) {
        return gradebook::chapter().main();
    }
    match Arguments::try_parse() {
        Ok(arguments) => terminal::finish(dispatch(&arguments)),
        Err(error) => terminal::usage(&error),
    }
}

fn dispatch(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let root = match &arguments.root {
        Some(root) => root.clone(),
        None => Workspace::find(&std::env::current_dir()?)?.root().to_owned(),
    };
    run(&root, &arguments.command)
}
