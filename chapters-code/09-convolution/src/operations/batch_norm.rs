//! Batch normalisation (Ioffe and Szegedy, 2015): `y = γ (x − μ) / √(σ² + ε) + β`, channel by channel, with the mean
//! `μ` and variance `σ²` of the mini-batch in training, and running ones in prediction.
//!
//! `x` and `y` are `(N, C, H, W)`, or rows `(N, C)`; `γ`, `β` and the running statistics are `(C)`. With `x̂` the
//! normalised input and means over the `M = N · H · W` numbers of a channel:
//!
//! ```text
//! dβ = Σ dy        dγ = Σ dy · x̂        dx = γ / √(σ² + ε) · (dy − dβ / M − x̂ · dγ / M)
//! ```
//!
//! It is the one operation whose samples need each other, so it has two phases: each shard finds its own sums, and
//! when all have, each combines them in the order of the shards. Means and squared deviations are
//! combined as Chan, Golub and LeVeque (1983) do, so nothing cancels, for any number of shards.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use std::sync::{Mutex, PoisonError};

use backprop::kernels::buffer::Buffer;
use backprop::{
    Backward, Block, Forward, Layout, Memory, Operation, Parameter, Place, Real, Result, Shape,
    Size, Whole,
};

use super::fault;

/// `y = γ (x − μ) / √(σ² + ε) + β`.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm {
    channels: usize,
    epsilon: f64,
    momentum: f64,
    relu: bool,
}

impl BatchNorm {
    /// Of `channels`, with PyTorch's `ε` of 10⁻⁵; the running statistics move by a tenth in each step.
    pub fn new(channels: usize) -> Self {
        BatchNorm { channels, epsilon: 1e-5, momentum: 0.1, relu: false }
    }

    /// With ReLU after it.
    pub fn with_relu(self) -> Self {
        BatchNorm { relu: true, ..self }
    }

    /// Numbers of a channel in `rows` samples.
    fn count(place: &Place, rows: usize) -> f64 {
        (rows * place.output.shape.height * place.output.shape.width) as f64
    }
}

/// Calls `each` with every pixel of a sample, in two layouts of one shape.
fn pixels(a: Layout, b: Layout) -> impl Iterator<Item = (usize, usize)> {
    let lines = a.lines().zip(b.lines());
    lines
        .flat_map(move |(x, y)| (0..a.shape.width).map(move |j| (x + j * a.pixel, y + j * b.pixel)))
}

// ANCHOR: combine
/// Mean and sum of squared deviations of each channel, over shards.
fn combine<T: Real>(shards: &[Mutex<Buffer<T>>], c: usize, channels: usize) -> (f64, f64, f64) {
    shards.iter().fold((0.0, 0.0, 0.0), |(n, mean, squares), shard| {
        let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |i: usize| shard[i].to_f64();
        let (m, its_mean, its_squares) = (of(2 * channels), of(c), of(channels + c));
        let (total, apart) = (n + m, its_mean - mean);
        (total, mean + apart * m / total, squares + its_squares + apart * apart * n * m / total)
    })
}
// ANCHOR_END: combine

/// The sum over shards of number `i`.
fn total<T: Real>(shards: &[Mutex<Buffer<T>>], i: usize) -> f64 {
    let of = |s: &Mutex<Buffer<T>>| s.lock().unwrap_or_else(PoisonError::into_inner)[i].to_f64();
    shards.iter().map(of).sum()
}

/// Where a shard keeps what, for `C` channels, after its means, its squared deviations and its count.
struct Parts {
    /// Sums of `dy`, and of `dy · x̂`.
    sums: [usize; 2],
    /// What all shards agree on: mean, and `1 / √(σ² + ε)`; then `dβ / M` and `dγ / M`.
    agreed: [usize; 4],
    length: usize,
}

