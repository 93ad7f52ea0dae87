//! A small vision transformer against a small convolutional network of as many parameters, by the number of garments that they
//! learn from.

use std::time::Instant;

use backprop::{Engine, Options, Rows};
use learning::bootstrap::{mean, paired_runs};
use learning::{FashionMnist, Labelled};
use notebook::{Chapter, Estimate, Experiment, Recorder, Stream, Table, stream};
use optimization::Optimizer;

use super::training::{BATCH, Kind, LAST, Setting, WARM_UP, right, tested, train_all};
use crate::networks::{SMALL, cnn_width_near};

/// Garments that are learned from, the first of the training set.
pub const SIZES: [usize; 3] = [1_000, 5_000, 15_000];
/// Steps of every training, about.
const STEPS: u64 = 468;
/// Seeds of each network.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Rates that are tried, on this many garments, for so many steps.
const RATES: [f64; 4] = [1e-3, 2e-3, 4e-3, 8e-3];
const TRIED: (usize, u64) = (5_000, 156);
/// Garments on which a rate is chosen, the last of the training set.
const HELD: usize = 2_000;
/// Steps that are timed.
const TIMED: usize = 15;

/// The networks: how they are recorded, and their names.
pub const NETWORKS: [(&str, &str); 2] =
    [("vit", "vision transformer"), ("cnn", "convolutional network")];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "A small vision transformer against a convolutional network";
    let experiment = Experiment::new("garments", title, run).seed(105);
    chapter.experiment(experiment.reads(FashionMnist::paths()))
}

/// 1 for each test garment that is named right, else 0: `[seed][garment]`.
type Right = Vec<Vec<f64>>;

fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let kinds = kinds(recorder)?;
    recorder.value("batch", BATCH);
    recorder.value("warm-up", WARM_UP);
    recorder.value("last", LAST);
    recorder.value("seeds", SEEDS.len());
    let test = tested(&data.test);
    recorder.value("tested", test.len());
    let rates = rates(recorder, kinds, &data.train)?;
    let mut found = Vec::new();
    for garments in SIZES {
        let train = data.train.select(&(0..garments).collect::<Vec<_>>());
        found.push(trained(recorder, kinds, rates, [&train, &test])?);
    }
    table(recorder, &found);
    compare(recorder, &found);
    for ((key, _), kind) in NETWORKS.iter().zip(kinds) {
        time(recorder, key, kind, &data.train)?;
    }
    Ok(())
}

/// What came of one number of garments.
struct Found {
    epochs: u64,
    /// Of each network: training loss, mean over seeds, and answers.
    losses: [f64; 2],
    right: [Right; 2],
}

impl Found {
    /// By how much the second network is ahead, seed by seed and garment by garment.
    fn gap(&self) -> Right {
        paired_runs(&self.right[1], &self.right[0])
    }
}

/// Both networks with every seed on one number of garments.
fn trained(
    recorder: &mut Recorder,
    kinds: [Kind; 2],
    rates: [f64; 2],
    [train, test]: [&Labelled; 2],
) -> anyhow::Result<Found> {
    let setting =
        |i: usize, seed| Setting { kind: kinds[i], train, steps: STEPS, rate: rates[i], seed };
    // One of each in turn, so that two at once take about as long.
    let settings: Vec<Setting<'_>> =
        SEEDS.iter().flat_map(|&seed| [setting(0, seed), setting(1, seed)]).collect();
    let mut trained = train_all(recorder, &settings, settings.len())?;
    let right = right(&mut trained, test)?;
    let (epochs, garments) = (settings[0].epochs(), train.len());
    recorder.value(&format!("{garments}/epochs"), epochs);
    recorder.value(&format!("{garments}/steps"), epochs * settings[0].of_epoch());
    let loss =
        |i: usize| mean(&trained.iter().skip(i).step_by(2).map(|run| run.loss).collect::<Vec<_>>());
    let right = |i: usize| right.iter().skip(i).step_by(2).cloned().collect();
    Ok(Found { epochs, losses: [loss(0), loss(1)], right: [right(0), right(1)] })
}

/// Every number of garments a row, and a point of the curves.
fn table(recorder: &mut Recorder, found: &[Found]) {
    let mut table = Table::new([
        "Garments | int",
        "Epochs | int",
        "ViT, training loss | fixed 3",
        "CNN, training loss | fixed 3",
        "ViT, right | percent 1",
        "CNN, right | percent 1",
    ]);
    let mut curves: [Vec<[f64; 3]>; 2] = Default::default();
    for (garments, found) in SIZES.into_iter().zip(found) {
        let mut row = vec![garments.into(), found.epochs.into()];
        row.extend(found.losses.map(Into::into));
        for (i, (key, _)) in NETWORKS.iter().enumerate() {
            let share = Estimate::over_runs_and_cases(&found.right[i]);
            recorder.estimate(&format!("{key}/{garments}/right"), share);
            recorder.value(&format!("{key}/{garments}/loss"), found.losses[i]);
            curves[i].push([share.low, share.value, share.high]);
            row.push(share.value.into());
        }
        table.row(row);
    }
    recorder.table("sizes", table);
    let x = SIZES.map(|n| n as f64);
    let series = recorder.series("right", "Garments to learn from", x);
    for ((_, name), curve) in NETWORKS.iter().zip(curves) {
        series.banded(name, curve);
    }
}

