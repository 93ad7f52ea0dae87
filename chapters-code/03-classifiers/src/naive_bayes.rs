//! Gaussian naive Bayes: each class is a bell in each feature, as if the features of a class had nothing to do with each
//! other (Duda and Hart 1973). The floor under the variances is scikit-learn's.

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, ArrayView1, Axis};
use rayon::prelude::*;

use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked};

/// The setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NaiveBayes {
    /// What is added to every variance, as a share of the largest variance of a feature over all samples; positive or
    /// 0. Default 1e-9, as in scikit-learn.
    pub floor: f64,
}

impl Default for NaiveBayes {
    fn default() -> Self {
        NaiveBayes { floor: 1e-9 }
    }
}

/// A bell for each class and feature.
#[derive(Clone, Debug, PartialEq)]
pub struct NaiveBayesModel {
    /// The share of each class among the training samples, `(k,)`.
    pub shares: Array1<f64>,
    /// Means, `(k, d)`.
    pub means: Array2<f64>,
    /// Variances, `(k, d)`, with the floor.
    pub variances: Array2<f64>,
}

impl Fit for NaiveBayes {
    type Model = NaiveBayesModel;

    // ANCHOR: fit
    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<NaiveBayesModel, FitError> {
        let (k, d) = (checked(inputs, labels)?, inputs.features());
        if !(self.floor >= 0.0 && self.floor.is_finite()) {
            let (setting, fix) = ("floor", "give a number of 0 or more, such as 1e-9");
            return Err(FitError::Setting { setting, value: self.floor.to_string(), fix });
        }
        let counts = learning::classes::counts(labels);
        let n = Array1::from_iter(counts.iter().map(|n| (*n).max(1) as f64)).insert_axis(Axis(1));
        let (mut means, mut variances) = (Array2::zeros((k, d)), Array2::<f64>::zeros((k, d)));
        each(inputs, labels, |class, x| means.row_mut(class).scaled_add(1.0, &x));
        means /= &n;
        each(inputs, labels, |class, x| {
            let squares = (&x - &means.row(class)).mapv(|difference| difference * difference);
            variances.row_mut(class).scaled_add(1.0, &squares);
        });
        variances /= &n;
        variances += self.floor * largest_variance(inputs);
        self.check(&counts, &variances)?;
        let shares = counts.iter().map(|count| *count as f64 / labels.len() as f64).collect();
        Ok(NaiveBayesModel { shares, means, variances })
    }
    // ANCHOR_END: fit
}

impl NaiveBayes {
    /// That no class with samples has a bell of width 0.
    fn check(&self, counts: &[usize], variances: &Array2<f64>) -> Result<(), FitError> {
        let narrow = |(row, count): (ArrayView1<'_, f64>, &usize)| {
            *count > 0 && row.iter().any(|variance| *variance <= 0.0)
        };
        if variances.rows().into_iter().zip(counts).any(narrow) {
            let fix =
                "a variance is 0 with it; give a larger floor, or leave constant features out";
            let value = self.floor.to_string();
            return Err(FitError::Setting { setting: "floor", value, fix });
        }
        Ok(())
    }
}

/// Calls `f` with the class and the features of each sample, in order.
fn each(inputs: Inputs<'_>, labels: &[u8], mut f: impl FnMut(usize, ArrayView1<'_, f64>)) {
    let mut row = vec![0.0; inputs.features()];
    let mut x = Array1::zeros(inputs.features());
    for (i, label) in labels.iter().enumerate() {
        inputs.read(i, &mut row);
        x.iter_mut().zip(&row).for_each(|(to, from)| *to = f64::from(*from));
        f(usize::from(*label), x.view());
    }
}

