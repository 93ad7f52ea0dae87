//! Least squares where there may be more features than samples: the solution of least norm, and ridge regression.
//!
//! A model of `N` features is linear in them. With fewer features than samples the least squares have one solution; with
//! more they have many, which all fit the samples, and the one whose weights are shortest is taken. Hoerl and Kennard
//! (1970) gave ridge regression its name; in the limit of a vanishing ridge it is the solution of least norm.

use ndarray::{Array2, ArrayView2};

use crate::cholesky::{Cholesky, Dependent, gram};

/// What keeps weights from being found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Some row of the smaller Gram matrix is a sum of those before it.
    #[error(transparent)]
    Dependent(#[from] Dependent),
    /// A ridge that is none.
    #[error("the ridge is {0}; give a finite number from 0")]
    Ridge(f64),
    /// Nothing to fit, or as many targets as are not samples.
    #[error(
        "{samples} samples of {features} features have {targets} targets; give at least one of each, and a target for each sample"
    )]
    Shapes {
        /// Rows of the samples.
        samples: usize,
        /// Their columns.
        features: usize,
        /// Rows of the targets.
        targets: usize,
    },
}

/// A value or a fault.
pub type Result<T> = std::result::Result<T, Error>;

/// Samples and targets, with the smaller of the two Gram matrices: so that several ridges share it.
#[derive(Clone, Debug)]
pub struct LeastSquares<'a> {
    x: ArrayView2<'a, f64>,
    y: ArrayView2<'a, f64>,
    gram: Array2<f64>,
}

impl<'a> LeastSquares<'a> {
    /// Samples `x`, `(n, N)`, and targets `y`, `(n, k)`. `O(n N min(n, N))`.
    ///
    /// # Errors
    /// [`Error::Shapes`].
    pub fn new(x: ArrayView2<'a, f64>, y: ArrayView2<'a, f64>) -> Result<Self> {
        let ((samples, features), targets) = (x.dim(), y.nrows());
        if samples == 0 || features == 0 || samples != targets {
            return Err(Error::Shapes { samples, features, targets });
        }
        let gram = gram(if features <= samples { x.t() } else { x });
        Ok(LeastSquares { x, y, gram })
    }

    // ANCHOR: fit
    /// The weights `(N, k)` that make `‖x w − y‖² + ridge ‖w‖²` smallest; for
    /// ridge 0, of all that make `‖x w − y‖²` smallest, the shortest.
    /// `O(min(n, N)³ / 3 + n N k)`.
    ///
    /// # Errors
    /// [`Error::Ridge`], and [`Error::Dependent`] where the ridge is too small.
    pub fn fit(&self, ridge: f64) -> Result<Array2<f64>> {
        let factor = self.factor(ridge)?;
        Ok(if self.is_wide() {
            self.x.t().dot(&factor.solve(self.y.to_owned()))
        } else {
            factor.solve(self.x.t().dot(&self.y))
        })
    }
    // ANCHOR_END: fit

    /// True where there are more features than samples.
    pub fn is_wide(&self) -> bool {
        self.x.ncols() > self.x.nrows()
    }

    /// The factor of the Gram matrix with a ridge on its diagonal.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn factor(&self, ridge: f64) -> Result<Cholesky> {
        if !(ridge.is_finite() && ridge >= 0.0) {
            return Err(Error::Ridge(ridge));
        }
        let mut gram = self.gram.clone();
        gram.diag_mut().mapv_inplace(|g| g + ridge);
        Ok(Cholesky::new(gram)?)
    }
}

/// The length of weights of all outputs together, `‖w‖`.
pub fn norm(weights: ArrayView2<'_, f64>) -> f64 {
    weights.iter().map(|w| w * w).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_vanishing_ridge_gives_the_shortest_weights_that_fit(
            n in 1..6_usize, more in 1..6_usize, seed in 0..1000_u64,
        ) {
            let number = |i: usize, j: usize| ((seed as f64 + 1.0) * (i * 7 + j + 1) as f64).sin();
            let x = Array2::from_shape_fn((n, n + more), |(i, j)| number(i, j));
            let y = Array2::from_shape_fn((n, 1), |(i, _)| number(i, 99));
            let problem = LeastSquares::new(x.view(), y.view()).unwrap();
            let Ok(w) = problem.fit(0.0) else { return Ok(()) };
            // Lengths are bounded away from what rounding could decide.
            prop_assume!(norm(w.view()) < 1e3);
            let off = x.dot(&w) - &y;
            prop_assert!(off.iter().all(|d| d.abs() < 1e-6));
            let nearly = problem.fit(1e-9).unwrap();
            prop_assert!(norm((&nearly - &w).view()) < 1e-3 * (1.0 + norm(w.view())).powi(3));
        }

        #[test]
        fn both_gram_matrices_give_the_same_ridge(seed in 0..1000_u64, ridge in 0.01..2.0_f64) {
            let x = Array2::from_shape_fn((6, 4), |(i, j)| ((seed + 3) as f64 * (i + 5 * j + 1) as f64).cos());
            let y = Array2::from_shape_fn((6, 2), |(i, j)| (i as f64 - j as f64).sin());
            let tall = LeastSquares::new(x.view(), y.view()).unwrap().fit(ridge).unwrap();
            // A feature that is always 0 changes nothing but the matrix that is factored.
            let mut padded = Array2::zeros((6, 9));
            padded.slice_mut(ndarray::s![.., ..4]).assign(&x);
            let wide = LeastSquares::new(padded.view(), y.view()).unwrap().fit(ridge).unwrap();
            let off = &wide.slice(ndarray::s![..4, ..]) - &tall;
            prop_assert!(off.iter().all(|d| d.abs() < 1e-9));
            prop_assert!(wide.slice(ndarray::s![4.., ..]).iter().all(|w| *w == 0.0));
        }
    }

    #[test]
    fn faults_are_told() {
        let (x, y) = (array![[1.0, 1.0], [1.0, 1.0]], array![[1.0], [2.0]]);
        let problem = LeastSquares::new(x.view(), y.view()).unwrap();
        assert_eq!(problem.fit(0.0).unwrap_err(), Error::Dependent(Dependent { row: 1 }));
        assert!(problem.fit(0.1).is_ok());
        assert!(matches!(problem.fit(-1.0), Err(Error::Ridge(_))));
        assert!(matches!(problem.fit(f64::NAN), Err(Error::Ridge(_))));
        let short = array![[1.0]];
        let fault = Error::Shapes { samples: 2, features: 2, targets: 1 };
        assert_eq!(LeastSquares::new(x.view(), short.view()).unwrap_err(), fault);
    }
}
