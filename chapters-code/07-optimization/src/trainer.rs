//! The trainer: mini-batches in an order that a seed decides, a rule, a schedule, checkpoints.
//!
//! The order of epoch `e` is drawn from a generator of its own, made from the seed and `e`. So the number of steps
//! taken is all that must be kept to go on where training stopped: the same weights, bit for bit, as without the stop.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use backprop::{Batch, Engine, Moment};
use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;
use rand::seq::SliceRandom as _;

use crate::{Checkpoint, Error, Optimizer, Result, Schedule};

/// The stream of a seed from which first weights are drawn; epochs have the streams from 0.
pub const FIRST_WEIGHTS: u64 = 1 << 40;

/// Something to learn from.
pub trait Samples: Sync {
    /// How many samples.
    fn len(&self) -> usize;

    /// True without samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the input of sample `i` to `to`, in the order `(C, H, W)`; as it is seen in epoch `epoch`, where the data
    /// are augmented. Must give the same for the same arguments.
    fn input(&self, epoch: u64, i: usize, to: &mut [f32]);

    /// The class of sample `i`.
    fn label(&self, i: usize) -> usize;
}

/// How to train.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Samples of a mini-batch. Those that are left at the end of an epoch wait for the next.
    pub batch: usize,
    /// How often all samples are seen.
    pub epochs: u64,
    /// Decides the order of the samples.
    pub seed: u64,
    /// The rule.
    pub optimizer: Optimizer,
    /// The learning rate.
    pub schedule: Schedule,
    /// The longest that a gradient may be.
    pub clip: Option<f64>,
    /// Where to save, and after how many steps; at the end in any case.
    pub checkpoint: Option<(PathBuf, u64)>,
}

/// What a step has come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Steps taken, from 1.
    pub step: u64,
    /// Steps of the whole training.
    pub steps: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// Mean loss of the mini-batch before the step.
    pub loss: f64,
    /// Samples in a second, since training began or went on.
    pub rate: f64,
    /// True after the last step of an epoch.
    pub epoch_ends: bool,
}

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps are taken.
    Done,
    /// It was asked to stop, and can go on.
    Stopped,
}

/// A network in training.
#[derive(Debug)]
pub struct Trainer {
    engine: Engine<f32>,
    settings: Settings,
    step: u64,
}

impl Trainer {
    /// Training from the weights that the engine has.
    ///
    /// # Errors
    /// Where the settings cannot be trained with.
    pub fn new(engine: Engine<f32>, settings: Settings) -> Result<Self> {
        let fault = |what, fault: String, fix| Err(Error::Setting { what, fault, fix });
        let most = engine.options().batch;
        if settings.batch == 0 || settings.batch > most {
            let what = format!("is {} where the engine has room for 1 to {most}", settings.batch);
            return fault("size of mini-batches", what, "give another, or plan the engine for it");
        }
        if !(settings.schedule.rate.is_finite() && settings.schedule.rate >= 0.0) {
            let what = format!("is {}", settings.schedule.rate);
            return fault("learning rate", what, "give a number from 0");
        }
        Ok(Trainer { engine, settings, step: 0 })
    }

    /// Training that goes on from a checkpoint. The settings must be those with which it was saved.
    ///
    /// # Errors
    /// Where the checkpoint is not of this network or was saved with other settings.
    pub fn resume(engine: Engine<f32>, settings: Settings, from: &Checkpoint) -> Result<Self> {
        let mut trainer = Trainer::new(engine, settings)?;
        let here = trainer.settings_as_text();
        let there = from.notes.get("settings").cloned().unwrap_or_default();
        if here != there {
            let fault = format!("the checkpoint was saved with {there:?} and these are {here:?}");
            let fix = "give the same settings";
            return Err(Error::Setting { what: "settings", fault, fix });
        }
        let step = from.notes.get("step").and_then(|step| step.parse().ok());
        let Some(step) = step else {
            let fault = "has no number of steps".into();
            return Err(Error::Setting {
                what: "checkpoint",
                fault,
                fix: "give one that training saved",
            });
        };
        trainer.engine.set_weights(&from.weights)?;
        for slot in 0..trainer.settings.optimizer.slots() {
            trainer.engine.set_state(slot, &from.state[slot])?;
        }
        trainer.step = step;
        Ok(trainer)
    }

