//! The commands of exercises, which `cargo book` takes over as its own.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use notebook::cli::plural;
use notebook::terminal::paint;
use notebook::{Workspace, terminal};

use self::common::{chosen, library, println_flushed, sound};
use crate::exercise::Exercise;
use crate::fault::Faults;
use crate::front_matter::points;
use crate::kit::Kit;
use crate::library::Library;
use crate::watch::{self, Event, Keyboard, Stamp};
use crate::workbook::{self, Check, Checker, Workbook};
use crate::{assign, prove};

mod common;
mod grading;

/// Exercises: to list, to solve, to assign and to grade.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the exercises with their points and minutes, and how far you are
    Exercises(List),
    /// Open an exercise in workbook/ and check it
    Exercise(Solve),
    /// Write a workspace for students: starters, visible tests and the crates they need
    Assign(Assign),
    /// Grade hand-ins in a sandbox, and write a report
    Grade(grading::Grade),
}

/// What `exercises` is told.
#[derive(Debug, Args)]
pub struct List {
    /// Chapters, by number or package [default: all]
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
    /// The folder of your answers [default: workbook, in the checkout]
    #[arg(long, value_name = "DIR")]
    workbook: Option<PathBuf>,
}

/// What `exercise` is told.
#[derive(Debug, Args)]
pub struct Solve {
    /// The exercise, as `exercises` lists it [default: the first that is not done]
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Check it again whenever it is saved, and go on to the next when it is done
    #[arg(long, conflicts_with_all = ["hint", "reset", "solution"])]
    watch: bool,
    /// Show the next hint
    #[arg(long, conflicts_with_all = ["reset", "solution"])]
    hint: bool,
    /// Begin again; what you have is kept beside it
    #[arg(long, conflicts_with = "solution")]
    reset: bool,
    /// Show the solution
    #[arg(long)]
    solution: bool,
    /// Do not ask before showing the solution or beginning again
    #[arg(long)]
    yes: bool,
    /// Exercises of an instructor's own, in the same format, instead of the book's
    #[arg(long, value_name = "DIR")]
    exercises: Option<PathBuf>,
    /// The folder of your answers [default: workbook, in the checkout]
    #[arg(long, value_name = "DIR")]
    workbook: Option<PathBuf>,
}

/// What `assign` is told.
#[derive(Debug, Args)]
pub struct Assign {
    /// Chapters, by number or package
    #[arg(value_name = "CHAPTER", required_unless_present_any = ["only", "exercises"])]
    chapters: Vec<String>,
    /// Only the exercises of these names
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// The folder to write; it must not exist yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
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
        Command::Exercise(solve) => solve_one(&workspace, solve),
        Command::Assign(wanted) => assign_some(&workspace, wanted),
        Command::Grade(wanted) => grading::grade(&workspace, wanted),
    }
}

fn workbook(workspace: &Workspace, elsewhere: Option<&Path>) -> Workbook {
    Workbook::at(elsewhere.map_or_else(|| workspace.root().join("workbook"), Path::to_owned))
}

