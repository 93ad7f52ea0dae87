//! The jobs that are timed, ours by the benches and those of others by `tests/peers/03-classifiers-time.py`: one
//! place for the settings of ours, so that what is timed is what is compared.

use crate::trees::GradientBoosting;
use crate::{LinearSvm, Method, Neighbours, Softmax};

/// The first garments, to which `linear_svm_fit_10k`, `linear_svm_primal_10k` and `boosting_fit_10k` are fitted.
pub const FEW: usize = 10_000;

/// `knn_predict_10k_of_60k`, on bytes.
pub const NEIGHBOURS: Neighbours = Neighbours { k: 5 };

/// `logreg_fit_60k`: as scikit-learn's `LogisticRegression(max_iter=50)`.
pub const SOFTMAX: Softmax = Softmax { c: 1.0, iterations: 50, tolerance: 1e-4 };

/// `linear_svm_fit_10k`: as scikit-learn's `LinearSVC(dual=True, max_iter=100)`.
pub const MACHINE: LinearSvm = LinearSvm {
    c: 1.0,
    method: Method::Dual,
    passes: 100,
    tolerance: 1e-4,
    constant: 1.0,
    seed: 0,
};

/// `linear_svm_primal_10k`: beside `LinearSVC(dual=False)`, and as far as it goes.
pub const PLANES: LinearSvm = LinearSvm { method: Method::Primal, passes: 150, ..MACHINE };

/// `boosting_fit_10k`: twenty rounds. `random_forest_fit_60k` has the default settings.
pub const BOOSTING: GradientBoosting =
    GradientBoosting { rounds: 20, rate: 0.1, leaves: 31, lambda: 1.0, curvature: 1e-3 };
