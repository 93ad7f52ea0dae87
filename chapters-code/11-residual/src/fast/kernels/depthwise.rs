//! A convolution of each of sixteen channels by itself.

use backprop::kernels::{Arithmetic, Kernel};

use super::lane::{Finish, LANES, Lane, height, with_pixels};
use super::prefetch;

/// Some rows of the output, from rows of the input whose border is there.
#[derive(Debug)]
pub struct Depthwise<'a, const S: usize> {
    /// The input: `(rows − 1) S + window` rows.
    pub x: &'a [Lane],
    /// Side of the window: a variable, so that the compiler does not write its loops out, of which it makes scalar code.
    pub window: usize,
    /// From one row of `x` to the next.
    pub stride: usize,
    /// `window²` weights of each channel.
    pub weights: &'a [Lane],
    /// One number for each channel.
    pub bias: Lane,
    /// What comes behind the sums.
    pub finish: Finish<'a>,
    /// The output.
    pub y: &'a mut [Lane],
    /// Pixels of a row of `y`.
    pub width: usize,
}

impl<const S: usize> Kernel for Depthwise<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let sevens = self.width.is_multiple_of(7);
        for row in 0..self.y.len() / self.width {
            let mut column = 0;
            while column < self.width {
                let pixels = if sevens { 7 } else { height(self.width - column) };
                match pixels {
                    7 => self.tile::<A, 7>(row, column),
                    pixels => with_pixels!(pixels, self.tile(row, column)),
                }
                column += pixels;
            }
            let from = row * self.width;
            self.finish.apply(from, &mut self.y[from..from + self.width]);
        }
    }
}

impl<const S: usize> Depthwise<'_, S> {
    /// The sums of `R` pixels of a row.
    #[inline(always)]
    fn sums<A: Arithmetic, const R: usize>(&self, row: usize, column: usize) -> [Lane; R] {
        let mut sums = [self.bias; R];
        for (u, weights) in self.weights.chunks(self.window).enumerate() {
            let x = &self.x[(row * S + u) * self.stride + column * S..];
            for v in 0..weights.len() {
                let (x, w) = (&x[v..][..(R - 1) * S + 1], weights[v]);
                for r in 0..R {
                    let x = x[r * S];
                    for j in 0..LANES {
                        sums[r].0[j] = A::mul_add(x.0[j], w.0[j], sums[r].0[j]);
                    }
                }
            }
        }
        sums
    }

    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&mut self, row: usize, column: usize) {
        let from = row * self.width + column;
        self.y[from..][..R].iter().for_each(prefetch::near);
        let sums = self.sums::<A, R>(row, column);
        self.y[from..][..R].copy_from_slice(&sums);
    }
}
