//! Kinds of garments that nobody trained on, from one, five and twenty examples.

use convolution::networks;
use convolution::recipe::plain;
use features::{Hog, View};
use learning::fashion::CLASSES;
use learning::{FashionMnist, Labelled, NearestMean, Standardiser, accuracy};
use ndarray::{Array2, ArrayView2, Axis};
use notebook::{Chapter, Estimate, Experiment, Recorder, Rng, Table};
use rand::seq::SliceRandom as _;
use rayon::prelude::*;

use super::probes::{EPOCHS, Parts, SIDE, enlarged, place, trained};
use crate::features::{self as inside, HEAD, Tap};
use crate::inner;
use crate::lite0::Weights;
use crate::lite0::weights::FILE;
use crate::probe::{Map, one_hot};

/// Kinds that a network does not learn, by the first of them: it, the next, and the third next, so that no two are held out
/// together twice.
const APART: [usize; 3] = [0, 1, 3];
/// Examples of each kind.
pub const EXAMPLES: [usize; 3] = [1, 5, 20];
/// How often examples are drawn.
const DRAWS: usize = 20;
/// The block of Lite0 that is read.
const BLOCK: usize = 9;
/// The ridge of a probe on few examples, for each of them. It is not chosen: there is nothing to choose it on.
const RIDGE: f64 = 1.0;

/// The features that are compared: how they are recorded, and their names.
pub const KINDS: [(&str, &str); 6] = [
    ("lite0", "Lite0, middle"),
    ("head", "Lite0, head"),
    ("cnn", "CNN, seven kinds"),
    ("untrained", "CNN, untrained"),
    ("hog", "HOG"),
    ("pixels", "Pixels"),
];
/// Rules on the features.
const RULES: [&str; 2] = ["mean", "probe"];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let reads = FashionMnist::paths().into_iter().chain([FILE.to_owned()]);
    let title = "Kinds of garments that nobody trained on";
    chapter.experiment(Experiment::new("few", title, few).seed(106).reads(reads))
}

/// Features of the garments that examples are drawn from, and of those that are asked.
type Pair = [Array2<f32>; 2];

/// Accuracies of one set of features and one rule for each number of examples: `[k][draw]`.
type Found = Vec<Vec<f64>>;

/// Ten times three kinds are held out.
pub fn few(recorder: &mut Recorder) -> anyhow::Result<()> {
    let parts = Parts::of(&FashionMnist::of(recorder)?);
    let mut rng = recorder.rng();
    recorder.value("triples", CLASSES.len());
    recorder.value("draws", DRAWS);
    recorder.value("block", BLOCK);
    recorder.value("side", SIDE);
    recorder.value("pool", parts.probed.len());
    let fixed = fixed(recorder, &parts)?;
    let progress = recorder.progress(CLASSES.len() as u64, "networks");
    let mut found = Vec::new();
    for first in 0..CLASSES.len() {
        let out = APART.map(|step| ((first + step) % CLASSES.len()) as u8);
        let inner = inner_layers(recorder, &parts, &out, first as u64 + 1)?;
        let [lite0, head, hog, pixels] = &fixed;
        let all = [lite0, head, &inner[0], &inner[1], hog, pixels];
        let draws = draw(&parts.probed, &out, &mut rng);
        let of = |pair: &&Pair| one_triple(&parts, &out, pair, &draws);
        found.push(all.par_iter().map(of).collect::<anyhow::Result<Vec<_>>>()?);
        progress.advance(1);
    }
    record(recorder, &found);
    claims(recorder, &found);
    Ok(())
}

/// Features that no garment has taught: Lite0's middle and head, HOG and pixels.
fn fixed(recorder: &Recorder, parts: &Parts) -> anyhow::Result<[Pair; 4]> {
    let weights = Weights::of(recorder)?;
    let taps = [Tap { after: BLOCK, grid: 2 }, Tap { after: HEAD, grid: 1 }];
    let mut lite0 = [&parts.probed, &parts.tested]
        .map(|garments| inside::of(&weights, &enlarged(garments), &taps));
    let [head, middle] =
        [(); 2].map(|()| lite0.each_mut().map(|all| all.pop().unwrap_or_default()));
    let hog = [hog(&parts.probed)?, hog(&parts.tested)?];
    Ok([middle, head, hog, [parts.probed.x(), parts.tested.x()]])
}

/// Gradients as Chapter 3 has them on garments: nine directions, cells of 7 × 7 pixels, blocks of 2 × 2 cells.
fn hog(garments: &Labelled) -> anyhow::Result<Array2<f32>> {
    let hog = Hog::new(9, (7, 7), (2, 2))?;
    let images: Vec<_> = garments.images.outer_iter().collect();
    let of = |image: &ArrayView2<'_, u8>| {
        let (height, width) = image.dim();
        let levels: Vec<u8> = image.iter().copied().collect();
        features::features(&hog, View::of_levels(width, height, &levels))
    };
    let rows: Vec<Vec<f64>> = images.par_iter().map(of).collect::<Result<_, _>>()?;
    let width = rows.first().map_or(0, Vec::len);
    let numbers = rows.into_iter().flatten().map(|x| x as f32).collect();
    Ok(Array2::from_shape_vec((garments.len(), width), numbers)?)
}

