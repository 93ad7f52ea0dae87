//! The command line: `cargo book`, its options and its subcommands.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::{ArgAction, Parser, Subcommand};
use notebook::provenance::long_date;
use notebook::{Workspace, cli, terminal};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::bind::{bind, load};
use crate::binding::Tally;
use crate::book::Book;
use crate::faults::Faults;
use crate::settings::{Edition, Settings};
use crate::{chapters, claims, epub, lint, new_chapter, pdf, render, serve, warnings};

/// Binds the book: runs what is stale, checks every page, and renders it to target/book.
#[derive(Debug, Parser)]
#[command(name = "bookbinder", bin_name = "cargo book", version)]
struct Arguments {
    /// Open the book in the browser when it is bound
    #[arg(long)]
    open: bool,
    /// Run nothing: refuse where a result is stale, and list which
    #[arg(long)]
    frozen: bool,
    /// For whom the book is bound: solutions in folds, none, or with keys and teaching notes
    #[arg(long, value_enum, default_value_t)]
    edition: Edition,
    /// The checkout of the book [default: the one around the current folder]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Show what mdBook says; twice for all of it
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check everything, as a frozen build does, the prose and every exercise; render nothing
    Check {
        /// Leave the exercises unproved: proving takes a compiler, and minutes the first time
        #[arg(long)]
        without_exercises: bool,
        /// Check nothing: print each claim beside the sentence of the page that it follows
        #[arg(long)]
        claims: bool,
    },
    /// Record the experiments that are stale
    Run {
        /// Packages of chapters [default: all]
        #[arg(value_name = "CHAPTER")]
        chapters: Vec<String>,
    },
    /// Serve the book to a browser, and bind it again when something changes
    Serve(serve::Arguments),
    /// Write the skeleton of a new chapter: prose, crate, experiment, figure, bench and test
    NewChapter(new_chapter::Arguments),
    /// Print the whole book to a PDF file, through Chromium
    Pdf(pdf::Arguments),
    /// Write the whole book as an EPUB file
    Epub(epub::Arguments),
    #[command(flatten)]
    Exercises(gradebook::cli::Command),
    /// Serve `mdbook build` as a preprocessor: the book in and out as JSON
    Preprocess {
        #[command(subcommand)]
        question: Option<Question>,
    },
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Is this renderer supported? Every one that reads HTML in Markdown is
    Supports {
        /// The renderer's name
        renderer: String,
    },
}

/// Reads the command line, does it, and gives the exit status: 0 fine, 1 faults found, 2 bad input
/// or usage.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return terminal::usage(&error),
    };
    let level = match arguments.verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    let told = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(terminal::wants_colour(io::stderr().is_terminal()))
        .without_time()
        .with_target(false)
        .compact();
    let level = LevelFilter::from_level(level);
    tracing_subscriber::registry().with(warnings::Counter).with(told).with(level).init();
    terminal::finish(dispatch(&arguments))
}

fn dispatch(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let workspace = || match &arguments.root {
        Some(root) => Ok(Workspace::open(root)?),
        None => anyhow::Ok(Workspace::find(&std::env::current_dir()?)?),
    };
    match &arguments.command {
        None => build(&workspace()?, arguments),
        Some(Command::Check { claims: true, .. }) => list_claims(&workspace()?),
        Some(Command::Check { without_exercises, .. }) => check(&workspace()?, *without_exercises),
        Some(Command::Run { chapters: names }) => record(&workspace()?, names),
        Some(Command::Serve(arguments)) => serve::run(&workspace()?, arguments),
        Some(Command::NewChapter(arguments)) => new_chapter::run(&workspace()?, arguments),
        Some(Command::Pdf(arguments)) => pdf::run(&workspace()?, arguments),
        Some(Command::Epub(arguments)) => epub::run(&workspace()?, arguments),
        Some(Command::Exercises(command)) => gradebook::cli::run(workspace()?.root(), command),
        Some(Command::Preprocess { question: Some(Question::Supports { .. }) }) => {
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Preprocess { question: None }) => preprocess(),
    }
}

