//! How the stacks are trained: all alike, several at a time, each on one thread.

use std::sync::atomic::AtomicBool;

use backprop::{Engine, Options, Tensor};
use convolution::networks::CLASSES;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::{Estimate, Recorder};
use optimization::{Error, Garments, Optimizer, Recipe, Schedule, Trainer, answers};
use rayon::prelude::*;

use crate::networks::{Stack, start_as_identity};

/// Garments that are learned from: the first of the training set.
pub const GARMENTS: usize = 4_000;
/// How often they are seen.
pub const EPOCHS: u64 = 3;
/// Samples of a mini-batch.
pub const BATCH: usize = 32;
/// The highest learning rate.
pub const RATE: f64 = 0.05;
/// The most seeds of a setting. A seed decides the order of the garments and the first weights.
pub const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
/// The seeds where there are many settings.
pub const FEW: [u64; 3] = [1, 2, 3];
/// Steps at the end whose mean loss is the training loss.
pub const LAST: usize = 60;
/// Test garments that are asked: the first.
pub const ASKED: usize = 3_000;

/// A stack with all that is to be varied of its training.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The network.
    pub stack: Stack,
    /// Where its plain convolutions start as the identity: the noise.
    pub noise: Option<f64>,
    /// The highest learning rate.
    pub rate: f64,
}

impl Setting {
    /// He's first weights, and the rate of all.
    pub fn new(stack: Stack) -> Self {
        Setting { stack, noise: None, rate: RATE }
    }
}

/// What came of a training.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The loss of each mini-batch, before its step.
    pub losses: Vec<f64>,
    /// Whether the loss was finite to the end.
    pub whole: bool,
    /// The weights as they were left.
    pub weights: Vec<Tensor<f32>>,
}

impl Trained {
    /// The mean loss of the last mini-batches; that of a uniform guess where there is no end, or where it is more.
    pub fn loss(&self) -> f64 {
        let guess = (CLASSES as f64).ln();
        let last = &self.losses[self.losses.len().saturating_sub(LAST)..];
        if self.whole { mean(last).min(guess) } else { guess }
    }
}

/// The garments that are learned from, and those that are asked.
///
/// # Errors
/// Where they cannot be read.
pub fn data(recorder: &mut Recorder, seeds: &[u64]) -> anyhow::Result<[Labelled; 2]> {
    let all = FashionMnist::of(recorder)?;
    let first = |n: usize| (0..n).collect::<Vec<_>>();
    recorder.value("garments", GARMENTS);
    recorder.value("epochs", EPOCHS);
    recorder.value("steps", EPOCHS * (GARMENTS / BATCH) as u64);
    recorder.value("batch", BATCH);
    recorder.value("rate", RATE);
    recorder.value("seeds", seeds.len());
    recorder.value("last", LAST);
    recorder.value("asked", ASKED);
    Ok([all.train.select(&first(GARMENTS)), all.test.select(&first(ASKED))])
}

// ANCHOR: train
/// Trains a stack: gradient descent with momentum 0.9, at a rate that rises
/// for a tenth of the steps and falls along a cosine.
///
/// # Errors
/// Where the garments do not fit.
pub fn train(setting: &Setting, data: &Labelled, seed: u64) -> anyhow::Result<Trained> {
    let steps = EPOCHS * (data.len() / BATCH) as u64;
    let recipe = Recipe {
        optimizer: Optimizer::Momentum { keep: 0.9 },
        schedule: Schedule::cosine(setting.rate, steps / 10),
        batch: BATCH,
        shards: 1,
        epochs: EPOCHS,
        seed,
        ..Recipe::new(|| setting.stack.network(), Garments::new(data))
    };
    let mut trainer = Trainer::new(recipe, 1)?;
    if let Some(noise) = setting.noise {
        start_as_identity(trainer.engine(), noise)?;
    }
    let mut losses = Vec::new();
    let ending = trainer.run(&AtomicBool::new(false), &mut |step, _| {
        losses.push(step.loss);
        Ok(())
    });
    let whole = match ending {
        Ok(_) => true,
        Err(Error::Diverged { .. }) => false,
        Err(other) => return Err(other.into()),
    };
    Ok(Trained { losses, whole, weights: trainer.into_engine().weights() })
}
// ANCHOR_END: train

/// Trains every setting with each of the seeds: `[setting][seed]`.
///
/// # Errors
/// As [`train`].
pub fn train_all(
    recorder: &Recorder,
    settings: &[Setting],
    data: &Labelled,
    seeds: &[u64],
) -> anyhow::Result<Vec<Vec<Trained>>> {
    let progress = recorder.progress(seeds.len() as u64, "seeds");
    let mut found = vec![Vec::new(); settings.len()];
    for &seed in seeds {
        let once = |setting: &Setting| train(setting, data, seed);
        let trained = settings.par_iter().map(once).collect::<anyhow::Result<Vec<_>>>()?;
        found.iter_mut().zip(trained).for_each(|(found, trained)| found.push(trained));
        progress.advance(1);
    }
    Ok(found)
}

/// A stack that predicts, with weights by name. Weights of blocks that it does not have are left out.
///
/// # Errors
/// Where a tensor is missing.
pub fn predictor(stack: &Stack, weights: &[Tensor<f32>]) -> anyhow::Result<Engine<f32>> {
    let options = Options { batch: 125, shards: 1, threads: 1, training: false };
    let mut engine = Engine::new(stack.network()?, options)?;
    set_by_name(&mut engine, weights)?;
    Ok(engine)
}

/// Gives an engine the weights that it has a name for.
///
/// # Errors
/// Where shapes differ.
pub fn set_by_name(engine: &mut Engine<f32>, weights: &[Tensor<f32>]) -> anyhow::Result<()> {
    let mut own = engine.weights();
    for tensor in &mut own {
        if let Some(known) = weights.iter().find(|known| known.name == tensor.name) {
            tensor.data.clone_from(&known.data);
        }
    }
    Ok(engine.set_weights(&own)?)
}

/// The share of garments whose class a network does not find.
///
/// # Errors
/// Where the garments do not fit.
pub fn error(engine: &mut Engine<f32>, data: &Labelled) -> anyhow::Result<f64> {
    Ok(1.0 - answers::accuracy(engine, &Garments::new(data))?)
}

/// The shares of errors of trained networks, `[setting][seed]`.
///
/// # Errors
/// Where the garments do not fit.
pub fn errors(
    settings: &[Setting],
    trained: &[Vec<Trained>],
    data: &Labelled,
) -> anyhow::Result<Vec<Vec<f64>>> {
    let of = |(setting, runs): (&Setting, &Vec<Trained>)| {
        let once = |run: &Trained| error(&mut predictor(&setting.stack, &run.weights)?, data);
        runs.iter().map(once).collect()
    };
    settings.par_iter().zip(trained).map(of).collect()
}

/// `a − b`, seed by seed, with its interval over the seeds.
pub fn apart(a: &[f64], b: &[f64]) -> Estimate {
    Estimate::over_runs(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}
