//! Convolutions of every kind in one set of loops: with groups, with holes, and transposed. Plain, and held to PyTorch; where a
//! 3 × 3 window with all channels is wanted, [`Convolution`](crate::Convolution) is the fast one.
//!
//! All of them are sums over pairs of a pixel of the input and a pixel of the output that one weight of the window connects. What
//! differs is which pairs there are.

use backprop::{
    Activation, Backward, Forward, Layout, Needs, Operation, Outline, Packing, Piece, Place, Real,
    Result, Shape, Size, Weight, Whole, exactly,
};

use super::fault as shape_fault;

/// A convolution with groups and dilation, or a transposed one.
#[derive(Clone, Copy, Debug)]
pub struct Windowed {
    inputs: usize,
    outputs: usize,
    window: Window,
    groups: usize,
    /// For a transposed one: lines that are added to the output.
    transposed: Option<usize>,
    bias: bool,
    activation: Activation,
}

/// Which places a window looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub side: usize,
    pub stride: usize,
    pub padding: usize,
    pub dilation: usize,
}

impl Window {
    /// Side of the output for `n` pixels of the input; nothing where the window does not fit.
    pub fn output(self, n: usize) -> Option<usize> {
        let covered = self.dilation * (self.side - 1) + 1;
        Some((n + 2 * self.padding).checked_sub(covered)? / self.stride + 1)
    }

    // ANCHOR: pairs
    /// Calls `f(in the large image, in the small one, place in the window)` for
    /// all pairs that the window connects. Pixels outside are zeros, and no pair.
    pub fn pairs(self, large: &Layout, small: &Layout, mut f: impl FnMut(usize, usize, usize)) {
        let Window { side, stride, padding, dilation } = self;
        let inside = |i: usize, u: usize, n: usize| {
            (i * stride + u * dilation).checked_sub(padding).filter(|&place| place < n)
        };
        for (i, j) in places(small.shape.height, small.shape.width) {
            for (u, v) in places(side, side) {
                let (row, column) =
                    (inside(i, u, large.shape.height), inside(j, v, large.shape.width));
                if let (Some(row), Some(column)) = (row, column) {
                    f(large.at(row, column), small.at(i, j), u * side + v);
                }
            }
        }
    }
    // ANCHOR_END: pairs
}

fn places(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

impl Windowed {
    /// From `inputs` channels to `outputs`, with a window of `side` × `side`; stride 1, no padding, one group, with a bias.
    pub fn new(inputs: usize, outputs: usize, side: usize) -> Self {
        let window = Window { side, stride: 1, padding: 0, dilation: 1 };
        let activation = Activation::None;
        Windowed { inputs, outputs, window, groups: 1, transposed: None, bias: true, activation }
    }

    /// Each channel by itself: as many groups as channels.
    pub fn depthwise(channels: usize, side: usize) -> Self {
        Windowed::new(channels, channels, side).groups(channels)
    }

    /// With another step from window to window.
    pub fn stride(mut self, stride: usize) -> Self {
        self.window.stride = stride;
        self
    }

    /// With so many lines of zeros around the image.
    pub fn padding(mut self, padding: usize) -> Self {
        self.window.padding = padding;
        self
    }

    /// With so many pixels from one place of the window to the next.
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.window.dilation = dilation;
        self
    }

    /// In so many groups: outputs of a group see its inputs only.
    pub fn groups(self, groups: usize) -> Self {
        Windowed { groups, ..self }
    }

    /// Transposed: each input is spread over a window of outputs. `extra` lines are added to the output, whose size a stride leaves
    /// open.
    pub fn transposed(self, extra: usize) -> Self {
        Windowed { transposed: Some(extra), ..self }
    }

    /// Without a bias.
    pub fn without_bias(self) -> Self {
        Windowed { bias: false, ..self }
    }

    /// With an activation behind it.
    pub fn with(self, activation: Activation) -> Self {
        Windowed { activation, ..self }
    }

    /// Calls `f(input pixel, output pixel, place in the window)`.
    fn each(&self, place: &Place, mut f: impl FnMut(usize, usize, usize)) {
        let (input, output) = (place.input(), place.output);
        match self.transposed {
            None => self.window.pairs(&input, &output, f),
            Some(_) => self.window.pairs(&output, &input, |y, x, k| f(x, y, k)),
        }
    }

    /// Inputs and outputs of a group.
    fn of_group(&self) -> (usize, usize) {
        (self.inputs / self.groups, self.outputs / self.groups)
    }

    fn sides(&self, n: usize) -> Option<usize> {
        let Window { side, stride, padding, .. } = self.window;
        match self.transposed {
            None => self.window.output(n),
            Some(extra) => {
                ((n - 1) * stride + side + extra).checked_sub(2 * padding).filter(|&n| n > 0)
            }
        }
    }
}

/// PyTorch's order of the weights as `[place][input of the group][output]`.
#[derive(Debug)]
struct ByPlace {
    outputs: usize,
    of_group: usize,
    places: usize,
    /// Inputs first, then outputs.
    transposed: bool,
}

impl<T: Real> Packing<T> for ByPlace {
    fn blocks(&self) -> Vec<Size> {
        vec![Size { weights: self.outputs * self.of_group * self.places, second: 0, pieces: 1 }]
    }

