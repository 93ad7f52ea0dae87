//! The trainer: mini-batches in an order that a seed decides, a rule, a schedule, checkpoints.
//!
//! The order of epoch `e` is drawn from a [stream](notebook::Stream) of its own, made from the seed and `e`. So the number of steps
//! taken is all that must be kept to go on where training stopped: the same weights, bit for bit, as without the stop.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use backprop::{Batch, Engine, Moment, Network};
use notebook::{Stream, stream};
use rand::seq::SliceRandom as _;

use crate::recipe::Make;
use crate::{Checkpoint, Error, Recipe, Result, Run, Samples, checkpoint};

/// What a step has come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Which step it was, from 1.
    pub number: u64,
    /// Steps of the whole training.
    pub of: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// Mean loss of the mini-batch before the step.
    pub loss: f64,
    /// Samples in a second, since training began or went on.
    pub speed: f64,
    /// True after the last step of an epoch.
    pub epoch_ends: bool,
}

/// Who looks at each step, and at the network after it. Its error ends the training.
pub type Watch<'a> = dyn FnMut(&Step, &mut Engine<f32>) -> Result<()> + 'a;

/// Looks at nothing.
///
/// # Errors
/// Never.
pub fn unwatched(_: &Step, _: &mut Engine<f32>) -> Result<()> {
    Ok(())
}

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps are taken.
    Done,
    /// It was asked to stop, and can go on.
    Stopped,
}

/// A network in training, by a recipe.
#[derive(Debug)]
pub struct Trainer<S, N = Make> {
    recipe: Recipe<S, N>,
    engine: Engine<f32>,
    checkpoint: Option<(PathBuf, u64)>,
    step: u64,
    /// Name and checksum of the data, when they are first asked for.
    data: OnceLock<String>,
}

impl<S: Samples, N: Fn() -> backprop::Result<Network<f32>>> Trainer<S, N> {
    /// Training from the first weights of a recipe.
    ///
    /// # Errors
    /// Where the recipe cannot be followed.
    pub fn new(recipe: Recipe<S, N>, threads: usize) -> Result<Self> {
        let engine = recipe.begin(threads)?;
        Trainer::with(recipe, engine)
    }

    /// Training that goes on from a file, which is read tensor by tensor. The recipe must be the one by which it was saved,
    /// with the same data.
    ///
    /// # Errors
    /// Where the file cannot be read, is not of this network, or was saved with other settings or data.
    pub fn resume(recipe: Recipe<S, N>, threads: usize, path: &Path) -> Result<Self> {
        let mut trainer = Trainer::new(recipe, threads)?;
        let mut file = checkpoint::open(path)?;
        let fault = |what, fault: String, fix| Err(Error::Setting { what, fault, fix });
        let Some(step) = file.notes().get("step").and_then(|step| step.parse().ok()) else {
            let what = format!("{} has no number of steps", path.display());
            return fault("checkpoint", what, "give one that training saved");
        };
        // ANCHOR: same
        let here = [("settings", trainer.settings()), ("data", trainer.data().to_owned())];
        for (what, here) in here {
            let there = file.notes().get(what).cloned().unwrap_or_default();
            if here != there {
                let differ = format!("{there:?} in the checkpoint, {here:?} here");
                return fault(what, differ, "give the same to go on, or begin anew");
            }
        }
        // ANCHOR_END: same
        let slots = trainer.recipe.optimizer.slots();
        checkpoint::load(&mut file, &mut trainer.engine, slots)
            .map_err(|source| Error::Weights { path: path.into(), source })?;
        trainer.step = step;
        Ok(trainer)
    }
}

impl<S: Samples, N> Trainer<S, N> {
    /// Training from the weights that an engine has, whatever the recipe says of the first ones.
    ///
    /// # Errors
    /// Where the recipe cannot be followed.
    pub fn with(recipe: Recipe<S, N>, engine: Engine<f32>) -> Result<Self> {
        let fault = |what, fault: String, fix| Err(Error::Setting { what, fault, fix });
        let most = engine.options().batch;
        if recipe.batch == 0 || recipe.batch > most {
            let what = format!("is {} where the engine has room for 1 to {most}", recipe.batch);
            return fault("size of mini-batches", what, "give another, or plan the engine for it");
        }
        if recipe.samples.len() < recipe.batch {
            let what =
                format!("are {} where a mini-batch has {}", recipe.samples.len(), recipe.batch);
            return fault("samples", what, "give more samples or a smaller mini-batch");
        }
        if !(recipe.schedule.rate.is_finite() && recipe.schedule.rate >= 0.0) {
            let what = format!("is {}", recipe.schedule.rate);
            return fault("learning rate", what, "give a number from 0");
        }
        if !(0.0..=recipe.schedule.rate).contains(&recipe.schedule.floor) {
            let what = format!("is {}", recipe.schedule.floor);
            return fault("lowest learning rate", what, "give a number from 0 to the highest");
        }
        Ok(Trainer { recipe, engine, checkpoint: None, step: 0, data: OnceLock::new() })
    }

    /// Saves to a file after every `every` steps, and at the end in any case.
    ///
    /// # Errors
    /// Where no file of this name could be written.
    pub fn saving(self, path: &Path, every: u64) -> Result<Self> {
        Checkpoint::try_path(path)?;
        Ok(Trainer { checkpoint: Some((path.into(), every)), ..self })
    }

