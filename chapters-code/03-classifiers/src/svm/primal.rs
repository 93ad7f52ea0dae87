//! The planes of all classes at once, by L-BFGS on the mean objective: one pass over the samples gives the slopes of
//! all classes, so a pass costs little more than it would for one.

use ndarray::Array2;

use super::settings::LinearSvm;
use crate::kernels::Path;
use crate::lbfgs::Lbfgs;
use crate::model::Inputs;
use crate::softmax::{Fused, Loss};

/// Fits `classes` planes. Divided by `C n`, the sum of the classes' objectives is the mean squared hinge and
/// `‖w‖² / (2 C n)`. Gives `(k, d + 1)` weights and the iterations taken.
// ANCHOR: fit
pub(super) fn fit(
    settings: &LinearSvm,
    path: Path,
    inputs: Inputs<'_>,
    labels: &[u8],
    classes: usize,
) -> (Array2<f32>, usize) {
    let penalty = 1.0 / (settings.c * labels.len() as f64);
    let loss = Loss::SquaredHinge { constant: settings.constant };
    let mut objective = Fused::new(inputs, labels, classes, penalty).of(loss).on(path);
    let width = inputs.features() + 1;
    let mut x = vec![0.0; classes * width];
    let (iterations, tolerance) = (settings.passes, settings.tolerance);
    let ended = Lbfgs { memory: MEMORY, iterations, tolerance }.minimise(
        &mut x,
        |x, gradient| objective.evaluate(x, gradient),
        |_, _| {},
    );
    let planes = Array2::from_shape_fn((classes, width), |(k, j)| x[k * width + j] as f32);
    (planes, ended.iterations)
}
// ANCHOR_END: fit

/// Steps that L-BFGS remembers: many, since the classes share them.
const MEMORY: usize = 100;
