//! t-SNE (van der Maaten and Hinton, 2008), exact: a picture in the plane whose points have the neighbours that they have in truth.
//!
//! Every pair of points is computed in every step, O(n²), in vectors of `f32` on all threads. Each row's sums are one task and have
//! one order, so that the number of threads changes no bit. Steps, rates and gains are those of scikit-learn's `method="exact"`.

use backprop::kernels::{Arithmetic, Kernel, curves, run_f32};
use learning::distance;
use learning::random::normal;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use notebook::Rng;
use rayon::prelude::*;

use crate::pca::Pca;

/// Numbers that are computed at a time; rows are filled up to a multiple.
const LANES: usize = 16;
/// Rows of a task.
const ROWS: usize = 64;
/// How near the entropy must come to the logarithm of the perplexity.
const TOLERANCE: f64 = 1e-5;
/// Halvings of the search at most.
const HALVINGS: usize = 100;
/// Up to so many numbers a point, differences are squared; beyond, one matrix product is faster.
const FEW: usize = 16;
/// The standard deviation of a start.
const START: f64 = 1e-4;
/// Smaller probabilities of pairs are nought: their products would be subnormal, which many processors compute slowly.
const TINY: f32 = 1e-30;
/// What fills up a row: far from every point, and its square is finite.
const FAR: f32 = 1e18;

/// How the picture is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Steps in all.
    pub steps: usize,
    /// Steps in which the attraction is exaggerated, at half a momentum.
    pub early: usize,
    /// By how much.
    pub exaggeration: f32,
    /// The rate; `None` for max(n / (4 · exaggeration), 50), as scikit-learn has it.
    pub rate: Option<f32>,
}

impl Default for Schedule {
    /// A thousand steps, the first 250 with twelve times the attraction.
    fn default() -> Self {
        Schedule { steps: 1000, early: 250, exaggeration: 12.0, rate: None }
    }
}

/// Which points are near which, as probabilities.
#[derive(Clone, Debug)]
pub struct Affinities {
    n: usize,
    /// `(n, n)`, filled up with noughts to a multiple of [`LANES`] columns.
    p: Array2<f32>,
    /// For each point 1 / 2σ², by which its squared distances were multiplied.
    pub precisions: Vec<f64>,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Map {
    /// The places, `(n, 2)`.
    pub places: Array2<f32>,
    /// The Kullback–Leibler divergence at the end, in nats.
    pub divergence: f64,
}

/// The picture of `x` `(n, d)` at a perplexity, from `start` `(n, 2)`.
pub fn tsne(
    x: ArrayView2<'_, f32>,
    perplexity: f64,
    start: ArrayView2<'_, f32>,
    schedule: &Schedule,
) -> Map {
    Affinities::of(squared_distances(x).view(), perplexity).embed(start, schedule)
}

/// A start from the first two principal components of `x` `(n, d)`, the first with a standard deviation of 0.0001.
pub fn start_from_components(x: ArrayView2<'_, f32>) -> Array2<f32> {
    let plane = Pca::fit(x, 2).apply(x);
    let scale = plane.column(0).std(0.0).max(f64::MIN_POSITIVE);
    let mut start = Array2::zeros((x.nrows(), 2));
    let shown = plane.ncols().min(2);
    start.slice_mut(s![.., ..shown]).assign(&plane.mapv(|x| (x / scale * START) as f32));
    start
}

/// A start from `n` draws of a normal distribution with a standard deviation of 0.0001.
pub fn start_at_random(n: usize, rng: &mut Rng) -> Array2<f32> {
    Array2::from_shape_simple_fn((n, 2), || (normal(rng) * START) as f32)
}

/// The squared distance of each of `x` `(n, d)` to each: `(n, n)`.
pub fn squared_distances(x: ArrayView2<'_, f32>) -> Array2<f32> {
    let (n, d) = x.dim();
    let mut out = Array2::zeros((n, n));
    // The middle is taken away because rounding is relative to the lengths of the points.
    let x = &x - &x.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(d));
    let norms = distance::squared_norms(x.view());
    out.axis_chunks_iter_mut(Axis(0), ROWS).into_par_iter().enumerate().for_each(|(i, mut out)| {
        let own = x.slice(s![i * ROWS..(i * ROWS + out.nrows()), ..]);
        if d > FEW {
            distance::squared_distances(own, x.view(), norms.view(), out);
            return;
        }
        for (mut out, a) in out.rows_mut().into_iter().zip(own.rows()) {
            for (out, b) in out.iter_mut().zip(x.rows()) {
                *out = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            }
        }
    });
    out
}

