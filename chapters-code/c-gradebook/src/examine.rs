//! Examining an answer: the worker's outcomes, judged case by case, kind by kind, and matched with the mutants.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::bounded::{Bounds, finish};
use crate::converse::{Conversation, Outcome, Patience, Replies, converse};
use crate::exercise::Exercise;
use crate::judge::{self, Asked, Told, ToldCase};
use crate::limits::{JUDGING, Judging};

/// What is wrong with the answer to one case; nothing where it is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "said")]
pub enum Verdict {
    /// The output is right.
    Right,
    /// The output is wrong; what the exercise says of it.
    Wrong(String),
    /// The answer panicked; what the panic said.
    Panicked(String),
    /// It took too long.
    TooSlow,
    /// The process ended.
    Ended(String),
    /// It printed too much.
    TooMuch,
    /// The output is larger than any may be.
    TooLarge,
    /// The output breaks the judge.
    Incomparable,
    /// It asked for what the exercise has not.
    Unanswerable,
    /// It asked more often than it may.
    TooOften,
    /// It was not tried or compared after what happened before.
    NotTried,
}

impl Verdict {
    /// What two answers have in common that fail in the same way. Where a panic happened is no part of it.
    pub(crate) fn way(&self) -> Verdict {
        match self {
            Verdict::Panicked(_) => Verdict::Panicked(String::new()),
            Verdict::Ended(_) => Verdict::Ended(String::new()),
            other => other.clone(),
        }
    }

    /// In words, for the student; nothing where it is right.
    pub fn in_words(&self) -> Option<String> {
        match self {
            Verdict::Right => None,
            Verdict::Wrong(said) => Some(said.clone()),
            Verdict::Panicked(said) => Some(format!("the code panicked: {}", one_line(said))),
            Verdict::TooSlow => Some("it took too long and was stopped".into()),
            Verdict::Ended(how) => {
                Some(format!("the program was {how}").replace("was ended", "ended"))
            }
            Verdict::TooMuch => Some("it printed too much and was stopped".into()),
            Verdict::TooLarge => Some("its output is larger than any may be".into()),
            Verdict::Incomparable => {
                Some("its output could not be compared in the time and memory there is".into())
            }
            Verdict::Unanswerable => {
                Some("it asked for something that does not go with this input".into())
            }
            Verdict::TooOften => Some("it asked far more often than any answer needs".into()),
            Verdict::NotTried => Some("not tried after what happened in earlier cases".into()),
        }
    }
}

/// A panic's report in one line, without the name of the thread.
fn one_line(said: &str) -> String {
    let line = said.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
    line.strip_prefix("panicked at ").unwrap_or(&line).to_owned()
}

/// A compiled judge with the cases of one seed.
#[derive(Debug, Clone)]
pub struct Judge {
    program: PathBuf,
    seed: u64,
    /// The kinds and the cases.
    pub told: Told,
    /// What a comparison may take.
    pub limits: Judging,
}

impl Judge {
    /// Asks the judge at `program` for the cases of `seed`.
    ///
    /// # Errors
    /// What the judge said: a generator or a solution that panics.
    pub fn ask(program: &Path, seed: u64) -> anyhow::Result<Self> {
        let said = Command::new(program).args(["cases", &seed.to_string()]).output();
        let said = said.with_context(|| format!("{} cannot be started", program.display()))?;
        if !said.status.success() {
            bail!("the cases cannot be made: {}", String::from_utf8_lossy(&said.stderr).trim());
        }
        let told =
            serde_json::from_slice(&said.stdout).context("the judge's cases cannot be read")?;
        Ok(Judge { program: program.to_owned(), seed, told, limits: JUDGING })
    }

    /// What a worker gets of each input.
    pub fn inputs(&self) -> Vec<&str> {
        let cases = self.told.cases.iter();
        cases.map(|c| c.open.as_ref().unwrap_or(&c.input).as_str()).collect()
    }

    /// Hands every case to workers started by `start`, answers what they ask, and gives what came back.
    ///
    /// # Errors
    /// Where a worker or the judge cannot be started, or the judge fails.
    pub fn converse(
        &self,
        start: &dyn Fn() -> Command,
        patience: Patience,
    ) -> anyhow::Result<Conversation> {
        let inputs = self.inputs();
        if !self.told.replies {
            return converse(start, &inputs, patience, None);
        }
        let mut command = Command::new(&self.program);
        command.args(["reply", &self.seed.to_string()]);
        let replies = Replies::start(command, self.limits.together)?;
        // What an answer learned in one case is of no use in another.
        converse(start, &inputs, Patience { fresh: true, ..patience }, Some(replies))
    }

