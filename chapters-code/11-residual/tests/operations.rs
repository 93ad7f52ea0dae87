//! The parts of MobileNetV3 against PyTorch's, which `tests/peers/11-residual-operations.py` asked, and against differences.

#![allow(clippy::unwrap_used)]

use backprop::check::check;
use backprop::fixtures::{assert_close, fill, floats, numbers};
use backprop::{Activation, Addition, Engine, Linear, Network, Operation, Options, Rows, Shape};
use convolution::Convolution;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;
use residual::operations::{Depthwise, Gate, HardSwish};
use serde_json::Value;

const ROWS: usize = 6;
const CLASSES: usize = 5;

fn fixtures() -> Value {
    serde_json::from_str(include_str!("../../../tests/peers/11-residual-operations.json")).unwrap()
}

/// A convolution that makes channels.
fn begun(channels: usize, side: usize) -> Network<f32> {
    let first = Convolution::new(1, channels, 1).with(Activation::Tanh);
    Network::new(Shape::image(1, side, side)).then("0", first).unwrap()
}

/// With a linear layer behind.
fn ended(network: Network<f32>) -> Network<f32> {
    let n = network.shape(network.last()).unwrap().elements();
    network.then("last", Linear::new(n, CLASSES)).unwrap()
}

fn around(channels: usize, side: usize, tested: impl Operation<f32> + 'static) -> Network<f32> {
    ended(begun(channels, side).then("2", tested).unwrap())
}

/// The block of MobileNetV3 without its normalisations.
fn inverted() -> Network<f32> {
    let (channels, wide) = (4, 20);
    let mut n = begun(channels, 5);
    let x = n.last();
    let a = n.push("expand", Convolution::new(channels, wide, 1), &[x]).unwrap();
    let a = n.push("swish", HardSwish, &[a]).unwrap();
    let a = n.push("depthwise", Depthwise::new(wide, 5).padding(2), &[a]).unwrap();
    let a = n.push("swish_2", HardSwish, &[a]).unwrap();
    let a = n.push("gate", Gate::new(wide, 8), &[a]).unwrap();
    let a = n.push("project", Convolution::new(wide, channels, 1), &[a]).unwrap();
    n.push("sum", Addition::default(), &[x, a]).unwrap();
    ended(n)
}

fn case(name: &str) -> (Network<f32>, usize) {
    let wide = |channels| Convolution::new(16, channels, 3).padding(1);
    match name {
        "depthwise_3" => (around(3, 6, Depthwise::new(3, 3).padding(1)), 6),
        "depthwise_3_stride" => (around(20, 7, Depthwise::new(20, 3).padding(1).stride(2)), 7),
        "depthwise_5" => (around(18, 6, Depthwise::new(18, 5).padding(2)), 6),
        "depthwise_5_stride" => (around(3, 6, Depthwise::new(3, 5).padding(2).stride(2)), 6),
        "depthwise_7" => (around(2, 5, Depthwise::new(2, 7).padding(3)), 5),
        "hard_swish" => {
            let network = begun(16, 6).then("2", wide(3)).unwrap();
            (ended(network.then("3", HardSwish).unwrap()), 6)
        }
        "gate" => (around(6, 4, Gate::new(6, 4)), 4),
        "gate_wide" => {
            let network = begun(16, 3).then("2", wide(40)).unwrap();
            (ended(network.then("3", Gate::new(40, 10)).unwrap()), 3)
        }
        "inverted" => (inverted(), 5),
        other => panic!("unknown network {other}"),
    }
}

/// Inputs and labels of a mini-batch, as the script has them.
fn batch(side: usize) -> (Vec<f32>, Vec<usize>) {
    let x = numbers(1, ROWS * side * side).iter().map(|x| 2.0 * x).collect();
    (x, (0..ROWS).map(|i| i * 3 % CLASSES).collect())
}

#[test]
fn logits_losses_and_gradients_are_pytorchs() {
    for (name, expected) in fixtures()["cases"].as_object().unwrap() {
        let (network, side) = case(name);
        let options = Options { batch: ROWS, shards: 4, threads: 2, training: true };
        let mut engine = Engine::new(network, options).unwrap();
        fill(&mut engine);
        let (x, labels) = batch(side);
        let batch = Rows { x: &x, labels: &labels };
        let mut logits = vec![0.0; ROWS * CLASSES];
        engine.predict(&batch, &mut logits).unwrap();
        assert_close(&format!("{name}: logits"), &logits, &floats(&expected["logits"]), 1e-4);
        let loss = engine.gradients(&batch).unwrap();
        let right = expected["loss"].as_f64().unwrap();
        assert!((loss - right).abs() < 1e-4 * right, "{name}: {loss} {right}");
        let gradients = expected["gradients"].as_array().unwrap();
        assert_eq!(engine.gradient().len(), gradients.len(), "{name}");
        for (tensor, expected) in engine.gradient().iter().zip(gradients) {
            assert_close(
                &format!("{name}: {}", tensor.name),
                &tensor.data,
                &floats(expected),
                1e-4,
            );
        }
    }
}

