//! A description taken apart into steps: what is computed, from which map into which.

use super::kernels::winograd::{Form, Four, Two};
use super::packed::Packed;
use crate::description::{Activation, Convolution, Gate, Linear, Model, Part, Residual};
use crate::weights::{Layer, Weights};

/// How convolutions of 3 × 3 with stride 1 are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threes {
    /// Gathered, like all others.
    Gathered,
    /// By tiles of two outputs.
    Two,
    /// In each layer the way that reads and multiplies least.
    Least,
}

/// A convolution or a linear layer with its packed weights.
#[derive(Clone, Debug)]
pub struct Dense {
    /// Side of the window.
    pub window: usize,
    /// From one window to the next.
    pub stride: usize,
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// What comes behind it.
    pub activation: Activation,
    /// Its weights.
    pub packed: Packed,
}

impl Dense {
    /// Side of the output for an input of `n` pixels.
    pub fn output(&self, n: usize) -> usize {
        (n + 2 * (self.window / 2) - self.window) / self.stride + 1
    }
}

/// What a step computes.
#[derive(Clone, Debug)]
pub enum Work {
    /// The image as a map.
    Load,
    /// A convolution of the image.
    Stem(Dense),
    /// A convolution of 1 × 1 with stride 1.
    Product(Dense),
    /// Any convolution: what its windows see is gathered, and then it is a product.
    Gathered(Dense),
    /// A convolution of 3 × 3 with stride 1, by tiles of two outputs.
    Two(Dense),
    /// The same by tiles of four.
    Four(Dense),
    /// A convolution of each channel by itself.
    Depthwise(Dense),
    /// The largest of windows.
    MaxPool,
    /// Squeeze and excitation: two layers.
    Gate(Dense, Dense),
    /// The mean of each channel.
    Mean,
    /// A layer on a row of numbers.
    Linear(Dense),
    /// A sum of two maps.
    Add(Activation),
}

impl Work {
    /// The layers with weights.
    pub fn layers(&self) -> impl Iterator<Item = &Dense> {
        let two = match self {
            Work::Gate(one, two) => [Some(one), Some(two)],
            Work::Stem(one)
            | Work::Product(one)
            | Work::Gathered(one)
            | Work::Two(one)
            | Work::Four(one)
            | Work::Depthwise(one)
            | Work::Linear(one) => [Some(one), None],
            Work::Load | Work::MaxPool | Work::Mean | Work::Add(_) => [None, None],
        };
        two.into_iter().flatten()
    }
}

impl Work {
    /// Multiplications for an input of `n` × `n` pixels, and the side of the output.
    pub fn products(&self, n: usize) -> (usize, usize) {
        let tiles = |d: &Dense, out: usize, read: usize| {
            (n.div_ceil(out).pow(2) * read.pow(2) * d.inputs * d.outputs, n)
        };
        match self {
            Work::Stem(d) | Work::Product(d) | Work::Gathered(d) => {
                let out = d.output(n);
                (d.window.pow(2) * d.inputs * d.outputs * out.pow(2), out)
            }
            Work::Two(d) => tiles(d, Two::OUT, Two::IN),
            Work::Four(d) => tiles(d, Four::OUT, Four::IN),
            Work::Depthwise(d) => (d.window.pow(2) * d.outputs * d.output(n).pow(2), d.output(n)),
            Work::Gate(one, two) => (one.inputs * one.outputs + two.inputs * two.outputs, n),
            Work::Linear(d) => (d.inputs * d.outputs, 1),
            Work::MaxPool => (0, (n - 1) / 2 + 1),
            Work::Mean => (0, 1),
            Work::Load | Work::Add(_) => (0, n),
        }
    }
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is computed.
    pub work: Work,
    /// The map that is read.
    pub from: usize,
    /// The map that is written.
    pub to: usize,
    /// A map that is added, and what is applied then.
    pub add: Option<(usize, Activation)>,
}

/// The steps of a network.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In order.
    pub steps: Vec<Step>,
    /// How many maps there are; number 0 is the image.
    pub maps: usize,
    /// The map with the answer.
    pub answer: usize,
}

/// Takes a network apart.
#[derive(Debug)]
struct Planner<'a> {
    weights: &'a Weights,
    threes: Threes,
    steps: Vec<Step>,
    maps: usize,
    free: Vec<usize>,
}

/// The image.
const IMAGE: usize = 0;

/// A map on the way: which, whether it may be written over, and how large it is expected to be.
#[derive(Clone, Copy, Debug)]
struct Flow {
    map: usize,
    own: bool,
    side: usize,
}

impl Plan {
    /// For a network and images of about `side` × `side` pixels; others are computed as well, only not in the best way.
    pub fn new(model: &Model, weights: &Weights, side: usize, threes: Threes) -> Plan {
        let (steps, free) = (Vec::new(), Vec::new());
        let mut planner = Planner { weights, threes, steps, maps: 1, free };
        let end = planner.parts(&model.parts, Flow { map: IMAGE, own: false, side });
        let answer = planner.loaded(end).map;
        Plan { steps: planner.steps, maps: planner.maps, answer }
    }
}

