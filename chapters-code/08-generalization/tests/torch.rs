//! The chapter's parts against PyTorch. `tests/peers/08-generalization.py` asked it.

#![allow(clippy::unwrap_used)] // a test may panic

use backprop::fixtures::{assert_close, fill, floats, numbers};
use backprop::{Activation, Engine, Linear, Loss as _, Network, Options, Rows, Shape};
use generalization::averages::{Average, Kind};
use generalization::decay::{Decayed, Form};
use generalization::dropout::Dropout;
use generalization::smoothing::Smoothed;
use optimization::Optimizer;
use serde_json::Value;

const FIXTURES: &str = include_str!("../../../tests/peers/08-generalization.json");
const ROWS: usize = 16;

fn fixtures() -> Value {
    serde_json::from_str(FIXTURES).unwrap()
}

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
fn dropout_scales_as_pytorch() {
    for (share, theirs) in fixtures()["dropout"].as_object().unwrap() {
        let dropped: f64 = share.parse().unwrap();
        let mut network = Network::<f32>::new(Shape::row(1000)).with_input_gradient();
        let y = network.push("0", Dropout::new(dropped, 0), &[Network::<f32>::INPUT]).unwrap();
        network.keep(y).unwrap();
        let options = Options { batch: 20, ..Options::default() };
        let mut engine = Engine::new(network, options).unwrap();
        engine.loss(&Rows { x: &vec![1.0; 20_000], labels: &[0; 20] }).unwrap();
        let mut found = vec![0.0_f32; 20_000];
        engine.read(y, &mut found).unwrap();
        let expected = theirs["kept"].as_f64().unwrap() as f32;
        assert!(found.iter().all(|&y| y == 0.0 || y == expected), "{share}: {expected}");
        let kept = found.iter().filter(|&&y| y != 0.0).count() as f64 / 20_000.0;
        let theirs = theirs["share"].as_f64().unwrap();
        assert!((kept - theirs).abs() < 0.015, "{share}: {kept} and {theirs}");
        // What was dropped has no gradient, and what was kept has one.
        let mut dx = vec![0.0; 20_000];
        engine.input_gradient(&mut dx).unwrap();
        assert!(dx.iter().zip(&found).all(|(dx, y)| (*dx == 0.0) == (*y == 0.0)));
    }
}

#[test]
fn smoothed_losses_and_gradients_are_pytorchs() {
    let z: Vec<f32> = numbers(7, 30).iter().map(|z| 4.0 * z).collect();
    for (share, theirs) in fixtures()["smoothed"].as_object().unwrap() {
        let loss = Smoothed { share: share.parse().unwrap() };
        let rows = || z.chunks(5).zip([0, 1, 2, 3, 4, 0]);
        let losses: Vec<f32> = rows().map(|(z, label)| loss.forward(z, label)).collect();
        let mut gradient = vec![0.0_f32; 30];
        for ((z, label), dz) in rows().zip(gradient.chunks_mut(5)) {
            loss.backward(z, label, 1.0, dz);
        }
        assert_close(share, &losses, &floats(&theirs["losses"]), 1e-5);
        assert_close(share, &gradient, &floats(&theirs["gradient"]), 1e-5);
    }
}

#[test]
fn losses_under_every_decay_are_pytorchs() {
    let momentum = Optimizer::Momentum { keep: 0.9 };
    for (name, rule, rate, form, matrices, others) in [
        ("sgd-penalty", Optimizer::Sgd, 0.1, Form::Penalty, 0.3, 0.3),
        // For SGD both forms are one.
        ("sgd-penalty", Optimizer::Sgd, 0.1, Form::Decoupled, 0.3, 0.3),
        ("momentum-penalty", momentum, 0.05, Form::Penalty, 0.3, 0.3),
        ("adam-penalty", Optimizer::ADAM, 0.01, Form::Penalty, 0.3, 0.3),
        ("adam-decoupled", Optimizer::ADAM, 0.01, Form::Decoupled, 3.0, 3.0),
        ("adam-matrices", Optimizer::ADAM, 0.01, Form::Decoupled, 3.0, 0.0),
        ("sgd-groups", Optimizer::Sgd, 0.1, Form::Penalty, 0.3, 0.1),
    ] {
        let mut engine = engine();
        let expected = floats(&fixtures()["decayed"][name]);
        assert_eq!(expected.len(), 20);
        for (step, expected) in (0..).zip(expected) {
            let (x, labels) = batch(step);
            let rule = rule.at(step + 1, rate);
            let rule = Decayed { rule, rate, form, matrices, others };
            let loss = engine.step(&Rows { x: &x, labels: &labels }, &rule).unwrap();
            let error = (loss - f64::from(expected)).abs();
            let near = error < 1e-3 * f64::from(expected);
            assert!(near, "{name}, {form:?}, step {step}: {loss} {expected}");
        }
    }
}

#[test]
fn averages_of_weights_are_pytorchs() {
    for (name, kind) in [("exponential", Kind::Exponential { keep: 0.9 }), ("plain", Kind::Plain)] {
        let (mut engine, mut average) = (engine(), Average::new(kind));
        for step in 0..20 {
            let (x, labels) = batch(step);
            let rule = Optimizer::Sgd.at(step + 1, 0.5);
            engine.step(&Rows { x: &x, labels: &labels }, &rule).unwrap();
            average.see(&engine);
        }
        for tensor in ["0.bias", "4.weight"] {
            let found = average.weights().iter().find(|t| t.name == tensor).unwrap();
            let expected = floats(&fixtures()["averaged"][name][tensor]);
            assert_close(&format!("{name} {tensor}"), &found.data, &expected, 1e-4);
        }
    }
}
