//! Sums modulo a prime, half of them shown: a problem on which networks fit long before they generalise (Power et al.,
//! 2022), and how to watch one do it.

use std::sync::atomic::AtomicBool;

use backprop::{Engine, Network};
use notebook::Rng;
use optimization::mlp::layers;
use optimization::{Optimizer, Recipe, Samples, Schedule, Trainer, answers};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;

/// Some of the pairs `(a, b)`, each with the class `(a + b) mod p`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// The modulus `p`.
    pub modulus: usize,
    /// The pairs.
    pub pairs: Vec<[usize; 2]>,
}

impl Pairs {
    /// All pairs of `0..modulus`, shuffled and cut: the share that is shown, and the rest.
    pub fn split(modulus: usize, shown: f64, seed: u64) -> [Pairs; 2] {
        let mut pairs: Vec<[usize; 2]> =
            (0..modulus * modulus).map(|i| [i / modulus, i % modulus]).collect();
        pairs.shuffle(&mut Rng::seed_from_u64(seed));
        let rest = pairs.split_off((shown * pairs.len() as f64).round() as usize);
        [pairs, rest].map(|pairs| Pairs { modulus, pairs })
    }
}

impl Samples for &Pairs {
    fn name(&self) -> &str {
        "sums modulo a prime"
    }

    fn len(&self) -> usize {
        self.pairs.len()
    }

    /// A one at place `a`, and a one at place `p + b`.
    fn input(&self, _epoch: u64, i: usize, to: &mut [f32]) {
        let [a, b] = self.pairs[i];
        to.fill(0.0);
        to[a] = 1.0;
        to[self.modulus + b] = 1.0;
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        let [a, b] = self.pairs[i];
        Some((a + b) % self.modulus)
    }
}

/// How a network is trained on sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The modulus `p`.
    pub modulus: usize,
    /// The share of the pairs that is shown.
    pub shown: f64,
    /// Hidden units.
    pub hidden: usize,
    /// The learning rate of AdamW.
    pub rate: f64,
    /// Its weight decay.
    pub decay: f64,
    /// Steps, each over all pairs that are shown.
    pub steps: u64,
    /// Steps from one look to the next.
    pub every: u64,
    /// Decides the pairs that are shown and the first weights.
    pub seed: u64,
}

/// What was seen of a training.
#[derive(Clone, Debug)]
pub struct Watched {
    /// After how many steps.
    pub steps: Vec<u64>,
    /// The share of the pairs shown that was answered rightly.
    pub shown: Vec<f64>,
    /// The same of the pairs that were not shown.
    pub unseen: Vec<f64>,
    /// The length of all weights.
    pub norms: Vec<f64>,
    /// Weights of the first layer before the first step, `(hidden, 2 p)`.
    pub before: Vec<f32>,
    /// The same at the end.
    pub after: Vec<f32>,
}

impl Watched {
    /// The first look at which a share was at least `enough`.
    pub fn first(&self, shares: &[f64], enough: f64) -> Option<u64> {
        shares.iter().position(|&share| share >= enough).map(|at| self.steps[at])
    }
}

impl Setting {
    /// Trains with full batches, and looks now and then.
    ///
    /// # Errors
    /// Where the setting cannot be trained with, or the loss is not finite.
    pub fn train(&self, threads: usize) -> optimization::Result<Watched> {
        let [shown, unseen] = Pairs::split(self.modulus, self.shown, self.seed);
        let widths = [2 * self.modulus, self.hidden, self.modulus];
        let network = move || -> backprop::Result<Network<f32>> { layers(&widths) };
        let recipe = Recipe {
            optimizer: Optimizer::adamw(self.decay),
            schedule: Schedule::constant(self.rate),
            batch: shown.pairs.len(),
            shards: threads,
            epochs: self.steps,
            seed: self.seed,
            ..Recipe::new(network, &shown)
        };
        let mut trainer = Trainer::new(recipe, threads)?;
        let before = first_layer(trainer.engine())?;
        let mut watched = Watched {
            steps: Vec::new(),
            shown: Vec::new(),
            unseen: Vec::new(),
            norms: Vec::new(),
            before,
            after: Vec::new(),
        };
        trainer.run(&AtomicBool::new(false), &mut |step, engine| {
            if step.number.is_multiple_of(self.every) || step.number == 1 {
                watched.steps.push(step.number);
                watched.shown.push(answers::accuracy(engine, &&shown)?);
                watched.unseen.push(answers::accuracy(engine, &&unseen)?);
                watched.norms.push(length(engine));
            }
            Ok(())
        })?;
        watched.after = first_layer(trainer.engine())?;
        Ok(watched)
    }
}

fn first_layer(engine: &Engine<f32>) -> optimization::Result<Vec<f32>> {
    Ok(engine.get("0.weight")?.data)
}

/// The length of all weights and biases together.
fn length(engine: &Engine<f32>) -> f64 {
    let squares = |data: &[f32]| data.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>();
    engine.weights().iter().map(|tensor| squares(&tensor.data)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_and_unseen_pairs_are_all_pairs_once() {
        let [shown, unseen] = Pairs::split(7, 0.5, 3);
        assert_eq!([shown.pairs.len(), unseen.pairs.len()], [25, 24]);
        let mut all = [shown.pairs.clone(), unseen.pairs].concat();
        all.sort_unstable();
        assert_eq!(all, (0..49).map(|i| [i / 7, i % 7]).collect::<Vec<_>>());
        let mut input = [9.0; 14];
        let one = Pairs { modulus: 7, pairs: vec![[3, 5]] };
        (&&one).input(0, 0, &mut input);
        assert_eq!((&one).label(0, 0), Some(1));
        assert_eq!(input.iter().position(|&x| x == 1.0), Some(3));
        assert_eq!(input.iter().rposition(|&x| x == 1.0), Some(12));
        assert_eq!(input.iter().sum::<f32>(), 2.0);
    }
}
