//! Three ways to make an image smaller by two, in the same network: what a shift by one pixel does to each.

use backprop::{Activation, Engine, Linear, Network, Result};
use learning::Labelled;
use notebook::{Estimate, Recorder, Table};
use optimization::recipe::Make;
use optimization::{Garments, Optimizer, Recipe, Schedule, answers};

use super::small::{SEEDS, Small, apart, trained};
use crate::networks::{CLASSES, INPUT};
use crate::recipe::plain;
use crate::{Blur, Convolution, Pool};

const SMALL: Small = Small { garments: 3_000, held: 2_000, epochs: 4 };
/// Channels of the two convolutions.
const C: usize = 16;

#[derive(Clone, Copy)]
enum Way {
    Max,
    Stride,
    Blur,
}

const WAYS: [(&str, &str, Make); 3] = [
    ("max", "max-pool", || network(Way::Max)),
    ("stride", "stride of 2", || network(Way::Stride)),
    ("blur", "largest of 2 × 2, then blur", || network(Way::Blur)),
];

// ANCHOR: smaller
/// A convolution with ReLU, and half of the pixels a side.
fn smaller(network: Network<f32>, name: &str, from: usize, way: Way) -> Result<Network<f32>> {
    let convolution = Convolution::new(from, C, 3).padding(1).with(Activation::Relu);
    match way {
        Way::Stride => network.then(name, convolution.stride(2)),
        Way::Max => network.then(name, convolution)?.then(&format!("{name}.max"), Pool::max(2)),
        Way::Blur => network
            .then(name, convolution)?
            .then(&format!("{name}.max"), Pool::max(2).stride(1))?
            .then(&format!("{name}.blur"), Blur::new(2)),
    }
}
// ANCHOR_END: smaller

fn network(way: Way) -> Result<Network<f32>> {
    let network = smaller(smaller(Network::new(INPUT), "0", 1, way)?, "1", C, way)?;
    // The mean over the image, so that no layer behind it knows places.
    network.then("2", Pool::global())?.then("3", Linear::new(C, CLASSES))
}

/// The garments, one pixel to the right.
fn moved(data: &Labelled) -> Labelled {
    let mut images = data.images.clone();
    for mut image in images.outer_iter_mut() {
        for mut row in image.outer_iter_mut() {
            for column in (1..row.len()).rev() {
                row[column] = row[column - 1];
            }
            row[0] = 0;
        }
    }
    Labelled { images, labels: data.labels.clone() }
}

/// What one network says where garments are, and one pixel further.
struct Answers {
    right: f64,
    /// The share of garments whose class changes.
    changed: f64,
    /// The mean change of the probabilities, half the sum of their differences.
    by: f64,
}

/// Every way with every seed.
pub fn aliasing(recorder: &mut Recorder) -> anyhow::Result<()> {
    let [train, held] = SMALL.data(recorder)?;
    let there = moved(&held);
    let mut table = Table::new([
        "Smaller by",
        "Right | percent 1",
        "Answers changed by one pixel | percent 1",
        "Probability moved | percent 1",
    ]);
    let mut all = Vec::new();
    for (key, name, make) in WAYS {
        let runs: anyhow::Result<Vec<Answers>> =
            SEEDS.map(|seed| ask(recorder, make, &train, [&held, &there], seed)).collect();
        let runs = runs?;
        let of = |f: fn(&Answers) -> f64| -> Vec<f64> { runs.iter().map(f).collect() };
        let [right, changed, by] = [of(|a| a.right), of(|a| a.changed), of(|a| a.by)];
        for (what, values) in [("right", &right), ("changed", &changed), ("by", &by)] {
            recorder.estimate(&format!("{key}/{what}"), Estimate::over_runs(values));
        }
        let mean = |values: &[f64]| Estimate::over_runs(values).value;
        table.row([name.into(), mean(&right).into(), mean(&changed).into(), mean(&by).into()]);
        all.push([right, changed, by]);
    }
    recorder.table("ways", table);
    let less = |i: usize, what: usize| apart(&all[i][what], &all[2][what]);
    recorder.estimate("blur-under-max", less(0, 2));
    recorder.estimate("blur-under-stride", less(1, 2));
    recorder.estimate("blur-under-max/changed", less(0, 1));
    recorder.estimate("max-over-blur/right", less(0, 0));
    recorder
        .claim("blur-moves-less", "One pixel moves less of the probabilities where the pool blurs before it steps than with a max-pool, with the whole paired interval over seeds.")
        .above(less(0, 2), 0.0);
    Ok(())
}

fn ask(
    recorder: &Recorder,
    make: Make,
    train: &Labelled,
    held: [&Labelled; 2],
    seed: u64,
) -> anyhow::Result<Answers> {
    let (optimizer, schedule) = (Optimizer::ADAM, Schedule::constant(5e-3));
    let recipe = Recipe { optimizer, schedule, ..plain(make, train, SMALL.epochs, seed) };
    let mut engine = trained(recorder, recipe)?;
    let [here, there] = held.map(|data| probabilities(&mut engine, data));
    let (here, there) = (here?, there?);
    let rows = || here.chunks_exact(CLASSES).zip(there.chunks_exact(CLASSES));
    let n = held[0].len() as f64;
    let right = here.chunks_exact(CLASSES).zip(held[0].y());
    let right = right.filter(|(p, label)| largest(p) == usize::from(**label)).count() as f64 / n;
    let changed = rows().filter(|(a, b)| largest(a) != largest(b)).count() as f64 / n;
    let between = |(a, b): (&[f64], &[f64])| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0
    };
    let by = rows().map(between).sum::<f64>() / n;
    Ok(Answers { right, changed, by })
}

fn largest(p: &[f64]) -> usize {
    (0..p.len()).fold(0, |best, i| if p[i] > p[best] { i } else { best })
}

fn probabilities(engine: &mut Engine<f32>, data: &Labelled) -> anyhow::Result<Vec<f64>> {
    let logits = answers::outputs(engine, &Garments::new(data))?;
    let softmax = |z: &[f32]| -> Vec<f64> {
        let z: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
        let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = z.iter().map(|z| (z - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(|p| p / sum).collect()
    };
    Ok(logits.chunks_exact(CLASSES).flat_map(softmax).collect())
}
