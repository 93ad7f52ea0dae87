//! The gradient of the example in each of the chapter's ways.

use ndarray::{Array1, Array2, arr2};
use notebook::{Recorder, Scalar, Table};

use super::network::{
    FOLLOWED, LABEL, NAMES, SECOND, STAGES, Stages, WEIGHTS, X, by_hand, network,
};
use crate::difference;
use crate::dual::Dual;
use crate::experiments::plain::{self, Linear};
use crate::tape::Tape;
use crate::{Activation, Engine, Network, Options, Rows, Shape, Tensor};

/// Steps of a difference that are shown.
const STEPS: [f64; 8] = [1e-1, 1e-2, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13];
/// The one that is followed through the network.
const SHOWN: f64 = 1e-2;
/// The one with which all weights are moved.
const BEST: f64 = 1e-5;

/// The loss with the followed weight at `w`.
fn moved(w: f64) -> Stages<f64> {
    let mut weights = WEIGHTS;
    weights[FOLLOWED] = w;
    network(&weights, &X, LABEL)
}

/// The slope in the followed weight by differences.
pub(super) fn differences(recorder: &mut Recorder, slope: f64) {
    let (loss, w) = (|w| moved(w).loss, WEIGHTS[FOLLOWED]);
    let mut table = Table::new([
        "Step | sci 0",
        "One-sided | fixed 8",
        "Error | sci 1",
        "Central | fixed 8",
        "Error | sci 1",
    ]);
    let mut errors = Vec::new();
    for h in STEPS {
        let found = [difference::forward(loss, w, h), difference::central(loss, w, h)];
        let off = found.map(|found| (found - slope).abs());
        table.row([h, found[0], off[0], found[1], off[1]].map(cell));
        errors.push(off);
    }
    recorder.table("differences", table);
    for (name, h) in [("above", SHOWN), ("below", -SHOWN)] {
        for ((key, _), value) in STAGES.iter().zip(moved(w + h).all()) {
            recorder.value(&format!("{name}/{key}"), value);
        }
    }
    recorder.value("difference/step", SHOWN);
    recorder.value("difference/one-sided", difference::forward(loss, w, SHOWN));
    recorder.value("difference/central", difference::central(loss, w, SHOWN));
    let best = |side: usize| errors.iter().map(|e| e[side]).fold(f64::INFINITY, f64::min);
    let last = errors[errors.len() - 1];
    recorder
        .claim(
            "step-too-small",
            "In the example, too, the smallest step is not the best, for neither difference.",
        )
        .record(
            last[0] > best(0) && last[1] > best(1),
            format!(
                "{:.1e} and {:.1e} against {:.1e} and {:.1e}",
                last[0],
                last[1],
                best(0),
                best(1)
            ),
        );
}

/// One run in forward mode: every number with its slope in the followed weight.
pub(super) fn dual(recorder: &mut Recorder) {
    let stages = in_forward_mode(FOLLOWED);
    let mut table = Table::new(["Number", "Value | fixed 4", "Slope in w₁₁ | fixed 4"]);
    table.row([cell("w₁₁"), cell(WEIGHTS[FOLLOWED]), cell(1.0)]);
    for ((key, sign), number) in STAGES.iter().zip(stages.all()) {
        recorder.value(&format!("dual/{key}"), number.derivative);
        table.row([cell(*sign), cell(number.value), cell(number.derivative)]);
    }
    recorder.table("dual", table);
}

fn in_forward_mode(weight: usize) -> Stages<Dual> {
    let mut w = WEIGHTS.map(Dual::constant);
    w[weight] = Dual::input(WEIGHTS[weight]);
    network(&w, &X.map(Dual::constant), LABEL)
}

/// One run on the tape: every number with the slope of the loss in it.
pub(super) fn tape(recorder: &mut Recorder) {
    let tape = Tape::new();
    let (w, x) = (WEIGHTS.map(|w| tape.var(w)), X.map(|x| tape.var(x)));
    let inputs = tape.len();
    let stages = network(&w, &x, LABEL);
    let gradient = stages.loss.backward();
    let mut table = Table::new(["Number", "Value | fixed 4", "Slope of the loss in it | fixed 4"]);
    for ((key, sign), number) in STAGES.iter().zip(stages.all()) {
        recorder.value(&format!("g/{key}"), gradient.of(number));
        table.row([cell(*sign), cell(number.value), cell(gradient.of(number))]);
    }
    for (i, x) in x.iter().enumerate() {
        recorder.value(&format!("g/x{}", i + 1), gradient.of(*x));
    }
    recorder.table("tape", table);
    recorder.value("tape/lines", tape.len());
    recorder.value("tape/inputs", inputs);
    recorder.value("tape/operations", tape.len() - inputs);
}

fn on_the_tape() -> Vec<f64> {
    let tape = Tape::new();
    let (w, x) = (WEIGHTS.map(|w| tape.var(w)), X.map(|x| tape.var(x)));
    let gradient = network(&w, &x, LABEL).loss.backward();
    w.iter().map(|&w| gradient.of(w)).collect()
}

