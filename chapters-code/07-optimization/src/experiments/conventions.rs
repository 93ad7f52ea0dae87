//! Where two programs disagree: what their conventions are worth, each measured alone; and PyTorch's trainings beside ours.

use anyhow::{Context as _, Result};
use backprop::Engine;
use learning::{FashionMnist, Labelled};
use notebook::{Estimate, Recorder, Stream, stream};
use rand::RngExt as _;
use serde_json::Value;

use super::common::{BATCH, differences, each, half_power, recipe};
use crate::answers::accuracy;
use crate::trainer::{Mini, order};
use crate::{Garments, Optimizer, Schedule, unwatched};

/// What PyTorch found: `tests/peers/07-optimization-train.py` asked it.
pub const PEER: &str = "tests/peers/07-optimization-train.json";
/// Garments to learn from, the first of the training set; the rest are judged.
const LEARN: usize = 54_000;
/// Layers and units of the network whose first weights are compared.
const LAYERS: usize = 20;
const WIDTH: usize = 128;
/// Seeds of everything.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// Every convention, then PyTorch.
pub fn conventions(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    first_weights(recorder, &data.train);
    epsilon(recorder, &data.train)?;
    velocity(recorder, &data.train)?;
    recorder.value("left-out/garments", LEARN % BATCH);
    recorder.value("left-out/epoch", LEARN);
    // A step of AdamW at 10⁻³ with decay 10⁻²: what a hundred of them leave of a weight, in PyTorch's form and the paper's.
    recorder.value("decay/ours", (1.0 - 1e-3 * 1e-2_f64).powi(100));
    recorder.value("decay/paper", (1.0 - 1e-2_f64).powi(100));
    pytorch(recorder, &data.train)
}

/// The variance from garment to garment behind twenty layers of ReLU over that behind the first: with He's weights, and with those
/// that PyTorch's `Linear` has by itself, weights and biases uniform up to one over the root of the fan in.
fn first_weights(recorder: &mut Recorder, data: &Labelled) {
    let x = data.select(&(0..256).collect::<Vec<_>>()).x().mapv(f64::from);
    for (key, own) in [("he", false), ("pytorch", true)] {
        let factors: Vec<f64> =
            SEEDS
                .map(|seed| {
                    let mut rng = stream(seed, Stream::Weights);
                    let (mut a, mut spreads) = (x.clone(), Vec::new());
                    for _ in 0..LAYERS {
                        let n = a.ncols();
                        let bound = 1.0 / (n as f64).sqrt();
                        let mut draw = |_| match own {
                            true => rng.random_range(-bound..bound),
                            false => learning::normal(&mut rng) * (2.0 / n as f64).sqrt(),
                        };
                        let w = ndarray::Array2::from_shape_fn((n, WIDTH), &mut draw);
                        let b = ndarray::Array1::from_shape_fn(WIDTH, |_| {
                            if own { draw((0, 0)) } else { 0.0 }
                        });
                        a = (a.dot(&w) + b).mapv(|z| z.max(0.0));
                        spreads.push(a.var_axis(ndarray::Axis(0), 0.0).sum());
                    }
                    (spreads[LAYERS - 1] / spreads[0]).powf(1.0 / (LAYERS - 1) as f64)
                })
                .collect();
        recorder.estimate(&format!("first/{key}"), Estimate::over_runs(&factors));
    }
}

/// Of the weights that have a gradient at first, how many take another first step of Adam, by a tenth or more, where `ε` stands
/// inside the root.
fn epsilon(recorder: &mut Recorder, data: &Labelled) -> Result<()> {
    let shares = SEEDS.map(|seed| {
        let recipe = recipe(data, Optimizer::ADAM, Schedule::constant(1e-3), seed);
        let mut engine = recipe.begin(1)?;
        let rows = order(seed, 0, data.len());
        engine.gradients(&Mini { samples: &recipe.samples, epoch: 0, rows: &rows[..BATCH] })?;
        let gradient = engine.gradient().into_iter().flat_map(|tensor| tensor.data);
        let gradient: Vec<f64> =
            gradient.filter(|g| *g != 0.0).map(|g| f64::from(g).abs()).collect();
        let other = |g: &&f64| (**g + 1e-8) / (**g * **g + 1e-8).sqrt() < 0.9;
        Ok(gradient.iter().filter(other).count() as f64 / gradient.len() as f64)
    });
    let shares: Result<Vec<f64>> = shares.collect();
    recorder.estimate("epsilon/other", Estimate::over_runs(&shares?));
    Ok(())
}

