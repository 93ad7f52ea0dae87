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
//! Weights are stored in blocks of up to 128 inputs. A block has a panel for each sixteen outputs, `[input][16]`: what
//! the product reads, in the order in which it reads it. Its second copy has a panel for each sixteen inputs,
//! `[output][16]`, for `dx`. The last block is the bias.

use crate::error::shape;
use crate::kernels::product::{Order, Product};
use crate::kernels::sparse::Panels;
use crate::kernels::{Arithmetic, Kernel, LANES};
use crate::{Activation, Backward, Block, Forward, Layout, Operation, Parameter, Place, Real};
use crate::{Result, Shape, Size, Whole};

/// Inputs of a block, at most.
const BLOCK: usize = 128;

/// `y = f(x Wᵀ + b)`. Takes rows, or images, whose pixels it sees in the order `(C, H, W)`.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    inputs: usize,
    outputs: usize,
    activation: Activation,
}

/// How the inputs of a place are cut into blocks.
#[derive(Clone, Copy)]
struct Blocks {
    /// Numbers of a sample, those outside its shape included.
    depth: usize,
    /// Inputs of each block but the last, a multiple of sixteen.
    size: usize,
    /// How many.
    count: usize,
}

impl Blocks {
    fn of(input: &Layout) -> Blocks {
        let depth = if input.shape.is_row() { input.shape.channels } else { input.extent() };
        let size = depth.div_ceil(depth.div_ceil(BLOCK)).next_multiple_of(LANES);
        Blocks { depth, size, count: depth.div_ceil(size) }
    }

    fn first(&self, block: usize) -> usize {
        block * self.size
    }

    fn len(&self, block: usize) -> usize {
        self.size.min(self.depth - self.first(block))
    }
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

    fn panels(&self) -> usize {
        self.outputs.div_ceil(LANES)
    }
}

