//! Sequences that repeat themselves: a few different words, drawn by lot, over and over.

use std::ops::{Range, RangeInclusive};

use notebook::Rng;
use optimization::Samples;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

/// Words of the vocabulary.
pub const WORDS: usize = 32;
/// Tokens that a network reads of a sequence.
pub const TOKENS: usize = 32;

/// A sequence, and the word that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    words: Vec<usize>,
    period: usize,
}

impl Sequence {
    /// As many different words as its period says, over and over. The period
    /// is drawn from a range, and is at most the number of words.
    pub fn draw(periods: RangeInclusive<usize>, rng: &mut Rng) -> Sequence {
        let period = rng.random_range(periods).clamp(1, WORDS);
        let mut all: Vec<usize> = (0..WORDS).collect();
        all.shuffle(rng);
        let words = (0..=TOKENS).map(|t| all[t % period]).collect();
        Sequence { words, period }
    }

    /// The words that a network reads.
    pub fn input(&self) -> &[usize] {
        &self.words[..TOKENS]
    }

    /// The word after place `t`, which the network is to say.
    pub fn next(&self, t: usize) -> usize {
        self.words[t + 1]
    }

    /// Places whose word stood before, so that the next one can be known.
    pub fn answered(&self) -> Range<usize> {
        self.period.min(TOKENS)..TOKENS
    }

    /// Places whose next word has not been there yet.
    pub fn unanswered(&self) -> Range<usize> {
        0..self.period - 1
    }
}

/// Sequences to learn from. At every place the next word is asked for.
#[derive(Clone, Debug)]
pub struct Repeats(pub Vec<Sequence>);

impl Repeats {
    /// So many sequences.
    pub fn draw(count: usize, periods: RangeInclusive<usize>, rng: &mut Rng) -> Repeats {
        Repeats((0..count).map(|_| Sequence::draw(periods.clone(), rng)).collect())
    }
}

impl Samples for Repeats {
    fn name(&self) -> &str {
        "repeats"
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn input(&self, _epoch: u64, i: usize, to: &mut [f32]) {
        for (to, &word) in to.iter_mut().zip(self.0[i].input()) {
            *to = word as f32;
        }
    }

    fn label(&self, i: usize, position: usize) -> Option<usize> {
        Some(self.0[i].next(position))
    }
}
