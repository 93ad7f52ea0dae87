//! The largest of a window, and the mean of a channel.

use backprop::kernels::{Arithmetic, Kernel};

use super::lane::{LANES, Lane};

/// Sixteen channels: the largest of windows of 3 × 3, stride 2, padding 1.
#[derive(Debug)]
pub struct MaxPool<'a> {
    /// The whole input of the sixteen channels.
    pub x: &'a [Lane],
    /// Its rows and columns.
    pub size: (usize, usize),
    /// The output from row `first` on.
    pub y: &'a mut [Lane],
    /// The first row of the output.
    pub first: usize,
    /// Pixels of a row of `y`.
    pub width: usize,
}

impl Kernel for MaxPool<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (height, width) = self.size;
        for (row, y) in self.y.chunks_mut(self.width).enumerate() {
            let i = 2 * (self.first + row);
            for (column, y) in y.iter_mut().enumerate() {
                let columns = (2 * column).saturating_sub(1)..(2 * column + 2).min(width);
                let mut most = [f32::NEG_INFINITY; LANES];
                for u in i.saturating_sub(1)..(i + 2).min(height) {
                    for x in &self.x[u * width..][columns.clone()] {
                        for j in 0..LANES {
                            most[j] = if x.0[j] > most[j] { x.0[j] } else { most[j] };
                        }
                    }
                }
                y.0 = most;
            }
        }
    }
}

/// The mean of each of sixteen channels.
#[derive(Debug)]
pub struct Mean<'a> {
    /// The channels.
    pub x: &'a [Lane],
}

impl Kernel for Mean<'_> {
    type Output = Lane;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Lane {
        // Four sums at a time, so that one addition need not wait for the one before.
        let mut sums = [Lane::default(); 4];
        for x in self.x.chunks(4) {
            for (sum, x) in sums.iter_mut().zip(x) {
                for j in 0..LANES {
                    sum.0[j] += x.0[j];
                }
            }
        }
        let mut mean = Lane::default();
        for j in 0..LANES {
            let sum = (sums[0].0[j] + sums[1].0[j]) + (sums[2].0[j] + sums[3].0[j]);
            mean.0[j] = sum / self.x.len() as f32;
        }
        mean
    }
}
