//! Grading: every answer of every hand-in is compiled and run in a sandbox, and judged outside of it.
//!
//! What was graded is kept under `REPORT/.state`, by a hash of the answer, the exercise, the crates and the seed. So a run that was
//! killed goes on where it stopped, and the same hand-ins give the same report.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bounded::{self, Bounds};
use crate::converse::{End, KILLED, Outcome, Patience, TOO_MUCH_TIME};
use crate::examine::{Judge, Mark, Signatures, Verdict, mark};
use crate::exercise::Exercise;
use crate::handin::{Absent, HandIn};
use crate::hash;
use crate::kit::Kit;
use crate::limits::Limits;
use crate::machine;
use crate::panics::kind_and_place;
use crate::program::{self, Make, Variant, rustc_arguments};
use crate::prove;
use crate::sandbox::{Folder, Place};
use crate::turns::{Turn, Turns};

/// What became of an answer before its cases were judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "said")]
pub enum Status {
    /// It was run on every case.
    Run,
    /// There is no answer, or none that can be read; why.
    Missing(String),
    /// There may be an answer, in a form that is not read; which. It waits for whoever handed it in.
    Unread(String),
    /// It does not compile; what the compiler said.
    DoesNotCompile(String),
    /// The compiler took too much time or memory, said too much, or broke down.
    CompilerStopped,
    /// Something else than the answer was at fault, also when it was tried again; what it was.
    NotGraded(String),
}

/// A graded answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graded {
    /// The exercise.
    pub exercise: String,
    /// What became of the answer.
    pub status: Status,
    /// What it earned.
    pub mark: Mark,
}

impl Graded {
    /// Is there a grade, if only of nothing? Where the machine was at fault, there is none.
    pub fn is_graded(&self) -> bool {
        !matches!(self.status, Status::NotGraded(_) | Status::Unread(_))
    }
}

/// What is kept of an answer.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    graded: Graded,
    /// How long it took, in seconds on the wall.
    seconds: f64,
}

/// A student with everything that was graded, in the order of the exercises.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Student {
    /// Name of the hand-in.
    pub student: String,
    /// Points earned.
    pub earned: f64,
    /// Points there are.
    pub points: u32,
    /// What it cost to be late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Penalty>,
    /// Answer by answer.
    pub answers: Vec<Graded>,
}

impl Student {
    /// Is there a grade for every exercise?
    pub fn is_graded(&self) -> bool {
        self.answers.iter().all(Graded::is_graded)
    }

    /// Was there any answer to grade?
    pub fn has_answers(&self) -> bool {
        !self.answers.iter().all(|a| matches!(a.status, Status::Missing(_) | Status::Unread(_)))
    }
}

/// An exercise that is ready to grade.
struct Ready<'a> {
    exercise: &'a Exercise,
    judge: Judge,
    mutants: Signatures,
    control: Mutex<Control>,
}

/// The exercise's solution, compiled and run in the place of an answer that ended in a way in which machines end, too: what goes
/// wrong with both is the machine's fault.
#[derive(Default)]
struct Control {
    /// The solution as a worker, and when its compilation began.
    compiled: Option<(Folder, Instant)>,
    /// When the last run began in which everything was right.
    ran: Option<Instant>,
}

/// Everything that grading needs.
pub struct Grader<'a> {
    kit: &'a Kit,
    place: Place,
    ready: Vec<Ready<'a>>,
    seed: u64,
    state: PathBuf,
    limits: Limits,
    turns: Turns,
    /// Students whose answers are graded anew.
    anew: Vec<String>,
    times: Mutex<Times>,
}

/// Seconds that answers took to compile, to run in all cases and to be compared, by student and exercise. One that was tried again
/// alone has waited for the others.
pub type Times = BTreeMap<(String, String), f64>;

