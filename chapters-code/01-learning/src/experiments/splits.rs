//! One split against cross-validation: how far does the estimate depend on how the cards fell?
//!
//! With few rows every distance is computed once, and a split only looks them up.

use ndarray::{Array2, ArrayView2, Axis};
use notebook::{Recorder, Rng, Table};

use crate::bootstrap::{mean, quantile};
use crate::cross_validation::cross_validate;
use crate::distance::{squared_distances, squared_norms};
use crate::{FashionMnist, accuracy, split};

/// Garments that the imagined study has.
const POOL: usize = 500;
/// Fresh garments that stand for the world.
const WORLD: usize = 4000;
/// Studies, each with a pool of its own.
const STUDIES: usize = 200;
/// Ways to split one pool.
const SEEDS: usize = 200;

/// What one study would report, and what it should have.
#[derive(Clone, Copy)]
struct Study {
    one_split: f64,
    five_folds: f64,
    truth: f64,
}

/// Spread of both estimates over splits of one pool, and over pools.
pub fn splits(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let drawn = split::draw(POOL + WORLD, data.train.len(), &mut rng);
    recorder.value("pool", POOL);
    recorder.value("world", WORLD);
    recorder.value("seeds", SEEDS);
    recorder.value("studies", STUDIES);

    let pool = Pool::of(&data.train.select(&drawn[..POOL]));
    let one: Vec<f64> = (0..SEEDS).map(|_| pool.one_split(&mut rng)).collect();
    let five: Vec<f64> = (0..SEEDS).map(|_| pool.five_folds(&mut rng)).collect();
    let sorted = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values
    };
    let (one, five) = (sorted(one), sorted(five));
    let share = (0..SEEDS).map(|i| (i as f64 + 0.5) / SEEDS as f64);
    recorder
        .series("by-seed", "Share of the seeds", share)
        .curve("one split", one.iter().copied())
        .curve("five folds", five.iter().copied());
    for (name, values) in [("one-split", &one), ("five-folds", &five)] {
        recorder.value(&format!("{name}/lowest"), values[0]);
        recorder.value(&format!("{name}/highest"), values[SEEDS - 1]);
        recorder.value(&format!("{name}/range"), values[SEEDS - 1] - values[0]);
        recorder.value(&format!("{name}/sd-by-seed"), deviation(values));
    }
    recorder
        .claim(
            "folds-are-steadier",
            "The luck of the split moves one split at least twice as much as five folds.",
        )
        .greater(deviation(&one), 2.0 * deviation(&five));
    studies(recorder, &data.train, &mut rng);
    Ok(())
}

/// Many studies, each with a pool of its own: how far is each estimate from what it estimates?
fn studies(recorder: &mut Recorder, train: &crate::Labelled, rng: &mut Rng) {
    let studies = recorder.repeat(STUDIES, rng, |rng| study(train, rng));
    let misses = |estimate: fn(&Study) -> f64| {
        studies.iter().map(|s| estimate(s) - s.truth).collect::<Vec<_>>()
    };
    let (one, five) = (misses(|s| s.one_split), misses(|s| s.five_folds));
    let truth: Vec<f64> = studies.iter().map(|s| s.truth).collect();
    recorder.value("truth/mean", mean(&truth));
    let mut table = Table::new([
        "Estimate",
        "Mean miss, points | fixed 2",
        "Typical miss, points | fixed 2",
        "Worst miss, points | fixed 2",
    ]);
    for (name, key, misses) in
        [("One split, 80 to 20", "one-split", &one), ("Five folds", "five-folds", &five)]
    {
        let rms = mean(&misses.iter().map(|m| m * m).collect::<Vec<_>>()).sqrt();
        let worst = misses.iter().map(|m| m.abs()).fold(0.0, f64::max);
        table.row([
            name.into(),
            (100.0 * mean(misses)).into(),
            (100.0 * rms).into(),
            (100.0 * worst).into(),
        ]);
        recorder.value(&format!("{key}/rms"), rms);
        recorder.value(&format!("{key}/worst"), worst);
        recorder.value(&format!("{key}/bias"), mean(misses));
    }
    recorder.table("misses", table);
    let rms = |m: &[f64]| mean(&m.iter().map(|m| m * m).collect::<Vec<_>>()).sqrt();
    recorder
        .claim(
            "folds-miss-less",
            "Over many studies five folds miss the truth by less than one split does.",
        )
        .less(rms(&five), rms(&one));
    let mut sorted: Vec<f64> = five.iter().map(|m| m.abs()).collect();
    sorted.sort_by(f64::total_cmp);
    recorder.value("five-folds/nineteen-of-twenty", quantile(&sorted, 0.95));
}

fn study(train: &crate::Labelled, rng: &mut Rng) -> Study {
    let mut drawn = rand::seq::index::sample(rng, train.len(), POOL + WORLD).into_vec();
    let world = train.select(&drawn.split_off(POOL));
    let pool = Pool::of(&train.select(&drawn));
    let one_split = pool.one_split(rng);
    let five_folds = pool.five_folds(rng);
    // What both estimate: the accuracy, in the world, of the rule learned from four fifths of the pool.
    let to_world = distances(world.x().view(), pool.x.view());
    let truths = split::folds(&pool.labels, 5, rng).into_iter().map(|fold| {
        let train = split::rest(POOL, &fold);
        let answers: Vec<u8> = to_world.outer_iter().map(|row| pool.nearest(row, &train)).collect();
        accuracy(world.y(), &answers)
    });
    Study { one_split, five_folds, truth: mean(&truths.collect::<Vec<_>>()) }
}

/// Few garments with all distances between them.
struct Pool {
    x: Array2<f32>,
    labels: Vec<u8>,
    distances: Array2<f32>,
}

impl Pool {
    fn of(garments: &crate::Labelled) -> Pool {
        let x = garments.x();
        let distances = distances(x.view(), x.view());
        Pool { x, labels: garments.y().to_vec(), distances }
    }

    /// The class of the nearest among the rows `train`, by a row of distances to the pool.
    fn nearest(&self, distances: ndarray::ArrayView1<'_, f32>, train: &[usize]) -> u8 {
        let nearer = |a: usize, b: usize| if distances[b] < distances[a] { b } else { a };
        train.iter().copied().reduce(nearer).map_or(0, |row| self.labels[row])
    }

    fn predict(&self, train: &[usize], test: &[usize]) -> Vec<u8> {
        test.iter().map(|&row| self.nearest(self.distances.row(row), train)).collect()
    }

    fn one_split(&self, rng: &mut Rng) -> f64 {
        let parts = split::stratified(&self.labels, &[0.8, 0.2], rng);
        let truth: Vec<u8> = parts[1].iter().map(|&row| self.labels[row]).collect();
        accuracy(&truth, &self.predict(&parts[0], &parts[1]))
    }

    fn five_folds(&self, rng: &mut Rng) -> f64 {
        cross_validate(&self.labels, 5, rng, |train, test| self.predict(train, test))
    }
}

/// Squared distances between the rows of `a` `(m, d)` and of `b` `(n, d)`: `(m, n)`.
fn distances(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut out = Array2::zeros((a.len_of(Axis(0)), b.len_of(Axis(0))));
    squared_distances(a, b, squared_norms(b).view(), out.view_mut());
    out
}

fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values);
    mean(&values.iter().map(|v| (v - middle).powi(2)).collect::<Vec<_>>()).sqrt()
}
