//! The gradient checker on every operation over random shapes, and on one that is wrong.

use notebook::{Recorder, Rng, Table};
use rand::RngExt as _;

use super::common::random;
use super::square::Square;
use crate::check::check;
use crate::{Activation, Addition, Engine, Linear, Network, Options, Reshape, Result, Rows, Shape};

/// Random networks for each operation.
pub(super) const CASES: usize = 30;

/// A network with one operation under test, its shapes drawn at random.
type Make = fn(&mut Rng) -> Result<Network<f64>>;

/// The worst disagreement of each operation, and of a wrong one.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let operations: [(&str, Make); 8] = [
        ("linear", |rng| linear(rng, Activation::None)),
        ("linear with ReLU", |rng| linear(rng, Activation::Relu)),
        ("linear with tanh", |rng| linear(rng, Activation::Tanh)),
        ("linear with sigmoid", |rng| linear(rng, Activation::Sigmoid)),
        ("linear, more than one block of inputs", blocks),
        ("addition", addition),
        ("reshape", reshape),
        ("square", |rng| square(rng, 2.0)),
    ];
    let mut table =
        Table::new(["Operation", "Weights checked | int", "Largest disagreement | sci 1"]);
    let (mut largest, mut fine) = (0.0_f64, 0);
    for (name, make) in operations {
        let (worst, weights) = worst(&mut rng, make)?;
        table.row([name.into(), weights.into(), worst.into()]);
        largest = largest.max(worst);
        fine += usize::from(worst < 1e-6);
    }
    recorder.table("operations", table);
    recorder.value("cases", CASES);
    recorder.value("largest", largest);
    recorder
        .claim("all-pass", "Every operation agrees with differences to one part in a million.")
        .all(fine, operations.len(), "operations");
    let (wrong, _) = worst(&mut rng, |rng| square(rng, 1.0))?;
    recorder.value("wrong", wrong);
    recorder
        .claim("wrong-is-found", "A backward without its factor of two disagrees a thousand times more than any that is right.")
        .greater(wrong, 1000.0 * largest);
    Ok(())
}

/// The largest disagreement over all cases, and how many weights were moved.
fn worst(rng: &mut Rng, make: Make) -> Result<(f64, usize)> {
    let (found, weights) = disagreements(rng, make)?;
    Ok((found.into_iter().fold(0.0, f64::max), weights))
}

/// The disagreement in each case, and how many weights were moved.
pub(super) fn disagreements(
    rng: &mut Rng,
    make: impl Fn(&mut Rng) -> Result<Network<f64>>,
) -> Result<(Vec<f64>, usize)> {
    let (mut errors, mut weights) = (Vec::new(), 0);
    for _ in 0..CASES {
        let network = make(rng)?;
        weights += network.parameters();
        let (rows, shards) = (rng.random_range(1..8), rng.random_range(1..4));
        let options = Options { batch: rows, shards, threads: 1, training: true };
        let mut engine = Engine::new(network, options)?;
        let mut tensors = engine.weights();
        for tensor in &mut tensors {
            tensor.data = random(rng, tensor.data.len());
        }
        engine.set_weights(&tensors)?;
        let x = random(rng, rows * engine.input_shape().elements());
        let labels: Vec<usize> = (0..rows).map(|_| rng.random_range(0..engine.outputs())).collect();
        let found = check(&mut engine, &Rows { x: &x, labels: &labels })?;
        errors.push(found.map_or(0.0, |found| found.error));
    }
    Ok((errors, weights))
}

fn linear(rng: &mut Rng, activation: Activation) -> Result<Network<f64>> {
    let [d, h, k] = [1..24, 1..24, 2..12].map(|range| rng.random_range(range));
    Network::new(Shape::row(d))
        .then("0", Linear::new(d, h).with(activation))?
        .then("1", Linear::new(h, k))
}

fn blocks(rng: &mut Rng) -> Result<Network<f64>> {
    let h = rng.random_range(130..150);
    Network::new(Shape::row(2))
        .then("0", Linear::new(2, h).with(Activation::Tanh))?
        .then("1", Linear::new(h, 2))
}

// ANCHOR: network
fn addition(rng: &mut Rng) -> Result<Network<f64>> {
    let d = rng.random_range(1..16);
    let mut network = Network::new(Shape::row(d));
    let input = Network::<f64>::INPUT;
    let a = network.push("0", Linear::new(d, d), &[input])?;
    let b = network.push("1", Linear::new(d, d).with(Activation::Tanh), &[a])?;
    let sum = network.push("2", Addition::default(), &[a, b])?;
    network.push("3", Linear::new(d, 3), &[sum])?;
    Ok(network)
}
// ANCHOR_END: network

fn reshape(rng: &mut Rng) -> Result<Network<f64>> {
    let [c, h, w] = [1..4, 1..4, 1..4].map(|range| rng.random_range(range));
    let n = c * h * w;
    Network::new(Shape::row(n))
        .then("0", Linear::new(n, n).with(Activation::Tanh))?
        .then("1", Reshape::new(Shape::image(c, h, w)))?
        .then("2", Linear::new(n, 3))
}

fn square(rng: &mut Rng, factor: f64) -> Result<Network<f64>> {
    let d = rng.random_range(1..16);
    Network::new(Shape::row(d))
        .then("0", Linear::new(d, d))?
        .then("1", Square { factor })?
        .then("2", Linear::new(d, 3))
}
