//! Every operation's backward against differences of its forward, in `f64`, over random shapes.

#![allow(clippy::unwrap_used)]

use backprop::check::check;
use backprop::{Activation, Engine, Linear, Network, Operation, Options, Rows, Shape};
use convolution::{BatchNorm, Blur, Convolution, ConvolutionPool, GroupNorm, Pool, Windowed};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;

fn random(rng: &mut ChaCha12Rng, n: usize) -> Vec<f64> {
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// `first` makes channels and a gradient for the input of `tested`, `last` makes three classes.
fn worst(
    input: Shape,
    tested: impl Operation<f64> + 'static,
    (rows, shards, seed): (usize, usize, u64),
) -> f64 {
    let wide = Convolution::new(input.channels, input.channels, 1).with(Activation::Tanh);
    let network = Network::new(input).then("first", wide).unwrap().then("tested", tested).unwrap();
    let n = network.shape(network.last()).unwrap().elements();
    let network = network.then("last", Linear::new(n, 3)).unwrap();
    let rng = &mut ChaCha12Rng::seed_from_u64(seed);
    let options = Options { batch: rows, shards, threads: 1, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    let mut weights = engine.weights();
    for tensor in &mut weights {
        tensor.data = random(rng, tensor.data.len());
    }
    engine.set_weights(&weights).unwrap();
    assert_eq!(engine.weights(), weights, "what is packed is unpacked");
    let x = random(rng, rows * input.elements());
    let labels: Vec<usize> = (0..rows).map(|_| rng.random_range(0..3)).collect();
    check(&mut engine, &Rows { x: &x, labels: &labels }).unwrap().map_or(0.0, |worst| worst.error)
}

fn batch() -> impl Strategy<Value = (usize, usize, u64)> {
    (1..5_usize, 1..4_usize, any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn convolution(
        (c, h, w) in (1..4_usize, 3..7_usize, 3..7_usize),
        (o, k, s, p) in (1..20_usize, 1..4_usize, 1..3_usize, 0..3_usize),
        tanh in any::<bool>(),
        batch in batch(),
    ) {
        let activation = if tanh { Activation::Tanh } else { Activation::None };
        let tested = Convolution::new(c, o, k).stride(s).padding(p).with(activation);
        let tested = if batch.2.is_multiple_of(3) { tested.without_bias() } else { tested };
        prop_assert!(worst(Shape::image(c, h, w), tested, batch) < 1e-5);
    }

    #[test]
    fn convolution_with_pool(
        (c, h, w) in (1..4_usize, 1..4_usize, 1..4_usize),
        o in 1..34_usize,
        batch in batch(),
    ) {
        let tested = ConvolutionPool::new(c, o);
        prop_assert!(worst(Shape::image(c, 2 * h, 2 * w), tested, batch) < 1e-5);
    }

    #[test]
    fn pool(
        (c, h, w) in (1..20_usize, 2..7_usize, 2..7_usize),
        (side, stride, kind) in (1..3_usize, 1..3_usize, 0..3),
        batch in batch(),
    ) {
        let tested = match kind {
            0 => Pool::max(side).stride(stride),
            1 => Pool::average(side).stride(stride),
            _ => Pool::global(),
        };
        prop_assert!(worst(Shape::image(c, h, w), tested, batch) < 1e-5);
    }

    #[test]
    fn batch_norm(
        (c, h, w) in (1..20_usize, 2..5_usize, 2..5_usize),
        (relu, batch) in (any::<bool>(), batch()),
    ) {
        let tested = BatchNorm::new(c);
        let tested = if relu { tested.with_relu() } else { tested };
        prop_assert!(worst(Shape::image(c, h, w), tested, batch) < 1e-5);
    }

    #[test]
    fn windowed(
        (h, w, g, inputs, outputs) in (3..7_usize, 3..7_usize, 1..4_usize, 1..4_usize, 1..4_usize),
        (k, s, p, d) in (1..3_usize, 1..3_usize, 0..2_usize, 1..3_usize),
        (turned, batch) in (any::<bool>(), batch()),
    ) {
        let tested = Windowed::new(g * inputs, g * outputs, k).stride(s).padding(p.min(k - 1));
        let tested = match turned {
            true => tested.transposed(s - 1),
            false => tested.groups(g).dilation(d).with(Activation::Tanh),
        };
        prop_assert!(worst(Shape::image(g * inputs, h, w), tested, batch) < 1e-5);
    }

    #[test]
    fn group_norm_and_blur(
        (groups, of, h, w) in (1..4_usize, 2..7_usize, 2..5_usize, 2..5_usize),
        (stride, batch) in (1..3_usize, batch()),
    ) {
        let image = Shape::image(groups * of, h, w);
        prop_assert!(worst(image, GroupNorm::new(groups * of, groups), batch) < 1e-5);
        prop_assert!(worst(image, Blur::new(stride), batch) < 1e-5);
    }
}