    /// Judges one outcome a case. Whatever an output does to the judge, the others get their verdicts.
    ///
    /// # Errors
    /// Where the judge itself is at fault, which no output can bring about.
    pub fn judge(&self, outcomes: &[Outcome]) -> anyhow::Result<Vec<Verdict>> {
        match self.at_once(outcomes)? {
            Some(verdicts) => Ok(verdicts),
            None => self.one_by_one(outcomes),
        }
    }

    /// Judges all outcomes with one call of the judge; nothing where that breaks or runs out of time or memory.
    ///
    /// # Errors
    /// As [`judge`](Self::judge).
    pub fn at_once(&self, outcomes: &[Outcome]) -> anyhow::Result<Option<Vec<Verdict>>> {
        let pairs = self.told.cases.iter().zip(outcomes);
        let asked: Vec<Asked> = pairs.filter_map(|(case, outcome)| ask(case, outcome)).collect();
        let Some(compared) = self.compare(&asked, self.limits.together)? else { return Ok(None) };
        let mut compared = compared.into_iter();
        let verdict = |outcome: &Outcome| {
            without_judge(outcome)
                .unwrap_or_else(|| compared.next().map_or(Verdict::NotTried, compared_as))
        };
        Ok(Some(outcomes.iter().map(verdict).collect()))
    }

    /// Judges the outcomes one by one, so that it shows which of them break the judge. A few may; then it is enough.
    ///
    /// # Errors
    /// As [`judge`](Self::judge).
    pub fn one_by_one(&self, outcomes: &[Outcome]) -> anyhow::Result<Vec<Verdict>> {
        let end = Instant::now() + self.limits.together.time;
        let mut broken = 0;
        let mut verdicts = Vec::new();
        for (case, outcome) in self.told.cases.iter().zip(outcomes) {
            let verdict = match (without_judge(outcome), ask(case, outcome)) {
                (Some(verdict), _) => verdict,
                (None, Some(asked)) if broken < self.limits.most_broken && Instant::now() < end => {
                    let compared = self.compare(&[asked], self.limits.alone)?;
                    broken += usize::from(compared.is_none());
                    let only = compared.and_then(|c| c.into_iter().next());
                    only.map_or(Verdict::Incomparable, compared_as)
                }
                _ => Verdict::NotTried,
            };
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    /// What is wrong with each output, if the judge comes to an end within `bounds`.
    fn compare(
        &self,
        asked: &[Asked],
        bounds: Bounds,
    ) -> anyhow::Result<Option<Vec<Option<String>>>> {
        if asked.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut command = Command::new(&self.program);
        command.arg("compare");
        let said = finish(command, Some(serde_json::to_vec(asked)?), bounds)?;
        if said.status.and_then(|s| s.code()) == Some(i32::from(judge::FAULT)) {
            bail!("the judge failed: {}", said.said.trim());
        }
        let verdicts: Option<Vec<_>> = serde_json::from_slice(&said.out).ok();
        Ok(verdicts.filter(|v| said.succeeded() && v.len() == asked.len()))
    }
}

/// What the judge is asked about an outcome; nothing where there is no output.
fn ask(case: &ToldCase, outcome: &Outcome) -> Option<Asked> {
    let Outcome::Output(found) = outcome else { return None };
    let (input, expected) = (case.input.clone(), case.expected.clone());
    Some(Asked { input, expected, found: found.clone() })
}

/// The verdict on an outcome that is no output.
fn without_judge(outcome: &Outcome) -> Option<Verdict> {
    Some(match outcome {
        Outcome::Output(_) => return None,
        Outcome::Panicked(said) => Verdict::Panicked(said.clone()),
        Outcome::TooSlow => Verdict::TooSlow,
        Outcome::Ended(end) => Verdict::Ended(end.to_string()),
        Outcome::TooMuch => Verdict::TooMuch,
        Outcome::TooLarge => Verdict::TooLarge,
        Outcome::Unanswerable => Verdict::Unanswerable,
        Outcome::TooOften => Verdict::TooOften,
        Outcome::NotTried => Verdict::NotTried,
    })
}

fn compared_as(said: Option<String>) -> Verdict {
    said.map_or(Verdict::Right, Verdict::Wrong)
}

/// How an answer did on one kind of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindMark {
    /// The kind's name.
    pub kind: String,
    /// Is it what the exercise is about?
    pub general: bool,
    /// How much it weighs beside the others.
    pub weight: u32,
    /// Does it earn by the share of its cases that are right?
    pub by_share: bool,
    /// Cases of it.
    pub cases: usize,
    /// Cases that went wrong.
    pub wrong: usize,
    /// What was wrong with the first of them.
    pub said: Option<String>,
}

impl KindMark {
    /// The share of its weight that it earns.
    pub fn share(&self) -> f64 {
        match self.cases {
            0 => 0.0,
            cases if self.by_share => 1.0 - self.wrong as f64 / cases as f64,
            _ => f64::from(u8::from(self.wrong == 0)),
        }
    }
}

/// How an answer did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Points earned.
    pub earned: f64,
    /// Points there are.
    pub points: u32,
    /// Kind by kind.
    pub kinds: Vec<KindMark>,
    /// The mutant whose answers these are.
    pub mutant: Option<String>,
    /// What that mutant's author says to the student.
    pub advice: Option<String>,
}

