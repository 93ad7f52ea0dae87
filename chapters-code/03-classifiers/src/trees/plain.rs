//! A decision tree in its plainest form: sort each feature, try each cut, recurse. It is what the fast tree is
//! held equal to (Breiman, Friedman, Olshen and Stone 1984).

use ndarray::{ArrayView1, ArrayView2};

/// A question with two sides, or the classes of the samples that came here.
// ANCHOR: tree
#[derive(Clone, Debug, PartialEq)]
pub enum PlainTree {
    /// How many samples of each class are here.
    Leaf(Vec<usize>),
    /// Is the feature at most the threshold? Then left.
    Ask(usize, f32, Box<[PlainTree; 2]>),
}

impl PlainTree {
    /// A tree of the samples `rows` of `x`, `(n, d)`, with labels `y` below k.
    pub fn grow(x: ArrayView2<'_, f32>, y: &[u8], rows: &[usize], k: usize) -> Self {
        let counts = count(y, rows, k);
        let pure = counts.iter().filter(|count| **count > 0).count() < 2;
        match best_split(x, y, rows, k) {
            Some((feature, threshold)) if !pure => {
                let goes_left = |row: &usize| x[[*row, feature]] <= threshold;
                let (left, right): (Vec<_>, Vec<_>) = rows.iter().partition(|row| goes_left(row));
                let sides = [left, right].map(|rows| PlainTree::grow(x, y, &rows, k));
                PlainTree::Ask(feature, threshold, Box::new(sides))
            }
            _ => PlainTree::Leaf(counts),
        }
    }
}
// ANCHOR_END: tree

// ANCHOR: split
/// The feature and the threshold with the purest sides; the first of several.
fn best_split(x: ArrayView2<'_, f32>, y: &[u8], rows: &[usize], k: usize) -> Option<(usize, f32)> {
    let mut best = (None, f64::NEG_INFINITY);
    for feature in 0..x.ncols() {
        let value = |row: usize| x[[row, feature]];
        let mut sorted = rows.to_vec();
        sorted.sort_by(|&a, &b| value(a).total_cmp(&value(b)));
        let mut left = vec![0; k];
        let mut right = count(y, rows, k);
        for pair in sorted.windows(2) {
            left[usize::from(y[pair[0]])] += 1;
            right[usize::from(y[pair[0]])] -= 1;
            let [a, b] = [value(pair[0]), value(pair[1])];
            let score = purity(&left) + purity(&right);
            if a < b && score > best.1 {
                best = (Some((feature, between(a, b))), score);
            }
        }
    }
    best.0
}

/// The sum of the squared counts, divided by their sum.
fn purity(counts: &[usize]) -> f64 {
    let squares: usize = counts.iter().map(|count| count * count).sum();
    squares as f64 / counts.iter().sum::<usize>() as f64
}
// ANCHOR_END: split

/// The middle; where it is rounded to the upper number, the lower one.
fn between(a: f32, b: f32) -> f32 {
    let middle = a / 2.0 + b / 2.0;
    if middle < b { middle } else { a }
}

/// How many of `rows` are of each class.
fn count(y: &[u8], rows: &[usize], k: usize) -> Vec<usize> {
    let mut counts = vec![0; k];
    rows.iter().for_each(|&row| counts[usize::from(y[row])] += 1);
    counts
}

impl PlainTree {
    /// How many training samples of each class are in the leaf that `sample`, `(d)`, comes to.
    pub fn leaf(&self, sample: ArrayView1<'_, f32>) -> &[usize] {
        match self {
            PlainTree::Leaf(counts) => counts,
            PlainTree::Ask(feature, threshold, sides) => {
                sides[usize::from(sample[*feature] > *threshold)].leaf(sample)
            }
        }
    }
}
