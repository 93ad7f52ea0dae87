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

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use backprop::kernels::buffer::Buffer;
use backprop::kernels::{Arithmetic, Kernel};
use backprop::{
    Backward, Block, First, Forward, Layout, Memory, Needs, Operation, Outline, Piece, Place, Real,
    Result, Shape, Weight, Whole, exactly,
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

    /// With another `ε`, above 0: MobileNetV3 has 10⁻³.
    pub fn epsilon(self, epsilon: f64) -> Self {
        BatchNorm { epsilon, ..self }
    }

    /// With running statistics that move by another share of the way in each step, from 0 to 1: MobileNetV3 has 10⁻².
    pub fn momentum(self, momentum: f64) -> Self {
        BatchNorm { momentum, ..self }
    }

    /// With ReLU after it.
    pub fn with_relu(self) -> Self {
        BatchNorm { relu: true, ..self }
    }

    /// Numbers of a channel in `rows` samples.
    fn count(place: &Place, rows: usize) -> f64 {
        (rows * place.output.shape.positions()) as f64
    }
}

/// Channels whose numbers are combined at once, beside the stack's other numbers.
const AT_ONCE: usize = 256;

/// Mean and sum of squared deviations of so many numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
}

// ANCHOR: combine
impl Moments {
    /// Those of two sets of numbers together.
    fn and(self, other: Moments) -> Moments {
        let (n, apart) = (self.n + other.n, other.mean - self.mean);
        Moments {
            n,
            mean: self.mean + apart * other.n / n,
            squares: self.squares + other.squares + apart * apart * self.n * other.n / n,
        }
    }
}

/// Those of some of the `c` channels, over shards.
fn combine<T: Real>(
    shards: &[Mutex<Buffer<T>>],
    c: usize,
    some: Range<usize>,
) -> [Moments; AT_ONCE] {
    let mut all = [Moments::default(); AT_ONCE];
    for shard in shards {
        let shard = lock(shard);
        let of = |i: usize| shard[i].to_f64();
        for (all, i) in all.iter_mut().zip(some.clone()) {
            *all = all.and(Moments { n: of(2 * c), mean: of(i), squares: of(c + i) });
        }
    }
    all
}
// ANCHOR_END: combine

/// The sums over shards of their numbers from `from` on, as many as there are channels.
fn totals<T: Real>(shards: &[Mutex<Buffer<T>>], from: usize, some: Range<usize>) -> [f64; AT_ONCE] {
    let mut sums = [0.0; AT_ONCE];
    for shard in shards {
        let shard = lock(shard);
        for (sum, x) in sums.iter_mut().zip(&shard[from..][some.clone()]) {
            *sum += x.to_f64();
        }
    }
    sums
}

fn lock<T>(shard: &Mutex<Buffer<T>>) -> MutexGuard<'_, Buffer<T>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a shard keeps what, for `C` channels, after its means, its squared deviations and its count.
struct Parts {
    /// Sums of `dy`, and of `dy · x̂`.
    sums: [usize; 2],
    /// What all shards agree on: mean, and `1 / √(σ² + ε)`.
    agreed: [usize; 2],
    length: usize,
}

impl BatchNorm {
    fn parts(&self) -> Parts {
        let c = self.channels;
        Parts { sums: [2 * c + 1, 3 * c + 1], agreed: [4 * c + 1, 5 * c + 1], length: 6 * c + 1 }
    }

    /// The channels, in groups that are combined at once.
    fn groups(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let c = self.channels;
        (0..c).step_by(AT_ONCE).map(move |first| first..c.min(first + AT_ONCE))
    }

