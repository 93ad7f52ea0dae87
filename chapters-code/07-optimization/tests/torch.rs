//! Twenty steps under each rule, against PyTorch's losses. `tests/peers/07-optimization.py` asked for them.

#![allow(clippy::unwrap_used)]

use backprop::check::check;
use backprop::fixtures::{assert_close, fill, floats, numbers};
use backprop::{Activation, Engine, Linear, Network, Options, Rows, Shape};
use ndarray::ArrayView2;
use optimization::Optimizer;
use optimization::muon::{Muon, orthogonalise};
use optimization::softmax::Softmax;

const FIXTURES: &str = include_str!("../../../tests/peers/07-optimization.json");
const ROWS: usize = 16;

fn engine() -> Engine<f32> {
    let relu = Activation::Relu;
    let network = Network::new(Shape::row(20))
        .then("0", Linear::new(20, 24).with(relu))
        .and_then(|n| n.then("2", Linear::new(24, 16).with(relu)))
        .and_then(|n| n.then("4", Linear::new(16, 5)))
        .unwrap();
    let options = Options { batch: ROWS, shards: 4, threads: 2, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    fill(&mut engine);
    engine
}

/// The batch of a step: inputs, and the largest of the first five as the class.
fn batch(step: u64) -> (Vec<f32>, Vec<usize>) {
    let x: Vec<f32> = numbers(1000 + step, ROWS * 20).iter().map(|x| 2.0 * x).collect();
    let largest = |row: &[f32]| (0..5).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let labels = x.chunks(20).map(largest).collect();
    (x, labels)
}

#[test]
fn losses_of_twenty_steps_are_pytorchs() {
    let fixtures: serde_json::Value = serde_json::from_str(FIXTURES).unwrap();
    let rules = [
        ("sgd", Optimizer::Sgd, 0.1, None),
        ("momentum", Optimizer::Momentum { keep: 0.9 }, 0.05, None),
        ("nesterov", Optimizer::Nesterov { keep: 0.9 }, 0.05, None),
        ("adagrad", Optimizer::ADAGRAD, 0.05, None),
        ("rmsprop", Optimizer::RMSPROP, 0.003, None),
        ("adam", Optimizer::ADAM, 0.01, None),
        ("adamw", Optimizer::adamw(0.1), 0.01, None),
        ("clipped", Optimizer::Sgd, 0.5, Some(0.3)),
    ];
    for (name, rule, rate, clip) in rules {
        let mut engine = engine();
        let expected = floats(&fixtures["losses"][name]);
        assert_eq!(expected.len(), 20);
        assert!(expected[19] < expected[0], "{name} learns");
        for (step, expected) in (0..).zip(expected) {
            let (x, labels) = batch(step);
            let (batch, rule) = (Rows { x: &x, labels: &labels }, rule.at(step + 1, rate));
            let loss = match clip {
                None => engine.step(&batch, &rule).unwrap(),
                Some(longest) => engine.step_clipped(&batch, &rule, longest).unwrap().0,
            };
            let error = (loss - f64::from(expected)).abs();
            assert!(error < 1e-3 * f64::from(expected), "{name}, step {step}: {loss} {expected}");
        }
    }
}

#[test]
fn a_matrix_is_made_orthogonal_as_pytorch_does() {
    let fixtures: serde_json::Value = serde_json::from_str(FIXTURES).unwrap();
    for (name, shape) in [("wide", (6, 10)), ("tall", (10, 6))] {
        let g = numbers(7, 60);
        let g = ArrayView2::from_shape(shape, &g).unwrap();
        let found: Vec<f32> = orthogonalise(g).iter().copied().collect();
        assert_close(name, &found, &floats(&fixtures["orthogonal"][name]), 1e-4);
    }
}

/// PyTorch computes the iteration in `bfloat16`, of eight significant bits, so that its losses agree to two hundredths only.
#[test]
fn losses_of_twenty_steps_of_muon_are_pytorchs_but_for_its_rounding() {
    let fixtures: serde_json::Value = serde_json::from_str(FIXTURES).unwrap();
    let expected = floats(&fixtures["losses"]["muon"]);
    let mut engine = engine();
    let mut muon = Muon::new(0.95, Optimizer::ADAM, |name| name != "4.weight");
    assert!(expected[19] < expected[0]);
    for (step, expected) in (0..).zip(expected) {
        let (x, labels) = batch(step);
        let rows = Rows { x: &x, labels: &labels };
        let loss = muon.step(&mut engine, &rows, 0.02, 0.01).unwrap();
        let error = (loss - f64::from(expected)).abs();
        assert!(error < 2e-2 * f64::from(expected), "step {step}: {loss} {expected}");
    }
}

#[test]
fn the_gradient_of_a_softmax_is_that_of_differences() {
    let network = Network::<f64>::new(Shape::row(6))
        .then("0", Linear::new(6, 20).with(Activation::Tanh))
        .and_then(|n| n.then("1", Linear::new(20, 4)))
        .and_then(|n| n.then("2", Softmax))
        .unwrap();
    let options = Options { batch: 5, shards: 2, threads: 2, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    let mut weights = engine.weights();
    for (seed, tensor) in (0..).zip(&mut weights) {
        tensor.data = numbers(seed, tensor.data.len()).into_iter().map(f64::from).collect();
    }
    engine.set_weights(&weights).unwrap();
    let x: Vec<f64> = numbers(9, 30).into_iter().map(f64::from).collect();
    let found = check(&mut engine, &Rows { x: &x, labels: &[0, 1, 2, 3, 1] }).unwrap().unwrap();
    assert!(found.error < 1e-6, "{}: {}", found.name, found.error);
}
