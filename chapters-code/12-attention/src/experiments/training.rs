//! How the small networks of this chapter are trained on garments.

use backprop::{Engine, Network};
use learning::Labelled;
use notebook::Recorder;
use optimization::{Garments, Initialisation, Optimizer, Recipe, Schedule, answers, unwatched};
use rayon::prelude::*;

use crate::networks::{Transformer, cnn};

/// Garments of a mini-batch.
pub const BATCH: usize = 32;
/// Of how many steps one is part of the warm-up.
pub const WARM_UP: u64 = 10;
/// Steps over which the last loss is a mean.
pub const LAST: usize = 50;

/// Test garments that are asked about, the first of the test set.
const TESTED: usize = 4_000;

/// The first test garments.
pub fn tested(test: &Labelled) -> Labelled {
    test.select(&(0..TESTED.min(test.len())).collect::<Vec<_>>())
}

/// A network of the chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A vision transformer.
    Vit(Transformer),
    /// A convolutional network of so many channels.
    Cnn(usize),
}

impl Kind {
    /// The network.
    ///
    /// # Errors
    /// Where its numbers do not fit.
    pub fn network(self) -> backprop::Result<Network<f32>> {
        match self {
            Kind::Vit(transformer) => transformer.network(),
            Kind::Cnn(width) => cnn(width),
        }
    }

    /// How its first weights are drawn: a transformer's as torchvision's, a network with ReLU as
    /// Chapter 7 has it.
    pub fn initialisation(self) -> Initialisation {
        match self {
            Kind::Vit(_) => Initialisation::Glorot,
            Kind::Cnn(_) => Initialisation::He,
        }
    }
}

/// A network, what it learns from, and how.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The network.
    pub kind: Kind,
    /// What it learns from.
    pub train: &'a Labelled,
    /// About how many steps: as many epochs as come nearest, at least one.
    pub steps: u64,
    /// The highest rate.
    pub rate: f64,
    /// Decides first weights and order.
    pub seed: u64,
}

/// A network that was trained.
#[derive(Debug)]
pub struct Trained {
    /// The network.
    pub engine: Engine<f32>,
    /// Mean loss of the last steps.
    pub loss: f64,
}

impl Setting<'_> {
    /// Steps of an epoch.
    pub fn of_epoch(&self) -> u64 {
        (self.train.len() / BATCH).max(1) as u64
    }

    /// How often all garments are seen.
    pub fn epochs(&self) -> u64 {
        ((self.steps as f64 / self.of_epoch() as f64).round() as u64).max(1)
    }

    // ANCHOR: recipe
    /// AdamW at a rate that rises over a tenth of the steps and then falls
    /// along a cosine, on garments as they are.
    fn recipe(&self) -> Recipe<Garments<'_>, impl Fn() -> backprop::Result<Network<f32>> + Clone> {
        let kind = self.kind;
        let steps = self.of_epoch() * self.epochs();
        Recipe {
            initialisation: kind.initialisation(),
            optimizer: Optimizer::adamw(0.05),
            schedule: Schedule::cosine(self.rate, steps / WARM_UP),
            batch: BATCH,
            epochs: self.epochs(),
            seed: self.seed,
            ..Recipe::new(move || kind.network(), Garments::new(self.train))
        }
    }
    // ANCHOR_END: recipe

    fn train(&self) -> anyhow::Result<Trained> {
        let run = self.recipe().train(1, &mut unwatched)?.whole()?;
        let loss = run.last_loss(LAST);
        Ok(Trained { engine: run.engine, loss })
    }
}

/// Every setting. The networks are small, so each is trained on one thread, and several at once: `at_once` of them, then the next.
///
/// # Errors
/// Where one diverges.
pub fn train_all(
    recorder: &Recorder,
    settings: &[Setting<'_>],
    at_once: usize,
) -> anyhow::Result<Vec<Trained>> {
    let progress = recorder.progress(settings.len() as u64, "trainings");
    let mut trained = Vec::new();
    for some in settings.chunks(at_once.max(1)) {
        let found = some.par_iter().map(Setting::train).collect::<anyhow::Result<Vec<_>>>()?;
        trained.extend(found);
        progress.advance(some.len() as u64);
    }
    Ok(trained)
}

/// 1 for each garment that is named right, else 0, by each network.
///
/// # Errors
/// Never: garments fit.
pub fn right(trained: &mut [Trained], test: &Labelled) -> anyhow::Result<Vec<Vec<f64>>> {
    let one =
        |trained: &mut Trained| Ok(answers::right(&mut trained.engine, &Garments::new(test))?);
    trained.par_iter_mut().map(one).collect()
}
