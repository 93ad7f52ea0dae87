//! What the chapter measures, an experiment a file. All of it seeded.

mod checker;
mod difference;
mod memory;
mod modes;
pub mod scalar;
mod shards;
pub mod square;
mod xor;

use learning::FashionMnist;
use learning::fashion::FOLDER;
use notebook::{Chapter, Experiment, Recorder, Rng};
use rand::RngExt as _;

/// Adds every experiment of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let garments = |e| FashionMnist::paths().into_iter().fold(e, Experiment::data);
    let differences = Experiment::new("difference", "The step of a difference", difference::run);
    let modes = Experiment::new("modes", "Three ways to a gradient", modes::run);
    let shards = Experiment::new("shards", "The same bits for any number of threads", shards::run);
    chapter
        .experiment(garments(differences.seed(61)))
        .experiment(garments(modes.seed(62)))
        .experiment(Experiment::new("xor", "All weights of a small network", xor::run).seed(63))
        .experiment(Experiment::new("memory", "The tape and the arena", memory::run).seed(64))
        .experiment(Experiment::new("checker", "The gradient checker", checker::run).seed(65))
        .experiment(garments(shards.seed(66)))
}

/// Fashion-MNIST, with its sums checked.
fn fashion(recorder: &Recorder) -> anyhow::Result<FashionMnist> {
    Ok(FashionMnist::read(&recorder.data(FOLDER))?)
}

/// `n` numbers between −1 and 1.
fn random(rng: &mut Rng, n: usize) -> Vec<f64> {
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}
