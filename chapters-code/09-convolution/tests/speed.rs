//! Seven loops, im2col and the engine's operations are one function; and the count of their multiply-adds.

#![allow(clippy::unwrap_used)]

use backprop::count::{Layer, by_formula};
use backprop::fixtures::{assert_close, fill, numbers};
use backprop::operations::cross_entropy;
use backprop::{Engine, Linear, Network, Options, Rows, Shape};
use convolution::operations::definition::{self, Sizes};
use convolution::operations::im2col;
use convolution::textbook::{Cnn, IM2COL, SEVEN_LOOPS, Way};
use convolution::{Convolution, networks, speed};
use optimization::Optimizer;
use proptest::prelude::*;

/// Two convolutions and a linear layer, which is a third.
fn three(first: Sizes, outputs: usize) -> [Sizes; 3] {
    let (channels, image) = (first.outputs, first.output());
    let second = Sizes { channels, image, outputs, kernel: 2, stride: 1, padding: 0, ..first };
    let [rows, columns] = second.output();
    // A linear layer sees its image as channels of one pixel.
    let third = Sizes {
        channels: outputs * rows * columns,
        image: [1, 1],
        outputs: 4,
        kernel: 1,
        ..second
    };
    [first, second, third]
}

fn network([first, second, third]: [Sizes; 3]) -> Network<f32> {
    let convolution = |s: Sizes| {
        Convolution::new(s.channels, s.outputs, s.kernel).stride(s.stride).padding(s.padding)
    };
    Network::new(Shape::image(first.channels, first.image[0], first.image[1]))
        .then("0", convolution(first))
        .and_then(|n| n.then("1", convolution(second)))
        .and_then(|n| n.then("2", Linear::new(third.channels, third.outputs)))
        .unwrap()
}

/// Logits and the gradients of all weights, by plain functions.
fn by_hand(
    way: Way,
    sizes: [Sizes; 3],
    x: &[f32],
    labels: &[usize],
    weights: &[Vec<f32>],
) -> (Vec<f32>, Vec<Vec<f32>>) {
    let mut values = vec![x.to_vec()];
    for (i, &sizes) in sizes.iter().enumerate() {
        values.push((way.forward)(sizes, &values[i], &weights[2 * i], &weights[2 * i + 1]));
    }
    let logits = values[3].clone();
    let (n, k) = (labels.len(), sizes[2].outputs);
    let mut d = vec![0.0; logits.len()];
    for (i, &label) in labels.iter().enumerate() {
        let part = i * k..(i + 1) * k;
        cross_entropy::backward(&logits[part.clone()], label, 1.0 / n as f32, &mut d[part]);
    }
    let mut gradients = Vec::new();
    for i in (0..3).rev() {
        let of = (way.backward)(sizes[i], &values[i], &weights[2 * i], &d);
        gradients.extend([of.b, of.w]);
        d = of.x;
    }
    gradients.reverse();
    (logits, gradients)
}

prop_compose! {
    fn sizes()(samples in 1_usize..4, channels in 1_usize..4, height in 4_usize..9, width in 4_usize..9,
        outputs in 1_usize..20, kernel in 1_usize..5, stride in 1_usize..3, padding in 1_usize..3) -> Sizes {
        Sizes { samples, channels, image: [height, width], outputs, kernel, stride, padding }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn plain_functions_and_the_engine_agree(first in sizes(), outputs in 1_usize..20, seed in 0_u64..1000) {
        prop_assume!(first.output().iter().all(|&side| side >= 2));
        let all = three(first, outputs);
        let n = first.samples;
        let x = numbers(seed, first.numbers()[0]);
        let labels: Vec<usize> = (0..n).map(|i| i % 4).collect();
        let options = Options { batch: n, shards: 2, threads: 1, training: true };
        let mut engine = Engine::new(network(all), options).unwrap();
        fill(&mut engine);
        let weights: Vec<Vec<f32>> = engine.weights().into_iter().map(|t| t.data).collect();
        let rows = Rows { x: &x, labels: &labels };
        engine.gradients(&rows).unwrap();
        let mut logits = vec![0.0; 4 * n];
        engine.predict(&rows, &mut logits).unwrap();
        for way in [SEVEN_LOOPS, IM2COL] {
            let (ours, gradients) = by_hand(way, all, &x, &labels, &weights);
            assert_close("logits", &ours, &logits, 1e-4);
            for (theirs, ours) in engine.gradient().iter().zip(&gradients) {
                assert_close(&theirs.name, &theirs.data, ours, 1e-4);
            }
        }
    }

    #[test]
    fn the_walk_counts_what_the_formula_says(first in sizes(), outputs in 1_usize..20) {
        prop_assume!(first.output().iter().all(|&side| side >= 2));
        let all = three(first, outputs);
        let layers = all.map(|s| Layer {
            inputs: s.channels as u64,
            outputs: s.outputs as u64,
            kernel: s.kernel as u64,
            pixels: s.output().iter().product::<usize>() as u64,
        });
        prop_assert_eq!(network(all).multiply_adds(), by_formula(&layers));
    }
}

#[test]
fn without_padding_the_definition_has_a_term_for_each_multiply_add() {
    let sizes = Sizes {
        samples: 3,
        channels: 2,
        image: [7, 6],
        outputs: 5,
        kernel: 3,
        stride: 2,
        padding: 0,
    };
    // With ones everywhere, each output is the number of its terms.
    let [x, w, _] = sizes.numbers().map(|n| vec![1.0; n]);
    let zeros = [0.0; 5];
    let layer = Layer { inputs: 2, outputs: 5, kernel: 3, pixels: 6 };
    let count = 3 * by_formula(&[layer]).forward;
    for forward in [definition::forward, im2col::forward] {
        let terms: f32 = forward(sizes, &x, &w, &zeros).iter().sum();
        assert_eq!(terms as u64, count);
    }
}

#[test]
fn the_plain_network_trains_as_the_engine_does() {
    assert_eq!(networks::sequential::<f32>().unwrap().multiply_adds(), speed::multiply_adds());
    let batch = 3;
    let options = Options { batch, shards: 2, threads: 1, training: true };
    let mut engine = Engine::new(networks::sequential().unwrap(), options).unwrap();
    fill(&mut engine);
    let mut weights = engine.weights();
    // The fixtures' weights are wide for so many inputs.
    weights.iter_mut().flat_map(|t| &mut t.data).for_each(|w| *w *= 0.1);
    engine.set_weights(&weights).unwrap();
    let ways = [SEVEN_LOOPS, IM2COL];
    let mut plain = ways.map(|way| Cnn::new(batch, &weights, way).unwrap());
    for step in 1..=3 {
        let x: Vec<f32> = numbers(step, batch * 784).iter().map(|x| x + 0.5).collect();
        let labels: Vec<usize> = (0..batch).map(|i| 3 * i).collect();
        let rule = Optimizer::Momentum { keep: 0.9 }.at(step, 0.1);
        let loss = engine.step(&Rows { x: &x, labels: &labels }, &rule).unwrap();
        for plain in &mut plain {
            let ours = plain.step(&x, &labels, &rule);
            assert!((ours - loss).abs() < 1e-4 * loss, "step {step}: {ours} and {loss}");
        }
    }
    for plain in &plain {
        for (theirs, ours) in engine.weights().iter().zip(plain.weights()) {
            assert_close(&theirs.name, &theirs.data, ours, 1e-4);
        }
    }
    assert!(Cnn::new(batch, &weights[..6], IM2COL).is_none());
}
