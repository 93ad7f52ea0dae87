//! Networks against PyTorch's logits, losses and gradients. `tests/peers/06-backprop.py` asked for them.

#![allow(clippy::unwrap_used)]

use backprop::fixtures::{assert_close, fill, floats, numbers};
use backprop::{Activation, Addition, Engine, Linear, Network, Options, Rows, Shape};

const FIXTURES: &str = include_str!("../../../tests/peers/06-backprop.json");

fn network(name: &str) -> Network<f32> {
    let input = Network::<f32>::INPUT;
    let mut network = Network::new(Shape::row(12));
    if name == "residual" {
        let tanh = Linear::new(12, 20).with(Activation::Tanh);
        let a = network.push("0", tanh, &[input]).unwrap();
        let b = network.push("1", Linear::new(20, 20).with(Activation::Relu), &[a]).unwrap();
        let sum = network.push("2", Addition::default(), &[a, b]).unwrap();
        network.push("3", Linear::new(20, 5), &[sum]).unwrap();
        return network;
    }
    let activation = match name {
        "none" => Activation::None,
        "relu" => Activation::Relu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
        other => panic!("unknown network {other}"),
    };
    network.push("0", Linear::new(12, 20).with(activation), &[input]).unwrap();
    network.then("2", Linear::new(20, 5)).unwrap()
}

#[test]
fn logits_losses_and_gradients_are_pytorchs() {
    let fixtures: serde_json::Value = serde_json::from_str(FIXTURES).unwrap();
    let cases = fixtures["cases"].as_object().unwrap();
    assert_eq!(cases.len(), 5);
    for (name, case) in cases {
        let options = Options { batch: 7, shards: 3, threads: 2, training: true };
        let mut engine = Engine::new(network(name), options).unwrap();
        fill(&mut engine);
        let x: Vec<f32> = numbers(1, 7 * 12).iter().map(|x| 2.0 * x).collect();
        let labels: Vec<usize> = (0..7).map(|i| i * 3 % 5).collect();
        let batch = Rows { x: &x, labels: &labels };
        let mut logits = vec![0.0; 7 * 5];
        engine.predict(&batch, &mut logits).unwrap();
        assert_close(&format!("{name}: logits"), &logits, &floats(&case["logits"]), 1e-4);
        let loss = engine.gradients(&batch).unwrap();
        let true_loss = case["loss"].as_f64().unwrap();
        assert!((loss - true_loss).abs() < 1e-4 * true_loss, "{name}: {loss} {true_loss}");
        for tensor in engine.gradient() {
            let expected = floats(&case["gradients"][&tensor.name]);
            assert_close(&format!("{name}: {}", tensor.name), &tensor.data, &expected, 1e-4);
        }
    }
}
