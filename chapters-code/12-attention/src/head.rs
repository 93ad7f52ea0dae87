//! One head of attention (Vaswani and others, 2017): by definition, in matrices, and in tiles whose scores are never all there
//! at once (Milakov and Gimelshein, 2018; Dao and others, 2022).
//!
//! There are `T` queries and `S` keys of `d` numbers, and `S` values of `D` numbers.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, s};

use crate::{Error, Result};

// ANCHOR: mask
/// Which keys a query may look at.
#[derive(Clone, Debug, Default)]
pub enum Mask {
    /// All.
    #[default]
    None,
    /// Those at its own place and before.
    Causal,
    /// Those that are true in its row, `(T, S)`.
    Allowed(Array2<bool>),
}

impl Mask {
    /// May query `i` look at key `j`?
    pub fn allows(&self, i: usize, j: usize) -> bool {
        match self {
            Mask::None => true,
            Mask::Causal => j <= i,
            Mask::Allowed(allowed) => allowed[[i, j]],
        }
    }
}
// ANCHOR_END: mask

/// What one head is given.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    q: ArrayView2<'a, f32>,
    k: ArrayView2<'a, f32>,
    v: ArrayView2<'a, f32>,
    mask: &'a Mask,
    scale: f32,
}

/// The gradients of what a head was given, each of the shape of its array.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients {
    /// Of the queries, `(T, d)`.
    pub dq: Array2<f32>,
    /// Of the keys, `(S, d)`.
    pub dk: Array2<f32>,
    /// Of the values, `(S, D)`.
    pub dv: Array2<f32>,
}

impl<'a> Head<'a> {
    /// Queries `(T, d)`, keys `(S, d)` and values `(S, D)`; scores are divided by the root of `d`.
    ///
    /// # Errors
    /// Where the shapes do not belong together.
    pub fn new(
        q: ArrayView2<'a, f32>,
        k: ArrayView2<'a, f32>,
        v: ArrayView2<'a, f32>,
        mask: &'a Mask,
    ) -> Result<Head<'a>> {
        let hold = |what, found: [usize; 2], expected: [usize; 2]| match found == expected {
            true => Ok(()),
            false => Err(Error::Shape { what, found, expected }),
        };
        hold("keys", [k.nrows(), k.ncols()], [k.nrows(), q.ncols()])?;
        hold("values", [v.nrows(), v.ncols()], [k.nrows(), v.ncols()])?;
        if let Mask::Allowed(allowed) = mask {
            hold("mask", [allowed.nrows(), allowed.ncols()], [q.nrows(), k.nrows()])?;
        }
        let scale = 1.0 / (q.ncols() as f32).sqrt();
        Ok(Head { q, k, v, mask, scale })
    }

    /// The same head with another factor in place of one over the root of `d`.
    pub fn scaled(self, scale: f32) -> Head<'a> {
        Head { scale, ..self }
    }

    // ANCHOR: definition
    /// The outputs `(T, D)`, a query after the other, as the definition says.
    pub fn by_definition(&self) -> Array2<f32> {
        let mut y = Array2::zeros((self.q.nrows(), self.v.ncols()));
        for (i, mut y) in y.outer_iter_mut().enumerate() {
            let seen: Vec<usize> =
                (0..self.k.nrows()).filter(|&j| self.mask.allows(i, j)).collect();
            let score = |&j: &usize| self.scale * self.q.row(i).dot(&self.k.row(j));
            let scores: Vec<f32> = seen.iter().map(score).collect();
            let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let shares: Vec<f32> = scores.iter().map(|z| (z - largest).exp()).collect();
            let sum: f32 = shares.iter().sum();
            for (&j, share) in seen.iter().zip(&shares) {
                y.scaled_add(share / sum, &self.v.row(j));
            }
        }
        y
    }
    // ANCHOR_END: definition

    // ANCHOR: matrices
    /// The weights `(T, S)`. The rows of a query that may look somewhere add up
    /// to 1; the others are zero.
    pub fn weights(&self) -> Array2<f32> {
        let mut p = Array2::zeros((self.q.nrows(), self.k.nrows()));
        self.score(&mut p.view_mut(), [0, 0]);
        for mut row in p.outer_iter_mut() {
            let mut running = Running::default();
            running.take(&mut row);
            row /= running.divisor();
        }
        p
    }

    /// The outputs `(T, D)` by two products of matrices.
    pub fn in_matrices(&self) -> Array2<f32> {
        self.weights().dot(&self.v)
    }
    // ANCHOR_END: matrices

    /// Scores of as many queries and keys as `z` has rows and columns, from query and key `at` on. Where the mask says no, they are
    /// −∞.
    fn score(&self, z: &mut ArrayViewMut2<'_, f32>, at: [usize; 2]) {
        let q = self.q.slice(s![at[0]..at[0] + z.nrows(), ..]);
        let k = self.k.slice(s![at[1]..at[1] + z.ncols(), ..]);
        general_mat_mul(self.scale, &q, &k.t(), 0.0, z);
        if !matches!(self.mask, Mask::None) {
            for ((i, j), z) in z.indexed_iter_mut() {
                if !self.mask.allows(at[0] + i, at[1] + j) {
                    *z = f32::NEG_INFINITY;
                }
            }
        }
    }

    // ANCHOR: tiles
    /// The outputs `(T, D)` from tiles of so many queries by so many keys, at
    /// least one each. There is memory for the scores of one tile.
    pub fn in_tiles(&self, [rows, columns]: [usize; 2]) -> Array2<f32> {
        let (rows, columns) = (rows.max(1), columns.max(1));
        let (queries, keys) = (self.q.nrows(), self.k.nrows());
        let mut y = Array2::zeros((queries, self.v.ncols()));
        let mut tile = Array2::zeros((rows.min(queries), columns.min(keys)));
        for (at, mut y) in y.axis_chunks_iter_mut(Axis(0), rows).enumerate() {
            let mut running = vec![Running::default(); y.nrows()];
            for from in (0..keys).step_by(columns) {
                let to = (from + columns).min(keys);
                let mut z = tile.slice_mut(s![..y.nrows(), ..to - from]);
                self.score(&mut z, [at * rows, from]);
                for (i, running) in running.iter_mut().enumerate() {
                    let shrunk = running.take(&mut z.row_mut(i));
                    y.row_mut(i).mapv_inplace(|y| y * shrunk);
                }
                general_mat_mul(1.0, &z, &self.v.slice(s![from..to, ..]), 1.0, &mut y);
            }
            for (mut y, running) in y.outer_iter_mut().zip(&running) {
                y /= running.divisor();
            }
        }
        y
    }
    // ANCHOR_END: tiles

    // ANCHOR: backward
    /// The gradients of queries, keys and values from `dy`, that of the outputs.
    ///
    /// # Errors
    /// Where `dy` is not `(T, D)`.
    pub fn backward(&self, dy: ArrayView2<'_, f32>) -> Result<Gradients> {
        let (found, expected) = (dy.dim().into(), [self.q.nrows(), self.v.ncols()]);
        if found != expected {
            return Err(Error::Shape { what: "gradient of the outputs", found, expected });
        }
        let p = self.weights();
        let dv = p.t().dot(&dy);
        let dp = dy.dot(&self.v.t());
        let held: Array1<f32> = (&p * &dp).sum_axis(Axis(1));
        let dz = self.scale * &p * (dp - held.insert_axis(Axis(1)));
        Ok(Gradients { dq: dz.dot(&self.k), dk: dz.t().dot(&self.q), dv })
    }
    // ANCHOR_END: backward
}

