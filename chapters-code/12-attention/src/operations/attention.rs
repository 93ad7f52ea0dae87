//! Attention of each token to all tokens of its sequence, or to those up to itself, with several heads (Vaswani and others, 2017).
//!
//! `x` is `(T, 3 C)`: queries, keys and values, each `(T, C)`, packed `[q | k | v]` as PyTorch's `in_proj` has them. A head
//! has `d = C / heads` numbers of each. `y` is `(T, C)`, the heads side by side:
//!
//! ```text
//! P = softmax(Q Kᵀ / √d)      (T, T)        Y = P V        (T, d)
//! ```
//!
//! Backward, with `∘` number by number:
//!
//! ```text
//! dV = Pᵀ dY        dP = dY Vᵀ        dZ = P ∘ (dP − rows of P ∘ dP, summed) / √d        dQ = dZ K        dK = dZᵀ Q
//! ```
//!
//! Each of the six products costs `2 · T² · d` operations for each head. A training keeps `P`, `heads · T²` numbers for each
//! sample. The kernel of products reads whole panels of sixteen columns, so what it reads in this way is copied, and filled
//! up with zeros.

use std::sync::PoisonError;

use backprop::kernels::curves::exp;
use backprop::kernels::product::{Order, Product};
use backprop::kernels::{Arithmetic, Kernel, LANES};
use backprop::{
    Backward, Forward, Layout, Memory, Needs, Operation, Outline, Place, Real, Result, Shape,
    exactly,
};

use super::refusal::refuse;
use super::sums::{dot, largest, sum};

/// Attention with several heads, from packed queries, keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// How many heads.
    pub heads: usize,
    /// Whether a token may look at those up to itself only.
    pub causal: bool,
}

/// What a head of one sample is computed from: sizes, and how its numbers lie.
#[derive(Clone, Copy)]
struct Sizes {
    /// Tokens, `T`, and the same filled up to whole panels.
    tokens: usize,
    padded: usize,
    /// Numbers in a query, `d`, and the same filled up.
    width: usize,
    wide: usize,
    /// From one token to the next in queries, keys and values, and in the output.
    from: usize,
    to: usize,
}

/// Memory for one head at work.
struct Scratch<'a, T> {
    /// `(d, T)`, columns filled up: keys or values on their side.
    columns: &'a mut [T],
    /// `(T, d)`, columns filled up: what stands on the right of a product.
    right: &'a mut [T],
    /// `(T, d)`, columns filled up: what comes out.
    result: &'a mut [T],
    /// `(T, T)`, columns filled up.
    square: &'a mut [T],
}

impl Attention {
    fn sizes(&self, place: &Place) -> Sizes {
        let (a, b) = (place.input(), place.output);
        let Shape { width: tokens, channels, .. } = b.shape;
        let width = channels / self.heads;
        let [padded, wide] = [tokens, width].map(|n| n.next_multiple_of(LANES));
        Sizes { tokens, padded, width, wide, from: a.pixel, to: b.pixel }
    }

    /// Where head `h` has its queries, keys and values in a token of `C` channels in the output.
    fn parts(&self, output: Layout, h: usize) -> [usize; 3] {
        let c = output.shape.channels;
        [0, c, 2 * c].map(|first| first + h * (c / self.heads))
    }
}

impl<T: Real> Operation<T> for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if !input.tokens || input.width == 0 {
            return refuse(format!("it takes a sequence, not {input}"), "give it tokens");
        }
        let Shape { channels, width: tokens, .. } = input;
        if self.heads == 0 || channels == 0 || !channels.is_multiple_of(3 * self.heads) {
            let fault = format!("queries, keys and values of {} heads in {channels}", self.heads);
            return refuse(fault, "give it three times a multiple of its heads");
        }
        let output = Shape::sequence(tokens, channels / 3);
        let multiply_adds = 2 * (tokens * tokens * output.channels) as u64;
        Ok(Outline { multiply_adds, ..output.into() })
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        let sizes = self.sizes(place);
        let sample = if place.training { self.heads * sizes.square() } else { 0 };
        Needs { memory: Memory { sample, shard: sizes.scratch() }, ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b, sizes) = (place.input(), place.output, self.sizes(place));
        let mut own = at.shards[at.shard].lock().unwrap_or_else(PoisonError::into_inner);
        let Scratch { columns, right, result, square } = sizes.split(&mut own);
        at.y.fill(T::ZERO);
        let samples = at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride));
        for (n, (x, y)) in samples.enumerate() {
            for h in 0..self.heads {
                let kept = (n * self.heads + h) * sizes.square();
                let p = match place.training {
                    true => &mut at.saved[kept..][..sizes.square()],
                    false => &mut *square,
                };
                // ANCHOR: forward
                let [q, k, v] = self.parts(b, h).map(|first| &x[first..]);
                sizes.turn(k, sizes.from, columns);
                sizes.scores(q, sizes.from, columns, p);
                T::vectorised(Softmax { sizes, causal: self.causal, p });
                sizes.copy(v, sizes.from, right);
                sizes.mix(p, Order::Rows(sizes.padded), right, result);
                sizes.paste(result, &mut y[h * sizes.width..], sizes.to);
                // ANCHOR_END: forward
            }
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b, sizes) = (place.input(), place.output, self.sizes(place));
        let mut own = at.shards[at.shard].lock().unwrap_or_else(PoisonError::into_inner);
        let Scratch { columns, right, result, square } = sizes.split(&mut own);
        let [dx, ..] = at.dx;
        dx.fill(T::ZERO);
        let samples = dx.chunks_exact_mut(a.stride).zip(at.dy.chunks_exact(b.stride));
        for (n, ((dx, dy), x)) in samples.zip(at.x[0].chunks_exact(a.stride)).enumerate() {
            for h in 0..self.heads {
                let p = &at.saved[(n * self.heads + h) * sizes.square()..][..sizes.square()];
                let dy = &dy[h * sizes.width..];
                // ANCHOR: backward
                let parts = self.parts(b, h);
                let [q, k, v] = parts.map(|first| &x[first..]);
                let (rows, turned) = (Order::Rows(sizes.padded), Order::Columns(sizes.padded));
                sizes.copy(dy, sizes.to, right);
                sizes.mix(p, turned, right, result);
                sizes.paste(result, &mut dx[parts[2]..], sizes.from);
                sizes.turn(v, sizes.from, columns);
                sizes.scores(dy, sizes.to, columns, square);
                T::vectorised(Back { sizes, p, dz: square });
                sizes.copy(k, sizes.from, right);
                sizes.mix(square, rows, right, result);
                sizes.paste(result, &mut dx[parts[0]..], sizes.from);
                sizes.copy(q, sizes.from, right);
                sizes.mix(square, turned, right, result);
                sizes.paste(result, &mut dx[parts[1]..], sizes.from);
                // ANCHOR_END: backward
            }
        }
    }
}

