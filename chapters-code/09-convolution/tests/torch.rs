//! Networks on images against PyTorch's logits, losses and gradients. `tests/peers/09-convolution.py` asked for them.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use backprop::fixtures::{assert_close, fill, floats, numbers};
use backprop::{Activation, Addition, Engine, Linear, Network, Operation, Options, Rows, Shape};
use convolution::{BatchNorm, Blur, Convolution, ConvolutionPool, GroupNorm, Pool, Windowed};
use optimization::{Checkpoint, Optimizer};
use serde_json::Value;

const ROWS: usize = 6;

fn fixtures() -> Value {
    serde_json::from_str(include_str!("../../../tests/peers/09-convolution.json")).unwrap()
}

fn engine(network: Network<f32>, batch: usize) -> Engine<f32> {
    let mut engine =
        Engine::new(network, Options { batch, shards: 4, threads: 2, training: true }).unwrap();
    fill(&mut engine);
    engine
}

/// A convolution that makes channels, what is tested, and a linear layer.
fn around(channels: usize, side: usize, tested: impl Operation<f32> + 'static) -> Engine<f32> {
    let first = Convolution::new(1, channels, 1).with(Activation::Tanh);
    let network = Network::new(Shape::image(1, side, side)).then("0", first).unwrap();
    let network = network.then("2", tested).unwrap();
    let n = network.shape(network.last()).unwrap().elements();
    engine(network.then("4", Linear::new(n, 5)).unwrap(), ROWS)
}

/// The block of a ResNet in small: ReLU after the sum.
fn residual() -> Engine<f32> {
    let first = Convolution::new(1, 3, 1).with(Activation::Tanh);
    let mut network = Network::new(Shape::image(1, 4, 4)).then("0", first).unwrap();
    let x = network.last();
    let inner = Convolution::new(3, 3, 3).padding(1).without_bias();
    let a = network.push("2.a", inner, &[x]).unwrap();
    network.push("sum", Addition(Activation::Relu), &[x, a]).unwrap();
    engine(network.then("4", Linear::new(48, 5)).unwrap(), ROWS)
}

fn case(name: &str) -> (Engine<f32>, usize) {
    match name {
        "convolution" => (around(3, 6, Convolution::new(3, 4, 3).padding(1)), 6),
        "convolution_stride" => (around(3, 7, Convolution::new(3, 18, 3).stride(2).padding(1)), 7),
        "convolution_5" => (around(2, 8, Convolution::new(2, 3, 5)), 8),
        "fused" => (around(16, 4, ConvolutionPool::new(16, 20)), 4),
        "fused_32" => (around(32, 4, ConvolutionPool::new(32, 5)), 4),
        "max_pool" => (around(3, 6, Pool::max(2)), 6),
        "max_pool_overlap" => (around(3, 7, Pool::max(3).stride(2)), 7),
        "average_pool" => (around(3, 6, Pool::average(2)), 6),
        "global_pool" => (around(3, 6, Pool::global()), 6),
        "max_pool_padded" => (around(3, 6, Pool::max(3).stride(2).padding(1)), 6),
        "average_pool_padded" => (around(3, 7, Pool::average(3).stride(2).padding(1)), 7),
        "no_bias" => {
            (around(3, 6, Convolution::new(3, 18, 3).stride(2).padding(1).without_bias()), 6)
        }
        "batch_norm" => (around(3, 4, BatchNorm::new(3)), 4),
        "batch_norm_of_mobilenet" => {
            (around(3, 4, BatchNorm::new(3).epsilon(1e-3).momentum(1e-2)), 4)
        }
        "grouped" => (around(4, 5, Windowed::new(4, 6, 3).padding(1).groups(2)), 5),
        "depthwise" => (around(3, 7, Windowed::depthwise(3, 3).stride(2).padding(1)), 7),
        "dilated" => (around(3, 6, Windowed::new(3, 4, 3).padding(2).dilation(2)), 6),
        "transposed" => {
            (around(3, 4, Windowed::new(3, 4, 3).stride(2).padding(1).transposed(1)), 4)
        }
        "transposed_plain" => {
            (around(3, 3, Windowed::new(3, 2, 4).transposed(0).without_bias()), 3)
        }
        "blur" => (around(3, 6, Blur::new(2)), 6),
        "group_norm" => (around(4, 4, GroupNorm::new(4, 2)), 4),
        "layer_norm" => (around(3, 4, GroupNorm::new(3, 1)), 4),
        "residual_relu" => (residual(), 4),
        other => panic!("unknown network {other}"),
    }
}

#[test]
fn logits_losses_and_gradients_are_pytorchs() {
    let fixtures = fixtures();
    for (name, expected) in fixtures["cases"].as_object().unwrap() {
        if name == "sequential" {
            continue;
        }
        let (mut engine, side) = case(name);
        let x: Vec<f32> = numbers(1, ROWS * side * side).iter().map(|x| 2.0 * x).collect();
        let labels: Vec<usize> = (0..ROWS).map(|i| i * 3 % 5).collect();
        let batch = Rows { x: &x, labels: &labels };
        let mut logits = vec![0.0; ROWS * 5];
        if !name.starts_with("batch_norm") {
            engine.predict(&batch, &mut logits).unwrap();
            assert_close(&format!("{name}: logits"), &logits, &floats(&expected["logits"]), 1e-4);
        }
        let loss = engine.gradients(&batch).unwrap();
        let true_loss = expected["loss"].as_f64().unwrap();
        assert!((loss - true_loss).abs() < 1e-4 * true_loss, "{name}: {loss} {true_loss}");
        let parameters = engine.parameters();
        for (tensor, (_, parameter)) in engine.gradient().iter().zip(parameters) {
            if parameter.trained {
                let what = format!("{name}: {}", tensor.name);
                // A bias before batch normalisation has no effect; what PyTorch finds is rounding.
                let none = name.starts_with("batch_norm") && tensor.name == "2.running_mean";
                if !none {
                    assert_close(
                        &what,
                        &tensor.data,
                        &floats(&expected["gradients"][&tensor.name]),
                        1e-4,
                    );
                }
            }
        }
    }
}

