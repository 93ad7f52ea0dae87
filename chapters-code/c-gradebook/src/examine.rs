//! Examining an answer: the worker's outcomes, judged case by case, kind by kind, and matched with the mutants.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::converse::Outcome;
use crate::exercise::Exercise;
use crate::judge::{Asked, Told};

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
    /// It was not tried after what happened before.
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
            Verdict::NotTried => Some("not tried after the earlier cases ended or hung".into()),
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
    /// The kinds and the cases.
    pub told: Told,
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
        Ok(Judge { program: program.to_owned(), told })
    }

    /// The inputs, as a worker reads them.
    pub fn inputs(&self) -> Vec<&str> {
        self.told.cases.iter().map(|c| c.input.as_str()).collect()
    }

    /// Judges one outcome a case.
    ///
    /// # Errors
    /// Where the judge fails, which is a fault of the exercise.
    pub fn judge(&self, outcomes: &[Outcome]) -> anyhow::Result<Vec<Verdict>> {
        let pairs = self.told.cases.iter().zip(outcomes);
        let asked: Vec<Asked> = pairs
            .filter_map(|(case, outcome)| match outcome {
                Outcome::Output(found) => Some(Asked {
                    input: case.input.clone(),
                    expected: case.expected.clone(),
                    found: found.clone(),
                }),
                _ => None,
            })
            .collect();
        let mut compared = self.compare(&asked)?.into_iter();
        let verdict = |outcome: &Outcome| match outcome {
            Outcome::Output(_) => match compared.next() {
                Some(None) => Verdict::Right,
                Some(Some(said)) => Verdict::Wrong(said),
                None => Verdict::NotTried,
            },
            Outcome::Panicked(said) => Verdict::Panicked(said.clone()),
            Outcome::TooSlow => Verdict::TooSlow,
            Outcome::Ended(how) => Verdict::Ended(how.clone()),
            Outcome::TooMuch => Verdict::TooMuch,
            Outcome::NotTried => Verdict::NotTried,
        };
        Ok(outcomes.iter().map(verdict).collect())
    }

    fn compare(&self, asked: &[Asked]) -> anyhow::Result<Vec<Option<String>>> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = Command::new(&self.program);
        command.arg("compare").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("the judge cannot be started")?;
        let text = serde_json::to_vec(asked)?;
        // The judge reads everything before it writes anything.
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&text).context("the judge stopped reading")?;
        }
        let said = child.wait_with_output()?;
        if !said.status.success() {
            bail!("the judge failed: {}", String::from_utf8_lossy(&said.stderr).trim());
        }
        let verdicts: Vec<_> =
            serde_json::from_slice(&said.stdout).context("the judge's verdicts cannot be read")?;
        anyhow::ensure!(verdicts.len() == asked.len(), "the judge lost a verdict");
        Ok(verdicts)
    }
}

/// How an answer did on one kind of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindMark {
    /// The kind's name.
    pub kind: String,
    /// Is it what the exercise is about?
    pub general: bool,
    /// Cases of it.
    pub cases: usize,
    /// Cases that went wrong.
    pub wrong: usize,
    /// What was wrong with the first of them.
    pub said: Option<String>,
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

/// Every kind weighs the same, but edges count only where some general kind is right.
// ANCHOR: earned
fn earned(points: u32, kinds: &[KindMark]) -> f64 {
    let right = |k: &&KindMark| k.wrong == 0 && k.cases > 0;
    if !kinds.iter().filter(right).any(|k| k.general) {
        return 0.0;
    }
    let share = kinds.iter().filter(right).count() as f64 / kinds.len() as f64;
    (f64::from(points) * share * 100.0).round() / 100.0
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
        KindMark { kind: "k".into(), general, cases: 3, wrong, said: None }
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
}
