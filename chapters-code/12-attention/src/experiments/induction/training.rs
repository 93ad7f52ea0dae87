//! How copiers are trained: all alike, several at a time, each on one thread. And how they are asked.

use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;

use backprop::Tensor;
use learning::bootstrap::mean;
use ndarray::Array2;
use notebook::{Recorder, Stream, stream};
use optimization::{Initialisation, Optimizer, Recipe, Schedule, Trainer};
use rayon::prelude::*;

use crate::induction::{Copier, Opened, Repeats, Sequence, scores};

/// Steps of a training.
pub const STEPS: u64 = 600;
/// Steps of one layer that learns one distance.
pub const LONG: u64 = 2_400;
/// Sequences of a mini-batch.
pub const BATCH: usize = 32;
/// The learning rate, after a warm-up.
pub const RATE: f64 = 3e-3;
/// Steps of the warm-up.
pub const WARM_UP: u64 = 50;
/// The longest that a gradient may be.
pub const CLIP: f64 = 1.0;
/// Steps between two looks at a network.
pub const EVERY: u64 = 10;
/// Sequences that a network is asked at each look.
pub const ASKED: usize = 32;
/// Seeds of each setting: of first weights and of sequences.
pub const SEEDS: [u64; 3] = [1, 2, 3];
/// Periods that are drawn from.
pub const VARIED: RangeInclusive<usize> = 8..=16;
/// The one period of the others.
pub const FIXED: usize = 16;

/// The small copier: two layers of one head.
pub const TWO: Copier = Copier { layers: 2, heads: 1, width: 64, spread: 1.0 };
/// One layer of two heads, wider.
pub const ONE: Copier = Copier { layers: 1, heads: 2, width: 96, spread: 1.0 };

/// The small copier with first numbers that are small.
pub const SMALL: Copier = Copier { spread: 0.1, ..TWO };

/// A copier, and what it learns from.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What is recorded of it.
    pub key: &'static str,
    /// Its name in words.
    pub name: &'static str,
    /// Its size.
    pub model: Copier,
    /// Periods of its sequences.
    pub periods: RangeInclusive<usize>,
    /// Steps of its training.
    pub steps: u64,
}

/// One layer and two, on periods that vary and on one period; and two that begin from small numbers.
pub fn settings() -> [Setting; 5] {
    let of = |key, name, model, periods| Setting { key, name, model, periods, steps: STEPS };
    [
        of("one", "one layer", ONE, VARIED),
        of("two", "two layers", TWO, VARIED),
        Setting { steps: LONG, ..of("one-fixed", "one layer, one distance", ONE, FIXED..=FIXED) },
        of("two-fixed", "two layers, one distance", TWO, FIXED..=FIXED),
        of("small", "two layers, small first numbers", SMALL, VARIED),
    ]
}

/// What a network does on some sequences, and where it looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// The mean loss where the next word can be known.
    pub answered: f64,
    /// The mean loss where it has not been there yet.
    pub unanswered: f64,
    /// The share of knowable words that have the largest score.
    pub found: f64,
    /// The weight of the first layer on the word before, of its best head.
    pub previous: f64,
    /// The weight of the first layer on earlier occurrences of the word, of its best head.
    pub same: f64,
    /// The weight of the last layer on words after earlier occurrences, of its best head.
    pub prefix: f64,
}

/// What came of a training.
#[derive(Clone, Debug)]
pub struct Trained {
    /// What was measured at each look.
    pub course: Vec<Measured>,
    /// The network at the end.
    pub opened: Opened,
}

impl Trained {
    /// The first look, in steps, at which a quantity passes a bound.
    pub fn passes(&self, of: impl Fn(&Measured) -> bool) -> Option<u64> {
        self.course.iter().position(of).map(|at| (at as u64 + 1) * EVERY)
    }
}