#[test]
fn running_statistics_are_pytorchs_for_any_number_of_shards() {
    let of_mobilenet = BatchNorm::new(3).epsilon(1e-3).momentum(1e-2);
    let norms = [("batch_norm", BatchNorm::new(3)), ("batch_norm_of_mobilenet", of_mobilenet)];
    for ((name, norm), shards) in
        norms.into_iter().flat_map(|norm| [1, 2, 3, 6, 9].map(|shards| (norm, shards)))
    {
        let expected = &fixtures()["cases"][name];
        let network = Network::new(Shape::image(1, 4, 4))
            .then("0", Convolution::new(1, 3, 1).with(Activation::Tanh))
            .and_then(|n| n.then("2", norm))
            .and_then(|n| n.then("4", Linear::new(48, 5)))
            .unwrap();
        let options = Options { batch: ROWS, shards, threads: 2, training: true };
        let mut engine = Engine::new(network, options).unwrap();
        fill(&mut engine);
        let x: Vec<f32> = numbers(1, ROWS * 16).iter().map(|x| 2.0 * x).collect();
        let labels: Vec<usize> = (0..ROWS).map(|i| i * 3 % 5).collect();
        let batch = Rows { x: &x, labels: &labels };
        // A step at rate 0 changes statistics alone.
        engine.step(&batch, &Optimizer::Sgd.at(1, 0.0)).unwrap();
        for tensor in engine.weights() {
            if let Some(name) = tensor.name.strip_prefix("2.running_") {
                let expected = floats(&expected[format!("running_{name}")]);
                assert_close(&tensor.name, &tensor.data, &expected, 1e-4);
            }
        }
        let mut logits = vec![0.0; ROWS * 5];
        engine.predict(&batch, &mut logits).unwrap();
        assert_close("prediction", &logits, &floats(&expected["predicted"]), 1e-4);
    }
}

/// bench.py's network, smaller.
fn sequential() -> Network<f32> {
    Network::new(Shape::image(1, 8, 8))
        .then("0", ConvolutionPool::new(1, 16))
        .and_then(|n| n.then("3", ConvolutionPool::new(16, 20)))
        .and_then(|n| n.then("7", Linear::new(80, 12).with(Activation::Relu)))
        .and_then(|n| n.then("9", Linear::new(12, 5)))
        .unwrap()
}

/// The images of a step, and their classes: which of the first five pixels is the largest.
fn batch(step: u64) -> (Vec<f32>, Vec<usize>) {
    let x: Vec<f32> = numbers(1000 + step, 8 * 64).iter().map(|x| 2.0 * x).collect();
    let largest = |row: &[f32]| (0..5).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let labels = x.chunks(64).map(largest).collect();
    (x, labels)
}

#[test]
fn losses_of_twenty_steps_are_pytorchs() {
    let fixtures = fixtures();
    let rules = [
        ("sgd", Optimizer::Sgd, 0.1),
        ("momentum", Optimizer::Momentum { keep: 0.9 }, 0.05),
        ("adam", Optimizer::ADAM, 0.01),
        ("adamw", Optimizer::adamw(0.1), 0.01),
    ];
    for (name, rule, rate) in rules {
        let mut engine = engine(sequential(), 8);
        for (step, expected) in (0..).zip(floats(&fixtures["losses"][name])) {
            let (x, labels) = batch(step);
            let rows = Rows { x: &x, labels: &labels };
            let loss = engine.step(&rows, &rule.at(step + 1, rate)).unwrap();
            let error = (loss - f64::from(expected)).abs();
            assert!(error < 1e-3 * f64::from(expected), "{name}, step {step}: {loss} {expected}");
        }
    }
}

#[test]
fn a_network_that_pytorch_saved_says_the_same_here() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/09-convolution.safetensors");
    let mut engine = engine(sequential(), 8);
    engine.set_weights(&Checkpoint::read(&path).unwrap().weights).unwrap();
    let (x, labels) = batch(19);
    let mut logits = vec![0.0; 8 * 5];
    engine.predict(&Rows { x: &x, labels: &labels }, &mut logits).unwrap();
    let expected = floats(&fixtures()["cases"]["sequential"]["logits"]);
    assert_close("logits", &logits, &expected, 1e-4);
    // And what is saved here has PyTorch's names and shapes.
    let (saved, there) = (engine.weights(), Checkpoint::read(&path).unwrap().weights);
    let sorted = |mut names: Vec<(String, Vec<usize>)>| {
        names.sort();
        names
    };
    let about = |tensors: Vec<backprop::Tensor<f32>>| {
        tensors.into_iter().map(|t| (t.name, t.shape)).collect()
    };
    assert_eq!(sorted(about(saved)), sorted(about(there)));
}
