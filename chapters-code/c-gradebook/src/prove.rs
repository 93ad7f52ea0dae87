//! Proving an exercise: that it is complete, that its starter fails, that its solution passes, and that every mutant is
//! told from the solution and from the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fmt, fs};

use anyhow::Context as _;
use notebook::Workspace;
use notebook::cli::plural;
use rayon::prelude::*;

use crate::converse::{Outcome, Patience};
use crate::examine::{Judge, Mark, Signatures, Verdict, mark};
use crate::exercise::{Exercise, Meter, Mutant};
use crate::fault::{Fault, Faults};
use crate::hash;
use crate::kit::Kit;
use crate::library::Library;
use crate::program::{self, Make, Variant};
use crate::room::Room;

/// The seeds with which every exercise is proved.
pub const SEEDS: [u64; 3] = [1, 2, 2026];

/// How the name of a mutant begins that does not do what is asked for and forges its cost.
const FORGES: &str = "forges_";

/// What was proved.
#[derive(Debug, Default)]
pub struct Proof {
    /// What does not hold.
    pub faults: Faults,
    /// Exercises whose proof was taken from an earlier run.
    pub known: usize,
    /// Exercises that were compiled and run.
    pub tried: usize,
    /// Mutants of all exercises.
    pub mutants: usize,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = plural(self.known + self.tried, "exercise");
        let mutants = plural(self.mutants, "mutant");
        write!(f, "{all} proved ({} known from before), {mutants} told apart", self.known)
    }
}

/// Proves `exercises`. What was proved before with the same file and the same crates is not proved again; `report` is
/// called with the name of each exercise that is done, and its faults.
///
/// # Errors
/// Where no proof can be tried: a program cannot be started, a file cannot be written.
pub fn prove(
    exercises: &[&Exercise],
    kit: &Kit,
    target: &Path,
    report: &(dyn Fn(&Exercise, &Faults) + Sync),
) -> anyhow::Result<Proof> {
    let known = target.join("gradebook").join("proved");
    fs::create_dir_all(&known).with_context(|| known.display().to_string())?;
    let one = |exercise: &&Exercise| -> anyhow::Result<(Faults, bool)> {
        let (chapter, name) = (&exercise.chapter, &exercise.name);
        let words = format!("{}\n{chapter}/{name}\n{}", kit.id, exercise.source);
        let stamp = known.join(hash::short(words.as_bytes()));
        if stamp.exists() {
            report(exercise, &Faults::default());
            return Ok((Faults::default(), true));
        }
        let faults = prove_one(exercise, kit)?;
        if faults.is_empty() {
            fs::write(&stamp, "")?;
        }
        report(exercise, &faults);
        Ok((faults, false))
    };
    let done: Vec<_> = exercises.par_iter().map(one).collect::<anyhow::Result<_>>()?;
    let mut proof = Proof::default();
    for (faults, was_known) in done {
        proof.faults.extend(faults);
        proof.known += usize::from(was_known);
        proof.tried += usize::from(!was_known);
    }
    proof.mutants = exercises.iter().map(|e| e.mutants.len()).sum();
    Ok(proof)
}

/// Proves every exercise of the book, the faults of reading them included.
///
/// # Errors
/// As [`prove`].
pub fn prove_book(workspace: &Workspace) -> anyhow::Result<Proof> {
    let library = Library::of_book(workspace)?;
    let mut proof = Proof::default();
    if !library.exercises.is_empty() {
        let all: Vec<&Exercise> = library.exercises.iter().collect();
        let kit = Kit::build(workspace)?;
        proof = prove(&all, &kit, &workspace.target(), &|_, _| {})?;
    }
    proof.faults.extend(library.faults);
    Ok(proof)
}

fn prove_one(exercise: &Exercise, kit: &Kit) -> anyhow::Result<Faults> {
    let mut prover = Prover { exercise, faults: Faults::default() };
    prover.formatted()?;
    let forges = |m: &Mutant| m.name.starts_with(FORGES);
    if exercise.meter != Meter::None && !exercise.mutants.iter().any(forges) {
        prover.fault(format!(
            "counts what an answer costs, and has no mutant_{FORGES}… that lies about it; add one"
        ));
    }
    if exercise.mutants.len() < 3 {
        prover.fault(format!("has {} mutants; at least three are wanted", exercise.mutants.len()));
    }
    let room = Room::new()?;
    let Some(programs) = prover.compile(kit, room.path())? else { return Ok(prover.faults) };
    prover.visible_tests(&programs.tests)?;
    for seed in SEEDS {
        match Judge::ask(&programs.judge, seed) {
            Ok(judge) => prover.seed(seed, &judge, &programs.worker)?,
            Err(fault) => prover.fault(format!("seed {seed}: {fault}")),
        }
        if !prover.faults.is_empty() {
            break;
        }
    }
    prover.seeds_differ(&programs.judge)?;
    Ok(prover.faults)
}

/// The programs of an exercise that is proved.
struct Programs {
    judge: PathBuf,
    worker: PathBuf,
    tests: PathBuf,
}

