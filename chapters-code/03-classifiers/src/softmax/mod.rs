//! Softmax regression, also called multinomial logistic regression: scores that are linear in the features, and their
//! softmax as probabilities.
//!
//! What is minimised is scikit-learn's: the mean cross-entropy plus `‖w‖² / (2 C n)`, the intercepts free.

mod fused;
pub mod plain;

pub use fused::{Fused, Loss};

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::lbfgs::{Ended, Lbfgs};
use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked};

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softmax {
    /// What the samples weigh against the penalty, above 0. Default 1.
    pub c: f64,
    /// The most iterations of L-BFGS, at least 1. Default 100.
    pub iterations: usize,
    /// The largest component of the gradient at which it ends, at least 0. Default 1e-4.
    pub tolerance: f64,
}

impl Default for Softmax {
    fn default() -> Self {
        Softmax { c: 1.0, iterations: 100, tolerance: 1e-4 }
    }
}

/// `k` scores that are linear in the features.
#[derive(Clone, Debug, PartialEq)]
pub struct SoftmaxModel {
    /// `(k, d)`.
    pub weights: Array2<f32>,
    /// `(k,)`.
    pub intercepts: Array1<f32>,
    /// How the fit ended; not kept in a file.
    pub ended: Option<Ended>,
}

impl Softmax {
    pub(crate) fn check(&self) -> Result<(), FitError> {
        crate::model::positive("C", self.c)?;
        if self.iterations == 0 {
            let fix = "give at least 1";
            return Err(FitError::Setting { setting: "iterations", value: "0".to_owned(), fix });
        }
        if self.tolerance >= 0.0 && self.tolerance.is_finite() {
            return Ok(());
        }
        let (setting, fix) = ("tolerance", "give a number of 0 or more, such as 1e-4");
        Err(FitError::Setting { setting, value: self.tolerance.to_string(), fix })
    }

    /// As [`Fit::fit`]; `seen` is called with the number of each iteration and the value after it.
    ///
    /// # Errors
    /// As there.
    pub fn fit_seen(
        &self,
        inputs: Inputs<'_>,
        labels: &[u8],
        seen: impl FnMut(usize, f64),
    ) -> Result<SoftmaxModel, FitError> {
        self.check()?;
        let (k, d) = (checked(inputs, labels)?, inputs.features());
        let penalty = 1.0 / (self.c * labels.len() as f64);
        let mut objective = Fused::new(inputs, labels, k, penalty);
        let settings = Lbfgs { memory: 10, iterations: self.iterations, tolerance: self.tolerance };
        let mut x = vec![0.0; k * (d + 1)];
        let ended = settings.minimise(&mut x, |x, gradient| objective.evaluate(x, gradient), seen);
        let all = Array2::from_shape_fn((k, d + 1), |(class, j)| x[class * (d + 1) + j] as f32);
        let (weights, intercepts) = all.view().split_at(Axis(1), d);
        Ok(SoftmaxModel {
            weights: weights.to_owned(),
            intercepts: intercepts.column(0).to_owned(),
            ended: Some(ended),
        })
    }
}

impl Fit for Softmax {
    type Model = SoftmaxModel;

    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<SoftmaxModel, FitError> {
        self.fit_seen(inputs, labels, |_, _| {})
    }
}

impl Classifier for SoftmaxModel {
    fn classes(&self) -> usize {
        self.weights.nrows()
    }

    fn features(&self) -> usize {
        self.weights.ncols()
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        asked(inputs, self.features())?;
        let scores = scores(self.weights.view(), &self.intercepts, inputs);
        Ok(scores.rows().into_iter().map(|row| crate::model::largest(row) as u8).collect())
    }

    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        asked(inputs, self.features())?;
        let mut scores = scores(self.weights.view(), &self.intercepts, inputs);
        for mut row in scores.rows_mut() {
            let most = row[crate::model::largest(row.view())];
            row.mapv_inplace(|z| (z - most).exp());
            let sum = row.sum();
            row /= sum;
        }
        Ok(Some(scores))
    }
}

/// Samples of a block whose scores are computed at once.
const BLOCK: usize = 256;

/// `x wᵀ + b` of each of the samples, `(m, k)`. `O(m k d)`.
pub(crate) fn scores(
    weights: ArrayView2<'_, f32>,
    intercepts: &Array1<f32>,
    inputs: Inputs<'_>,
) -> Array2<f32> {
    let mut scores = Array2::zeros((inputs.samples(), weights.nrows()));
    let blocks = scores.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().enumerate();
    blocks.for_each(|(block, mut to)| {
        let first = block * BLOCK;
        let x = inputs.range(first..first + to.nrows()).to_reals();
        to.assign(&(x.dot(&weights.t()) + intercepts));
    });
    scores
}