/// Trains a copier with Adam, and keeps its weights now and then.
///
/// # Errors
/// Where training diverges.
pub fn train(setting: &Setting, seed: u64) -> anyhow::Result<Trained> {
    let mut rng = stream(seed, Stream::Sample(0, 0));
    let count = setting.steps as usize * BATCH;
    let samples = Repeats::draw(count, setting.periods.clone(), &mut rng);
    let asked = Repeats::draw(ASKED, setting.periods.clone(), &mut rng).0;
    let recipe = Recipe {
        initialisation: Initialisation::Glorot,
        optimizer: Optimizer::ADAM,
        schedule: Schedule { warm_up: WARM_UP, ..Schedule::constant(RATE) },
        clip: Some(CLIP),
        batch: BATCH,
        shards: 1,
        seed,
        ..Recipe::new(|| setting.model.network(), samples)
    };
    let (mut trainer, mut kept) = (Trainer::new(recipe, 1)?, Vec::new());
    trainer.run(&AtomicBool::new(false), &mut |step, engine| {
        if step.number.is_multiple_of(EVERY) {
            kept.push(engine.weights());
        }
        Ok(())
    })?;
    let look = |weights: &Vec<Tensor<f32>>| {
        anyhow::Ok(measure(&Opened::new(setting.model, weights)?, &asked, &unchanged)?)
    };
    let course = kept.iter().map(look).collect::<anyhow::Result<_>>()?;
    let opened = Opened::new(setting.model, &trainer.into_engine().weights())?;
    Ok(Trained { course, opened })
}

/// Trains all settings with all seeds, `[setting][seed]`.
///
/// # Errors
/// As [`train`].
pub fn train_all(recorder: &Recorder, settings: &[Setting]) -> anyhow::Result<Vec<Vec<Trained>>> {
    let progress = recorder.progress(SEEDS.len() as u64, "seeds");
    let mut found = vec![Vec::new(); settings.len()];
    for seed in SEEDS {
        let once = |setting: &Setting| train(setting, seed);
        let trained = settings.par_iter().map(once).collect::<anyhow::Result<Vec<_>>>()?;
        found.iter_mut().zip(trained).for_each(|(found, trained)| found.push(trained));
        progress.advance(1);
    }
    Ok(found)
}

/// Changes the map of a layer's head, with the words that were read.
pub type Rewrite<'a> = dyn Fn([usize; 2], &mut Array2<f32>, &[usize]) + Sync + 'a;

/// Leaves maps as they are.
pub fn unchanged(_: [usize; 2], _: &mut Array2<f32>, _: &[usize]) {}

/// Asks a network sequences, with its maps changed.
///
/// # Errors
/// Never, for sequences of its vocabulary.
pub fn measure(
    opened: &Opened,
    asked: &[Sequence],
    change: &Rewrite<'_>,
) -> crate::Result<Measured> {
    let [mut answered, mut unanswered, mut found] = [const { Vec::new() }; 3];
    let layers = opened.model().layers;
    let none = || vec![0.0; opened.model().heads];
    let [mut previous, mut same, mut prefix] = [none(), none(), none()];
    for sequence in asked {
        let words = sequence.input();
        let trace = opened.run(words, &|at, map| change(at, map, words))?;
        let loss = |t: usize| loss(trace.logits.row(t), sequence.next(t));
        for t in sequence.answered() {
            let (loss, right) = loss(t);
            answered.push(loss);
            found.push(f64::from(u8::from(right)));
        }
        unanswered.extend(sequence.unanswered().map(|t| loss(t).0));
        for (sum, map) in previous.iter_mut().zip(&trace.maps[0]) {
            *sum += scores::previous(map) / asked.len() as f64;
        }
        for (sum, map) in same.iter_mut().zip(&trace.maps[0]) {
            *sum += scores::same(map, sequence.input()) / asked.len() as f64;
        }
        for (sum, map) in prefix.iter_mut().zip(&trace.maps[layers - 1]) {
            *sum += scores::prefix(map, sequence.input()) / asked.len() as f64;
        }
    }
    let most = |scores: Vec<f64>| scores.into_iter().fold(0.0, f64::max);
    let [answered, unanswered, found] = [answered, unanswered, found].map(|all| mean(&all));
    let [previous, same, prefix] = [previous, same, prefix].map(most);
    Ok(Measured { answered, unanswered, found, previous, same, prefix })
}

/// The cross-entropy of the scores for a word, and whether it has the largest.
fn loss(logits: ndarray::ArrayView1<'_, f32>, word: usize) -> (f64, bool) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|z| f64::from(z - largest).exp()).sum();
    (sum.ln() - f64::from(logits[word] - largest), logits[word] == largest)
}
