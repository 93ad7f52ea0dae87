//! Operations of transformers against PyTorch's, which `tests/peers/12-attention-operations.py` asked, and against differences.

use attention::Gelu;
use attention::networks::Transformer;
use attention::operations::{Attention, First, LayerNorm, Tokens};
use backprop::check::check;
use backprop::fixtures::{assert_close, floats, numbers};
use backprop::{Activation, Engine, Linear, Network, Operation, Options, Reshape, Rows, Shape};
use convolution::Convolution;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;
use serde_json::Value;

const ROWS: usize = 5;
const CLASSES: usize = 5;

fn fixtures() -> Value {
    serde_json::from_str(include_str!("../../../tests/peers/12-attention-operations.json")).unwrap()
}

/// A layer that makes tokens of tokens, so that there is a gradient for the input of what is tested.
fn begun(tokens: usize, width: usize) -> Network<f32> {
    let first = Linear::new(width, width).with(Activation::Tanh);
    Network::new(Shape::sequence(tokens, width)).then("first", first).unwrap()
}

/// With a linear layer behind that sees all numbers.
fn ended(network: Network<f32>) -> Network<f32> {
    let n = network.shape(network.last()).unwrap().elements();
    let row = network.then("flat", Reshape::new(Shape::row(n))).unwrap();
    row.then("last", Linear::new(n, CLASSES)).unwrap()
}

/// PyTorch's `MultiheadAttention`.
fn heads(tokens: usize, width: usize, tested: Attention) -> Network<f32> {
    let packed = Linear::new(width, 3 * width).named("in_proj_weight", "in_proj_bias");
    let network = begun(tokens, width).then("tested", packed).unwrap().then("heads", tested);
    ended(network.unwrap().then("tested.out_proj", Linear::new(width, width)).unwrap())
}

fn around(tokens: usize, width: usize, tested: impl Operation<f32> + 'static) -> Network<f32> {
    ended(begun(tokens, width).then("tested", tested).unwrap())
}

const VIT: Transformer = Transformer {
    input: Shape::image(3, 12, 12),
    patch: 4,
    width: 20,
    layers: 2,
    heads: 2,
    hidden: 24,
    positions: true,
    classes: CLASSES,
};

fn case(name: &str) -> Network<f32> {
    let of = |heads, causal| Attention { heads, causal };
    match name {
        "attention" => heads(7, 12, of(3, false)),
        "attention_wide" => heads(18, 40, of(2, false)),
        "attention_panels" => heads(16, 32, of(2, false)),
        "causal" => heads(19, 24, of(4, true)),
        "layer_norm" => around(6, 20, LayerNorm { eps: 1e-5 }),
        "layer_norm_panels" => around(3, 32, LayerNorm { eps: 1e-6 }),
        "gelu_erf" => around(3, 21, Gelu::Erf),
        "gelu_tanh" => around(3, 21, Gelu::Tanh),
        "vit" => VIT.network().unwrap(),
        other => panic!("unknown network {other}"),
    }
}

