//! Maps that give one output: of all distributions over tokens that mix their values to the same numbers, the one that lies
//! farthest from a given one.
//!
//! There are `S` tokens with values of `D` numbers. The distributions `q ≥ 0` with `Σ q = 1` and `qV = pV` are a polytope, and the
//! distance to `p` is convex, so that it is largest at a corner. A corner has at most `D + 1` tokens with weight.

use ndarray::ArrayView2;

use crate::{Error, Result};

/// A pivot below this is none.
const SMALLEST: f64 = 1e-9;

/// Half the sum of the absolute differences: the share of weight that stands elsewhere, from 0 to 1.
pub fn distance(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0
}

// ANCHOR: farthest
/// The farthest distribution from `p`, `(S)`, with the same output on the
/// values `v`, `(S, D)`; `p` itself where there is no other corner. Tries all
/// choices of `D + 1` tokens, of which there must be few.
///
/// # Errors
/// Where there is not a weight for each value.
pub fn farthest(p: &[f64], v: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
    let (found, expected) = ([p.len(), v.ncols()], [v.nrows(), v.ncols()]);
    if found != expected {
        return Err(Error::Shape { what: "weights of values", found, expected });
    }
    let (n, d) = v.dim();
    let mut goal: Vec<f64> = (0..d).map(|c| (0..n).map(|j| p[j] * v[[j, c]]).sum()).collect();
    goal.push(p.iter().sum());
    let mut best = p.to_vec();
    each_choice(n, d + 1, &mut |tokens| {
        let column = |&j: &usize| (0..d).map(|c| v[[j, c]]).chain([1.0]).collect();
        let Some(weights) = solve(tokens.iter().map(column).collect(), &goal) else { return };
        if weights.iter().any(|&weight| weight < -SMALLEST) {
            return;
        }
        let mut q = vec![0.0; n];
        tokens.iter().zip(weights).for_each(|(&j, weight)| q[j] = weight.max(0.0));
        if distance(p, &q) > distance(p, &best) + SMALLEST {
            best = q;
        }
    });
    Ok(best)
}
// ANCHOR_END: farthest

/// Calls `with` for each choice of `k` of `n` things.
fn each_choice(n: usize, k: usize, with: &mut impl FnMut(&[usize])) {
    if k > n {
        return;
    }
    let mut chosen: Vec<usize> = (0..k).collect();
    loop {
        with(&chosen);
        let Some(at) = (0..k).rev().find(|&at| chosen[at] < n - k + at) else { return };
        let first = chosen[at] + 1;
        (at..k).for_each(|i| chosen[i] = first + i - at);
    }
}

/// What the columns are to be multiplied by so that they add up to `goal`, by elimination; nothing where they depend on each
/// other.
fn solve(columns: Vec<Vec<f64>>, goal: &[f64]) -> Option<Vec<f64>> {
    let n = goal.len();
    let row = |r: usize| columns.iter().map(|column| column[r]).chain([goal[r]]).collect();
    let mut rows: Vec<Vec<f64>> = (0..n).map(row).collect();
    for c in 0..n {
        let size = |r: usize| rows[r][c].abs();
        let largest = (c..n).fold(c, |most, r| if size(r) > size(most) { r } else { most });
        rows.swap(c, largest);
        let pivot = rows[c].clone();
        if pivot[c].abs() < SMALLEST {
            return None;
        }
        for (r, row) in rows.iter_mut().enumerate() {
            let factor = if r == c { 0.0 } else { row[c] / pivot[c] };
            row.iter_mut().zip(&pivot).for_each(|(x, pivot)| *x -= factor * pivot);
        }
    }
    Some((0..n).map(|c| rows[c][n] / rows[c][c]).collect())
}
