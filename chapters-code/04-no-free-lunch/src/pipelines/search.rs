//! Random search over pipelines (Bergstra and Bengio 2012): draw all settings, fit, look at validation cases, repeat.
//!
//! The record of a search is a text file with a line of JSON for each trial, so that a search that was stopped can go
//! on. Trial `i` is the `i`-th draw of one generator; a record is believed only if it tells the same draws.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use classifiers::trees::{DecisionTree, GradientBoosting, RandomForest, Stop};
use classifiers::{LinearSvm, NaiveBayes, Neighbours, RandomFeatures, Softmax};
use features::{ColourHistogram, Glcm, Hog, Hu, Lbp};
use learning::split;
use notebook::Rng;
use notebook::fault::{FileFault, WriteFault};
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Cases, Extractor, MostFrequent, Pipeline, Raw, Settings};

/// The share of the training cases that is learned from; the rest chooses.
const LEARN: f64 = 0.75;

/// A pipeline drawn at random, among those that can read such cases.
///
/// Kinds are drawn evenly. A setting that matters by its factor is drawn by its logarithm.
// ANCHOR: draw
pub fn draw(raw: &Raw, rng: &mut Rng) -> Pipeline {
    let extractor = match raw {
        Raw::Images(_) => picture_extractor(rng),
        Raw::Passages(_) => passage_extractor(rng),
    };
    Pipeline { extractor, standardise: rng.random(), classifier: classifier(rng) }
}

fn classifier(rng: &mut Rng) -> Settings {
    let leaf = rng.random_range(1..=5);
    match rng.random_range(0..8) {
        0 => Settings::Bayes(NaiveBayes { floor: factor(1e-6, 1e-1, rng) }),
        1 => Settings::Neighbours(Neighbours { k: 1 + 2 * rng.random_range(0..8) }),
        2 => Settings::Softmax(Softmax { c: factor(1e-3, 1e3, rng), ..Softmax::default() }),
        3 => Settings::Svm(svm(factor(1e-4, 1e1, rng))),
        4 => Settings::Waves(waves(factor(1.0, 1e3, rng))),
        5 => Settings::Tree(DecisionTree { stop: stop(leaf, Some(rng.random_range(2..=16))) }),
        6 => Settings::Forest(forest(leaf, rng.random_range(20..=100))),
        _ => Settings::Boosting(GradientBoosting {
            rounds: rng.random_range(5..=30),
            rate: factor(0.05, 0.5, rng),
            leaves: rng.random_range(2..=8),
            ..GradientBoosting::default()
        }),
    }
}
// ANCHOR_END: draw

/// A number between two, by its logarithm.
fn factor(low: f64, high: f64, rng: &mut Rng) -> f64 {
    (low.ln() + rng.random::<f64>() * (high / low).ln()).exp()
}

fn stop(leaf: usize, depth: Option<usize>) -> Stop {
    Stop { leaf, depth, ..Stop::default() }
}

fn svm(c: f64) -> LinearSvm {
    LinearSvm { c, passes: 50, tolerance: 1e-2, ..LinearSvm::default() }
}

fn waves(c: f64) -> RandomFeatures {
    let softmax = Softmax { c, ..Softmax::default() };
    RandomFeatures { features: 256, softmax, ..RandomFeatures::default() }
}

fn forest(leaf: usize, trees: usize) -> RandomForest {
    RandomForest { trees, stop: stop(leaf, None), ..RandomForest::default() }
}

fn picture_extractor(rng: &mut Rng) -> Extractor {
    match rng.random_range(0..6) {
        0 => Extractor::Pixels,
        1 => Extractor::ColourHistogram(ColourHistogram),
        2 => Extractor::Hu(if rng.random() { Hu::GREYSCALE } else { Hu::RAW }),
        3 => Extractor::Lbp(Lbp),
        4 => Extractor::Glcm(Glcm),
        _ => {
            let (cell, block) = (rng.random_range(4..=9), rng.random_range(1..=2));
            let hog = Hog::new(rng.random_range(4..=12), (cell, cell), (block, block));
            // All of these are within the bounds of the extractor.
            Extractor::Hog(hog.unwrap_or(Hog::DEFAULT))
        }
    }
}

fn passage_extractor(rng: &mut Rng) -> Extractor {
    match rng.random_range(0..3) {
        0 => Extractor::Letters,
        1 => Extractor::WordLengths,
        _ => Extractor::Trigrams(MostFrequent { counted: factor(30.0, 2_000.0, rng) as usize }),
    }
}

/// What was tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// From 1.
    pub trial: usize,
    /// The pipeline in words.
    pub pipeline: String,
    /// Its accuracy on validation cases; none where these settings cannot be fitted.
    pub validation: Option<f64>,
    /// How long the fit and the answers took.
    pub seconds: f64,
}

/// The first line of a record: what was searched.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    search: String,
    seed: u64,
}