/// The two networks, counted: the second is as wide as gives it the parameters of the first.
fn kinds(recorder: &mut Recorder) -> anyhow::Result<[Kind; 2]> {
    let vit = Kind::Vit(SMALL);
    let width = cnn_width_near(vit.network()?.parameters())?;
    let kinds = [vit, Kind::Cnn(width)];
    let mut counts = Vec::new();
    for ((key, _), kind) in NETWORKS.iter().zip(kinds) {
        let network = kind.network()?;
        recorder.value(&format!("{key}/parameters"), network.parameters());
        recorder.value(&format!("{key}/multiply-adds"), network.multiply_adds().forward);
        counts.push(network.parameters() as f64);
    }
    for (key, number) in [
        ("vit/patch", SMALL.patch),
        ("vit/width", SMALL.width),
        ("vit/layers", SMALL.layers),
        ("vit/heads", SMALL.heads),
        ("vit/hidden", SMALL.hidden),
        ("vit/tokens", SMALL.tokens()),
        ("cnn/width", width),
    ] {
        recorder.value(key, number);
    }
    let apart = (counts[1] / counts[0] - 1.0).abs();
    recorder.value("apart", apart);
    recorder
        .claim("equal", "The numbers of parameters differ by less than three per cent.")
        .less(apart, 0.03);
    Ok(kinds)
}

/// The rate at which each does best on garments that are kept aside.
fn rates(recorder: &mut Recorder, kinds: [Kind; 2], train: &Labelled) -> anyhow::Result<[f64; 2]> {
    let (garments, steps) = TRIED;
    let few = train.select(&(0..garments).collect::<Vec<_>>());
    let held = train.select(&(train.len() - HELD..train.len()).collect::<Vec<_>>());
    recorder.value("rates/garments", garments);
    recorder.value("rates/held", HELD);
    let settings: Vec<Setting<'_>> = RATES
        .iter()
        .flat_map(|&rate| kinds.map(|kind| Setting { kind, train: &few, steps, rate, seed: 1 }))
        .collect();
    recorder.value("rates/steps", settings[0].epochs() * settings[0].of_epoch());
    let mut trained = train_all(recorder, &settings, settings.len())?;
    let found: Vec<f64> = right(&mut trained, &held)?.iter().map(|right| mean(right)).collect();
    let mut table =
        Table::new(["Highest rate | plain", "ViT, right | percent 1", "CNN, right | percent 1"]);
    for (rate, found) in RATES.iter().zip(found.chunks(2)) {
        table.row([(*rate).into(), found[0].into(), found[1].into()]);
    }
    recorder.table("rates", table);
    let best = |i: usize| {
        let of = |r: &usize| found[2 * r + i];
        // The slower of two that are equal.
        let best = (0..RATES.len()).rev().max_by(|a, b| of(a).total_cmp(&of(b)));
        RATES[best.unwrap_or_default()]
    };
    let rates = [best(0), best(1)];
    for ((key, _), rate) in NETWORKS.iter().zip(rates) {
        recorder.value(&format!("{key}/rate"), rate);
    }
    Ok(rates)
}

/// By how much the second is ahead, and how that changes from the fewest garments to the most.
fn compare(recorder: &mut Recorder, found: &[Found]) {
    let gaps: Vec<Right> = found.iter().map(Found::gap).collect();
    let all: Vec<Estimate> = gaps.iter().map(|gap| Estimate::over_runs_and_cases(gap)).collect();
    for (garments, gap) in SIZES.iter().zip(&all) {
        recorder.estimate(&format!("gap/{garments}"), *gap);
        recorder.value(&format!("verdict/{garments}"), verdict(*gap));
    }
    let change = paired_runs(&gaps[0], &gaps[gaps.len() - 1]);
    let change = Estimate::over_runs_and_cases(&change);
    recorder.estimate("gap/change", change);
    recorder
        .claim(
            "catches-up",
            "From the fewest garments to the most, the transformer gains on the convolutional network.",
        )
        .above(change, 0.0);
}

/// What the interval of a difference says.
fn verdict(gap: Estimate) -> &'static str {
    match gap {
        Estimate { low, .. } if low > 0.0 => "the convolutional network is ahead",
        Estimate { high, .. } if high < 0.0 => "the transformer is ahead",
        _ => "which decides nothing",
    }
}

/// What a step of training takes, and what the answer to one garment takes in a mini-batch, on one thread.
fn time(recorder: &mut Recorder, key: &str, kind: Kind, train: &Labelled) -> anyhow::Result<()> {
    let few = train.select(&(0..BATCH).collect::<Vec<_>>());
    let x: Vec<f32> = few.x().iter().copied().collect();
    let labels: Vec<usize> = few.labels.iter().map(|&label| label.into()).collect();
    let batch = Rows { x: &x, labels: &labels };
    let options = Options { batch: BATCH, threads: 1, ..Options::default() };
    let mut engine = Engine::new(kind.network()?, options)?;
    kind.initialisation().draw(&mut engine, &mut stream(1, Stream::Weights))?;
    let mut answers = vec![0.0; BATCH * engine.outputs()];
    let (mut steps, mut images) = (Vec::new(), Vec::new());
    for step in 1..=2 * TIMED as u64 {
        let began = Instant::now();
        engine.step(&batch, &Optimizer::ADAM.at(step, 1e-3))?;
        let middle = Instant::now();
        engine.predict(&batch, &mut answers)?;
        // The first half warms up.
        if step > TIMED as u64 {
            steps.push((middle - began).as_secs_f64());
            images.push(middle.elapsed().as_secs_f64() / BATCH as f64);
        }
    }
    recorder.timings(&format!("{key}/step"), &steps);
    recorder.timings(&format!("{key}/image"), &images);
    Ok(())
}