    /// Takes the steps that are left. Calls `watch` after each, and stops when `stop` becomes true.
    ///
    /// # Errors
    /// Where the loss is not finite (the weights and the last checkpoint are as before that step), there are
    /// fewer samples than a mini-batch has, or a checkpoint cannot be written.
    pub fn run(
        &mut self,
        samples: &dyn Samples,
        stop: &AtomicBool,
        watch: &mut dyn FnMut(&Progress, &mut Engine<f32>),
    ) -> Result<Ending> {
        let of_epoch = (samples.len() / self.settings.batch) as u64;
        if of_epoch == 0 {
            let fault =
                format!("are {} where a mini-batch has {}", samples.len(), self.settings.batch);
            let fix = "give more samples or a smaller mini-batch";
            return Err(Error::Setting { what: "samples", fault, fix });
        }
        if let Some((path, _)) = &self.settings.checkpoint {
            Checkpoint::try_path(path)?;
        }
        let steps = of_epoch * self.settings.epochs;
        let (began, first) = (Instant::now(), self.step);
        let mut rows: Vec<usize> = Vec::new();
        while self.step < steps {
            let (epoch, batch) = (self.step / of_epoch, (self.step % of_epoch) as usize);
            if rows.is_empty() || batch == 0 {
                rows = order(self.settings.seed, epoch, samples.len());
            }
            let rows = &rows[batch * self.settings.batch..][..self.settings.batch];
            let loss = self.take_step(&Mini { samples, epoch, rows }, steps)?;
            let taken = (self.step - first) as f64 * self.settings.batch as f64;
            let seconds = began.elapsed().max(Duration::from_nanos(1)).as_secs_f64();
            let (rate, epoch_ends) = (taken / seconds, self.step.is_multiple_of(of_epoch));
            watch(
                &Progress { step: self.step, steps, epoch, loss, rate, epoch_ends },
                &mut self.engine,
            );
            // ANCHOR: save
            let stopped = stop.load(Ordering::Relaxed) && self.step < steps;
            let due = |every: u64| every > 0 && self.step.is_multiple_of(every);
            if let Some((path, every)) = &self.settings.checkpoint
                && (stopped || self.step == steps || due(*every))
            {
                let checkpoint = self.checkpoint();
                if !checkpoint.is_finite() {
                    return Err(self.diverged(self.step, loss));
                }
                checkpoint.write(path)?;
            }
            if stopped {
                return Ok(Ending::Stopped);
            }
            // ANCHOR_END: save
        }
        Ok(Ending::Done)
    }

    fn take_step(&mut self, batch: &Mini<'_>, steps: u64) -> Result<f64> {
        let rate = self.settings.schedule.at(self.step, steps);
        let rule = self.settings.optimizer.at(self.step + 1, rate);
        // So a training that goes on draws what it would have drawn without the stop.
        let Settings { seed, .. } = self.settings;
        self.engine.moment = Moment { seed, step: self.step, ..Moment::default() };
        let taken = match self.settings.clip {
            Some(longest) => self.engine.step_clipped(batch, &rule, longest).map(|(loss, _)| loss),
            None => self.engine.step(batch, &rule),
        };
        let step = self.step + 1;
        let loss = taken.map_err(|error| match error {
            backprop::Error::NotFinite { loss } => self.diverged(step, loss),
            other => other.into(),
        })?;
        self.step = step;
        Ok(loss)
    }

    fn diverged(&self, step: u64, loss: f64) -> Error {
        let kept = self.settings.checkpoint.as_ref().map(|(path, _)| path.clone());
        Error::Diverged { step, loss, kept: kept.filter(|path| path.exists()) }
    }

    /// All that training needs to go on.
    pub fn checkpoint(&self) -> Checkpoint {
        let slots = self.settings.optimizer.slots();
        let state =
            [0, 1].map(|slot| if slot < slots { self.engine.state(slot) } else { Vec::new() });
        let notes = [("step", self.step.to_string()), ("settings", self.settings_as_text())];
        let notes = notes.map(|(key, value)| (key.to_owned(), value)).into();
        Checkpoint { weights: self.engine.weights(), state, notes }
    }

    /// What must be the same for the same weights to come out.
    fn settings_as_text(&self) -> String {
        let Settings { batch, epochs, seed, optimizer, schedule, clip, .. } = &self.settings;
        let shards = self.engine.options().shards;
        format!("{batch} {shards} {epochs} {seed} {optimizer:?} {schedule:?} {clip:?}")
    }

    /// Steps taken.
    pub fn steps_taken(&self) -> u64 {
        self.step
    }

    /// The network.
    pub fn engine(&mut self) -> &mut Engine<f32> {
        &mut self.engine
    }

    /// The network, when training is over.
    pub fn into_engine(self) -> Engine<f32> {
        self.engine
    }
}

/// The order of the samples in an epoch.
// ANCHOR: order
pub fn order(seed: u64, epoch: u64, samples: usize) -> Vec<usize> {
    let mut rng = generator(seed, epoch);
    let mut rows: Vec<usize> = (0..samples).collect();
    rows.shuffle(&mut rng);
    rows
}
// ANCHOR_END: order

/// A generator for one use of a seed: streams of ChaCha do not meet.
pub fn generator(seed: u64, stream: u64) -> ChaCha12Rng {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// Some samples of an epoch.
pub(crate) struct Mini<'a> {
    pub samples: &'a dyn Samples,
    pub epoch: u64,
    pub rows: &'a [usize],
}

impl Batch<f32> for Mini<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn input(&self, i: usize, to: &mut [f32]) {
        self.samples.input(self.epoch, self.rows[i], to);
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        Some(self.samples.label(self.rows[i]))
    }
}
