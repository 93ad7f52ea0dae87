//! Softmax with cross-entropy, in one: `loss = −ln pₜ`, where `p = softmax(z)` and `t` is the true class.
//!
//! Together they have the simplest of all gradients, `dz = p − eₜ`, where `eₜ` is 1 at `t` and 0 elsewhere. The
//! largest logit is subtracted before the exponentials, so that none of them overflows.

use crate::Real;

/// The loss of one sample with logits `z` and true class `label`.
///
/// Give a label below `z.len()`; the engine checks it.
pub fn forward<T: Real>(z: &[T], label: usize) -> T {
    let (largest, sum) = normaliser(z);
    sum.ln() - (z[label] - largest)
}

/// The gradient `dz` of `scale · loss`.
pub fn backward<T: Real>(z: &[T], label: usize, scale: T, dz: &mut [T]) {
    softmax(z, dz);
    dz[label] = dz[label] - T::ONE;
    dz.iter_mut().for_each(|dz| *dz = *dz * scale);
}

/// Probabilities: `p = e^z / Σ e^z`.
pub fn softmax<T: Real>(z: &[T], p: &mut [T]) {
    let (largest, sum) = normaliser(z);
    for (p, &z) in p.iter_mut().zip(z) {
        *p = (z - largest).exp() / sum;
    }
}

/// The largest logit, and the sum of the exponentials of all after it is subtracted.
fn normaliser<T: Real>(z: &[T]) -> (T, T) {
    let largest = z.iter().fold(z[0], |m, &z| m.maximum(z));
    let sum = z.iter().fold(T::ZERO, |sum, &z| sum + (z - largest).exp());
    (largest, sum)
}
