//! Mini-batches from small to large, after equal samples: with one rate for all, and with a rate in proportion.

use anyhow::Result;
use learning::{FashionMnist, Labelled};
use notebook::{Recorder, Table};

use super::common::{SEEDS, halves, range, recipe, train};
use crate::answers::accuracy;
use crate::{Garments, Optimizer, Recipe, Schedule};

/// Sizes of the mini-batch.
const SIZES: [usize; 4] = [32, 128, 512, 2048];
/// The size and the rate from which the others are counted.
const FROM: (usize, f64) = (32, 0.02);

/// One epoch of SGD for each.
pub fn batch(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    recorder.value("from/size", FROM.0);
    recorder.value("from/rate", FROM.1);
    let mut table = Table::new([
        "Mini-batch | int",
        "Steps | int",
        "Same rate | percent 1",
        "Rate in proportion | percent 1",
    ]);
    let mut bands = [Vec::new(), Vec::new()];
    for size in SIZES {
        let in_proportion = FROM.1 * size as f64 / FROM.0 as f64;
        for (way, rate) in [FROM.1, in_proportion].into_iter().enumerate() {
            // At the size that is counted from, both rates are the same.
            let [low, middle, high] = match bands[0].last() {
                Some(same) if way == 1 && size == FROM.0 => *same,
                _ => range(&accuracies(recorder, size, rate, &split.learn, &split.choose)?),
            };
            let key = format!("{}/{size}", ["same", "scaled"][way]);
            recorder.value(&key, middle).interval(low, high);
            bands[way].push([low, middle, high]);
        }
        recorder.value(&format!("rate/{size}"), in_proportion);
        let [same, scaled] = bands.each_ref().map(|band| band[band.len() - 1][1]);
        let steps = split.learn.len() / size;
        recorder.value(&format!("steps/{size}"), steps);
        table.row([size.into(), steps.into(), same.into(), scaled.into()]);
    }
    recorder.table("batch", table);
    let [same, scaled] = &bands;
    recorder
        .series("accuracy", "Samples of a mini-batch", SIZES.map(|size| size as f64))
        .banded("same rate", same.iter().copied())
        .banded("rate in proportion", scaled.iter().copied());
    let last = SIZES.len() - 1;
    recorder
        .claim("fewer-steps-learn-less", "After one epoch at the same rate, mini-batches of 2,048 have found fewer validation garments than mini-batches of 32.")
        .less(same[last][2], same[0][0]);
    recorder
        .claim("scaling-helps", "At 512 samples a rate in proportion finds more validation garments than the same rate.")
        .greater(scaled[2][0], same[2][2]);
    recorder
        .claim(
            "scaling-ends",
            "At 2,048 samples a rate in proportion finds fewer validation garments than at 32.",
        )
        .less(scaled[last][2], scaled[0][0]);
    Ok(())
}

// ANCHOR: accuracies
/// The accuracy on `choose` with each seed.
fn accuracies(
    recorder: &Recorder,
    size: usize,
    rate: f64,
    learn: &Labelled,
    choose: &Labelled,
) -> Result<Vec<f64>> {
    SEEDS
        .map(|seed| {
            let usual = recipe(learn, Optimizer::Sgd, Schedule::constant(rate), seed);
            let mut run = train(recorder, &Recipe { batch: size, ..usual })?;
            Ok(accuracy(&mut run.engine, &Garments::new(choose))?)
        })
        .collect()
}
// ANCHOR_END: accuracies
