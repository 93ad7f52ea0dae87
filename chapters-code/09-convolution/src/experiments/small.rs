//! Small trainings that are repeated with a few seeds: what they learn from, and how two of them are compared.

use std::ops::RangeInclusive;

use backprop::Engine;
use learning::{FashionMnist, Labelled};
use notebook::{Estimate, Recorder};
use optimization::{Recipe, unwatched};

/// Seeds of every such training.
pub const SEEDS: RangeInclusive<u64> = 1..=3;

/// How much is learned from, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Small {
    /// Garments that are learned from: the first of the training set.
    pub garments: usize,
    /// Garments, after those, that are kept aside to judge by.
    pub held: usize,
    /// How often all are seen.
    pub epochs: u64,
}

impl Small {
    /// Records how small it is, and gives what to learn from and what to judge by.
    ///
    /// # Errors
    /// Where the data cannot be read.
    pub fn data(self, recorder: &mut Recorder) -> anyhow::Result<[Labelled; 2]> {
        let data = FashionMnist::of(recorder)?.train;
        recorder.value("garments", self.garments);
        recorder.value("held", self.held);
        recorder.value("epochs", self.epochs);
        recorder.value("seeds", SEEDS.count());
        let rows: Vec<usize> = (0..self.garments + self.held).collect();
        Ok([data.select(&rows[..self.garments]), data.select(&rows[self.garments..])])
    }
}

/// The network that a recipe leads to.
///
/// # Errors
/// Where the loss is not finite.
pub fn trained<S, N>(recorder: &Recorder, recipe: Recipe<S, N>) -> anyhow::Result<Engine<f32>>
where
    S: optimization::Samples + Clone,
    N: Fn() -> backprop::Result<backprop::Network<f32>> + Clone,
{
    Ok(recipe.train(recorder.threads(), &mut unwatched)?.whole()?.engine)
}

/// `a − b`, seed by seed, with its interval over the seeds.
pub fn apart(a: &[f64], b: &[f64]) -> Estimate {
    Estimate::over_runs(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}
