//! Linear, with bias and activation: `y = f(x Wᵀ + b)`.
//!
//! `x` is `(N, inputs)`, `W` is `(outputs, inputs)`, `b` is `(outputs)`, `y` is `(N, outputs)`. Backward:
//!
//! ```text
//! dz = dy · f′         (N, outputs), in the place of dy
//! dx = dz W            (N, inputs)
//! dW = dzᵀ x           (outputs, inputs)
//! db = Σₙ dzₙ          (outputs)
//! ```
//!
//! Each of the three products costs `2 · N · inputs · outputs` operations.
//!
//! A sequence of tokens is so many rows of `x`, and gives as many of `y`.

use std::ops::Range;

use crate::error::shape;
use crate::kernels::product::{Order, Product};
use crate::kernels::sparse::Panels;
use crate::kernels::{Arithmetic, Kernel, LANES};
use crate::operation::exactly;
use crate::{Activation, Backward, Block, Forward, Layout, Needs, Operation, Outline, Packing};
use crate::{Piece, Place, Real, Result, Shape, Size, Weight, Whole};

/// Inputs of a block, at most.
const BLOCK: usize = 128;

/// `y = f(x Wᵀ + b)`. Takes rows, tokens of a sequence, or images, whose pixels it sees in the order `(C, H, W)`.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    inputs: usize,
    outputs: usize,
    activation: Activation,
}

impl Linear {
    /// From `inputs` to `outputs` numbers, without an activation.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Linear { inputs, outputs, activation: Activation::None }
    }

    /// With an activation.
    pub fn with(self, activation: Activation) -> Self {
        Linear { activation, ..self }
    }

    fn matrix(&self, place: &Place) -> Matrix {
        Matrix::new(self.inputs, self.outputs).reading(place.input()).turned(place.wants[0])
    }
}

impl<T: Real> Operation<T> for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if self.inputs == 0 || self.outputs == 0 {
            return shape(
                "linear",
                "it has no inputs or no outputs",
                "give it at least one of each",
            );
        }
        let (numbers, rows) = match input.tokens {
            true => (input.channels, input.width),
            false => (input.elements(), 1),
        };
        if numbers != self.inputs {
            let fault = format!("it takes {} numbers and its input is {input}", self.inputs);
            return shape("linear", fault, "make the two agree");
        }
        let output = match input.tokens {
            true => Shape::sequence(rows, self.outputs),
            false => Shape::row(self.outputs),
        };
        let multiply_adds = (rows * self.inputs * self.outputs) as u64;
        Ok(Outline { multiply_adds, ..output.into() })
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let dims = vec![self.outputs, self.inputs];
        let weight = Weight::matrix("weight", dims, self.inputs, self.matrix(place));
        let bias = Weight::plain("bias", vec![self.outputs]);
        Needs { weights: vec![weight, bias], cut: true, ..Needs::default() }
    }

    // ANCHOR: forward
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let matrix = self.matrix(place);
        let Some(Part { first, rows, panels }) = self.part(place, &at) else { return };
        let (_, stride) = place.input().vectors(at.rows);
        let (_, y_stride) = place.output.vectors(at.rows);
        for (block, weights) in at.weights.get(0).iter().enumerate() {
            let depth = matrix.len(block);
            T::vectorised(Panels {
                first: Product {
                    rows,
                    depth,
                    a: &at.x[0][first * stride + matrix.first(block)..],
                    order: Order::Rows(stride),
                    b: &weights.weights[panels.start * depth * LANES..],
                    b_stride: LANES,
                    c: at.y,
                    c_stride: y_stride,
                    add: block > 0,
                },
                panels: panels.len(),
                b_panel: depth * LANES,
                c_panel: LANES,
            });
        }
        let outputs = panels.start * LANES..self.outputs.min(panels.end * LANES);
        let bias = &at.weights.get(1)[0].weights[outputs];
        self.activation.finish(at.y, y_stride, bias.len(), bias);
    }
    // ANCHOR_END: forward

    // ANCHOR: backward
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (rows, stride) = place.output.vectors(at.rows);
        for (y, dy) in at.y.chunks_exact(stride).zip(at.dy.chunks_exact_mut(stride)) {
            self.activation.unfinish(&y[..self.outputs], &mut dy[..self.outputs]);
        }
        let [dx, ..] = at.dx;
        if dx.is_empty() {
            return;
        }
        let matrix = self.matrix(place);
        let (_, dx_stride) = place.input().vectors(at.rows);
        for (block, weights) in at.weights.get(0).iter().enumerate() {
            T::vectorised(Panels {
                first: Product {
                    rows,
                    depth: self.outputs,
                    a: at.dy,
                    order: Order::Rows(stride),
                    b: &weights.second,
                    b_stride: LANES,
                    c: &mut dx[matrix.first(block)..],
                    c_stride: dx_stride,
                    add: false,
                },
                panels: matrix.len(block).div_ceil(LANES),
                b_panel: self.outputs * LANES,
                c_panel: LANES,
            });
        }
    }
    // ANCHOR_END: backward

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let matrix = self.matrix(place);
        let (_, x_stride) = place.input().vectors(whole.rows);
        // ANCHOR: gradient
        let (rows, stride) = place.output.vectors(whole.rows);
        if of.weight == 1 {
            if !of.add {
                gradient.fill(T::ZERO);
            }
            for dz in whole.dy.chunks_exact(stride).take(rows) {
                gradient.iter_mut().zip(dz).for_each(|(g, &dz)| *g += dz);
            }
            return;
        }
        let inputs = matrix.len(of.block);
        T::vectorised(Panels {
            first: Product {
                rows: inputs,
                depth: rows,
                a: &whole.x[0][matrix.first(of.block)..],
                order: Order::Columns(x_stride),
                b: whole.dy,
                b_stride: stride,
                c: gradient,
                c_stride: LANES,
                add: of.add,
            },
            panels: matrix.panels(),
            b_panel: LANES,
            c_panel: inputs * LANES,
        });
        // ANCHOR_END: gradient
    }
}

