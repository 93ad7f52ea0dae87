//! A convolution of each channel by itself.
//!
//! Will move to chapter 11.

use backprop::{
    Backward, Forward, Needs, Operation, Outline, Packing, Piece, Place, Real, Result, Shape, Size,
    Weight, Whole, exactly,
};

use super::bad;

/// A convolution of each channel by itself.
#[derive(Clone, Copy, Debug)]
pub struct Depthwise {
    pub channels: usize,
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
}

impl Depthwise {
    fn terms(&self, place: &Place, mut f: impl FnMut(usize, usize, usize)) {
        let (a, b) = (place.input(), place.output);
        let corner = a.at(0, 0) - self.padding * (a.line() + a.pixel);
        for i in 0..b.shape.height {
            for j in 0..b.shape.width {
                for u in 0..self.kernel {
                    for v in 0..self.kernel {
                        let from = corner
                            + (i * self.stride + u) * a.line()
                            + (j * self.stride + v) * a.pixel;
                        f(from, b.at(i, j), u * self.kernel + v);
                    }
                }
            }
        }
    }
}

/// `(C, 1, K, K)` as `[k][C]`.
#[derive(Debug)]
struct ChannelsLast {
    channels: usize,
    window: usize,
}

impl<T: Real> Packing<T> for ChannelsLast {
    fn blocks(&self) -> Vec<Size> {
        vec![Size { weights: self.channels * self.window, second: 0, pieces: 1 }]
    }
    fn home(&self, i: usize) -> (usize, usize) {
        (0, i % self.window * self.channels + i / self.window)
    }
}

impl<T: Real> Operation<T> for Depthwise {
    fn name(&self) -> &'static str {
        "depthwise convolution"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if input.channels != self.channels {
            return bad(
                "depthwise convolution",
                format!("it takes {} channels and its input is {input}", self.channels),
            );
        }
        let side = |n: usize| (n + 2 * self.padding - self.kernel) / self.stride + 1;
        let output = Shape::image(self.channels, side(input.height), side(input.width));
        Ok(Outline {
            border: self.padding,
            multiply_adds: (self.kernel.pow(2) * output.elements()) as u64,
            ..output.into()
        })
    }
    fn needs(&self, _: &Place) -> Needs<T> {
        let window = self.kernel.pow(2);
        let packing = ChannelsLast { channels: self.channels, window };
        let shape = vec![self.channels, 1, self.kernel, self.kernel];
        Needs {
            weights: vec![Weight::matrix("weight", shape, window, packing)],
            ..Needs::default()
        }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (w, c) = (&at.weights.get(0)[0].weights, self.channels);
        let samples = at.x[0]
            .chunks_exact(place.input().stride)
            .zip(at.y.chunks_exact_mut(place.output.stride));
        for (x, y) in samples {
            y.fill(T::ZERO);
            self.terms(place, |from, to, k| {
                (0..c).for_each(|i| y[to + i] += x[from + i] * w[k * c + i])
            });
        }
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (w, c) = (&at.weights.get(0)[0].weights, self.channels);
        let [dx, ..] = at.dx;
        let samples =
            dx.chunks_exact_mut(place.input().stride).zip(at.dy.chunks_exact(place.output.stride));
        for (dx, dy) in samples {
            dx.fill(T::ZERO);
            self.terms(place, |from, to, k| {
                (0..c).for_each(|i| dx[from + i] += dy[to + i] * w[k * c + i])
            });
        }
    }
    fn gradient(&self, place: &Place, _: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        g.fill(T::ZERO);
        let c = self.channels;
        let samples = whole.x[0]
            .chunks_exact(place.input().stride)
            .zip(whole.dy.chunks_exact(place.output.stride));
        for (x, dy) in samples.take(whole.rows) {
            self.terms(place, |from, to, k| {
                (0..c).for_each(|i| g[k * c + i] += dy[to + i] * x[from + i])
            });
        }
    }
}
