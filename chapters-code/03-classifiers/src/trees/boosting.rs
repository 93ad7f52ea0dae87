//! Gradient-boosted trees (Friedman 2001) of the second order (Chen and Guestrin 2016), on histograms.

use ndarray::{Array2, ArrayView1, Axis};
use rayon::prelude::*;

use super::at_least;
use super::bins::Bins;
use super::grow::{Grower, Limits};
use super::histogram::Rule;
use super::statistic::Moments;
use super::tree::{Tree, leaf_of, normalised};
use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked, largest};

/// Rows of a task.
const BLOCK: usize = 256;

/// Settings of boosting; `fit` gives [`FittedBoosting`].
///
/// A round fits one tree for each class to the gradients of the softmax loss. As in LightGBM and in Friedman
/// (2001), second derivatives count `k / (k - 1)` times; XGBoost doubles them and scikit-learn takes them as
/// they are. The first scores are the logarithms of the classes' shares. Gradients are rounded to 30 bits of
/// their sum, so that a histogram is exact, whatever the order; the values of leaves are not rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientBoosting {
    /// How many rounds, at least 1; 100 by default.
    pub rounds: usize,
    /// What is kept of each tree, above 0 and at most 1; 0.1 by default.
    pub rate: f64,
    /// The most leaves of a tree, at least 2; 31 by default.
    pub leaves: usize,
    /// What is added to the second derivatives of a leaf, 0 or more; 1 by default.
    pub lambda: f64,
    /// The sum of second derivatives that each side of a split needs, 0 or more; 0.001 by default.
    pub curvature: f64,
}

impl Default for GradientBoosting {
    fn default() -> Self {
        GradientBoosting { rounds: 100, rate: 0.1, leaves: 31, lambda: 1.0, curvature: 1e-3 }
    }
}

/// Trees whose values add up to the score of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedBoosting {
    /// The first score of each class.
    start: Vec<f64>,
    /// `k` trees for each round.
    rounds: Vec<Vec<Tree>>,
    features: usize,
    losses: Vec<f64>,
}

impl GradientBoosting {
    fn check(&self) -> Result<(), FitError> {
        at_least("rounds", self.rounds, 1)?;
        at_least("leaves", self.leaves, 2)?;
        let within = |setting, value: f64, good: bool, fix| {
            let value = value.to_string();
            if good { Ok(()) } else { Err(FitError::Setting { setting, value, fix }) }
        };
        let rate = self.rate > 0.0 && self.rate <= 1.0;
        within("rate", self.rate, rate, "give a number above 0 and at most 1")?;
        let finite = |value: f64| value >= 0.0 && value.is_finite();
        within("lambda", self.lambda, finite(self.lambda), "give 0 or more")?;
        within("curvature", self.curvature, finite(self.curvature), "give 0 or more")
    }
}

impl Fit for GradientBoosting {
    type Model = FittedBoosting;

    /// Time `O(rounds k (n d log leaves + leaves d bins))`. The same bits for any number of threads.
    // ANCHOR: fit
    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<FittedBoosting, FitError> {
        let k = checked(inputs, labels)?;
        self.check()?;
        let bins = Bins::of(inputs);
        let start = log_shares(labels, k);
        let mut scores = Array2::from_shape_fn((labels.len(), k), |(_, class)| start[class]);
        let (mut rounds, mut losses) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            let (p, loss) = softmax(&scores, labels);
            losses.push(loss);
            let one = |class| self.tree(&bins, p.column(class), labels, class as u8);
            let grown: Vec<(Tree, Vec<f32>)> = (0..k).into_par_iter().map(one).collect();
            for (mut scores, (_, step)) in scores.columns_mut().into_iter().zip(&grown) {
                scores.iter_mut().zip(step).for_each(|(score, step)| *score += f64::from(*step));
            }
            rounds.push(grown.into_iter().map(|(tree, _)| tree).collect());
        }
        losses.push(softmax(&scores, labels).1);
        Ok(FittedBoosting { start, rounds, features: inputs.features(), losses })
    }
    // ANCHOR_END: fit
}

impl GradientBoosting {
    /// The tree that lowers the loss through the score of `class`, and what it adds to each sample's.
    fn tree(
        &self,
        bins: &Bins,
        p: ArrayView1<'_, f64>,
        labels: &[u8],
        class: u8,
    ) -> (Tree, Vec<f32>) {
        // ANCHOR: gradients
        let gradient = |(&p, &label): (&f64, &u8)| p - f64::from(u8::from(label == class));
        let gradients: Vec<f64> = p.iter().zip(labels).map(gradient).collect();
        let k = 1.0 + labels.iter().copied().max().map_or(1.0, f64::from);
        let curvatures: Vec<f64> = p.iter().map(|p| k / (k - 1.0) * p * (1.0 - p)).collect();
        // ANCHOR_END: gradients
        let units = |bits: i32, sum: f64| if sum > 0.0 { 2_f64.powi(bits) / sum } else { 0.0 };
        let g_unit = units(30, gradients.iter().map(|g| g.abs()).sum());
        let h_unit = units(31, curvatures.iter().sum());
        let moments = |(g, h): (&f64, &f64)| {
            Moments::new((g * g_unit).round() as i32, (h * h_unit).round() as u32)
        };
        let samples: Vec<Moments> = gradients.iter().zip(&curvatures).map(moments).collect();
        let limits = Limits {
            features: bins.features,
            depth: usize::MAX,
            leaves: Some(self.leaves),
            split: 0.0,
            rule: Rule { least: self.curvature * h_unit, lambda: self.lambda * h_unit },
            gain: 0.0,
        };
        let rows = (0..bins.samples as u32).collect();
        let mut steps = vec![0.0; bins.samples];
        let grower = Grower::<Moments>::new(bins, &samples, rows, limits, None);
        let mut tree = grower.grow(1, |rows, values| {
            let sum = |of: &[f64]| rows.iter().map(|&row| of[row as usize]).sum::<f64>();
            let step = -self.rate * sum(&gradients) / (sum(&curvatures) + self.lambda).max(1e-300);
            rows.iter().for_each(|&row| steps[row as usize] = step as f32);
            values.push(step as f32);
        });
        tree.rescale(1.0 / h_unit, h_unit / (g_unit * g_unit));
        (tree, steps)
    }
}

