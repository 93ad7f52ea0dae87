//! Layers of matrices, as plainly as `ndarray` allows: forward and backward side by side. The engine computes the same,
//! faster; an experiment holds the two together.
//!
//! On a mini-batch of `N` samples, a row is a sample: `X` is `(N, d)`, `Y` is `(N, m)`.

use ndarray::{Array1, Array2, Axis};

// ANCHOR: linear
/// A layer of `m` units that read `d` numbers: `Y = X Wᵀ + b`.
#[derive(Clone, Debug)]
pub struct Linear {
    /// Weights `W`, `(m, d)`.
    pub w: Array2<f64>,
    /// Biases `b`, `(m)`.
    pub b: Array1<f64>,
}

impl Linear {
    /// From `X`, `(N, d)`, to `Y`, `(N, m)`.
    pub fn forward(&self, x: &Array2<f64>) -> Array2<f64> {
        x.dot(&self.w.t()) + &self.b
    }

    /// From `dY`, `(N, m)`, and what was read: `dX`, and `dW` with `db`.
    pub fn backward(&self, x: &Array2<f64>, dy: &Array2<f64>) -> (Array2<f64>, Linear) {
        let gradient = Linear { w: dy.t().dot(x), b: dy.sum_axis(Axis(0)) };
        (dy.dot(&self.w), gradient)
    }
}
// ANCHOR_END: linear

// ANCHOR: tanh
/// `A = tanh(S)`, number by number.
pub fn tanh_forward(s: &Array2<f64>) -> Array2<f64> {
    s.mapv(f64::tanh)
}

/// From `dA` and `A`: `dS`.
pub fn tanh_backward(a: &Array2<f64>, da: &Array2<f64>) -> Array2<f64> {
    da * &a.mapv(|a| 1.0 - a * a)
}
// ANCHOR_END: tanh

// ANCHOR: cross_entropy
/// Probabilities `P` from logits `Z`, row by row.
pub fn softmax(z: &Array2<f64>) -> Array2<f64> {
    let mut p = z.clone();
    for mut row in p.rows_mut() {
        let largest = row.fold(f64::NEG_INFINITY, |m, &z| m.max(z));
        row.mapv_inplace(|z| (z - largest).exp());
        row /= row.sum();
    }
    p
}

/// The mean of `−ln p` of the true classes `t`, and `dZ`.
pub fn cross_entropy(z: &Array2<f64>, t: &[usize]) -> (f64, Array2<f64>) {
    let (p, n) = (softmax(z), t.len() as f64);
    let loss = t.iter().enumerate().map(|(row, &t)| -p[[row, t]].ln()).sum::<f64>() / n;
    let mut dz = p / n;
    t.iter().enumerate().for_each(|(row, &t)| dz[[row, t]] -= 1.0 / n);
    (loss, dz)
}
// ANCHOR_END: cross_entropy

// ANCHOR: network
/// The loss of two layers on rows `X` with true classes `t`, and the gradient
/// of all weights.
pub fn gradient(
    first: &Linear,
    second: &Linear,
    x: &Array2<f64>,
    t: &[usize],
) -> (f64, [Linear; 2]) {
    let s = first.forward(x);
    let a = tanh_forward(&s);
    let z = second.forward(&a);
    let (loss, dz) = cross_entropy(&z, t);
    let (da, of_second) = second.backward(&a, &dz);
    let ds = tanh_backward(&a, &da);
    let (_, of_first) = first.backward(x, &ds);
    (loss, [of_first, of_second])
}
// ANCHOR_END: network