impl Sizes {
    /// Numbers of `(T, T)` with filled up columns.
    fn square(self) -> usize {
        self.tokens * self.padded
    }

    /// Numbers of a [`Scratch`].
    fn scratch(self) -> usize {
        self.width * self.padded + 2 * self.tokens * self.wide + self.square()
    }

    fn split<T>(self, own: &mut [T]) -> Scratch<'_, T> {
        let (columns, rest) = own.split_at_mut(self.width * self.padded);
        let (right, rest) = rest.split_at_mut(self.tokens * self.wide);
        let (result, square) = rest.split_at_mut(self.tokens * self.wide);
        Scratch { columns, right, result, square }
    }

    /// One over the root of `d`.
    fn scale<T: Real>(self) -> T {
        T::of(1.0 / (self.width as f64).sqrt())
    }

    /// `columns = xᵀ`. What fills its rows up stays zero.
    fn turn<T: Real>(self, x: &[T], stride: usize, columns: &mut [T]) {
        for t in 0..self.tokens {
            for (c, &x) in x[t * stride..][..self.width].iter().enumerate() {
                columns[c * self.padded + t] = x;
            }
        }
    }

    /// `right = x`. What fills its rows up stays zero.
    fn copy<T: Real>(self, x: &[T], stride: usize, right: &mut [T]) {
        for (t, right) in right.chunks_exact_mut(self.wide).enumerate() {
            right[..self.width].copy_from_slice(&x[t * stride..][..self.width]);
        }
    }

    /// `y = result`, in the columns of one head.
    fn paste<T: Real>(self, result: &[T], y: &mut [T], stride: usize) {
        for (t, result) in result.chunks_exact(self.wide).enumerate() {
            y[t * stride..][..self.width].copy_from_slice(&result[..self.width]);
        }
    }

    /// `square = x · columns`, with `x` of `(T, d)`.
    fn scores<T: Real>(self, x: &[T], stride: usize, columns: &[T], square: &mut [T]) {
        let (depth, order) = (self.width, Order::Rows(stride));
        self.product(depth, (x, order), (columns, self.padded), square);
    }

    /// `result = square · right`, or with `square` on its side.
    fn mix<T: Real>(self, square: &[T], order: Order, right: &[T], result: &mut [T]) {
        self.product(self.tokens, (square, order), (right, self.wide), result);
    }

    /// `c = a · b`: `T` rows, as many columns as `b` has, whole panels.
    fn product<T: Real>(
        self,
        depth: usize,
        (a, order): (&[T], Order),
        (b, columns): (&[T], usize),
        c: &mut [T],
    ) {
        for first in (0..columns).step_by(LANES) {
            T::vectorised(Product {
                rows: self.tokens,
                depth,
                a,
                order,
                b: &b[first..],
                b_stride: columns,
                c: &mut c[first..],
                c_stride: columns,
                add: false,
            });
        }
    }
}

/// Makes weights of products of queries and keys.
struct Softmax<'a, T> {
    sizes: Sizes,
    causal: bool,
    p: &'a mut [T],
}

impl<T: Real> Kernel for Softmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Softmax { sizes, causal, p } = self;
        let scale = sizes.scale::<T>();
        for (i, row) in p.chunks_exact_mut(sizes.padded).enumerate() {
            let seen = if causal { i + 1 } else { sizes.tokens };
            // ANCHOR: softmax
            // What may not be seen takes part as a copy of the first, so that
            // panels stay whole; then its weight is nought.
            let first = row[0];
            row[seen..].fill(first);
            let most = largest(row);
            for z in row.iter_mut() {
                *z = exp::<A, T>((*z - most) * scale);
            }
            row[seen..].fill(T::ZERO);
            let share = T::ONE / sum(row);
            row.iter_mut().for_each(|p| *p = *p * share);
            // ANCHOR_END: softmax
        }
    }
}

/// Makes `dZ` of `dP`.
struct Back<'a, T> {
    sizes: Sizes,
    p: &'a [T],
    dz: &'a mut [T],
}

impl<T: Real> Kernel for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Back { sizes, p, dz } = self;
        let scale = sizes.scale::<T>();
        for (p, dz) in p.chunks_exact(sizes.padded).zip(dz.chunks_exact_mut(sizes.padded)) {
            let held = dot::<A, T>(p, dz, T::ZERO);
            for (dz, &p) in dz.iter_mut().zip(p) {
                *dz = p * (*dz - held) * scale;
            }
        }
    }
}
