//! Every operation's backward against differences of its forward, in `f64`, over random shapes; and the fast ways
//! against the definition.

#![allow(clippy::unwrap_used)]

use backprop::check::check;
use backprop::experiments::square::Square;
use backprop::kernels::product::{Order, Product, naive};
use backprop::kernels::sparse::Panels;
use backprop::kernels::{run_f32, run_portable};
use backprop::{Activation, Addition, Engine, Linear, Network, Options, Reshape, Rows, Shape};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::ChaCha12Rng;

fn random(rng: &mut ChaCha12Rng, n: usize) -> Vec<f64> {
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// The largest disagreement of a network with random weights on random data.
fn worst(network: Network<f64>, rows: usize, shards: usize, seed: u64) -> f64 {
    let rng = &mut ChaCha12Rng::seed_from_u64(seed);
    let mut engine =
        Engine::new(network, Options { batch: rows, shards, threads: 1, training: true }).unwrap();
    let mut weights = engine.weights();
    for tensor in &mut weights {
        tensor.data = random(rng, tensor.data.len());
    }
    engine.set_weights(&weights).unwrap();
    assert_eq!(engine.weights(), weights, "what is packed is unpacked");
    let x = random(rng, rows * engine.input_shape().elements());
    let k = engine.outputs();
    let labels: Vec<usize> = (0..rows).map(|_| rng.random_range(0..k)).collect();
    check(&mut engine, &Rows { x: &x, labels: &labels }).unwrap().map_or(0.0, |worst| worst.error)
}

#[test]
fn a_wrong_backward_agrees_with_no_step() {
    let with = |factor: f64| {
        let network = Network::new(Shape::row(5))
            .then("0", Linear::new(5, 6))
            .and_then(|n| n.then("1", Square { factor }))
            .and_then(|n| n.then("2", Linear::new(6, 3)))
            .unwrap();
        worst(network, 4, 2, 1)
    };
    assert!(with(2.0) < 1e-5);
    assert!(with(1.0) > 0.1);
}

fn activations() -> impl Strategy<Value = Activation> {
    // A kink of ReLU between the two moved weights would be no fault, so its inputs stay few.
    use Activation::*;
    prop_oneof![Just(None), Just(Relu), Just(Tanh), Just(Sigmoid)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn linear(
        (d, h, k) in (1..40_usize, 1..40_usize, 2..20_usize),
        (rows, shards) in (1..12_usize, 1..5_usize),
        activation in activations(),
        seed in any::<u64>(),
    ) {
        let network = Network::new(Shape::row(d))
            .then("0", Linear::new(d, h).with(activation)).unwrap()
            .then("1", Linear::new(h, k)).unwrap();
        prop_assert!(worst(network, rows, shards, seed) < 1e-5);
    }

    #[test]
    fn many_blocks_of_inputs(d in 120..160_usize, k in 2..4_usize, seed in any::<u64>()) {
        let network = Network::new(Shape::row(3))
            .then("0", Linear::new(3, d).with(Activation::Tanh)).unwrap()
            .then("1", Linear::new(d, k)).unwrap();
        prop_assert!(worst(network, 3, 2, seed) < 1e-5);
    }

    #[test]
    fn residual(d in 1..20_usize, rows in 1..6_usize, seed in any::<u64>()) {
        let mut network = Network::new(Shape::row(d));
        let input = Network::<f64>::INPUT;
        let first = network.push("0", Linear::new(d, d), &[input]).unwrap();
        let second = network.push("1", Linear::new(d, d).with(Activation::Tanh), &[first]).unwrap();
        let third = network.push("2", Linear::new(d, d).with(Activation::Sigmoid), &[first]).unwrap();
        let sum = network.push("3", Addition::default(), &[first, second]).unwrap();
        let sum = network.push("4", Addition::default(), &[third, sum]).unwrap();
        network.push("5", Linear::new(d, 3), &[sum]).unwrap();
        prop_assert!(worst(network, rows, 3, seed) < 1e-5);
    }

    #[test]
    fn reshape((c, h, w) in (1..5_usize, 1..5_usize, 1..5_usize), seed in any::<u64>()) {
        let n = c * h * w;
        let network = Network::new(Shape::row(n))
            .then("0", Linear::new(n, n).with(Activation::Tanh)).unwrap()
            .then("1", Reshape::new(Shape::image(c, h, w))).unwrap()
            .then("2", Reshape::new(Shape::image(w, c, h))).unwrap()
            .then("3", Linear::new(n, 4)).unwrap();
        prop_assert!(worst(network, 4, 2, seed) < 1e-5);
    }

    #[test]
    fn all_ways_to_the_product_agree(
        (rows, depth, spare) in (1..30_usize, 1..50_usize, 0..3_usize),
        (columns, add) in (any::<bool>(), any::<bool>()),
        seed in any::<u64>(),
    ) {
        let rng = &mut ChaCha12Rng::seed_from_u64(seed);
        let (width, height) = if columns { (rows, depth) } else { (depth, rows) };
        let stride = width + spare;
        let single = |v: Vec<f64>| v.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        let a = single(random(rng, stride * height));
        let b = single(random(rng, (16 + spare) * depth));
        let c = single(random(rng, (16 + spare) * rows));
        let order = if columns { Order::Columns(stride) } else { Order::Rows(stride) };
        let by = |way: &dyn Fn(Product<'_, f32>)| {
            let mut c = c.clone();
            way(Product { rows, depth, a: &a, order, b: &b, b_stride: 16 + spare, c: &mut c, c_stride: 16 + spare, add });
            c
        };
        let definition = by(&naive);
        for fast in [by(&|p| run_portable(p)), by(&|p| run_f32(p))] {
            for (fast, slow) in fast.iter().zip(&definition) {
                prop_assert!((fast - slow).abs() <= 1e-5 * (depth as f32), "{fast} {slow}");
            }
        }
    }

    #[test]
    fn terms_that_are_nought_can_be_left_out(
        (rows, depth, panels) in (1..150_usize, 1..150_usize, 1..10_usize),
        (columns, add, portable) in (any::<bool>(), any::<bool>(), any::<bool>()),
        (share, seed) in (prop::sample::select(vec![0.0, 0.2, 0.5, 0.9, 1.0]), any::<u64>()),
    ) {
        let rng = &mut ChaCha12Rng::seed_from_u64(seed);
        let stride = if columns { rows } else { depth };
        let order = if columns { Order::Columns(stride) } else { Order::Rows(stride) };
        let mut a: Vec<f32> = random(rng, rows * depth).iter().map(|&x| x as f32).collect();
        a.iter_mut().filter(|_| rng.random_bool(share)).for_each(|x| *x = 0.0);
        let b: Vec<f32> = random(rng, 16 * panels * depth).iter().map(|&x| x as f32).collect();
        let before: Vec<f32> = random(rng, 16 * panels * rows).iter().map(|&x| x as f32).collect();
        let (mut whole, mut parts) = (before.clone(), before);
        let product = |b, c| Product { rows, depth, a: &a, order, b, b_stride: 16, c, c_stride: 16, add };
        let first = product(&b, &mut whole);
        let all = Panels { first, panels, b_panel: 16 * depth, c_panel: 16 * rows };
        if portable { run_portable(all) } else { run_f32(all) }
        for (b, c) in b.chunks(16 * depth).zip(parts.chunks_mut(16 * rows)) {
            let one = product(b, c);
            if portable { run_portable(one) } else { run_f32(one) }
        }
        // The same bits, not just nearly the same.
        let bits = |c: &[f32]| c.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&whole), bits(&parts));
    }
}

/// Strides so long that their product wraps around.
#[test]
#[should_panic(expected = "too short")]
fn no_stride_leads_outside() {
    let (a, b) = ([0.0_f32, 1.0], [1.0; 256]);
    let mut c = [0.0; 64];
    let b_stride = usize::MAX - 7;
    let first = Product {
        rows: 1,
        depth: 2,
        a: &a,
        order: Order::Rows(2),
        b: &b,
        b_stride,
        c: &mut c,
        c_stride: 16,
        add: false,
    };
    run_f32(Panels { first, panels: 4, b_panel: 0, c_panel: 16 });
}
