//! The small stacks, and the operation that they need: held to differences, to each other, and to what they are said to do.

#![allow(clippy::unwrap_used)]

use backprop::check::check;
use backprop::fixtures::numbers;
use backprop::{Activation, Engine, Linear, Network, Options, Rows, Shape};
use optimization::Initialisation;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;
use residual::networks::{self, Stack, Way};
use residual::operations::ScaledAddition;

const SAMPLES: usize = 3;

fn wide(n: usize, seed: u64) -> Vec<f64> {
    numbers(seed, n).into_iter().map(f64::from).collect()
}

fn engine(network: Network<f64>, shards: usize) -> Engine<f64> {
    let options = Options { batch: SAMPLES, shards, threads: 1, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    Initialisation::He.draw(&mut engine, &mut ChaCha12Rng::seed_from_u64(1)).unwrap();
    engine
}

/// `head(f(first(x) + α second(x)))`
fn sum(alpha: f64, activation: Activation, d: usize) -> Network<f64> {
    let mut network = Network::new(Shape::row(d));
    let input = Network::<f64>::INPUT;
    let [a, b] = ["first", "second"]
        .map(|name| network.push(name, Linear::new(d, d + 1), &[input]).unwrap());
    network.push("add", ScaledAddition { alpha, activation }, &[a, b]).unwrap();
    network.then("head", Linear::new(d + 1, 3)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn its_backward_is_the_slope_of_its_forward(
        alpha in -2.0..2.0_f64,
        tanh in any::<bool>(),
        d in 1..20_usize,
        shards in 1..4_usize,
    ) {
        let activation = if tanh { Activation::Tanh } else { Activation::Relu };
        let mut engine = engine(sum(alpha, activation, d), shards);
        let x = wide(SAMPLES * d, 7);
        let worst = check(&mut engine, &Rows { x: &x, labels: &[0, 2, 1] }).unwrap();
        prop_assert!(worst.is_some_and(|worst| worst.error < 1e-5));
    }
}

#[test]
fn shapes_that_differ_are_refused() {
    let mut network = Network::<f64>::new(Shape::row(2));
    let a = network.push("a", Linear::new(2, 3), &[Network::<f64>::INPUT]).unwrap();
    let sum = ScaledAddition { alpha: 1.0, activation: Activation::None };
    let fault = network.push("add", sum, &[Network::<f64>::INPUT, a]).unwrap_err().to_string();
    assert!(fault.contains("scaled addition") && fault.contains("one shape twice"), "{fault}");
}

fn images() -> Vec<f64> {
    wide(SAMPLES * 28 * 28, 3).into_iter().map(f64::abs).collect()
}

/// The outputs of a network with the weights of another, for those that it has.
fn outputs(stack: &Stack, weights_of: &Engine<f64>) -> Vec<f64> {
    let mut engine = engine(stack.network().unwrap(), 1);
    let mut weights = engine.weights();
    for tensor in &mut weights {
        *tensor = weights_of.get(&tensor.name).unwrap();
    }
    engine.set_weights(&weights).unwrap();
    let mut y = vec![0.0; SAMPLES * 10];
    engine.predict(&Rows { x: &images(), labels: &[0; SAMPLES] }, &mut y).unwrap();
    y
}

#[test]
fn a_branch_times_one_is_added_as_it_is() {
    let stack = Stack::new(8, Way::residual());
    let whole = engine(stack.network().unwrap(), 1);
    assert_eq!(outputs(&stack, &whole), outputs(&stack.scaled(1.0), &whole));
}

#[test]
fn without_its_branches_a_residual_stack_is_one_without_blocks() {
    let stack = Stack::new(8, Way::residual());
    let whole = engine(stack.network().unwrap(), 1);
    let none = Stack { blocks: Vec::new(), ..stack.clone() };
    assert_eq!(outputs(&stack.scaled(0.0), &whole), outputs(&none, &whole));
}

#[test]
fn a_plain_stack_that_starts_as_identity_is_one_without_blocks() {
    let stack = Stack::new(20, Way::plain().without_norm());
    let mut whole = engine(stack.network().unwrap(), 1);
    networks::start_as_identity(&mut whole, 0.0).unwrap();
    let none = Stack { blocks: Vec::new(), ..stack.clone() };
    assert_eq!(outputs(&stack, &whole), outputs(&none, &whole));
}

#[test]
fn a_depth_is_its_convolutions_and_one_linear_layer() {
    for depth in [8, 20, 32, 56] {
        let network = networks::stack::<f32>(depth, Way::residual()).unwrap();
        let engine = Engine::new(network, Options::default()).unwrap();
        let matrices = engine.parameters().filter(|(_, weight)| weight.fan_in > 0).count();
        assert_eq!(matrices, depth);
    }
}