    /// Takes the steps that are left. Calls `watch` after each, and stops when `stop` becomes true.
    ///
    /// # Errors
    /// Where the loss is not finite (the weights and the last checkpoint are as before that step), a checkpoint cannot
    /// be written, or `watch` fails.
    pub fn run(&mut self, stop: &AtomicBool, watch: &mut Watch<'_>) -> Result<Ending> {
        let (batch, of_epoch) = (self.recipe.batch, self.recipe.steps_of_epoch());
        let steps = of_epoch * self.recipe.epochs;
        let (began, first) = (Instant::now(), self.step);
        let mut rows: Vec<usize> = Vec::new();
        while self.step < steps {
            let (epoch, place) = (self.step / of_epoch, (self.step % of_epoch) as usize);
            if rows.is_empty() || place == 0 {
                rows = order(self.recipe.seed, epoch, self.recipe.samples.len());
            }
            let loss = self.take_step(epoch, &rows[place * batch..][..batch], steps)?;
            let taken = (self.step - first) as f64 * batch as f64;
            let speed = taken / began.elapsed().max(Duration::from_nanos(1)).as_secs_f64();
            let (number, epoch_ends) = (self.step, self.step.is_multiple_of(of_epoch));
            let step = Step { number, of: steps, epoch, loss, speed, epoch_ends };
            watch(&step, &mut self.engine)?;
            // ANCHOR: save
            let stopped = stop.load(Ordering::Relaxed) && self.step < steps;
            let due = |every: u64| every > 0 && self.step.is_multiple_of(every);
            if let Some((path, every)) = &self.checkpoint
                && (stopped || self.step == steps || due(*every))
            {
                self.save(path).map_err(|error| match error {
                    Error::NotFinite => self.diverged(self.step, loss),
                    other => other,
                })?;
            }
            if stopped {
                return Ok(Ending::Stopped);
            }
            // ANCHOR_END: save
        }
        Ok(Ending::Done)
    }

    fn take_step(&mut self, epoch: u64, rows: &[usize], steps: u64) -> Result<f64> {
        let Recipe { samples, optimizer, schedule, clip, seed, .. } = &self.recipe;
        let rule = optimizer.at(self.step + 1, schedule.at(self.step, steps));
        let batch = Mini { samples, epoch, rows };
        // So a training that goes on draws what it would have drawn without the stop.
        self.engine.moment = Moment { seed: *seed, step: self.step, ..Moment::default() };
        let taken = match *clip {
            Some(longest) => self.engine.step_clipped(&batch, &rule, longest).map(|(loss, _)| loss),
            None => self.engine.step(&batch, &rule),
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
        let kept = self.checkpoint.as_ref().map(|(path, _)| path.clone());
        Error::Diverged { step, loss, kept: kept.filter(|path| path.exists()) }
    }

    /// Writes all that training needs to go on, tensor by tensor.
    ///
    /// # Errors
    /// Where it cannot be written, or a number is not finite; the old file is as it was.
    pub fn save(&self, path: &Path) -> Result<()> {
        checkpoint::save(path, &self.engine, self.recipe.optimizer.slots(), &self.notes())
    }

    /// The same in memory.
    pub fn checkpoint(&self) -> Checkpoint {
        let slots = self.recipe.optimizer.slots();
        let state =
            [0, 1].map(|slot| if slot < slots { self.engine.state(slot) } else { Vec::new() });
        Checkpoint { weights: self.engine.weights(), state, notes: self.notes() }
    }

    /// Where it is: the steps taken say which epoch, which order and which samples come next.
    fn notes(&self) -> checkpoint::Notes {
        let step = self.step.to_string();
        let notes =
            [("step", step), ("settings", self.settings()), ("data", self.data().to_owned())];
        notes.map(|(key, value)| (key.to_owned(), value)).into()
    }

    /// What must be the same for the same weights to come out.
    fn settings(&self) -> String {
        let Recipe { batch, shards, epochs, seed, optimizer, schedule, clip, .. } = &self.recipe;
        format!("{batch} {shards} {epochs} {seed} {optimizer:?} {schedule:?} {clip:?}")
    }

    /// From what it learns: name, number and checksum.
    fn data(&self) -> &str {
        self.data.get_or_init(|| {
            let samples = &self.recipe.samples;
            let checksum = samples.checksum(self.engine.input_shape().elements());
            format!("{}, {} samples, checksum {checksum:016x}", samples.name(), samples.len())
        })
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

impl<S: Samples, N: Fn() -> backprop::Result<Network<f32>>> Recipe<S, N> {
    /// Trains to the end, or until the loss is not finite. `watch` is
    /// called after each step, and may stop the training by an error.
    ///
    /// # Errors
    /// Where it cannot begin, or `watch` fails.
    pub fn train(&self, threads: usize, watch: &mut Watch<'_>) -> Result<Run>
    where
        S: Clone,
        N: Clone,
    {
        let mut trainer = Trainer::new(self.clone(), threads)?;
        let (mut losses, never) = (Vec::new(), AtomicBool::new(false));
        let ending = trainer.run(&never, &mut |step, engine| {
            losses.push(step.loss);
            watch(step, engine)
        });
        let diverged = match ending {
            Ok(_) => None,
            Err(Error::Diverged { step, loss, .. }) => Some((step, loss)),
            Err(other) => return Err(other),
        };
        let of_epoch = self.steps_of_epoch() as usize;
        Ok(Run { losses, diverged, engine: trainer.into_engine(), of_epoch })
    }
}

/// The order of the samples in an epoch.
// ANCHOR: order
pub fn order(seed: u64, epoch: u64, samples: usize) -> Vec<usize> {
    let mut rng = stream(seed, Stream::Order(epoch));
    let mut rows: Vec<usize> = (0..samples).collect();
    rows.shuffle(&mut rng);
    rows
}
// ANCHOR_END: order

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

    fn label(&self, i: usize, position: usize) -> Option<usize> {
        self.samples.label(self.rows[i], position)
    }
}