    fn home(&self, i: usize) -> (usize, usize) {
        let (place, pair) = (i % self.places, i / self.places);
        let (o, c) = match self.transposed {
            false => (pair / self.of_group, pair % self.of_group),
            true => (pair % self.outputs, pair / self.outputs),
        };
        (0, (place * self.of_group + c) * self.outputs + o)
    }
}

impl<T: Real> Operation<T> for Windowed {
    fn name(&self) -> &'static str {
        "windowed convolution"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        let Windowed { inputs: c, outputs: o, groups, window, .. } = *self;
        let whole = groups > 0 && c % groups == 0 && o % groups == 0;
        if !whole || window.side * window.stride * window.dilation == 0 {
            let fault = format!("{groups} groups of {c} inputs and {o} outputs, window {window:?}");
            return shape_fault(fault, "give whole groups, and sizes from 1");
        }
        if self.transposed.is_some() && (groups > 1 || window.dilation > 1) {
            let fault = "transposed, with groups or dilation";
            return shape_fault(fault, "give one group and a dilation of 1");
        }
        let sides = [input.height, input.width].map(|n| self.sides(n));
        let ([Some(height), Some(width)], true) = (sides, input.channels == c) else {
            let fault = format!("it takes {c} channels and its input is {input}");
            return shape_fault(fault, "give what it takes, large enough");
        };
        let output = Shape::image(o, height, width);
        let small = if self.transposed.is_some() { input } else { output };
        let pairs = small.positions() * window.side.pow(2) * o * self.of_group().0;
        Ok(Outline { multiply_adds: pairs as u64, ..output.into() })
    }

    fn needs(&self, _: &Place) -> Needs<T> {
        let (of_group, _) = self.of_group();
        let side = self.window.side;
        let transposed = self.transposed.is_some();
        let packing = ByPlace { outputs: self.outputs, of_group, places: side * side, transposed };
        let shape = match transposed {
            false => vec![self.outputs, of_group, side, side],
            true => vec![self.inputs, self.outputs, side, side],
        };
        let mut weights = vec![Weight::matrix("weight", shape, of_group * side * side, packing)];
        if self.bias {
            weights.push(Weight::plain("bias", vec![self.outputs]));
        }
        Needs { weights, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (inputs, outputs) = self.of_group();
        let w = &at.weights.get(0)[0].weights;
        let samples = at.x[0]
            .chunks_exact(place.input().stride)
            .zip(at.y.chunks_exact_mut(place.output.stride));
        for (x, y) in samples {
            y.fill(T::ZERO);
            // ANCHOR: forward
            self.each(place, |from, to, k| {
                for c in 0..self.inputs {
                    let (group, row) = (c / inputs * outputs, k * inputs + c % inputs);
                    let w = &w[row * self.outputs + group..][..outputs];
                    let y = &mut y[to + group..][..outputs];
                    y.iter_mut().zip(w).for_each(|(y, &w)| *y += w * x[from + c]);
                }
            });
            // ANCHOR_END: forward
            let bias: &[T] = if self.bias { &at.weights.get(1)[0].weights } else { &[] };
            for (i, j) in places(place.output.shape.height, place.output.shape.width) {
                let y = &mut y[place.output.at(i, j)..][..self.outputs];
                y.iter_mut().zip(bias).for_each(|(y, &b)| *y += b);
                y.iter_mut().for_each(|y| *y = self.activation.forward(*y));
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (inputs, outputs) = self.of_group();
        let w = &at.weights.get(0)[0].weights;
        self.activation.unfinish(at.y, at.dy);
        let [dx, ..] = at.dx;
        let samples =
            dx.chunks_exact_mut(place.input().stride).zip(at.dy.chunks_exact(place.output.stride));
        for (dx, dy) in samples {
            dx.fill(T::ZERO);
            // ANCHOR: backward
            self.each(place, |from, to, k| {
                for c in 0..self.inputs {
                    let (group, row) = (c / inputs * outputs, k * inputs + c % inputs);
                    let w = &w[row * self.outputs + group..][..outputs];
                    let pairs = w.iter().zip(&dy[to + group..]);
                    dx[from + c] += pairs.fold(T::ZERO, |sum, (&w, &dy)| sum + w * dy);
                }
            });
            // ANCHOR_END: backward
        }
    }

    fn gradient(&self, place: &Place, piece: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        let (inputs, outputs) = self.of_group();
        if !piece.add {
            g.fill(T::ZERO);
        }
        let samples = whole.x[0]
            .chunks_exact(place.input().stride)
            .zip(whole.dy.chunks_exact(place.output.stride));
        for (x, dy) in samples.take(whole.rows) {
            if piece.weight == 1 {
                for (i, j) in places(place.output.shape.height, place.output.shape.width) {
                    let dy = &dy[place.output.at(i, j)..][..self.outputs];
                    g.iter_mut().zip(dy).for_each(|(g, &dy)| *g += dy);
                }
                continue;
            }
            self.each(place, |from, to, k| {
                for c in 0..self.inputs {
                    let (group, row) = (c / inputs * outputs, k * inputs + c % inputs);
                    let g = &mut g[row * self.outputs + group..][..outputs];
                    let pairs = g.iter_mut().zip(&dy[to + group..]);
                    pairs.for_each(|(g, &dy)| *g += x[from + c] * dy);
                }
            });
        }
    }
}
