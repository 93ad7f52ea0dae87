//! A convolution of a few colours: each input is a number of the image, not a lane.

use backprop::kernels::{Arithmetic, Kernel};

use super::lane::{Finish, LANES, Lane, height, with_pixels};

/// Sixteen channels of some rows of the output; every `S`-th pixel of every `S`-th row has a window.
#[derive(Debug)]
pub struct Stem<'a, const S: usize> {
    /// The image with its border from the first row of the first window on, a colour behind another.
    pub x: &'a [f32],
    /// From one colour to the next.
    pub colour: usize,
    /// From one row of `x` to the next.
    pub stride: usize,
    /// Side of the window.
    pub window: usize,
    /// The weights of each output.
    pub weights: &'a [Lane],
    /// One number for each output.
    pub bias: Lane,
    /// What comes behind the sums.
    pub finish: Finish<'a>,
    /// The output.
    pub y: &'a mut [Lane],
    /// Pixels of a row of `y`.
    pub width: usize,
}

impl<const S: usize> Kernel for Stem<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        for row in 0..self.y.len() / self.width {
            let mut column = 0;
            while column < self.width {
                let pixels = height(self.width - column);
                with_pixels!(pixels, self.tile(row, column));
                column += pixels;
            }
            let from = row * self.width;
            self.finish.apply(from, &mut self.y[from..from + self.width]);
        }
    }
}

impl<const S: usize> Stem<'_, S> {
    #[inline(always)]
    fn sums<A: Arithmetic, const R: usize>(&self, row: usize, column: usize) -> [Lane; R] {
        let mut sums = [self.bias; R];
        for (place, weights) in self.weights.chunks(self.window).enumerate() {
            let (colour, u) = (place / self.window, place % self.window);
            let from = colour * self.colour + (S * row + u) * self.stride + S * column;
            let x = &self.x[from..];
            for v in 0..weights.len() {
                let (x, w) = (&x[v..][..S * (R - 1) + 1], weights[v]);
                for r in 0..R {
                    let x = x[S * r];
                    for j in 0..LANES {
                        sums[r].0[j] = A::mul_add(x, w.0[j], sums[r].0[j]);
                    }
                }
            }
        }
        sums
    }

    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&mut self, row: usize, column: usize) {
        let sums = self.sums::<A, R>(row, column);
        let from = row * self.width + column;
        self.y[from..][..R].copy_from_slice(&sums);
    }
}