impl<'a> Grader<'a> {
    /// Makes the judges of `exercises` and runs their mutants, for the cases of `seed`, or takes them from below `target`.
    ///
    /// # Errors
    /// Where an exercise does not compile or its judge fails: `exercises --prove` says more.
    pub fn new(
        exercises: &[&'a Exercise],
        kit: &'a Kit,
        place: Place,
        seed: u64,
        target: &Path,
        state: PathBuf,
    ) -> anyhow::Result<Self> {
        let make = |exercise: &&'a Exercise| Ready::make(exercise, kit, target, seed);
        let ready = exercises.par_iter().map(make);
        let ready = ready.collect::<anyhow::Result<Vec<_>>>()?;
        fs::create_dir_all(&state).with_context(|| state.display().to_string())?;
        let (limits, turns) = (Limits::default(), Turns::default());
        let (anew, times) = (Vec::new(), Mutex::default());
        Ok(Grader { kit, place, ready, seed, state, limits, turns, anew, times })
    }

    /// The same with other limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        for ready in &mut self.ready {
            ready.judge.limits = limits.judging;
        }
        self.limits = limits;
        self
    }

    /// The same, but of these students nothing counts that was kept.
    pub fn forgetting(mut self, students: &[String]) -> Self {
        self.anew = students.to_vec();
        self
    }

    /// How long each answer took that was graded so far. What is kept of an earlier run says how long it took then.
    pub fn times(&self) -> Times {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Grades every hand-in, several answers at a time, in rayon's current pool.
    ///
    /// # Errors
    /// None so far: where the machine or a judge is at fault, an answer is [not graded](Status::NotGraded).
    pub fn grade(
        &self,
        hand_ins: &[HandIn],
        progress: &ProgressBar,
    ) -> anyhow::Result<Vec<Student>> {
        let names: Vec<&str> = self.ready.iter().map(|r| r.exercise.name.as_str()).collect();
        progress.set_length((hand_ins.len() * names.len()) as u64);
        let one = |hand_in: &HandIn| -> anyhow::Result<Student> {
            let mut answers = hand_in.answers(&names);
            let mut taken = Vec::new();
            for ready in &self.ready {
                let absent = || Err(Absent::Missing("the hand-in has no such file".to_owned()));
                let answer = answers.remove(&ready.exercise.name).unwrap_or_else(absent);
                taken.push((ready, answer));
            }
            let graded = taken.into_par_iter().map(|(ready, answer)| -> anyhow::Result<Graded> {
                let kept = self.answer(ready, answer, self.anew.contains(&hand_in.student));
                progress.inc(1);
                let of = (hand_in.student.clone(), ready.exercise.name.clone());
                let kept = kept.with_context(|| format!("{}: {}", of.0, of.1))?;
                self.times.lock().unwrap_or_else(PoisonError::into_inner).insert(of, kept.seconds);
                Ok(kept.graded)
            });
            let answers = graded.collect::<anyhow::Result<Vec<Graded>>>()?;
            Ok(Student {
                student: hand_in.student.clone(),
                earned: round(answers.iter().map(|a| a.mark.earned).sum()),
                points: answers.iter().map(|a| a.mark.points).sum(),
                late: None,
                answers,
            })
        };
        hand_ins.par_iter().map(one).collect()
    }

    fn answer(
        &self,
        ready: &Ready<'a>,
        answer: Result<Vec<u8>, Absent>,
        anew: bool,
    ) -> anyhow::Result<Kept> {
        let exercise = ready.exercise;
        let kept = |status, mark, seconds| Kept {
            graded: Graded { exercise: exercise.name.clone(), status, mark },
            seconds,
        };
        let nothing = |status| Ok(kept(status, Mark::nothing(exercise), 0.0));
        let bytes = match answer {
            Ok(bytes) => bytes,
            Err(Absent::Missing(why)) => return nothing(Status::Missing(why)),
            Err(Absent::Unread(what)) => return nothing(Status::Unread(what)),
        };
        if std::str::from_utf8(&bytes).is_err() {
            let why = format!("src/{}.rs is no text in UTF-8", exercise.name);
            return nothing(Status::Missing(why));
        }
        let state = self.state.join(self.key(exercise, &bytes) + ".json");
        let known = if anew { None } else { fs::read(&state).ok() };
        if let Some(known) = known.and_then(|b| serde_json::from_slice(&b).ok()) {
            return Ok(known);
        }
        let mut cause = String::new();
        for pause in self.limits.pauses {
            thread::sleep(pause);
            let start = Instant::now();
            match self.try_out(ready, &bytes) {
                Ok((status, mark)) => {
                    let kept = kept(status, mark, start.elapsed().as_secs_f64());
                    // A result that cannot be kept is found again by the next run.
                    let _ = write_whole(&state, &serde_json::to_vec(&kept)?);
                    return Ok(kept);
                }
                Err(fault) => cause = format!("{fault:#}"),
            }
        }
        nothing(Status::NotGraded(cause))
    }

    /// Everything that a grade follows from.
    fn key(&self, exercise: &Exercise, answer: &[u8]) -> String {
        // A change here grades everything anew: what an older version kept may be wrong.
        let facts = format!(
            "third\n{}\n{}\n{}\n{}\n{}\n{:?}\n",
            exercise.name,
            hash::short(exercise.source.as_bytes()),
            self.kit.id,
            self.seed,
            self.place.is_sandbox(),
            self.limits
        );
        hash::short(&[facts.as_bytes(), answer].concat())
    }

    /// Compiles the answer and runs it on every case.
    ///
    /// # Errors
    /// Where something else than the answer is at fault.
    fn try_out(&self, ready: &Ready<'a>, answer: &[u8]) -> anyhow::Result<(Status, Mark)> {
        let exercise = ready.exercise;
        let folder = self.place.folder(&self.limits)?;
        program::write_worker(exercise, &[Variant { name: ANSWER, answer }], &folder.source)?;
        match self.turns.take(|turn| self.compile(ready, &folder, turn))? {
            Compiled::Made => {}
            Compiled::Refused(said) => {
                if !names_the_answer(&said, exercise) {
                    self.compiles_the_solution(ready, Instant::now())?;
                }
                return Ok((Status::DoesNotCompile(said), Mark::nothing(exercise)));
            }
            Compiled::Stopped(_) => {
                self.compiles_the_solution(ready, Instant::now())?;
                return Ok((Status::CompilerStopped, Mark::nothing(exercise)));
            }
            Compiled::Exhausted => return Ok((Status::CompilerStopped, Mark::nothing(exercise))),
        }
        let outcomes = self.turns.take(|turn| self.run(ready, &folder, turn))?;
        let mut verdicts = self.turns.take(|turn| match turn {
            Turn::Beside => ready.judge.at_once(&outcomes),
            Turn::Alone => ready.judge.one_by_one(&outcomes).map(Some),
        })?;
        let is_incomparable = |v: &Verdict| matches!(v, Verdict::Incomparable);
        if outcomes.iter().any(Outcome::is_doubtful) || verdicts.iter().any(is_incomparable) {
            self.runs_the_solution(ready, Instant::now())?;
        }
        let lines = answer.split(|&b| b == b'\n').count();
        for verdict in &mut verdicts {
            if let Verdict::Panicked(said) = verdict {
                *said = kind_and_place(said, &exercise.name, lines);
            }
        }
        Ok((Status::Run, mark(exercise, &ready.judge.told, &verdicts, &ready.mutants)))
    }

    /// Compiles the exercise's solution as an answer is compiled, unless that went well since `failed`.
    ///
    /// # Errors
    /// Where it does not go well: it is the machine's fault, then.
    fn compiles_the_solution(&self, ready: &Ready<'a>, failed: Instant) -> anyhow::Result<()> {
        let mut control = ready.control.lock().unwrap_or_else(PoisonError::into_inner);
        self.compiled_control(ready, &mut control, failed)
    }

    fn compiled_control(
        &self,
        ready: &Ready<'a>,
        control: &mut Control,
        failed: Instant,
    ) -> anyhow::Result<()> {
        machine::check()?;
        if control.compiled.as_ref().is_some_and(|(_, began)| *began >= failed) {
            return Ok(());
        }
        let (began, folder) = (Instant::now(), self.place.folder(&self.limits)?);
        let answer = ready.exercise.solution.as_bytes();
        program::write_worker(ready.exercise, &[Variant { name: ANSWER, answer }], &folder.source)?;
        let name = &ready.exercise.name;
        match self.turns.take(|turn| self.compile(ready, &folder, turn))? {
            Compiled::Made => {}
            Compiled::Refused(said) | Compiled::Stopped(said) => {
                let line = said.lines().find(|l| !l.trim().is_empty()).unwrap_or("it was stopped");
                bail!("the solution of `{name}` cannot be compiled here either: {line}")
            }
            Compiled::Exhausted => bail!("the solution of `{name}` takes too much to compile"),
        }
        control.compiled = Some((folder, began));
        Ok(())
    }

    /// Runs the exercise's solution as an answer is run, unless that went well since `failed`.
    ///
    /// # Errors
    /// Where it does not go well: it is the machine's fault, then.
    fn runs_the_solution(&self, ready: &Ready<'a>, failed: Instant) -> anyhow::Result<()> {
        machine::check()?;
        let mut control = ready.control.lock().unwrap_or_else(PoisonError::into_inner);
        if control.ran.is_some_and(|began| began >= failed) {
            return Ok(());
        }
        if control.compiled.is_none() {
            self.compiled_control(ready, &mut control, failed)?;
        }
        let Some((folder, _)) = &control.compiled else { bail!("the solution is not compiled") };
        let began = Instant::now();
        let outcomes = self.turns.take(|turn| self.run(ready, folder, turn))?;
        let verdicts = ready.judge.judge(&outcomes)?;
        if let Some(said) = verdicts.iter().find_map(Verdict::in_words) {
            bail!("the solution of `{}` fails here: {said}", ready.exercise.name);
        }
        control.ran = Some(began);
        Ok(())
    }

    /// What the compiler makes of an answer; nothing where that may be the neighbours' fault.
    fn compile(
        &self,
        ready: &Ready<'a>,
        folder: &Folder,
        turn: Turn,
    ) -> anyhow::Result<Option<Compiled>> {
        let (exercise, limits) = (ready.exercise, &self.limits);
        let (main, out) = folder.seen_in(&self.place);
        let kit_at = self.place.kit_at();
        let arguments = rustc_arguments(exercise, self.kit, &kit_at, Make::Worker, &main, &out)?;
        let compiler = self.place.compiler(self.kit, folder, &arguments, limits);
        let bounds = Bounds {
            time: limits.compile_time,
            said: MOST_SAID,
            memory: None,
            seconds: None,
            together: (!self.place.counts_memory()).then_some(limits.compiling.memory),
        };
        let compiled = bounded::finish(compiler, None, bounds)?;
        let said = readable(&compiled.said, exercise);
        let end = compiled.status.map(End::from);
        // The compiler has no output of the answer's in what it says, so this is the sandbox's own.
        let sandbox_failed = self.place.is_sandbox() && Place::is_own_fault(&compiled.said);
        Ok(match end {
            Some(End::Status(0)) if folder.has_program() => Some(Compiled::Made),
            // Limits that count the answer's own: no neighbour uses them up.
            Some(End::Signal(TOO_MUCH_TIME)) => Some(Compiled::Exhausted),
            _ if compiled.overflowed || folder.compiler_overflowed() => Some(Compiled::Exhausted),
            Some(End::Status(1)) if names_the_answer(&said, exercise) => {
                Some(Compiled::Refused(said))
            }
            _ if turn == Turn::Beside => None,
            _ if sandbox_failed => bail!("the sandbox fails: {}", compiled.said.trim()),
            // The kernel kills when memory runs out, and not always whoever took it.
            Some(End::Signal(KILLED)) => {
                bail!("the compiler was killed, and by none of its limits; is there memory?")
            }
            Some(End::Status(1)) => Some(Compiled::Refused(said)),
            _ => Some(Compiled::Stopped(said)),
        })
    }

    /// What comes of the cases.
    fn run(
        &self,
        ready: &Ready<'a>,
        folder: &Folder,
        turn: Turn,
    ) -> anyhow::Result<Option<Vec<Outcome>>> {
        let start = || self.place.worker(folder, ANSWER, &self.limits);
        let patience = Patience::of(ready.exercise.front.seconds);
        let patience = if turn == Turn::Beside { patience.once() } else { patience };
        let memory = (!self.place.counts_memory()).then_some(self.limits.running.memory);
        let outcomes = ready.judge.converse(&start, Patience { memory, ..patience })?.outcomes;
        let is_certain = !outcomes.iter().any(Outcome::is_doubtful);
        Ok((turn == Turn::Alone || is_certain).then_some(outcomes))
    }
}

