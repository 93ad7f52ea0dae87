//! The network itself, and its gradient by hand.

use crate::experiments::scalar::Number;

/// The input.
pub const X: [f64; 2] = [2.0, 1.0];
/// The true class: the second of two.
pub const LABEL: usize = 1;
/// Of each unit the weights of its two inputs, and then its bias.
pub const WEIGHTS: [f64; 12] = [
    0.5, -1.0, 0.5, // first unit: w₁₁, w₁₂, b₁
    -0.5, 0.25, -0.25, // second unit: w₂₁, w₂₂, b₂
    1.0, -0.5, 0.0, // first output: v₁₁, v₁₂, c₁
    0.5, 1.0, 0.5, // second output: v₂₁, v₂₂, c₂
];

/// What the pages call the weights.
pub(super) const NAMES: [&str; 12] =
    ["w11", "w12", "b1", "w21", "w22", "b2", "v11", "v12", "c1", "v21", "v22", "c2"];
/// The weight that the pages follow: `w₁₁`.
pub(super) const FOLLOWED: usize = 0;
/// A second sample, and its class.
pub(super) const SECOND: ([f64; 2], usize) = ([-1.0, 2.0], 0);

// ANCHOR: network
/// What the network computes on its way, in order.
#[derive(Clone, Copy, Debug)]
pub struct Stages<N> {
    /// Weighted sums of the units.
    pub s: [N; 2],
    /// Their activations.
    pub a: [N; 2],
    /// Weighted sums of the outputs, the logits.
    pub z: [N; 2],
    /// The loss.
    pub loss: N,
}

/// Runs the network, for any kind of number.
pub fn network<N: Number>(w: &[N; 12], x: &[N; 2], label: usize) -> Stages<N> {
    let unit = |at: usize, x: &[N; 2]| w[at] * x[0] + w[at + 1] * x[1] + w[at + 2];
    let s = [unit(0, x), unit(3, x)];
    let a = s.map(N::tanh);
    let z = [unit(6, &a), unit(9, &a)];
    let loss = (z[0].exp() + z[1].exp()).ln() - z[label];
    Stages { s, a, z, loss }
}
// ANCHOR_END: network

impl<N: Copy> Stages<N> {
    /// All of them, in order.
    pub(super) fn all(&self) -> [N; 7] {
        let Stages { s, a, z, loss } = *self;
        [s[0], s[1], a[0], a[1], z[0], z[1], loss]
    }
}

/// Names of [`Stages::all`], in keys and in tables.
pub(super) const STAGES: [(&str, &str); 7] = [
    ("s1", "s₁"),
    ("s2", "s₂"),
    ("a1", "a₁"),
    ("a2", "a₂"),
    ("z1", "z₁"),
    ("z2", "z₂"),
    ("loss", "ℓ"),
];

/// Probabilities of two logits.
pub(super) fn softmax(z: [f64; 2]) -> [f64; 2] {
    let e = z.map(f64::exp);
    e.map(|e_i| e_i / (e[0] + e[1]))
}

// ANCHOR: by_hand
/// The gradient by the chain rule, from the loss back: a line for each formula.
pub fn by_hand(w: &[f64; 12], x: &[f64; 2], label: usize) -> [f64; 12] {
    let Stages { a, z, .. } = network(w, x, label);
    let p = softmax(z);
    let truth = [0, 1].map(|i| f64::from(u8::from(i == label)));
    let dz = [p[0] - truth[0], p[1] - truth[1]];
    let da = [dz[0] * w[6] + dz[1] * w[9], dz[0] * w[7] + dz[1] * w[10]];
    let ds = [da[0] * (1.0 - a[0] * a[0]), da[1] * (1.0 - a[1] * a[1])];
    let unit = |d: f64, x: &[f64; 2]| [d * x[0], d * x[1], d];
    let units = [unit(ds[0], x), unit(ds[1], x), unit(dz[0], &a), unit(dz[1], &a)];
    std::array::from_fn(|i| units[i / 3][i % 3])
}
// ANCHOR_END: by_hand
