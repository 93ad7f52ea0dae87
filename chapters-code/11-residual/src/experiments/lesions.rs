//! Single blocks taken out of trained stacks, several at once, and two exchanged.

use backprop::{Engine, Options, Sgd, Tensor};
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Rng, Table};
use optimization::{Garments, answers};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rayon::prelude::*;

use super::depth::training::{self, BATCH, FEW, Setting, predictor, set_by_name, train_all};
use crate::networks::{Stack, Way, blocks};

/// Layers of the stacks.
pub const DEPTH: usize = 20;
/// The two ways, with the keys of what is recorded of them.
pub const WAYS: [(&str, Way); 2] = [("plain", Way::plain()), ("residual", Way::residual())];
/// Test garments that are asked after each lesion.
const ASKED: usize = 1_000;
/// How often blocks are drawn that are taken out together.
const DRAWS: usize = 5;
/// Mini-batches from which statistics are counted anew.
const COUNTED: usize = 60;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "Trained stacks with blocks taken out";
    let experiment = Experiment::new("lesions", title, lesions).seed(113);
    chapter.experiment(experiment.reads(FashionMnist::paths()))
}

/// Shares of right answers of one network.
#[derive(Clone, Debug, Default)]
struct Found {
    whole: f64,
    /// The same after statistics were counted anew.
    whole_recounted: f64,
    /// With one block less, by block.
    without: Vec<f64>,
    /// The same after statistics were counted anew.
    recounted: Vec<f64>,
    /// With so many blocks less, from 1, a mean over draws.
    several: Vec<f64>,
    /// With a block and the next one exchanged, by the first of them.
    swapped: Vec<f64>,
}

/// One of the lists of what was found.
type List = fn(&Found) -> &Vec<f64>;

/// A single number of what was found.
type Single = fn(&Found) -> f64;

/// Trains both stacks, and takes them apart.
pub fn lesions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let [train, test] = training::data(recorder, &FEW)?;
    let asked = test.select(&(0..ASKED).collect::<Vec<_>>());
    let settings = WAYS.map(|(_, way)| Setting::new(Stack::new(DEPTH, way).small()));
    let trained = train_all(recorder, &settings, &train, &FEW)?;
    let jobs: Vec<(usize, usize)> =
        (0..WAYS.len()).flat_map(|way| (0..FEW.len()).map(move |seed| (way, seed))).collect();
    let base: u64 = rand::RngExt::random(&mut recorder.rng());
    let one = |&(way, seed): &(usize, usize)| {
        // The same draws for both ways.
        let mut rng = Rng::seed_from_u64(base.wrapping_add(seed as u64));
        let stack = &settings[way].stack;
        take_apart(stack, &trained[way][seed].weights, [&train, &asked], &mut rng)
    };
    let found = jobs.par_iter().map(one).collect::<anyhow::Result<Vec<Found>>>()?;
    let [plain, residual] = [&found[..FEW.len()], &found[FEW.len()..]];
    recorder.value("depth", DEPTH);
    recorder.value("blocks", blocks(DEPTH));
    recorder.value("lesion/asked", ASKED);
    recorder.value("draws", DRAWS);
    recorder.value("counted", COUNTED);
    record(recorder, [plain, residual]);
    claims(recorder, [plain, residual]);
    Ok(())
}

/// All lesions of one network.
fn take_apart(
    stack: &Stack,
    weights: &[Tensor<f32>],
    [train, asked]: [&Labelled; 2],
    rng: &mut Rng,
) -> anyhow::Result<Found> {
    let right = |stack: &Stack| right(&mut predictor(stack, weights)?, asked);
    let n = stack.blocks.len();
    let one_less: Vec<Stack> = (0..n).map(|i| without(stack, &[i])).collect();
    let several = |k: usize, rng: &mut Rng| -> anyhow::Result<f64> {
        let draws = if k == n { 1 } else { DRAWS };
        let mut found = Vec::new();
        for _ in 0..draws {
            let mut order = stack.blocks.clone();
            order.shuffle(rng);
            found.push(right(&without(stack, &order[..k]))?);
        }
        Ok(mean(&found))
    };
    let recounted = |stack: &Stack| self::right(&mut recounted(stack, weights, train)?, asked);
    Ok(Found {
        whole: right(stack)?,
        whole_recounted: recounted(stack)?,
        without: one_less.iter().map(right).collect::<anyhow::Result<_>>()?,
        recounted: one_less.iter().map(recounted).collect::<anyhow::Result<_>>()?,
        several: (1..=n).map(|k| several(k, rng)).collect::<anyhow::Result<_>>()?,
        swapped: (1..n).map(|i| right(&swapped(stack, i))).collect::<anyhow::Result<_>>()?,
    })
}

// ANCHOR: without
/// The stack without some of its blocks: what came into such a block goes on
/// to the next. In a residual stack this is the block without its branch.
fn without(stack: &Stack, out: &[usize]) -> Stack {
    let blocks = stack.blocks.iter().copied().filter(|block| !out.contains(block));
    Stack { blocks: blocks.collect(), ..stack.clone() }
}

/// The stack with its blocks `i - 1` and `i` exchanged.
fn swapped(stack: &Stack, i: usize) -> Stack {
    let mut blocks = stack.blocks.clone();
    blocks.swap(i - 1, i);
    Stack { blocks, ..stack.clone() }
}
// ANCHOR_END: without

fn right(engine: &mut Engine<f32>, asked: &Labelled) -> anyhow::Result<f64> {
    Ok(answers::accuracy(engine, &Garments::new(asked))?)
}

