//! The smallest problem that one unit cannot solve, learned with the tape alone.

use notebook::{Recorder, Rng, Table};

use super::common::random;
use crate::tape::{Tape, Var};

/// Units of the hidden layer.
const WIDTHS: [usize; 4] = [2, 3, 4, 8];
/// Random starts of each width.
const STARTS: usize = 200;
/// Steps of each start.
const STEPS: usize = 2000;
/// Learning rate.
const RATE: f64 = 0.5;
/// A loss below this is that of a network that has learned it.
const LEARNED: f64 = 0.1;
/// Steps whose losses are recorded.
const SHOWN: [usize; 11] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/// The four cases: two inputs, and −1 or 1.
const CASES: [([f64; 2], f64); 4] =
    [([0.0, 0.0], -1.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], -1.0)];

// ANCHOR: loss
/// The mean loss `ln(1 + e^(−y z))` over the four cases, of tanh units and one
/// output.
fn loss<'t>(tape: &'t Tape, w: &[Var<'t>]) -> Var<'t> {
    let (units, output) = w.split_at(w.len() / 4 * 3);
    let mut sum = tape.var(0.0);
    for (x, y) in CASES {
        let [a, b] = x.map(|x| tape.var(x));
        let mut z = output[output.len() - 1];
        for (unit, &v) in units.chunks_exact(3).zip(output) {
            z = z + v * (unit[0] * a + unit[1] * b + unit[2]).tanh();
        }
        sum = sum + (tape.var(1.0) + (tape.var(-y) * z).exp()).ln();
    }
    sum * tape.var(1.0 / CASES.len() as f64)
}
// ANCHOR_END: loss

// ANCHOR: step
/// One step of gradient descent: every weight learns at once. Gives the loss
/// before it.
fn step(weights: &mut [f64], rate: f64) -> f64 {
    let tape = Tape::new();
    let w: Vec<Var<'_>> = weights.iter().map(|&w| tape.var(w)).collect();
    let loss = loss(&tape, &w);
    let gradient = loss.backward();
    for (weight, var) in weights.iter_mut().zip(w) {
        *weight -= rate * gradient.of(var);
    }
    loss.value
}
// ANCHOR_END: step

/// What training from one start showed.
struct Run {
    losses: Vec<f64>,
    /// Share of the weights that the first step changed.
    moved: f64,
}

impl Run {
    fn solved(&self) -> bool {
        self.losses.last().is_some_and(|&loss| loss < LEARNED)
    }
}

fn train(width: usize, rng: &mut Rng) -> Run {
    // Three weights a unit, one more for its way to the output, and the output's bias, which stands last.
    let mut weights = random(rng, 4 * width + 1);
    let start = weights.clone();
    let mut losses = vec![step(&mut weights, RATE)];
    let moved = weights.iter().zip(&start).filter(|(now, then)| now != then).count();
    losses.extend((1..STEPS).map(|_| step(&mut weights, RATE)));
    Run { losses, moved: moved as f64 / start.len() as f64 }
}

/// How often XOR is solved, by width, and how the loss falls.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let mut table = Table::new([
        "Units | int",
        "Weights | int",
        "Starts solved | percent 1",
        "Low | percent 1",
        "High | percent 1",
    ]);
    let mut bands = Vec::new();
    let mut shares = Vec::new();
    let mut all_move = 0;
    for width in WIDTHS {
        let runs: Vec<Run> = (0..STARTS).map(|_| train(width, &mut rng)).collect();
        let solved = runs.iter().filter(|run| run.solved()).count();
        let [low, share, high] = wilson(solved, STARTS);
        recorder.value(&format!("solved/{width}"), share).interval(low, high);
        table.row([width.into(), (4 * width + 1).into(), share.into(), low.into(), high.into()]);
        bands.push((width, SHOWN.map(|step| quantiles(&runs, step - 1))));
        shares.push([low, share, high]);
        all_move += runs.iter().filter(|run| run.moved >= 1.0).count();
    }
    recorder.table("solved", table);
    recorder.value("starts", STARTS);
    recorder.value("steps", STEPS);
    recorder.value("rate", RATE);
    recorder.value("learned-below", LEARNED);
    let series = recorder.series("loss", "Steps", SHOWN.map(|step| step as f64));
    for (width, band) in bands.into_iter().filter(|(width, _)| [2, 8].contains(width)) {
        series.banded(&format!("{width} units"), band);
    }
    recorder.claim("all-move", "The first step changes every weight, from every start.").all(
        all_move,
        STARTS * WIDTHS.len(),
        "starts",
    );
    recorder
        .claim("width-helps", "Eight units solve XOR from more starts than two units do.")
        .greater(shares[3][0], shares[0][2]);
    Ok(())
}

/// A tenth, a half and nine tenths of the runs have at most this loss.
fn quantiles(runs: &[Run], step: usize) -> [f64; 3] {
    let mut losses: Vec<f64> = runs.iter().map(|run| run.losses[step]).collect();
    losses.sort_by(f64::total_cmp);
    [1, 5, 9].map(|tenths| losses[(losses.len() - 1) * tenths / 10])
}

/// Wilson's interval for a share at 95 per cent, with the share in the middle.
fn wilson(hits: usize, n: usize) -> [f64; 3] {
    let (p, n, z) = (hits as f64 / n as f64, n as f64, 1.96);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    [(middle - half).max(0.0), p, (middle + half).min(1.0)]
}