/// The logarithm of each class's share; of a class without samples that of a hundredth of a sample.
fn log_shares(labels: &[u8], k: usize) -> Vec<f64> {
    let mut counts = vec![0_usize; k];
    labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
    let share = |count: usize| (count as f64).max(0.01) / labels.len() as f64;
    counts.into_iter().map(|count| share(count).ln()).collect()
}

/// Probabilities of the scores, `(n, k)`, and the mean of minus the logarithm of the right class's.
fn softmax(scores: &Array2<f64>, labels: &[u8]) -> (Array2<f64>, f64) {
    let mut p = scores.clone();
    let blocks =
        p.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().zip(labels.par_chunks(BLOCK));
    let losses: Vec<f64> = blocks
        .map(|(mut p, labels)| {
            let mut loss = 0.0;
            for (mut p, &label) in p.rows_mut().into_iter().zip(labels) {
                let highest = p.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
                p.mapv_inplace(|score| (score - highest).exp());
                let sum = p.sum();
                p.mapv_inplace(|exp| exp / sum);
                loss -= p[usize::from(label)].max(f64::MIN_POSITIVE).ln();
            }
            loss
        })
        .collect();
    (p, losses.iter().sum::<f64>() / labels.len() as f64)
}

impl FittedBoosting {
    /// The trees of all rounds, one after another, on the first scores of the classes; what the fit lost is not kept.
    ///
    /// # Errors
    /// A message where a class lacks a tree, a leaf has more than one number, or a tree asks about other features.
    pub fn from_parts(start: Vec<f64>, trees: Vec<Tree>, features: usize) -> Result<Self, String> {
        if trees.is_empty() || !trees.len().is_multiple_of(start.len().max(1)) {
            return Err(format!("has {} trees for {} classes", trees.len(), start.len()));
        }
        if trees.iter().any(|tree| tree.width != 1) {
            return Err("has leaves of more than one number".to_owned());
        }
        trees.iter().try_for_each(|tree| tree.asks_below(features))?;
        let rounds = trees.chunks(start.len()).map(<[Tree]>::to_vec).collect();
        Ok(FittedBoosting { start, rounds, features, losses: Vec::new() })
    }

    /// The score of each class before the first round: the logarithm of its share.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// Its trees: one for each class in each round.
    pub fn rounds(&self) -> &[Vec<Tree>] {
        &self.rounds
    }

    /// The same model after its first rounds.
    pub fn first(&self, rounds: usize) -> FittedBoosting {
        let mut few = self.clone();
        few.rounds.truncate(rounds);
        few.losses.truncate(rounds + 1);
        few
    }

    /// The mean loss of the samples of the fit, in nats: before the first round and after each; empty where it was
    /// read from a file.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The share of each feature, `(d)`, in what all questions gained; they sum to 1.
    pub fn importance(&self) -> Vec<f64> {
        let mut importance = vec![0.0; self.features];
        self.rounds.iter().flatten().for_each(|tree| tree.add_gains(&mut importance));
        normalised(importance)
    }

    /// The score of each class, `(m, k)`.
    fn scores(&self, inputs: Inputs<'_>) -> Array2<f64> {
        let k = self.start.len();
        let mut scores =
            Array2::from_shape_fn((inputs.samples(), k), |(_, class)| self.start[class]);
        let blocks = scores.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().enumerate();
        blocks.for_each(|(block, mut scores)| {
            for trees in &self.rounds {
                for ((offset, class), score) in scores.indexed_iter_mut() {
                    let tree = &trees[class];
                    let leaf = leaf_of(tree, inputs, block * BLOCK + offset);
                    *score += f64::from(tree.values_of(leaf)[0]);
                }
            }
        });
        scores
    }
}

impl Classifier for FittedBoosting {
    fn classes(&self) -> usize {
        self.start.len()
    }

    fn features(&self) -> usize {
        self.features
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        asked(inputs, self.features)?;
        let scores = self.scores(inputs);
        Ok(scores.rows().into_iter().map(|scores| largest(scores) as u8).collect())
    }

    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        asked(inputs, self.features)?;
        let blank = vec![0; inputs.samples()];
        Ok(Some(softmax(&self.scores(inputs), &blank).0.mapv(|p| p as f32)))
    }
}
