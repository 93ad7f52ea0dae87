//! The linear support vector machine (Cortes and Vapnik 1995), one class against the rest, with the squared hinge:
//! what LIBLINEAR (Fan et al. 2008) and scikit-learn's `LinearSVC` minimise, by the same method, dual coordinate descent
//! (Hsieh et al. 2008), or for all classes at once by L-BFGS.
//!
//! For one class with signs `y = ±1` it is `½‖w‖² + C Σ max(0, 1 − y w·x)²`, where `x` has one more feature, a constant 1,
//! whose weight is the intercept. So the intercept is part of the penalty, too.

mod descent;
pub mod plain;
mod primal;
mod settings;

pub use settings::{LinearSvm, Method};

use ndarray::{Array1, Array2, s};
use rayon::prelude::*;

use crate::kernels::Path;
use crate::model::{Classifier, Fit, FitError, Inputs, asked, checked};
use crate::softmax::scores;

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
            let (planes, iterations) = primal::fit(self, path, inputs, labels, k);
            return Ok(LinearSvmModel {
                weights: planes.slice(s![.., ..d]).to_owned(),
                intercepts: planes.column(d).mapv(|w| w * self.constant),
                passes: vec![iterations; k],
            });
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
        Ok(decisions.rows().into_iter().map(|row| crate::model::largest(row) as u8).collect())
    }
}
