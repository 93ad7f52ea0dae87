//! The gradient checker: every weight is moved a little, both ways, and the change of the loss compared with what
//! the backward says. In `f64`, so that what is left is the error of the formula.

use crate::{Batch, Engine, Result, Tensor};

/// How far each weight is moved. The first is near the cube root of the precision of `f64`, where the error of the
/// central difference is smallest for a loss that curves as much as it rises. The others are tried only where the first
/// disagrees: between the two moved weights there may have been a kink of ReLU or of max-pooling, where the loss has no
/// derivative, or a bend as sharp as that of batch normalisation over nearly equal numbers. A smaller step sees
/// less of a bend and more of the rounding, so the best of them counts. A wrong backward agrees with none.
pub const STEPS: [f64; 3] = [1e-5, 1e-6, 1e-7];

/// An error up to which no other step is tried.
const SUSPECT: f64 = 1e-7;

/// Where backward and difference disagree the most.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// Name of the tensor.
    pub name: String,
    /// Number of the element.
    pub element: usize,
    /// What the backward says.
    pub backward: f64,
    /// What the difference says.
    pub difference: f64,
    /// Their distance, relative to the largest gradient of the tensor (or to 10⁻³, where that is smaller).
    pub error: f64,
}

/// Compares the gradient of every weight with a central difference. Gives the worst, or nothing if there are no
/// weights. Costs two forward passes for each weight.
///
/// # Errors
/// Where the batch does not fit the engine, or a loss is not finite.
pub fn check(engine: &mut Engine<f64>, batch: &dyn Batch<f64>) -> Result<Option<Disagreement>> {
    engine.gradients(batch)?;
    let (gradient, mut weights) = (engine.gradient(), engine.weights());
    let trained: Vec<bool> = engine.parameters().map(|(_, weight)| weight.trained).collect();
    let mut worst: Option<Disagreement> = None;
    for t in (0..weights.len()).filter(|&t| trained[t]) {
        let largest = gradient[t].data.iter().fold(1e-3_f64, |m, g| m.max(g.abs()));
        for i in 0..weights[t].data.len() {
            let backward = gradient[t].data[i];
            let (mut difference, mut error) = (f64::NAN, f64::INFINITY);
            for step in STEPS {
                let with_step = central(engine, batch, &mut weights, (t, i), step)?;
                let apart = (backward - with_step).abs() / largest;
                if apart < error {
                    (difference, error) = (with_step, apart);
                }
                if error <= SUSPECT {
                    break;
                }
            }
            if worst.as_ref().is_none_or(|worst| error > worst.error) {
                let name = weights[t].name.clone();
                worst = Some(Disagreement { name, element: i, backward, difference, error });
            }
        }
    }
    engine.set_weights(&weights)?;
    Ok(worst)
}

/// `(loss(w + h) − loss(w − h)) / 2h` for element `i` of tensor `t`.
fn central(
    engine: &mut Engine<f64>,
    batch: &dyn Batch<f64>,
    weights: &mut [Tensor<f64>],
    (t, i): (usize, usize),
    step: f64,
) -> Result<f64> {
    // ANCHOR: central
    let w = weights[t].data[i];
    let mut loss_at = |moved: f64| {
        weights[t].data[i] = moved;
        engine.set_weights(weights)?;
        engine.loss(batch)
    };
    let slope = (loss_at(w + step)? - loss_at(w - step)?) / (2.0 * step);
    weights[t].data[i] = w;
    Ok(slope)
    // ANCHOR_END: central
}