/// The last hidden layer of a network that has learned the other seven kinds, and of one that has learned nothing.
fn inner_layers(
    recorder: &Recorder,
    parts: &Parts,
    out: &[u8],
    seed: u64,
) -> anyhow::Result<[Pair; 2]> {
    let y = parts.learned.y();
    let rows: Vec<usize> = (0..y.len()).filter(|&i| !out.contains(&y[i])).collect();
    let seven = parts.learned.select(&rows);
    let recipe = plain(networks::sequential, &seven, EPOCHS, seed);
    let fresh = recipe.begin(recorder.threads())?.weights();
    let trained = trained(recorder, &recipe)?;
    let hidden = |weights: &[backprop::Tensor<f32>], garments: &Labelled| {
        let layers = inner::read(weights, garments.x().view(), recorder.threads())?;
        anyhow::Ok(layers.into_iter().nth(3).unwrap_or_default())
    };
    let pair = |weights: &[backprop::Tensor<f32>]| {
        anyhow::Ok([hidden(weights, &parts.probed)?, hidden(weights, &parts.tested)?])
    };
    Ok([pair(&trained)?, pair(&fresh)?])
}

/// The rows of the examples, for each number of them and each draw: the same for all features.
fn draw(pool: &Labelled, out: &[u8], rng: &mut Rng) -> Vec<Vec<Vec<usize>>> {
    let mut rows: Vec<Vec<usize>> = out
        .iter()
        .map(|kind| (0..pool.len()).filter(|&i| pool.labels[i] == *kind).collect())
        .collect();
    let mut once = |k: usize| {
        let mut drawn = Vec::new();
        for rows in &mut rows {
            rows.shuffle(rng);
            drawn.extend(rows.iter().take(k).copied());
        }
        drawn
    };
    EXAMPLES.map(|k| (0..DRAWS).map(|_| once(k)).collect()).to_vec()
}

// ANCHOR: one_triple
/// Accuracies for three kinds that were held out, `[rule][k][draw]`. Features
/// are standardised by garments of the other seven kinds.
fn one_triple(
    parts: &Parts,
    out: &[u8],
    [pool, asked]: &Pair,
    draws: &[Vec<Vec<usize>>],
) -> anyhow::Result<Vec<Found>> {
    let rows = |data: &Labelled, held: bool| -> Vec<usize> {
        (0..data.len()).filter(|&i| out.contains(&data.labels[i]) == held).collect()
    };
    let known = pool.select(Axis(0), &rows(&parts.probed, false));
    let scale = Standardiser::fit(known.view());
    let questions = rows(&parts.tested, true);
    let x = scale.apply(asked.select(Axis(0), &questions).view());
    let y = place_of(out, parts.tested.labels.select(Axis(0), &questions));
    let once = |drawn: &Vec<usize>| {
        let examples = scale.apply(pool.select(Axis(0), drawn).view());
        let labels = place_of(out, parts.probed.labels.select(Axis(0), drawn));
        let found = answers(examples.view(), &labels, x.view())?;
        anyhow::Ok(found.map(|found| accuracy(&y, &found)))
    };
    let mut found = vec![Found::new(); RULES.len()];
    for draws in draws {
        let both: Vec<[f64; 2]> = draws.iter().map(once).collect::<anyhow::Result<_>>()?;
        for (rule, found) in found.iter_mut().enumerate() {
            found.push(both.iter().map(|both| both[rule]).collect());
        }
    }
    Ok(found)
}

/// What the nearest mean and a probe of the examples say.
fn answers(
    examples: ArrayView2<'_, f32>,
    labels: &[u8],
    x: ArrayView2<'_, f32>,
) -> anyhow::Result<[Vec<u8>; 2]> {
    let kinds = APART.len();
    let mean = NearestMean::fit(examples, labels).predict(x);
    let ridge = RIDGE * labels.len() as f64;
    let map = Map::fit(examples, one_hot(labels, kinds).view(), ridge)?;
    Ok([mean, map.classify(x, kinds)])
}
// ANCHOR_END: one_triple

/// Which of the three kinds a label is.
fn place_of(out: &[u8], labels: ndarray::Array1<u8>) -> Vec<u8> {
    let place = |label: u8| out.iter().position(|kind| *kind == label).unwrap_or_default() as u8;
    labels.into_iter().map(place).collect()
}

/// What each triple found, a mean over its draws: `found[triple][features][rule][k][draw]`.
fn means(found: &[Vec<Vec<Found>>], kind: usize, rule: usize, k: usize) -> Vec<f64> {
    let of = |triple: &Vec<Vec<Found>>| learning::bootstrap::mean(&triple[kind][rule][k]);
    found.iter().map(of).collect()
}

