//! The fast form equals the plain one, whatever the number of threads; and a step allocates nothing.
#![allow(clippy::unwrap_used)]

use backprop::fixtures::{Counting, assert_close, fill, numbers};
use backprop::{Activation, Addition, Engine, Linear, Network, Options, Rows, Shape, Tensor};
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

/// What fills a pixel up to sixteen channels has no gradient, whatever the slot held before.
#[test]
fn the_gradient_has_no_numbers_that_are_no_weights() {
    let normalised = Network::new(Shape::image(1, 8, 8))
        .then("0", Convolution::new(1, 20, 3).padding(1))
        .and_then(|n| n.then("1", BatchNorm::new(20)))
        .and_then(|n| n.then("2", Convolution::new(20, 32, 3).padding(1)))
        .and_then(|n| n.then("3", Pool::max(2)))
        .and_then(|n| n.then("4", Linear::new(32 * 16, 5)))
        .unwrap();
    let mut summed = Network::new(Shape::image(1, 8, 8));
    let tall = Convolution::new(1, 20, 3).padding(1);
    let a = summed.push("0", tall, &[Network::<f32>::INPUT]).unwrap();
    let b = summed.push("1", Convolution::new(20, 20, 3).padding(1), &[a]).unwrap();
    let c = summed.push("2", Addition::default(), &[a, b]).unwrap();
    let d = summed.push("3", Convolution::new(20, 32, 3).padding(1), &[c]).unwrap();
    let d = summed.push("4", Pool::max(2), &[d]).unwrap();
    summed.push("5", Linear::new(32 * 16, 5), &[d]).unwrap();
    for network in [normalised, summed] {
        let mut engine = engine(network, 1);
        for step in 0..4 {
            let x = numbers(step, 12 * 64);
            let labels: Vec<usize> = (0..12).map(|i| i % 5).collect();
            engine.gradients(&Rows { x: &x, labels: &labels }).unwrap();
            let count = |numbers: &[f32]| numbers.iter().filter(|g| **g != 0.0).count();
            let named: usize = engine.gradient().iter().map(|tensor| count(&tensor.data)).sum();
            let all: usize = engine.gradient_mut().map(|block| count(block)).sum();
            assert_eq!(named, all, "step {step}");
            engine.update(&Optimizer::ADAM.at(step + 1, 0.01)).unwrap();
        }
    }
}

#[test]
fn settings_of_batch_normalisation_are_refused_where_they_have_no_meaning() {
    let refused = |norm: BatchNorm| {
        let network = Network::<f32>::new(Shape::image(20, 4, 4)).then("norm", norm);
        network.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let norm = BatchNorm::new(20);
    for epsilon in [0.0, -1e-5, f64::NAN, f64::INFINITY] {
        assert!(refused(norm.epsilon(epsilon)).contains("its ε is"), "{epsilon}");
    }
    for momentum in [-0.1, 1.1, f64::NAN] {
        assert!(refused(norm.momentum(momentum)).contains("its momentum is"), "{momentum}");
    }
    assert_eq!(refused(norm.epsilon(1e-3).momentum(1.0)), "");
}

#[test]
fn images_may_be_wide() {
    let input = Shape::image(16, 2, 320);
    let plain = Network::new(input)
        .then("0", Convolution::new(16, 20, 3).padding(1).with(Activation::Relu))
        .and_then(|n| n.then("1", Pool::max(2)))
        .and_then(|n| n.then("2", Linear::new(20 * 160, 5)))
        .unwrap();
    let fused = Network::new(input)
        .then("0", ConvolutionPool::new(16, 20))
        .and_then(|n| n.then("2", Linear::new(20 * 160, 5)))
        .unwrap();
    let (mut plain, mut fused) = (engine(plain, 1), engine(fused, 2));
    let x = numbers(7, 3 * input.elements());
    let batch = Rows { x: &x, labels: &[0, 1, 2] };
    plain.gradients(&batch).unwrap();
    fused.gradients(&batch).unwrap();
    for (p, f) in plain.gradient().iter().zip(fused.gradient()) {
        assert_close(&p.name, &f.data, &p.data, 1e-4);
    }
}

#[test]
fn one_image_on_many_threads_has_the_same_bits() {
    let network = || {
        let mut network = Network::new(Shape::image(3, 13, 9));
        let x = Network::<f32>::INPUT;
        let x = network.push("0", Convolution::new(3, 20, 3).padding(1), &[x]).unwrap();
        let x = network.push("1", BatchNorm::new(20).with_relu(), &[x]).unwrap();
        let y = Convolution::new(20, 20, 1).with(Activation::Tanh);
        let y = network.push("2", y, &[x]).unwrap();
        let y = network.push("3", Addition::default(), &[x, y]).unwrap();
        let y = network.push("4", Convolution::new(20, 33, 3).stride(2), &[y]).unwrap();
        let y = network.push("5", Pool::average(2), &[y]).unwrap();
        network.push("6", Linear::new(33 * 6, 40), &[y]).unwrap();
        network
    };
    let x = numbers(4, 2 * 3 * 13 * 9);
    let predict = |threads, training| {
        let options = Options { batch: 2, shards: 4, threads, training };
        let mut engine = Engine::new(network(), options).unwrap();
        fill(&mut engine);
        let mut output = vec![0.0; 80];
        // Twice, since slots are used again.
        for _ in 0..2 {
            engine.predict(&Rows { x: &x, labels: &[0, 0] }, &mut output).unwrap();
        }
        output
    };
    let trained = predict(1, true);
    for threads in [1, 2, 3, 8] {
        assert_eq!(predict(threads, false), trained, "{threads} threads");
    }
}
