//! A recipe: all that decides what a training comes to. The same recipe on the same garments gives the same weights, bit for bit,
//! on any number of threads.

use std::sync::atomic::AtomicBool;

use backprop::{Engine, Network, Options};
use learning::Labelled;
use optimization::schedule::Shape;
use optimization::trainer::generator;
use optimization::{Initialisation, Optimizer, Result, Schedule, Settings, Trainer};

use crate::{Augmentation, Garments};

/// Samples of a mini-batch.
pub const BATCH: usize = 64;

/// The stream of the seed from which the first weights are drawn; epochs have the streams from 0.
pub const FIRST_WEIGHTS: u64 = 1 << 40;

// ANCHOR: recipe
/// How a network is trained.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// The network.
    pub network: fn() -> backprop::Result<Network<f32>>,
    /// Whether garments are mirrored, and shifted by at most a pixel.
    pub augmented: bool,
    /// The highest learning rate of AdamW.
    pub rate: f64,
    /// Its weight decay.
    pub decay: f64,
    /// How the rate changes; before a cosine comes a warm-up of one epoch.
    pub shape: Shape,
    /// How often all garments are seen.
    pub epochs: u64,
    /// Decides the first weights, the order of the garments and what becomes of each.
    pub seed: u64,
}
// ANCHOR_END: recipe

impl Recipe {
    /// The chapter's recipe for a network: AdamW at 2 · 10⁻³ with decay 0.05, a cosine with warm-up, augmentation.
    pub fn new(network: fn() -> backprop::Result<Network<f32>>, epochs: u64, seed: u64) -> Self {
        let (rate, decay) = (2e-3, 0.05);
        Recipe { network, augmented: true, rate, decay, shape: Shape::Cosine, epochs, seed }
    }

    /// On the garments as they are.
    pub fn plain(self) -> Self {
        Recipe { augmented: false, ..self }
    }

    /// With this rate from the first step to the last, and no decay.
    pub fn constant(self, rate: f64) -> Self {
        Recipe { rate, decay: 0.0, shape: Shape::Constant, ..self }
    }

    fn settings(&self, of_epoch: u64) -> Settings {
        let warm_up = if self.shape == Shape::Cosine { of_epoch } else { 0 };
        Settings {
            batch: BATCH,
            epochs: self.epochs,
            seed: self.seed,
            optimizer: Optimizer::Adam {
                mean: 0.9,
                square: 0.999,
                epsilon: 1e-8,
                decay: self.decay,
            },
            schedule: Schedule { rate: self.rate, warm_up, shape: self.shape },
            clip: None,
            checkpoint: None,
        }
    }

    /// Trains on `data`. After each epoch `watch` gets the mean loss of its steps, and the network.
    ///
    /// # Errors
    /// Where the loss is not finite, there are fewer garments than a mini-batch has, or `watch` fails.
    pub fn train(
        &self,
        data: &Labelled,
        threads: usize,
        watch: &mut dyn FnMut(f64, &mut Engine<f32>) -> Result<()>,
    ) -> Result<Engine<f32>> {
        let options = Options { batch: BATCH, shards: 8, threads, training: true };
        let mut engine = Engine::new((self.network)()?, options)?;
        Initialisation::He.draw(&mut engine, &mut generator(self.seed, FIRST_WEIGHTS))?;
        let of_epoch = (data.len() / BATCH) as u64;
        let mut trainer = Trainer::new(engine, self.settings(of_epoch))?;
        let augmentation = Augmentation { seed: self.seed, shift: 1, mirror: true };
        let samples = Garments { data, augmentation: self.augmented.then_some(augmentation) };
        let (mut sum, mut seen) = (0.0, Ok(()));
        let mut each_step = |progress: &optimization::Progress, engine: &mut Engine<f32>| {
            sum += progress.loss;
            if progress.epoch_ends && seen.is_ok() {
                seen = watch(sum / of_epoch as f64, engine);
                sum = 0.0;
            }
        };
        trainer.run(&samples, &AtomicBool::new(false), &mut each_step)?;
        seen?;
        Ok(trainer.into_engine())
    }
}
