//! Depthwise convolution, each channel by itself: `y[c, i, j] = Σ w[c, u, v] · x[c, i·s + u − p, j·s + v − p]`.
//!
//! `x` is `(N, C, H, W)`, `w` is `(C, 1, K, K)`, `y` is `(N, C, H′, W′)` with `H′ = ⌊(H + 2p − K) / s⌋ + 1`. There is no bias,
//! since a normalisation follows. Backward:
//!
//! ```text
//! dx[c, i·s + u − p, j·s + v − p] += dy[c, i, j] · w[c, u, v]
//! dw[c, u, v] = Σ dy[c, i, j] · x[c, i·s + u − p, j·s + v − p]
//! ```
//!
//! Sixteen channels lie side by side in a pixel, so all three are loops over sixteen numbers. There is no matrix product to
//! be had: each channel has a window of its own.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use backprop::kernels::{Arithmetic, Kernel, LANES};
use backprop::{
    Backward, Forward, Layout, Needs, Operation, Outline, Packing, Piece, Place, Real, Result,
    Shape, Size, Weight, Whole, exactly,
};

use super::refusal::refuse;

/// Columns of a window whose gradients are summed at once.
const COLUMNS: usize = 5;

/// A convolution of each channel by itself.
#[derive(Clone, Copy, Debug)]
pub struct Depthwise {
    channels: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Depthwise {
    /// Of `channels` channels with a `kernel × kernel` window for each, stride 1, no padding.
    pub fn new(channels: usize, kernel: usize) -> Self {
        Depthwise { channels, kernel, stride: 1, padding: 0 }
    }

    /// With another step from window to window.
    pub fn stride(self, stride: usize) -> Self {
        Depthwise { stride, ..self }
    }

    /// With rows of zeros around the image.
    pub fn padding(self, padding: usize) -> Self {
        Depthwise { padding, ..self }
    }

    /// The windows of panel `panel`, sixteen channels.
    fn windows(&self, place: &Place, panel: usize) -> Windows {
        let (input, output) = (place.input(), place.output);
        let first = panel * LANES;
        // The input of a network has no more than its channels in each pixel.
        let lanes = LANES.min(input.pixel - first);
        let Depthwise { kernel, stride, padding, .. } = *self;
        Windows { input, output, kernel, stride, padding, first, lanes }
    }
}

impl<T: Real> Operation<T> for Depthwise {
    fn name(&self) -> &'static str {
        "depthwise convolution"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if self.kernel == 0 || self.stride == 0 {
            return refuse("no kernel or stride", "give it at least 1 of each");
        }
        if input.channels != self.channels || input.tokens {
            let what = format!("it takes an image of {} channels, not {input}", self.channels);
            return refuse(what, "make the two agree");
        }
        let least = input.height.min(input.width) + 2 * self.padding;
        if least < self.kernel {
            let what = format!("a window of {0} × {0} does not fit {input}", self.kernel);
            return refuse(what, "give a smaller kernel or more padding");
        }
        let side = |n: usize| (n + 2 * self.padding - self.kernel) / self.stride + 1;
        let output = Shape::image(self.channels, side(input.height), side(input.width));
        let multiply_adds = (self.kernel.pow(2) * output.elements()) as u64;
        Ok(Outline { border: self.padding, multiply_adds, ..output.into() })
    }

    fn needs(&self, _: &Place) -> Needs<T> {
        let Depthwise { channels, kernel, .. } = *self;
        let window = kernel.pow(2);
        let packing = Panels { channels, window };
        let weight = Weight::matrix("weight", vec![channels, 1, kernel, kernel], window, packing);
        Needs { weights: vec![weight], ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let samples = at.x[0].chunks_exact(input.stride).zip(at.y.chunks_exact_mut(output.stride));
        for (x, y) in samples {
            y.fill(T::ZERO);
            for (panel, block) in at.weights.get(0).iter().enumerate() {
                let windows = self.windows(place, panel);
                T::vectorised(Sums { windows, x, w: &block.weights, y: &mut *y });
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let [dx, ..] = at.dx;
        let samples = dx.chunks_exact_mut(input.stride).zip(at.dy.chunks_exact(output.stride));
        for (dx, dy) in samples {
            dx.fill(T::ZERO);
            for (panel, block) in at.weights.get(0).iter().enumerate() {
                let windows = self.windows(place, panel);
                T::vectorised(Spread { windows, dx: &mut *dx, w: &block.weights, dy });
            }
            input.clear_border(dx);
        }
    }

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        if !of.add {
            gradient.fill(T::ZERO);
        }
        let windows = self.windows(place, of.block);
        let samples = whole.x[0].chunks_exact(windows.input.stride);
        let samples = samples.zip(whole.dy.chunks_exact(windows.output.stride));
        for (x, dy) in samples.take(whole.rows) {
            T::vectorised(Weigh { windows, x, dy, dw: &mut *gradient });
        }
    }
}

/// Sixteen channels of a window for each pixel of the output.
#[derive(Clone, Copy)]
struct Windows {
    input: Layout,
    output: Layout,
    kernel: usize,
    stride: usize,
    padding: usize,
    /// The first of the channels.
    first: usize,
    /// How many there are.
    lanes: usize,
}

impl Windows {
    /// For each pixel of the output, where its window begins in the input, and where it is itself.
    #[inline(always)]
    fn each(self) -> impl Iterator<Item = (usize, usize)> {
        let Windows { input, output, stride, padding, first, .. } = self;
        let corner = input.at(0, 0) + first - padding * (input.line() + input.pixel);
        (0..output.shape.height).flat_map(move |i| {
            let (line, to) = (corner + i * stride * input.line(), output.at(i, 0) + first);
            (0..output.shape.width)
                .map(move |j| (line + j * stride * input.pixel, to + j * output.pixel))
        })
    }
}

/// Runs `sized` with the sizes that occur most written into it.
macro_rules! with_sizes {
    ($kernel:expr) => {
        match ($kernel.windows.kernel, $kernel.windows.lanes) {
            (3, LANES) => $kernel.sized::<A>(3, LANES),
            (5, LANES) => $kernel.sized::<A>(5, LANES),
            (kernel, lanes) => $kernel.sized::<A>(kernel, lanes),
        }
    };
}

/// `y` is the sum of each window.
struct Sums<'a, T> {
    windows: Windows,
    x: &'a [T],
    w: &'a [T],
    y: &'a mut [T],
}

impl<T: Real> Kernel for Sums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        with_sizes!(self)
    }
}

