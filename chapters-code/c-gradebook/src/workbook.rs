//! A student's own loop: the workbook, feedback on every save, hints one by one, and progress.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use notebook::terminal::paint;
use serde::{Deserialize, Serialize};

use crate::converse::Patience;
use crate::examine::{Judge, Mark, Verdict, mark};
use crate::exercise::Exercise;
use crate::front_matter::points;
use crate::grade::{ANSWER, readable, write_whole};
use crate::kit::Kit;
use crate::program::{self, Make, Variant};
use crate::prove;
use crate::room::Room;

/// The seed of the cases that a student's own loop uses. The grading uses another.
const SEED: u64 = 7;

/// How far a student is with one exercise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Hints that were looked at.
    #[serde(default)]
    pub hints: usize,
    /// Kinds of cases that were right at the last check.
    #[serde(default)]
    pub right: usize,
    /// Kinds of cases there are; 0 before the first check.
    #[serde(default)]
    pub kinds: usize,
    /// Was the solution shown?
    #[serde(default)]
    pub saw_solution: bool,
}

impl Progress {
    /// Is every kind right?
    pub fn is_done(&self) -> bool {
        self.kinds > 0 && self.right == self.kinds
    }

    /// In a word or two, for the list.
    pub fn in_words(&self) -> String {
        match self {
            p if p.is_done() => "done".to_owned(),
            Progress { kinds: 0, .. } => "begun".to_owned(),
            Progress { right, kinds, .. } => format!("{right} of {kinds} kinds right"),
        }
    }
}

/// The folder of a student's answers.
#[derive(Debug, Clone)]
pub struct Workbook {
    folder: PathBuf,
}

impl Workbook {
    /// The workbook in `folder`, which need not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Workbook { folder: folder.into() }
    }

    /// The answer file of an exercise.
    pub fn file(&self, exercise: &Exercise) -> PathBuf {
        self.folder.join(format!("{}.rs", exercise.name))
    }

    /// The file that shows what the exercise gives. It is there to be read; the check takes it from the exercise.
    pub fn given(&self, exercise: &Exercise) -> PathBuf {
        self.folder.join("given").join(format!("{}.rs", exercise.name))
    }

    /// Puts the starter there, unless a file is there already; says whether it did.
    ///
    /// # Errors
    /// What the file system said.
    pub fn open(&self, exercise: &Exercise) -> anyhow::Result<bool> {
        let file = self.file(exercise);
        if let Some(given) = &exercise.given {
            write_whole(&self.given(exercise), given.as_bytes())?;
        }
        if file.exists() {
            return Ok(false);
        }
        write_whole(&file, exercise.starter.as_bytes())?;
        self.note(exercise, |_| {})?;
        Ok(true)
    }

    /// Puts the starter there again and keeps what was there beside it, under the name that is given back.
    ///
    /// # Errors
    /// What the file system said.
    pub fn reset(&self, exercise: &Exercise) -> anyhow::Result<Option<PathBuf>> {
        let file = self.file(exercise);
        let mut kept = None;
        if file.exists() {
            let free = (1..).map(|n| self.folder.join(format!("{}.{n}.rs.old", exercise.name)));
            if let Some(beside) = free.into_iter().find(|p| !p.exists()) {
                fs::rename(&file, &beside).with_context(|| file.display().to_string())?;
                kept = Some(beside);
            }
        }
        write_whole(&file, exercise.starter.as_bytes())?;
        self.note(exercise, |progress| *progress = Progress::default())?;
        Ok(kept)
    }

    fn notes(&self) -> PathBuf {
        self.folder.join(".progress.json")
    }

    /// How far the student is, exercise by exercise.
    pub fn progress(&self) -> BTreeMap<String, Progress> {
        let bytes = fs::read(self.notes()).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Notes progress with one exercise.
    ///
    /// # Errors
    /// What the file system said.
    pub fn note(
        &self,
        exercise: &Exercise,
        change: impl FnOnce(&mut Progress),
    ) -> anyhow::Result<()> {
        let mut all = self.progress();
        change(all.entry(exercise.name.clone()).or_default());
        write_whole(&self.notes(), &serde_json::to_vec_pretty(&all)?)
    }
}

/// An exercise whose judge is ready, to check answers with.
pub struct Checker<'a> {
    exercise: &'a Exercise,
    kit: &'a Kit,
    judge: Judge,
    mutants: crate::examine::Signatures,
    room: Room,
}

/// What a check found.
#[derive(Debug)]
pub enum Check {
    /// It does not compile; what the compiler said.
    DoesNotCompile(String),
    /// It compiles.
    Ran {
        /// Visible tests that fail, each with what it said.
        failed: Vec<String>,
        /// The mark on the judge's cases.
        mark: Mark,
        /// An input that went wrong, and how, for each kind that is not right.
        inputs: Vec<(String, String)>,
        /// What the answer printed.
        printed: String,
    },
}

impl<'a> Checker<'a> {
    /// Makes the judge, or takes it from an earlier run, and runs the mutants.
    ///
    /// # Errors
    /// Where the exercise itself is at fault.
    pub fn new(exercise: &'a Exercise, kit: &'a Kit, target: &Path) -> anyhow::Result<Self> {
        let (judge, mutants) = prove::prepare(exercise, kit, target, SEED)?;
        Ok(Checker { exercise, kit, judge, mutants, room: Room::new()? })
    }

