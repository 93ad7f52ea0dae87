//! The matrix product, `C = A · B` or `C += A · B`, for a panel `B` of sixteen columns.
//!
//! A *tile* of six rows of `C` by sixteen columns stays in registers (twelve registers of eight `f32`)
//! while the sum runs over the depth: twelve multiply-adds for eight loads. See Goto and van de Geijn (2008).
//!
//! For whoever changes a kernel, what the compiler was seen to do:
//!
//! - Sums stay in registers only if the last thing that happens to them is a store to memory that lies together. What is
//!   to be done with them afterwards (a largest, ReLU) reads them back from there. A largest before the store
//!   made scalar code of the whole loop, and cost a convolution's forward a quarter of its speed.
//! - `std::array::from_fn` with a closure is not always inlined in a kernel, and is then compiled for any processor. Use loops.
//! - A loop that reads and writes through fields of `&mut self` stays scalar, because the two might overlap. Copy to local
//!   arrays first.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use super::{Arithmetic, Kernel, LANES};
use crate::Real;

/// A product of `rows × depth` by `depth × 16`.
///
/// Cost: `2 · 16 · rows · depth` operations.
#[derive(Debug)]
pub struct Product<'a, T> {
    /// Rows of `A` and of `C`.
    pub rows: usize,
    /// Columns of `A`, rows of `B`: how many terms each sum has.
    pub depth: usize,
    /// `A`.
    pub a: &'a [T],
    /// Which way `A` lies in memory.
    pub order: Order,
    /// `B`, of which row `k` is `b[k · b_stride ..][..16]`.
    pub b: &'a [T],
    /// From one row of `B` to the next, at least 16.
    pub b_stride: usize,
    /// `C`, of which row `r` is `c[r · c_stride ..][..16]`.
    pub c: &'a mut [T],
    /// From one row of `C` to the next, at least 16.
    pub c_stride: usize,
    /// True: `C += A · B`. False: `C = A · B`.
    pub add: bool,
}

/// Which way a matrix `A` lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Element `(r, k)` is `a[r · stride + k]`.
    Rows(usize),
    /// Element `(r, k)` is `a[k · stride + r]`: the matrix is stored transposed.
    Columns(usize),
}

/// How many rows to take next of `left`: six, or four where that leaves no thin rest.
#[inline(always)]
fn height(left: usize) -> usize {
    match left {
        7 | 8 => 4,
        _ => left.min(6),
    }
}

impl<T: Real> Kernel for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let mut first = 0;
        while first < self.rows {
            let height = height(self.rows - first);
            match height {
                6 => self.tile::<A, 6>(first),
                5 => self.tile::<A, 5>(first),
                4 => self.tile::<A, 4>(first),
                3 => self.tile::<A, 3>(first),
                2 => self.tile::<A, 2>(first),
                _ => self.tile::<A, 1>(first),
            }
            first += height;
        }
    }
}

impl<T: Real> Product<'_, T> {
    /// `R` rows of `C`, from `first`.
    #[inline(always)]
    fn tile<A: Arithmetic, const R: usize>(&mut self, first: usize) {
        let mut sums = [[T::ZERO; LANES]; R];
        match self.order {
            Order::Rows(stride) => self.sum_rows::<A, R>(first, stride, &mut sums),
            Order::Columns(stride) => self.sum_columns::<A, R>(first, stride, &mut sums),
        }
        for (r, sums) in sums.iter().enumerate() {
            let c = &mut self.c[(first + r) * self.c_stride..][..LANES];
            for (c, &sum) in c.iter_mut().zip(sums) {
                *c = if self.add { *c + sum } else { sum };
            }
        }
    }

    // ANCHOR: tile
    #[inline(always)]
    fn sum_rows<A: Arithmetic, const R: usize>(
        &self,
        first: usize,
        stride: usize,
        sums: &mut [[T; LANES]; R],
    ) {
        // Slices of one length, so that the loop needs one check of bounds and not seven.
        let depth = self.depth;
        let a: [&[T]; R] = std::array::from_fn(|r| &self.a[(first + r) * stride..][..depth]);
        let mut rows = *sums;
        for k in 0..depth {
            let b: &[T] = &self.b[k * self.b_stride..][..LANES];
            for r in 0..R {
                let x = a[r][k];
                for j in 0..LANES {
                    rows[r][j] = A::mul_add(x, b[j], rows[r][j]);
                }
            }
        }
        *sums = rows;
    }
    // ANCHOR_END: tile

    #[inline(always)]
    fn sum_columns<A: Arithmetic, const R: usize>(
        &self,
        first: usize,
        stride: usize,
        sums: &mut [[T; LANES]; R],
    ) {
        let mut rows = *sums;
        for k in 0..self.depth {
            let a: &[T] = &self.a[k * stride + first..][..R];
            let b: &[T] = &self.b[k * self.b_stride..][..LANES];
            for r in 0..R {
                for j in 0..LANES {
                    rows[r][j] = A::mul_add(a[r], b[j], rows[r][j]);
                }
            }
        }
        *sums = rows;
    }
}

/// The definition, for tests and for the first row of the benchmark.
pub fn naive<T: Real>(product: Product<'_, T>) {
    let Product { rows, depth, a, order, b, b_stride, c, c_stride, add } = product;
    for r in 0..rows {
        for j in 0..LANES {
            let mut sum = if add { c[r * c_stride + j] } else { T::ZERO };
            for k in 0..depth {
                let x = match order {
                    Order::Rows(stride) => a[r * stride + k],
                    Order::Columns(stride) => a[k * stride + r],
                };
                sum += x * b[k * b_stride + j];
            }
            c[r * c_stride + j] = sum;
        }
    }
}