    /// Writes mean and `1 / √(σ² + ε)` of all shards to the numbers of one, and gives those of some channels.
    fn agree<T: Real>(
        &self,
        shards: &[Mutex<Buffer<T>>],
        shard: usize,
        some: Range<usize>,
    ) -> [[T; AT_ONCE]; 2] {
        let moments = combine(shards, self.channels, some.clone());
        let [means, roots] = self.parts().agreed;
        let mut found = [[T::ZERO; AT_ONCE]; 2];
        for (i, Moments { n, mean, squares }) in moments[..some.len()].iter().enumerate() {
            found[0][i] = T::of(*mean);
            found[1][i] = T::of(1.0 / (squares / n + self.epsilon).sqrt());
        }
        let mut own = lock(&shards[shard]);
        own[means..][some.clone()].copy_from_slice(&found[0][..some.len()]);
        own[roots..][some.clone()].copy_from_slice(&found[1][..some.len()]);
        found
    }

    /// Running mean and `1 / √(σ² + ε)` of some channels.
    fn running<T: Real>(&self, weights: [&[T]; 4], some: Range<usize>) -> [[T; AT_ONCE]; 2] {
        let [_, _, means, variances] = weights.map(|numbers| &numbers[some.clone()]);
        let mut found = [[T::ZERO; AT_ONCE]; 2];
        found[0][..means.len()].copy_from_slice(means);
        for (root, &variance) in found[1].iter_mut().zip(variances) {
            *root = T::ONE / (variance + T::of(self.epsilon)).sqrt();
        }
        found
    }
}

impl<T: Real> Operation<T> for BatchNorm {
    fn name(&self) -> &'static str {
        "batch normalisation"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if input.channels != self.channels || self.channels == 0 {
            let what = format!("it takes {} channels and its input is {input}", self.channels);
            return fault(what, "make the two agree");
        }
        if !(self.epsilon > 0.0 && self.epsilon.is_finite()) {
            return fault(format!("its ε is {}", self.epsilon), "give a small number above 0");
        }
        if !(0.0..=1.0).contains(&self.momentum) {
            return fault(format!("its momentum is {}", self.momentum), "give 0 to 1");
        }
        Ok(input.into())
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let of = |name, first| Weight::plain(name, vec![self.channels]).first(first);
        Needs {
            weights: vec![
                of("weight", First::One),
                of("bias", First::Zero),
                of("running_mean", First::Zero).untrained(),
                of("running_var", First::One).untrained(),
            ],
            memory: Memory { sample: 0, shard: self.parts().length },
            phases: if place.training { 2 } else { 1 },
            cut: place.output.shape.is_image(),
        }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let training = at.moment.training;
        if place.training && at.phase == 0 {
            if training {
                let (layout, c) = (place.input(), self.channels);
                let count = T::of(BatchNorm::count(place, at.rows));
                let own = &mut lock(&at.shards[at.shard])[..];
                T::vectorised(Find { layout, x: at.x[0], count, c, own });
            }
            return;
        }
        let weights = [0, 1, 2, 3].map(|weight| &at.weights.get(weight)[0].weights[..]);
        at.y.fill(T::ZERO);
        for some in self.groups() {
            let [mean, root] = match training {
                true => self.agree(at.shards, at.shard, some.clone()),
                false => self.running(weights, some.clone()),
            };
            T::vectorised(Normalise {
                layouts: [place.input(), place.output],
                lines: at.lines.clone(),
                start: at.start,
                x: at.x[0],
                y: &mut *at.y,
                first: some.start,
                mean: &mean[..some.len()],
                root: &root[..some.len()],
                gamma: &weights[0][some.clone()],
                beta: &weights[1][some],
                relu: self.relu,
            });
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (c, layouts) = (self.channels, [place.input(), place.output]);
        let Parts { sums: [dys, products], agreed: [means, roots], .. } = self.parts();
        let [dx, ..] = at.dx;
        if at.phase == 0 {
            let mut own = lock(&at.shards[at.shard]);
            // The sums stand before all that the shards have agreed on.
            let (sums, agreed) = own.split_at_mut(means);
            let (sum, product) = sums[dys..].split_at_mut(products - dys);
            let (mean, root) = agreed[..roots - means + c].split_at(c);
            let (x, y, dy, relu) = (at.x[0], at.y, at.dy, self.relu);
            T::vectorised(Sums { layouts, x, y, dy, sum, product, mean, root, relu });
            return;
        }
        if dx.is_empty() {
            return;
        }
        dx.fill(T::ZERO);
        let count = BatchNorm::count(place, at.batch);
        for some in self.groups() {
            let n = some.len();
            let mut agreed = [[T::ZERO; AT_ONCE]; 4];
            for (to, from) in agreed.iter_mut().zip([dys, products]) {
                let sums = totals(at.shards, from, some.clone());
                to.iter_mut().zip(&sums[..n]).for_each(|(to, sum)| *to = T::of(sum / count));
            }
            {
                // Copied, so that no shard waits for the loop over this one's rows.
                let own = lock(&at.shards[at.shard]);
                agreed[2][..n].copy_from_slice(&own[means..][some.clone()]);
                agreed[3][..n].copy_from_slice(&own[roots..][some.clone()]);
            }
            let [shift, slope, mean, root] = agreed.each_ref().map(|numbers| &numbers[..n]);
            let gamma = &at.weights.get(0)[0].weights[some.clone()];
            let (x, dy, first) = (at.x[0], &*at.dy, some.start);
            let dx = &mut *dx;
            T::vectorised(Spread { layouts, x, dy, dx, first, shift, slope, mean, root, gamma });
        }
    }

