//! Which weights are decayed: none, matrices alone, or biases too.

use anyhow::Result;
use learning::FashionMnist;
use notebook::{Estimate, Recorder, Table};

use super::common::{differences, each, halves, recipe};
use crate::answers::accuracy;
use crate::{Garments, Optimizer, Recipe, Schedule, unwatched};

/// A decay so strong that an epoch shows it.
const DECAY: f64 = 0.5;
/// The rate of Adam.
const RATE: f64 = 1e-3;
/// Epochs, and seeds.
const EPOCHS: u64 = 1;
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;
/// The ways: key, name, decay and whether biases decay.
const WAYS: [(&str, &str, f64, bool); 3] = [
    ("none", "nothing", 0.0, true),
    ("matrices", "matrices", DECAY, false),
    ("all", "matrices and biases", DECAY, true),
];

/// Root mean squares by tensor, and accuracies.
pub fn decay(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    recorder.value("decay", DECAY);
    recorder.value("rate", RATE);
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS.count());
    let jobs: Vec<(usize, u64)> =
        (0..WAYS.len()).flat_map(|way| SEEDS.map(move |seed| (way, seed))).collect();
    let runs = each(recorder, &jobs, |&(way, seed)| {
        let (_, _, decay, all_decay) = WAYS[way];
        let rule = Optimizer::Adam { mean: 0.9, square: 0.999, epsilon: 1e-8, decay, all_decay };
        let usual = recipe(&split.learn, rule, Schedule::constant(RATE), seed);
        let mut run = Recipe { epochs: EPOCHS, ..usual }.train(1, &mut unwatched)?.whole()?;
        let size = |data: &[f32]| {
            (data.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>() / data.len() as f64).sqrt()
        };
        let sizes: Vec<(String, f64)> =
            run.engine.weights().into_iter().map(|t| (t.name, size(&t.data))).collect();
        Ok((sizes, accuracy(&mut run.engine, &Garments::new(&split.choose))?))
    })?;
    let ways: Vec<_> = runs.chunks(SEEDS.count()).collect();
    let mut table = Table::new([
        "Tensor",
        "Nothing decays | fixed 4",
        "Matrices decay | fixed 4",
        "Biases too | fixed 4",
    ]);
    let of = |way: usize, tensor: usize| -> Vec<f64> {
        ways[way].iter().map(|(sizes, _)| sizes[tensor].1).collect()
    };
    let tensors = ways[0][0].0.len();
    for tensor in 0..tensors {
        let mean = |way| Estimate::over_runs(&of(way, tensor)).value;
        let name = ways[0][0].0[tensor].0.clone();
        for (way, (key, ..)) in WAYS.iter().enumerate() {
            recorder.value(&format!("size/{key}/{name}"), mean(way));
        }
        table.row([name.into(), mean(0).into(), mean(1).into(), mean(2).into()]);
    }
    recorder.table("tensors", table);
    let right = |way: usize| -> Vec<f64> { ways[way].iter().map(|(_, right)| *right).collect() };
    for (way, (key, ..)) in WAYS.iter().enumerate() {
        recorder.estimate(&format!("accuracy/{key}"), Estimate::over_runs(&right(way)));
    }
    let gain = Estimate::over_runs(&differences(&right(2), &right(1)));
    recorder.estimate("gain/all-over-matrices", gain);
    recorder.estimate(
        "gain/matrices-over-none",
        Estimate::over_runs(&differences(&right(1), &right(0))),
    );
    let shrunk = (0..tensors).filter(|&tensor| {
        let name = &ways[0][0].0[tensor].0;
        name.ends_with("bias")
            && Estimate::over_runs(&differences(&of(1, tensor), &of(2, tensor))).low > 0.0
    });
    recorder
        .claim("biases-shrink", "Where biases decay, too, they end smaller in every layer, with the whole paired interval over seeds.")
        .all(shrunk.count(), tensors / 2, "layers");
    Ok(())
}
