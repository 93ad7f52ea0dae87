//! Grey-level co-occurrence (Haralick et al., 1973): which levels stand beside which?
//!
//! The levels are cut to 16. For a direction, ``P(i, j)`` is the share of the pairs of neighbours with
//! levels ``i`` and ``j``, either way round, so ``P`` is symmetric and adds up to 1. Five numbers describe
//! a matrix; each feature is the mean of one of them over four directions: right, down and right, down, down and left.

use crate::error::SizeError;
use crate::extractor::{Extractor, Scratch, at_least, check_length};
use crate::image::View;

/// Grey levels that are told apart.
pub const LEVELS: usize = 16;
/// Pairs of levels.
pub const PAIRS: usize = LEVELS * LEVELS;
/// The neighbour's place in the four directions: right and down.
pub const DIRECTIONS: [(isize, usize); 4] = [(1, 0), (1, 1), (0, 1), (-1, 1)];
/// What is computed of a matrix, in the order of the features.
pub const PROPERTIES: [&str; 5] =
    ["contrast", "dissimilarity", "homogeneity", "energy", "correlation"];

/// Five properties of the co-occurrence matrix, averaged over four directions.
#[derive(Clone, Copy, Debug)]
pub struct Glcm;

/// Counts of pairs in one direction, one way round: the pair of levels (i, j) at `16 i + j`.
pub type Counts = [u32; PAIRS];

/// The symmetric, normalised matrix of one direction, by the definition. Without pairs it is zero.
pub fn matrix(image: View<'_>, (right, down): (isize, usize)) -> Vec<f64> {
    let (width, height, levels) = (image.width(), image.height(), image.levels());
    let mut matrix = vec![0.0; PAIRS];
    let mut pairs = 0.0;
    for row in 0..height.saturating_sub(down) {
        for column in 0..width {
            let Some(other) = column.checked_add_signed(right).filter(|&c| c < width) else {
                continue;
            };
            let i = usize::from(levels[row * width + column] / 16);
            let j = usize::from(levels[(row + down) * width + other] / 16);
            matrix[LEVELS * i + j] += 1.0;
            matrix[LEVELS * j + i] += 1.0;
            pairs += 2.0;
        }
    }
    if pairs > 0.0 {
        matrix.iter_mut().for_each(|share| *share /= pairs);
    }
    matrix
}

/// The five properties of a matrix, by the definition.
pub fn properties(matrix: &[f64]) -> [f64; 5] {
    let sum = |weight: &dyn Fn(f64, f64) -> f64| -> f64 {
        let shares = matrix.iter().enumerate();
        shares.map(|(at, p)| p * weight((at / LEVELS) as f64, (at % LEVELS) as f64)).sum()
    };
    let mean = sum(&|i, _| i);
    let variance = sum(&|i, _| (i - mean).powi(2));
    let covariance = sum(&|i, j| (i - mean) * (j - mean));
    [
        sum(&|i, j| (i - j).powi(2)),
        sum(&|i, j| (i - j).abs()),
        sum(&|i, j| 1.0 / (1.0 + (i - j).powi(2))),
        matrix.iter().map(|p| p * p).sum::<f64>().sqrt(),
        if variance.sqrt() < 1e-15 { 1.0 } else { covariance / variance },
    ]
}

/// Counts the pairs of all four directions in one pass over the image.
///
/// Each direction has a table of its own, so that a count need not wait for the one before it. The
/// columns at the ends lack some neighbours and are counted apart.
fn count(width: usize, cut: &[u8], tables: &mut [Counts; 4]) {
    let [right, diagonal, down, back] = tables;
    let pair = |i: u8, j: u8| usize::from(i) << 4 | usize::from(j & 15);
    let last = width - 1;
    // ANCHOR: count
    let mut rows = cut.chunks_exact(width).peekable();
    while let Some(row) = rows.next() {
        let Some(below) = rows.peek() else {
            row.windows(2).for_each(|p| right[pair(p[0], p[1])] += 1);
            return;
        };
        right[pair(row[0], row[1])] += 1;
        diagonal[pair(row[0], below[1])] += 1;
        down[pair(row[0], below[0])] += 1;
        for (here, under) in row.windows(3).zip(below.windows(3)) {
            let i = here[1];
            right[pair(i, here[2])] += 1;
            diagonal[pair(i, under[2])] += 1;
            down[pair(i, under[1])] += 1;
            back[pair(i, under[0])] += 1;
        }
        down[pair(row[last], below[last])] += 1;
        back[pair(row[last], below[last - 1])] += 1;
    }
    // ANCHOR_END: count
}

