//! Measures of a picture of points: are neighbours in the plane neighbours in truth?

use std::cmp::Ordering;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::tsne::squared_distances;

/// The `k` nearest other points of each of `x` `(n, d)`, the nearest first: `(n, k)`. Of two at one distance the first comes first.
pub fn neighbours(x: ArrayView2<'_, f32>, k: usize) -> Array2<usize> {
    let distances = squared_distances(x);
    let n = x.nrows();
    let k = k.min(n.saturating_sub(1));
    let nearest = |i: usize| {
        let mut order = others(n, i);
        let by = |a: &usize, b: &usize| nearer(&distances, i, *a, *b);
        if k > 0 && k < order.len() {
            order.select_nth_unstable_by(k - 1, by);
        }
        order.truncate(k);
        order.sort_unstable_by(by);
        order
    };
    let rows: Vec<Vec<usize>> = (0..n).into_par_iter().map(nearest).collect();
    Array2::from_shape_fn((n, k), |(i, j)| rows[i][j])
}

fn others(n: usize, i: usize) -> Vec<usize> {
    (0..n).filter(|&j| j != i).collect()
}

fn nearer(distances: &Array2<f32>, i: usize, a: usize, b: usize) -> Ordering {
    distances[[i, a]].total_cmp(&distances[[i, b]]).then(a.cmp(&b))
}

/// Trustworthiness (Venna and Kaski, 2001): 1 where the `k` nearest points in
/// the picture `y` `(n, 2)` are the `k` nearest in `x` `(n, d)`. A stranger
/// among them costs as many points as its true rank exceeds `k`.
pub fn trustworthiness(x: ArrayView2<'_, f32>, y: ArrayView2<'_, f32>, k: usize) -> f64 {
    let (n, shown) = (x.nrows(), neighbours(y, k));
    let distances = squared_distances(x);
    let cost = |i: usize| {
        let mut order = others(n, i);
        order.sort_unstable_by(|&a, &b| nearer(&distances, i, a, b));
        let mut rank = vec![0; n];
        order.iter().enumerate().for_each(|(r, &j)| rank[j] = r + 1);
        let beyond = |&j: &usize| rank[j].saturating_sub(k);
        shown.row(i).iter().map(beyond).sum::<usize>()
    };
    let cost: usize = (0..n).into_par_iter().map(cost).sum();
    let (n, k) = (n as f64, k as f64);
    1.0 - cost as f64 * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))
}

/// For each point 1 where most of its `neighbours` `(n, k)` have its label, and 0 where not. Of labels that are equally
/// frequent the smallest counts.
pub fn vote(neighbours: ArrayView2<'_, usize>, labels: &[u8]) -> Vec<f64> {
    let voted = |row: ndarray::ArrayView1<'_, usize>| {
        let mut votes = [0_usize; 256];
        row.iter().for_each(|&j| votes[usize::from(labels[j])] += 1);
        (1..256).fold(0, |best, label| if votes[label] > votes[best] { label } else { best })
    };
    let right = |(i, row)| f64::from(u8::from(voted(row) == usize::from(labels[i])));
    neighbours.outer_iter().enumerate().map(right).collect()
}

/// For each point the share of its neighbours in `a` `(n, k)` that are its neighbours in `b`, too.
pub fn shared(a: ArrayView2<'_, usize>, b: ArrayView2<'_, usize>) -> Vec<f64> {
    let pairs = a.outer_iter().zip(b.outer_iter());
    let share = |(a, b): (ndarray::ArrayView1<'_, usize>, ndarray::ArrayView1<'_, usize>)| {
        let both = a.iter().filter(|&i| b.iter().any(|j| i == j)).count();
        both as f64 / a.len().max(1) as f64
    };
    pairs.map(share).collect()
}
