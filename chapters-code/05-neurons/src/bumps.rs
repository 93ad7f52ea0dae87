//! Universal approximation by construction: four ReLU units make a bump, and bumps side by side make any function
//! that is continuous on an interval (Cybenko, 1989, and Hornik, 1991, prove far more).

use ndarray::{Array1, Array2, array};

use crate::{Activation, Layer, Mlp};

/// A network with one hidden layer of `4 · bumps` units whose output is near `f` on `[from, to]`. Bump `i` has the height of
/// `f` in the middle of the `i`th of equal parts, and slopes that take a share `slope` of it, between 0 and 1.
///
/// # Panics
/// Without bumps, or with a slope outside (0, 1].
pub fn approximate(f: impl Fn(f64) -> f64, [from, to]: [f64; 2], bumps: usize, slope: f64) -> Mlp {
    assert!(bumps > 0 && slope > 0.0 && slope <= 1.0, "{bumps} bumps with slopes of {slope}");
    let width = (to - from) / bumps as f64;
    let rise = slope * width;
    let (mut bias, mut heights) = (Vec::new(), Vec::new());
    // ANCHOR: bump
    for i in 0..bumps {
        let left = from + i as f64 * width;
        let height = f(left + width / 2.0) / rise;
        // Neighbours share a slope: one falls where the next one rises, so their
        // sum is a straight line.
        for (corner, turn) in [(-0.5, 1.0), (0.5, -1.0)] {
            for (edge, sign) in [(left, 1.0), (left + width, -1.0)] {
                bias.push(-(edge + corner * rise));
                heights.push(sign * turn * height);
            }
        }
    }
    // ANCHOR_END: bump
    let units = bias.len();
    let hidden = Layer {
        weights: Array2::ones((units, 1)),
        bias: Array1::from_vec(bias),
        activation: Activation::Relu,
    };
    let weights = Array1::from_vec(heights).insert_axis(ndarray::Axis(0));
    let output = Layer { weights, bias: array![0.0], activation: Activation::Identity };
    Mlp { layers: vec![hidden, output] }
}
