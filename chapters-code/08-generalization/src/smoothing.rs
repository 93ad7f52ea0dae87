//! Label smoothing (Szegedy et al., 2016): the target gives a share `ε` of its
//! certainty to all classes alike.

use backprop::operations::cross_entropy;
use backprop::{Loss, Real};

// ANCHOR: smoothed
/// Cross-entropy against a target that is `1 − ε + ε/K` at the true class and
/// `ε/K` at each of the others, as PyTorch has it.
///
/// With logits `z` whose mean is `m`, and true class `t`, that is the usual
/// loss plus `ε (zₜ − m)`.
#[derive(Clone, Copy, Debug)]
pub struct Smoothed {
    /// `ε`, from 0, which is plain cross-entropy, to 1.
    pub share: f64,
}

impl<T: Real> Loss<T> for Smoothed {
    fn forward(&self, z: &[T], label: usize) -> T {
        let sum = z.iter().fold(T::ZERO, |sum, &z| sum + z);
        let mean = sum / T::of(z.len() as f64);
        cross_entropy::forward(z, label) + T::of(self.share) * (z[label] - mean)
    }

    fn backward(&self, z: &[T], label: usize, scale: T, dz: &mut [T]) {
        cross_entropy::backward(z, label, scale, dz);
        let share = T::of(self.share) * scale;
        let each = share / T::of(z.len() as f64);
        dz.iter_mut().for_each(|dz| *dz = *dz - each);
        dz[label] += share;
    }
}
// ANCHOR_END: smoothed
