//! One way to train the chapter's network with any of its regularisers: for
//! the experiments, the command and the reader.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use backprop::{Activation, Engine, Linear, Network, Shape};
use learning::Labelled;
use learning::bootstrap::mean;
use optimization::{
    Augmentation, Garments, Optimizer, Recipe, Result, Samples, Schedule, Step, Trainer, answers,
};

use crate::averages::{Average, Kind};
use crate::dropout::Dropout;
use crate::ensemble::{Verdict, probabilities};
use crate::mixing::Mixed;
use crate::regularisers::{By, Regularisers};
use crate::smoothing::Smoothed;
use crate::stopping::Stopping;

/// Samples of a mini-batch.
pub const BATCH: usize = 128;
/// The rate of Adam.
pub const RATE: f64 = 1e-3;
/// Of this many garments one is kept aside where training is to stop early.
pub const ASIDE: usize = 10;
/// Steps from one look of an average at the weights to the next.
pub const LOOK: u64 = 10;

/// What is trained, on what, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// The garments to learn from.
    pub learn: &'a Labelled,
    /// Widths of the network, the input's first.
    pub widths: &'a [usize],
    /// How often all garments are seen.
    pub epochs: u64,
    /// Decides the first weights, the order, and all that is drawn.
    pub seed: u64,
}

/// Who looks at each step, and at the network after it, and may end the
/// training.
pub type See<'a> = dyn FnMut(&Step, &mut Engine<f32>) -> Result<ControlFlow<()>> + 'a;

/// Looks at nothing.
///
/// # Errors
/// Never.
pub fn unseen(_: &Step, _: &mut Engine<f32>) -> Result<ControlFlow<()>> {
    Ok(ControlFlow::Continue(()))
}

/// A network that was trained.
#[derive(Debug)]
pub struct Fitted {
    /// The network.
    pub engine: Engine<f32>,
    /// The epoch, from 1, to which training went back, where it stopped early.
    pub best: Option<u64>,
}

// ANCHOR: network
/// Linear layers of these widths with ReLU, and with dropout behind each
/// hidden one, under the names that PyTorch's `Sequential` has for them.
///
/// # Errors
/// Where a width is 0, or the share of dropout is not in `[0, 1)`.
pub fn network(widths: &[usize], dropout: f64) -> backprop::Result<Network<f32>> {
    let input = Shape::row(widths.first().copied().unwrap_or(0));
    let (hidden, mut network) = (widths.len().saturating_sub(2), Network::new(input));
    for (i, two) in widths.windows(2).enumerate() {
        let activation = if i < hidden { Activation::Relu } else { Activation::None };
        let name = if dropout > 0.0 { 3 * i } else { 2 * i };
        network = network.then(&name.to_string(), Linear::new(two[0], two[1]).with(activation))?;
        if dropout > 0.0 && i < hidden {
            let drop = Dropout::new(dropout, i as u64);
            network = network.then(&(name + 2).to_string(), drop)?;
        }
    }
    Ok(network)
}
// ANCHOR_END: network

/// The network of a training with its regularisers: [`network`] under the loss
/// that they ask for.
fn make(widths: &[usize], all: &Regularisers) -> backprop::Result<Network<f32>> {
    let network = network(widths, all.dropout)?;
    Ok(if all.smoothing > 0.0 {
        network.with_loss(Smoothed { share: all.smoothing })
    } else {
        network
    })
}

