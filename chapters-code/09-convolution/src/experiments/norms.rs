//! Batch, layer and group normalisation, and none, with mini-batches of ordinary size and with very small ones.

use backprop::{Activation, Linear, Network, Result};
use learning::{FashionMnist, Labelled};
use notebook::{Estimate, Recorder, Table};
use optimization::recipe::Make;
use optimization::{Garments, Optimizer, Recipe, Schedule, answers, unwatched};

use super::few;
use crate::networks::{CLASSES, INPUT};
use crate::recipe::plain;
use crate::{BatchNorm, Convolution, ConvolutionPool, GroupNorm, Pool};

/// Garments that are learned from, and how often.
const FEW: usize = 2_000;
const EPOCHS: u64 = 3;
/// Garments, after those, on which accuracy is measured.
const HELD: usize = 3_000;
/// Seeds.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;
/// Sizes of the mini-batch, and the rate of SGD with momentum that goes with each: in proportion.
const SIZES: [(usize, f64); 2] = [(64, 0.04), (2, 0.00125)];
/// Channels of the two convolutions.
const C: usize = 16;

#[derive(Clone, Copy)]
enum Norm {
    None,
    Batch,
    Layer,
    Group,
}

const NORMS: [(&str, &str, Make); 4] = [
    ("none", "none", || network(Norm::None)),
    ("batch", "batch", || network(Norm::Batch)),
    ("layer", "layer: one group", || network(Norm::Layer)),
    ("group", "group: four groups", || network(Norm::Group)),
];

fn normalised(network: Network<f32>, name: &str, norm: Norm) -> Result<Network<f32>> {
    match norm {
        Norm::None => Ok(network),
        Norm::Batch => network.then(name, BatchNorm::new(C)),
        Norm::Layer => network.then(name, GroupNorm::new(C, 1)),
        Norm::Group => network.then(name, GroupNorm::new(C, 4)),
    }
}

fn network(norm: Norm) -> Result<Network<f32>> {
    let network = Network::new(INPUT).then("0", ConvolutionPool::new(1, C))?;
    let network = normalised(network, "1", norm)?;
    let network = network.then("2", Convolution::new(C, C, 3).padding(1).with(Activation::Relu))?;
    let network = normalised(network, "3", norm)?;
    network.then("4", Pool::max(2))?.then("5", Linear::new(C * 49, CLASSES))
}

/// Every normalisation at both sizes.
pub fn norms(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let (train, held) = few(&data.train, FEW, HELD);
    recorder.value("garments", FEW);
    recorder.value("held", HELD);
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS.count());
    let mut table = Table::new([
        "Normalisation",
        "Right, mini-batches of 64 | percent 1",
        "Right, mini-batches of 2 | percent 1",
        "Lost, points | fixed 1",
    ]);
    let mut lost = Vec::new();
    for (key, name, make) in NORMS {
        let mut right = Vec::new();
        for size in SIZES {
            let runs: anyhow::Result<Vec<f64>> =
                SEEDS.map(|seed| trained(recorder, make, &train, &held, size, seed)).collect();
            let runs = runs?;
            recorder.estimate(&format!("{key}/{}", size.0), Estimate::over_runs(&runs));
            right.push(runs);
        }
        let loss: Vec<f64> = right[0].iter().zip(&right[1]).map(|(a, b)| a - b).collect();
        recorder.estimate(&format!("{key}/lost"), Estimate::over_runs(&loss));
        let mean = |i: usize| Estimate::over_runs(&right[i]).value;
        let points = 100.0 * Estimate::over_runs(&loss).value;
        table.row([name.into(), mean(0).into(), mean(1).into(), points.into()]);
        lost.push(loss);
    }
    recorder.table("norms", table);
    let more = |i: usize| -> Estimate {
        Estimate::over_runs(&lost[1].iter().zip(&lost[i]).map(|(a, b)| a - b).collect::<Vec<_>>())
    };
    recorder.estimate("batch-loses-more/group", more(3));
    recorder.estimate("batch-loses-more/layer", more(2));
    Ok(())
}

fn trained(
    recorder: &Recorder,
    make: Make,
    train: &Labelled,
    held: &Labelled,
    (batch, rate): (usize, f64),
    seed: u64,
) -> anyhow::Result<f64> {
    let optimizer = Optimizer::Momentum { keep: 0.9 };
    let schedule = Schedule::constant(rate);
    let recipe = Recipe { optimizer, schedule, batch, ..plain(make, train, EPOCHS, seed) };
    let mut run = recipe.train(recorder.threads(), &mut unwatched)?.whole()?;
    Ok(answers::accuracy(&mut run.engine, &Garments::new(held))?)
}
