//! One network that the chapter follows with numbers: two inputs, two tanh units, two outputs. Its gradient by hand, by
//! differences, in forward mode, on the tape, by matrices and by the engine.

mod network;
mod ways;

use notebook::{Recorder, Table};

use network::{FOLLOWED, NAMES, STAGES, softmax};
pub use network::{LABEL, Stages, WEIGHTS, X, by_hand, network};

/// The same with indices, for tables.
const SIGNS: [&str; 12] =
    ["w₁₁", "w₁₂", "b₁", "w₂₁", "w₂₂", "b₂", "v₁₁", "v₁₂", "c₁", "v₂₁", "v₂₂", "c₂"];
/// Rate of the one step that is taken.
const RATE: f64 = 0.5;

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
        assert!((stages.loss - loss).abs() < 1e-14);
    }
}
