//! How far finite differences are from the true slope, against the step.

use learning::FashionMnist;
use notebook::Recorder;

use super::scalar::Study;
use crate::difference::{central, forward};

/// Units of the hidden layer.
const HIDDEN: usize = 8;
/// Garments whose losses are differentiated.
const GARMENTS: usize = 4;

/// Errors of one-sided and central differences, over all weights of a small network.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let study = Study::new(&FashionMnist::of(recorder)?, HIDDEN, GARMENTS, &mut recorder.rng());
    recorder.value("weights", study.weights.len());
    // Four steps a decade, from 0.1 down.
    let steps: Vec<f64> = (0..=56).map(|i| 10_f64.powf(-1.0 - f64::from(i) / 4.0)).collect();
    let truth: Vec<Vec<f64>> = (0..GARMENTS).map(|g| study.reverse(g).0).collect();
    let one_sided: Vec<f64> = steps.iter().map(|&h| error(&study, &truth, h, false)).collect();
    let two_sided: Vec<f64> = steps.iter().map(|&h| error(&study, &truth, h, true)).collect();
    recorder
        .series("error", "Step", steps.iter().copied())
        .curve("one-sided", one_sided.iter().copied())
        .curve("central", two_sided.iter().copied());
    for (name, errors) in [("one-sided", &one_sided), ("central", &two_sided)] {
        let best = (0..steps.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).unwrap_or(0);
        recorder.value(&format!("{name}/best-step"), steps[best]);
        recorder.value(&format!("{name}/best-error"), errors[best]);
        recorder.value(&format!("{name}/last-error"), errors[steps.len() - 1]);
    }
    claims(recorder, &one_sided, &two_sided);
    Ok(())
}

/// Root of the mean square of the errors, relative to that of the gradients.
fn error(study: &Study, truth: &[Vec<f64>], h: f64, two_sided: bool) -> f64 {
    let (mut errors, mut squares) = (0.0, 0.0);
    for (g, truth) in truth.iter().enumerate() {
        for (i, &slope) in truth.iter().enumerate() {
            let f = |w: f64| {
                let mut weights = study.weights.clone();
                weights[i] = w;
                study.loss(&weights, g)
            };
            let w = study.weights[i];
            let found = if two_sided { central(f, w, h) } else { forward(f, w, h) };
            errors += (found - slope).powi(2);
            squares += slope * slope;
        }
    }
    (errors / squares).sqrt()
}

fn claims(recorder: &mut Recorder, one_sided: &[f64], two_sided: &[f64]) {
    let least = |errors: &[f64]| errors.iter().copied().fold(f64::INFINITY, f64::min);
    let (one, two) = (least(one_sided), least(two_sided));
    recorder
        .claim("central-is-better", "At its best step, the central difference is more than a hundred times closer to the slope than the one-sided one at its best.")
        .less(two, one / 100.0);
    // From a step of 10⁻² to one of 10⁻⁴.
    let orders = |errors: &[f64]| (errors[4] / errors[12]).log10() / 2.0;
    recorder.value("one-sided/order", orders(one_sided));
    recorder.value("central/order", orders(two_sided));
    recorder
        .claim("first-order", "A step ten times smaller, while it is large, makes the one-sided difference ten times better.")
        .close(orders(one_sided), 1.0, 0.05);
    recorder
        .claim("second-order", "A step ten times smaller, while it is large, makes the central difference a hundred times better.")
        .close(orders(two_sided), 2.0, 0.05);
    let last = one_sided.len() - 1;
    recorder
        .claim("rounding-wins", "With the smallest step, both differences are a thousand times worse than at their best, or more.")
        .record(
            one_sided[last] > 1000.0 * one && two_sided[last] > 1000.0 * two,
            format!("{:.1e} against {one:.1e}, and {:.1e} against {two:.1e}", one_sided[last], two_sided[last]),
        );
}
