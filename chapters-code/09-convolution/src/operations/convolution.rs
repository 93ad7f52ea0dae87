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
//!
//! A block holds one row of the kernel: panels of sixteen outputs, `[v · C + c][16]`, and for `dx` panels of
//! sixteen channels, `[v][panel][o][16]`.

use backprop::kernels::LANES;
use backprop::kernels::product::{Order, Product};
use backprop::{
    Activation, Backward, Block, Forward, Operation, Parameter, Place, Real, Result, Shape, Size,
    Whole,
};

use super::fault;

/// A convolution with bias, and ReLU if wanted.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    channels: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    activation: Activation,
}

impl Convolution {
    /// From `channels` to `outputs` with a `kernel × kernel` window, stride 1, no padding, no activation.
    pub fn new(channels: usize, outputs: usize, kernel: usize) -> Self {
        let activation = Activation::None;
        Convolution { channels, outputs, kernel, stride: 1, padding: 0, activation }
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

    fn panels(&self) -> usize {
        self.outputs.div_ceil(LANES)
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

    fn shape(&self, [input, _]: [Shape; 2]) -> Result<Shape> {
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
        Ok(Shape::image(self.outputs, side(input.height), side(input.width)))
    }

    fn multiply_adds(&self, input: Shape) -> u64 {
        let side = |n: usize| (n + 2 * self.padding - self.kernel) / self.stride + 1;
        let pixels = side(input.height) * side(input.width);
        (self.kernel.pow(2) * self.channels * self.outputs * pixels) as u64
    }

    fn border(&self) -> usize {
        self.padding
    }

    fn parameters(&self) -> Vec<Parameter> {
        let Convolution { channels, outputs, kernel, .. } = *self;
        let parameter = |name, shape, fan_in| Parameter { name, shape, fan_in, trained: true };
        vec![
            parameter(
                "weight",
                vec![outputs, channels, kernel, kernel],
                channels * kernel * kernel,
            ),
            parameter("bias", vec![outputs], 0),
        ]
    }

    fn blocks(&self, place: &Place) -> Vec<Size> {
        let run = self.kernel * place.input().pixel;
        let turned = if place.input_gradient { run * self.outputs } else { 0 };
        let panels = self.panels();
        let row = Size { weights: run * panels * LANES, turned, pieces: panels, statistics: 0 };
        let bias = Size { weights: panels * LANES, turned: 0, pieces: 1, statistics: 0 };
        (0..self.kernel).map(|_| row).chain([bias]).collect()
    }

    fn home(&self, place: &Place, parameter: usize, i: usize) -> (usize, usize) {
        if parameter == 1 {
            return (self.kernel, i);
        }
        let k = self.kernel;
        let (output, channel) = (i / (self.channels * k * k), i / (k * k) % self.channels);
        let (row, column) = (i / k % k, i % k);
        let run = k * place.input().pixel;
        let input = column * place.input().pixel + channel;
        (row, ((output / LANES) * run + input) * LANES + output % LANES)
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (input, output) = (place.input(), place.output);
        let run = self.kernel * input.pixel;
        let bias = &at.blocks[self.kernel].weights[..self.outputs];
        let samples = at.x[0].chunks_exact(input.stride).zip(at.y.chunks_exact_mut(output.stride));
        for (x, y) in samples {
            output.clear_border(y);
            // ANCHOR: forward
            for (i, line) in output.lines().enumerate() {
                for (row, block) in at.blocks[..self.kernel].iter().enumerate() {
                    for (panel, b) in block.weights.chunks_exact(run * LANES).enumerate() {
                        T::vectorised(Product {
                            rows: output.shape.width,
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
                for y in y[line..][..output.line_inside()].chunks_exact_mut(output.pixel) {
                    for (y, &b) in y.iter_mut().zip(bias) {
                        *y = self.activation.forward(*y + b);
                    }
                }
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
                for (dy, &y) in dy[inside.clone()].iter_mut().zip(&y[inside]) {
                    *dy = self.activation.backward(y, *dy);
                }
            }
        }
        let [dx, _] = at.dx;
        for (dx, dy) in dx.chunks_exact_mut(input.stride).zip(at.dy.chunks_exact(output.stride)) {
            dx.fill(T::ZERO);
            for (i, line) in output.lines().enumerate() {
                for (row, block) in at.blocks[..self.kernel].iter().enumerate() {
                    let window = self.window(place, i, row);
                    for (panel, b) in block.turned.chunks_exact(self.outputs * LANES).enumerate() {
                        T::vectorised(Product {
                            rows: output.shape.width,
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

    fn gradient(
        &self,
        place: &Place,
        block: usize,
        piece: usize,
        whole: Whole<'_, T>,
        gradient: &mut [T],
    ) {
        let (input, output) = (place.input(), place.output);
        gradient.fill(T::ZERO);
        let samples = whole.x.chunks_exact(input.stride).zip(whole.dy.chunks_exact(output.stride));
        for (x, dz) in samples.take(whole.rows) {
            for (i, line) in output.lines().enumerate() {
                if block == self.kernel {
                    for dz in dz[line..][..output.line_inside()].chunks_exact(output.pixel) {
                        gradient.iter_mut().zip(dz).for_each(|(g, &dz)| *g += dz);
                    }
                    continue;
                }
                T::vectorised(Product {
                    rows: self.kernel * input.pixel,
                    depth: output.shape.width,
                    a: &x[self.window(place, i, block)..],
                    order: Order::Columns(self.stride * input.pixel),
                    b: &dz[line + piece * LANES..],
                    b_stride: output.pixel,
                    c: gradient,
                    c_stride: LANES,
                    add: true,
                });
            }
        }
    }

    fn turn(&self, place: &Place, block: usize, weights: &mut Block<T>) {
        if weights.turned.is_empty() || block == self.kernel {
            return;
        }
        let run = self.kernel * place.input().pixel;
        for (o, to) in (0..self.outputs).map(|o| (o, o * LANES)) {
            let from = &weights.weights[(o / LANES) * run * LANES + o % LANES..];
            for input in 0..run {
                let panel = (input / LANES) * self.outputs * LANES;
                weights.turned[panel + to + input % LANES] = from[input * LANES];
            }
        }
    }
}
