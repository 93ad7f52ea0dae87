//! The textbook's step is the engine's, and a network's multiply-adds are what the formula says.

#![allow(clippy::unwrap_used)]

use backprop::count::{Layer, by_formula};
use backprop::fixtures::{assert_close, fill, numbers};
use backprop::{Activation, Engine, Linear, Network, Options, Rows, Shape};
use ndarray::ArrayView2;
use optimization::Optimizer;
use optimization::textbook::{Mlp, by_ndarray, three_loops};
use proptest::prelude::*;

fn network(widths: &[usize]) -> Network<f32> {
    let layers = widths.len() - 1;
    (0..layers).fold(Network::new(Shape::row(widths[0])), |network, i| {
        let linear = Linear::new(widths[i], widths[i + 1]);
        let activation = if i + 1 < layers { Activation::Relu } else { Activation::None };
        network.then(&i.to_string(), linear.with(activation)).unwrap()
    })
}

#[test]
fn the_textbook_trains_as_the_engine_does() {
    let (batch, widths) = (12, [37, 24, 19, 5]);
    for product in [three_loops, by_ndarray] {
        let options = Options { batch, shards: 3, threads: 2, training: true };
        let mut engine = Engine::new(network(&widths), options).unwrap();
        fill(&mut engine);
        let before = engine.weights();
        let mut textbook = Mlp::new(&before, product).unwrap();
        for step in 1..=10 {
            let x = numbers(step, batch * widths[0]);
            let labels: Vec<usize> = (0..batch).map(|i| i % 5).collect();
            let rows = Rows { x: &x, labels: &labels };
            let loss = engine.step(&rows, &Optimizer::ADAM.at(step, 0.01)).unwrap();
            let x = ArrayView2::from_shape((batch, widths[0]), &x[..]).unwrap();
            let ours = f64::from(textbook.step(x, &labels, 0.01));
            assert!((ours - loss).abs() < 1e-4 * loss, "step {step}: {ours} and {loss}");
        }
        for (theirs, ours) in engine.weights().iter().zip(textbook.weights()) {
            assert_close(&theirs.name, &theirs.data, &ours, 1e-4);
        }
        let moved = before.iter().zip(engine.weights()).all(|(a, b)| a.data != b.data);
        assert!(moved, "all weights have changed");
    }
}

#[test]
fn weights_that_do_not_fit_make_no_network() {
    let engine = Engine::new(network(&[6, 4, 3]), Options::default()).unwrap();
    let weights = engine.weights();
    assert!(Mlp::new(&weights, by_ndarray).is_some());
    assert!(Mlp::new(&weights[..3], by_ndarray).is_none());
    assert!(Mlp::new(&[], by_ndarray).is_none());
    let swapped = [&weights[2..], &weights[..2]].concat();
    assert!(Mlp::new(&swapped, by_ndarray).is_none());
}

proptest! {
    #[test]
    fn the_walk_counts_what_the_formula_says(widths in prop::collection::vec(1_usize..60, 2..6)) {
        let layers: Vec<Layer> = widths
            .windows(2)
            .map(|w| Layer::linear(w[0] as u64, w[1] as u64))
            .collect();
        prop_assert_eq!(network(&widths).multiply_adds(), by_formula(&layers));
    }
}
