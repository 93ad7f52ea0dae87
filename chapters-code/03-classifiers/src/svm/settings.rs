//! What decides a fit of the linear machine.

use crate::model::{FitError, positive};

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

impl LinearSvm {
    /// Whether the settings have a meaning.
    ///
    /// # Errors
    /// A setting that has none.
    pub(super) fn check(&self) -> Result<(), FitError> {
        positive("C", self.c)?;
        positive("tolerance", self.tolerance)?;
        positive("constant", self.constant.into())?;
        if self.passes == 0 {
            let fix = "give at least 1";
            return Err(FitError::Setting { setting: "passes", value: "0".to_owned(), fix });
        }
        Ok(())
    }
}
