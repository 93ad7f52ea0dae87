//! The parts of MobileNetV3, one at a time, at equal multiply-adds: small networks for garments, trained by one recipe.

use std::time::Instant;

use backprop::{Engine, Options, Rows};
use learning::bootstrap::paired_runs;
use learning::{FashionMnist, Labelled};
use notebook::{Chapter, Estimate, Experiment, Recorder, Stream, Table, stream};
use optimization::{Garments, Initialisation, Optimizer, Recipe, Schedule, answers, unwatched};
use rayon::prelude::*;

use crate::mobile::{Block, Cost, Design, EXPANSION};

/// Garments that are learned from: the first of the training set.
const GARMENTS: usize = 5_000;
/// How often they are seen.
const EPOCHS: u64 = 2;
/// Garments of a mini-batch.
const BATCH: usize = 64;
/// The highest learning rate.
const RATE: f64 = 2e-3;
/// Seeds of each network.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Steps that are timed.
const TIMED: usize = 25;

/// The network that the others are changed from.
const BASE: Design =
    Design { block: Block::Inverted, skip: true, gate: false, swish: false, width: 16 };

/// How each network is recorded, its name, and what it is; widths are found.
pub const NETWORKS: [(&str, &str, Design); 7] = [
    ("full", "full 3 × 3", Design { block: Block::Full, skip: false, ..BASE }),
    ("separable", "depthwise, then 1 × 1", Design { block: Block::Separable, skip: false, ..BASE }),
    ("no-skip", "inverted, no skip", Design { skip: false, ..BASE }),
    ("inverted", "inverted residual", BASE),
    ("gate", "with gates", Design { gate: true, ..BASE }),
    ("swish", "with hard-swish", Design { swish: true, ..BASE }),
    ("both", "with both", Design { gate: true, swish: true, ..BASE }),
];

/// What is compared: how it is recorded, its name, and the first network less the second.
pub const PAIRS: [(&str, &str, [&str; 2]); 6] = [
    ("depthwise", "depthwise and 1 × 1, not full", ["separable", "full"]),
    ("expansion", "inverted, no skip, not separable", ["no-skip", "separable"]),
    ("skip", "with the skip", ["inverted", "no-skip"]),
    ("gate", "with gates", ["gate", "inverted"]),
    ("swish", "hard-swish, not ReLU", ["swish", "inverted"]),
    ("all", "all parts, not full", ["both", "full"]),
];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "MobileNetV3's parts, one at a time";
    let experiment = Experiment::new("mobile", title, mobile).seed(116);
    chapter.experiment(experiment.reads(FashionMnist::paths()))
}

/// 1 for each test garment that is named right, else 0: `[seed][garment]`.
type Right = Vec<Vec<f64>>;

fn mobile(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let rows: Vec<usize> = (0..GARMENTS).collect();
    let train = data.train.select(&rows);
    recorder.value("garments", GARMENTS);
    recorder.value("tested", data.test.len());
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS.len());
    recorder.value("batch", BATCH);
    recorder.value("expansion", EXPANSION);
    let designs = designs()?;
    let costs = costs(recorder, &designs)?;
    let found = trained(recorder, &designs, [&train, &data.test])?;
    table(recorder, &costs, &found);
    compare(recorder, &found);
    for (design, (key, ..)) in designs.iter().zip(NETWORKS) {
        time(recorder, key, *design, &train)?;
    }
    Ok(())
}

/// Every network with every seed. They are many and small, so each is trained on one thread, and several at once.
fn trained(
    recorder: &Recorder,
    designs: &[Design],
    [train, test]: [&Labelled; 2],
) -> anyhow::Result<Vec<Right>> {
    let all: Vec<(Design, u64)> =
        designs.iter().flat_map(|&design| SEEDS.map(|seed| (design, seed))).collect();
    let progress = recorder.progress(all.len() as u64, "trainings");
    let one = |&(design, seed): &(Design, u64)| {
        let run = recipe(design, train, seed).train(1, &mut unwatched)?.whole()?;
        let mut engine = run.engine;
        anyhow::Ok(answers::right(&mut engine, &Garments::new(test))?)
    };
    let mut right: Right = Vec::new();
    for some in all.chunks(NETWORKS.len()) {
        right.extend(some.par_iter().map(one).collect::<anyhow::Result<Right>>()?);
        progress.advance(some.len() as u64);
    }
    Ok(right.chunks(SEEDS.len()).map(<[Vec<f64>]>::to_vec).collect())
}

/// Each network with the width at which it costs what the first does.
fn designs() -> anyhow::Result<Vec<Design>> {
    let budget = NETWORKS[0].2.cost()?.multiply_adds;
    Ok(NETWORKS.iter().map(|(.., design)| design.near(budget)).collect::<Result<_, _>>()?)
}