/// The five properties from counts of pairs, one way round. All sums but one are of integers.
#[inline(always)]
fn from_counts(counts: &Counts) -> [f64; 5] {
    let (mut apart, mut squares, mut total) = ([0_u64; LEVELS], 0_u64, 0_u64);
    let (mut first, mut second, mut product) = (0_u64, 0_u64, 0_u64);
    for i in 0..LEVELS {
        for j in 0..=i {
            // Both ways round: what stands at (i, j) and at (j, i) of the symmetric matrix.
            let both = u64::from(counts[LEVELS * i + j]) + u64::from(counts[LEVELS * j + i]);
            let (x, y) = (i as u64, j as u64);
            apart[i - j] += if i == j { both / 2 } else { both };
            squares += if i == j { both * both } else { 2 * both * both };
            let pairs = if i == j { both / 2 } else { both };
            total += pairs;
            first += pairs * (x + y);
            second += pairs * (x * x + y * y);
            product += 2 * pairs * x * y;
        }
    }
    let n = 2.0 * total as f64;
    if total == 0 {
        return [0.0, 0.0, 0.0, 0.0, 1.0];
    }
    let mean_of = |weight: fn(f64) -> f64| {
        apart.iter().enumerate().map(|(d, &pairs)| pairs as f64 * weight(d as f64)).sum::<f64>()
            / total as f64
    };
    // n² times the variance and the covariance, exactly.
    let entries = 2 * u128::from(total);
    let (mean, second, product) = (u128::from(first), u128::from(second), u128::from(product));
    let variance = entries * second - mean * mean;
    let covariance = (entries * product) as i128 - (mean * mean) as i128;
    [
        mean_of(|d| d * d),
        mean_of(|d| d),
        mean_of(|d| 1.0 / (1.0 + d * d)),
        (squares as f64).sqrt() / n,
        if variance == 0 { 1.0 } else { covariance as f64 / variance as f64 },
    ]
}

/// The properties of a matrix, for the instructions that the processor has.
struct Properties<'a>(&'a Counts);

impl pulp::NullaryFnOnce for Properties<'_> {
    type Output = [f64; 5];

    #[inline(always)]
    fn call(self) -> [f64; 5] {
        from_counts(self.0)
    }
}

impl Extractor for Glcm {
    fn name(&self) -> &'static str {
        "glcm"
    }

    fn length(&self, width: usize, height: usize) -> Result<usize, SizeError> {
        at_least(self.name(), (width, height), (2, 2))?;
        Ok(PROPERTIES.len())
    }

    fn extract(
        &self,
        image: View<'_>,
        scratch: &mut Scratch,
        features: &mut [f64],
    ) -> Result<(), SizeError> {
        check_length(features, self.length(image.width(), image.height())?);
        let mut tables = [[0; PAIRS]; 4];
        scratch.bytes.clear();
        scratch.bytes.extend(image.levels().iter().map(|level| level >> 4));
        count(image.width(), &scratch.bytes, &mut tables);
        features.fill(0.0);
        for counts in &tables {
            let properties = pulp::Arch::new().dispatch(Properties(counts));
            for (feature, property) in features.iter_mut().zip(properties) {
                *feature += property / 4.0;
            }
        }
        Ok(())
    }

    fn describe(&self, component: usize, _: usize, _: usize) -> String {
        let meaning = [
            "mean squared difference of neighbouring levels",
            "mean difference of neighbouring levels",
            "how close neighbouring levels are",
            "how few pairs of levels make up the image",
            "how well a level predicts its neighbour's",
        ];
        match (PROPERTIES.get(component), meaning.get(component)) {
            (Some(name), Some(meaning)) => format!("{name}: {meaning}, mean of four directions"),
            _ => "none".into(),
        }
    }
}
