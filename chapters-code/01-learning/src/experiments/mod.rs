//! What the chapter measures, an experiment a file. All of it on Fashion-MNIST, all of it seeded.

mod baselines;
mod calibration;
mod curve;
mod garments;
mod leakage;
mod shift;
mod splits;

pub use baselines::baselines;
pub use calibration::calibration;
pub use curve::curve;
pub use garments::garments;
pub use leakage::leakage;
pub use shift::shift;
pub use splits::splits;

use notebook::{Chapter, Experiment, Recorder, Rng, Value};
use rand::{RngExt as _, SeedableRng as _};
use rayon::prelude::*;

use crate::bootstrap::Interval;
use crate::fashion::{FOLDER, FashionMnist};

/// Adds every experiment of the chapter, with its seed and the data that all of them read.
pub fn register(chapter: Chapter) -> Chapter {
    let experiments = [
        Experiment::new("garments", "What is in the files", garments),
        Experiment::new("baselines", "Three rules and their intervals", baselines).seed(11),
        Experiment::new("curve", "What more data buy", curve).seed(12),
        Experiment::new("splits", "One split against cross-validation", splits).seed(13),
        Experiment::new("leakage", "Leakage, caught in the act", leakage).seed(14),
        Experiment::new("calibration", "Does 90 per cent mean 90 per cent?", calibration).seed(15),
        Experiment::new("shift", "Every garment moved", shift).seed(16),
    ];
    experiments.into_iter().fold(chapter, |chapter, experiment| {
        chapter.experiment(FashionMnist::paths().into_iter().fold(experiment, Experiment::data))
    })
}

/// Fashion-MNIST, with its sums checked.
fn fashion(recorder: &Recorder) -> anyhow::Result<FashionMnist> {
    Ok(FashionMnist::read(&recorder.data(FOLDER))?)
}

/// Runs `repetitions` studies on all threads, each with a generator of its own, seeded from `rng`; the
/// results come back in order, whatever the number of threads.
fn repeat<T: Send>(
    recorder: &Recorder,
    repetitions: usize,
    rng: &mut Rng,
    study: impl Fn(&mut Rng) -> T + Sync,
) -> Vec<T> {
    let seeds: Vec<u64> = (0..repetitions).map(|_| rng.random()).collect();
    let progress = recorder.progress(repetitions as u64, "studies");
    let mut results = Vec::with_capacity(repetitions);
    for seeds in seeds.chunks(20) {
        let done = seeds.par_iter().map(|&seed| study(&mut Rng::seed_from_u64(seed)));
        results.extend(done.collect::<Vec<T>>());
        progress.advance(seeds.len() as u64);
    }
    results
}

/// Records an estimate with its interval.
fn estimate<'a>(recorder: &'a mut Recorder, key: &str, found: Interval) -> &'a mut Value {
    recorder.value(key, found.estimate).interval(found.low, found.high)
}

/// An interval in words, as evidence, in percentage points.
fn in_points(found: Interval) -> String {
    let [low, middle, high] = found.band().map(|x| 100.0 * x);
    format!("{middle:.2} points ({low:.2} to {high:.2})")
}
