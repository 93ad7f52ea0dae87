//! What the experiments on garments share: the split, and the recipe from which each changes one thing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;
use backprop::Network;
use learning::bootstrap::mean;
use learning::{Labelled, split};
use notebook::{Recorder, Rng};

use crate::mlp::mlp;
use crate::{Garments, Optimizer, Recipe, Run, Schedule, unwatched};

/// Samples of a mini-batch, where nothing else is said.
pub const BATCH: usize = 128;
/// Seeds of each setting.
pub const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;
/// The five rules, each with the rate that is best for it in the sweep of `rates`, in half powers of ten. That
/// experiment asserts them, and the others begin from them.
pub const RULES: [(&str, Optimizer, i32); 5] = [
    ("SGD", Optimizer::Sgd, -1),
    ("momentum", Optimizer::Momentum { keep: 0.9 }, -3),
    ("Nesterov", Optimizer::Nesterov { keep: 0.9 }, -2),
    ("Adam", Optimizer::ADAM, -5),
    ("AdamW", Optimizer::ADAMW, -5),
];
/// The loss of who gives each of ten classes the same probability.
pub const UNIFORM: f64 = std::f64::consts::LN_10;

/// `10` to the power of half of `half`: two steps of a sweep are a factor of ten.
pub fn half_power(half: i32) -> f64 {
    10_f64.powf(f64::from(half) / 2.0)
}

/// `a − b`, seed by seed.
pub fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Training garments, cut in two: 54,000 to learn from, 6,000 to choose by.
pub struct Split {
    pub learn: Labelled,
    pub choose: Labelled,
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

/// Does each of some jobs, as many at a time as there are threads, and gives what they find in the order of the jobs: so that
/// trainings too small to be shared out are not.
///
/// # Errors
/// The first of the jobs that fails.
pub fn each<J: Sync, T: Send>(
    recorder: &Recorder,
    jobs: &[J],
    work: impl Fn(&J) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..recorder.threads() {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(i) else { break };
                    let done = work(job);
                    found.lock().unwrap_or_else(PoisonError::into_inner).push((i, done));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(i, _)| *i);
    found.into_iter().map(|(_, done)| done).collect()
}
