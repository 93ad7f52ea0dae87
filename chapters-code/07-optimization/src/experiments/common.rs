//! What the experiments on garments share: the split, a run, and how runs with several seeds are summed up.

use anyhow::Result;
use backprop::Network;
use learning::bootstrap::{Interval, mean, quantile};
use learning::fashion::FOLDER;
use learning::{FashionMnist, Labelled, split};
use notebook::{Recorder, Rng, Value};
use rand::RngExt as _;

use crate::mlp::mlp;
use crate::{Garments, Optimizer, Recipe, Run, Schedule, unwatched};

/// Samples of a mini-batch, where nothing else is said.
pub const BATCH: usize = 128;
/// Seeds of each setting.
pub const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;
/// The loss of who gives each of ten classes the same probability.
pub const UNIFORM: f64 = std::f64::consts::LN_10;

/// Training garments, cut in two: 54,000 to learn from, 6,000 to choose by.
pub struct Split {
    pub learn: Labelled,
    pub choose: Labelled,
}

/// Fashion-MNIST, with its sums checked.
pub fn fashion(recorder: &Recorder) -> Result<FashionMnist> {
    Ok(FashionMnist::read(&recorder.data(FOLDER))?)
}

/// The split of the training garments, class by class.
pub fn halves(train: &Labelled, rng: &mut Rng) -> Split {
    let parts = split::stratified(train.y(), &[0.9, 0.1], rng);
    Split { learn: train.select(&parts[0]), choose: train.select(&parts[1]) }
}

/// The chapter's network on garments, with a rule, a schedule and a seed.
pub fn recipe(
    data: &Labelled,
    optimizer: Optimizer,
    schedule: Schedule,
    seed: u64,
) -> Recipe<Garments<'_>> {
    Recipe { optimizer, schedule, seed, batch: BATCH, ..Recipe::new(mlp, Garments::new(data)) }
}

/// Follows a recipe, also where it leads nowhere.
pub fn train<N: Fn() -> backprop::Result<Network<f32>> + Clone>(
    recorder: &Recorder,
    recipe: &Recipe<Garments<'_>, N>,
) -> Result<Run> {
    Ok(recipe.train(recorder.threads(), &mut unwatched)?)
}

/// Lowest, mean and highest of a few seeds.
pub fn range(values: &[f64]) -> [f64; 3] {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [low, mean(values), high]
}

/// The mean over seeds and cases, `[seed][case]`, and an interval that draws seeds and cases together.
pub fn over_seeds(cases: &[Vec<f64>], rng: &mut Rng) -> Interval {
    let count = cases[0].len();
    let mut drawn: Vec<f64> = (0..1000)
        .map(|_| {
            let seeds: Vec<usize> =
                cases.iter().map(|_| rng.random_range(0..cases.len())).collect();
            let mut sum = 0.0;
            for _ in 0..count {
                let case = rng.random_range(0..count);
                sum += seeds.iter().map(|&seed| cases[seed][case]).sum::<f64>();
            }
            sum / (count * cases.len()) as f64
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    let estimate = mean(&cases.iter().map(|cases| mean(cases)).collect::<Vec<_>>());
    Interval { low: quantile(&drawn, 0.025), estimate, high: quantile(&drawn, 0.975) }
}

/// `a − b`, seed by seed and case by case.
pub fn paired(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let of = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| a - b).collect();
    a.iter().zip(b).map(of).collect()
}

/// Records an estimate with its interval.
pub fn estimate<'a>(recorder: &'a mut Recorder, key: &str, found: Interval) -> &'a mut Value {
    recorder.value(key, found.estimate).interval(found.low, found.high)
}

/// An interval in words, as evidence, in percentage points.
pub fn in_points(found: Interval) -> String {
    let [low, middle, high] = found.band().map(|x| 100.0 * x);
    format!("{middle:.2} points ({low:.2} to {high:.2})")
}

/// Means of consecutive groups of `size` losses, each with the middle of its group; what is left over is left out.
pub fn smooth(losses: &[f64], size: usize) -> Vec<(f64, f64)> {
    let middle = |i: usize| (i as f64 + 0.5) * size as f64;
    losses.chunks_exact(size).enumerate().map(|(i, group)| (middle(i), mean(group))).collect()
}

/// Smoothed losses of several seeds: where, and lowest, mean and highest.
pub fn smooth_seeds(losses: &[Vec<f64>], size: usize) -> (Vec<f64>, Vec<[f64; 3]>) {
    let curves: Vec<_> = losses.iter().map(|losses| smooth(losses, size)).collect();
    let points = curves.iter().map(Vec::len).min().unwrap_or(0);
    let at = |i: usize| range(&curves.iter().map(|curve| curve[i].1).collect::<Vec<_>>());
    ((0..points).map(|i| curves[0][i].0).collect(), (0..points).map(at).collect())
}
