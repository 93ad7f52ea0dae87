//! The logistic unit: `p = 1 / (1 + e^−(w · x + b))`, the probability of class 1.

use ndarray::{Array1, ArrayView1, ArrayView2};

/// A logistic unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// Weights, `(d,)`.
    pub weights: Array1<f64>,
    /// Bias.
    pub bias: f64,
}

// ANCHOR: sigmoid
/// `1 / (1 + e^−z)`, without overflow for any `z`.
pub fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}
// ANCHOR_END: sigmoid

/// `ln(1 + e^z)`, without overflow for any `z`.
fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

impl Logistic {
    /// All weights 0: every probability is ½.
    pub fn new(features: usize) -> Self {
        Logistic { weights: Array1::zeros(features), bias: 0.0 }
    }

    /// The probability of class 1.
    pub fn probability(&self, x: ArrayView1<'_, f64>) -> f64 {
        sigmoid(self.weights.dot(&x) + self.bias)
    }

    // ANCHOR: loss
    /// Mean of `−ln p` of the true classes; `y` is 0 or 1.
    pub fn loss(&self, x: ArrayView2<'_, f64>, y: &[f64]) -> f64 {
        let each = x.rows().into_iter().zip(y).map(|(x, &y)| {
            let z = self.weights.dot(&x) + self.bias;
            softplus(z) - y * z
        });
        each.sum::<f64>() / y.len().max(1) as f64
    }
    // ANCHOR_END: loss

    // ANCHOR: gradient
    /// The gradient of [`Logistic::loss`] by the weights, `(d,)`, and by the bias:
    /// the mean of `(p − y) x` and of `p − y`.
    pub fn gradient(&self, x: ArrayView2<'_, f64>, y: &[f64]) -> (Array1<f64>, f64) {
        let (mut weights, mut bias) = (Array1::zeros(x.ncols()), 0.0);
        for (x, &y) in x.rows().into_iter().zip(y) {
            let error = self.probability(x) - y;
            weights.scaled_add(error, &x);
            bias += error;
        }
        let n = y.len().max(1) as f64;
        (weights / n, bias / n)
    }

    /// One step of gradient descent on [`Logistic::loss`].
    pub fn step(&mut self, x: ArrayView2<'_, f64>, y: &[f64], rate: f64) {
        let (weights, bias) = self.gradient(x, y);
        self.weights.scaled_add(-rate, &weights);
        self.bias -= rate * bias;
    }
    // ANCHOR_END: gradient
}