/// Momentum whose velocity contains the rate, and whose does not: what the first steps after a fall of the rate to a tenth differ in.
fn velocity(recorder: &mut Recorder, data: &Labelled) -> Result<()> {
    let seeds: Vec<u64> = SEEDS.collect();
    let (rate, before, after) = (half_power(-3), 200, 20);
    let found = each(recorder, &seeds, |&seed| {
        let rule = Optimizer::Momentum { keep: 0.9 };
        let recipe = recipe(data, rule, Schedule::constant(rate), seed);
        let rows = order(seed, 0, data.len());
        let walk = |inside: bool| -> Result<f64> {
            let mut engine = recipe.begin(1)?;
            let mut moved = 0.0;
            for (step, rows) in rows.chunks_exact(BATCH).take(before + after).enumerate() {
                if step == before && inside {
                    // A velocity that contains the old rate is, in units of the new one, ten times as long.
                    longer(&mut engine, 10.0)?;
                }
                let start = if step == before { Some(flat(&engine)) } else { None };
                let rate = if step < before { rate } else { rate / 10.0 };
                let batch = Mini { samples: &recipe.samples, epoch: 0, rows };
                engine.step(&batch, &rule.at(step as u64 + 1, rate))?;
                if let Some(start) = start {
                    moved = distance(&start, &flat(&engine));
                }
            }
            Ok(moved)
        };
        Ok(walk(true)? / walk(false)?)
    })?;
    recorder.estimate("velocity/first-step", Estimate::over_runs(&found));
    recorder.value("velocity/before", before);
    Ok(())
}

fn longer(engine: &mut Engine<f32>, factor: f32) -> Result<()> {
    let mut state = engine.state(0);
    state.iter_mut().for_each(|tensor| tensor.data.iter_mut().for_each(|v| *v *= factor));
    Ok(engine.set_state(0, &state)?)
}

fn flat(engine: &Engine<f32>) -> Vec<f32> {
    engine.weights().into_iter().flat_map(|tensor| tensor.data).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

/// PyTorch's accuracies on the last garments, from its own first weights and from He's, and ours.
fn pytorch(recorder: &mut Recorder, train: &Labelled) -> Result<()> {
    let peer: Value = serde_json::from_slice(&std::fs::read(recorder.data(PEER))?)?;
    let all: Vec<usize> = (0..train.len()).collect();
    let [learn, judge] = [&all[..LEARN], &all[LEARN..]].map(|rows| train.select(rows));
    let seeds: Vec<u64> = SEEDS.collect();
    let ours = each(recorder, &seeds, |&seed| {
        let recipe = recipe(&learn, Optimizer::ADAM, Schedule::constant(1e-3), seed);
        let mut run = recipe.train(1, &mut unwatched)?;
        Ok(accuracy(&mut run.engine, &Garments::new(&judge))?)
    })?;
    recorder.value("pytorch/version", peer["torch"].as_str().unwrap_or_default());
    recorder.value("pytorch/seeds", seeds.len());
    recorder.estimate("pytorch/ours", Estimate::over_runs(&ours));
    for key in ["he", "own"] {
        let list = peer["accuracy"][key].as_array().context("no accuracies in the record")?;
        let theirs: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
        recorder.estimate(&format!("pytorch/{key}"), Estimate::over_runs(&theirs));
        // Seeds of two programs have nothing in common, so that any pairs will do.
        let gap = Estimate::over_runs(&differences(&ours, &theirs));
        recorder.estimate(&format!("pytorch/{key}/gap"), gap);
    }
    Ok(())
}
