//! What depth buys. A tooth, `2 relu(x) − 4 relu(x − ½)`, folds the interval [0, 1] in two. Each layer that folds again doubles the
//! number of straight pieces, at the price of two units; a single layer needs a unit for each piece (Telgarsky, 2016;
//! Montúfar et al., 2014).

use ndarray::{Array1, Array2, array};

use crate::{Activation, Layer, Mlp};

// ANCHOR: sawtooth
/// A network of `depth` folds whose output on [0, 1] is a saw of
/// `2^(depth − 1)` teeth: `2^depth` pieces from `2 · depth` units.
///
/// # Panics
/// Without a fold.
pub fn sawtooth(depth: usize) -> Mlp {
    assert!(depth > 0, "a saw has at least one fold");
    let bias = array![0.0, -0.5];
    let first =
        Layer { weights: array![[1.0], [1.0]], bias: bias.clone(), activation: Activation::Relu };
    // Both units of a layer read the tooth that the layer before has made.
    let fold =
        Layer { weights: array![[2.0, -4.0], [2.0, -4.0]], bias, activation: Activation::Relu };
    let output =
        Layer { weights: array![[2.0, -4.0]], bias: array![0.0], activation: Activation::Identity };
    let folds = std::iter::repeat_n(fold, depth - 1);
    Mlp { layers: std::iter::once(first).chain(folds).chain([output]).collect() }
}
// ANCHOR_END: sawtooth

/// The same function on [0, 1] as [`sawtooth`]'s from one hidden layer: a unit for each of the `2^depth` pieces.
///
/// # Panics
/// Without a fold.
pub fn sawtooth_in_one_layer(depth: usize) -> Mlp {
    assert!(depth > 0, "a saw has at least one fold");
    let pieces = 1_usize << depth;
    let slope = pieces as f64;
    let hidden = Layer {
        weights: Array2::ones((pieces, 1)),
        bias: (0..pieces).map(|i| -(i as f64) / slope).collect(),
        activation: Activation::Relu,
    };
    // The first unit rises; each further one turns the slope round.
    let turn = |i: usize| if i == 0 { slope } else { 2.0 * slope * [1.0, -1.0][i % 2] };
    let output = Layer {
        weights: Array2::from_shape_fn((1, pieces), |(_, i)| turn(i)),
        bias: array![0.0],
        activation: Activation::Identity,
    };
    Mlp { layers: vec![hidden, output] }
}

/// Counts the straight pieces of a ReLU network along the line from `a` to `b`, exactly but for rounding: layer by layer,
/// a piece is cut where a unit changes sign within it.
///
/// # Panics
/// If `a` and `b` do not fit the network.
pub fn pieces(network: &Mlp, a: &Array1<f64>, b: &Array1<f64>) -> usize {
    let breaks = breakpoints(network, a, b);
    let output = |t: f64| network.forward((a * (1.0 - t) + b * t).view());
    // A cut between two pieces of one slope is no cut.
    let slope = |from: f64, to: f64| (output(to) - output(from)) / (to - from);
    let slopes: Vec<Array1<f64>> = breaks.windows(2).map(|two| slope(two[0], two[1])).collect();
    let differ = |two: &[Array1<f64>]| {
        let (s, t) = (&two[0], &two[1]);
        s.iter().zip(t).any(|(s, t)| (s - t).abs() > 1e-6 * (1.0 + s.abs().max(t.abs())))
    };
    1 + slopes.windows(2).filter(|two| differ(two)).count()
}

/// Where, from 0 at `a` to 1 at `b`, a unit changes sign; with 0 and 1.
fn breakpoints(network: &Mlp, a: &Array1<f64>, b: &Array1<f64>) -> Vec<f64> {
    let mut breaks = vec![0.0, 1.0];
    for depth in 1..=network.layers.len() {
        let layers = &network.layers[..depth];
        if layers[depth - 1].activation != Activation::Relu {
            continue;
        }
        // Before its activation, a unit is straight between the breaks of the layers below.
        let below = Mlp { layers: layers[..depth - 1].to_vec() };
        let before = |t: f64| {
            let x = below.forward((a * (1.0 - t) + b * t).view());
            layers[depth - 1].weights.dot(&x) + &layers[depth - 1].bias
        };
        // ANCHOR: cut
        let mut new = Vec::new();
        for two in breaks.windows(2) {
            let (from, to) = (before(two[0]), before(two[1]));
            for (&z, &w) in from.iter().zip(&to) {
                if z * w < 0.0 {
                    new.push(two[0] + (two[1] - two[0]) * z / (z - w));
                }
            }
        }
        breaks.extend(new);
        // ANCHOR_END: cut
        breaks.sort_by(f64::total_cmp);
        breaks.dedup_by(|b, a| (*b - *a).abs() < 1e-12);
    }
    breaks
}

/// The most pieces that one hidden layer of `units` units can make on a line.
pub fn most_pieces_of_one_layer(units: usize) -> usize {
    units + 1
}
