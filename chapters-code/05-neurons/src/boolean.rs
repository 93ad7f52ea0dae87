//! Functions of a few bits: which of them one threshold unit computes, decided exactly, and a network of two layers for each.
//!
//! A function of `n` bits is its table: bit `r` of `table` is the value at the inputs whose bits are those of `r`.

use std::collections::BTreeSet;

use ndarray::{Array1, Array2, array};

use crate::{Activation, Layer, Mlp};

/// The most inputs: a table of six has as many bits as an integer.
pub const MOST_INPUTS: usize = 6;

/// The inputs of row `row`, each 0 or 1.
pub fn inputs(n: usize, row: usize) -> Array1<f64> {
    (0..n).map(|i| ((row >> i) & 1) as f64).collect()
}

/// True if `table` is 1 at row `row`.
pub fn value(table: u64, row: usize) -> bool {
    (table >> row) & 1 == 1
}

/// How many functions of `n` inputs there are.
///
/// # Panics
/// With [`MOST_INPUTS`] inputs or more: their number is too large for an integer.
pub fn functions(n: usize) -> u64 {
    assert!(n < MOST_INPUTS, "{n} inputs; fewer than {MOST_INPUTS} can be counted");
    1 << (1 << n)
}

// ANCHOR: unit
/// The bias and weights of a threshold unit that computes `table`, or `None`
/// where no unit does.
///
/// All numbers are whole, so the perceptron either ends or returns to weights
/// that it has had. In the second case the mistakes between add up to nothing,
/// and no line is right about all of them.
///
/// # Panics
/// With more than [`MOST_INPUTS`] inputs.
pub fn unit(n: usize, table: u64) -> Option<Vec<i64>> {
    assert!(n <= MOST_INPUTS, "{n} inputs; a table has at most {MOST_INPUTS}");
    let mut weights = vec![0_i64; n + 1];
    let mut seen = BTreeSet::new();
    while seen.insert(weights.clone()) {
        let mut mistakes = 0;
        for row in 0..1 << n {
            let x = |i: usize| if i == 0 { 1 } else { (row >> (i - 1)) as i64 & 1 };
            let y = if value(table, row) { 1 } else { -1 };
            let z: i64 = weights.iter().enumerate().map(|(i, w)| w * x(i)).sum();
            if y * z <= 0 {
                weights.iter_mut().enumerate().for_each(|(i, w)| *w += y * x(i));
                mistakes += 1;
            }
        }
        if mistakes == 0 {
            return Some(weights);
        }
    }
    None
}
// ANCHOR_END: unit

// ANCHOR: network
/// A network of two layers that computes `table`: a unit for each row where it
/// is 1, which fires at that row alone, and an output that fires if one of them
/// does.
pub fn network(n: usize, table: u64) -> Mlp {
    let rows: Vec<usize> = (0..1 << n).filter(|&row| value(table, row)).collect();
    let signs = |row: usize| inputs(n, row) * 2.0 - 1.0;
    let hidden = Layer {
        weights: Array2::from_shape_fn((rows.len(), n), |(unit, i)| signs(rows[unit])[i]),
        // At its own row the weighted sum is the number of ones; at every other
        // row it is less.
        bias: rows.iter().map(|&row| 0.5 - inputs(n, row).sum()).collect(),
        activation: Activation::Step,
    };
    let output = Layer {
        weights: Array2::ones((1, rows.len())),
        bias: array![-0.5],
        activation: Activation::Step,
    };
    Mlp { layers: vec![hidden, output] }
}
// ANCHOR_END: network