/// Numbers for each tensor: the seed is 100 for the first in the engine's order, 101 for the next.
fn engine(network: Network<f32>, threads: usize) -> Engine<f32> {
    let options = Options { batch: ROWS, shards: 3, threads, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    backprop::fixtures::fill(&mut engine);
    engine
}

/// Inputs and labels of a mini-batch, as the script has them.
fn batch(elements: usize) -> (Vec<f32>, Vec<usize>) {
    let x = numbers(1, ROWS * elements).iter().map(|x| 4.0 * x).collect();
    (x, (0..ROWS).map(|i| i * 3 % CLASSES).collect())
}

#[test]
fn logits_losses_and_gradients_are_pytorchs() {
    for (name, expected) in fixtures()["cases"].as_object().unwrap() {
        let mut engine = engine(case(name), 2);
        let (x, labels) = batch(engine.input_shape().elements());
        let batch = Rows { x: &x, labels: &labels };
        let mut logits = vec![0.0; ROWS * CLASSES];
        engine.predict(&batch, &mut logits).unwrap();
        assert_close(&format!("{name}: logits"), &logits, &floats(&expected["logits"]), 1e-4);
        let loss = engine.gradients(&batch).unwrap();
        let right = expected["loss"].as_f64().unwrap();
        assert!((loss - right).abs() < 1e-4 * right, "{name}: {loss} {right}");
        let gradients = expected["gradients"].as_object().unwrap();
        assert_eq!(engine.gradient().len(), gradients.len(), "{name}");
        for tensor in engine.gradient() {
            let expected = floats(&gradients[&tensor.name]);
            // The gradient of a key's bias is nought, and what is found is rounding.
            let name = format!("{name}: {}", tensor.name);
            assert_close(&name, &tensor.data, &expected, 2e-4);
        }
    }
}

#[test]
fn a_plan_that_only_predicts_answers_the_same() {
    for name in ["attention_wide", "causal", "vit"] {
        let mut trained = engine(case(name), 1);
        let options = Options { batch: ROWS, shards: 1, threads: 1, training: false };
        let mut only = Engine::new(case(name), options).unwrap();
        only.set_weights(&trained.weights()).unwrap();
        let (x, labels) = batch(only.input_shape().elements());
        let batch = Rows { x: &x, labels: &labels };
        let mut answers = [vec![0.0; ROWS * CLASSES], vec![0.0; ROWS * CLASSES]];
        trained.predict(&batch, &mut answers[0]).unwrap();
        only.predict(&batch, &mut answers[1]).unwrap();
        assert_close(name, &answers[1], &answers[0], 1e-6);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let run = |threads| {
        let mut engine = engine(VIT.network().unwrap(), threads);
        let (x, labels) = batch(engine.input_shape().elements());
        let loss = engine.gradients(&Rows { x: &x, labels: &labels }).unwrap();
        (loss, engine.gradient())
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn a_later_token_changes_no_earlier_answer() {
    let tested = Attention { heads: 2, causal: true };
    let network = Network::<f32>::new(Shape::sequence(9, 24)).then("0", tested).unwrap();
    let options = Options { batch: 1, training: false, ..Options::default() };
    let mut engine = Engine::new(network, options).unwrap();
    let mut x = numbers(3, 9 * 24);
    let mut answers = [vec![0.0; 9 * 8], vec![0.0; 9 * 8]];
    engine.predict(&Rows { x: &x, labels: &[0] }, &mut answers[0]).unwrap();
    x[5 * 24..].iter_mut().for_each(|x| *x = 7.0 - *x);
    engine.predict(&Rows { x: &x, labels: &[0] }, &mut answers[1]).unwrap();
    assert_eq!(answers[0][..5 * 8], answers[1][..5 * 8]);
    assert_ne!(answers[0][5 * 8..], answers[1][5 * 8..]);
}

#[test]
fn large_scores_do_not_overflow() {
    let tested = Attention { heads: 1, causal: false };
    let network = Network::<f32>::new(Shape::sequence(4, 6)).then("0", tested).unwrap();
    let options = Options { batch: 1, training: false, ..Options::default() };
    let mut engine = Engine::new(network, options).unwrap();
    let x: Vec<f32> = numbers(3, 24).iter().map(|x| 1e3 * x).collect();
    let mut y = [0.0; 8];
    engine.predict(&Rows { x: &x, labels: &[0] }, &mut y).unwrap();
    assert!(y.iter().all(|y| y.is_finite() && y.abs() <= 500.0), "{y:?}");
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let said =
        |input: Shape, tested: Box<dyn Fn(Network<f32>) -> backprop::Result<Network<f32>>>| {
            tested(Network::new(input)).unwrap_err().to_string()
        };
    let of =
        |heads| Box::new(move |n: Network<f32>| n.then("a", Attention { heads, causal: true }));
    let found = said(Shape::sequence(4, 20), of(2));
    assert!(found.contains("queries, keys and values of 2 heads in 20"), "{found}");
    assert!(said(Shape::sequence(4, 20), of(0)).contains("of 0 heads"));
    assert!(said(Shape::row(6), of(1)).contains("it takes a sequence, not 6"));
    let norm = Box::new(|n: Network<f32>| n.then("a", LayerNorm { eps: 1e-5 }));
    let found = said(Shape::image(3, 2, 2), norm);
    assert!(found.contains("it takes tokens or a row, not 3 × 2 × 2"), "{found}");
    let first = Box::new(|n: Network<f32>| n.then("a", First));
    assert!(said(Shape::image(3, 2, 2), first).contains("it takes a sequence"));
}

/// The largest disagreement with differences.
fn worst(network: Network<f64>, (rows, shards, seed): (usize, usize, u64)) -> f64 {
    let n = network.shape(network.last()).unwrap().elements();
    let network = network.then("flat", Reshape::new(Shape::row(n))).unwrap();
    let network = network.then("last", Linear::new(n, 3)).unwrap();
    let rng = &mut ChaCha12Rng::seed_from_u64(seed);
    let options = Options { batch: rows, shards, threads: 1, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    let mut weights = engine.weights();
    for tensor in &mut weights {
        tensor.data.fill_with(|| rng.random_range(-1.0..1.0));
    }
    engine.set_weights(&weights).unwrap();
    let elements = engine.input_shape().elements();
    let x: Vec<f64> = (0..rows * elements).map(|_| rng.random_range(-1.0..1.0)).collect();
    let labels: Vec<usize> = (0..rows).map(|_| rng.random_range(0..3)).collect();
    check(&mut engine, &Rows { x: &x, labels: &labels }).unwrap().map_or(0.0, |worst| worst.error)
}

fn mini_batch() -> impl Strategy<Value = (usize, usize, u64)> {
    (1..4_usize, 1..3_usize, any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn attention_against_differences(
        (t, d, heads) in (1..20_usize, 1..6_usize, 1..4_usize),
        causal in any::<bool>(),
        batch in mini_batch(),
    ) {
        let (width, c) = (3, heads * d);
        let network = Network::new(Shape::sequence(t, width)).then("0", Linear::new(width, 3 * c));
        let network = network.unwrap().then("1", Attention { heads, causal }).unwrap();
        prop_assert!(worst(network, batch) < 1e-5);
    }

    #[test]
    fn norms_and_gelu_against_differences(
        (t, c) in (1..5_usize, 2..20_usize),
        batch in mini_batch(),
    ) {
        let network = || Network::new(Shape::sequence(t, c)).then("0", Linear::new(c, c)).unwrap();
        let norm = LayerNorm { eps: 1e-3 };
        prop_assert!(worst(network().then("1", norm).unwrap(), batch) < 1e-5);
        prop_assert!(worst(network().then("1", Gelu::Erf).unwrap(), batch) < 1e-5);
        prop_assert!(worst(network().then("1", Gelu::Tanh).unwrap(), batch) < 1e-5);
        let row = network().then("1", First).unwrap().then("2", norm).unwrap();
        prop_assert!(worst(row, batch) < 1e-5);
    }

    #[test]
    fn tokens_against_differences(
        (c, h, w) in (1..20_usize, 1..4_usize, 1..4_usize),
        (class, positions) in (any::<bool>(), any::<bool>()),
        batch in mini_batch(),
    ) {
        let tested = Tokens { class, positions };
        let image = Network::new(Shape::image(2, h, w)).then("0", Convolution::new(2, c, 1));
        prop_assert!(worst(image.unwrap().then("", tested).unwrap(), batch) < 1e-5);
        let sequence = Network::new(Shape::sequence(h * w, c)).then("0", Linear::new(c, c));
        prop_assert!(worst(sequence.unwrap().then("", tested).unwrap(), batch) < 1e-5);
    }
}
