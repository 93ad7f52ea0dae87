//! Three ways to the same gradient: how far they are apart, and what they cost.

use std::time::Instant;

use learning::FashionMnist;
use notebook::{Recorder, Table};

use super::scalar::{CLASSES, FEATURES, Study, distance};
use crate::difference::gradient;

/// Units of the hidden layer, network by network.
const WIDTHS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Garments whose gradients are compared.
const GARMENTS: usize = 4;
/// Times that each way is measured.
const MEASUREMENTS: usize = 15;
/// Step of the differences, near the best that [`super::difference`] finds.
const STEP: f64 = 1e-5;

// ANCHOR: counts
/// Arithmetic of one evaluation of the loss: sums, products, and functions by
/// kind.
struct Counts {
    sums: usize,
    products: usize,
    tanh: usize,
    exp: usize,
}

impl Counts {
    fn of(hidden: usize) -> Counts {
        let products = hidden * FEATURES + CLASSES * hidden;
        // Each product is added to its sum; then the exponentials, and the
        // logarithm less the logit.
        Counts { sums: products + CLASSES - 1 + 1, products, tanh: hidden, exp: CLASSES }
    }

    /// Plain numbers: an operation each, and one logarithm.
    fn plain(&self) -> usize {
        self.sums + self.products + self.tanh + self.exp + 1
    }

    /// Dual numbers: `a + b` is two sums; `a · b` three products and a sum; a
    /// function has its derivative and the chain rule, three more for tanh and
    /// two for the others.
    fn dual(&self) -> usize {
        2 * self.sums + 4 * self.products + 4 * self.tanh + 3 * self.exp + 3
    }

    /// A tape: values, derivatives of the functions, and for each line on the
    /// way back two products and two sums.
    fn tape(&self, lines: usize) -> usize {
        self.plain() + 2 * self.tanh + self.exp + 1 + 4 * lines
    }
}
// ANCHOR_END: counts

/// What one network showed.
struct Found {
    weights: usize,
    plain: f64,
    differences: f64,
    forward: f64,
    reverse: f64,
    /// Lines of the tape that hold operations, and their number by the closed form.
    lines: (usize, usize),
    /// Distances of forward mode and of differences from reverse mode.
    apart: [f64; 2],
}

/// Errors, operations and times of the three ways, for networks of growing width.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let mut found = Vec::new();
    for hidden in WIDTHS {
        let study = Study::new(&data, hidden, GARMENTS, &mut rng);
        found.push(measure(&study));
        time(recorder, &study);
    }
    record(recorder, &found);
    claims(recorder, &found);
    // The network of the next chapter, 784 to 128 to 10.
    let mlp = 128 * (784 + 1) + 10 * (128 + 1);
    recorder.value("mlp/weights", mlp);
    recorder.value("mlp/evaluations", 2 * mlp);
    Ok(())
}

fn measure(study: &Study) -> Found {
    let counts = Counts::of(study.hidden);
    let (p, mut apart, mut all) = (study.weights.len(), [0.0_f64; 2], 0);
    for g in 0..GARMENTS {
        let (reverse, lines) = study.reverse(g);
        let differences = gradient(|w| study.loss(w, g), &study.weights, STEP);
        for (apart, other) in apart.iter_mut().zip([study.forward(g), differences]) {
            *apart = apart.max(distance(&other, &reverse));
        }
        all = lines;
    }
    Found {
        weights: p,
        plain: counts.plain() as f64,
        differences: (2 * p * counts.plain()) as f64,
        forward: (p * counts.dual()) as f64,
        reverse: counts.tape(all) as f64,
        lines: (all - p - FEATURES, counts.plain()),
        apart,
    }
}

