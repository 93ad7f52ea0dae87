//! The edge of stability (Cohen and others, 2021): gradient descent on all samples at once, and the largest curvature on its way.

use anyhow::Result;
use backprop::{Activation, Engine, Linear, Network, Options, Rows, Sgd, Shape};
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::{Recorder, Stream, stream};

use super::common::each;
use crate::Initialisation;

/// Garments that are all the data, and pixels along a side, of which each is the mean of four.
const GARMENTS: usize = 400;
const SIDE: usize = 14;
/// Hidden units of either layer.
const HIDDEN: usize = 24;
/// Rates.
const RATES: [f64; 3] = [0.1, 0.15, 0.2];
/// Steps, and every how many of them curvature is taken.
const STEPS: usize = 1_200;
const EVERY: usize = 20;
/// Steps of the power iteration at the start, and from one place to the next.
const FIRST: usize = 60;
const NEXT: usize = 8;
/// How far the gradient is taken to either side, for a difference.
const APART: f64 = 1e-4;
/// The losses between which the network is busy: below, it is sure of nearly all garments, and curvature falls.
const BUSY: [f64; 2] = [0.05, 0.5];
/// The seed of the first weights.
const SEED: u64 = 1;

/// All samples, in order.
struct All {
    x: Vec<f64>,
    labels: Vec<usize>,
}

impl All {
    fn new(data: &Labelled) -> Self {
        let pixels = data.x();
        let mut x = Vec::with_capacity(GARMENTS * SIDE * SIDE);
        for i in 0..GARMENTS {
            for place in 0..SIDE * SIDE {
                let (row, column) = (place / SIDE * 2, place % SIDE * 2);
                let four = [(0, 0), (0, 1), (1, 0), (1, 1)];
                let sum: f64 = four
                    .iter()
                    .map(|(r, c)| f64::from(pixels[[i, (row + r) * 28 + column + c]]))
                    .sum();
                x.push(sum / 4.0);
            }
        }
        All { x, labels: data.y()[..GARMENTS].iter().map(|&label| label.into()).collect() }
    }

    fn rows(&self) -> Rows<'_, f64> {
        Rows { x: &self.x, labels: &self.labels }
    }
}

fn engine() -> Result<Engine<f64>> {
    let tanh = Activation::Tanh;
    let network = Network::new(Shape::row(SIDE * SIDE))
        .then("0", Linear::new(SIDE * SIDE, HIDDEN).with(tanh))?
        .then("2", Linear::new(HIDDEN, HIDDEN).with(tanh))?
        .then("4", Linear::new(HIDDEN, 10))?;
    let options = Options { batch: GARMENTS, threads: 1, ..Options::default() };
    let mut engine = Engine::new(network, options)?;
    Initialisation::Glorot.draw(&mut engine, &mut stream(SEED, Stream::Weights))?;
    Ok(engine)
}

/// The weights in one row, and back.
fn flat(tensors: &[backprop::Tensor<f64>]) -> Vec<f64> {
    tensors.iter().flat_map(|tensor| tensor.data.iter().copied()).collect()
}

fn set(engine: &mut Engine<f64>, w: &[f64]) -> Result<()> {
    let (mut tensors, mut from) = (engine.weights(), w);
    for tensor in &mut tensors {
        let (here, rest) = from.split_at(tensor.data.len());
        tensor.data.copy_from_slice(here);
        from = rest;
    }
    Ok(engine.set_weights(&tensors)?)
}

/// The gradient at the weights `w + by · v`.
fn gradient_at(
    engine: &mut Engine<f64>,
    all: &All,
    w: &[f64],
    v: &[f64],
    by: f64,
) -> Result<Vec<f64>> {
    let there: Vec<f64> = w.iter().zip(v).map(|(w, v)| w + by * v).collect();
    set(engine, &there)?;
    engine.gradients(&all.rows())?;
    Ok(flat(&engine.gradient()))
}

// ANCHOR: sharpness
/// The largest curvature at the engine's weights, by power iteration from
/// `v`, which is left at its direction.
fn sharpness(engine: &mut Engine<f64>, all: &All, v: &mut [f64], times: usize) -> Result<f64> {
    let w = flat(&engine.weights());
    let mut curvature = 0.0;
    for _ in 0..times {
        let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        v.iter_mut().for_each(|v| *v /= length);
        let high = gradient_at(engine, all, &w, v, APART)?;
        let low = gradient_at(engine, all, &w, v, -APART)?;
        let product = high.iter().zip(&low).map(|(high, low)| (high - low) / (2.0 * APART));
        let product: Vec<f64> = product.collect();
        curvature = product.iter().zip(&*v).map(|(product, v)| product * v).sum();
        v.copy_from_slice(&product);
    }
    set(engine, &w)?;
    Ok(curvature)
}
// ANCHOR_END: sharpness