impl BatchNorm {
    fn parts(&self) -> Parts {
        let c = self.channels;
        Parts {
            sums: [2 * c + 1, 3 * c + 1],
            agreed: [4 * c + 1, 5 * c + 1, 6 * c + 1, 7 * c + 1],
            length: 8 * c + 1,
        }
    }

    /// Mean and squared deviations of the rows of a shard, which go to its numbers.
    fn moments<T: Real>(&self, place: &Place, rows: usize, x: &[T], own: &mut [T]) {
        let (c, input) = (self.channels, place.input());
        let (means, rest) = own.split_at_mut(c);
        let (squares, rest) = rest.split_at_mut(c);
        means.fill(T::ZERO);
        squares.fill(T::ZERO);
        let count = T::of(BatchNorm::count(place, rows));
        rest[0] = count;
        let samples = || x.chunks_exact(input.stride).take(rows);
        for x in samples() {
            for (at, _) in pixels(input, input) {
                means.iter_mut().zip(&x[at..]).for_each(|(sum, &x)| *sum += x);
            }
        }
        means.iter_mut().for_each(|sum| *sum = *sum / count);
        for x in samples() {
            for (at, _) in pixels(input, input) {
                for ((sum, &mean), &x) in squares.iter_mut().zip(&*means).zip(&x[at..]) {
                    *sum += (x - mean) * (x - mean);
                }
            }
        }
    }

    /// Writes mean and `1 / √(σ² + ε)` of all shards to the numbers of one.
    fn agree<T: Real>(&self, shards: &[Mutex<Buffer<T>>], shard: usize) {
        let [means, roots, ..] = self.parts().agreed;
        for c in 0..self.channels {
            let (n, mean, squares) = combine(shards, c, self.channels);
            let mut own = lock(&shards[shard]);
            own[means + c] = T::of(mean);
            own[roots + c] = T::of(1.0 / (squares / n + self.epsilon).sqrt());
        }
    }
}

