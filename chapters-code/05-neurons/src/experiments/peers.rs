//! What PyTorch and scikit-learn say of the chapter's small examples, and how far their conventions move a result.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};
use notebook::Recorder;

use super::hand::CASES;
use crate::{Logistic, Mlp, boolean};

/// The file of [`peers`], from the workspace's root.
pub const PEERS: &str = "tests/peers/05-neurons.json";

/// What `tests/peers/05-neurons.py` wrote.
#[derive(serde::Deserialize)]
struct Report {
    torch: String,
    sklearn: String,
    perceptron: Corrections,
    perceptron_of_sklearn: Vec<f64>,
    xor: Vec<f64>,
    logistic: Slopes,
    logistic_sum: Slopes,
    logistic_with_signs: f64,
    far_wrong: FarWrong,
    sign_of_zero: f64,
    both: Both,
    length_of_weights: BTreeMap<String, f64>,
}

#[derive(serde::Deserialize)]
struct Corrections {
    weights: Vec<f64>,
    mistakes: usize,
    mistakes_below_zero_only: usize,
}

#[derive(serde::Deserialize)]
struct Slopes {
    loss: f64,
    gradient: Vec<f64>,
}

/// Loss and slope.
#[derive(serde::Deserialize)]
struct FarWrong {
    of_logits: [f64; 2],
    of_probabilities: [f64; 2],
}

#[derive(serde::Deserialize)]
struct Both {
    above_zero: Vec<u8>,
    from_zero: Vec<u8>,
}

/// Takes the report into the book, and holds it to ours.
pub fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: Report = serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?)?;
    recorder.value("torch", report.torch.as_str());
    recorder.value("sklearn", report.sklearn.as_str());
    recorder.value("below-zero-only", report.perceptron.mistakes_below_zero_only);
    recorder.value("sign-of-zero", report.sign_of_zero);
    let differ = report.both.above_zero.iter().zip(&report.both.from_zero).filter(|(a, b)| a != b);
    recorder.value("both/differ", differ.count());
    recorder.value("logits/loss", report.far_wrong.of_logits[0]);
    recorder.value("logits/slope", report.far_wrong.of_logits[1]);
    recorder.value("probabilities/loss", report.far_wrong.of_probabilities[0]);
    // Nought may have a sign there.
    recorder.value("probabilities/slope", report.far_wrong.of_probabilities[1].abs());
    recorder.value("sum-over-mean", report.logistic_sum.gradient[0] / report.logistic.gradient[0]);
    recorder.value("sum-loss", report.logistic_sum.loss);
    let between = (report.logistic_with_signs - report.logistic.loss).abs();
    recorder.value("signs-apart", between);
    for (c, length) in &report.length_of_weights {
        recorder.value(&format!("length/{}", c.trim_end_matches(".0")), *length);
    }
    let lengths: Vec<f64> =
        ["1.0", "100.0", "10000.0"].map(|c| report.length_of_weights[c]).to_vec();
    recorder
        .claim("regularised", "Each time scikit-learn's penalty is made a hundred times weaker, the weights of its logistic regression on the three cases become longer.")
        .record(lengths.windows(2).all(|two| two[0] < two[1]), format!("{lengths:.2?}"));
    agreement(recorder, &report);
    Ok(())
}

fn agreement(recorder: &mut Recorder, report: &Report) {
    let x = Array2::from_shape_fn((3, 3), |(i, j)| if j == 0 { 1.0 } else { CASES[i].0[j - 1] });
    let signs: Vec<f64> = CASES.iter().map(|case| case.1).collect();
    let run = crate::Perceptron::fit(x.view(), &signs, 100);
    let same = |w: &[f64]| run.perceptron.weights.iter().eq(w);
    let right =
        usize::from(same(&report.perceptron.weights) && run.mistakes == report.perceptron.mistakes)
            + usize::from(same(&report.perceptron_of_sklearn));
    recorder
        .claim("same-perceptron", "On the three cases, in this order, the perceptron in PyTorch and that of scikit-learn end at the weights of ours.")
        .all(right, 2, "programs");
    let ours = (0..4).map(|row| Mlp::xor().forward(boolean::inputs(2, row).view())[0]);
    recorder
        .claim(
            "same-xor",
            "With the weights that we wrote, PyTorch's two layers compute XOR as ours do.",
        )
        .record(ours.eq(report.xor.iter().copied()), format!("{:?}", report.xor));
    let unit = Logistic { weights: Array1::from(vec![1.0, -1.0]), bias: 0.5 };
    let x = Array2::from_shape_fn((3, 2), |(i, j)| CASES[i].0[j]);
    let truth: Vec<f64> = signs.iter().map(|sign| f64::midpoint(*sign, 1.0)).collect();
    let (slopes, bias) = unit.gradient(x.view(), &truth);
    let ours = slopes.iter().copied().chain([bias]);
    let apart = ours.zip(&report.logistic.gradient).map(|(a, b)| (a - b).abs());
    let apart = apart.fold((unit.loss(x.view(), &truth) - report.logistic.loss).abs(), f64::max);
    recorder
        .claim("same-gradient", "Loss and gradient of the logistic unit on the three cases are PyTorch's, to 10⁻¹² in each number.")
        .less(apart, 1e-12);
}
