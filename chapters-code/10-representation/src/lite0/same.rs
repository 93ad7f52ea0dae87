//! Convolutions with TensorFlow's padding `SAME`: `y[o, i, j] = b[o] + Σ w[o, c, u, v] · x[c, i·s + u − p, j·s + v − q]`.
//!
//! `x` is `(N, C, H, W)`, `y` is `(N, O, ⌈H / s⌉, ⌈W / s⌉)`; `p` zeros come before the first line and `q` before the first column,
//! as [`Convolution::before`] counts them. Behind the last there may be one more, which no symmetric padding can give; so chapter
//! 9's convolution does not do. Backward:
//!
//! ```text
//! dx[c, i·s + u − p, j·s + v − q] += w[o, c, u, v] · dy[o, i, j]
//! dw[o, c, u, v] = Σ dy[o, i, j] · x[c, i·s + u − p, j·s + v − q]        db = Σ dy
//! ```
//!
//! With channels last, all sums go over channels that lie side by side, sixteen at a time.

use std::ops::Range;

use backprop::kernels::{Arithmetic, Kernel, LANES};
use backprop::{
    Backward, Error, Forward, Layout, Needs, Operation, Outline, Packing, Piece, Place, Real,
    Result, Shape, Size, Weight, Whole, exactly,
};

use super::{Convolution, Kind};

/// A convolution with padding `SAME` and a bias, of each channel by itself or of all with all.
#[derive(Clone, Copy, Debug)]
pub struct Same {
    kind: Kind,
    inputs: usize,
    outputs: usize,
    window: usize,
    stride: usize,
}

impl Same {
    /// The operation of a convolution of the network, without its ReLU6.
    pub fn new(convolution: &Convolution) -> Self {
        let Convolution { kind, inputs, outputs, window, stride, .. } = *convolution;
        Same { kind, inputs, outputs, window, stride }
    }

    /// Zeros before the first of `n` pixels, and behind the last.
    fn padding(&self, n: usize) -> [usize; 2] {
        let covered = (n.div_ceil(self.stride) - 1) * self.stride + self.window;
        let all = covered.saturating_sub(n);
        [all / 2, all - all / 2]
    }

    fn depthwise(&self) -> bool {
        self.kind == Kind::Depthwise
    }

    fn grid(&self, place: &Place) -> Grid {
        let (input, output) = (place.input(), place.output);
        let [before, _] = self.padding(input.shape.height);
        let [left, _] = self.padding(input.shape.width);
        let corner = input.at(0, 0) - before * input.line() - left * input.pixel;
        Grid { same: *self, input, output, corner }
    }

    fn packing(&self) -> Places {
        let of_place = if self.depthwise() { 1 } else { self.inputs };
        Places { outputs: self.outputs, of_place, places: self.window.pow(2) }
    }
}

/// `(O, C, K, K)` as `[place in the window][c][o]`, and a bias `(O)` as one such row.
#[derive(Clone, Copy, Debug)]
struct Places {
    outputs: usize,
    /// Inputs that an output sees at each place.
    of_place: usize,
    places: usize,
}

impl<T: Real> Packing<T> for Places {
    fn blocks(&self) -> Vec<Size> {
        vec![Size { weights: self.places * self.of_place * self.outputs, second: 0, pieces: 1 }]
    }

    fn home(&self, i: usize) -> (usize, usize) {
        let (place, pair) = (i % self.places, i / self.places);
        let (o, c) = (pair / self.of_place, pair % self.of_place);
        (0, (place * self.of_place + c) * self.outputs + o)
    }
}

