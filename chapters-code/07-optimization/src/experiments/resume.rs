//! Stopped and resumed against uninterrupted: how many bits differ?

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use backprop::{Engine, Options};
use learning::Labelled;
use notebook::Recorder;

use super::common::{BATCH, fashion, options, settings};
use crate::mlp::{Garments, mlp};
use crate::trainer::{FIRST_WEIGHTS, generator};
use crate::{Checkpoint, Initialisation, Optimizer, Progress, Schedule, Settings, Trainer};

/// Garments.
const GARMENTS: usize = 6400;
/// Steps at which it is stopped.
const STOPS: [u64; 3] = [1, 37, 99];

/// Stops at three steps, and once forgets what the rule kept.
pub fn resume(recorder: &mut Recorder) -> Result<()> {
    let data = fashion(recorder)?.train.select(&(0..GARMENTS).collect::<Vec<_>>());
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mlp.safetensors");
    let plan = Settings {
        checkpoint: Some((path.clone(), 0)),
        ..settings(Optimizer::ADAMW, Schedule::cosine(1e-3, 10), 2, 1)
    };
    let usual = options(recorder, BATCH);
    let mut whole = Trainer::new(engine(usual)?, plan.clone())?;
    walk(&mut whole, &data, u64::MAX)?;
    let whole = whole.checkpoint();
    recorder.value("steps", 2 * GARMENTS / BATCH);
    recorder.value("bytes", std::fs::metadata(&path)?.len());
    recorder.value("numbers", numbers(&whole).count());

    let (mut differing, mut forgetful) = (0, 0);
    for (i, stop) in STOPS.into_iter().enumerate() {
        // Resumed on another number of threads, which must not matter.
        let other = Options { threads: 1 + i % 2, ..usual };
        let mut first = Trainer::new(engine(usual)?, plan.clone())?;
        walk(&mut first, &data, stop)?;
        let saved = Checkpoint::read(&path)?;
        let mut second = Trainer::resume(engine(other)?, plan.clone(), &saved)?;
        walk(&mut second, &data, u64::MAX)?;
        differing += bits(&whole, &second.checkpoint());
        forgetful = forgets(engine(usual)?, &plan, saved, &data, &whole)?;
    }
    recorder.value("stops", STOPS.len());
    recorder.value("stopped-last", STOPS[STOPS.len() - 1]);
    recorder.value("differing", differing);
    recorder.value("forgetful", forgetful);
    recorder
        .claim("bit-for-bit", "Training that was stopped and resumed, at three steps and on one and on two threads, ends with the same bits as without the stop.")
        .equal(differing, 0_u64);
    recorder
        .claim(
            "state-matters",
            "Without what the rule kept, the same training ends with other bits.",
        )
        .greater(forgetful, 0_u64);
    Ok(())
}

fn engine(options: Options) -> Result<Engine<f32>> {
    let mut engine = Engine::new(mlp()?, options)?;
    Initialisation::He.draw(&mut engine, &mut generator(1, FIRST_WEIGHTS))?;
    Ok(engine)
}

/// Takes steps up to `stop`, or all that are left.
fn walk(trainer: &mut Trainer, data: &Labelled, stop: u64) -> Result<()> {
    let flag = AtomicBool::new(false);
    let mut watch =
        |p: &Progress, _: &mut Engine<f32>| flag.store(p.step >= stop, Ordering::Relaxed);
    trainer.run(&Garments(data), &flag, &mut watch)?;
    Ok(())
}

/// Differing bits where the weights are kept, and the moments of Adam begin again at nought.
fn forgets(
    engine: Engine<f32>,
    plan: &Settings,
    mut saved: Checkpoint,
    data: &Labelled,
    whole: &Checkpoint,
) -> Result<u64> {
    for tensor in saved.state.iter_mut().flatten() {
        tensor.data.fill(0.0);
    }
    let mut trainer = Trainer::resume(engine, plan.clone(), &saved)?;
    walk(&mut trainer, data, u64::MAX)?;
    Ok(bits(whole, &trainer.checkpoint()))
}

/// All numbers of a checkpoint, in order.
fn numbers(checkpoint: &Checkpoint) -> impl Iterator<Item = f32> {
    let tensors = checkpoint.weights.iter().chain(checkpoint.state.iter().flatten());
    tensors.flat_map(|tensor| tensor.data.iter().copied())
}

/// How many bits differ; a number that only one has differs in all 32.
// ANCHOR: bits
fn bits(a: &Checkpoint, b: &Checkpoint) -> u64 {
    let differing = |(a, b): (f32, f32)| u64::from((a.to_bits() ^ b.to_bits()).count_ones());
    let alone = numbers(a).count().abs_diff(numbers(b).count()) as u64;
    32 * alone + numbers(a).zip(numbers(b)).map(differing).sum::<u64>()
}
// ANCHOR_END: bits