// ANCHOR: running
/// The largest of the scores that a query has met, and the sum of their
/// exponentials, each divided by that of the largest.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// The largest score; −∞ before the first.
    pub largest: f32,
    /// The sum.
    pub sum: f32,
}

impl Running {
    /// Meets more scores, and makes exponentials of them. What was computed with
    /// the scores before is to be multiplied by the factor that comes back.
    pub fn take(&mut self, scores: &mut ArrayViewMut1<'_, f32>) -> f32 {
        let largest = scores.fold(self.largest, |most, &z| most.max(z));
        if largest == f32::NEG_INFINITY {
            scores.fill(0.0);
            return 1.0;
        }
        let shrunk = (self.largest - largest).exp();
        scores.mapv_inplace(|z| (z - largest).exp());
        *self = Running { largest, sum: self.sum * shrunk + scores.sum() };
        shrunk
    }

    /// What the outputs are divided by; a query that met nothing has zeros.
    pub fn divisor(&self) -> f32 {
        if self.sum > 0.0 { self.sum } else { 1.0 }
    }
}
// ANCHOR_END: running

impl Default for Running {
    fn default() -> Self {
        Running { largest: f32::NEG_INFINITY, sum: 0.0 }
    }
}

// ANCHOR: bytes
/// Bytes of what [`Head::in_matrices`] makes of `queries` and `keys` with values
/// of `width` numbers: the weights and the outputs.
pub fn bytes_in_matrices([queries, keys, width]: [usize; 3]) -> usize {
    size_of::<f32>() * (queries * keys + queries * width)
}

/// Bytes of what [`Head::in_tiles`] makes: one tile, two numbers for each of its
/// rows, and the outputs.
pub fn bytes_in_tiles([queries, keys, width]: [usize; 3], [rows, columns]: [usize; 2]) -> usize {
    let rows = rows.min(queries);
    size_of::<f32>() * (rows * columns.min(keys) + 2 * rows + queries * width)
}
// ANCHOR_END: bytes
