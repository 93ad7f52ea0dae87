//! The nearest-mean rule: each class is remembered by one point, the mean of its training rows, and a
//! new row gets the class whose mean is nearest.

use ndarray::{Array2, ArrayView2, Axis, Zip};
use rayon::prelude::*;

use crate::classes;
use crate::distance::{squared_distances, squared_norms};

/// Rows of a block that one task works on.
const BLOCK: usize = 256;

/// One mean for each class.
#[derive(Clone, Debug, PartialEq)]
pub struct NearestMean {
    /// The means, `(k, d)`; a class without training rows has none, and is never the answer.
    pub means: Array2<f32>,
    counts: Vec<usize>,
}

impl NearestMean {
    /// Takes the mean of the rows `(n, d)` of each class. `O(n d)`.
    ///
    /// # Panics
    /// If there are not as many labels as rows.
    // ANCHOR: nearest_mean
    pub fn fit(x: ArrayView2<'_, f32>, y: &[u8]) -> Self {
        assert_eq!(x.nrows(), y.len(), "x has {} rows for {} labels", x.nrows(), y.len());
        let counts = classes::counts(y);
        let mut sums = Array2::<f64>::zeros((counts.len(), x.ncols()));
        for (row, &label) in x.rows().into_iter().zip(y) {
            Zip::from(sums.row_mut(label.into())).and(row).for_each(|sum, &x| *sum += f64::from(x));
        }
        for (mut sum, &count) in sums.rows_mut().into_iter().zip(&counts) {
            sum /= count.max(1) as f64;
        }
        NearestMean { means: sums.mapv(|m| m as f32), counts }
    }

    /// The class of the nearest mean for each row `(n, d)`; the lower label where two are as near.
    pub fn predict(&self, x: ArrayView2<'_, f32>) -> Vec<u8> {
        self.squared_distances(x)
            .rows()
            .into_iter()
            .map(|row| nearest(row.iter().copied()) as u8)
            .collect()
    }
    // ANCHOR_END: nearest_mean

    /// Squared Euclidean distances of each row `(n, d)` to each mean: `(n, k)`, infinite to a class
    /// without training rows. `O(n k d)`.
    pub fn squared_distances(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let norms = squared_norms(self.means.view());
        let mut distances = Array2::zeros((x.nrows(), self.means.nrows()));
        distances
            .axis_chunks_iter_mut(Axis(0), BLOCK)
            .into_par_iter()
            .zip(x.axis_chunks_iter(Axis(0), BLOCK))
            .for_each(|(mut to, rows)| {
                squared_distances(rows, self.means.view(), norms.view(), to.view_mut());
                for (mut column, _) in
                    to.columns_mut().into_iter().zip(&self.counts).filter(|(_, n)| **n == 0)
                {
                    column.fill(f32::INFINITY);
                }
            });
        distances
    }
}

/// The place of the smallest number; the first of several.
fn nearest(distances: impl Iterator<Item = f32>) -> usize {
    let mut best = (0, f32::INFINITY);
    for (place, distance) in distances.enumerate() {
        if distance < best.1 {
            best = (place, distance);
        }
    }
    best.0
}