    /// Checks an answer. It is the student's own code on the student's own machine, so there is no sandbox.
    ///
    /// # Errors
    /// Where the check itself fails.
    pub fn check(&self, answer: &[u8]) -> anyhow::Result<Check> {
        let (exercise, folder) = (self.exercise, self.room.path());
        program::write_worker(exercise, &[Variant { name: ANSWER, answer }], folder)?;
        let worker = match program::compile(exercise, self.kit, Make::Worker, folder) {
            Ok(worker) => worker,
            Err(fault) => {
                let said = fault.to_string();
                let said = said.split_once("does not compile:\n").map_or(said.as_str(), |(_, s)| s);
                return Ok(Check::DoesNotCompile(readable(said, exercise)));
            }
        };
        let failed = match program::compile(exercise, self.kit, Make::Tests, folder) {
            Ok(tests) => failed_tests(&tests, exercise)?,
            Err(fault) => vec![readable(&fault.to_string(), exercise)],
        };
        let start = || {
            let mut command = Command::new(&worker);
            command.arg(ANSWER);
            command
        };
        let patience = Patience::of(exercise.front.seconds);
        let said = self.judge.converse(&start, patience)?;
        let verdicts = self.judge.judge(&said.outcomes)?;
        let mut mark = mark(exercise, &self.judge.told, &verdicts, &self.mutants);
        for said in mark.kinds.iter_mut().filter_map(|k| k.said.as_mut()) {
            *said = readable(said, exercise);
        }
        Ok(Check::Ran { failed, mark, inputs: self.inputs(&verdicts), printed: said.printed })
    }

    /// The smallest input that went wrong, for each kind that is not right.
    fn inputs(&self, verdicts: &[Verdict]) -> Vec<(String, String)> {
        let told = &self.judge.told;
        let of = |(index, kind): (usize, &crate::judge::ToldKind)| {
            let cases = told.cases.iter().zip(verdicts);
            let wrong = cases.filter(|(c, v)| c.kind == index && **v != Verdict::Right);
            let smallest = wrong.min_by_key(|(c, _)| c.shown.len())?.0;
            Some((kind.name.clone(), smallest.shown.clone()))
        };
        told.kinds.iter().enumerate().filter_map(of).collect()
    }
}

/// The visible tests that fail, each with what it said.
fn failed_tests(tests: &Path, exercise: &Exercise) -> anyhow::Result<Vec<String>> {
    let mut command = Command::new(tests);
    command.args(["--test-threads", "1"]).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    let said = String::from_utf8_lossy(&command.output()?.stdout).into_owned();
    let mut failed = Vec::new();
    for part in said.split("\n---- ").skip(1) {
        let (name, rest) = part.split_once(" stdout ----\n").unwrap_or((part, ""));
        let rest = rest.split("\n\nfailures:").next().unwrap_or(rest);
        // Who panicked is known by now, and where to look is said by rustc's own words alone.
        let is_news = |l: &&str| {
            !l.starts_with("note: ") && !l.starts_with("thread '") && !l.trim().is_empty()
        };
        let rest: Vec<&str> = rest.lines().filter(is_news).collect();
        let name = name.rsplit("::").next().unwrap_or(name);
        failed.push(format!("{name}: {}", readable(&rest.join("\n"), exercise)));
    }
    Ok(failed)
}

/// Says what a check found.
///
/// # Errors
/// What the writer said.
pub fn tell(exercise: &Exercise, check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let colours = io::stdout().is_terminal();
    let (good, bad) = (paint("✓", "32", colours), paint("✗", "31", colours));
    match check {
        Check::DoesNotCompile(said) => {
            writeln!(
                out,
                "{said}\n\n{bad} It does not compile yet. The first error above is the one to mend."
            )
        }
        Check::Ran { failed, mark, inputs, printed } => {
            if !printed.trim().is_empty() {
                writeln!(out, "It printed:\n{}\n", printed.trim_end())?;
            }
            if failed.is_empty() {
                writeln!(out, "{good} visible tests")?;
            }
            for said in failed {
                writeln!(out, "{bad} visible test {said}")?;
            }
            for kind in &mark.kinds {
                let Some(said) = &kind.said else {
                    writeln!(out, "{good} {}", kind.kind)?;
                    continue;
                };
                writeln!(
                    out,
                    "{bad} {}: {said} ({} of {} cases wrong)",
                    kind.kind, kind.wrong, kind.cases
                )?;
                if let Some((_, input)) = inputs.iter().find(|(name, _)| *name == kind.kind) {
                    writeln!(out, "    with {input}")?;
                }
            }
            if let Some(advice) = &mark.advice {
                writeln!(out, "\n{} {advice}", paint("What may be behind it:", "1", colours))?;
            }
            let earned = format!("{} of {}", mark.earned, points(mark.points));
            if mark.is_right() && failed.is_empty() {
                writeln!(out, "\n{} {} is done: {earned}.", good, exercise.front.title)
            } else {
                writeln!(
                    out,
                    "\nSo far {earned}. Stuck? `cargo book exercise {} --hint`",
                    exercise.name
                )
            }
        }
    }
}

/// Asks a question; only `y` or `yes` is yes.
///
/// # Errors
/// Where the terminal cannot be read.
pub fn confirm(question: &str) -> anyhow::Result<bool> {
    eprint!("{question} [y/N] ");
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(["y", "yes"].contains(&line.trim().to_lowercase().as_str()))
}