#[test]
fn a_gate_has_torchvisions_names_and_shapes() {
    let engine = Engine::new(inverted(), Options::default()).unwrap();
    let of_gate = engine.weights().into_iter().filter(|t| t.name.starts_with("gate"));
    let found: Vec<(String, Vec<usize>)> = of_gate.map(|t| (t.name, t.shape)).collect();
    let expected = [
        ("gate.fc1.weight", vec![8, 20, 1, 1]),
        ("gate.fc1.bias", vec![8]),
        ("gate.fc2.weight", vec![20, 8, 1, 1]),
        ("gate.fc2.bias", vec![20]),
    ];
    assert_eq!(found, expected.map(|(name, shape)| (name.to_owned(), shape)));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let run = |threads| {
        let options = Options { batch: ROWS, shards: 4, threads, training: true };
        let mut engine = Engine::new(inverted(), options).unwrap();
        fill(&mut engine);
        let (x, labels) = batch(5);
        let loss = engine.gradients(&Rows { x: &x, labels: &labels }).unwrap();
        (loss, engine.gradient())
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn hard_swish_at_its_corners() {
    let network = Network::<f32>::new(Shape::row(7)).then("0", HardSwish).unwrap();
    let options = Options { batch: 1, training: false, ..Options::default() };
    let mut engine = Engine::new(network, options).unwrap();
    let x = [-4.0, -3.0, -1.5, 0.0, 1.5, 3.0, 4.0];
    let mut y = [0.0; 7];
    engine.predict(&Rows { x: &x, labels: &[0] }, &mut y).unwrap();
    // −1.5 · 1.5 / 6 and 1.5 · 4.5 / 6.
    assert_eq!(y, [0.0, 0.0, -0.375, 0.0, 1.125, 3.0, 4.0]);
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let image = || Network::<f32>::new(Shape::image(4, 3, 3));
    let said = |error: backprop::Result<Network<f32>>| error.unwrap_err().to_string();
    let tested = said(image().then("a", Depthwise::new(3, 3)));
    assert!(tested.contains("an image of 3 channels, not 4 × 3 × 3"), "{tested}");
    let tested = said(image().then("a", Depthwise::new(4, 5)));
    assert!(tested.contains("a window of 5 × 5 does not fit 4 × 3 × 3"), "{tested}");
    assert!(image().then("a", Depthwise::new(4, 0)).is_err());
    assert!(image().then("a", Depthwise::new(4, 3).stride(0)).is_err());
    assert!(image().then("a", Gate::new(5, 2)).is_err());
    assert!(image().then("a", Gate::new(4, 0)).is_err());
}

/// The largest disagreement with differences: `first` makes channels and a gradient for the input of `tested`.
fn worst(
    input: Shape,
    tested: impl Operation<f64> + 'static,
    (rows, shards, seed): (usize, usize, u64),
) -> f64 {
    let wide = Convolution::new(input.channels, input.channels, 1);
    let network = Network::new(input).then("first", wide).unwrap().then("tested", tested).unwrap();
    let n = network.shape(network.last()).unwrap().elements();
    let network = network.then("last", Linear::new(n, 3)).unwrap();
    let rng = &mut ChaCha12Rng::seed_from_u64(seed);
    let options = Options { batch: rows, shards, threads: 1, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    let mut weights = engine.weights();
    for tensor in &mut weights {
        tensor.data.fill_with(|| rng.random_range(-1.5..1.5));
    }
    engine.set_weights(&weights).unwrap();
    assert_eq!(engine.weights(), weights, "what is packed is unpacked");
    let x: Vec<f64> = (0..rows * input.elements()).map(|_| rng.random_range(-1.0..1.0)).collect();
    let labels: Vec<usize> = (0..rows).map(|_| rng.random_range(0..3)).collect();
    check(&mut engine, &Rows { x: &x, labels: &labels }).unwrap().map_or(0.0, |worst| worst.error)
}

fn mini_batch() -> impl Strategy<Value = (usize, usize, u64)> {
    (1..5_usize, 1..4_usize, any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn depthwise_against_differences(
        (c, h, w) in (1..20_usize, 3..7_usize, 3..7_usize),
        (k, s, p) in (1..7_usize, 1..3_usize, 0..3_usize),
        batch in mini_batch(),
    ) {
        let k = k.min(h.min(w) + 2 * p);
        let tested = Depthwise::new(c, k).stride(s).padding(p);
        prop_assert!(worst(Shape::image(c, h, w), tested, batch) < 1e-5);
    }

    #[test]
    fn gate_and_hard_swish_against_differences(
        (c, h, w) in (1..20_usize, 1..4_usize, 1..4_usize),
        n in 1..6_usize,
        batch in mini_batch(),
    ) {
        prop_assert!(worst(Shape::image(c, h, w), Gate::new(c, n), batch) < 1e-5);
        prop_assert!(worst(Shape::image(c, h, w), HardSwish, batch) < 1e-5);
    }
}