/// What a compiler makes of an answer.
#[derive(Debug)]
enum Compiled {
    /// A program.
    Made,
    /// Nothing; what it said.
    Refused(String),
    /// Nothing: it was stopped or broke down; what it said.
    Stopped(String),
    /// Nothing: it used up what the answer may use, whatever else ran.
    Exhausted,
}

/// The most bytes that are read of what a compiler says.
const MOST_SAID: usize = 1 << 20;

/// The module of the answer in a worker.
pub(crate) const ANSWER: &str = "answer";

impl<'a> Ready<'a> {
    fn make(exercise: &'a Exercise, kit: &Kit, target: &Path, seed: u64) -> anyhow::Result<Self> {
        let (judge, mutants) = prove::prepare(exercise, kit, target, seed)?;
        Ok(Ready { exercise, judge, mutants, control: Mutex::default() })
    }
}

/// Does one of the compiler's errors point into the answer's file? An error elsewhere may be the machine's.
fn names_the_answer(said: &str, exercise: &Exercise) -> bool {
    let place = format!("--> src/{}.rs:", exercise.name);
    let lines: Vec<&str> = said.lines().collect();
    lines.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        first.starts_with("error") && second.trim_start().starts_with(&place)
    })
}

/// What compiler and panics say, with the student's own name of the file, without folders of this machine, and not too much of it.
pub(crate) fn readable(said: &str, exercise: &Exercise) -> String {
    const MOST: usize = 4000;
    let own = format!("src/{}.rs", exercise.name);
    let said = said.replace("/source/answer/answer.rs", &own).replace("answer/answer.rs", &own);
    let said: Vec<String> = said.lines().map(without_folders).collect();
    let said = said.join("\n");
    let mut said: String = said.chars().filter(|&c| c == '\n' || is_plain(c)).collect();
    if let Some((cut, _)) = said.char_indices().nth(MOST) {
        said.truncate(cut);
        said.push_str("\n…");
    }
    said.trim().to_owned()
}

