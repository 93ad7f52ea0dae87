//! The cases of an exercise: kinds of inputs, each with a name in the exercise's words.
//!
//! A case is drawn by its own generator, seeded with the seed of the grading, the name of the kind and the
//! number of the case. So a new kind leaves the cases of the others as they were, and the same seed gives the
//! same cases everywhere.

pub use rand::RngExt;
use rand::SeedableRng as _;
pub use rand::seq::{IndexedRandom, SliceRandom};

/// The book's generator of random numbers.
pub use notebook::Rng;

use crate::hash;

/// A kind of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Its name in the exercise's words: "constant image".
    pub name: &'static str,
    /// Is it what the exercise is about, rather than an edge of it?
    pub general: bool,
    /// How much it weighs beside the others; 1 where nothing is said.
    pub weight: u32,
    /// Does it earn by the share of its cases that are right, rather than all or nothing?
    pub by_share: bool,
}

impl Kind {
    /// Weighs as much as so many others.
    pub fn weighs(&mut self, weight: u32) -> &mut Self {
        self.weight = weight;
        self
    }

    /// Earns by the share of its cases that are right.
    pub fn by_share(&mut self) -> &mut Self {
        self.by_share = true;
        self
    }
}

/// Collects the inputs of an exercise.
#[derive(Debug)]
pub struct Cases<Input> {
    seed: u64,
    kinds: Vec<Kind>,
    inputs: Vec<(usize, Input)>,
}

impl<Input> Cases<Input> {
    /// No cases yet; those to come follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Cases { seed, kinds: Vec::new(), inputs: Vec::new() }
    }

    /// Adds `count` cases of what the exercise is about. An answer that is right for no general kind earns
    /// nothing, however many edges it gets right.
    pub fn general(
        &mut self,
        name: &'static str,
        count: usize,
        draw: impl FnMut(&mut Rng) -> Input,
    ) -> &mut Kind {
        self.add(name, true, count, draw)
    }

    /// Adds `count` cases at an edge of the exercise: the empty, the constant, the smallest.
    pub fn edge(
        &mut self,
        name: &'static str,
        count: usize,
        draw: impl FnMut(&mut Rng) -> Input,
    ) -> &mut Kind {
        self.add(name, false, count, draw)
    }

    fn add(
        &mut self,
        name: &'static str,
        general: bool,
        count: usize,
        mut draw: impl FnMut(&mut Rng) -> Input,
    ) -> &mut Kind {
        let index = self.kinds.len();
        for number in 0..count {
            let words = format!("{}/{name}/{number}", self.seed);
            let input = draw(&mut Rng::seed_from_u64(hash::number(words.as_bytes())));
            self.inputs.push((index, input));
        }
        self.kinds.push(Kind { name, general, weight: 1, by_share: false });
        &mut self.kinds[index]
    }

    /// The kinds, in the order in which they were added.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Each input with the index of its kind.
    pub fn inputs(&self) -> &[(usize, Input)] {
        &self.inputs
    }
}
