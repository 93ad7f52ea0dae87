//! Pipelines: how a case is described, on what scale, and which classifier learns from it.
//!
//! [`Problem`]s are chapter 2's six and the authors of chapter 3. A [`Pipeline`] is its settings; fitted to the
//! cases of a problem it is [`Trained`]. [`decisions()`] reads off its settings how much there is to decide, and
//! [`Search`] draws pipelines at random and keeps a record of them.

mod authors;
mod cases;
mod decisions;
mod describe;
mod model;
mod problem;
mod search;

pub use cases::{NAMES, all, named, paths};
pub use decisions::{Decision, decisions};
pub use describe::{Described, Extractor, MostFrequent};
pub use model::Settings;
pub use problem::{Cases, Problem, Raw};
pub use search::{Search, SearchError, Trial, draw};

use std::fmt;

use classifiers::Model;
use learning::correct;

/// From raw cases to classes: everything that is decided before the fit.
// ANCHOR: pipeline
#[derive(Clone, Copy, Debug)]
pub struct Pipeline {
    /// What turns a case into features.
    pub extractor: Extractor,
    /// Whether each feature gets mean 0 and deviation 1 on training cases.
    pub standardise: bool,
    /// What learns from the features.
    pub classifier: Settings,
}

/// A pipeline that was fitted.
pub struct Trained {
    described: Described,
    /// The fitted classifier.
    pub model: Model,
}

impl Pipeline {
    /// Fits each part to the training cases, in turn. Time: that of the parts.
    ///
    /// # Errors
    /// Where the extractor cannot read the cases, or a setting has no meaning.
    pub fn fit(&self, train: &Cases) -> anyhow::Result<Trained> {
        let described = Described::fit(self.extractor, self.standardise, &train.raw)?;
        let x = described.rows(&train.raw)?;
        let model = self.classifier.fit(x.view(), &train.labels)?;
        Ok(Trained { described, model })
    }
}

impl Trained {
    /// The class of each case.
    ///
    /// # Errors
    /// Where the cases are of another kind or size than those of the fit.
    pub fn predict(&self, raw: &Raw) -> anyhow::Result<Vec<u8>> {
        let x = self.described.rows(raw)?;
        Ok(self.model.classifier().predict(x.view())?)
    }
}
// ANCHOR_END: pipeline

impl Trained {
    /// Which of the cases it has right: 1, else 0.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn hits(&self, cases: &Cases) -> anyhow::Result<Vec<f64>> {
        Ok(correct(&cases.labels, &self.predict(&cases.raw)?))
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = if self.standardise { "standardised, " } else { "" };
        write!(f, "{}, {scale}{}", self.extractor, self.classifier)
    }
}
