//! Metrics and rules against scikit-learn's values; `tests/peers/01-learning.py` asked for them.

#![allow(clippy::unwrap_used)] // a test may panic

use learning::calibration::{calibration_error, confidences, log_loss, reliability, softmax};
use learning::{Confusion, NearestMean, NearestNeighbour, Standardiser, accuracy};
use ndarray::{Array2, s};
use serde_json::Value;

/// Both sides compute in 64 bits, in another order.
const TOLERANCE: f64 = 1e-12;
/// The standardiser keeps its numbers in 32 bits.
const SINGLE: f64 = 1e-6;

fn fixture(part: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../../../tests/peers/01-learning.json")).unwrap();
    all[part].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn labels(value: &Value) -> Vec<u8> {
    value.as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as u8).collect()
}

fn rows(value: &Value) -> Array2<f32> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j] as f32)
}

#[track_caller]
fn assert_close(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} where scikit-learn has {b}");
    }
}

#[test]
fn predictions_are_judged_alike() {
    for case in fixture("predictions") {
        let (y, p) = (labels(&case["y"]), labels(&case["p"]));
        let confusion = Confusion::of(&y, &p);
        let of = |f: fn(&Confusion, usize) -> f64| -> Vec<f64> {
            (0..confusion.counts.len()).map(|class| f(&confusion, class)).collect()
        };
        assert_close(&[accuracy(&y, &p)], &[case["accuracy"].as_f64().unwrap()], TOLERANCE);
        assert_eq!(serde_json::to_value(&confusion.counts).unwrap(), case["confusion"]);
        assert_close(&of(Confusion::precision), &numbers(&case["precision"]), TOLERANCE);
        assert_close(&of(Confusion::recall), &numbers(&case["recall"]), TOLERANCE);
        assert_close(&of(Confusion::f1), &numbers(&case["f1"]), TOLERANCE);
        assert_close(&[confusion.macro_f1()], &[case["macro_f1"].as_f64().unwrap()], TOLERANCE);
    }
}

#[test]
fn probabilities_are_judged_alike() {
    for case in fixture("probabilities") {
        let y = labels(&case["y"]);
        let p = softmax(rows(&case["distances"]).view(), case["temperature"].as_f64().unwrap());
        assert_close(&[log_loss(p.view(), &y)], &[case["log_loss"].as_f64().unwrap()], TOLERANCE);
        let bins = reliability(&confidences(p.view(), &y), 10);
        // scikit-learn leaves empty bins out.
        let filled: Vec<_> = bins.iter().filter(|bin| bin.count > 0).collect();
        let (share, confidence) =
            (numbers(&case["bin_accuracy"]), numbers(&case["bin_confidence"]));
        assert_close(&filled.iter().map(|b| b.accuracy).collect::<Vec<_>>(), &share, TOLERANCE);
        assert_close(
            &filled.iter().map(|b| b.confidence).collect::<Vec<_>>(),
            &confidence,
            TOLERANCE,
        );
        let gaps = filled.iter().zip(share.iter().zip(&confidence));
        let error: f64 =
            gaps.map(|(b, (s, c))| b.count as f64 * (s - c).abs() / y.len() as f64).sum();
        assert_close(&[calibration_error(&bins)], &[error], TOLERANCE);
    }
}

#[test]
fn rules_answer_alike() {
    for case in fixture("rules") {
        let (x, y) = (rows(&case["x"]), labels(&case["y"]));
        let n = case["train"].as_u64().unwrap() as usize;
        let (train, test) = (x.slice(s![..n, ..]), x.slice(s![n.., ..]));
        let scale = Standardiser::fit(train);
        let wide = |a: &ndarray::Array1<f32>| a.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
        assert_close(&wide(&scale.mean), &numbers(&case["mean"]), SINGLE);
        assert_close(&wide(&scale.deviation), &numbers(&case["deviation"]), SINGLE);
        let (train, test) = (scale.apply(train), scale.apply(test));
        let mean = NearestMean::fit(train.view(), &y[..n]).predict(test.view());
        assert_eq!(mean, labels(&case["nearest_mean"]));
        let neighbour = NearestNeighbour::fit(train.view(), &y[..n]).predict(test.view());
        assert_eq!(neighbour, labels(&case["nearest_neighbour"]));
    }
}
