//! The linear support vector machine (Cortes and Vapnik 1995), one class against the rest, with the squared hinge:
//! what LIBLINEAR (Fan et al. 2008) and scikit-learn's `LinearSVC` minimise, by the same method, dual coordinate descent
//! (Hsieh et al. 2008), or for all classes at once by L-BFGS.
//!
//! For one class with signs `y = ±1` it is `½‖w‖² + C Σ max(0, 1 − y w·x)²`, where `x` has one more feature, a constant 1,
//! whose weight is the intercept. So the intercept is part of the penalty, too.

mod descent;
pub mod plain;
mod primal;

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use crate::kernels::Path;
use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked, positive};
use crate::softmax::scores;

/// Two ways to the same planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Method {
    /// A weight for each sample, one sample after another.
    #[default]
    Dual,
    /// The planes themselves, by L-BFGS, all classes at once.
    Primal,
}

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearSvm {
    /// What the samples weigh against the penalty, above 0. Default 1.
    pub c: f64,
    /// Which of the two problems is solved. Default the dual.
    pub method: Method,
    /// The most passes over the samples, or iterations of L-BFGS, at least 1. Default 1000.
    pub passes: usize,
    /// How far the slopes of a pass may lie apart at the end, above 0; in
    /// the primal, the largest component of the gradient of the mean
    /// objective. Default 1e-4.
    pub tolerance: f64,
    /// The constant behind the features, above 0. Default 1; the larger, the less the penalty holds the intercept.
    pub constant: f32,
    /// Decides the order of the samples. Default 0.
    pub seed: u64,
}

impl Default for LinearSvm {
    fn default() -> Self {
        let method = Method::default();
        LinearSvm { c: 1.0, method, passes: 1000, tolerance: 1e-4, constant: 1.0, seed: 0 }
    }
}

/// A plane for each class.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearSvmModel {
    /// `(k, d)`.
    pub weights: Array2<f32>,
    /// `(k,)`.
    pub intercepts: Array1<f32>,
    /// Passes that each class took, or iterations; not kept in a file.
    pub passes: Vec<usize>,
}

impl LinearSvm {
    fn check(&self) -> Result<(), FitError> {
        positive("C", self.c)?;
        positive("tolerance", self.tolerance)?;
        positive("constant", self.constant.into())?;
        if self.passes == 0 {
            let fix = "give at least 1";
            return Err(FitError::Setting { setting: "passes", value: "0".to_owned(), fix });
        }
        Ok(())
    }

    /// As [`Fit::fit`], as another processor would compute it.
    ///
    /// # Errors
    /// As there.
    pub fn fit_on(
        &self,
        path: Path,
        inputs: Inputs<'_>,
        labels: &[u8],
    ) -> Result<LinearSvmModel, FitError> {
        self.check()?;
        let (k, d) = (checked(inputs, labels)?, inputs.features());
        if self.method == Method::Primal {
            return Ok(primal::fit(self, path, inputs, labels, k));
        }
        let rows = descent::Rows::new(path, inputs, self.constant);
        let one = |class: usize| descent::Descent::new(self, &rows, labels, class as u8).run();
        let fits: Vec<(Vec<f32>, usize)> = (0..k).into_par_iter().map(one).collect();
        Ok(LinearSvmModel {
            weights: Array2::from_shape_fn((k, d), |(class, j)| fits[class].0[j]),
            intercepts: fits.iter().map(|(w, _)| w[d] * self.constant).collect(),
            passes: fits.iter().map(|(_, passes)| *passes).collect(),
        })
    }
}

impl Fit for LinearSvm {
    type Model = LinearSvmModel;

    fn fit(&self, inputs: Inputs<'_>, labels: &[u8]) -> Result<LinearSvmModel, FitError> {
        self.fit_on(Path::best(), inputs, labels)
    }
}

impl LinearSvmModel {
    /// How far each sample is on the side of each class, `(m, k)`, in units of the margin.
    ///
    /// # Errors
    /// Where the samples have another number of features, or a number that is not finite.
    pub fn decisions(&self, inputs: Inputs<'_>) -> Result<Array2<f32>, FitError> {
        asked(inputs, self.features())?;
        Ok(scores(self.weights.view(), &self.intercepts, inputs))
    }
}

impl Classifier for LinearSvmModel {
    fn classes(&self) -> usize {
        self.weights.nrows()
    }

    fn features(&self) -> usize {
        self.weights.ncols()
    }

    fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
        let decisions = self.decisions(inputs)?;
        Ok(decisions.rows().into_iter().map(|row| crate::largest(row) as u8).collect())
    }
}
