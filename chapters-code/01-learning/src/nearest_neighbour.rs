//! The nearest-neighbour rule (Cover and Hart, 1967): remember everything; a new
//! row gets the class of the training row that is nearest to it.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::distance::{squared_distances, squared_norms};

/// Rows of new data that one task works on.
const QUERIES: usize = 128;
/// Training rows whose distances are computed at once: a block of 128 × 1024 distances is 512 KiB.
const REMEMBERED: usize = 1024;

/// Remembers its training rows.
#[derive(Clone, Debug)]
pub struct NearestNeighbour<'a> {
    x: ArrayView2<'a, f32>,
    y: &'a [u8],
    norms: Array1<f32>,
}

/// The nearest training row of a new row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its place among the training rows; the first of several that are as near.
    pub row: usize,
    /// Its squared Euclidean distance.
    pub squared_distance: f32,
}

impl<'a> NearestNeighbour<'a> {
    /// Remembers the rows `(n, d)` and their classes. Only the lengths of the rows are computed.
    ///
    /// # Panics
    /// If there are no rows, or not as many labels as rows.
    pub fn fit(x: ArrayView2<'a, f32>, y: &'a [u8]) -> Self {
        assert!(
            !y.is_empty() && x.nrows() == y.len(),
            "x has {} rows for {} labels",
            x.nrows(),
            y.len()
        );
        NearestNeighbour { x, y, norms: squared_norms(x) }
    }

    /// The class of the nearest training row for each row `(m, d)`. `O(m n d)`.
    pub fn predict(&self, x: ArrayView2<'_, f32>) -> Vec<u8> {
        self.nearest(x).into_iter().map(|neighbour| self.y[neighbour.row]).collect()
    }

    /// The nearest training row for each row `(m, d)`.
    pub fn nearest(&self, x: ArrayView2<'_, f32>) -> Vec<Neighbour> {
        self.fold(
            x,
            Neighbour { row: 0, squared_distance: f32::INFINITY },
            |best, first, distances| {
                for (place, &squared_distance) in distances.iter().enumerate() {
                    if squared_distance < best.squared_distance {
                        *best = Neighbour { row: first + place, squared_distance };
                    }
                }
            },
        )
    }

    /// Goes through the distances of each row `(m, d)` to the training rows, in order and in blocks:
    /// `step(state, first, distances)` gets the squared distances to the training rows from `first` on.
    /// Every row starts from a clone of `start`; the states come back in the order of the rows.
    ///
    /// The blocks are the same for any number of threads, and so are the bits of the results.
    pub fn fold<S, F>(&self, x: ArrayView2<'_, f32>, start: S, step: F) -> Vec<S>
    where
        S: Clone + Send + Sync,
        F: Fn(&mut S, usize, &[f32]) + Sync,
    {
        assert_eq!(
            x.ncols(),
            self.x.ncols(),
            "x has {} features, not {}",
            x.ncols(),
            self.x.ncols()
        );
        let mut states = vec![start; x.nrows()];
        let tasks = states
            .par_chunks_mut(QUERIES)
            .zip(x.axis_chunks_iter(Axis(0), QUERIES).into_par_iter());
        tasks.for_each_init(
            || Array2::zeros((QUERIES, REMEMBERED)),
            |buffer, (states, queries)| {
                for first in (0..self.x.nrows()).step_by(REMEMBERED) {
                    let block = first..(first + REMEMBERED).min(self.x.nrows());
                    let mut distances = buffer.slice_mut(s![..queries.nrows(), ..block.len()]);
                    let (remembered, norms) =
                        (self.x.slice(s![block.clone(), ..]), self.norms.slice(s![block]));
                    squared_distances(queries, remembered, norms, distances.view_mut());
                    for (state, row) in states.iter_mut().zip(distances.rows()) {
                        step(state, first, row.as_slice().unwrap_or_default());
                    }
                }
            },
        );
        states
    }
}