impl<T: Real> Sums<'_, T> {
    #[inline(always)]
    fn sized<A: Arithmetic>(self, kernel: usize, lanes: usize) {
        let Sums { windows, x, w, y } = self;
        let (line, pixel) = (windows.input.line(), windows.input.pixel);
        // ANCHOR: window
        for (from, to) in windows.each() {
            let mut sum = [T::ZERO; LANES];
            for u in 0..kernel {
                for v in 0..kernel {
                    let x = &x[from + u * line + v * pixel..][..lanes];
                    let w = &w[(u * kernel + v) * LANES..][..lanes];
                    for l in 0..lanes {
                        sum[l] = A::mul_add(w[l], x[l], sum[l]);
                    }
                }
            }
            y[to..][..lanes].copy_from_slice(&sum[..lanes]);
        }
        // ANCHOR_END: window
    }
}

/// Each `dy` goes back to all that its window saw.
struct Spread<'a, T> {
    windows: Windows,
    dx: &'a mut [T],
    w: &'a [T],
    dy: &'a [T],
}

impl<T: Real> Kernel for Spread<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        with_sizes!(self)
    }
}

impl<T: Real> Spread<'_, T> {
    #[inline(always)]
    fn sized<A: Arithmetic>(self, kernel: usize, lanes: usize) {
        let Spread { windows, dx, w, dy } = self;
        let (line, pixel) = (windows.input.line(), windows.input.pixel);
        for (to, from) in windows.each() {
            let dy = &dy[from..][..lanes];
            for u in 0..kernel {
                for v in 0..kernel {
                    let dx = &mut dx[to + u * line + v * pixel..][..lanes];
                    let w = &w[(u * kernel + v) * LANES..][..lanes];
                    for l in 0..lanes {
                        dx[l] = A::mul_add(w[l], dy[l], dx[l]);
                    }
                }
            }
        }
    }
}

/// The gradient of the weights, over one sample: a few columns of the window at a time, whose sums stay in registers.
struct Weigh<'a, T> {
    windows: Windows,
    x: &'a [T],
    dy: &'a [T],
    dw: &'a mut [T],
}

impl<T: Real> Kernel for Weigh<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        with_sizes!(self)
    }
}

impl<T: Real> Weigh<'_, T> {
    #[inline(always)]
    fn sized<A: Arithmetic>(self, kernel: usize, lanes: usize) {
        let Weigh { windows, x, dy, dw } = self;
        let (line, pixel) = (windows.input.line(), windows.input.pixel);
        for u in 0..kernel {
            for first in (0..kernel).step_by(COLUMNS) {
                let columns = COLUMNS.min(kernel - first);
                let mut sums = [[T::ZERO; LANES]; COLUMNS];
                for (from, to) in windows.each() {
                    let dy = &dy[to..][..lanes];
                    for v in 0..columns {
                        let x = &x[from + u * line + (first + v) * pixel..][..lanes];
                        for l in 0..lanes {
                            sums[v][l] = A::mul_add(x[l], dy[l], sums[v][l]);
                        }
                    }
                }
                for v in 0..columns {
                    let dw = &mut dw[(u * kernel + first + v) * LANES..][..lanes];
                    for l in 0..lanes {
                        dw[l] += sums[v][l];
                    }
                }
            }
        }
    }
}

/// `(C, 1, K, K)` in blocks of sixteen channels, `[k][16]` for the places `k` of a window.
#[derive(Clone, Copy, Debug)]
struct Panels {
    channels: usize,
    window: usize,
}

impl<T: Real> Packing<T> for Panels {
    fn blocks(&self) -> Vec<Size> {
        let size = Size { weights: self.window * LANES, second: 0, pieces: 1 };
        vec![size; self.channels.div_ceil(LANES)]
    }

    fn home(&self, i: usize) -> (usize, usize) {
        let (channel, place) = (i / self.window, i % self.window);
        (channel / LANES, place * LANES + channel % LANES)
    }
}
