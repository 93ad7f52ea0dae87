//! A small network of rectified units, trained by gradient descent.

use notebook::stream::{Stream, stream};
use rand::RngExt as _;

use super::{Learner, Lesson, Table, subsets};
use crate::worlds::Cube;

/// Hidden units.
const HIDDEN: usize = 4;
/// Passes over the taught inputs.
const PASSES: usize = 24;
/// The learning rate.
const RATE: f32 = 0.1;
/// Labellings that are learned side by side.
const LANES: usize = 16;

/// A layer of four rectified units and one output without a rectifier. Squared loss on labels of −1 and +1, a step after
/// each taught input, in ascending order, 24 passes; weights at first drawn from a seed, the same for every lesson. Says
/// 1 where the output is above zero.
#[derive(Clone, Debug)]
pub struct Network {
    start: Weights<1>,
}

/// A number for each of `L` networks that are trained side by side.
type Lanes<const L: usize> = [f32; L];

#[derive(Clone, Debug)]
struct Weights<const L: usize> {
    /// From each input bit, and from the constant input, to each hidden unit.
    hidden: [[Lanes<L>; 5]; HIDDEN],
    /// From each hidden unit to the output.
    output: [Lanes<L>; HIDDEN],
    bias: Lanes<L>,
}

impl Default for Network {
    fn default() -> Self {
        Network::new(1)
    }
}

impl Network {
    /// A network whose first weights are drawn from `seed`, between −1 and 1.
    pub fn new(seed: u64) -> Network {
        let mut rng = stream(seed, Stream::Weights);
        let mut draw = || [rng.random_range(-1.0..1.0_f32)];
        let hidden = std::array::from_fn(|_| std::array::from_fn(|_| draw()));
        Network { start: Weights { hidden, output: std::array::from_fn(|_| draw()), bias: [0.0] } }
    }

    /// The answers to `L` labellings.
    fn train<const L: usize>(&self, cube: &Cube, set: Table, labels: [Table; L]) -> [Table; L] {
        let wide = |x: Lanes<1>| [x[0]; L];
        let mut w = Weights {
            hidden: self.start.hidden.map(|unit| unit.map(wide)),
            output: self.start.output.map(wide),
            bias: wide(self.start.bias),
        };
        for _ in 0..PASSES {
            for input in (0..cube.inputs()).filter(|input| set >> input & 1 == 1) {
                let label = labels.map(|labels| sign(labels >> input));
                w.step(signs(input), cube.bits() as usize, &label);
            }
        }
        let mut answers = [0; L];
        for input in 0..cube.inputs() {
            let (_, z) = w.forward(signs(input), cube.bits() as usize);
            answers.iter_mut().zip(z).for_each(|(to, z)| *to |= u32::from(z > 0.0) << input);
        }
        answers
    }
}

impl<const L: usize> Weights<L> {
    /// What the hidden units pass on, and the output.
    fn forward(&self, x: [f32; 4], bits: usize) -> ([Lanes<L>; HIDDEN], Lanes<L>) {
        let mut z = self.bias;
        let mut units = self.hidden.iter().zip(&self.output);
        let a = std::array::from_fn(|_| {
            let Some((weights, output)) = units.next() else { return [0.0; L] };
            let mut a = weights[4];
            for (weight, x) in weights.iter().zip(x).take(bits) {
                add(&mut a, weight, &[x; L]);
            }
            let a = a.map(|sum| sum.max(0.0));
            add(&mut z, output, &a);
            a
        });
        (a, z)
    }

    /// A step against the gradient of half the squared error of one input.
    fn step(&mut self, x: [f32; 4], bits: usize, label: &Lanes<L>) {
        let (a, z) = self.forward(x, bits);
        let step: Lanes<L> = std::array::from_fn(|lane| RATE * (label[lane] - z[lane]));
        for ((weights, output), a) in self.hidden.iter_mut().zip(&mut self.output).zip(&a) {
            let back: Lanes<L> =
                std::array::from_fn(
                    |lane| {
                        if a[lane] > 0.0 { step[lane] * output[lane] } else { 0.0 }
                    },
                );
            add(output, &step, a);
            add(&mut weights[4], &back, &[1.0; L]);
            for (weight, x) in weights.iter_mut().zip(x).take(bits) {
                add(weight, &back, &[x; L]);
            }
        }
        add(&mut self.bias, &step, &[1.0; L]);
    }
}

/// Adds the products of two rows of numbers to a third.
fn add<const L: usize>(to: &mut Lanes<L>, a: &Lanes<L>, b: &Lanes<L>) {
    to.iter_mut().zip(a.iter().zip(b)).for_each(|(to, (a, b))| *to += a * b);
}

impl Learner for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        self.train(lesson.cube, lesson.set, [lesson.labels])[0]
    }

    /// Sixteen labellings at a time: their inputs are the same, so one instruction can serve several.
    fn answers(&self, cube: &Cube, set: Table) -> Vec<Table> {
        let labellings: Vec<Table> = subsets(set).collect();
        let mut answers = Vec::with_capacity(labellings.len());
        for some in labellings.chunks(LANES) {
            let labels = std::array::from_fn(|lane| some.get(lane).copied().unwrap_or(0));
            let trained: [Table; LANES] = self.train(cube, set, labels);
            answers.extend(&trained[..some.len()]);
        }
        answers
    }
}

/// +1 where the last bit is 1, else −1.
fn sign(bits: u32) -> f32 {
    if bits & 1 == 1 { 1.0 } else { -1.0 }
}

/// An input of up to four bits as signs.
fn signs(input: u32) -> [f32; 4] {
    std::array::from_fn(|bit| sign(input >> bit))
}