/// What one call of the forward computes: rows of `x` from the first, and panels of outputs.
struct Part {
    first: usize,
    rows: usize,
    panels: Range<usize>,
}

impl Linear {
    /// All rows and panels of a shard; of one sample that is cut, some tokens or some panels. Nothing if the panels only
    /// fill up the row.
    fn part<T: Real>(&self, place: &Place, at: &Forward<'_, T>) -> Option<Part> {
        let (rows, _) = place.input().vectors(at.rows);
        let all = 0..self.outputs.div_ceil(LANES);
        if at.lines == (0..place.output.cuts()) {
            return Some(Part { first: 0, rows, panels: all });
        }
        if place.output.shape.tokens {
            return Some(Part { first: at.lines.start, rows: at.lines.len(), panels: all });
        }
        let panels = at.lines.start.min(all.end)..at.lines.end.min(all.end);
        (!panels.is_empty()).then_some(Part { first: 0, rows, panels })
    }
}

/// How a matrix of weights is packed, `(outputs, inputs)` to readers.
///
/// It is cut into blocks of up to 128 inputs. A block has a panel for each sixteen outputs, `[input][16]`: what
/// the product reads, in the order in which it reads it. Its second copy has a panel for each sixteen inputs,
/// `[output][16]`, for the gradient of the input.
#[derive(Clone, Copy, Debug)]
pub struct Matrix {
    inputs: usize,
    outputs: usize,
    /// How the input lies, where it is an image.
    image: Option<Layout>,
    turned: bool,
}