/// A walk: the loss of each step, and the curvature every few.
struct Walk {
    losses: Vec<f64>,
    curvatures: Vec<f64>,
}

fn walk(all: &All, rate: f64) -> Result<Walk> {
    let mut engine = engine()?;
    let n = flat(&engine.weights()).len();
    // Any direction will do that is not at right angles to the one that is sought.
    let mut v: Vec<f64> = (0..n).map(|i| ((i * 37 % 101) as f64) - 50.0).collect();
    let mut walk = Walk { losses: Vec::new(), curvatures: Vec::new() };
    for step in 0..STEPS {
        if step % EVERY == 0 {
            let times = if step == 0 { FIRST } else { NEXT };
            walk.curvatures.push(sharpness(&mut engine, all, &mut v, times)?);
        }
        walk.losses.push(engine.step(&all.rows(), &Sgd { rate })?);
    }
    Ok(walk)
}

/// Each rate, from the same first weights.
pub fn edge(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let all = All::new(&data.train);
    recorder.value("garments", GARMENTS);
    recorder.value("weights", flat(&engine()?.weights()).len());
    recorder.value("hidden", HIDDEN);
    recorder.value("steps", STEPS);
    let walks = each(recorder, &RATES, |&rate| walk(&all, rate))?;
    let series =
        recorder.series("curvature", "Step", (0..STEPS / EVERY).map(|i| (i * EVERY) as f64));
    for (rate, walk) in RATES.iter().zip(&walks) {
        series.curve(&format!("rate {rate}"), walk.curvatures.iter().map(|c| c * rate));
    }
    let series = recorder.series("loss", "Step", (0..STEPS / 4).map(|i| (4 * i) as f64));
    for (rate, walk) in RATES.iter().zip(&walks) {
        series.curve(&format!("rate {rate}"), walk.losses.iter().copied().step_by(4));
    }
    let (mut near, mut below) = (0, 0);
    recorder.value("busy/below", BUSY[1]);
    recorder.value("busy/above", BUSY[0]);
    for (rate, walk) in RATES.iter().zip(&walks) {
        let products: Vec<f64> = walk.curvatures.iter().map(|curvature| curvature * rate).collect();
        let losses = walk.losses.iter().step_by(EVERY);
        let busy: Vec<f64> = losses
            .zip(&products)
            .filter(|(loss, _)| (BUSY[0]..=BUSY[1]).contains(*loss))
            .map(|(_, product)| *product)
            .collect();
        recorder.value(&format!("{rate}/first"), products[0]);
        recorder.value(&format!("{rate}/busy"), mean(&busy));
        recorder.value(&format!("{rate}/last"), products[products.len() - 1]);
        recorder.value(&format!("{rate}/edge"), 2.0 / rate);
        let rises = walk.losses.windows(2).filter(|two| two[1] > two[0]).count();
        recorder.value(&format!("{rate}/rises"), rises as f64 / (STEPS - 1) as f64);
        recorder.value(&format!("{rate}/loss/first"), walk.losses[0]);
        recorder.value(&format!("{rate}/loss/last"), walk.losses[STEPS - 1]);
        near += usize::from((1.8..2.6).contains(&mean(&busy)));
        below += usize::from(products[0] < 1.5);
    }
    recorder.value("curvature/first", walks[0].curvatures[0]);
    recorder
        .claim("at-the-edge", "While the loss is between a half and a twentieth, the mean of the largest curvature, times the rate, lies between 1.8 and 2.6 at every rate.")
        .all(near, RATES.len(), "rates");
    recorder
        .claim("begins-below", "At the first weights the largest curvature, times the rate, is below 1.5 at every rate.")
        .all(below, RATES.len(), "rates");
    let fell = walks.iter().filter(|walk| walk.losses[STEPS - 1] < 0.5 * walk.losses[STEPS / 4]);
    recorder
        .claim("the-loss-still-falls", "At every rate the loss is at the end less than half of what it was after a quarter of the steps.")
        .all(fell.count(), RATES.len(), "rates");
    Ok(())
}