/// Times for one garment, way by way in turn, so that a busy moment of the machine meets all of them: medians and
/// quartiles.
fn time(recorder: &mut Recorder, study: &Study) {
    let loss = || study.loss(&study.weights, 0);
    let differences = || gradient(|w| study.loss(w, 0), &study.weights, STEP)[0];
    let forward = || study.forward(0)[0];
    let reverse = || study.reverse(0).0[0];
    // Name, repetitions in one measurement, and what is done.
    let ways: [(&str, u32, &dyn Fn() -> f64); 4] = [
        ("evaluation", 100, &loss),
        ("differences", 1, &differences),
        ("forward", 1, &forward),
        ("reverse", 20, &reverse),
    ];
    let mut times: [Vec<f64>; 4] = Default::default();
    for _ in 0..MEASUREMENTS {
        for (times, (_, repetitions, work)) in times.iter_mut().zip(ways) {
            let start = Instant::now();
            (0..repetitions).for_each(|_| _ = std::hint::black_box(work()));
            times.push(start.elapsed().as_secs_f64() / f64::from(repetitions));
        }
    }
    for (mut times, (way, ..)) in times.into_iter().zip(ways) {
        times.sort_by(f64::total_cmp);
        let quartiles = [1, 2, 3].map(|quarter| times[quarter * MEASUREMENTS / 4]);
        recorder.timing_within(&format!("{way}/{}", study.weights.len()), quartiles);
    }
}

fn record(recorder: &mut Recorder, found: &[Found]) {
    let of = |f: fn(&Found) -> f64| found.iter().map(f).collect::<Vec<_>>();
    recorder
        .series("operations", "Weights", of(|f| f.weights as f64))
        .curve("forward mode", of(|f| f.forward))
        .curve("differences", of(|f| f.differences))
        .curve("reverse mode", of(|f| f.reverse))
        .curve("loss alone", of(|f| f.plain));
    let mut table = Table::new([
        "Weights | int",
        "Loss alone | count 1",
        "Differences | count 1",
        "Forward mode | count 1",
        "Reverse mode | count 1",
        "Reverse mode, in losses | fixed 2",
    ]);
    for f in found {
        let share = f.reverse / f.plain;
        table.row([
            f.weights.into(),
            f.plain.into(),
            f.differences.into(),
            f.forward.into(),
            f.reverse.into(),
            share.into(),
        ]);
    }
    recorder.table("operations", table);
    let largest = |i: usize| found.iter().fold(0.0, |m: f64, f| m.max(f.apart[i]));
    recorder.value("apart/forward", largest(0));
    recorder.value("apart/differences", largest(1));
    let Some(last) = found.last() else { return };
    recorder.value("largest/weights", last.weights);
    recorder.value("largest/reverse-in-losses", last.reverse / last.plain);
    recorder.value("largest/forward-over-reverse", last.forward / last.reverse);
    recorder.value("largest/differences-over-reverse", last.differences / last.reverse);
}

fn claims(recorder: &mut Recorder, found: &[Found]) {
    let all = |test: &dyn Fn(&Found) -> bool| found.iter().filter(|f| test(f)).count();
    recorder
        .claim("counted-twice", "The tape has as many operations as the closed form counts.")
        .all(all(&|f| f.lines.0 == f.lines.1), found.len(), "networks");
    recorder
        .claim("reverse-is-constant", "For each of the networks counted, the gradient in reverse mode takes less than ten times the operations of the loss.")
        .all(all(&|f| f.reverse < 10.0 * f.plain), found.len(), "networks");
    recorder
        .claim("forward-grows", "In forward mode the gradient takes more operations than the loss times the number of weights.")
        .all(all(&|f| f.forward > f.plain * f.weights as f64), found.len(), "networks");
    recorder
        .claim("modes-agree", "Forward and reverse mode agree to one part in ten million million.")
        .all(all(&|f| f.apart[0] < 1e-13), found.len(), "networks");
    recorder
        .claim("differences-do-not", "Differences are more than a thousand times further from reverse mode than forward mode is.")
        .all(all(&|f| f.apart[1] > 1000.0 * f.apart[0]), found.len(), "networks");
}