/// A line of the compiler's. Where it points into a crate, that was compiled on this machine, and the compiler knows where.
fn without_folders(line: &str) -> String {
    for arrow in ["--> /", "::: /"] {
        if let Some((before, place)) = line.split_once(arrow)
            && before.trim().is_empty()
            && !place.starts_with("rustc/")
        {
            let file = place.rsplit('/').next().unwrap_or_default();
            return format!("{before}{} …/{file}", arrow.trim_end_matches([' ', '/']));
        }
    }
    line.to_owned()
}

/// Is this a character that shows itself, rather than steer a terminal or the direction of a line?
pub(crate) fn is_plain(c: char) -> bool {
    let steers = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    !c.is_control() && c != '\u{feff}' && !steers.iter().any(|range| range.contains(&c))
}

/// What being late cost a student.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Penalty {
    /// Minutes after it was due, those that are forgiven aside.
    pub minutes: i64,
    /// Per cent that were lost.
    pub percent: f64,
    /// Points before that.
    pub before: f64,
}

impl fmt::Display for Penalty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, hours) = (self.minutes / (24 * 60), self.minutes / 60 % 24);
        let parts = [(days, "day"), (hours, "hour"), (self.minutes % 60, "minute")];
        let parts = parts.iter().filter(|(n, _)| *n > 0);
        let parts: Vec<String> = parts
            .map(|(n, what)| format!("{n} {what}{}", if *n == 1 { "" } else { "s" }))
            .collect();
        let Penalty { percent, before, .. } = self;
        write!(f, "{} late: {percent} per cent of {before} are lost", parts.join(" "))
    }
}