/// The layers of the example as matrices.
fn layers() -> [Linear; 2] {
    [0, 6].map(|at| {
        let [a, b] = [at, at + 3].map(|unit| &WEIGHTS[unit..unit + 3]);
        Linear { w: arr2(&[[a[0], a[1]], [b[0], b[1]]]), b: Array1::from(vec![a[2], b[2]]) }
    })
}

/// The numbers of two layers in the order of [`WEIGHTS`].
fn in_order(layers: &[Linear; 2]) -> Vec<f64> {
    let unit = |i: usize| {
        let (layer, row) = (&layers[i / 2], i % 2);
        [layer.w[[row, 0]], layer.w[[row, 1]], layer.b[row]]
    };
    (0..4).flat_map(unit).collect()
}

fn by_matrices(rows: &[[f64; 2]], labels: &[usize]) -> (f64, Vec<f64>) {
    let [first, second] = layers();
    let x = Array2::from_shape_fn((rows.len(), 2), |(row, j)| rows[row][j]);
    let (loss, gradient) = plain::gradient(&first, &second, &x, labels);
    (loss, in_order(&gradient))
}

fn by_engine() -> crate::Result<Vec<f64>> {
    let network = Network::<f64>::new(Shape::row(2))
        .then("0", crate::Linear::new(2, 2).with(Activation::Tanh))?
        .then("1", crate::Linear::new(2, 2))?;
    let options = Options { batch: 1, shards: 1, threads: 1, training: true };
    let mut engine = Engine::new(network, options)?;
    let tensors = engine.weights().into_iter();
    let flat: Vec<Vec<f64>> =
        layers().iter().flat_map(|l| [l.w.iter().copied().collect(), l.b.to_vec()]).collect();
    let filled: Vec<Tensor<f64>> =
        tensors.zip(flat).map(|(t, data)| Tensor { data, ..t }).collect();
    engine.set_weights(&filled)?;
    engine.gradients(&Rows { x: &X, labels: &[LABEL] })?;
    let found = engine.gradient();
    let unit = |i: usize| {
        let (w, b, row) = (&found[i / 2 * 2].data, &found[i / 2 * 2 + 1].data, i % 2);
        [w[2 * row], w[2 * row + 1], b[row]]
    };
    Ok((0..4).flat_map(unit).collect())
}

/// How far each way is from the gradient by hand.
pub(super) fn agreement(recorder: &mut Recorder, hand: &[f64; 12]) -> anyhow::Result<()> {
    let loss = |w: &[f64]| network(&std::array::from_fn(|i| w[i]), &X, LABEL).loss;
    let forward: Vec<f64> = (0..NAMES.len()).map(|i| in_forward_mode(i).loss.derivative).collect();
    let ways: [(&str, usize, Vec<f64>); 5] = [
        ("central differences", 2 * NAMES.len(), difference::gradient(loss, &WEIGHTS, BEST)),
        ("dual numbers (forward mode)", NAMES.len(), forward),
        ("the tape (reverse mode)", 1, on_the_tape()),
        ("matrices", 1, by_matrices(&[X], &[LABEL]).1),
        ("the engine", 1, by_engine()?),
    ];
    let heads =
        ["Way", "Runs of the network | int", "Largest distance from the gradient by hand | sci 0"];
    let mut table = Table::new(heads);
    let (mut exact, mut near) = (0, 0);
    for (i, (name, runs, found)) in ways.iter().enumerate() {
        let apart = found.iter().zip(hand).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        table.row([cell(*name), cell(*runs), cell(apart)]);
        exact += usize::from(i > 0 && apart < 1e-14);
        near += usize::from(apart < 1e-9);
    }
    recorder.table("ways", table);
    recorder.value("ways", ways.len());
    recorder
        .claim("exact-ways-agree", "Dual numbers, tape, matrices and engine agree with the gradient by hand to within rounding, to 10⁻¹⁴ in each of its numbers.")
        .all(exact, ways.len() - 1, "ways");
    recorder
        .claim(
            "all-ways-agree",
            "All five ways agree with the gradient by hand to 10⁻⁹ in each of its numbers.",
        )
        .all(near, ways.len(), "ways");
    Ok(())
}

/// A mini-batch of two samples: its gradient is the mean of theirs.
pub(super) fn batch(recorder: &mut Recorder) {
    let (x, label) = SECOND;
    let (loss, both) = by_matrices(&[X, x], &[LABEL, label]);
    let single = [by_hand(&WEIGHTS, &X, LABEL), by_hand(&WEIGHTS, &x, label)];
    let mean = |i: usize| (single[0][i] + single[1][i]) / 2.0;
    let apart = (0..12).fold(0.0, |m: f64, i| m.max((both[i] - mean(i)).abs()));
    recorder.value("batch/loss", loss);
    recorder.value("batch/second", network(&WEIGHTS, &x, label).loss);
    for (i, name) in NAMES.iter().enumerate() {
        recorder.value(&format!("batch/d/{name}"), both[i]);
        recorder.value(&format!("second/d/{name}"), single[1][i]);
    }
    recorder
        .claim("batch-is-mean", "By matrices, the gradient of a mini-batch of two samples is the mean of the gradients of each by hand.")
        .less(apart, 1e-14);
}

/// A number of a table, or an empty cell.
fn cell(x: impl Into<Scalar>) -> Scalar {
    x.into()
}