// ANCHOR: recounted
/// The stack with its means and variances counted anew: steps of rate 0, in
/// which no weight moves.
fn recounted(
    stack: &Stack,
    weights: &[Tensor<f32>],
    train: &Labelled,
) -> anyhow::Result<Engine<f32>> {
    let options = Options { batch: BATCH, shards: 1, threads: 1, training: true };
    let mut engine = Engine::new(stack.network()?, options)?;
    set_by_name(&mut engine, weights)?;
    for i in 0..COUNTED {
        let rows: Vec<usize> = (i * BATCH..(i + 1) * BATCH).collect();
        let some = train.select(&rows);
        let labels: Vec<usize> = some.labels.iter().map(|&label| label.into()).collect();
        let x: Vec<f32> = some.x().into_iter().collect();
        engine.step(&backprop::Rows { x: &x, labels: &labels }, &Sgd { rate: 0.0 })?;
    }
    Ok(engine)
}
// ANCHOR_END: recounted

/// The estimate over seeds of each entry of a list.
fn estimates(found: &[Found], of: impl Fn(&Found) -> &Vec<f64>) -> Vec<Estimate> {
    let n = found.first().map_or(0, |found| of(found).len());
    let at = |i: usize| Estimate::over_runs(&found.iter().map(|f| of(f)[i]).collect::<Vec<_>>());
    (0..n).map(at).collect()
}

fn record(recorder: &mut Recorder, found: [&[Found]; 2]) {
    let n = blocks(DEPTH);
    let curves: [(&str, &str, List, usize); 4] = [
        ("without", "Block taken out", |f| &f.without, n),
        ("recounted", "Block taken out", |f| &f.recounted, n),
        ("several", "Blocks taken out", |f| &f.several, n),
        ("swapped", "First of the two", |f| &f.swapped, n - 1),
    ];
    for (key, x, of, points) in curves {
        let all = found.map(|found| estimates(found, of));
        let series = recorder.series(key, x, (1..=points).map(|i| i as f64));
        for ((way, _), all) in WAYS.into_iter().zip(&all) {
            series.banded(way, all.iter().map(|e| [e.low.max(0.0), e.value, e.high.min(1.0)]));
        }
        for ((way, _), all) in WAYS.into_iter().zip(&all) {
            for (i, one) in all.iter().enumerate() {
                recorder.estimate(&format!("{way}/{key}/{}", i + 1), *one);
            }
        }
    }
    let mut table = Table::new([
        "Stack",
        "Whole | percent 1",
        "The same, recounted | percent 1",
        "One block less, mean | percent 1",
        "One less, recounted | percent 1",
        "Two exchanged, mean | percent 1",
    ]);
    for ((way, _), found) in WAYS.into_iter().zip(found) {
        let mut cells = vec![way.into()];
        for (key, of) in MEANS {
            let runs: Vec<f64> = found.iter().map(of).collect();
            recorder.estimate(&format!("{way}/{key}"), Estimate::over_runs(&runs));
            cells.push(mean(&runs).into());
        }
        table.row(cells);
        let worst: Vec<f64> =
            found.iter().map(|f| f.without.iter().copied().fold(1.0, f64::min)).collect();
        recorder.estimate(&format!("{way}/worst"), Estimate::over_runs(&worst));
    }
    recorder.table("lesions", table);
}

/// What is a single number for each network.
const MEANS: [(&str, Single); 5] = [
    ("whole", |f| f.whole),
    ("whole-recounted", |f| f.whole_recounted),
    ("one-less", |f| mean(&f.without)),
    ("one-less-recounted", |f| mean(&f.recounted)),
    ("exchanged", |f| mean(&f.swapped)),
];

fn claims(recorder: &mut Recorder, [plain, residual]: [&[Found]; 2]) {
    let over = |found: &[Found], of: &dyn Fn(&Found) -> f64| {
        Estimate::over_runs(&found.iter().map(of).collect::<Vec<_>>())
    };
    let lost = |f: &Found| f.whole - mean(&f.without);
    for ((way, _), found) in WAYS.into_iter().zip([plain, residual]) {
        recorder.estimate(&format!("{way}/lost"), over(found, &lost));
        let back = |f: &Found| mean(&f.recounted) - mean(&f.without);
        recorder.estimate(&format!("{way}/regained"), over(found, &back));
        let anyway = |f: &Found| f.whole_recounted - f.whole;
        recorder.estimate(&format!("{way}/whole-regained"), over(found, &anyway));
        let lost = |f: &Found| f.whole - mean(&f.swapped);
        recorder.estimate(&format!("{way}/lost-by-exchange"), over(found, &lost));
    }
    let more = paired(plain, residual, lost);
    recorder.estimate("plain-loses-more", more);
    recorder
        .claim(
            "plain-loses-more",
            "One block less costs the plain stack more right answers than the residual one.",
        )
        .above(more, 0.0);
    let still = paired(plain, residual, |f| f.whole_recounted - mean(&f.recounted));
    recorder.estimate("plain-loses-more-recounted", still);
    let left = over(plain, &|f| mean(&f.without));
    recorder
        .claim(
            "plain-near-chance",
            "One block less leaves the plain stack, in the mean over blocks, under a third of right answers.",
        )
        .record(left.high < 1.0 / 3.0, left.in_words(Format::Percent(1)));
}

/// A number of the first less that of the second, seed by seed.
fn paired(a: &[Found], b: &[Found], of: impl Fn(&Found) -> f64) -> Estimate {
    Estimate::over_runs(&a.iter().zip(b).map(|(a, b)| of(a) - of(b)).collect::<Vec<_>>())
}
