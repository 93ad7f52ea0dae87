//! Batch, layer and group normalisation, and none, with mini-batches of ordinary size and with very small ones.

use backprop::{Activation, Linear, Network, Result};
use learning::Labelled;
use notebook::{Estimate, Recorder, Table};
use optimization::recipe::Make;
use optimization::{Garments, Optimizer, Recipe, Schedule, answers};

use super::small::{SEEDS, Small, apart, trained};
use crate::networks::{CLASSES, INPUT};
use crate::recipe::plain;
use crate::{BatchNorm, Convolution, ConvolutionPool, GroupNorm, Pool};

const SMALL: Small = Small { garments: 2_000, held: 3_000, epochs: 3 };
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
    let [train, held] = SMALL.data(recorder)?;
    let mut table = Table::new([
        "Normalisation",
        "Right, mini-batches of 64 | percent 1",
        "Right, mini-batches of 2 | percent 1",
        "Lost, points | fixed 1",
    ]);
    let mut lost = Vec::new();
    for (key, name, make) in NORMS {
        let mut found = Vec::new();
        for size in SIZES {
            let runs: anyhow::Result<Vec<f64>> =
                SEEDS.map(|seed| right(recorder, make, [&train, &held], size, seed)).collect();
            let runs = runs?;
            recorder.estimate(&format!("{key}/{}", size.0), Estimate::over_runs(&runs));
            found.push(runs);
        }
        let loss: Vec<f64> = found[0].iter().zip(&found[1]).map(|(a, b)| a - b).collect();
        recorder.estimate(&format!("{key}/lost"), Estimate::over_runs(&loss));
        let mean = |i: usize| Estimate::over_runs(&found[i]).value;
        let points = 100.0 * Estimate::over_runs(&loss).value;
        table.row([name.into(), mean(0).into(), mean(1).into(), points.into()]);
        lost.push(loss);
    }
    recorder.table("norms", table);
    recorder.estimate("batch-loses-more/group", apart(&lost[1], &lost[3]));
    recorder.estimate("batch-loses-more/layer", apart(&lost[1], &lost[2]));
    Ok(())
}

/// The share of garments kept aside that one training gets right.
fn right(
    recorder: &Recorder,
    make: Make,
    [train, held]: [&Labelled; 2],
    (batch, rate): (usize, f64),
    seed: u64,
) -> anyhow::Result<f64> {
    let optimizer = Optimizer::Momentum { keep: 0.9 };
    let schedule = Schedule::constant(rate);
    let recipe = Recipe { optimizer, schedule, batch, ..plain(make, train, SMALL.epochs, seed) };
    Ok(answers::accuracy(&mut trained(recorder, recipe)?, &Garments::new(held))?)
}
