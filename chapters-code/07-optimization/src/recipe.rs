//! A recipe: all that decides what a training comes to. The same recipe gives the same weights, bit for bit, on any
//! number of threads.

use backprop::{Engine, Network, Options};
use learning::bootstrap::mean;
use notebook::{Stream, stream};

use crate::{Error, Initialisation, Optimizer, Result, Samples, Schedule};

/// A function that makes a network.
pub type Make = fn() -> backprop::Result<Network<f32>>;

// ANCHOR: recipe
/// How a network is trained.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<S, N = Make> {
    /// Makes the network.
    pub network: N,
    /// What it learns from.
    pub samples: S,
    /// How its first weights are drawn.
    pub initialisation: Initialisation,
    /// How weights follow the gradient.
    pub optimizer: Optimizer,
    /// The learning rate through training.
    pub schedule: Schedule,
    /// The longest that a gradient may be.
    pub clip: Option<f64>,
    /// Samples of a mini-batch. Those that are left at the end of an
    /// epoch, too few for one, wait for the next.
    pub batch: usize,
    /// Into how many shards a mini-batch is cut.
    pub shards: usize,
    /// How often all samples are seen.
    pub epochs: u64,
    /// Decides the first weights and the order of the samples.
    pub seed: u64,
}
// ANCHOR_END: recipe

impl<S: Samples, N> Recipe<S, N> {
    /// One epoch of Adam at 10⁻³ in mini-batches of 128, from He's weights, with seed 1: a place to start from.
    pub fn new(network: N, samples: S) -> Self {
        Recipe {
            network,
            samples,
            initialisation: Initialisation::He,
            optimizer: Optimizer::ADAM,
            schedule: Schedule::constant(1e-3),
            clip: None,
            batch: 128,
            shards: Options::default().shards,
            epochs: 1,
            seed: 1,
        }
    }

    /// Whole mini-batches in an epoch.
    pub fn steps_of_epoch(&self) -> u64 {
        (self.samples.len() / self.batch.max(1)) as u64
    }
}

impl<S: Samples, N: Fn() -> backprop::Result<Network<f32>>> Recipe<S, N> {
    /// The network with its first weights.
    ///
    /// # Errors
    /// Where the network cannot be made.
    pub fn begin(&self, threads: usize) -> Result<Engine<f32>> {
        let (batch, shards) = (self.batch, self.shards);
        let options = Options { batch, shards, threads, training: true };
        let mut engine = Engine::new((self.network)()?, options)?;
        self.initialisation.draw(&mut engine, &mut stream(self.seed, Stream::Weights))?;
        Ok(engine)
    }
}

/// A training that was run.
#[derive(Debug)]
pub struct Run {
    /// The mean loss of each mini-batch, before its step.
    pub losses: Vec<f64>,
    /// The step, from 1, at which the loss was not finite, and that loss.
    pub diverged: Option<(u64, f64)>,
    /// The network as it was left.
    pub engine: Engine<f32>,
    pub(crate) of_epoch: usize,
}

impl Run {
    /// The mean loss of each epoch that was finished.
    pub fn epochs(&self) -> Vec<f64> {
        self.losses.chunks_exact(self.of_epoch).map(mean).collect()
    }

    /// The mean loss of the last `steps`; at most that of a uniform guess, also where training diverged.
    pub fn last_loss(&self, steps: usize) -> f64 {
        let uniform = (self.engine.output_shape().channels as f64).ln();
        let last = &self.losses[self.losses.len().saturating_sub(steps)..];
        if self.diverged.is_some() { uniform } else { mean(last).min(uniform) }
    }

    /// The same where training came to its end.
    ///
    /// # Errors
    /// Where it diverged.
    pub fn whole(self) -> Result<Run> {
        match self.diverged {
            Some((step, loss)) => Err(Error::Diverged { step, loss, kept: None }),
            None => Ok(self),
        }
    }
}