impl<T: Real> Operation<T> for Same {
    fn name(&self) -> &'static str {
        if self.depthwise() { "depthwise convolution" } else { "convolution" }
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        let fault = |fault: String, fix| Err(Error::Shape { what: String::new(), fault, fix });
        if self.window * self.stride * self.outputs == 0 {
            let sizes = (self.window, self.stride, self.outputs);
            return fault(
                format!("window, stride and outputs are {sizes:?}"),
                "give at least 1 of each",
            );
        }
        if input.channels != self.inputs || input.positions() == 0 || input.tokens {
            let what =
                format!("it takes images of {} channels and its input is {input}", self.inputs);
            return fault(what, "give what it takes");
        }
        if self.depthwise() && self.inputs != self.outputs {
            let what = format!("depthwise from {} channels to {}", self.inputs, self.outputs);
            return fault(what, "give as many outputs as inputs");
        }
        let side = |n: usize| n.div_ceil(self.stride);
        let output = Shape::image(self.outputs, side(input.height), side(input.width));
        let border = [input.height, input.width].map(|n| self.padding(n)[1]);
        let Places { outputs, of_place, places } = self.packing();
        let multiply_adds = (output.positions() * outputs * of_place * places) as u64;
        Ok(Outline { border: border[0].max(border[1]), multiply_adds, ..output.into() })
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let packing = self.packing();
        let shape = vec![self.outputs, packing.of_place, self.window, self.window];
        let fan_in = packing.of_place * packing.places;
        let weight = Weight::matrix("weight", shape, fan_in, packing);
        let weights = vec![weight, Weight::plain("bias", vec![self.outputs])];
        Needs { weights, cut: place.output.shape.is_image(), ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let grid = self.grid(place);
        let all = at.lines.len() == grid.output.cuts();
        // An output of one pixel is a row, which is not cut.
        let lines = if all { 0..grid.output.shape.height } else { at.lines };
        let length = if all { grid.output.stride } else { at.y.len() };
        let [w, b] = [0, 1].map(|i| &at.weights.get(i)[0].weights[..]);
        let samples = at.x[0].chunks_exact(grid.input.stride).zip(at.y.chunks_exact_mut(length));
        for (x, y) in samples {
            let (lines, start) = (lines.clone(), at.start);
            T::vectorised(Go { grid, w, b, x, y, lines, start });
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let grid = self.grid(place);
        let w = &at.weights.get(0)[0].weights[..];
        let [dx, ..] = at.dx;
        let samples = dx.chunks_exact_mut(grid.input.stride);
        for (dx, dy) in samples.zip(at.dy.chunks_exact(grid.output.stride)) {
            T::vectorised(Back { grid, w, dx, dy });
            // What fell on the zeros around the image.
            grid.input.clear_border(dx);
        }
    }

    fn gradient(&self, place: &Place, piece: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        let grid = self.grid(place);
        if !piece.add {
            g.fill(T::ZERO);
        }
        let samples = whole.x[0].chunks_exact(grid.input.stride);
        let samples = samples.zip(whole.dy.chunks_exact(grid.output.stride));
        for (x, dy) in samples.take(whole.rows) {
            T::vectorised(Weigh { grid, bias: piece.weight == 1, x, dy, g: &mut *g });
        }
    }
}

/// Which pixels meet.
#[derive(Clone, Copy)]
struct Grid {
    same: Same,
    input: Layout,
    output: Layout,
    /// Where the first window begins.
    corner: usize,
}

impl Grid {
    /// Where the window of output `(i, j)` begins.
    #[inline(always)]
    fn window(&self, i: usize, j: usize) -> usize {
        self.corner + self.same.stride * (i * self.input.line() + j * self.input.pixel)
    }

    /// Where its place `k` is, from there.
    #[inline(always)]
    fn offset(&self, k: usize) -> usize {
        let (u, v) = (k / self.same.window, k % self.same.window);
        u * self.input.line() + v * self.input.pixel
    }

    #[inline(always)]
    fn places(&self) -> usize {
        self.same.window.pow(2)
    }

    /// Outputs sixteen at a time: the first, and how many.
    #[inline(always)]
    fn panels(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let outputs = self.same.outputs;
        (0..outputs).step_by(LANES).map(move |first| (first, LANES.min(outputs - first)))
    }
}

/// `to += a · b`, number by number; whole panels with a length that the compiler knows.
#[inline(always)]
fn add_products<A: Arithmetic, T: Real>(to: &mut [T], a: &[T], b: &[T], n: usize) {
    let add = |to: &mut [T], a: &[T], b: &[T]| {
        to.iter_mut().zip(a).zip(b).for_each(|((to, &a), &b)| *to = A::mul_add(a, b, *to));
    };
    match n {
        LANES => add(&mut to[..LANES], &a[..LANES], &b[..LANES]),
        n => add(&mut to[..n], &a[..n], &b[..n]),
    }
}

/// `to += a · b` with one `a` for all.
#[inline(always)]
fn add_scaled<A: Arithmetic, T: Real>(to: &mut [T], a: T, b: &[T], n: usize) {
    let add = |to: &mut [T], b: &[T]| {
        to.iter_mut().zip(b).for_each(|(to, &b)| *to = A::mul_add(a, b, *to));
    };
    match n {
        LANES => add(&mut to[..LANES], &b[..LANES]),
        n => add(&mut to[..n], &b[..n]),
    }
}

/// The forward of some lines of one sample.
struct Go<'a, T> {
    grid: Grid,
    w: &'a [T],
    b: &'a [T],
    x: &'a [T],
    y: &'a mut [T],
    lines: Range<usize>,
    start: usize,
}