impl Training<'_> {
    /// The recipe: Adam at a constant rate, or along a cosine.
    fn recipe<'a>(
        &self,
        all: &Regularisers,
        learn: &'a Labelled,
    ) -> Recipe<impl Samples + use<'a>, impl Fn() -> backprop::Result<Network<f32>> + use<>> {
        let seed = self.seed;
        let change = all.shift.map(|shift| Augmentation { seed, shift, mirror: true });
        let samples = Garments { augmentation: change, ..Garments::new(learn) };
        let name = format!("garments with {all}");
        let samples = Mixed { samples, alpha: all.mixing, seed, name };
        let (widths, of) = (self.widths.to_vec(), *all);
        let usual = Recipe::new(move || make(&widths, &of), samples);
        let (optimizer, epochs) = (rule(all.decay), self.epochs);
        let schedule =
            if all.falling { Schedule::cosine(RATE, 0) } else { Schedule::constant(RATE) };
        Recipe { optimizer, schedule, epochs, seed, batch: BATCH, ..usual }
    }

    /// Trains. `see` is called after each step, before an average or early
    /// stopping looks at the weights.
    ///
    /// # Errors
    /// Where the training cannot begin, its loss is not finite, or `see` fails.
    pub fn fit(&self, all: &Regularisers, threads: usize, see: &mut See<'_>) -> Result<Fitted> {
        let (learn, judge) = match all.stop {
            Some(_) => aside(self.learn),
            None => (self.learn.clone(), self.learn.select(&[])),
        };
        let mut trainer = Trainer::new(self.recipe(all, &learn), threads)?;
        let mut average = all.average.map(Averaging::new);
        let mut stopping = all.stop.map(|stop| (Stopping::new(stop.patience), stop.by));
        let stop = AtomicBool::new(false);
        // ANCHOR: hooks
        trainer.run(&stop, &mut |step, engine| {
            if see(step, engine)?.is_break() {
                stop.store(true, Ordering::Relaxed);
            }
            if let Some(average) = &mut average {
                average.follow(step.number, step.of, engine);
            }
            if let Some((stopping, by)) = stopping.as_mut().filter(|_| step.epoch_ends) {
                let now = engine.weights();
                give(&average, engine)?;
                let ends = stopping.see(number(engine, &judge, *by)?, engine);
                engine.set_weights(&now)?;
                stop.fetch_or(ends, Ordering::Relaxed);
            }
            Ok(())
        })?;
        // ANCHOR_END: hooks
        let mut engine = trainer.into_engine();
        give(&average, &mut engine)?;
        let mut best = None;
        if let Some((stopping, _)) = stopping {
            stopping.restore(&mut engine)?;
            best = stopping.best().map(|best| best.epoch);
        }
        Ok(Fitted { engine, best })
    }
}

/// AdamW whose decay leaves biases alone.
fn rule(decay: f64) -> Optimizer {
    Optimizer::Adam { mean: 0.9, square: 0.999, epsilon: 1e-8, decay, all_decay: false }
}

/// Cuts garments in two: those to learn from, and every tenth.
fn aside(all: &Labelled) -> (Labelled, Labelled) {
    let (judge, learn): (Vec<usize>, Vec<usize>) =
        (0..all.len()).partition(|i| i % ASIDE == ASIDE - 1);
    (all.select(&learn), all.select(&judge))
}

/// What early stopping looks at.
fn number(engine: &mut Engine<f32>, judge: &Labelled, by: By) -> Result<f64> {
    let samples = Garments::new(judge);
    Ok(match by {
        By::Error => 1.0 - answers::accuracy(engine, &samples)?,
        By::Loss => mean(&Verdict::of(probabilities(engine, &samples)?.view(), judge.y()).losses),
    })
}

/// An average that looks at the weights every few steps.
struct Averaging {
    average: Average,
    plain: bool,
}

impl Averaging {
    /// One of which `keep` stays from step to step, or with 1 the plain mean.
    fn new(keep: f64) -> Self {
        let plain = keep >= 1.0;
        let keep = keep.powi(LOOK as i32);
        let kind = if plain { Kind::Plain } else { Kind::Exponential { keep } };
        Averaging { average: Average::new(kind), plain }
    }

    fn follow(&mut self, step: u64, of: u64, engine: &Engine<f32>) {
        let begun = !self.plain || 2 * step > of;
        if begun && (step.is_multiple_of(LOOK) || step == of) {
            self.average.see(engine);
        }
    }
}

/// Gives an average to the network, where there is one.
fn give(average: &Option<Averaging>, engine: &mut Engine<f32>) -> Result<()> {
    Ok(average.as_ref().map_or(Ok(()), |average| average.average.give(engine))?)
}
