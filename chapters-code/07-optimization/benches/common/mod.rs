//! What the benches of training share, here and in the chapters that build on this one.

use backprop::Batch;

/// A mini-batch: some rows of all.
pub struct Mini<'a> {
    /// All inputs, `(N, D)`.
    pub x: &'a [f32],
    /// All labels, `(N,)`.
    pub y: &'a [u8],
    /// Which of them.
    pub rows: &'a [usize],
}

impl Batch<f32> for Mini<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn input(&self, i: usize, to: &mut [f32]) {
        to.copy_from_slice(&self.x[self.rows[i] * to.len()..][..to.len()]);
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        Some(self.y[self.rows[i]].into())
    }
}