/// To two decimals.
pub(crate) fn round(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// Writes a file whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a file needs a folder")?;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).with_context(|| format!("{}: cannot be written", path.display()))?;
    Ok(())
}

/// A bar for so many answers, on a terminal.
pub(crate) fn bar() -> ProgressBar {
    let template = "{bar:30} {pos}/{len} answers, {elapsed} so far, {eta} to go";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// Refuses a folder that holds something else than an earlier report.
///
/// # Errors
/// Where there is such a folder.
pub fn check_report(folder: &Path) -> anyhow::Result<()> {
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && !folder.join(".state").is_dir() {
        bail!("{}: holds something else; name a new folder for the report", folder.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_crates_are_told_without_their_folders() {
        let told = |line: &str| without_folders(line);
        assert_eq!(told("  --> src/lbp.rs:3:5"), "  --> src/lbp.rs:3:5");
        assert_eq!(told("   --> /home/ann/.cargo/x/lib.rs:3:5"), "   --> …/lib.rs:3:5");
        assert_eq!(told("   ::: /home/ann/x.rs:3:5"), "   ::: …/x.rs:3:5");
        assert_eq!(told("   --> /rustc/ab/core/x.rs:1:1"), "   --> /rustc/ab/core/x.rs:1:1");
        assert_eq!(told("3 | let a = \"--> /x/y\";"), "3 | let a = \"--> /x/y\";");
    }
}
