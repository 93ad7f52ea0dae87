//! Products of rows with panels of sixteen classes, and the two steps of coordinate descent.
//!
//! A *panel* is `(d, 16)`: for each feature the weights of sixteen classes side by side, so that one vector instruction
//! takes a feature of a row to sixteen scores.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use super::{Kernel, LANES, Path, mul_add, run};

/// Rows, or features, whose sums stay in registers together.
const TILE: usize = 8;

/// `scores = rows · panel`, for rows that stand `stride` apart.
pub struct Scores<'a> {
    /// `(m, d)`, `m` a multiple of eight; row `i` is `rows[i · stride ..][..d]`.
    pub rows: &'a [f32],
    /// From one row to the next.
    pub stride: usize,
    /// `(d, 16)`.
    pub panel: &'a [[f32; LANES]],
    /// `(m, 16)`.
    pub scores: &'a mut [[f32; LANES]],
}

impl Kernel for Scores<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let depth = self.panel.len();
        for (tile, scores) in self.scores.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let mut rows: [&[f32]; TILE] = [&[]; TILE];
            for i in 0..TILE {
                rows[i] = &self.rows[(tile * TILE + i) * self.stride..][..depth];
            }
            let mut sums = [[0.0; LANES]; TILE];
            for k in 0..depth {
                let weights = self.panel[k];
                for i in 0..TILE {
                    let x = rows[i][k];
                    for lane in 0..LANES {
                        sums[i][lane] = mul_add::<FUSED>(x, weights[lane], sums[i][lane]);
                    }
                }
            }
            *scores = sums;
        }
    }
}

/// `gradient += rowsᵀ · errors`.
pub struct Gradient<'a> {
    /// Whole rows, `stride` apart; of every row, the features up to the next multiple of eight are read.
    pub rows: &'a [f32],
    /// From one row to the next.
    pub stride: usize,
    /// `(m, 16)`.
    pub errors: &'a [[f32; LANES]],
    /// `(d, 16)`, `d` a multiple of eight.
    pub gradient: &'a mut [[f32; LANES]],
}

impl Kernel for Gradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (tile, gradient) in self.gradient.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let mut sums = *gradient;
            let rows = self.rows.chunks_exact(self.stride).zip(self.errors);
            for (row, errors) in rows {
                let x: &[f32] = &row[tile * TILE..][..TILE];
                // Written out: of a loop over eight the compiler makes one that collects what lies apart.
                macro_rules! each {
                    ($($i:literal)*) => {$(
                        for lane in 0..LANES {
                            sums[$i][lane] = mul_add::<FUSED>(x[$i], errors[lane], sums[$i][lane]);
                        }
                    )*};
                }
                each!(0 1 2 3 4 5 6 7);
            }
            *gradient = sums;
        }
    }
}

/// `Σ a b`, of equally many numbers.
pub fn dot(path: Path, a: &[f32], b: &[f32]) -> f32 {
    run(path, Dot { a, b })
}

struct Dot<'a> {
    a: &'a [f32],
    b: &'a [f32],
}

impl Kernel for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f32 {
        dot_in::<FUSED>(self.a, self.b)
    }
}

/// 64 sums side by side, so that no addition waits for the one before it.
#[inline(always)]
pub(super) fn dot_in<const FUSED: bool>(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 4 * LANES];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<64>(), b.as_chunks::<64>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..64 {
            sums[lane] = mul_add::<FUSED>(a[lane], b[lane], sums[lane]);
        }
    }
    let mut half = 32;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    rest_a.iter().zip(rest_b).fold(sums[0], |sum, (a, b)| mul_add::<FUSED>(*a, *b, sum))
}

/// `y += factor · x`.
#[inline(always)]
pub(super) fn add_in<const FUSED: bool>(factor: f32, x: &[f32], y: &mut [f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = mul_add::<FUSED>(factor, *x, *y);
    }
}

/// A step of dual coordinate descent, on one sample.
#[derive(Clone, Copy)]
pub struct Update<'a> {
    /// The sample, with its constant 1.
    pub x: &'a [f32],
    /// +1 or −1.
    pub sign: f32,
    /// The sample's weight so far, 0 or more.
    pub alpha: f32,
    /// `1 / 2C`.
    pub diagonal: f32,
    /// `x·x + 1 / 2C`.
    pub curvature: f32,
    /// A sample of weight 0 whose slope is above this is left out.
    pub bound: f32,
}

/// Takes the step: the sample's new weight and its slope before. None where the sample is to be left out.
pub fn update(path: Path, step: Update<'_>, w: &mut [f32]) -> Option<(f32, f32)> {
    run(path, Step { step, w })
}

struct Step<'a> {
    step: Update<'a>,
    w: &'a mut [f32],
}

impl Kernel for Step<'_> {
    type Output = Option<(f32, f32)>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Option<(f32, f32)> {
        let Update { x, sign, alpha, diagonal, curvature, bound } = self.step;
        let slope = sign * dot_in::<FUSED>(self.w, x) - 1.0 + diagonal * alpha;
        if alpha == 0.0 {
            if slope > bound {
                return None;
            }
            if slope >= 0.0 {
                return Some((0.0, 0.0));
            }
        }
        let better = (alpha - slope / curvature).max(0.0);
        if better != alpha {
            add_in::<FUSED>((better - alpha) * sign, x, self.w);
        }
        Some((better, slope))
    }
}
