//! Why the peak stands at N = n: three points by hand, and pure noise on random features beside its formula.

use anyhow::Result;
use learning::normal;
use ndarray::Array2;
use notebook::{Estimate, Recorder, Table};

use crate::formulas;
use crate::ridge::{LeastSquares, norm};

/// Samples of the random problems.
const SAMPLES: usize = 40;
/// Features. Where they are as many as the samples, or nearly, no mean exists.
const FEATURES: [usize; 14] = [4, 8, 12, 16, 20, 25, 30, 34, 46, 52, 60, 80, 120, 240];
/// Problems of each size.
const PROBLEMS: usize = 2000;
/// Features of the three points: a constant, a slope, and two that are high in the middle; of a new point behind them.
pub const POINTS: [[f64; 4]; 3] =
    [[1.0, -1.0, 0.0, 0.0], [1.0, 0.0, 0.1, 1.0], [1.0, 1.0, 0.0, 0.0]];
/// Their targets.
pub const TARGETS: [f64; 3] = [0.0, 1.2, 0.0];
/// Features of a new point.
pub const NEW: [f64; 4] = [1.0, 0.5, 0.6, 0.5];

/// The experiment.
pub fn peak(recorder: &mut Recorder) -> Result<()> {
    points(recorder)?;
    noise(recorder)
}

/// The example by hand, with the first two, three and four features.
fn points(recorder: &mut Recorder) -> Result<()> {
    let all = Array2::from_shape_fn((3, 4), |(i, j)| POINTS[i][j]);
    let y = Array2::from_shape_fn((3, 1), |(i, _)| TARGETS[i]);
    let mut table = Table::new([
        "Features | int",
        "Weights",
        "Length | fixed 2",
        "Error on the three | fixed 2",
        "Said of the new point | fixed 2",
    ]);
    let mut lengths = Vec::new();
    for n in 2..=4 {
        let x = all.slice(ndarray::s![.., ..n]);
        let w = LeastSquares::new(x, y.view())?.fit(0.0)?;
        let off = &x.dot(&w) - &y;
        let said: f64 = w.iter().zip(NEW).map(|(w, x)| w * x).sum();
        let words: Vec<String> = w.iter().map(|w| format!("{:.3}", w + 0.0)).collect();
        let length = norm(w.view());
        recorder.value(&format!("points/{n}/length"), length);
        recorder.value(&format!("points/{n}/said"), said);
        recorder.value(&format!("points/{n}/left"), norm(off.view()));
        for (j, w) in w.iter().enumerate() {
            recorder.value(&format!("points/{n}/w{}", j + 1), *w);
        }
        table.row([
            n.into(),
            words.join(", ").into(),
            length.into(),
            norm(off.view()).into(),
            said.into(),
        ]);
        lengths.push(length);
    }
    recorder.table("points", table);
    recorder
        .claim("three-points", "With three features for three points the weights are longer than with two and with four.")
        .greater(lengths[1], lengths[0].max(lengths[2]));
    let ridged = LeastSquares::new(all.slice(ndarray::s![.., ..3]), y.view())?.fit(0.01)?;
    recorder.value("points/ridge/length", norm(ridged.view()));
    let said: f64 = ridged.iter().zip(NEW).map(|(w, x)| w * x).sum();
    recorder.value("points/ridge/said", said);
    Ok(())
}

fn noise(recorder: &mut Recorder) -> Result<()> {
    let mut rng = recorder.rng();
    let (mut measured, mut within) = (Vec::new(), 0);
    for features in FEATURES {
        let squares = recorder.repeat(PROBLEMS, &mut rng, |rng| {
            let x = Array2::from_shape_simple_fn((SAMPLES, features), || normal(rng));
            let y = Array2::from_shape_simple_fn((SAMPLES, 1), || normal(rng));
            let w = LeastSquares::new(x.view(), y.view()).and_then(|problem| problem.fit(0.0));
            w.map(|w| norm(w.view()).powi(2))
        });
        let squares = squares.into_iter().collect::<Result<Vec<f64>, _>>()?;
        let found = Estimate::over_runs(&squares);
        let formula = formulas::noise(SAMPLES, features);
        within += usize::from((found.value / formula - 1.0).abs() < 0.1);
        measured.push([found.low, found.value, found.high]);
    }
    recorder.value("samples", SAMPLES);
    recorder.value("problems", PROBLEMS);
    let features = FEATURES.iter().map(|&f| f as f64);
    recorder.series("noise", "Features N", features).banded("measured", measured);
    for side in [34, 46, 240] {
        recorder.value(&format!("formula/{side}"), formulas::noise(SAMPLES, side));
    }
    recorder
        .claim("formula-holds", "For every number of features the mean square of the length is within a tenth of the formula.")
        .all(within, FEATURES.len(), "numbers of features");
    Ok(())
}