fn prove_all(workspace: &Workspace, list: &List) -> anyhow::Result<ExitCode> {
    let library = library(workspace, list.exercises.as_deref())?;
    let chosen = match chosen(&library, &list.chapters, &list.only) {
        Ok(chosen) => chosen,
        // An exercise that cannot be read is not found; what is wrong with it is the better answer.
        Err(_) if !library.faults.is_empty() => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut proof = prove::Proof::default();
    if !chosen.is_empty() {
        let kit = Kit::build(workspace)?;
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
    let (all, mutants) = (plural(chosen.len(), "exercise"), plural(proof.mutants, "mutant"));
    writeln!(
        terminal::stdout(),
        "{all} proved ({} known from before), {mutants} told apart",
        proof.known
    )?;
    Ok(ExitCode::SUCCESS)
}

fn list_all(workspace: &Workspace, list: &List) -> anyhow::Result<ExitCode> {
    let library = sound(workspace, list.exercises.as_deref())?;
    let chosen = chosen(&library, &list.chapters, &list.only)?;
    list_exercises(&workbook(workspace, list.workbook.as_deref()), &chosen)?;
    Ok(ExitCode::SUCCESS)
}

/// A line an exercise, and what comes next.
fn list_exercises(workbook: &Workbook, chosen: &[&Exercise]) -> anyhow::Result<()> {
    let progress = workbook.progress();
    let width = chosen.iter().map(|e| e.name.len()).max().unwrap_or(0);
    let (mut out, mut chapter) = (terminal::stdout(), "");
    let mut done = 0;
    for exercise in chosen {
        if exercise.chapter != chapter {
            chapter = &exercise.chapter;
            writeln!(out, "{}", paint(chapter, "1", io::stdout().is_terminal()))?;
        }
        let front = &exercise.front;
        let progress = progress.get(&exercise.name);
        let is_done = progress.is_some_and(workbook::Progress::is_done);
        done += u32::from(is_done) * front.points;
        writeln!(
            out,
            "  {} {:width$}  {:>3} {:>4} min  {:11}  {}{}",
            if is_done { "✓" } else { " " },
            exercise.name,
            front.points,
            front.minutes,
            front.difficulty,
            front.title,
            progress.map(|p| format!(" ({})", p.in_words())).unwrap_or_default()
        )?;
    }
    let total = chosen.iter().map(|e| e.front.points).sum();
    let minutes: u32 = chosen.iter().map(|e| e.front.minutes).sum();
    writeln!(out, "{done} of {}, about {} hours in all", points(total), minutes.div_ceil(60))?;
    if let Some(next) = chosen.iter().find(|e| !progress.get(&e.name).is_some_and(|p| p.is_done()))
    {
        writeln!(out, "Next: cargo book exercise {} --watch", next.name)?;
    }
    Ok(())
}

/// What a student's own loop works with.
struct Desk<'a> {
    workspace: &'a Workspace,
    library: &'a Library,
    workbook: Workbook,
}

fn solve_one(workspace: &Workspace, solve: &Solve) -> anyhow::Result<ExitCode> {
    let library = sound(workspace, solve.exercises.as_deref())?;
    let workbook = workbook(workspace, solve.workbook.as_deref());
    let desk = Desk { workspace, library: &library, workbook };
    let exercise = match &solve.name {
        Some(name) => library.find(name)?,
        None => desk.next().context("every exercise is done; `--reset` begins one again")?,
    };
    if solve.hint {
        return hint(exercise, &desk.workbook);
    }
    if solve.solution {
        return solution(exercise, &desk.workbook, solve.yes);
    }
    if solve.reset {
        return reset(exercise, &desk.workbook, solve.yes);
    }
    if solve.watch { desk.watch(exercise) } else { desk.check_once(exercise) }
}

impl<'a> Desk<'a> {
    /// The first exercise that is not done.
    fn next(&self) -> Option<&'a Exercise> {
        let progress = self.workbook.progress();
        let is_open =
            |e: &&Exercise| !progress.get(&e.name).is_some_and(workbook::Progress::is_done);
        self.library.exercises.iter().find(is_open)
    }

    /// A file as a person writes it.
    fn shown(&self, file: &Path) -> String {
        file.strip_prefix(self.workspace.root()).unwrap_or(file).display().to_string()
    }

    /// Puts the starter there, where no answer is, and shows what is asked for; says whether it did.
    fn open(&self, exercise: &Exercise) -> anyhow::Result<bool> {
        let is_new = self.workbook.open(exercise)?;
        if is_new {
            let file = self.shown(&self.workbook.file(exercise));
            println_flushed(&format!("{} is ready in {file}", exercise.front.title))?;
            if exercise.given.is_some() {
                let given = self.shown(&self.workbook.given(exercise));
                println_flushed(&format!("What it gives is in {given}"))?;
            }
            println_flushed(&format!("\n{}\n", exercise.front.statement))?;
        }
        Ok(is_new)
    }

    fn check_once(&self, exercise: &Exercise) -> anyhow::Result<ExitCode> {
        if self.open(exercise)? {
            let again = format!("cargo book exercise {} --watch", exercise.name);
            println_flushed(&format!("Write it there; `{again}` checks it whenever you save."))?;
            return Ok(ExitCode::SUCCESS);
        }
        let kit = Kit::build(self.workspace)?;
        let checker = Checker::new(exercise, &kit, &self.workspace.target())?;
        let right = check(exercise, &checker, &self.workbook)?;
        Ok(if right { ExitCode::SUCCESS } else { ExitCode::from(terminal::FAULTS) })
    }

    /// Checks at every save, and goes from one exercise to the next.
    fn watch(&self, first: &'a Exercise) -> anyhow::Result<ExitCode> {
        let (kit, keyboard) = (Kit::build(self.workspace)?, Keyboard::listen());
        let mut exercise = first;
        loop {
            self.open(exercise)?;
            let checker = Checker::new(exercise, &kit, &self.workspace.target())?;
            match self.work_on(exercise, &checker, &keyboard)? {
                Some(next) => exercise = next,
                None => return Ok(ExitCode::SUCCESS),
            }
        }
    }

    /// Checks one exercise at every save, until the student goes on to another or ends.
    fn work_on(
        &self,
        exercise: &Exercise,
        checker: &Checker<'_>,
        keyboard: &Keyboard,
    ) -> anyhow::Result<Option<&'a Exercise>> {
        let file = self.workbook.file(exercise);
        loop {
            let before = Stamp::of(&file);
            let right = check(exercise, checker, &self.workbook)?;
            if right && !keyboard.is_terminal {
                return Ok(None);
            }
            loop {
                self.prompt(exercise, right, keyboard)?;
                match watch::wait(&file, before, keyboard)? {
                    Event::Saved => break,
                    Event::Line(line) => match line.as_str() {
                        "q" => return Ok(None),
                        "n" if right => return Ok(self.next()),
                        "h" => drop(hint(exercise, &self.workbook)?),
                        "s" => println_flushed(&format!("\n{}", exercise.front.statement))?,
                        "l" => list_exercises(&self.workbook, &self.of_chapter(exercise))?,
                        _ => {}
                    },
                }
            }
            if io::stdout().is_terminal() {
                // Clears the screen and goes to its first line.
                print!("\u{1b}[2J\u{1b}[H");
            }
        }
    }

    fn of_chapter(&self, exercise: &Exercise) -> Vec<&'a Exercise> {
        self.library.exercises.iter().filter(|e| e.chapter == exercise.chapter).collect()
    }

    /// What can be done now.
    fn prompt(&self, exercise: &Exercise, right: bool, keyboard: &Keyboard) -> anyhow::Result<()> {
        let file = self.shown(&self.workbook.file(exercise));
        if !keyboard.is_terminal {
            return Ok(println_flushed(&format!("\nWaiting for {file} to be saved"))?);
        }
        let next = match self.next() {
            Some(next) if right => format!("n: next, {} · ", next.name),
            _ => String::new(),
        };
        Ok(println_flushed(&format!(
            "\nChecked again when {file} is saved. {next}h: hint · s: statement · l: list · q: quit, and Enter"
        ))?)
    }
}