struct Prover<'a> {
    exercise: &'a Exercise,
    faults: Faults,
}

impl Prover<'_> {
    fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(Fault::new(&self.exercise.path, None, what));
    }

    /// rustfmt changes nothing. Where there is no rustfmt, that is left to whoever has it.
    fn formatted(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new("rustfmt");
        command.args(["--edition", "2024", "--check"]).arg(&self.exercise.path);
        let said = command.stdin(Stdio::null()).output();
        if said.is_ok_and(|said| said.status.code() == Some(1)) {
            let path = self.exercise.path.display();
            self.fault(format!("is not formatted; run `rustfmt --edition 2024 {path}`"));
        }
        Ok(())
    }

    fn compile(&mut self, kit: &Kit, folder: &Path) -> anyhow::Result<Option<Programs>> {
        let exercise = self.exercise;
        let (judge, worker) = (folder.join("judge"), folder.join("worker"));
        fs::create_dir_all(&judge)?;
        fs::create_dir_all(&worker)?;
        program::write_judge(exercise, &judge)?;
        let variants = variants(exercise);
        let names: Vec<String> = variants.keys().cloned().collect();
        let files =
            variants.iter().map(|(name, answer)| Variant { name, answer: answer.as_bytes() });
        program::write_worker(exercise, &files.collect::<Vec<_>>(), &worker)?;
        let mut make =
            |what: Make, folder: &Path| match program::compile(exercise, kit, what, folder) {
                Ok(program) => Some(program),
                Err(fault) => {
                    let part = if what == Make::Judge {
                        String::new()
                    } else {
                        format!(" (cut up into {})", names.join(", "))
                    };
                    self.fault(format!("{what:?}{part}: {fault:#}"));
                    None
                }
            };
        let Some(judge) = make(Make::Judge, &judge) else { return Ok(None) };
        let Some(tests) = make(Make::Tests, &worker) else { return Ok(None) };
        Ok(make(Make::Worker, &worker).map(|worker| Programs { judge, worker, tests }))
    }

    /// The visible tests hold the solution, and do not hold the starter.
    fn visible_tests(&mut self, tests: &Path) -> anyhow::Result<()> {
        let run = |variant: &str| -> anyhow::Result<(bool, String)> {
            let said = Command::new(tests)
                .arg(format!("{variant}::tests"))
                .stdin(Stdio::null())
                .output()?;
            Ok((said.status.success(), String::from_utf8_lossy(&said.stdout).into_owned()))
        };
        let (passed, said) = run("solution")?;
        if !passed {
            self.fault(format!("the solution fails the visible tests:\n{}", said.trim()));
        } else if said.contains("running 0 tests") || said.matches(" ... ok").count() < 3 {
            self.fault("has fewer than three visible tests");
        }
        if run("starter")?.0 {
            self.fault("the starter passes the visible tests, so there is nothing to do");
        }
        Ok(())
    }

    fn seed(&mut self, seed: u64, judge: &Judge, worker: &Path) -> anyhow::Result<()> {
        let kinds = &judge.told.kinds;
        if !kinds.iter().any(|k| k.general) || kinds.iter().filter(|k| !k.general).count() < 2 {
            self.fault("wants at least one general kind of cases and two edge kinds");
        }
        if !(10..=40).contains(&judge.told.cases.len()) {
            self.fault(format!("has {} cases; 10 to 40 are wanted", judge.told.cases.len()));
        }
        let mut seen: Vec<(String, Vec<Verdict>)> = Vec::new();
        for name in variants(self.exercise).keys() {
            let (outcomes, verdicts) = self.run(judge, worker, name)?;
            let mark = mark(self.exercise, &judge.told, &verdicts, &Vec::new());
            match name.as_str() {
                "solution" => self.solution(seed, &verdicts),
                "starter" => self.starter(seed, &mark, &outcomes),
                _ => {
                    self.mutant(seed, name, &mark, &seen, &verdicts);
                    seen.push((name.clone(), verdicts));
                }
            }
        }
        Ok(())
    }

    fn run(
        &self,
        judge: &Judge,
        worker: &Path,
        variant: &str,
    ) -> anyhow::Result<(Vec<Outcome>, Vec<Verdict>)> {
        let start = || {
            let mut command = Command::new(worker);
            command.arg(variant);
            command
        };
        let patience = Patience::of(self.exercise.front.seconds);
        let outcomes = judge.converse(&start, patience)?.outcomes;
        let verdicts = judge.judge(&outcomes)?;
        Ok((outcomes, verdicts))
    }

    fn solution(&mut self, seed: u64, verdicts: &[Verdict]) {
        if let Some(said) = verdicts.iter().find_map(Verdict::in_words) {
            self.fault(format!("seed {seed}: the solution fails its own cases: {said}"));
        }
    }

    fn starter(&mut self, seed: u64, mark: &Mark, outcomes: &[Outcome]) {
        if mark.kinds.iter().any(|k| k.general && k.wrong == 0) {
            self.fault(format!("seed {seed}: the starter is right on a general kind"));
        }
        if !outcomes.iter().any(|o| matches!(o, Outcome::Panicked(_))) {
            self.fault("the starter never comes to its todo!");
        }
    }

    fn mutant(
        &mut self,
        seed: u64,
        name: &str,
        mark: &Mark,
        seen: &[(String, Vec<Verdict>)],
        verdicts: &[Verdict],
    ) {
        if mark.is_right() {
            self.fault(format!(
                "seed {seed}: no case tells {name} from the solution; add a kind of cases where they differ"
            ));
        }
        let is_forger = name.starts_with(&format!("mutant_{FORGES}"));
        if is_forger && self.exercise.meter != Meter::None && mark.earned > 0.0 {
            self.fault(format!("seed {seed}: {name} earns {} points", mark.earned));
        }
        let ways: Vec<Verdict> = verdicts.iter().map(Verdict::way).collect();
        let is_twin = |v: &[Verdict]| v.iter().map(Verdict::way).eq(ways.iter().cloned());
        if let Some((twin, _)) = seen.iter().find(|(_, v)| is_twin(v)) {
            self.fault(format!("seed {seed}: {name} and {twin} give the same answers; drop one"));
        }
    }

    /// Cases that never change could be learnt by heart.
    fn seeds_differ(&mut self, judge: &Path) -> anyhow::Result<()> {
        if !self.faults.is_empty() {
            return Ok(());
        }
        let (one, two) = (Judge::ask(judge, SEEDS[0])?, Judge::ask(judge, SEEDS[1])?);
        for (index, kind) in one.told.kinds.iter().enumerate().filter(|(_, k)| k.general) {
            let inputs = |judge: &Judge| -> Vec<String> {
                let of_kind = judge.told.cases.iter().filter(|c| c.kind == index);
                of_kind.map(|c| c.input.clone()).collect()
            };
            if inputs(&one) == inputs(&two) {
                self.fault(format!(
                    "\"{}\" gives the same cases for every seed; draw them",
                    kind.name
                ));
            }
        }
        Ok(())
    }
}

