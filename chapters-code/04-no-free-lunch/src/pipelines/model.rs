//! The classifiers of chapter 3 as one type, so that a pipeline can hold any of them.

use std::fmt;

use classifiers::trees::{DecisionTree, GradientBoosting, RandomForest};
use classifiers::{
    Fit, FitError, Inputs, LinearSvm, Model, NaiveBayes, Neighbours, RandomFeatures, Softmax,
};

/// A classifier before the fit: its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Settings {
    /// A bell for each class and feature.
    Bayes(NaiveBayes),
    /// The nearest training cases vote.
    Neighbours(Neighbours),
    /// Linear scores and their softmax.
    Softmax(Softmax),
    /// A plane with a margin for each class.
    Svm(LinearSvm),
    /// Softmax regression on random waves.
    Waves(RandomFeatures),
    /// One tree.
    Tree(DecisionTree),
    /// Trees of bootstrap samples.
    Forest(RandomForest),
    /// Trees that correct each other.
    Boosting(GradientBoosting),
}

/// A floor under the variances that holds where a standardised feature is constant in a class.
const FLOOR: f64 = 1e-3;

impl Settings {
    /// All classifiers with the settings that the chapter uses unless it says otherwise; none was tuned.
    pub fn each() -> [Settings; 8] {
        let waves = Softmax { c: 100.0, ..Softmax::default() };
        let svm = LinearSvm { c: 0.1, passes: 50, tolerance: 1e-2, ..LinearSvm::default() };
        let boosting = GradientBoosting { rounds: 30, leaves: 8, ..GradientBoosting::default() };
        [
            Settings::Bayes(NaiveBayes { floor: FLOOR }),
            Settings::Neighbours(Neighbours::default()),
            Settings::Softmax(Softmax::default()),
            Settings::Svm(svm),
            Settings::Waves(RandomFeatures { features: 512, softmax: waves, ..Default::default() }),
            Settings::Tree(DecisionTree::default()),
            Settings::Forest(RandomForest::default()),
            Settings::Boosting(boosting),
        ]
    }

    /// The name in tables.
    pub fn name(&self) -> &'static str {
        match self {
            Settings::Bayes(_) => "naive Bayes",
            Settings::Neighbours(_) => "neighbours",
            Settings::Softmax(_) => "softmax regression",
            Settings::Svm(_) => "linear SVM",
            Settings::Waves(_) => "random waves",
            Settings::Tree(_) => "decision tree",
            Settings::Forest(_) => "random forest",
            Settings::Boosting(_) => "boosting",
        }
    }

    /// The name in keys of results.
    pub fn key(&self) -> &'static str {
        match self {
            Settings::Bayes(_) => "bayes",
            Settings::Neighbours(_) => "neighbours",
            Settings::Softmax(_) => "softmax",
            Settings::Svm(_) => "svm",
            Settings::Waves(_) => "waves",
            Settings::Tree(_) => "tree",
            Settings::Forest(_) => "forest",
            Settings::Boosting(_) => "boosting",
        }
    }

    /// The same with another seed, where it draws anything.
    pub fn seeded(mut self, seed: u64) -> Settings {
        match &mut self {
            Settings::Svm(settings) => settings.seed = seed,
            Settings::Waves(settings) => settings.seed = seed,
            Settings::Forest(settings) => settings.seed = seed,
            _ => {}
        }
        self
    }

    /// Fits it to samples `(n, d)` and their labels.
    ///
    /// # Errors
    /// [`FitError`] where a setting or the samples have no meaning.
    pub fn fit(&self, x: Inputs<'_>, y: &[u8]) -> Result<Model, FitError> {
        Ok(match self {
            Settings::Bayes(settings) => Model::NaiveBayes(settings.fit(x, y)?),
            Settings::Neighbours(settings) => Model::Neighbours(settings.fit(x, y)?),
            Settings::Softmax(settings) => Model::Softmax(settings.fit(x, y)?),
            Settings::Svm(settings) => Model::LinearSvm(settings.fit(x, y)?),
            Settings::Waves(settings) => Model::RandomFeatures(settings.fit(x, y)?),
            Settings::Tree(settings) => Model::Tree(settings.fit(x, y)?),
            Settings::Forest(settings) => Model::Forest(settings.fit(x, y)?),
            Settings::Boosting(settings) => Model::Boosting(settings.fit(x, y)?),
        })
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Settings::Bayes(s) => write!(f, "naive Bayes with a floor of {:.1e}", s.floor),
            Settings::Neighbours(s) => write!(f, "{} neighbours", s.k),
            Settings::Softmax(s) => write!(f, "softmax regression with C = {:.2e}", s.c),
            Settings::Svm(s) => write!(f, "linear SVM with C = {:.2e}", s.c),
            Settings::Waves(s) => {
                write!(f, "{} random waves with C = {:.2e}", s.features, s.softmax.c)
            }
            Settings::Tree(s) => {
                write!(f, "tree with {} or more in a leaf", s.stop.leaf)?;
                s.stop.depth.map_or(Ok(()), |depth| write!(f, ", {depth} deep"))
            }
            Settings::Forest(s) => {
                write!(f, "forest of {} with {} or more in a leaf", s.trees, s.stop.leaf)
            }
            Settings::Boosting(s) => {
                write!(f, "{} rounds of boosting at {:.2}, {} leaves", s.rounds, s.rate, s.leaves)
            }
        }
    }
}