/// AdamW at a rate that rises for a quarter of an epoch and falls along a cosine, on garments as they are.
fn recipe(
    design: Design,
    data: &Labelled,
    seed: u64,
) -> Recipe<Garments<'_>, impl Fn() -> backprop::Result<backprop::Network<f32>> + Clone> {
    let network = move || design.network();
    Recipe {
        optimizer: Optimizer::adamw(0.05),
        schedule: Schedule::cosine(RATE, (data.len() / BATCH / 4) as u64),
        batch: BATCH,
        epochs: EPOCHS,
        seed,
        ..Recipe::new(network, Garments::new(data))
    }
}

/// What each counts, and how far the counts are apart.
fn costs(recorder: &mut Recorder, designs: &[Design]) -> anyhow::Result<Vec<Cost>> {
    let mut costs = Vec::new();
    for (design, (key, ..)) in designs.iter().zip(NETWORKS) {
        let cost = design.cost()?;
        recorder.value(&format!("{key}/width"), design.width);
        recorder.value(&format!("{key}/parameters"), cost.parameters);
        recorder.value(&format!("{key}/multiply-adds"), cost.multiply_adds);
        recorder.value(&format!("{key}/bytes"), cost.bytes);
        recorder.value(&format!("{key}/intensity"), cost.multiply_adds as f64 / cost.bytes as f64);
        costs.push(cost);
    }
    let base = NETWORKS[0].2.cost()?.multiply_adds as f64;
    let apart = |cost: &Cost| (cost.multiply_adds as f64 / base - 1.0).abs();
    let most = costs.iter().map(apart).fold(0.0, f64::max);
    recorder.value("apart", most);
    recorder
        .claim("equal", "No network's count of multiply-adds is further than a fifteenth from the full network's.")
        .record(most < 1.0 / 15.0, format!("the furthest is {:.1} % away", 100.0 * most));
    Ok(costs)
}

fn table(recorder: &mut Recorder, costs: &[Cost], found: &[Right]) {
    let mut table = Table::new([
        "Network",
        "Parameters | int",
        "Multiply-adds | count 2",
        "Read and written | bytes 0",
        "Multiply-adds a byte | fixed 2",
        "Right | percent 1",
    ]);
    for (((key, name, _), cost), runs) in NETWORKS.iter().zip(costs).zip(found) {
        let right = Estimate::over_runs_and_cases(runs);
        recorder.estimate(&format!("{key}/right"), right);
        table.row([
            (*name).into(),
            cost.parameters.into(),
            cost.multiply_adds.into(),
            cost.bytes.into(),
            (cost.multiply_adds as f64 / cost.bytes as f64).into(),
            right.value.into(),
        ]);
    }
    recorder.table("networks", table);
}

/// Each pair, garment by garment and seed by seed.
fn compare(recorder: &mut Recorder, found: &[Right]) {
    let of = |key: &str| {
        let at = NETWORKS.iter().position(|(other, ..)| *other == key);
        &found[at.unwrap_or_default()]
    };
    for (key, _, [a, b]) in PAIRS {
        let over = Estimate::over_runs_and_cases(&paired_runs(of(a), of(b)));
        recorder.estimate(&format!("over/{key}"), over);
        recorder.value(&format!("verdict/{key}"), verdict(over));
    }
}

/// What an interval of a difference says.
fn verdict(difference: Estimate) -> &'static str {
    match difference {
        Estimate { low, .. } if low > 0.0 => "more are right",
        Estimate { high, .. } if high < 0.0 => "fewer are right",
        _ => "that decides nothing",
    }
}

/// What a step of training takes, and what the answer to one garment takes in a mini-batch.
fn time(
    recorder: &mut Recorder,
    key: &str,
    design: Design,
    train: &Labelled,
) -> anyhow::Result<()> {
    let few: Vec<usize> = (0..BATCH).collect();
    let few = train.select(&few);
    let x: Vec<f32> = few.x().iter().copied().collect();
    let labels: Vec<usize> = few.labels.iter().map(|&label| label.into()).collect();
    let batch = Rows { x: &x, labels: &labels };
    let threads = recorder.threads();
    let options = Options { batch: BATCH, threads, ..Options::default() };
    let mut engine = Engine::new(design.network::<f32>()?, options)?;
    Initialisation::He.draw(&mut engine, &mut stream(1, Stream::Weights))?;
    let mut answers = vec![0.0; BATCH * engine.output_shape().elements()];
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
    recorder.timings(&format!("step/{key}"), &steps);
    recorder.timings(&format!("image/{key}"), &images);
    Ok(())
}
