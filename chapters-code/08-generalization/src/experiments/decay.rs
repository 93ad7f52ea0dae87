//! Two forms of weight decay on two weights: one with large gradients, one with
//! small ones, all of them noise.

use anyhow::Result;
use backprop::Rule;
use notebook::{Estimate, Recorder, Rng};
use optimization::Optimizer;
use rand::{RngExt as _, SeedableRng as _};

use crate::decay::{Decayed, Form};

/// Steps, rate and decay.
const STEPS: u64 = 2_000;
const RATE: f64 = 1e-3;
const DECAY: f64 = 0.1;
/// The sizes of the gradients of the two weights.
const SIZES: [f64; 2] = [1.0, 0.01];
/// Walks over which is averaged.
const WALKS: usize = 50;

/// What is left of both weights under each rule in each form.
pub fn decay(recorder: &mut Recorder) -> Result<()> {
    recorder.value("steps", STEPS);
    recorder.value("rate", RATE);
    recorder.value("decay", DECAY);
    recorder.value("walks", WALKS);
    recorder.value("shrunk", (1.0 - RATE * DECAY).powi(STEPS as i32));
    recorder.value("size/large", SIZES[0]);
    recorder.value("size/small", SIZES[1]);
    let rules = [("sgd", Optimizer::Sgd), ("adam", Optimizer::ADAM)];
    for (name, rule) in rules {
        let mut rng = recorder.rng();
        let walks = recorder.repeat(WALKS, &mut rng, |rng| {
            let seed = rng.random();
            let forms = [Form::Penalty, Form::Decoupled];
            forms.map(|form| walk(rule, form, &mut Rng::seed_from_u64(seed)))
        });
        for (form, key) in ["penalty", "decoupled"].into_iter().enumerate() {
            for (weight, size) in ["large", "small"].into_iter().enumerate() {
                let left: Vec<f64> = walks.iter().map(|walk| walk[form][weight]).collect();
                let left = Estimate::over_runs(&left);
                recorder.estimate(&format!("left/{name}/{key}/{size}"), left);
            }
        }
        let apart = walks.iter().flat_map(|[a, b]| a.iter().zip(b).map(|(a, b)| (a - b).abs()));
        let apart = apart.fold(0.0, f64::max);
        if name == "sgd" {
            recorder
                .claim(
                    "same-for-sgd",
                    "Under SGD both forms lead to the same weights, but for rounding.",
                )
                .less(apart, 1e-9);
            continue;
        }
        let gaps = |form: usize| -> Vec<f64> {
            walks.iter().map(|walk| walk[form][0] - walk[form][1]).collect()
        };
        let [penalty, decoupled] = [0, 1].map(|form| Estimate::over_runs(&gaps(form)));
        recorder.estimate("gap/penalty", penalty);
        recorder.estimate("gap/decoupled", decoupled);
        recorder
            .claim("penalty-takes-sides", "Under Adam a penalty leaves more of a weight with large gradients than of one with small ones, by more than a tenth of what both began with. Decay beside the rule leaves the two within a tenth of each other.")
            .record(penalty.low > 0.1 && decoupled.low > -0.1 && decoupled.high < 0.1, format!("apart by {:.3}, and by {:.3}", penalty.value, decoupled.value));
    }
    Ok(())
}

/// Two weights that begin at 1, after all steps.
fn walk(optimizer: Optimizer, form: Form, rng: &mut Rng) -> [f64; 2] {
    let mut w = [1.0, 1.0];
    let (mut first, mut second) = ([0.0; 2], [0.0; 2]);
    for step in 1..=STEPS {
        let g = SIZES.map(|size| if rng.random() { size } else { -size });
        let rule = optimizer.at(step, RATE);
        let rule = Decayed { rule, rate: RATE, form, matrices: DECAY, others: 0.0 };
        rule.update(&mut w, &g, [&mut first, &mut second], true);
    }
    w
}