fn build(workspace: &Workspace, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::read(workspace.root())?;
    settings.edition = arguments.edition;
    if !arguments.frozen {
        record_stale(workspace, &[])?;
    }
    let started = Instant::now();
    let (book, bound, faults) = load(workspace, &settings)?;
    eprint!("{faults}");
    if !faults.is_fine() {
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    let tally = bound.tally.clone();
    let index = render::render(workspace.root(), book, bound)?;
    if let Some(said) = warnings::told() {
        eprintln!("{said}");
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    let mut out = terminal::stdout();
    writeln!(out, "{}", summary(&tally))?;
    writeln!(out, "Bound in {:.1} s: {}", started.elapsed().as_secs_f64(), index.display())?;
    if arguments.open
        && let Err(error) = open::that_detached(&index)
    {
        eprintln!(
            "warning: the browser cannot be opened ({error}); open {} yourself",
            index.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn check(workspace: &Workspace, without_exercises: bool) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(workspace.root())?;
    let (book, bound, faults) = load(workspace, &settings)?;
    // What an editor would ask about comes first, so that faults end up next to the prompt.
    let report = lint::check(workspace.root(), &book)?;
    eprint!("{}{faults}", report.show(io::stderr().is_terminal()));
    if !faults.is_fine() {
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    let mut out = terminal::stdout();
    writeln!(out, "{}", summary(&bound.tally))?;
    if without_exercises {
        writeln!(out, "Everything holds; the exercises were not proved.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let proof = gradebook::prove::prove_book(workspace)?;
    if !proof.faults.is_empty() {
        eprintln!("{}", proof.faults);
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    writeln!(out, "{proof}\nEverything holds.")?;
    Ok(ExitCode::SUCCESS)
}

/// Prints each claim beside its sentence, for a person to compare.
fn list_claims(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let (settings, mut faults) = (Settings::read(workspace.root())?, Faults::default());
    let book = Book::read(workspace.root(), &settings.source, &mut faults)?;
    eprint!("{faults}");
    write!(terminal::stdout(), "{}", claims::list(workspace, &book))?;
    Ok(if faults.is_fine() { ExitCode::SUCCESS } else { ExitCode::from(terminal::FAULTS) })
}

/// What the book holds, in a line or two.
fn summary(tally: &Tally) -> String {
    let plural = cli::plural;
    let counts = [
        plural(tally.pages, "page"),
        plural(tally.figures, "figure"),
        plural(tally.values, "value"),
        format!("{} held", plural(tally.claims, "claim")),
        plural(tally.formulas, "formula"),
        plural(tally.references, "reference"),
    ];
    let mut text = counts.join(", ");
    if let Some((path, date)) = &tally.oldest {
        text.push_str(&format!("; oldest result: {path}, {}", long_date(date)));
    }
    text
}

/// Records what is stale of the chapters called `names`, or of all.
fn record(workspace: &Workspace, names: &[String]) -> anyhow::Result<ExitCode> {
    let asked = record_stale(workspace, names)?;
    if asked.is_empty() {
        writeln!(terminal::stdout(), "everything recorded is fresh; nothing to run")?;
    }
    let failed = asked.iter().any(|(_, ended_well)| !ended_well);
    Ok(if failed { ExitCode::from(terminal::FAULTS) } else { ExitCode::SUCCESS })
}

/// Has each chapter in which something is stale record and draw it, by its own program: the binder
/// compiles no chapter, and a program that fails takes nothing with it. Gives the chapters that
/// were asked, and whether each ended well.
// ANCHOR: record_stale
pub(crate) fn record_stale(
    workspace: &Workspace,
    names: &[String],
) -> anyhow::Result<Vec<(String, bool)>> {
    let mut asked = Vec::new();
    for stale in chapters::stale(workspace, names)? {
        writeln!(terminal::stdout(), "{}: {}", stale.chapter, stale.reason)?;
        asked.push((stale.chapter.clone(), chapters::run(workspace, &stale.chapter)?));
    }
    Ok(asked)
}
// ANCHOR_END: record_stale

/// Answers `mdbook build`: the book comes as JSON on standard input and goes, bound, to standard
/// output. Faults go to standard error, and the status is 1, which stops mdBook.
fn preprocess() -> anyhow::Result<ExitCode> {
    let (context, mut raw) = mdbook_preprocessor::parse_input(io::stdin()).context(
        "standard input is not a book as mdBook hands it to a preprocessor; run `mdbook build` instead",
    )?;
    let workspace = Workspace::open(&root_of(&context.root))?;
    let settings = Settings::of(&context.config);
    let mut faults = Faults::default();
    let mut book = Book::read(workspace.root(), &settings.source, &mut faults)?;
    for chapter in raw.chapters() {
        if let Some(path) = &chapter.source_path {
            book.replace_text(path, &chapter.content);
        }
    }
    let bound = bind(&workspace, &book, &settings, &mut faults);
    eprint!("{faults}");
    if !faults.is_fine() {
        return Ok(ExitCode::from(terminal::FAULTS));
    }
    render::apply(&bound.pages, &book, &mut raw);
    let mut out = terminal::stdout();
    serde_json::to_writer(&mut out, &raw)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// mdBook gives an empty root where it runs in the book's own folder.
fn root_of(root: &Path) -> PathBuf {
    if root.as_os_str().is_empty() { PathBuf::from(".") } else { root.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_summary_counts() {
        let tally = Tally {
            pages: 1,
            claims: 2,
            oldest: Some(("a/b".into(), "2026-11-23T10:35:03Z".into())),
            ..Tally::default()
        };
        let expected = "1 page, 0 figures, 0 values, 2 claims held, 0 formulas, 0 references; oldest result: a/b, 23 November 2026";
        assert_eq!(summary(&tally), expected);
    }
}