// ANCHOR: search
/// The probabilities with which a point chooses another, from its squared
/// distances to the others, and the precision that gives them the perplexity.
pub fn conditional(distances: &[f64], perplexity: f64) -> (Vec<f64>, f64) {
    let near = distances.iter().copied().fold(f64::INFINITY, f64::min);
    let beyond: Vec<f64> = distances.iter().map(|d| d - near).collect();
    let mut p = vec![0.0; beyond.len()];
    let (mut low, mut high, mut beta) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..HALVINGS {
        let (sum, weighted) = run_f32(Weigh { beta, distances: &beyond, weights: &mut p });
        let entropy = sum.ln() + beta * weighted / sum;
        p.iter_mut().for_each(|p| *p /= sum);
        let wide = entropy - perplexity.ln();
        if wide.abs() <= TOLERANCE {
            break;
        }
        if wide > 0.0 {
            low = beta;
        } else {
            high = beta;
        }
        let open = high == f64::INFINITY;
        beta = if open { 2.0 * beta } else { (low + high) / 2.0 };
    }
    (p, beta)
}
// ANCHOR_END: search

/// Weights e to the minus β d², their sum, and the sum of each times its d².
struct Weigh<'a> {
    beta: f64,
    distances: &'a [f64],
    weights: &'a mut [f64],
}

impl Kernel for Weigh<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> (f64, f64) {
        let (mut sum, mut weighted) = ([0.0; LANES], [0.0; LANES]);
        let whole = self.distances.len() / LANES * LANES;
        let (d, rest) = self.distances.split_at(whole);
        let (w, w_rest) = self.weights.split_at_mut(whole);
        for (d, w) in d.chunks_exact(LANES).zip(w.chunks_exact_mut(LANES)) {
            for l in 0..LANES {
                w[l] = curves::exp::<A, f64>(-self.beta * d[l]);
            }
            for l in 0..LANES {
                sum[l] += w[l];
                weighted[l] = A::mul_add(w[l], d[l], weighted[l]);
            }
        }
        for ((l, d), w) in rest.iter().enumerate().zip(w_rest) {
            *w = curves::exp::<A, f64>(-self.beta * d);
            sum[l] += *w;
            weighted[l] = A::mul_add(*w, *d, weighted[l]);
        }
        (sum.iter().sum(), weighted.iter().sum())
    }
}

