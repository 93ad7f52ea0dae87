//! A step of training allocates nothing.
#![allow(clippy::unwrap_used)]

use backprop::fixtures::Counting;
use backprop::{Activation, Addition, Engine, Linear, Network, Options, Rows, Sgd, Shape};

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn a_step_allocates_nothing() {
    let input = Network::<f32>::INPUT;
    let mut network = Network::new(Shape::row(30));
    let a = network.push("0", Linear::new(30, 40).with(Activation::Tanh), &[input]).unwrap();
    let b = network.push("1", Linear::new(40, 40).with(Activation::Relu), &[a]).unwrap();
    let c = network.push("2", Addition::default(), &[a, b]).unwrap();
    network.push("3", Linear::new(40, 10), &[c]).unwrap();
    let mut engine =
        Engine::new(network, Options { batch: 32, shards: 8, threads: 3, training: true }).unwrap();
    let x = vec![0.5; 32 * 30];
    let labels: Vec<usize> = (0..32).map(|i| i % 10).collect();
    let batch = Rows { x: &x, labels: &labels };
    let rule = Sgd { rate: 0.1 };
    // ANCHOR: count
    for _ in 0..3 {
        engine.step(&batch, &rule).unwrap();
    }
    let before = COUNTING.count();
    for _ in 0..100 {
        engine.step(&batch, &rule).unwrap();
    }
    let after = COUNTING.count();
    assert_eq!(after - before, 0);
    // And the counter counts.
    drop(vec![1_u8; 100]);
    assert!(COUNTING.count() > after);
    // ANCHOR_END: count
}