impl Mark {
    /// Is everything right?
    pub fn is_right(&self) -> bool {
        self.kinds.iter().all(|k| k.wrong == 0) && !self.kinds.is_empty()
    }

    /// The same of other points.
    pub fn out_of(&self, points: u32) -> Self {
        Mark { earned: earned(points, &self.kinds), points, ..self.clone() }
    }

    /// Nothing earned, before any case was tried.
    pub fn nothing(exercise: &Exercise) -> Self {
        Mark {
            earned: 0.0,
            points: exercise.front.points,
            kinds: Vec::new(),
            mutant: None,
            advice: None,
        }
    }
}

/// How each mutant fails, by name.
pub type Signatures = Vec<(String, Vec<Verdict>)>;

/// Marks the verdicts on an answer.
pub fn mark(exercise: &Exercise, told: &Told, verdicts: &[Verdict], mutants: &Signatures) -> Mark {
    let mut kinds: Vec<KindMark> = told
        .kinds
        .iter()
        .map(|k| KindMark {
            kind: k.name.clone(),
            general: k.general,
            weight: k.weight,
            by_share: k.by_share,
            cases: 0,
            wrong: 0,
            said: None,
        })
        .collect();
    for (case, verdict) in told.cases.iter().zip(verdicts) {
        let Some(kind) = kinds.get_mut(case.kind) else { continue };
        kind.cases += 1;
        if let Some(said) = verdict.in_words() {
            kind.wrong += 1;
            kind.said.get_or_insert(said);
        }
    }
    let mutant = matching(verdicts, mutants);
    let mutant = mutant.and_then(|name| exercise.mutants.iter().find(|m| m.name == name));
    Mark {
        earned: earned(exercise.front.points, &kinds),
        points: exercise.front.points,
        kinds,
        mutant: mutant.map(|m| m.name.clone()),
        advice: mutant.map(|m| m.feedback.clone()),
    }
}

/// Kinds earn by their weight, but edges count only where some general kind is right.
// ANCHOR: earned
fn earned(points: u32, kinds: &[KindMark]) -> f64 {
    if !kinds.iter().any(|k| k.general && k.share() > 0.0) {
        return 0.0;
    }
    let all: f64 = kinds.iter().map(|k| f64::from(k.weight)).sum();
    let right: f64 = kinds.iter().map(|k| f64::from(k.weight) * k.share()).sum();
    (f64::from(points) * right / all * 100.0).round() / 100.0
}
// ANCHOR_END: earned