    fn gradient(&self, _: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let [dys, products] = self.parts().sums;
        let from = if of.weight == 0 { products } else { dys };
        for some in self.groups() {
            let sums = totals(whole.shards, from, some.clone());
            for (g, sum) in gradient[some].iter_mut().zip(sums) {
                *g = if of.add { *g + T::of(sum) } else { T::of(sum) };
            }
        }
    }

    fn observe(&self, _: &Place, weight: usize, whole: Whole<'_, T>, block: &mut Block<T>) {
        if weight < 2 {
            return;
        }
        for some in self.groups() {
            let moments = combine(whole.shards, self.channels, some.clone());
            for (running, Moments { n, mean, squares }) in
                block.weights[some].iter_mut().zip(moments)
            {
                // As PyTorch: the unbiased estimate here, the other one in the forward.
                let now = if weight == 2 { mean } else { squares / (n - 1.0).max(1.0) };
                *running += T::of(self.momentum) * (T::of(now) - *running);
            }
        }
    }
}

/// Mean and squared deviations of the rows of a shard, and their count, to its own numbers.
struct Find<'a, T> {
    layout: Layout,
    x: &'a [T],
    count: T,
    c: usize,
    own: &'a mut [T],
}

impl<T: Real> Kernel for Find<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Find { layout, x, count, c, own } = self;
        let (means, rest) = own.split_at_mut(c);
        let (squares, rest) = rest.split_at_mut(c);
        means.fill(T::ZERO);
        squares.fill(T::ZERO);
        rest[0] = count;
        let lines = 0..layout.shape.height;
        for x in x.chunks_exact(layout.stride) {
            for line in lines.clone() {
                for column in 0..layout.shape.width {
                    let at = layout.at(line, column);
                    means.iter_mut().zip(&x[at..][..c]).for_each(|(sum, &x)| *sum += x);
                }
            }
        }
        means.iter_mut().for_each(|sum| *sum = *sum / count);
        for x in x.chunks_exact(layout.stride) {
            for line in lines.clone() {
                for column in 0..layout.shape.width {
                    let at = layout.at(line, column);
                    for ((sum, &mean), &x) in squares.iter_mut().zip(&*means).zip(&x[at..][..c]) {
                        *sum += (x - mean) * (x - mean);
                    }
                }
            }
        }
    }
}

/// `y = γ (x − μ) / √(σ² + ε) + β` for some channels.
struct Normalise<'a, T> {
    layouts: [Layout; 2],
    lines: Range<usize>,
    start: usize,
    x: &'a [T],
    y: &'a mut [T],
    first: usize,
    mean: &'a [T],
    root: &'a [T],
    gamma: &'a [T],
    beta: &'a [T],
    relu: bool,
}

