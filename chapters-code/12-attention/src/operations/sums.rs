//! Sums over a slice, sixteen side by side, for use in kernels.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use backprop::Real;
use backprop::kernels::{Arithmetic, LANES};

/// The sum of all numbers.
#[inline(always)]
pub(super) fn sum<T: Real>(x: &[T]) -> T {
    let mut sums = [T::ZERO; LANES];
    let whole = x.len() / LANES * LANES;
    for x in x[..whole].chunks_exact(LANES) {
        for l in 0..LANES {
            sums[l] += x[l];
        }
    }
    let rest = x[whole..].iter().fold(T::ZERO, |sum, &x| sum + x);
    sums.iter().fold(rest, |sum, &x| sum + x)
}

/// The sum of `a · (b − mean)` over two slices of one length.
#[inline(always)]
pub(super) fn dot<A: Arithmetic, T: Real>(a: &[T], b: &[T], mean: T) -> T {
    let mut sums = [T::ZERO; LANES];
    let whole = a.len() / LANES * LANES;
    for (a, b) in a[..whole].chunks_exact(LANES).zip(b[..whole].chunks_exact(LANES)) {
        for l in 0..LANES {
            sums[l] = A::mul_add(a[l], b[l] - mean, sums[l]);
        }
    }
    let pairs = a[whole..].iter().zip(&b[whole..]);
    let rest = pairs.fold(T::ZERO, |sum, (&a, &b)| sum + a * (b - mean));
    sums.iter().fold(rest, |sum, &x| sum + x)
}

/// The largest number of a slice whose length is a multiple of sixteen; −∞ of none.
#[inline(always)]
pub(super) fn largest<T: Real>(x: &[T]) -> T {
    let mut most = [T::of(f64::NEG_INFINITY); LANES];
    for x in x.chunks_exact(LANES) {
        for l in 0..LANES {
            most[l] = most[l].maximum(x[l]);
        }
    }
    most.iter().fold(most[0], |most, &x| most.maximum(x))
}