impl<T: Real> Operation<T> for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn shape(&self, [input, _]: [Shape; 2]) -> Result<Shape> {
        if self.inputs == 0 || self.outputs == 0 {
            return shape(
                "linear",
                "it has no inputs or no outputs",
                "give it at least one of each",
            );
        }
        if input.elements() != self.inputs {
            let fault = format!("it takes {} numbers and its input is {input}", self.inputs);
            return shape("linear", fault, "make the two agree");
        }
        Ok(Shape::row(self.outputs))
    }

    fn multiply_adds(&self, _: Shape) -> u64 {
        (self.inputs * self.outputs) as u64
    }

    fn parameters(&self) -> Vec<Parameter> {
        let parameter = |name, shape, fan_in| Parameter { name, shape, fan_in, trained: true };
        vec![
            parameter("weight", vec![self.outputs, self.inputs], self.inputs),
            parameter("bias", vec![self.outputs], 0),
        ]
    }

    fn blocks(&self, place: &Place) -> Vec<Size> {
        let blocks = Blocks::of(&place.input());
        let panels = self.panels();
        let size = |block| Size {
            weights: blocks.len(block) * panels * LANES,
            turned: if place.input_gradient {
                blocks.len(block).next_multiple_of(LANES) * self.outputs
            } else {
                0
            },
            pieces: 1,
            statistics: 0,
        };
        let bias = Size { weights: panels * LANES, turned: 0, pieces: 1, statistics: 0 };
        (0..blocks.count).map(size).chain([bias]).collect()
    }

    fn home(&self, place: &Place, parameter: usize, i: usize) -> (usize, usize) {
        let blocks = Blocks::of(&place.input());
        if parameter == 1 {
            return (blocks.count, i);
        }
        let (output, input) = (i / self.inputs, place.input().index(i % self.inputs));
        let (block, input) = (input / blocks.size, input % blocks.size);
        let panel = (output / LANES) * blocks.len(block) * LANES;
        (block, panel + input * LANES + output % LANES)
    }

    // ANCHOR: forward
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let blocks = Blocks::of(&place.input());
        for (block, weights) in at.blocks[..blocks.count].iter().enumerate() {
            let depth = blocks.len(block);
            T::vectorised(Panels {
                first: Product {
                    rows: at.rows,
                    depth,
                    a: &at.x[0][blocks.first(block)..],
                    order: Order::Rows(place.input().stride),
                    b: &weights.weights,
                    b_stride: LANES,
                    c: at.y,
                    c_stride: place.output.stride,
                    add: block > 0,
                },
                panels: self.panels(),
                b_panel: depth * LANES,
                c_panel: LANES,
            });
        }
        let bias = &at.blocks[blocks.count].weights[..self.outputs];
        for y in at.y.chunks_exact_mut(place.output.stride) {
            T::vectorised(Finish { y: &mut y[..self.outputs], bias, activation: self.activation });
        }
    }
    // ANCHOR_END: forward

    // ANCHOR: backward
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let stride = place.output.stride;
        for (y, dy) in at.y.chunks_exact(stride).zip(at.dy.chunks_exact_mut(stride)) {
            let (y, dy) = (&y[..self.outputs], &mut dy[..self.outputs]);
            T::vectorised(Unfinish { y, dy, activation: self.activation });
        }
        let [dx, _] = at.dx;
        if dx.is_empty() {
            return;
        }
        let blocks = Blocks::of(&place.input());
        for (block, weights) in at.blocks[..blocks.count].iter().enumerate() {
            T::vectorised(Panels {
                first: Product {
                    rows: at.rows,
                    depth: self.outputs,
                    a: at.dy,
                    order: Order::Rows(stride),
                    b: &weights.turned,
                    b_stride: LANES,
                    c: &mut dx[blocks.first(block)..],
                    c_stride: place.input().stride,
                    add: false,
                },
                panels: blocks.len(block).div_ceil(LANES),
                b_panel: self.outputs * LANES,
                c_panel: LANES,
            });
        }
    }
    // ANCHOR_END: backward

    fn gradient(
        &self,
        place: &Place,
        block: usize,
        _piece: usize,
        whole: Whole<'_, T>,
        gradient: &mut [T],
    ) {
        let blocks = Blocks::of(&place.input());
        // ANCHOR: gradient
        let stride = place.output.stride;
        if block == blocks.count {
            gradient.fill(T::ZERO);
            for dz in whole.dy.chunks_exact(stride).take(whole.rows) {
                gradient.iter_mut().zip(dz).for_each(|(g, &dz)| *g += dz);
            }
            return;
        }
        T::vectorised(Panels {
            first: Product {
                rows: blocks.len(block),
                depth: whole.rows,
                a: &whole.x[blocks.first(block)..],
                order: Order::Columns(place.input().stride),
                b: whole.dy,
                b_stride: stride,
                c: gradient,
                c_stride: LANES,
                add: false,
            },
            panels: self.panels(),
            b_panel: LANES,
            c_panel: blocks.len(block) * LANES,
        });
        // ANCHOR_END: gradient
    }

    fn turn(&self, place: &Place, block: usize, weights: &mut Block<T>) {
        let blocks = Blocks::of(&place.input());
        if weights.turned.is_empty() || block == blocks.count {
            return;
        }
        T::vectorised(Turn {
            from: &weights.weights,
            to: &mut weights.turned,
            inputs: blocks.len(block),
            outputs: self.outputs,
        });
    }
}

/// `y ← f(y + b)`.
struct Finish<'a, T> {
    y: &'a mut [T],
    bias: &'a [T],
    activation: Activation,
}

impl<T: Real> Kernel for Finish<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let each = |f: &dyn Fn(T) -> T, y: &mut [T], bias: &[T]| {
            y.iter_mut().zip(bias).for_each(|(y, &b)| *y = f(*y + b));
        };
        match self.activation {
            // With the activation known, the loop becomes vector instructions.
            Activation::None => {
                self.y.iter_mut().zip(self.bias).for_each(|(y, &b)| *y += b);
            }
            Activation::Relu => {
                let relu = |z| Activation::Relu.forward(z);
                self.y.iter_mut().zip(self.bias).for_each(|(y, &b)| *y = relu(*y + b));
            }
            other => each(&|z| other.forward(z), self.y, self.bias),
        }
    }
}

/// `dy ← dy · f′`, given `y = f(z)`.
struct Unfinish<'a, T> {
    y: &'a [T],
    dy: &'a mut [T],
    activation: Activation,
}

impl<T: Real> Kernel for Unfinish<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let pairs = self.dy.iter_mut().zip(self.y);
        match self.activation {
            Activation::None => {}
            Activation::Relu => {
                pairs.for_each(|(dy, &y)| *dy = Activation::Relu.backward(y, *dy));
            }
            other => pairs.for_each(|(dy, &y)| *dy = other.backward(y, *dy)),
        }
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