/// The mutant that fails in the same cases in the same way.
fn matching<'a>(verdicts: &[Verdict], mutants: &'a Signatures) -> Option<&'a str> {
    if verdicts.iter().all(|v| *v == Verdict::Right) {
        return None;
    }
    let same = |signature: &[Verdict]| {
        signature.len() == verdicts.len()
            && signature.iter().zip(verdicts).all(|(a, b)| a.way() == b.way())
    };
    mutants.iter().find(|(_, signature)| same(signature)).map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(general: bool, wrong: usize) -> KindMark {
        let (kind, weight, by_share) = ("k".into(), 1, false);
        KindMark { kind, general, weight, by_share, cases: 3, wrong, said: None }
    }

    #[test]
    fn kinds_earn_by_weight_and_where_they_say_so_by_share() {
        let heavy = KindMark { weight: 3, ..kind(true, 1) };
        assert_eq!(earned(8, &[kind(true, 0), heavy.clone()]), 2.0);
        let shared = KindMark { by_share: true, ..heavy };
        assert_eq!(earned(8, &[kind(true, 0), shared.clone()]), 6.0);
        assert_eq!(earned(9, std::slice::from_ref(&shared)), 6.0);
        // The same of other points is not what was rounded before.
        let (kinds, earned_before) = (vec![kind(true, 0), kind(true, 1), kind(true, 1)], 3.33);
        let mark = Mark { earned: earned_before, points: 10, kinds, mutant: None, advice: None };
        assert_eq!(mark.out_of(100).earned, 33.33);
        assert_eq!(earned(9, &[KindMark { wrong: 3, ..shared }, kind(false, 0)]), 0.0);
    }

    #[test]
    fn edges_earn_nothing_alone() {
        assert_eq!(earned(10, &[kind(true, 0), kind(false, 0)]), 10.0);
        assert_eq!(earned(10, &[kind(true, 0), kind(false, 1), kind(false, 0)]), 6.67);
        assert_eq!(earned(10, &[kind(true, 1), kind(false, 0)]), 0.0);
        assert_eq!(earned(10, &[]), 0.0);
    }

    #[test]
    fn a_mutant_is_known_by_how_it_fails() {
        let wrong = |s: &str| Verdict::Wrong(s.into());
        let mutants = vec![
            ("a".to_owned(), vec![Verdict::Right, wrong("x"), Verdict::Panicked("at 1".into())]),
            ("b".to_owned(), vec![Verdict::Right, wrong("y"), Verdict::Right]),
        ];
        let panicked = Verdict::Panicked("at 9".into());
        assert_eq!(matching(&[Verdict::Right, wrong("x"), panicked], &mutants), Some("a"));
        assert_eq!(matching(&[Verdict::Right, wrong("y"), Verdict::Right], &mutants), Some("b"));
        assert_eq!(matching(&[Verdict::Right, wrong("z"), Verdict::Right], &mutants), None);
        assert_eq!(matching(&vec![Verdict::Right; 3], &mutants), None);
    }
    /// A judge that is a script: it reads what it is asked and then does `then`.
    #[cfg(unix)]
    fn scripted(folder: &Path, then: &str) -> Judge {
        use std::os::unix::fs::PermissionsExt as _;
        let program = folder.join("judge");
        std::fs::write(&program, format!("#!/bin/sh\nasked=$(cat)\n{then}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let case = ToldCase {
            kind: 0,
            input: "00".into(),
            open: None,
            expected: "00".into(),
            shown: String::new(),
        };
        let kinds =
            vec![judge::ToldKind { name: "k".into(), general: true, weight: 1, by_share: false }];
        let bounds = Bounds { seconds: Some(1), ..JUDGING.alone };
        let limits = Judging { together: bounds, alone: bounds, most_broken: 2 };
        let told = Told { kinds, cases: vec![case; 5], replies: false };
        Judge { program, seed: 1, told, limits }
    }

    #[cfg(unix)]
    #[test]
    fn an_output_that_breaks_the_judge_costs_no_other_its_verdict() {
        let folder = tempfile::tempdir().unwrap();
        let output = |s: &str| Outcome::Output(s.into());
        let outcomes = [output("01"), output("bad"), Outcome::TooSlow, output("02"), output("03")];
        let right =
            "case $asked in *\"'},{'\"*) echo '[null,null,null,null]';; *) echo '[null]';; esac";
        let mut found = Vec::new();
        for breaks in ["kill -6 $$", "while true; do :; done", "yes", "echo nonsense"] {
            let script = format!("case $asked in *bad*) {breaks}; exit 0;; esac\n{right}");
            found.push(scripted(folder.path(), &script).judge(&outcomes).unwrap());
        }
        let wanted = [
            Verdict::Right,
            Verdict::Incomparable,
            Verdict::TooSlow,
            Verdict::Right,
            Verdict::Right,
        ];
        assert_eq!(found, vec![wanted; 4]);
    }

    #[cfg(unix)]
    #[test]
    fn an_answer_can_break_the_judge_a_few_times_only() {
        let folder = tempfile::tempdir().unwrap();
        let judge = scripted(folder.path(), "kill -11 $$");
        let found = judge.judge(&vec![Outcome::Output("00".into()); 5]).unwrap();
        assert_eq!(found[..2], [Verdict::Incomparable, Verdict::Incomparable]);
        assert_eq!(found[2..], vec![Verdict::NotTried; 3]);
        let judge = scripted(folder.path(), "echo 'judge: no cases' >&2; exit 2");
        assert!(judge.judge(&[Outcome::Output("00".into())]).is_err());
    }
}