impl Planner<'_> {
    fn take(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.maps += 1;
            self.maps - 1
        })
    }

    fn step(&mut self, work: Work, x: Flow, side: usize) -> Flow {
        let map = self.take();
        self.steps.push(Step { work, from: x.map, to: map, add: None });
        self.leave(x);
        Flow { map, own: true, side }
    }

    /// A map that is read no more.
    fn leave(&mut self, x: Flow) {
        if x.own {
            self.free.push(x.map);
        }
    }

    /// The image as a map, where it is still the image.
    fn loaded(&mut self, x: Flow) -> Flow {
        if x.map == IMAGE { self.step(Work::Load, x, x.side) } else { x }
    }

    fn parts(&mut self, parts: &[Part], mut x: Flow) -> Flow {
        for part in parts {
            if !matches!(part, Part::Convolution(_)) {
                x = self.loaded(x);
            }
            let side = part.output(x.side);
            x = match part {
                Part::Convolution(c) => self.convolution(c, x),
                Part::MaxPool => self.step(Work::MaxPool, x, side),
                Part::Gate(gate) => self.gate(gate, x),
                Part::Mean => self.step(Work::Mean, x, side),
                Part::Linear(linear) => self.linear(linear, x),
                Part::Residual(residual) => self.residual(residual, x),
            };
        }
        x
    }

    fn layer(&self, name: &str) -> Layer {
        self.weights.of(name).clone()
    }

    fn convolution(&mut self, c: &Convolution, x: Flow) -> Flow {
        let layer = self.layer(&c.name);
        let dense = |packed| Dense {
            window: c.window,
            stride: c.stride,
            inputs: c.inputs,
            outputs: c.outputs,
            activation: c.activation,
            packed,
        };
        let side = c.output(x.side);
        if x.map == IMAGE && c.groups == 1 && c.stride <= 2 {
            return self.step(Work::Stem(dense(Packed::rows(&layer))), x, side);
        }
        let x = self.loaded(x);
        let work = match (c.groups, c.window, c.stride) {
            (1, 1, 1) => Work::Product(dense(Packed::rows(&layer))),
            (1, 3, 1) => match self.way(c, x.side) {
                Threes::Gathered => Work::Gathered(dense(Packed::gathered(&layer, c.inputs, 3))),
                Threes::Two => Work::Two(dense(Packed::winograd::<Two>(&layer, c.inputs))),
                Threes::Least => Work::Four(dense(Packed::winograd::<Four>(&layer, c.inputs))),
            },
            (1, ..) => Work::Gathered(dense(Packed::gathered(&layer, c.inputs, c.window))),
            (.., 1 | 2) => Work::Depthwise(dense(Packed::rows(&layer))),
            _ => Work::Gathered(dense(Packed::gathered(&spread(&layer, c), c.inputs, c.window))),
        };
        self.step(work, x, side)
    }

    // ANCHOR: way
    /// The way of a 3 × 3 convolution. A multiply-add for each place of a tile,
    /// each tile, each pair of channels; and to bring a weight from memory takes
    /// as long as `WEIGHT` multiply-adds.
    fn way(&self, c: &Convolution, side: usize) -> Threes {
        let cost = |places: usize, out: usize| places * (side.div_ceil(out).pow(2) + WEIGHT);
        let four = cost(Four::IN.pow(2), Four::OUT);
        let (two, one) = (cost(Two::IN.pow(2), Two::OUT), cost(9, 1));
        let thin = c.inputs < 16;
        match self.threes {
            Threes::Least if four < two.min(one) && !thin => Threes::Least,
            Threes::Least | Threes::Two if two < one && !thin => Threes::Two,
            _ => Threes::Gathered,
        }
    }
    // ANCHOR_END: way

    fn gate(&mut self, gate: &Gate, x: Flow) -> Flow {
        let layer = |name: &str, inputs, outputs, activation| Dense {
            window: 1,
            stride: 1,
            inputs,
            outputs,
            activation,
            packed: Packed::rows(&self.layer(&format!("{}.{name}", gate.name))),
        };
        let one = layer("fc1", gate.channels, gate.squeezed, Activation::Relu);
        let two = layer("fc2", gate.squeezed, gate.channels, Activation::None);
        // In place, where nobody else reads the map.
        let map = if x.own { x.map } else { self.take() };
        self.steps.push(Step { work: Work::Gate(one, two), from: x.map, to: map, add: None });
        Flow { map, own: true, side: x.side }
    }

    fn linear(&mut self, linear: &Linear, x: Flow) -> Flow {
        let dense = Dense {
            window: 1,
            stride: 1,
            inputs: linear.inputs,
            outputs: linear.outputs,
            activation: linear.activation,
            packed: Packed::rows(&self.layer(&linear.name)),
        };
        self.step(Work::Linear(dense), x, 1)
    }

    /// Both ways; where the last step of one is a convolution, it adds the other when it stores its sums.
    fn residual(&mut self, residual: &Residual, x: Flow) -> Flow {
        let kept = Flow { own: false, ..x };
        let around = self.parts(&residual.shortcut, kept);
        let along = self.parts(&residual.branch, kept);
        let plain = matches!(residual.branch.last(), Some(Part::Convolution(c)) if c.activation == Activation::None);
        let last = self.steps.last_mut().filter(|step| plain && step.to == along.map);
        let sum = if let Some(step) = last {
            step.add = Some((around.map, residual.activation));
            along
        } else {
            let add = Some((around.map, residual.activation));
            let map = self.take();
            let work = Work::Add(residual.activation);
            self.steps.push(Step { work, from: along.map, to: map, add });
            self.leave(along);
            Flow { map, own: true, side: along.side }
        };
        self.leave(around);
        self.leave(x);
        sum
    }
}

/// A convolution of each channel by itself as one of all channels, with zeros between different ones.
fn spread(layer: &Layer, c: &Convolution) -> Layer {
    let each = c.window * c.window;
    let mut weight = vec![0.0; c.outputs * c.inputs * each];
    for (i, row) in layer.weight.chunks(each).enumerate() {
        weight[i * (c.inputs + 1) * each..][..each].copy_from_slice(row);
    }
    Layer { weight, bias: layer.bias.clone() }
}

/// Multiply-adds in the time that a weight takes to come from memory.
const WEIGHT: usize = 32;