/// Every answer file of an exercise, by the name of its module. The solution comes before the mutants.
fn variants(exercise: &Exercise) -> BTreeMap<String, String> {
    let mutants = exercise.mutants.iter().map(|m| (format!("mutant_{}", m.name), m.answer.clone()));
    let own = [("starter", &exercise.starter), ("solution", &exercise.solution)];
    own.into_iter().map(|(n, a)| (n.to_owned(), a.clone())).chain(mutants).collect()
}

/// The judge of an exercise with the cases of `seed`, and how each mutant fails on them: made below `target`, or found there
/// from an earlier run with the same file and the same crates.
///
/// # Errors
/// Where the exercise itself is at fault.
pub fn prepare(
    exercise: &Exercise,
    kit: &Kit,
    target: &Path,
    seed: u64,
) -> anyhow::Result<(Judge, Signatures)> {
    let key = hash::short(format!("{}\n{}\n{seed}", kit.id, exercise.source).as_bytes());
    let folder = target.join("gradebook").join("judges");
    let kept = folder.join(key);
    if !kept.exists() {
        // Made beside and moved into place, so that a run that is killed leaves no half of it.
        fs::create_dir_all(&folder)?;
        let room = Room::below(&folder)?;
        let (made, mutants) = (room.path().join("made"), room.path().join("mutants"));
        fs::create_dir(&made)?;
        fs::create_dir(&mutants)?;
        program::write_judge(exercise, &made)?;
        let program = program::compile(exercise, kit, Make::Judge, &made)?;
        let judge = Judge::ask(&program, seed)?;
        let found = signatures(exercise, kit, &judge, &mutants)?;
        fs::write(made.join("signatures.json"), serde_json::to_vec(&found)?)?;
        // Where that fails, somebody else was faster.
        if let Err(fault) = fs::rename(&made, &kept)
            && !kept.exists()
        {
            return Err(fault).with_context(|| kept.display().to_string());
        }
    }
    let judge = Judge::ask(&kept.join("judge"), seed)?;
    let found = fs::read(kept.join("signatures.json")).context("signatures.json cannot be read")?;
    Ok((judge, serde_json::from_slice(&found)?))
}

/// How each mutant fails on the cases of `judge`, for the advice that goes with it.
///
/// # Errors
/// Where the mutants do not compile or cannot be run.
fn signatures(
    exercise: &Exercise,
    kit: &Kit,
    judge: &Judge,
    folder: &Path,
) -> anyhow::Result<Signatures> {
    let variants = variants(exercise);
    let files = variants.iter().map(|(name, answer)| Variant { name, answer: answer.as_bytes() });
    program::write_worker(exercise, &files.collect::<Vec<_>>(), folder)?;
    let worker = program::compile(exercise, kit, Make::Worker, folder)?;
    let prover = Prover { exercise, faults: Faults::default() };
    let of = |mutant: &Mutant| {
        let (_, verdicts) = prover.run(judge, &worker, &format!("mutant_{}", mutant.name))?;
        Ok((mutant.name.clone(), verdicts))
    };
    exercise.mutants.iter().map(of).collect()
}
