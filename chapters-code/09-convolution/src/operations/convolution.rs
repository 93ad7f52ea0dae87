//! Convolution: `y[o, i, j] = f(b[o] + Σ w[o, c, u, v] · x[c, i·s + u − p, j·s + v − p])`.
//!
//! `x` is `(N, C, H, W)`, `w` is `(O, C, K, K)`, `b` is `(O)`, `y` is `(N, O, H′, W′)` with
//! `H′ = ⌊(H + 2p − K) / s⌋ + 1`. What deep learning calls convolution does not flip the kernel.
//!
//! With channels last, the inputs under row `u` of the kernel lie side by side: `K · C` numbers. So a row of
//! outputs is `K` matrix products, one for each row of the kernel, whose `A` is the image itself: its rows
//! overlap. Nothing is copied, where *im2col* would copy each pixel `K²` times. Backward:
//!
//! ```text
//! dz = dy · f′         in the place of dy
//! dx[.., i·s + u, j·s + v] += dz[.., i, j] · w[.., u, v]
//! dw[.., u, v]  = Σ dz[.., i, j] · x[.., i·s + u, j·s + v]        db = Σ dz
//! ```
//!
//! Each of the three products costs `2 · N · H′ · W′ · K² · C · O` operations.

use backprop::kernels::LANES;
use backprop::kernels::product::{Order, Product};
use backprop::{
    Activation, Backward, Block, Forward, Layout, Needs, Operation, Outline, Packing, Piece, Place,
    Real, Result, Shape, Size, Weight, Whole, exactly,
};

use super::fault;

/// Rows of a matrix that are worth reading all weights for.
const ROWS: usize = 128;

/// A convolution, with a bias if not told otherwise, and an activation if wanted.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    channels: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    activation: Activation,
    bias: bool,
}

impl Convolution {
    /// From `channels` to `outputs` with a `kernel × kernel` window, stride 1, no padding, no activation.
    pub fn new(channels: usize, outputs: usize, kernel: usize) -> Self {
        let activation = Activation::None;
        Convolution { channels, outputs, kernel, stride: 1, padding: 0, activation, bias: true }
    }

    /// With another step from window to window.
    pub fn stride(self, stride: usize) -> Self {
        Convolution { stride, ..self }
    }

    /// With rows of zeros around the image.
    pub fn padding(self, padding: usize) -> Self {
        Convolution { padding, ..self }
    }

    /// With an activation.
    pub fn with(self, activation: Activation) -> Self {
        Convolution { activation, ..self }
    }

    /// Without a bias: before a normalisation, which would take it away again.
    pub fn without_bias(self) -> Self {
        Convolution { bias: false, ..self }
    }

    /// How many lines of the output are rows of one matrix. With a kernel of one pixel and no borders, all that follow one
    /// another are; as many are taken at once as leave the weights something to do while they are in the cache.
    fn together(&self, place: &Place) -> usize {
        let seamless = |layout: Layout| layout.line() == layout.line_inside();
        let one = self.kernel == 1 && self.stride == 1;
        match one && seamless(place.input()) && seamless(place.output) {
            true => (ROWS / place.output.shape.width).max(1),
            false => 1,
        }
    }

    /// Where row `row` of the kernel begins to read for row `i` of the output.
    fn window(&self, place: &Place, i: usize, row: usize) -> usize {
        let input = place.input();
        let corner = input.at(0, 0) - self.padding * (input.line() + input.pixel);
        corner + (i * self.stride + row) * input.line()
    }
}