/// The largest variance of a feature over all samples.
fn largest_variance(inputs: Inputs<'_>) -> f64 {
    let n = inputs.samples() as f64;
    let (mut mean, mut variance) =
        (Array1::<f64>::zeros(inputs.features()), Array1::<f64>::zeros(inputs.features()));
    let all = vec![0; inputs.samples()];
    each(inputs, &all, |_, x| mean.scaled_add(1.0 / n, &x));
    each(inputs, &all, |_, x| variance.scaled_add(1.0 / n, &(&x - &mean).mapv(|v| v * v)));
    variance.iter().copied().fold(0.0, f64::max)
}

impl NaiveBayesModel {
    /// A model of these bells.
    ///
    /// # Errors
    /// A message where shares are no shares, or the bell of a class with samples has no width.
    pub fn from_parts(
        shares: Array1<f64>,
        means: Array2<f64>,
        variances: Array2<f64>,
    ) -> Result<Self, String> {
        if shares.iter().any(|share| *share < 0.0) || (shares.sum() - 1.0).abs() > 1e-6 {
            return Err("has shares of classes that are not shares of one".to_owned());
        }
        let narrow = |(row, share): (ArrayView1<'_, f64>, &f64)| {
            *share > 0.0 && row.iter().any(|variance| *variance <= 0.0)
        };
        if variances.rows().into_iter().zip(&shares).any(narrow) {
            return Err("has a variance that is not above 0".to_owned());
        }
        Ok(NaiveBayesModel { shares, means, variances })
    }

    /// `ln P(class) + Σ ln N(x; μ, σ²)` of each sample and class, `(m, k)`. A class without samples has −∞. `O(m k d)`.
    ///
    /// # Errors
    /// Where the samples have another number of features, or a number that is not finite.
    pub fn log_joint(&self, inputs: Inputs<'_>) -> Result<Array2<f64>, FitError> {
        asked(inputs, self.features())?;
        let mut joint = Array2::zeros((inputs.samples(), self.classes()));
        let constants: Vec<f64> = (0..self.classes()).map(|class| self.constant(class)).collect();
        let rows = joint.axis_iter_mut(Axis(0)).into_par_iter().enumerate();
        rows.for_each_init(
            || vec![0.0; self.features()],
            |x, (i, mut joint)| {
                inputs.read(i, x);
                for (class, to) in joint.iter_mut().enumerate() {
                    *to = constants[class];
                    // The bell of a class without samples may have no width, and so no distance.
                    if self.shares[class] > 0.0 {
                        *to -= 0.5 * self.squared_distance(class, x);
                    }
                }
            },
        );
        Ok(joint)
    }

    // ANCHOR: log_joint
    /// What does not depend on the sample: `ln P(class) − ½ Σ ln 2πσ²`.
    fn constant(&self, class: usize) -> f64 {
        if self.shares[class] == 0.0 {
            return f64::NEG_INFINITY;
        }
        let logs = self.variances.row(class).mapv(|variance| (TAU * variance).ln());
        self.shares[class].ln() - 0.5 * logs.sum()
    }

    /// `Σ (x − μ)² / σ²`: how far the sample is from the class, in deviations.
    fn squared_distance(&self, class: usize, x: &[f32]) -> f64 {
        let bells = self.means.row(class).into_iter().zip(self.variances.row(class)).zip(x);
        bells.map(|((mean, variance), x)| (f64::from(*x) - mean).powi(2) / variance).sum()
    }
    // ANCHOR_END: log_joint
}

impl Classifier for NaiveBayesModel {
    fn classes(&self) -> usize {
        self.shares.len()
    }

    fn features(&self) -> usize {
        self.means.ncols()
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        Ok(self
            .log_joint(inputs)?
            .rows()
            .into_iter()
            .map(|row| crate::model::largest(row) as u8)
            .collect())
    }

    fn probabilities(&self, inputs: Inputs<'_>) -> Result<Option<Array2<f32>>, FitError> {
        let mut joint = self.log_joint(inputs)?;
        for mut row in joint.rows_mut() {
            let most = row[crate::model::largest(row.view())];
            row.mapv_inplace(|log| (log - most).exp());
            let sum = row.sum();
            row /= sum;
        }
        Ok(Some(joint.mapv(|p| p as f32)))
    }
}
