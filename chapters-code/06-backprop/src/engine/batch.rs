//! What a step is given: samples, and what is asked of them.

use crate::Real;

/// A mini-batch, or anything else with samples.
pub trait Batch<T>: Sync {
    /// How many samples.
    fn len(&self) -> usize;

    /// True without samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the input of sample `i` to `to`, in the order `(C, H, W)` or `(T, C)`. Called from many threads.
    fn input(&self, i: usize, to: &mut [T]);

    /// The class of sample `i`, or of its token at `position`; nothing where none is asked for. The loss is the mean over
    /// all that are asked for.
    fn label(&self, i: usize, position: usize) -> Option<usize>;
}

/// Samples that lie in memory one after another.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T> {
    /// Inputs, `(N, D)`.
    pub x: &'a [T],
    /// Classes, `(N,)`.
    pub labels: &'a [usize],
}

impl<T: Real> Batch<T> for Rows<'_, T> {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn input(&self, i: usize, to: &mut [T]) {
        to.copy_from_slice(&self.x[i * to.len()..][..to.len()]);
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        Some(self.labels[i])
    }
}

/// Sequences that lie in memory one after another, with a class for each token, or none.
#[derive(Clone, Copy, Debug)]
pub struct Sequences<'a, T> {
    /// Inputs, `(N, T, C)`.
    pub x: &'a [T],
    /// Classes, `(N, T)`.
    pub labels: &'a [Option<usize>],
    /// Tokens of a sequence, `T`, at least 1.
    pub tokens: usize,
}

impl<T: Real> Batch<T> for Sequences<'_, T> {
    fn len(&self) -> usize {
        self.labels.len() / self.tokens.max(1)
    }

    fn input(&self, i: usize, to: &mut [T]) {
        to.copy_from_slice(&self.x[i * to.len()..][..to.len()]);
    }

    fn label(&self, i: usize, position: usize) -> Option<usize> {
        self.labels[i * self.tokens + position]
    }
}