/// Why a search cannot go on.
#[derive(Debug, Error)]
pub enum SearchError {
    /// The record is not one of this search.
    #[error(transparent)]
    Record(#[from] FileFault),
    /// The record cannot be written.
    #[error(transparent)]
    Write(#[from] WriteFault),
}

/// A search for a pipeline for one problem.
pub struct Search {
    rng: Rng,
    learn: Cases,
    judge: Cases,
    record: Option<(std::path::PathBuf, File)>,
    trials: Vec<Trial>,
    best: Option<(f64, Pipeline)>,
}

impl Search {
    /// A search among training cases, `seed` deciding what is put aside to choose and what is drawn.
    ///
    /// With a `record` the trials in it are taken over, and further ones are added to it.
    ///
    /// # Errors
    /// [`SearchError`] where the record is of another search, or is none, or cannot be written.
    pub fn new(
        problem: &str,
        train: &Cases,
        seed: u64,
        record: Option<&Path>,
    ) -> Result<Search, SearchError> {
        let mut rng = Rng::seed_from_u64(seed);
        let [learn, judge] =
            split::grouped(&train.blocks, LEARN, &mut rng).map(|rows| train.select(&rows));
        let mut search = Search::among(learn, judge, rng);
        if let Some(path) = record {
            search.take_over(path, &Heading { search: problem.to_owned(), seed })?;
        }
        Ok(search)
    }

    /// A search without a record: `learn` fits, `judge` chooses, and `rng` draws.
    pub fn among(learn: Cases, judge: Cases, rng: Rng) -> Search {
        Search { rng, learn, judge, record: None, trials: Vec::new(), best: None }
    }

    /// How many cases are learned from, and how many choose.
    pub fn cases(&self) -> [usize; 2] {
        [self.learn.len(), self.judge.len()]
    }

    /// What was tried so far.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The best pipeline so far, the first of several, with its accuracy on validation cases.
    pub fn best(&self) -> Option<(f64, Pipeline)> {
        self.best
    }

    /// Draws, fits and judges one more.
    ///
    /// # Errors
    /// Where the record cannot be written.
    // ANCHOR: step
    pub fn step(&mut self) -> Result<&Trial, SearchError> {
        let pipeline = draw(&self.learn.raw, &mut self.rng);
        let start = Instant::now();
        let hits = pipeline.fit(&self.learn).and_then(|trained| trained.hits(&self.judge));
        let validation = hits.ok().map(|hits| learning::bootstrap::mean(&hits));
        let trial = Trial {
            trial: self.trials.len() + 1,
            pipeline: pipeline.to_string(),
            validation,
            seconds: start.elapsed().as_secs_f64(),
        };
        if let Some((path, file)) = &mut self.record {
            line(file, &trial).map_err(|e| WriteFault::file(path, e))?;
        }
        Ok(self.keep(trial, pipeline))
    }
    // ANCHOR_END: step

    fn keep(&mut self, trial: Trial, pipeline: Pipeline) -> &Trial {
        if let Some(found) = trial.validation
            && self.best.is_none_or(|(best, _)| found > best)
        {
            self.best = Some((found, pipeline));
        }
        self.trials.push(trial);
        &self.trials[self.trials.len() - 1]
    }

    /// Reads the record and draws its trials again; an empty or absent one is begun.
    fn take_over(&mut self, path: &Path, heading: &Heading) -> Result<(), SearchError> {
        let fault = |fault: String, fix| FileFault { path: path.display().to_string(), fault, fix };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(fault(e.kind().to_string(), "name a file of your own").into()),
        };
        // A last line without an end was cut off while it was written: that trial is made anew.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let foreign = |number: usize| {
            let fix = "give the record of a search, or a new name";
            fault(format!("line {number} is not that of a search"), fix)
        };
        let other = || {
            let fix = "give the same problem and seed, or a new name";
            fault("is the record of another search".to_owned(), fix)
        };
        if whole == 0 && !text.is_empty() {
            return Err(foreign(1).into());
        }
        for (at, line) in text[..whole].lines().enumerate() {
            if at == 0 {
                let found: Heading = serde_json::from_str(line).map_err(|_| foreign(1))?;
                if found != *heading {
                    return Err(other().into());
                }
                continue;
            }
            let trial: Trial = serde_json::from_str(line).map_err(|_| foreign(at + 1))?;
            let pipeline = draw(&self.learn.raw, &mut self.rng);
            if trial.trial != at || trial.pipeline != pipeline.to_string() {
                return Err(other().into());
            }
            self.keep(trial, pipeline);
        }
        let failed = |e| WriteFault::file(path, e);
        // Not truncated: what is whole in it stays.
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        if whole == 0 {
            line(&mut file, heading).map_err(failed)?;
        }
        self.record = Some((path.to_owned(), file));
        Ok(())
    }
}

/// Writes one line of a record, at once.
fn line(file: &mut File, of: &impl Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_string(of)?;
    text.push('\n');
    file.write_all(text.as_bytes())?;
    file.flush()
}
