//! Stopped and resumed against uninterrupted: how many bits differ?

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use learning::FashionMnist;
use notebook::Recorder;

use super::common::{BATCH, recipe};
use crate::{Checkpoint, Garments, Optimizer, Recipe, Schedule, Trainer};

/// Garments.
const GARMENTS: usize = 6400;
/// Steps at which it is stopped.
const STOPS: [u64; 3] = [1, 37, 99];

/// Stops at three steps, and at the first of them also forgets what the rule kept.
pub fn resume(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?.train.select(&(0..GARMENTS).collect::<Vec<_>>());
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mlp.safetensors");
    let schedule = Schedule::cosine(1e-3, 10);
    let recipe = Recipe { epochs: 2, ..recipe(&data, Optimizer::ADAMW, schedule, 1) };
    let threads = recorder.threads();
    let mut whole = Trainer::new(recipe, threads)?.saving(&path, 0)?;
    walk(&mut whole, u64::MAX)?;
    let whole = whole.checkpoint();
    recorder.value("steps", 2 * GARMENTS / BATCH);
    recorder.value("bytes", std::fs::metadata(&path)?.len());
    recorder.value("numbers", numbers(&whole).count());

    let (mut differing, mut forgetful) = (0, 0);
    for (i, stop) in STOPS.into_iter().enumerate() {
        let mut first = Trainer::new(recipe, threads)?.saving(&path, 0)?;
        walk(&mut first, stop)?;
        // Resumed on another number of threads, which must not matter.
        let mut second = Trainer::resume(recipe, 1 + i % 2, &path)?;
        let stopped = Checkpoint::read(&path)?;
        walk(&mut second, u64::MAX)?;
        differing += bits(&whole, &second.checkpoint());
        if i == 0 {
            forgets(stopped).write(&path)?;
            let mut third = Trainer::resume(recipe, threads, &path)?;
            walk(&mut third, u64::MAX)?;
            forgetful = bits(&weights_alone(&whole), &weights_alone(&third.checkpoint()));
        }
    }
    recorder.value("stops", STOPS.len());
    recorder.value("stopped-first", STOPS[0]);
    recorder.value("weight-bits", 32 * numbers(&weights_alone(&whole)).count());
    recorder.value("differing", differing);
    recorder.value("forgetful", forgetful);
    recorder
        .claim("bit-for-bit", "Training that was stopped and resumed, at three steps and on one and on two threads, ends with the same bits as without the stop.")
        .equal(differing, 0_u64);
    recorder
        .claim(
            "state-matters",
            "Without what the rule kept after the first step, the same training ends with other weights.",
        )
        .greater(forgetful, 0_u64);
    Ok(())
}

/// Takes steps up to `stop`, or all that are left.
fn walk(trainer: &mut Trainer<Garments<'_>>, stop: u64) -> Result<()> {
    let flag = AtomicBool::new(false);
    trainer.run(&flag, &mut |step, _| {
        flag.store(step.number >= stop, Ordering::Relaxed);
        Ok(())
    })?;
    Ok(())
}

/// The weights are kept, and the moments of Adam begin again at nought.
fn forgets(mut saved: Checkpoint) -> Checkpoint {
    for tensor in saved.state.iter_mut().flatten() {
        tensor.data.fill(0.0);
    }
    saved
}

/// Without what the rule keeps.
fn weights_alone(checkpoint: &Checkpoint) -> Checkpoint {
    Checkpoint { state: Default::default(), ..checkpoint.clone() }
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
