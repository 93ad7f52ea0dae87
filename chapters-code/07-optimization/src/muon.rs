//! Muon (Jordan and others, 2024): a rule that sees a matrix of weights as a matrix. The velocity of a matrix is replaced by the
//! nearest matrix whose singular values are all about 1, so that no direction is stepped along faster than another.
//!
//! It needs whole matrices, where the other [rules](crate::rules) need single numbers, so it stands beside them. As its authors
//! advise, tensors that are no hidden matrices follow another rule.

use backprop::{Batch, Engine, Result, Tensor};
use ndarray::{Array2, ArrayView2};

use crate::Optimizer;

/// The polynomial `a x + b x³ + c x⁵` of the iteration, by which singular values go to about 1.
const POLYNOMIAL: [f32; 3] = [3.4445, -4.7750, 2.0315];
/// How often it is applied.
const ITERATIONS: usize = 5;

// ANCHOR: orthogonalise
/// A matrix with the same singular vectors, and singular values near 1, found
/// by products of matrices alone (Newton and Schulz).
pub fn orthogonalise(g: ArrayView2<'_, f32>) -> Array2<f32> {
    let wide = g.nrows() <= g.ncols();
    let mut x = if wide { g.to_owned() } else { g.t().to_owned() };
    let length = x.iter().map(|x| x * x).sum::<f32>().sqrt();
    x /= length.max(1e-7);
    let [a, b, c] = POLYNOMIAL;
    for _ in 0..ITERATIONS {
        let square = x.dot(&x.t());
        let polynomial = &square * b + square.dot(&square) * c;
        x = &x * a + polynomial.dot(&x);
    }
    if wide { x } else { x.reversed_axes() }
}
// ANCHOR_END: orthogonalise

/// Multiply-adds of [`orthogonalise`] for a matrix of so many rows and columns.
pub fn multiply_adds(rows: u64, columns: u64) -> u64 {
    let (short, long) = (rows.min(columns), rows.max(columns));
    ITERATIONS as u64 * (2 * short * short * long + short.pow(3))
}

/// The rule, and what it keeps.
#[derive(Debug)]
pub struct Muon {
    keep: f32,
    others: Optimizer,
    takes: fn(&str) -> bool,
    /// The mean gradient of each tensor, in the engine's order; empty where Muon does not take it.
    means: Vec<Array2<f32>>,
    step: u64,
}

impl Muon {
    /// With a share `keep` of the mean gradient that stays, 0.95 by its authors, for the matrices whose name `takes` says so.
    /// All else follows `others`.
    pub fn new(keep: f64, others: Optimizer, takes: fn(&str) -> bool) -> Self {
        Muon { keep: keep as f32, others, takes, means: Vec::new(), step: 0 }
    }

    /// A step: Muon's at `rate`, and at `other_rate` that of the other rule. Gives the mean loss before it.
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn step(
        &mut self,
        engine: &mut Engine<f32>,
        batch: &dyn Batch<f32>,
        rate: f64,
        other_rate: f64,
    ) -> Result<f64> {
        let loss = engine.gradients(batch)?;
        let (gradients, weights) = (engine.gradient(), engine.weights());
        self.means.resize(weights.len(), Array2::zeros((0, 0)));
        self.step += 1;
        // The other rule moves all; what is Muon's is then written over.
        engine.update(&self.others.at(self.step, other_rate))?;
        for ((g, mut w), mean) in gradients.iter().zip(weights).zip(&mut self.means) {
            let &[rows, columns] = &w.shape[..] else { continue };
            let Ok(g) = ArrayView2::from_shape((rows, columns), &g.data) else { continue };
            if (self.takes)(&w.name) {
                move_by(&mut w, g, mean, self.keep, rate as f32);
                engine.set(&w.name, &w.shape, &w.data)?;
            }
        }
        Ok(loss)
    }
}

// ANCHOR: muon
/// `m ← μ m + (1 − μ) g`, and `w` goes along the orthogonal matrix that is
/// nearest to `(1 − μ) g + μ m`, as Nesterov looks ahead.
fn move_by(
    w: &mut Tensor<f32>,
    g: ArrayView2<'_, f32>,
    mean: &mut Array2<f32>,
    keep: f32,
    rate: f32,
) {
    if mean.is_empty() {
        *mean = Array2::zeros(g.dim());
    }
    *mean = &*mean * keep + &g * (1.0 - keep);
    let step = orthogonalise((&*mean * keep + &g * (1.0 - keep)).view());
    // A tall matrix has fewer singular values than rows.
    let rate = rate * (g.nrows() as f32 / g.ncols() as f32).max(1.0).sqrt();
    for (w, step) in w.data.iter_mut().zip(&step) {
        *w -= rate * step;
    }
}
// ANCHOR_END: muon