/// Checks the answer in the workbook, says what there is to say and notes the progress.
fn check(exercise: &Exercise, checker: &Checker<'_>, workbook: &Workbook) -> anyhow::Result<bool> {
    let file = workbook.file(exercise);
    let answer =
        std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let found = checker.check(&answer)?;
    workbook::tell(exercise, &found, &mut terminal::stdout())?;
    let Check::Ran { failed, mark, .. } = &found else { return Ok(false) };
    workbook.note(exercise, |progress| {
        progress.kinds = mark.kinds.len();
        progress.right = mark.kinds.iter().filter(|k| k.wrong == 0).count();
    })?;
    Ok(mark.is_right() && failed.is_empty())
}

fn hint(exercise: &Exercise, workbook: &Workbook) -> anyhow::Result<ExitCode> {
    let seen = workbook.progress().get(&exercise.name).map_or(0, |p| p.hints);
    let hints = &exercise.front.hints;
    for (i, hint) in hints.iter().enumerate().take(seen + 1) {
        println_flushed(&format!("Hint {} of {}\n\n{hint}\n", i + 1, hints.len()))?;
    }
    if seen >= hints.len() {
        println_flushed("That was the last one; `--solution` shows the solution.")?;
    }
    workbook.note(exercise, |progress| progress.hints = (seen + 1).min(hints.len()))?;
    Ok(ExitCode::SUCCESS)
}

fn solution(exercise: &Exercise, workbook: &Workbook, yes: bool) -> anyhow::Result<ExitCode> {
    if !yes && !workbook::confirm(&format!("Show the solution of \"{}\"?", exercise.front.title))? {
        return Ok(ExitCode::SUCCESS);
    }
    if !exercise.front.solution.is_empty() {
        println_flushed(&format!("{}\n", exercise.front.solution))?;
    }
    println_flushed(exercise.solution_code().trim_end())?;
    workbook.note(exercise, |progress| progress.saw_solution = true)?;
    Ok(ExitCode::SUCCESS)
}

fn reset(exercise: &Exercise, workbook: &Workbook, yes: bool) -> anyhow::Result<ExitCode> {
    if !yes && !workbook::confirm(&format!("Begin \"{}\" again?", exercise.front.title))? {
        return Ok(ExitCode::SUCCESS);
    }
    match workbook.reset(exercise)? {
        Some(kept) => {
            println_flushed(&format!("Begun again; what you had is in {}", kept.display()))?
        }
        None => println_flushed("Begun")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn assign_some(workspace: &Workspace, wanted: &Assign) -> anyhow::Result<ExitCode> {
    let library = sound(workspace, wanted.exercises.as_deref())?;
    let exercises = chosen(&library, &wanted.chapters, &wanted.only)?;
    let assigned = assign::assign(workspace, &exercises, &wanted.out)?;
    println_flushed(&format!(
        "{}, {}, with {} of the book: {}",
        plural(assigned.exercises, "exercise"),
        points(assigned.points),
        plural(assigned.crates, "crate"),
        wanted.out.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
