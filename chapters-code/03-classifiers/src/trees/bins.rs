//! Features as bytes: pixels as they are, real numbers by their quantiles.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::histogram::{BINS, Cut};
use crate::model::Inputs;

/// The samples of a fit as bytes, by rows and by columns, and what the bytes stand for.
///
/// Bytes stand for themselves. Of real features a byte is the rank of a bin. A feature with at most 256
/// different values has a bin for each, so that every cut between two values is possible, as if the values
/// were sorted. One with more has 256 bins of about as many samples each; a cut inside a bin is not possible.
#[derive(Clone, Debug)]
pub struct Bins {
    /// `n`.
    pub samples: usize,
    /// `d`.
    pub features: usize,
    /// `(n, d)`: for nodes of few samples, whose rows stay in the cache.
    rows: Vec<u8>,
    /// `(d, n)`: for nodes of many.
    columns: Vec<u8>,
    /// The smallest and the largest value in each bin of each feature; empty for bytes.
    ranges: Vec<Vec<[f32; 2]>>,
}

impl Bins {
    /// Bins of `inputs`, `(n, d)`. Time `O(n d)` for bytes, `O(n d log n)` for real numbers.
    pub fn of(inputs: Inputs<'_>) -> Bins {
        let (samples, features) = (inputs.samples(), inputs.features());
        let mut columns = vec![0; samples * features];
        let ranges = match inputs {
            Inputs::Bytes(x) => {
                transpose(x, &mut columns);
                Vec::new()
            }
            Inputs::Reals(x) => columns
                .par_chunks_mut(samples.max(1))
                .zip(x.columns().into_iter().collect::<Vec<_>>())
                .map(|(ranks, values)| quantiles(values, ranks))
                .collect(),
        };
        let mut rows = vec![0; samples * features];
        if let Inputs::Bytes(x) = inputs {
            for (row, from) in rows.chunks_exact_mut(features.max(1)).zip(x.rows()) {
                row.iter_mut().zip(from).for_each(|(to, &byte)| *to = byte);
            }
        } else if let Ok(by_columns) = ArrayView2::from_shape((features, samples), &columns) {
            transpose(by_columns, &mut rows);
        }
        Bins { samples, features, rows, columns, ranges }
    }

    /// The bytes of a sample, one for each feature.
    #[inline(always)]
    pub fn row(&self, sample: u32) -> &[u8] {
        &self.rows[sample as usize * self.features..][..self.features]
    }

    /// The bytes of a feature, one for each sample.
    #[inline(always)]
    pub fn column(&self, feature: usize) -> &[u8] {
        &self.columns[feature * self.samples..][..self.samples]
    }

    /// The number that a cut compares with: half of what is on either side, `x <= threshold` goes left.
    ///
    /// Where two values are so near that half their sum is the larger one, it is the smaller.
    pub fn threshold(&self, feature: usize, cut: Cut) -> f32 {
        let [low, high] = match self.ranges.get(feature) {
            None => [f32::from(cut.last), f32::from(cut.first)],
            Some(ranges) => [ranges[usize::from(cut.last)][1], ranges[usize::from(cut.first)][0]],
        };
        let middle = low / 2.0 + high / 2.0;
        if middle < high { middle } else { low }
    }
}

/// Writes the columns of `x` one after the other, in blocks that stay in the cache.
fn transpose(x: ArrayView2<'_, u8>, to: &mut [u8]) {
    const BLOCK: usize = 64;
    let (n, d) = x.dim();
    to.par_chunks_mut((BLOCK * n).max(1)).enumerate().for_each(|(block, to)| {
        let first = block * BLOCK;
        for from in (0..n).step_by(BLOCK) {
            for row in from..(from + BLOCK).min(n) {
                for column in first..(first + BLOCK).min(d) {
                    to[(column - first) * n + row] = x[[row, column]];
                }
            }
        }
    });
}

/// Ranks of the values by bins of about as many samples each; equal values share a bin.
fn quantiles(values: ArrayView1<'_, f32>, ranks: &mut [u8]) -> Vec<[f32; 2]> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let different = 1 + sorted.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let share = if different <= BINS { 0 } else { sorted.len().div_ceil(BINS) };
    let mut ranges: Vec<[f32; 2]> = Vec::new();
    let mut inside = 0;
    for (place, &value) in sorted.iter().enumerate() {
        let new = place == 0 || sorted[place - 1] < value;
        if ranges.is_empty() || (new && inside >= share && ranges.len() < BINS) {
            ranges.push([value; 2]);
            inside = 0;
        }
        if let Some(last) = ranges.last_mut() {
            last[1] = value;
        }
        inside += 1;
    }
    for (rank, value) in ranks.iter_mut().zip(values) {
        *rank = ranges.partition_point(|[_, high]| high < value) as u8;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn few_values_have_a_bin_each() {
        let x = Array2::from_shape_fn((1_000, 1), |(i, _)| ((i * 7) % 250) as f32 / 3.0 - 20.0);
        let bins = Bins::of(Inputs::Reals(x.view()));
        assert_eq!(bins.ranges[0].len(), 250);
        for (value, &rank) in x.iter().zip(bins.column(0)) {
            assert_eq!(bins.ranges[0][usize::from(rank)], [*value; 2]);
        }
    }

    #[test]
    fn many_values_share_bins_of_about_the_same_size() {
        let x = Array2::from_shape_fn((10_000, 2), |(i, j)| ((i * 7919 + j) % 10_007) as f32);
        let bins = Bins::of(Inputs::Reals(x.view()));
        let mut sizes = [0; BINS];
        bins.column(1).iter().for_each(|&rank| sizes[usize::from(rank)] += 1);
        assert!(sizes.iter().all(|size| *size <= 40), "{sizes:?}");
        assert_eq!(bins.row(17), [bins.column(0)[17], bins.column(1)[17]]);
    }

    #[test]
    fn a_threshold_is_never_the_value_on_its_right() {
        let x = ndarray::array![[1.0_f32], [1.0 + f32::EPSILON], [f32::MAX]];
        let bins = Bins::of(Inputs::Reals(x.view()));
        let cut = |last, first| bins.threshold(0, Cut { last, first, score: 0.0 });
        assert_eq!(cut(0, 1), 1.0);
        assert!(cut(1, 2).is_finite());
    }
}