impl<T: Real> Operation<T> for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if self.outputs == 0 || self.kernel == 0 || self.stride == 0 {
            return fault("no outputs, kernel or stride", "give it at least 1 of each");
        }
        if input.channels != self.channels {
            let what = format!("it takes {} channels and its input is {input}", self.channels);
            return fault(what, "make the two agree");
        }
        let least = input.height.min(input.width) + 2 * self.padding;
        if least < self.kernel {
            let what = format!("a window of {0} × {0} does not fit {input}", self.kernel);
            return fault(what, "give a smaller kernel or more padding");
        }
        let side = |n: usize| (n + 2 * self.padding - self.kernel) / self.stride + 1;
        let output = Shape::image(self.outputs, side(input.height), side(input.width));
        let weights = self.kernel.pow(2) * self.channels * self.outputs;
        let multiply_adds = (weights * output.positions()) as u64;
        Ok(Outline { border: self.padding, multiply_adds, ..output.into() })
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let Convolution { channels, outputs, kernel, .. } = *self;
        let (pixel, turned) = (place.input().pixel, place.wants[0]);
        let rows = KernelRows { channels, outputs, kernel, pixel, turned };
        let shape = vec![outputs, channels, kernel, kernel];
        let weight = Weight::matrix("weight", shape, channels * kernel * kernel, rows);
        let mut weights = vec![weight];
        if self.bias {
            weights.push(Weight::plain("bias", vec![outputs]));
        }
        Needs { weights, cut: place.output.shape.is_image(), ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let run = self.kernel * input.pixel;
        let bias = if self.bias { &at.weights.get(1)[0].weights[..] } else { &[] };
        let together = self.together(place);
        let all = at.lines.len() == output.cuts();
        // An output of one pixel is a row, which is not cut.
        let wanted = if all { 0..output.shape.height } else { at.lines };
        let length = if all { output.stride } else { at.y.len() };
        let samples = at.x[0].chunks_exact(input.stride).zip(at.y.chunks_exact_mut(length));
        for (x, y) in samples {
            match all {
                true => output.clear_border(y),
                false => y.fill(T::ZERO),
            }
            // ANCHOR: forward
            for i in wanted.clone().step_by(together) {
                let line = output.at(i, 0) - at.start;
                let lines = together.min(wanted.end - i);
                for (row, block) in at.weights.get(0).iter().enumerate() {
                    for (panel, b) in block.weights.chunks_exact(run * LANES).enumerate() {
                        T::vectorised(Product {
                            rows: lines * output.shape.width,
                            depth: run,
                            a: &x[self.window(place, i, row)..],
                            order: Order::Rows(self.stride * input.pixel),
                            b,
                            b_stride: LANES,
                            c: &mut y[line + panel * LANES..],
                            c_stride: output.pixel,
                            add: row > 0,
                        });
                    }
                }
                let y = &mut y[line..][..lines * output.line_inside()];
                self.activation.finish(y, output.pixel, self.outputs, bias);
            }
            // ANCHOR_END: forward
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let samples = at.y.chunks_exact(output.stride).zip(at.dy.chunks_exact_mut(output.stride));
        for (y, dy) in samples {
            for line in output.lines() {
                let inside = line..line + output.line_inside();
                self.activation.unfinish(&y[inside.clone()], &mut dy[inside]);
            }
        }
        let [dx, ..] = at.dx;
        let together = self.together(place);
        for (dx, dy) in dx.chunks_exact_mut(input.stride).zip(at.dy.chunks_exact(output.stride)) {
            dx.fill(T::ZERO);
            for (i, line) in output.lines().enumerate().step_by(together) {
                let lines = together.min(output.shape.height - i);
                for (row, block) in at.weights.get(0).iter().enumerate() {
                    let window = self.window(place, i, row);
                    for (panel, b) in block.second.chunks_exact(self.outputs * LANES).enumerate() {
                        T::vectorised(Product {
                            rows: lines * output.shape.width,
                            depth: self.outputs,
                            a: &dy[line..],
                            order: Order::Rows(output.pixel),
                            b,
                            b_stride: LANES,
                            c: &mut dx[window + panel * LANES..],
                            c_stride: self.stride * input.pixel,
                            add: true,
                        });
                    }
                }
            }
        }
    }

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let (input, output) = (place.input(), place.output);
        if !of.add {
            gradient.fill(T::ZERO);
        }
        let samples = whole.x[0].chunks_exact(input.stride);
        let samples = samples.zip(whole.dy.chunks_exact(output.stride));
        for (x, dz) in samples.take(whole.rows) {
            for (i, line) in output.lines().enumerate() {
                if of.weight == 1 {
                    for dz in dz[line..][..output.line_inside()].chunks_exact(output.pixel) {
                        gradient.iter_mut().zip(dz).for_each(|(g, &dz)| *g += dz);
                    }
                    continue;
                }
                T::vectorised(Product {
                    rows: self.kernel * input.pixel,
                    depth: output.shape.width,
                    a: &x[self.window(place, i, of.block)..],
                    order: Order::Columns(self.stride * input.pixel),
                    b: &dz[line + of.piece * LANES..],
                    b_stride: output.pixel,
                    c: gradient,
                    c_stride: LANES,
                    add: true,
                });
            }
        }
    }
}

/// How a kernel of convolution is packed: a block for each of its rows, in panels of sixteen outputs,
/// `[v · C + c][16]`; and for the gradient of the input in panels of sixteen channels, `[v][panel][o][16]`.
#[derive(Clone, Copy, Debug)]
struct KernelRows {
    channels: usize,
    outputs: usize,
    kernel: usize,
    /// Numbers of a pixel of the input.
    pixel: usize,
    turned: bool,
}

impl<T: Real> Packing<T> for KernelRows {
    fn blocks(&self) -> Vec<Size> {
        let (run, panels) = (self.kernel * self.pixel, self.outputs.div_ceil(LANES));
        let second = if self.turned { run * self.outputs } else { 0 };
        vec![Size { weights: run * panels * LANES, second, pieces: panels }; self.kernel]
    }

    fn home(&self, i: usize) -> (usize, usize) {
        let k = self.kernel;
        let (output, channel) = (i / (self.channels * k * k), i / (k * k) % self.channels);
        let (row, column) = (i / k % k, i % k);
        let input = column * self.pixel + channel;
        (row, ((output / LANES) * k * self.pixel + input) * LANES + output % LANES)
    }

    fn renew(&self, _: usize, weights: &mut Block<T>) {
        if weights.second.is_empty() {
            return;
        }
        let run = self.kernel * self.pixel;
        for (o, to) in (0..self.outputs).map(|o| (o, o * LANES)) {
            let from = &weights.weights[(o / LANES) * run * LANES + o % LANES..];
            for input in 0..run {
                let panel = (input / LANES) * self.outputs * LANES;
                weights.second[panel + to + input % LANES] = from[input * LANES];
            }
        }
    }
}