fn record(recorder: &mut Recorder, found: &[Vec<Vec<Found>>]) {
    for (rule, rule_key) in RULES.into_iter().enumerate() {
        let curve = |kind: usize| {
            (0..EXAMPLES.len()).map(move |k| Estimate::over_runs(&means(found, kind, rule, k)))
        };
        let mut table = Table::new([
            "Features",
            "1 example | percent 1",
            "5 examples | percent 1",
            "20 examples | percent 1",
        ]);
        for (kind, (key, name)) in KINDS.into_iter().enumerate() {
            let all: Vec<Estimate> = curve(kind).collect();
            for (k, found) in EXAMPLES.into_iter().zip(&all) {
                recorder.estimate(&format!("{rule_key}/{key}/{k}"), *found);
            }
            let cells = all.iter().map(|found| found.value.into());
            table.row(std::iter::once(name.into()).chain(cells).collect::<Vec<_>>());
        }
        recorder.table(rule_key, table);
        let x = EXAMPLES.into_iter().map(|k| k as f64);
        let series = recorder.series(rule_key, "Examples of each kind", x);
        for (kind, (_, name)) in KINDS.into_iter().enumerate() {
            series.banded(name, curve(kind).map(|e| [e.low, e.value, e.high]));
        }
    }
    spread(recorder, found);
}

/// How far draws of the same kinds lie apart, and which kinds are hardest and easiest.
fn spread(recorder: &mut Recorder, found: &[Vec<Vec<Found>>]) {
    let deviation = |values: &[f64]| {
        let mean = learning::bootstrap::mean(values);
        let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        (squares / (values.len() - 1) as f64).sqrt()
    };
    for (k, examples) in EXAMPLES.into_iter().enumerate() {
        let within: Vec<f64> = found.iter().map(|triple| deviation(&triple[0][0][k])).collect();
        recorder.value(&format!("spread/draws/{examples}"), learning::bootstrap::mean(&within));
        recorder.value(&format!("spread/triples/{examples}"), deviation(&means(found, 0, 0, k)));
    }
    let last = means(found, 0, 0, EXAMPLES.len() - 1);
    let pick = |better: &dyn Fn(f64, f64) -> bool| {
        (0..last.len()).fold(0, |best, i| if better(last[i], last[best]) { i } else { best })
    };
    for (key, i) in [("hardest", pick(&|a, b| a < b)), ("easiest", pick(&|a, b| a > b))] {
        let names = APART.map(|step| CLASSES[(i + step) % CLASSES.len()]);
        recorder.value(&format!("{key}/kinds"), names.join(", "));
        recorder.value(&format!("{key}/found"), last[i]);
    }
    recorder.value("place", place(BLOCK));
}

fn claims(recorder: &mut Recorder, found: &[Vec<Vec<Found>>]) {
    let paired = |a: (usize, usize), b: (usize, usize), k: usize| {
        let [a, b] = [a, b].map(|(kind, rule)| means(found, kind, rule, k));
        Estimate::over_runs(&a.iter().zip(&b).map(|(a, b)| a - b).collect::<Vec<_>>())
    };
    let names = KINDS.map(|(key, _)| key);
    for (k, examples) in EXAMPLES.into_iter().enumerate() {
        for (kind, other) in names.into_iter().enumerate().skip(1) {
            let key = format!("lite0-over/{other}/{examples}");
            recorder.estimate(&key, paired((0, 0), (kind, 0), k));
        }
        recorder.estimate(&format!("cnn-over/pixels/{examples}"), paired((2, 0), (5, 0), k));
        recorder.estimate(&format!("cnn-over/hog/{examples}"), paired((2, 0), (4, 0), k));
        recorder.estimate(&format!("cnn-over/untrained/{examples}"), paired((2, 0), (3, 0), k));
        recorder.estimate(&format!("probe-over-mean/{examples}"), paired((0, 1), (0, 0), k));
    }
    recorder
        .claim(
            "hog-beats-cnn",
            "From five examples, HOG tells more garments than the network of seven kinds.",
        )
        .below(paired((2, 0), (4, 0), 1), 0.0);
    recorder
        .claim("lite0-beats-cnn", "From twenty examples, the middle of Lite0 tells more garments than the network of seven kinds.")
        .above(paired((0, 0), (2, 0), 2), 0.0);
    recorder
        .claim(
            "lite0-beats-hog",
            "From twenty examples, the middle of Lite0 tells more garments than HOG does.",
        )
        .above(paired((0, 0), (4, 0), 2), 0.0);
    let step = |from: usize| {
        let [a, b] = [from + 1, from].map(|k| means(found, 0, 0, k));
        Estimate::over_runs(&a.iter().zip(&b).map(|(a, b)| a - b).collect::<Vec<_>>())
    };
    recorder.estimate("step/five", step(0));
    recorder.estimate("step/twenty", step(1));
    recorder
        .claim(
            "first-examples-count-most",
            "Four more examples after the first are worth more than fifteen more after those.",
        )
        .exceeds((step(0), "from one to five"), (step(1), "from five to twenty"));
}