impl Affinities {
    /// The probabilities of pairs at a perplexity, from squared distances `(n, n)`: the two conditional ones, added and divided
    /// by 2n.
    pub fn of(distances: ArrayView2<'_, f32>, perplexity: f64) -> Affinities {
        let n = distances.nrows();
        let mut conditionals = Array2::<f32>::zeros((n, n));
        let row = |(i, mut out): (usize, ndarray::ArrayViewMut1<'_, f32>)| {
            let without = |(j, &d): (usize, &f32)| (j != i).then_some(f64::from(d));
            let others: Vec<f64> =
                distances.row(i).iter().enumerate().filter_map(without).collect();
            let (p, beta) = conditional(&others, perplexity);
            let places = out.iter_mut().enumerate().filter(|(j, _)| *j != i);
            places.zip(p).for_each(|((_, out), p)| *out = p as f32);
            beta
        };
        let rows = conditionals.axis_iter_mut(Axis(0)).into_par_iter().enumerate();
        let precisions: Vec<f64> = rows.map(row).collect();
        let mut p = Array2::zeros((n, n.next_multiple_of(LANES)));
        p.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(i, mut row)| {
            for (j, p) in row.iter_mut().take(n).enumerate() {
                let both = (conditionals[[i, j]] + conditionals[[j, i]]) / (2 * n) as f32;
                *p = if both < TINY { 0.0 } else { both };
            }
        });
        Affinities { n, p, precisions }
    }

    /// The probabilities of pairs, `(n, n)`, which sum to one.
    pub fn joint(&self) -> ArrayView2<'_, f32> {
        self.p.slice(s![.., ..self.n])
    }

    /// The gradient at `places` `(n, 2)` of the divergence with `exaggeration` times the attraction: `(n, 2)`.
    pub fn gradient(&self, places: ArrayView2<'_, f32>, exaggeration: f32) -> Array2<f32> {
        let forces = self.forces(&Columns::of(places));
        let strength = self.strength(&forces);
        Array2::from_shape_fn((self.n, 2), |(i, axis)| {
            4.0 * (exaggeration * forces[i].pull[axis] - forces[i].push[axis] / strength)
        })
    }

    /// The Kullback–Leibler divergence of the pairs in the plane from the pairs in truth, in nats.
    pub fn divergence(&self, places: ArrayView2<'_, f32>) -> f64 {
        let kernel = |i: usize, j: usize| {
            let across = f64::from(places[[i, 0]]) - f64::from(places[[j, 0]]);
            let up = f64::from(places[[i, 1]]) - f64::from(places[[j, 1]]);
            1.0 / (1.0 + across * across + up * up)
        };
        let row = |i: usize| {
            let others = (0..self.n).filter(|&j| j != i);
            others.fold((0.0, 0.0, 0.0), |(sum, cost, mass), j| {
                let (p, q) = (f64::from(self.p[[i, j]]), kernel(i, j));
                let cost = if p > 0.0 { cost + p * (p / q).ln() } else { cost };
                (sum + q, cost, mass + p)
            })
        };
        let rows: Vec<(f64, f64, f64)> = (0..self.n).into_par_iter().map(row).collect();
        let add = |a: (f64, f64, f64), b: &(f64, f64, f64)| (a.0 + b.0, a.1 + b.1, a.2 + b.2);
        let (sum, cost, mass) = rows.iter().fold((0.0, 0.0, 0.0), add);
        cost + mass * sum.max(f64::MIN_POSITIVE).ln()
    }

    /// Moves the points from `start` `(n, 2)` until the schedule ends.
    pub fn embed(&self, start: ArrayView2<'_, f32>, schedule: &Schedule) -> Map {
        let rate = self.n as f32 / (4.0 * schedule.exaggeration);
        let rate = schedule.rate.unwrap_or(rate.max(50.0));
        let mut columns = Columns::of(start);
        let early = schedule.early.min(schedule.steps);
        let parts = [(early, schedule.exaggeration, 0.5), (schedule.steps - early, 1.0, 0.8)];
        for (steps, exaggeration, momentum) in parts {
            let mut moves = Moves::new(self.n);
            for _ in 0..steps {
                let forces = self.forces(&columns);
                let strength = self.strength(&forces);
                for (axis, moves) in moves.0.iter_mut().enumerate() {
                    let own = columns.0[axis].iter_mut();
                    for ((place, force), last) in own.zip(&forces).zip(moves) {
                        let pull = exaggeration * force.pull[axis];
                        let gradient = 4.0 * (pull - force.push[axis] / strength);
                        *place += last.next(gradient, momentum, rate);
                    }
                }
            }
        }
        let places = columns.places(self.n);
        Map { divergence: self.divergence(places.view()), places }
    }

    /// What pulls and pushes each point.
    fn forces(&self, columns: &Columns) -> Vec<Force> {
        let mut forces = vec![Force::default(); self.n];
        let [x, y] = &columns.0;
        let stride = self.p.ncols();
        let p = self.p.as_slice().unwrap_or_default();
        forces
            .par_chunks_mut(ROWS)
            .zip(p.par_chunks(ROWS * stride))
            .enumerate()
            .for_each(|(i, (forces, p))| run_f32(Rows { first: i * ROWS, forces, p, x, y }));
        forces
    }

    /// The sum over all pairs of 1 / (1 + d²), by which the push is divided.
    fn strength(&self, forces: &[Force]) -> f32 {
        // Each point's sum holds itself, with a distance of nought.
        let sum: f64 = forces.iter().map(|force| f64::from(force.sum) - 1.0).sum();
        sum.max(f64::MIN_POSITIVE) as f32
    }
}

/// Both coordinates of the points, each filled up to a multiple of [`LANES`].
struct Columns([Vec<f32>; 2]);

