//! The fast form equals the plain one, whatever the number of threads; and a step allocates nothing.
#![allow(clippy::unwrap_used)]

use backprop::fixtures::{Counting, assert_close, fill, numbers};
use backprop::{Activation, Engine, Linear, Network, Options, Rows, Shape, Tensor};
use convolution::{BatchNorm, Convolution, ConvolutionPool, Pool, networks};
use optimization::Optimizer;

#[global_allocator]
static COUNTING: Counting = Counting;

fn engine(network: Network<f32>, threads: usize) -> Engine<f32> {
    let options = Options { batch: 12, shards: 5, threads, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    fill(&mut engine);
    engine
}

fn steps(engine: &mut Engine<f32>, steps: u64) -> (Vec<f64>, Vec<Tensor<f32>>) {
    let elements = engine.input_shape().elements();
    let step = |step: u64| {
        let x = numbers(step, 12 * elements);
        let labels: Vec<usize> = (0..12).map(|i| i % 5).collect();
        engine.step(&Rows { x: &x, labels: &labels }, &Optimizer::ADAM.at(step, 0.01)).unwrap()
    };
    ((1..=steps).map(step).collect(), engine.weights())
}

fn plain() -> Network<f32> {
    let relu = Activation::Relu;
    Network::new(Shape::image(1, 12, 8))
        .then("0", Convolution::new(1, 32, 3).padding(1).with(relu))
        .and_then(|n| n.then("2", Pool::max(2)))
        .and_then(|n| n.then("3", Convolution::new(32, 21, 3).padding(1).with(relu)))
        .and_then(|n| n.then("5", Pool::max(2)))
        .and_then(|n| n.then("7", Linear::new(21 * 6, 5)))
        .unwrap()
}

fn fused() -> Network<f32> {
    Network::new(Shape::image(1, 12, 8))
        .then("0", ConvolutionPool::new(1, 32))
        .and_then(|n| n.then("3", ConvolutionPool::new(32, 21)))
        .and_then(|n| n.then("7", Linear::new(21 * 6, 5)))
        .unwrap()
}

#[test]
fn the_fast_form_is_the_plain_one() {
    let (mut plain, mut fused) = (engine(plain(), 1), engine(fused(), 2));
    let x = numbers(7, 12 * 96);
    let labels: Vec<usize> = (0..12).map(|i| i % 5).collect();
    let batch = Rows { x: &x, labels: &labels };
    let losses = (plain.gradients(&batch).unwrap(), fused.gradients(&batch).unwrap());
    assert!((losses.0 - losses.1).abs() < 1e-5, "{losses:?}");
    for (p, f) in plain.gradient().iter().zip(fused.gradient()) {
        assert_eq!(p.name, f.name);
        assert_close(&p.name, &f.data, &p.data, 1e-4);
    }
}

#[test]
fn the_same_bits_with_1_2_and_8_threads() {
    let normalised = || {
        Network::new(Shape::image(1, 12, 8))
            .then("0", ConvolutionPool::new(1, 32))
            .and_then(|n| n.then("1", BatchNorm::new(32).with_relu()))
            .and_then(|n| n.then("2", Convolution::new(32, 10, 3).stride(2)))
            .and_then(|n| n.then("3", Pool::average(2).stride(1)))
            .and_then(|n| n.then("4", Linear::new(10, 5)))
    };
    for network in [fused, plain] as [fn() -> Network<f32>; 2] {
        let one = steps(&mut engine(network(), 1), 4);
        for threads in [2, 8] {
            assert_eq!(steps(&mut engine(network(), threads), 4), one, "{threads} threads");
        }
    }
    if let Ok(network) = normalised() {
        let one = steps(&mut engine(network, 1), 4);
        assert_eq!(steps(&mut engine(normalised().unwrap(), 3), 4), one);
    }
}

#[test]
fn a_step_allocates_nothing() {
    for network in [fused(), plain()] {
        let mut engine = engine(network, 1);
        let x = numbers(1, 12 * 96);
        let labels = [0; 12];
        let (batch, rule) = (Rows { x: &x, labels: &labels }, Optimizer::ADAM.at(1, 0.01));
        engine.step(&batch, &rule).unwrap();
        // Other tests run at the same time, so the quietest of many steps counts.
        let step = || {
            let before = COUNTING.count();
            engine.step(&batch, &rule).unwrap();
            COUNTING.count() - before
        };
        assert_eq!(std::iter::repeat_with(step).take(200).min(), Some(0));
    }
}

#[test]
fn the_networks_have_fewer_than_half_a_million_parameters() {
    assert_eq!(networks::sequential::<f32>().unwrap().parameters(), 421_642);
    assert_eq!(networks::normalised::<f32>().unwrap().parameters(), 421_834);
}
