//! The loops that Chapter 11 does not have: written once over lanes of sixteen numbers, compiled for any processor and for those with
//! AVX2 and FMA ([`backprop::kernels`]).

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use std::f32::consts::FRAC_1_SQRT_2;

use backprop::kernels::curves::{erf, exp};
use backprop::kernels::{Arithmetic, Kernel};
use residual::fast::kernels::lane::{LANES, Lane, flat_mut};

/// Tokens whose moments are taken together.
pub const TOKENS: usize = 8;

/// The mean of a token, and one over its deviation.
pub type Moments = [(f32, f32); TOKENS];

/// The moments of at most [`TOKENS`] tokens.
#[derive(Debug)]
pub struct Measure<'a> {
    /// Groups of sixteen numbers, from the first token on.
    pub x: &'a [Lane],
    /// From one group to the next.
    pub stride: usize,
    /// Numbers of a token.
    pub width: usize,
    /// How many tokens.
    pub tokens: usize,
    /// What is added to a variance.
    pub epsilon: f32,
}

impl Measure<'_> {
    /// The sum of `f` of all numbers of a token.
    #[inline(always)]
    fn sum(&self, t: usize, f: impl Fn(f32) -> f32) -> f32 {
        let (whole, rest) = (self.width / LANES, self.width % LANES);
        let mut sums = Lane::default();
        for g in 0..whole {
            let x = &self.x[g * self.stride + t];
            for j in 0..LANES {
                sums.0[j] += f(x.0[j]);
            }
        }
        for j in 0..rest {
            sums.0[j] += f(self.x[whole * self.stride + t].0[j]);
        }
        total(sums)
    }
}

/// The sum of a lane.
#[inline(always)]
fn total(mut lane: Lane) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for j in 0..half {
            lane.0[j] += lane.0[half + j];
        }
        half /= 2;
    }
    lane.0[0]
}

impl Kernel for Measure<'_> {
    type Output = Moments;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Moments {
        let mut moments = [(0.0, 0.0); TOKENS];
        let n = self.width as f32;
        for t in 0..self.tokens.min(TOKENS) {
            let mean = self.sum(t, |x| x) / n;
            let variance = self.sum(t, |x| (x - mean) * (x - mean)) / n;
            moments[t] = (mean, 1.0 / (variance + self.epsilon).sqrt());
        }
        moments
    }
}

/// Sixteen numbers of some tokens, normalised.
#[derive(Debug)]
pub struct Normalise<'a> {
    /// The numbers.
    pub x: &'a [Lane],
    /// The moments of each token.
    pub moments: &'a Moments,
    /// What is multiplied with.
    pub scale: Lane,
    /// What is added then.
    pub shift: Lane,
    /// The results, as many as there are tokens.
    pub y: &'a mut [Lane],
}

impl Kernel for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for ((y, x), (mean, factor)) in self.y.iter_mut().zip(self.x).zip(self.moments) {
            for j in 0..LANES {
                let scale = factor * self.scale.0[j];
                y.0[j] = A::mul_add(x.0[j] - mean, scale, self.shift.0[j]);
            }
        }
    }
}

// ANCHOR: gelu
/// GELU, in the form with the error function.
#[derive(Debug)]
pub struct Gelu<'a> {
    /// The numbers.
    pub y: &'a mut [Lane],
}

impl Kernel for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for z in flat_mut(self.y) {
            *z *= A::mul_add(0.5, erf::<A, f32>(*z * FRAC_1_SQRT_2), 0.5);
        }
    }
}
// ANCHOR_END: gelu

/// Turns the keys of a head: a panel for each sixteen keys, in a panel a lane
/// for each of a key's numbers. Zeros follow where keys do not fill a panel.
#[derive(Debug)]
pub struct Turn<'a> {
    /// Groups of sixteen numbers, in a group a lane for each key.
    pub x: &'a [Lane],
    /// How many keys.
    pub keys: usize,
    /// The panels.
    pub y: &'a mut [Lane],
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let wide = self.y.len() / self.keys.div_ceil(LANES).max(1);
        for (p, panel) in self.y.chunks_mut(wide.max(1)).enumerate() {
            for (g, lanes) in panel.chunks_mut(LANES).enumerate() {
                let keys = &self.x[g * self.keys..][..self.keys];
                for i in 0..LANES {
                    let key = keys.get(p * LANES + i).copied().unwrap_or_default();
                    for (lane, x) in lanes.iter_mut().zip(key.0) {
                        lane.0[i] = x;
                    }
                }
            }
        }
    }
}

/// The weights of some queries from their scores: panels of sixteen keys, in a
/// panel a lane for each query.
#[derive(Debug)]
pub struct Softmax<'a> {
    /// Scores, then weights.
    pub z: &'a mut [Lane],
    /// How many queries.
    pub queries: usize,
}

impl Kernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let n = self.queries.max(1);
        for i in 0..self.queries {
            let mut most = [f32::NEG_INFINITY; LANES];
            for z in self.z[i..].iter().step_by(n) {
                (0..LANES).for_each(|j| most[j] = most[j].max(z.0[j]));
            }
            let most = most.iter().fold(f32::NEG_INFINITY, |most, z| most.max(*z));
            let mut sums = Lane::default();
            for z in self.z[i..].iter_mut().step_by(n) {
                for j in 0..LANES {
                    z.0[j] = exp::<A, f32>(z.0[j] - most);
                    sums.0[j] += z.0[j];
                }
            }
            let share = 1.0 / total(sums);
            for z in self.z[i..].iter_mut().step_by(n) {
                (0..LANES).for_each(|j| z.0[j] *= share);
            }
        }
    }
}

/// The sum of all numbers.
#[derive(Debug)]
pub struct Sum<'a> {
    /// The numbers.
    pub x: &'a [Lane],
}

impl Kernel for Sum<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f32 {
        let mut sums = [Lane::default(); 4];
        for four in self.x.chunks(4) {
            for (sum, x) in sums.iter_mut().zip(four) {
                for j in 0..LANES {
                    sum.0[j] += x.0[j];
                }
            }
        }
        sums.into_iter().map(total).sum()
    }
}