impl<T: Real> Kernel for Normalise<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Normalise { layouts: [input, output], lines, start, x, y, first, .. } = self;
        let Normalise { mean, root, gamma, beta, relu, .. } = self;
        let c = mean.len();
        let (root, gamma, beta) = (&root[..c], &gamma[..c], &beta[..c]);
        // Of one sample there may be a piece alone.
        let lines = if lines.len() == output.cuts() { 0..output.shape.height } else { lines };
        for (x, y) in x.chunks_exact(input.stride).zip(y.chunks_mut(output.stride)) {
            for line in lines.clone() {
                for column in 0..input.shape.width {
                    let from = input.at(line, column);
                    let to = output.at(line, column) - start;
                    let (x, y) = (&x[from + first..][..c], &mut y[to + first..][..c]);
                    for i in 0..c {
                        let z = (x[i] - mean[i]) * root[i] * gamma[i] + beta[i];
                        y[i] = if relu && z < T::ZERO { T::ZERO } else { z };
                    }
                }
            }
        }
    }
}

/// `Σ dy` and `Σ dy · x̂` of a shard, after `dy` is nought where ReLU let nothing pass.
struct Sums<'a, T> {
    layouts: [Layout; 2],
    x: &'a [T],
    y: &'a [T],
    dy: &'a mut [T],
    sum: &'a mut [T],
    product: &'a mut [T],
    mean: &'a [T],
    root: &'a [T],
    relu: bool,
}

impl<T: Real> Kernel for Sums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Sums { layouts: [input, output], x, y, dy, sum, product, mean, root, relu } = self;
        let c = mean.len();
        let (root, sum, product) = (&root[..c], &mut sum[..c], &mut product[..c]);
        sum.fill(T::ZERO);
        product.fill(T::ZERO);
        let samples = x.chunks_exact(input.stride).zip(y.chunks_exact(output.stride));
        for ((x, y), dy) in samples.zip(dy.chunks_exact_mut(output.stride)) {
            for line in 0..input.shape.height {
                for column in 0..input.shape.width {
                    let from = input.at(line, column);
                    let to = output.at(line, column);
                    let (x, y, dy) = (&x[from..][..c], &y[to..][..c], &mut dy[to..][..c]);
                    for i in 0..c {
                        let passes = !relu || y[i] > T::ZERO;
                        dy[i] = if passes { dy[i] } else { T::ZERO };
                        sum[i] += dy[i];
                        product[i] += dy[i] * (x[i] - mean[i]) * root[i];
                    }
                }
            }
        }
    }
}

/// `dx = γ / √(σ² + ε) · (dy − dβ / M − x̂ · dγ / M)` for some channels.
struct Spread<'a, T> {
    layouts: [Layout; 2],
    x: &'a [T],
    dy: &'a [T],
    dx: &'a mut [T],
    first: usize,
    shift: &'a [T],
    slope: &'a [T],
    mean: &'a [T],
    root: &'a [T],
    gamma: &'a [T],
}

impl<T: Real> Kernel for Spread<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Spread { layouts: [input, output], x, dy, dx, first, .. } = self;
        let Spread { shift, slope, mean, root, gamma, .. } = self;
        let c = mean.len();
        let (shift, slope, root, gamma) = (&shift[..c], &slope[..c], &root[..c], &gamma[..c]);
        let samples = x.chunks_exact(input.stride).zip(dy.chunks_exact(output.stride));
        for ((x, dy), dx) in samples.zip(dx.chunks_exact_mut(input.stride)) {
            for line in 0..input.shape.height {
                for column in 0..input.shape.width {
                    let from = input.at(line, column);
                    let to = output.at(line, column);
                    let (x, dy) = (&x[from + first..][..c], &dy[to + first..][..c]);
                    let dx = &mut dx[from + first..][..c];
                    for i in 0..c {
                        let normal = (x[i] - mean[i]) * root[i];
                        dx[i] = gamma[i] * root[i] * (dy[i] - shift[i] - normal * slope[i]);
                    }
                }
            }
        }
    }
}
