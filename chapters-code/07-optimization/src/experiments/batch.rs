//! Mini-batches from small to large, after equal samples: with one rate for all, with a rate in proportion, and with
//! that rate after a warm-up.

use anyhow::Result;
use learning::FashionMnist;
use notebook::{Estimate, Recorder, Table};

use super::common::{SEEDS, Split, differences, halves, range, recipe, train};
use crate::answers::accuracy;
use crate::{Garments, Optimizer, Recipe, Schedule};

/// Sizes of the mini-batch.
const SIZES: [usize; 4] = [32, 128, 512, 2048];
/// The size and the rate from which the others are counted.
const FROM: (usize, f64) = (32, 0.02);

/// The ways to choose the rate: key, and name.
const WAYS: [(&str, &str); 3] =
    [("same", "same rate"), ("scaled", "rate in proportion"), ("warm", "the same after a warm-up")];
/// The part of the epoch that is the warm-up.
const WARM_UP: usize = 4;

/// One epoch of SGD for each.
pub fn batch(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    recorder.value("from/size", FROM.0);
    recorder.value("from/rate", FROM.1);
    recorder.value("seeds", SEEDS.count());
    recorder.value("warm-up", 1.0 / WARM_UP as f64);
    let mut table = Table::new([
        "Mini-batch | int",
        "Steps | int",
        "Same rate | percent 1",
        "Rate in proportion | percent 1",
        "After a warm-up | percent 1",
    ]);
    let mut found: Vec<[Vec<f64>; 3]> = Vec::new();
    for size in SIZES {
        let steps = split.learn.len() / size;
        let in_proportion = FROM.1 * size as f64 / FROM.0 as f64;
        let constant = Schedule::constant;
        let same = accuracies(recorder, size, constant(FROM.1), &split)?;
        let scaled = match size == FROM.0 {
            true => same.clone(),
            false => accuracies(recorder, size, constant(in_proportion), &split)?,
        };
        let warm_up = (steps / WARM_UP) as u64;
        let schedule = Schedule { warm_up, ..constant(in_proportion) };
        let warm = accuracies(recorder, size, schedule, &split)?;
        let all = [same, scaled, warm];
        for ((key, _), accuracies) in WAYS.iter().zip(&all) {
            recorder.estimate(&format!("{key}/{size}"), range(accuracies));
        }
        recorder.value(&format!("rate/{size}"), in_proportion);
        recorder.value(&format!("steps/{size}"), steps);
        recorder.value(&format!("seen/{size}"), steps * size);
        let [a, b, c] = all.each_ref().map(|accuracies| range(accuracies)[1].into());
        table.row([size.into(), steps.into(), a, b, c]);
        found.push(all);
    }
    recorder.table("batch", table);
    let series =
        recorder.series("accuracy", "Samples of a mini-batch", SIZES.map(|size| size as f64));
    for (way, (_, name)) in WAYS.iter().enumerate() {
        series.banded(name, found.iter().map(|all| range(&all[way])));
    }
    claims(recorder, &found);
    Ok(())
}

/// What is compared, seed by seed: the first arm has the same weights at first as the second.
fn claims(recorder: &mut Recorder, found: &[[Vec<f64>; 3]]) {
    let (small, middle, large) = (&found[0], &found[2], &found[SIZES.len() - 1]);
    let mut paired = |id: &str, statement: &str, more: &[f64], less: &[f64]| {
        let gain = Estimate::over_runs(&differences(more, less));
        recorder.estimate(&format!("gain/{id}"), gain);
        recorder.claim(id, statement).above(gain, 0.0);
    };
    paired(
        "fewer-steps-learn-less",
        "After one epoch at the same rate, mini-batches of 32 have found more validation garments than mini-batches of 2,048.",
        &small[0],
        &large[0],
    );
    paired(
        "scaling-helps",
        "At 512 samples a rate in proportion finds more validation garments than the same rate.",
        &middle[1],
        &middle[0],
    );
    paired(
        "scaling-ends",
        "At 2,048 samples a rate in proportion finds fewer validation garments than the same rate.",
        &large[0],
        &large[1],
    );
}

// ANCHOR: accuracies
/// The accuracy on the validation garments with each seed.
fn accuracies(
    recorder: &Recorder,
    size: usize,
    schedule: Schedule,
    split: &Split,
) -> Result<Vec<f64>> {
    SEEDS
        .map(|seed| {
            let usual = recipe(&split.learn, Optimizer::Sgd, schedule, seed);
            let mut run = train(recorder, &Recipe { batch: size, ..usual })?;
            Ok(accuracy(&mut run.engine, &Garments::new(&split.choose))?)
        })
        .collect()
}
// ANCHOR_END: accuracies
