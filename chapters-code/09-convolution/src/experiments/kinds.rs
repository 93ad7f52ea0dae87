//! Convolutions of every kind at the same place of the same small network: what each costs, and what it comes to.

use backprop::{Activation, Engine, Linear, Network, Options, Result, Rows, Shape};
use learning::Labelled;
use notebook::{Estimate, Recorder, Table};
use optimization::recipe::Make;
use optimization::{Garments, Optimizer, Recipe, Schedule, answers};

use super::small::{SEEDS, Small, apart, trained};
use crate::networks::{CLASSES, INPUT};
use crate::recipe::plain;
use crate::{Convolution, ConvolutionPool, Pool, Windowed};

const SMALL: Small = Small { garments: 2_000, held: 2_000, epochs: 3 };
/// Channels before the layer, and behind it.
const C: usize = 16;
const O: usize = 32;

/// What stands between the first pool and the second.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Full,
    One,
    Grouped,
    Separable,
    Dilated,
}

const KINDS: [(&str, &str, Kind, Make); 5] = [
    ("full", "3 × 3", Kind::Full, || network(Kind::Full)),
    ("one", "1 × 1", Kind::One, || network(Kind::One)),
    ("grouped", "3 × 3 in 4 groups", Kind::Grouped, || network(Kind::Grouped)),
    ("separable", "3 × 3 depthwise, then 1 × 1", Kind::Separable, || network(Kind::Separable)),
    ("dilated", "3 × 3, dilation 2", Kind::Dilated, || network(Kind::Dilated)),
];

/// The layer, from 16 channels to 32.
fn layer(network: Network<f32>, kind: Kind) -> Result<Network<f32>> {
    let relu = Activation::Relu;
    match kind {
        Kind::Full => network.then("a", Convolution::new(C, O, 3).padding(1).with(relu)),
        Kind::One => network.then("a", Convolution::new(C, O, 1).with(relu)),
        Kind::Grouped => network.then("a", Windowed::new(C, O, 3).padding(1).groups(4).with(relu)),
        Kind::Separable => network
            .then("a", Windowed::depthwise(C, 3).padding(1))?
            .then("b", Convolution::new(C, O, 1).with(relu)),
        Kind::Dilated => {
            network.then("a", Windowed::new(C, O, 3).padding(2).dilation(2).with(relu))
        }
    }
}

fn network(kind: Kind) -> Result<Network<f32>> {
    let network = layer(Network::new(INPUT).then("0", ConvolutionPool::new(1, C))?, kind)?;
    network.then("pool", Pool::max(2))?.then("last", Linear::new(O * 49, CLASSES))
}

/// Costs, trainings, and the board of a transposed convolution.
pub fn kinds(recorder: &mut Recorder) -> anyhow::Result<()> {
    let [train, held] = SMALL.data(recorder)?;
    let mut table = Table::new([
        "Layer, 16 channels to 32",
        "Parameters | int",
        "Multiply-adds | int",
        "Pixels seen, a side | int",
        "Right | percent 1",
        "Above 3 × 3, points | fixed 1",
    ]);
    let mut all: Vec<Vec<f64>> = Vec::new();
    for (key, name, kind, make) in KINDS {
        let alone = layer(Network::new(Shape::image(C, 14, 14)), kind)?;
        let (parameters, products) = (alone.parameters(), alone.multiply_adds().forward);
        let runs: anyhow::Result<Vec<f64>> =
            SEEDS.map(|seed| right(recorder, make, [&train, &held], seed)).collect();
        let right = runs?;
        recorder.value(&format!("{key}/parameters"), parameters);
        recorder.value(&format!("{key}/products"), products);
        let estimate = Estimate::over_runs(&right);
        recorder.estimate(&format!("{key}/right"), estimate);
        let gain = all.first().map(|full| apart(&right, full));
        if let Some(gain) = gain {
            recorder.estimate(&format!("{key}/over-full"), gain);
        }
        let side = match kind {
            Kind::One => 1,
            Kind::Dilated => 5,
            _ => 3,
        };
        table.row([
            name.into(),
            parameters.into(),
            products.into(),
            side.into(),
            estimate.value.into(),
            gain.map(|gain| 100.0 * gain.value).into(),
        ]);
        all.push(right);
    }
    recorder.table("kinds", table);
    recorder.estimate("looking/over-one", apart(&all[3], &all[1]));
    board(recorder)
}

/// The share of garments kept aside that one training gets right.
fn right(
    recorder: &Recorder,
    make: Make,
    [train, held]: [&Labelled; 2],
    seed: u64,
) -> anyhow::Result<f64> {
    let (optimizer, schedule) = (Optimizer::ADAM, Schedule::constant(2e-3));
    let recipe = Recipe { optimizer, schedule, ..plain(make, train, SMALL.epochs, seed) };
    Ok(answers::accuracy(&mut trained(recorder, recipe)?, &Garments::new(held))?)
}

/// How many windows reach each pixel of a transposed convolution with stride 2: with a side of 3, and of 4.
fn board(recorder: &mut Recorder) -> anyhow::Result<()> {
    for side in [3, 4] {
        let network = Network::<f32>::new(Shape::image(1, 6, 6)).then(
            "0",
            Windowed::new(1, 1, side).stride(2).padding(1).transposed(0).without_bias(),
        )?;
        let shape = network.shape(network.last()).map_or(0, Shape::elements);
        let options = Options { batch: 1, shards: 1, threads: 1, training: false };
        let mut engine = Engine::new(network, options)?;
        engine.set("0.weight", &[1, 1, side, side], &vec![1.0; side * side])?;
        let mut out = vec![0.0; shape];
        engine.predict(&Rows { x: &[1.0; 36], labels: &[0] }, &mut out)?;
        // Away from the border, which fewer windows reach.
        let n = shape.isqrt();
        let inner = |i: &usize| (3..n - 3).contains(&(i / n)) && (3..n - 3).contains(&(i % n));
        let inner: Vec<f32> = (0..shape).filter(inner).map(|i| out[i]).collect();
        let ends = |f: fn(f32, f32) -> f32| f64::from(inner.iter().copied().fold(inner[0], f));
        recorder.value(&format!("board/{side}/least"), ends(f32::min));
        recorder.value(&format!("board/{side}/most"), ends(f32::max));
    }
    Ok(())
}