impl<T: Real> Kernel for Go<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Go { grid, w, b, x, y, lines, start } = self;
        let Same { inputs, outputs, kind, .. } = grid.same;
        y.fill(T::ZERO);
        for i in lines {
            for j in 0..grid.output.shape.width {
                let window = grid.window(i, j);
                for (first, n) in grid.panels() {
                    let mut sums = [T::ZERO; LANES];
                    sums[..n].copy_from_slice(&b[first..first + n]);
                    for k in 0..grid.places() {
                        let x = &x[window + grid.offset(k)..];
                        if kind == Kind::Depthwise {
                            add_products::<A, T>(
                                &mut sums,
                                &x[first..],
                                &w[k * outputs + first..],
                                n,
                            );
                            continue;
                        }
                        for (c, &x) in x[..inputs].iter().enumerate() {
                            let w = &w[(k * inputs + c) * outputs + first..];
                            add_scaled::<A, T>(&mut sums, x, w, n);
                        }
                    }
                    y[grid.output.at(i, j) + first - start..][..n].copy_from_slice(&sums[..n]);
                }
            }
        }
    }
}

/// The gradient of the input of one sample.
struct Back<'a, T> {
    grid: Grid,
    w: &'a [T],
    dx: &'a mut [T],
    dy: &'a [T],
}

impl<T: Real> Kernel for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Back { grid, w, dx, dy } = self;
        let Same { inputs, outputs, kind, .. } = grid.same;
        dx.fill(T::ZERO);
        for i in 0..grid.output.shape.height {
            for j in 0..grid.output.shape.width {
                let window = grid.window(i, j);
                let dy = &dy[grid.output.at(i, j)..][..outputs];
                for k in 0..grid.places() {
                    let dx = &mut dx[window + grid.offset(k)..];
                    if kind == Kind::Depthwise {
                        for (first, n) in grid.panels() {
                            let w = &w[k * outputs + first..];
                            add_products::<A, T>(&mut dx[first..], &dy[first..], w, n);
                        }
                        continue;
                    }
                    for (c, dx) in dx[..inputs].iter_mut().enumerate() {
                        let mut sums = [T::ZERO; LANES];
                        for (first, n) in grid.panels() {
                            let w = &w[(k * inputs + c) * outputs + first..];
                            add_products::<A, T>(&mut sums, &dy[first..], w, n);
                        }
                        *dx = sums.into_iter().fold(*dx, |sum, s| sum + s);
                    }
                }
            }
        }
    }
}

/// The gradient of the weights, or of the bias, from one sample.
struct Weigh<'a, T> {
    grid: Grid,
    bias: bool,
    x: &'a [T],
    dy: &'a [T],
    g: &'a mut [T],
}

impl<T: Real> Kernel for Weigh<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Weigh { grid, bias, x, dy, g } = self;
        let Same { inputs, outputs, kind, .. } = grid.same;
        for i in 0..grid.output.shape.height {
            for j in 0..grid.output.shape.width {
                let window = grid.window(i, j);
                let dy = &dy[grid.output.at(i, j)..][..outputs];
                if bias {
                    add_scaled::<A, T>(g, T::ONE, dy, outputs);
                    continue;
                }
                for k in 0..grid.places() {
                    let x = &x[window + grid.offset(k)..];
                    if kind == Kind::Depthwise {
                        add_products::<A, T>(&mut g[k * outputs..], x, dy, outputs);
                        continue;
                    }
                    for (c, &x) in x[..inputs].iter().enumerate() {
                        add_scaled::<A, T>(&mut g[(k * inputs + c) * outputs..], x, dy, outputs);
                    }
                }
            }
        }
    }
}