fn lock<T>(shard: &Mutex<Buffer<T>>) -> std::sync::MutexGuard<'_, Buffer<T>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Real> Operation<T> for BatchNorm {
    fn name(&self) -> &'static str {
        "batch normalisation"
    }

    fn shape(&self, [input, _]: [Shape; 2]) -> Result<Shape> {
        if input.channels != self.channels || self.channels == 0 {
            let what = format!("it takes {} channels and its input is {input}", self.channels);
            return fault(what, "make the two agree");
        }
        Ok(input)
    }

    fn parameters(&self) -> Vec<Parameter> {
        let of = |name, trained| Parameter { name, shape: vec![self.channels], fan_in: 0, trained };
        vec![
            of("weight", true),
            of("bias", true),
            of("running_mean", false),
            of("running_var", false),
        ]
    }

    fn blocks(&self, _: &Place) -> Vec<Size> {
        let two = 2 * self.channels;
        vec![Size { weights: two, turned: 0, pieces: 1, statistics: two }]
    }

    fn home(&self, _: &Place, parameter: usize, i: usize) -> (usize, usize) {
        (0, parameter * self.channels + i)
    }

    fn memory(&self, _: &Place) -> Memory {
        Memory { sample: 0, shard: self.parts().length }
    }

    fn phases(&self) -> usize {
        2
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        if at.phase == 0 {
            if at.training {
                self.moments(place, at.rows, at.x[0], &mut lock(&at.shards[at.shard]));
            }
            return;
        }
        let (c, Block { weights, statistics, .. }) = (self.channels, &at.blocks[0]);
        let [means, roots, ..] = self.parts().agreed;
        if at.training {
            self.agree(at.shards, at.shard);
        }
        let mut own = lock(&at.shards[at.shard]);
        if !at.training {
            own[means..][..c].copy_from_slice(&statistics[..c]);
            for (root, &variance) in own[roots..].iter_mut().zip(&statistics[c..]) {
                *root = T::ONE / (variance + T::of(self.epsilon)).sqrt();
            }
        }
        let (input, output) = (place.input(), place.output);
        let samples = at.x[0].chunks_exact(input.stride).zip(at.y.chunks_exact_mut(output.stride));
        let (mean, root) = (&own[means..][..c], &own[roots..][..c]);
        let (gamma, beta) = weights.split_at(c);
        for (x, y) in samples {
            y.fill(T::ZERO);
            for (from, to) in pixels(input, output) {
                let (x, y) = (&x[from..][..c], &mut y[to..][..c]);
                for i in 0..c {
                    let z = (x[i] - mean[i]) * root[i] * gamma[i] + beta[i];
                    y[i] = if self.relu && z < T::ZERO { T::ZERO } else { z };
                }
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (c, input, output) = (self.channels, place.input(), place.output);
        let Parts { sums: [dys, products], agreed: [means, roots, shift, slope], .. } =
            self.parts();
        if at.phase == 1 {
            let count = BatchNorm::count(place, at.batch);
            for i in 0..c {
                let (dy, product) = (total(at.shards, dys + i), total(at.shards, products + i));
                let mut own = lock(&at.shards[at.shard]);
                own[shift + i] = T::of(dy / count);
                own[slope + i] = T::of(product / count);
            }
        }
        let mut own = lock(&at.shards[at.shard]);
        if at.phase == 0 {
            own[dys..][..2 * c].fill(T::ZERO);
        } else if at.dx[0].is_empty() {
            return;
        }
        // The sums stand before all that the shards have agreed on.
        let (sums, agreed) = own.split_at_mut(means);
        let (sum, product) = sums[dys..].split_at_mut(products - dys);
        let of = |part: usize| &agreed[part - means..][..c];
        let (mean, root, shift, slope) = (of(means), of(roots), of(shift), of(slope));
        let gamma = &at.blocks[0].weights[..c];
        for n in 0..at.rows {
            let x = &at.x[0][n * input.stride..][..input.stride];
            let y = &at.y[n * output.stride..][..output.stride];
            let dy = &mut at.dy[n * output.stride..][..output.stride];
            for (from, to) in pixels(input, output) {
                let (x, y, dy) = (&x[from..][..c], &y[to..][..c], &mut dy[to..][..c]);
                if at.phase == 0 {
                    for i in 0..c {
                        let passes = !self.relu || y[i] > T::ZERO;
                        dy[i] = if passes { dy[i] } else { T::ZERO };
                        sum[i] += dy[i];
                        product[i] += dy[i] * (x[i] - mean[i]) * root[i];
                    }
                } else {
                    let dx = &mut at.dx[0][n * input.stride + from..][..c];
                    for i in 0..c {
                        let normal = (x[i] - mean[i]) * root[i];
                        dx[i] = gamma[i] * root[i] * (dy[i] - shift[i] - normal * slope[i]);
                    }
                }
            }
        }
    }

    fn gradient(&self, _: &Place, _: usize, _: usize, whole: Whole<'_, T>, gradient: &mut [T]) {
        let [dys, products] = self.parts().sums;
        let (gamma, beta) = gradient.split_at_mut(self.channels);
        for (i, (gamma, beta)) in gamma.iter_mut().zip(beta).enumerate() {
            *gamma = T::of(total(whole.shards, products + i));
            *beta = T::of(total(whole.shards, dys + i));
        }
    }

    fn observe(&self, _: &Place, _: usize, whole: Whole<'_, T>, block: &mut Block<T>) {
        let (means, variances) = block.statistics.split_at_mut(self.channels);
        for (c, (running_mean, running_variance)) in means.iter_mut().zip(variances).enumerate() {
            let (n, mean, squares) = combine(whole.shards, c, self.channels);
            let move_to = |running: &mut T, now: f64| {
                *running += T::of(self.momentum) * (T::of(now) - *running);
            };
            move_to(running_mean, mean);
            // As PyTorch: the unbiased estimate here, the other one in the forward.
            move_to(running_variance, squares / (n - 1.0).max(1.0));
        }
    }
}
