//! One small network, written once for every kind of number: plain ones, duals, and lines of a tape.

use std::ops::{Add, Mul, Sub};

use learning::FashionMnist;
use notebook::Rng;
use rand::RngExt as _;

use super::common::random;
use crate::dual::Dual;
use crate::tape::Var;

/// Features of a garment that was shrunk to 7 × 7 pixels.
pub const FEATURES: usize = 49;
/// Classes of garments.
pub const CLASSES: usize = 10;

/// What a network needs of its numbers.
pub trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// `e` to this power.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
}

macro_rules! number {
    ($type:ty) => {
        impl Number for $type {
            fn exp(self) -> Self {
                <$type>::exp(self)
            }

            fn ln(self) -> Self {
                <$type>::ln(self)
            }

            fn tanh(self) -> Self {
                <$type>::tanh(self)
            }
        }
    };
}

number!(f64);
number!(Dual);
number!(Var<'_>);

// ANCHOR: loss
/// The loss of a network with `hidden` tanh units, for one sample `x` of class
/// `label`. In `w` each unit has a weight for each of its inputs, and then its
/// bias.
pub fn loss<N: Number>(w: &[N], x: &[N], hidden: usize, label: usize) -> N {
    let (first, second) = w.split_at(hidden * (x.len() + 1));
    let a: Vec<N> = first.chunks_exact(x.len() + 1).map(|unit| sum(unit, x).tanh()).collect();
    let z: Vec<N> = second.chunks_exact(hidden + 1).map(|unit| sum(unit, &a)).collect();
    let whole = z[1..].iter().fold(z[0].exp(), |whole, z| whole + z.exp());
    whole.ln() - z[label]
}

/// A unit's weighted sum of `x`, with its bias.
fn sum<N: Number>(unit: &[N], x: &[N]) -> N {
    unit.iter().zip(x).fold(unit[x.len()], |sum, (&w, &x)| sum + w * x)
}
// ANCHOR_END: loss

/// A network at its start, and garments to show it.
#[derive(Debug)]
pub struct Study {
    /// Units of the hidden layer.
    pub hidden: usize,
    /// Weights, as [`loss`] takes them.
    pub weights: Vec<f64>,
    /// Garments of [`FEATURES`] numbers from 0 to 1, and their classes.
    pub garments: Vec<(Vec<f64>, usize)>,
}

impl Study {
    /// Random weights, and `n` test garments at random.
    pub fn new(data: &FashionMnist, hidden: usize, n: usize, rng: &mut Rng) -> Study {
        let mut weights = random(rng, hidden * (FEATURES + 1));
        weights.iter_mut().for_each(|w| *w /= (FEATURES as f64).sqrt());
        let second = random(rng, CLASSES * (hidden + 1));
        weights.extend(second.into_iter().map(|w| w / (hidden as f64).sqrt()));
        let garment = |i: usize| {
            let pixel = |at: usize| {
                let (row, column) = (at / 7 * 4, at % 7 * 4);
                let square = (0..16).map(|j| (row + j / 4, column + j % 4));
                square.map(|at| f64::from(data.test.images[[i, at.0, at.1]])).sum::<f64>()
                    / (16.0 * 255.0)
            };
            ((0..FEATURES).map(pixel).collect(), usize::from(data.test.labels[i]))
        };
        let garments = (0..n).map(|_| garment(rng.random_range(0..data.test.len()))).collect();
        Study { hidden, weights, garments }
    }

    /// The loss of garment `g` with weights `w`.
    pub fn loss(&self, w: &[f64], g: usize) -> f64 {
        let (x, label) = &self.garments[g];
        loss(w, x, self.hidden, *label)
    }

    // ANCHOR: forward
    /// The gradient for garment `g` in forward mode: a run for each weight.
    pub fn forward(&self, g: usize) -> Vec<f64> {
        let (x, label) = &self.garments[g];
        let x: Vec<Dual> = x.iter().map(|&x| Dual::constant(x)).collect();
        let mut w: Vec<Dual> = self.weights.iter().map(|&w| Dual::constant(w)).collect();
        let mut slope = |i: usize| {
            w[i] = Dual::input(self.weights[i]);
            let found = loss(&w, &x, self.hidden, *label).derivative;
            w[i] = Dual::constant(self.weights[i]);
            found
        };
        (0..self.weights.len()).map(&mut slope).collect()
    }
    // ANCHOR_END: forward

    // ANCHOR: reverse
    /// The gradient for garment `g` in reverse mode, and the lines of the tape.
    pub fn reverse(&self, g: usize) -> (Vec<f64>, usize) {
        let tape = crate::tape::Tape::new();
        let (x, label) = &self.garments[g];
        let x: Vec<Var<'_>> = x.iter().map(|&x| tape.var(x)).collect();
        let w: Vec<Var<'_>> = self.weights.iter().map(|&w| tape.var(w)).collect();
        let gradient = loss(&w, &x, self.hidden, *label).backward();
        (w.iter().map(|&w| gradient.of(w)).collect(), tape.len())
    }
    // ANCHOR_END: reverse
}

/// The largest distance of two gradients, relative to the largest number of the second.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    let largest = b.iter().fold(f64::MIN_POSITIVE, |m, b| m.max(b.abs()));
    a.iter().zip(b).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs())) / largest
}
