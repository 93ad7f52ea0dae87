//! One network that the chapter follows with numbers: two inputs, two tanh units, two outputs. Its gradient by hand, by
//! differences, in forward mode, on the tape, by matrices and by the engine.

mod ways;

use notebook::{Recorder, Scalar, Table};

use super::scalar::Number;

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
const NAMES: [&str; 12] =
    ["w11", "w12", "b1", "w21", "w22", "b2", "v11", "v12", "c1", "v21", "v22", "c2"];
/// The same with indices, for tables.
const SIGNS: [&str; 12] =
    ["w₁₁", "w₁₂", "b₁", "w₂₁", "w₂₂", "b₂", "v₁₁", "v₁₂", "c₁", "v₂₁", "v₂₂", "c₂"];
/// The weight that the pages follow: `w₁₁`.
const FOLLOWED: usize = 0;
/// A second sample, and its class.
const SECOND: ([f64; 2], usize) = ([-1.0, 2.0], 0);
/// Rate of the one step that is taken.
const RATE: f64 = 0.5;

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
    fn all(&self) -> [N; 7] {
        let Stages { s, a, z, loss } = *self;
        [s[0], s[1], a[0], a[1], z[0], z[1], loss]
    }
}

/// Names of [`Stages::all`], in keys and in tables.
const STAGES: [(&str, &str); 7] = [
    ("s1", "s₁"),
    ("s2", "s₂"),
    ("a1", "a₁"),
    ("a2", "a₂"),
    ("z1", "z₁"),
    ("z2", "z₂"),
    ("loss", "ℓ"),
];

/// Probabilities of two logits.
fn softmax(z: [f64; 2]) -> [f64; 2] {
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

/// Every number of the example, and the agreement of all ways to its gradient.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let stages = network(&WEIGHTS, &X, LABEL);
    let gradient = by_hand(&WEIGHTS, &X, LABEL);
    values(recorder, &stages, &gradient);
    one_step(recorder, stages.loss, &gradient);
    ways::differences(recorder, gradient[FOLLOWED]);
    ways::dual(recorder);
    ways::tape(recorder);
    ways::agreement(recorder, &gradient)?;
    ways::batch(recorder);
    Ok(())
}

fn values(recorder: &mut Recorder, stages: &Stages<f64>, gradient: &[f64; 12]) {
    for ((key, _), value) in STAGES.iter().zip(stages.all()) {
        recorder.value(key, value);
    }
    let mut table =
        Table::new(["Weight", "Value | fixed 2", "Gradient | fixed 4", "After the step | fixed 4"]);
    for (i, slope) in gradient.iter().enumerate() {
        recorder.value(&format!("d/{}", NAMES[i]), *slope);
        let after = WEIGHTS[i] - RATE * slope;
        table.row([SIGNS[i].into(), WEIGHTS[i].into(), (*slope).into(), after.into()]);
    }
    recorder.table("gradient", table);
    let p = softmax(stages.z);
    for (i, ((p, z), a)) in p.iter().zip(stages.z).zip(stages.a).enumerate() {
        recorder.value(&format!("e{}", i + 1), z.exp());
        recorder.value(&format!("p{}", i + 1), *p);
        recorder.value(&format!("slope{}", i + 1), 1.0 - a.powi(2));
    }
    recorder.value("jacobian", p[0] * p[1]);
    recorder.value("sum", stages.z.map(f64::exp).iter().sum::<f64>());
    recorder.value("weights", WEIGHTS.len());
    recorder.value("evaluations", 2 * WEIGHTS.len());
}

/// A step against the gradient: does the loss fall?
fn one_step(recorder: &mut Recorder, before: f64, gradient: &[f64; 12]) {
    let moved: [f64; 12] = std::array::from_fn(|i| WEIGHTS[i] - RATE * gradient[i]);
    let after = network(&moved, &X, LABEL);
    recorder.value("step/rate", RATE);
    recorder.value("step/loss", after.loss);
    recorder.value("step/p2", softmax(after.z)[LABEL]);
    recorder
        .claim("step-lowers", "One step against the gradient lowers the loss of the example.")
        .less(after.loss, before);
}

/// A number of a table, or an empty cell.
fn cell(x: impl Into<Scalar>) -> Scalar {
    x.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_the_page_works_out_by_hand() {
        let Stages { s, .. } = network(&WEIGHTS, &X, LABEL);
        assert_eq!(s, [0.5, -1.0]);
    }

    #[test]
    fn the_network_is_that_of_the_garments_in_small() {
        let stages = network(&WEIGHTS, &X, LABEL);
        let loss = super::super::scalar::loss(&WEIGHTS, &X, 2, LABEL);
        assert!((stages.loss - loss).abs() < 1e-15);
    }
}
