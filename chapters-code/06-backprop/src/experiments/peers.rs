//! What PyTorch says of the example network, and how far its conventions move a number.

use std::collections::BTreeMap;

use notebook::{Recorder, Table};

use super::example::{LABEL, WEIGHTS, X, by_hand, network};

/// The file of [`run`], from the workspace's root.
pub const PEERS: &str = "tests/peers/06-backprop-example.json";

/// What `tests/peers/06-backprop-example.py` wrote.
#[derive(serde::Deserialize)]
struct Report {
    torch: String,
    loss: f64,
    gradient: [f64; 12],
    gradient_in_32_bits: [f64; 12],
    batch_loss: f64,
    batch_gradient: [f64; 12],
    sum_loss: f64,
    sum_gradient: [f64; 12],
    gradient_added_twice: [f64; 12],
    loss_with_weights_transposed: f64,
    loss_of_probabilities: f64,
    slope_at_corner: BTreeMap<String, f64>,
    gradcheck: BTreeMap<String, bool>,
}

/// Takes the report into the book, and holds it to ours.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: Report = serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?)?;
    let (loss, ours) = (network(&WEIGHTS, &X, LABEL).loss, by_hand(&WEIGHTS, &X, LABEL));
    recorder.value("torch", report.torch.as_str());
    recorder.value("apart/32-bits", apart(&report.gradient_in_32_bits, &ours));
    recorder.value("batch/loss", report.batch_loss);
    recorder.value("sum/loss", report.sum_loss);
    recorder.value("sum/over-mean", ratio(&report.sum_gradient, &report.batch_gradient));
    recorder.value("twice/over-once", ratio(&report.gradient_added_twice, &ours));
    recorder.value("transposed/loss", report.loss_with_weights_transposed);
    recorder.value("probabilities/loss", report.loss_of_probabilities);
    for (bits, passes) in &report.gradcheck {
        recorder.value(&format!("gradcheck/{bits}"), if *passes { "passes" } else { "fails" });
    }
    let mut table = Table::new(["Written in PyTorch", "Slope at 0 | fixed 1"]);
    for (way, slope) in &report.slope_at_corner {
        table.row([way.as_str().into(), (*slope).into()]);
    }
    recorder.table("corner", table);
    recorder
        .claim("pytorch-agrees", "PyTorch's loss and gradient of the example, in 64 bits, are ours to 10⁻¹² in each number.")
        .less(apart(&report.gradient, &ours).max((report.loss - loss).abs()), 1e-12);
    recorder
        .claim("corner-differs", "PyTorch has more than one slope at the corner of the rectifier, depending on how it is written.")
        .record(
            report.slope_at_corner.values().any(|slope| *slope != report.slope_at_corner["relu(x)"]),
            format!("{:?}", report.slope_at_corner),
        );
    Ok(())
}

fn apart(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    a.iter().zip(b).fold(0.0, |m, (a, b)| m.max((a - b).abs()))
}

/// The mean of the ratios of two gradients' numbers.
fn ratio(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a / b).sum::<f64>() / 12.0
}