impl Matrix {
    /// Of rows of `inputs` numbers, without a second copy.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Matrix { inputs, outputs, image: None, turned: false }
    }

    /// For an input that lies so: an image is a row of all its numbers, border and filling included.
    pub fn reading(self, input: Layout) -> Self {
        Matrix { image: input.shape.is_image().then_some(input), ..self }
    }

    /// With a second copy, if it is wanted.
    pub fn turned(self, turned: bool) -> Self {
        Matrix { turned, ..self }
    }

    /// Numbers of a row of the input, those outside its shape included.
    pub fn depth(&self) -> usize {
        self.image.map_or(self.inputs, |image| image.extent())
    }

    /// Inputs of each block but the last, a multiple of sixteen.
    fn size(&self) -> usize {
        let depth = self.depth();
        depth.div_ceil(depth.div_ceil(BLOCK)).next_multiple_of(LANES)
    }

    /// How many blocks.
    pub fn count(&self) -> usize {
        self.depth().div_ceil(self.size())
    }

    /// The first input of a block.
    pub fn first(&self, block: usize) -> usize {
        block * self.size()
    }

    /// How many inputs a block has.
    pub fn len(&self, block: usize) -> usize {
        self.size().min(self.depth() - self.first(block))
    }

    /// How many panels of outputs each block has.
    pub fn panels(&self) -> usize {
        self.outputs.div_ceil(LANES)
    }

    /// Calls `each` with runs of weights whose inputs follow one another in a block: the block, where the first is in it
    /// (the next one is sixteen numbers on), where it is in the tensor, and how many there are.
    fn each_run(&self, mut each: impl FnMut(usize, usize, usize, usize)) {
        for output in 0..self.outputs {
            let mut input = 0;
            while input < self.inputs {
                let (block, at) = self.at(output, input);
                // In an image the next channel is the next number, and readers count along the rows of pixels.
                let left = match self.image {
                    Some(_) => 1,
                    None => self.first(block) + self.len(block) - input,
                };
                each(block, at, output * self.inputs + input, left);
                input += left;
            }
        }
    }

    /// Where the weight from `input` to `output` is: block, and number within it.
    pub fn at(&self, output: usize, input: usize) -> (usize, usize) {
        let input = self.image.map_or(input, |image| image.index(input));
        let (block, input) = (input / self.size(), input % self.size());
        let panel = (output / LANES) * self.len(block) * LANES;
        (block, panel + input * LANES + output % LANES)
    }
}

impl<T: Real> Packing<T> for Matrix {
    fn blocks(&self) -> Vec<Size> {
        let size = |block| Size {
            weights: self.len(block) * self.panels() * LANES,
            second: match self.turned {
                true => self.len(block).next_multiple_of(LANES) * self.outputs,
                false => 0,
            },
            pieces: 1,
        };
        (0..self.count()).map(size).collect()
    }

    fn home(&self, i: usize) -> (usize, usize) {
        self.at(i / self.inputs, i % self.inputs)
    }

    fn pack(&self, data: &[T], blocks: &mut [&mut [T]]) {
        self.each_run(|block, at, data_at, n| {
            let from = &data[data_at..][..n];
            blocks[block][at..].iter_mut().step_by(LANES).zip(from).for_each(|(to, &x)| *to = x);
        });
    }

    fn unpack(&self, blocks: &[&[T]], data: &mut [T]) {
        self.each_run(|block, at, data_at, n| {
            let to = &mut data[data_at..][..n];
            to.iter_mut().zip(blocks[block][at..].iter().step_by(LANES)).for_each(|(x, &y)| *x = y);
        });
    }

    fn renew(&self, block: usize, weights: &mut Block<T>) {
        if weights.second.is_empty() {
            return;
        }
        T::vectorised(Turn {
            from: &weights.weights,
            to: &mut weights.second,
            inputs: self.len(block),
            outputs: self.outputs,
        });
    }
}

/// From panels of sixteen outputs to panels of sixteen inputs.
struct Turn<'a, T> {
    from: &'a [T],
    to: &'a mut [T],
    inputs: usize,
    outputs: usize,
}

impl<T: Real> Kernel for Turn<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (p, from) in self.from.chunks_exact(self.inputs * LANES).enumerate() {
            let outputs = (self.outputs - p * LANES).min(LANES);
            for (q, rows) in from.chunks(LANES * LANES).enumerate() {
                let to = &mut self.to[(q * self.outputs + p * LANES) * LANES..][..outputs * LANES];
                for (input, row) in rows.chunks_exact(LANES).enumerate() {
                    for (output, &weight) in row[..outputs].iter().enumerate() {
                        to[output * LANES + input] = weight;
                    }
                }
            }
        }
    }
}
