//! The decision tree (Breiman, Friedman, Olshen and Stone 1984), grown on histograms.

use ndarray::{Array2, ArrayView1};

use super::at_least;
use super::bins::Bins;
use super::grow::{Grower, Limits};
use super::histogram::Rule;
use super::statistic::{Counts, Drawn, Statistic};
use super::tree::{Step, Tree, leaf_of, normalised};
use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked, largest};
use notebook::Rng;

/// When a tree stops asking. By default only where nothing is left to ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// The most questions above a leaf; at least 1. No limit by default.
    pub depth: Option<usize>,
    /// The most leaves, at least 2; the split that gains most comes first then. No limit by default.
    pub leaves: Option<usize>,
    /// Samples that a node needs to be split, at least 2, the default.
    pub split: usize,
    /// Samples that each side of a split needs, at least 1, the default.
    pub leaf: usize,
}

impl Default for Stop {
    fn default() -> Self {
        Stop { depth: None, leaves: None, split: 2, leaf: 1 }
    }
}

impl Stop {
    /// That every limit has a meaning.
    pub(super) fn check(&self) -> Result<(), FitError> {
        at_least("depth", self.depth.unwrap_or(1), 1)?;
        at_least("leaves", self.leaves.unwrap_or(2), 2)?;
        at_least("split", self.split, 2)?;
        at_least("leaf", self.leaf, 1)
    }

    pub(super) fn limits(&self, features: usize) -> Limits {
        Limits {
            features,
            depth: self.depth.unwrap_or(usize::MAX),
            leaves: self.leaves,
            split: self.split as f64,
            rule: Rule { least: self.leaf as f64, lambda: 0.0 },
            gain: f64::NEG_INFINITY,
        }
    }
}

/// Settings of one tree; `fit` gives a [`FittedTree`].
///
/// The split of a node is the one whose sides have the smallest Gini impurity, each weighted by its samples;
/// of several the first feature's, and of its cuts the first. scikit-learn draws among them, and takes
/// values that differ by 1e-7 or less for equal; there is no other difference where values are at most 256.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DecisionTree {
    /// When it stops.
    pub stop: Stop,
}

/// A tree whose leaves hold class probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedTree {
    tree: Tree,
    features: usize,
}

impl Fit for DecisionTree {
    type Model = FittedTree;

    /// Time `O(depth n d)`, at most `n` deep; space `O(n d)` bytes and histograms.
    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<FittedTree, FitError> {
        let classes = checked(inputs, labels)?;
        self.stop.check()?;
        let bins = Bins::of(inputs);
        let drawn: Vec<Drawn> = labels.iter().map(|&class| Drawn { class, times: 1 }).collect();
        let rows = (0..inputs.samples() as u32).collect();
        let limits = self.stop.limits(inputs.features());
        Ok(FittedTree {
            tree: grow(&bins, &drawn, rows, limits, None, classes),
            features: inputs.features(),
        })
    }
}

/// Grows a tree of class probabilities, with as many lanes of counters as `classes` need.
pub(super) fn grow(
    bins: &Bins,
    drawn: &[Drawn],
    rows: Vec<u32>,
    limits: Limits,
    rng: Option<Rng>,
    classes: usize,
) -> Tree {
    match classes {
        0..=8 => grow_in::<Counts<i16, 8>>(bins, drawn, rows, limits, rng, classes),
        9..=16 => grow_in::<Counts<i16, 16>>(bins, drawn, rows, limits, rng, classes),
        17..=64 => grow_in::<Counts<i16, 64>>(bins, drawn, rows, limits, rng, classes),
        _ => grow_in::<Counts<i16, 256>>(bins, drawn, rows, limits, rng, classes),
    }
}

fn grow_in<S: Statistic<Sample = Drawn>>(
    bins: &Bins,
    drawn: &[Drawn],
    rows: Vec<u32>,
    limits: Limits,
    rng: Option<Rng>,
    classes: usize,
) -> Tree {
    Grower::<S>::new(bins, drawn, rows, limits, rng).grow(classes, |rows, values| {
        let mut counts = vec![0_u32; classes];
        for &row in rows {
            let Drawn { class, times } = drawn[row as usize];
            counts[usize::from(class)] += u32::from(times);
        }
        let n: u32 = counts.iter().sum();
        values.extend(counts.iter().map(|&count| (f64::from(count) / f64::from(n)) as f32));
    })
}

impl FittedTree {
    /// A tree that asks about `features` features.
    ///
    /// # Errors
    /// A message where it asks about others.
    pub fn from_parts(tree: Tree, features: usize) -> Result<FittedTree, String> {
        tree.asks_below(features)?;
        Ok(FittedTree { tree, features })
    }

    /// Its questions and leaves.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The share of each feature, `(d)`, in what all questions gained; they sum to 1.
    pub fn importance(&self) -> Vec<f64> {
        let mut importance = vec![0.0; self.features];
        self.tree.add_gains(&mut importance);
        normalised(importance)
    }

    /// The questions that lead to the answer about `sample`, `(d)`.
    pub fn path(&self, sample: ArrayView1<'_, f32>) -> Vec<Step> {
        self.tree.path(sample)
    }
}

impl Classifier for FittedTree {
    fn classes(&self) -> usize {
        self.tree.width
    }

    fn features(&self) -> usize {
        self.features
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        asked(inputs, self.features)?;
        let answer =
            |row| largest(self.tree.values_of(leaf_of(&self.tree, inputs, row)).into()) as u8;
        Ok((0..inputs.samples()).map(answer).collect())
    }

    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        asked(inputs, self.features)?;
        let mut all = Array2::zeros((inputs.samples(), self.tree.width));
        for (row, mut to) in all.rows_mut().into_iter().enumerate() {
            let values = self.tree.values_of(leaf_of(&self.tree, inputs, row));
            to.assign(&ArrayView1::from(values));
        }
        Ok(Some(all))
    }
}