impl Columns {
    fn of(places: ArrayView2<'_, f32>) -> Columns {
        let filled = |axis: usize| {
            let mut column = places.column(axis).to_vec();
            column.resize(places.nrows().next_multiple_of(LANES), FAR);
            column
        };
        Columns([filled(0), filled(1)])
    }

    fn places(&self, n: usize) -> Array2<f32> {
        Array2::from_shape_fn((n, 2), |(i, axis)| self.0[axis][i])
    }
}

/// What acts on a point.
#[derive(Clone, Copy, Debug, Default)]
struct Force {
    /// Σ p q (yᵢ − yⱼ) with q = 1 / (1 + d²).
    pull: [f32; 2],
    /// Σ q² (yᵢ − yⱼ).
    push: [f32; 2],
    /// Σ q.
    sum: f32,
}

/// The forces on a few points by all.
struct Rows<'a> {
    first: usize,
    forces: &'a mut [Force],
    p: &'a [f32],
    x: &'a [f32],
    y: &'a [f32],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let rows = self.p.chunks_exact(self.x.len().max(1));
        for ((i, force), p) in (self.first..).zip(self.forces).zip(rows) {
            *force = row::<A>(p, self.x, self.y, self.x[i], self.y[i]);
        }
    }
}

// ANCHOR: row
/// What all points `x`, `y` do to the one at (`left`, `up`).
#[inline(always)]
fn row<A: Arithmetic>(p: &[f32], x: &[f32], y: &[f32], left: f32, up: f32) -> Force {
    let mut sums = [[0.0_f32; LANES]; 5];
    let xy = x.chunks_exact(LANES).zip(y.chunks_exact(LANES));
    for (p, (x, y)) in p.chunks_exact(LANES).zip(xy) {
        for l in 0..LANES {
            let (dx, dy) = (left - x[l], up - y[l]);
            let q = 1.0 / A::mul_add(dx, dx, A::mul_add(dy, dy, 1.0));
            let (pull, push) = (p[l] * q, q * q);
            sums[0][l] = A::mul_add(pull, dx, sums[0][l]);
            sums[1][l] = A::mul_add(pull, dy, sums[1][l]);
            sums[2][l] = A::mul_add(push, dx, sums[2][l]);
            sums[3][l] = A::mul_add(push, dy, sums[3][l]);
            sums[4][l] += q;
        }
    }
    let [a, b, c, d, sum] = sums.map(|lanes| lanes.iter().sum());
    Force { pull: [a, b], push: [c, d], sum }
}
// ANCHOR_END: row

/// For each axis and point its last move, and its gain.
struct Moves([Vec<Move>; 2]);

impl Moves {
    fn new(n: usize) -> Moves {
        let still = vec![Move { last: 0.0, gain: 1.0 }; n];
        Moves([still.clone(), still])
    }
}

#[derive(Clone, Copy)]
struct Move {
    last: f32,
    gain: f32,
}

impl Move {
    /// The next move: where the gradient keeps pointing against the last move, the gain grows.
    #[inline(always)]
    fn next(&mut self, gradient: f32, momentum: f32, rate: f32) -> f32 {
        let goes_on = self.last * gradient < 0.0;
        self.gain = if goes_on { self.gain + 0.2 } else { (self.gain * 0.8).max(0.01) };
        self.last = momentum * self.last - rate * self.gain * gradient;
        self.last
    }
}

// ANCHOR: plain
/// The gradient by its definition, for places `y` `(n, 2)` and probabilities
/// of pairs `p` `(n, n)`.
pub fn plain_gradient(p: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>) -> Array2<f64> {
    let squared = |a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>| {
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>()
    };
    let near = Array2::from_shape_fn(p.dim(), |(i, j)| {
        if i == j { 0.0 } else { 1.0 / (1.0 + squared(y.row(i), y.row(j))) }
    });
    let q = &near / near.sum();
    let force = (&p - &q) * &near;
    let sums = force.sum_axis(Axis(1)).insert_axis(Axis(1));
    // Σⱼ fᵢⱼ (yᵢ − yⱼ) = (Σⱼ fᵢⱼ) yᵢ − Σⱼ fᵢⱼ yⱼ
    4.0 * (&sums * &y - force.dot(&y))
}
// ANCHOR_END: plain
