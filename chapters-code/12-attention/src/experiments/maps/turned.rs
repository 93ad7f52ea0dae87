//! Values in other coordinates, with a network that is the same function.

use learning::normal;
use ndarray::{Array1, Array2, s};
use notebook::{Estimate, Recorder, Rng};
use rand::RngExt as _;
use representation::occlusion::rank_correlation;
use residual::apart;

use crate::induction::opened::unchanged;
use crate::induction::{Opened, Repeats};

/// Sequences that each network is asked.
const ASKED: usize = 20;
/// The period of the sequences.
const PERIOD: usize = 16;
/// The layer whose values are turned.
const LAYER: usize = 1;
/// How much larger or smaller a coordinate may become, in powers of ten.
const POWERS: f64 = 1.0;

/// Turns and stretches the values of each network.
pub fn record(recorder: &mut Recorder, trained: Vec<Opened>) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let asked = Repeats::draw(ASKED, PERIOD..=PERIOD, &mut rng).0;
    let (mut worst, mut ranks) = (0.0_f64, Vec::new());
    for opened in trained {
        let width = opened.model().width;
        let other = turn(opened.clone(), &rotation(width, &mut rng), &stretch(width, &mut rng));
        let mut of_run = Vec::new();
        for sequence in &asked {
            let [a, b] = [&opened, &other].map(|net| net.run(sequence.input(), &unchanged));
            let (a, b) = (a?, b?);
            let flat = |x: &Array2<f32>| x.iter().copied().collect::<Vec<f32>>();
            worst = worst.max(apart(&flat(&b.logits), &flat(&a.logits)));
            let [a, b] = [a, b].map(|trace| lengths(&trace.values[LAYER][0]));
            of_run.push(rank_correlation(&a, &b));
        }
        ranks.push(of_run);
    }
    recorder.value("turned/difference", worst);
    let ranks = Estimate::over_runs_and_cases(&ranks);
    recorder.estimate("turned/ranks", ranks);
    recorder
        .claim("turned-same", "With turned and stretched values no score of a word moves by more than a thousandth of the largest.")
        .less(worst, 1e-3);
    recorder
        .claim("lengths-differ", "The order of the values by length is another one: the rank correlation is below nine tenths.")
        .record(ranks.high < 0.9, ranks.in_words(notebook::Format::Fixed(2)));
    Ok(())
}

/// The length of each row.
fn lengths(values: &Array2<f32>) -> Vec<f64> {
    values.outer_iter().map(|v| f64::from(v.dot(&v)).sqrt()).collect()
}

/// A rotation: normal rows, each without its part along those before, at length 1.
fn rotation(n: usize, rng: &mut Rng) -> Array2<f32> {
    let mut rows = Array2::from_shape_simple_fn((n, n), || normal(rng));
    for i in 0..n {
        for j in 0..i {
            let along = rows.row(i).dot(&rows.row(j));
            let other = rows.row(j).to_owned();
            rows.row_mut(i).scaled_add(-along, &other);
        }
        let length = rows.row(i).dot(&rows.row(i)).sqrt();
        rows.row_mut(i).mapv_inplace(|x| x / length);
    }
    rows.mapv(|x| x as f32)
}

/// A factor for each coordinate.
fn stretch(n: usize, rng: &mut Rng) -> Array1<f32> {
    Array1::from_shape_simple_fn(n, || 10_f64.powf(rng.random_range(-POWERS..POWERS)) as f32)
}

// ANCHOR: turn
/// Values `v R diag(s)` in place of `v`, and the inverse of that in the layer
/// behind the head.
fn turn(mut opened: Opened, r: &Array2<f32>, s: &Array1<f32>) -> Opened {
    let width = r.nrows();
    if let Some(packed) = opened.tensor_mut(&format!("{LAYER}.packed.weight")) {
        let mut values = packed.slice_mut(s![2 * width.., ..]);
        let turned = r.t().dot(&values) * s.view().insert_axis(ndarray::Axis(1));
        values.assign(&turned);
    }
    if let Some(out) = opened.tensor_mut(&format!("{LAYER}.out.weight")) {
        *out = out.dot(r) / s;
    }
    opened
}
// ANCHOR_END: turn
