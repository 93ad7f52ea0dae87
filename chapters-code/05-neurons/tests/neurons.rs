//! The theorems of the chapter, on data.

use ndarray::{Array1, Array2, array};
use neurons::perceptron::{margin, most_mistakes, radius};
use neurons::{Activation, Layer, Logistic, Mlp, Perceptron, bumps, sawtooth};
use proptest::prelude::*;

proptest! {
    #[test]
    fn the_perceptron_makes_no_more_mistakes_than_the_bound(
        points in prop::collection::vec(prop::array::uniform3(-1.0..1.0_f64), 2..60),
        line in prop::array::uniform3(-1.0..1.0_f64),
    ) {
        let line = Array1::from_vec(line.to_vec());
        let far: Vec<_> = points.iter().filter(|p| array![p[0], p[1], p[2]].dot(&line).abs() > 0.05).collect();
        prop_assume!(!far.is_empty());
        let x = Array2::from_shape_fn((far.len(), 3), |(i, j)| far[i][j]);
        let y: Vec<f64> = x.rows().into_iter().map(|x| x.dot(&line).signum()).collect();
        let run = Perceptron::fit(x.view(), &y, 1_000_000);
        prop_assert!(run.converged);
        let bound = most_mistakes(radius(x.view()), margin(x.view(), &y, line.view()));
        prop_assert!(run.mistakes as f64 <= bound, "{} mistakes, bound {bound}", run.mistakes);
        prop_assert!(margin(x.view(), &y, run.perceptron.weights.view()) > 0.0);
    }

    #[test]
    fn one_layer_makes_no_more_pieces_than_its_units_allow(
        units in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64), 1..12),
    ) {
        let n = units.len();
        let hidden = Layer {
            weights: Array2::from_shape_fn((n, 1), |(i, _)| units[i].0),
            bias: units.iter().map(|u| u.1).collect(),
            activation: Activation::Relu,
        };
        let weights = Array2::from_shape_fn((1, n), |(_, i)| units[i].2);
        let output = Layer { weights, bias: array![0.0], activation: Activation::Identity };
        let network = Mlp { layers: vec![hidden, output] };
        let pieces = sawtooth::pieces(&network, &array![-5.0], &array![5.0]);
        prop_assert!(pieces <= sawtooth::most_pieces_of_one_layer(n));
    }
}

#[test]
fn no_line_learns_xor_and_two_units_compute_it() {
    let x = array![[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]];
    let y = [-1.0, 1.0, 1.0, -1.0];
    assert!(!Perceptron::fit(x.view(), &y, 1000).converged);
    for (x, y) in x.rows().into_iter().zip(y) {
        let answer = Mlp::xor().forward(x.slice(ndarray::s![1..]))[0];
        assert_eq!(2.0 * answer - 1.0, y);
    }
}

#[test]
fn a_logistic_unit_learns_and_stays_finite() {
    let x = array![[-2.0], [-1.0], [1.0], [3.0]];
    let y = [0.0, 0.0, 1.0, 1.0];
    let mut unit = Logistic::new(1);
    assert!((unit.loss(x.view(), &y) - 2_f64.ln()).abs() < 1e-12);
    for _ in 0..200 {
        let before = unit.loss(x.view(), &y);
        unit.step(x.view(), &y, 0.5);
        assert!(unit.loss(x.view(), &y) < before);
    }
    assert!(unit.probability(array![1.0].view()) > 0.9);
    unit.weights[0] = 1e6;
    assert!(unit.loss(x.view(), &y).is_finite());
}

#[test]
fn more_bumps_come_nearer() {
    let f = |x: f64| (3.0 * x).sin() + x * x;
    let worst = |bumps: usize| {
        let network = bumps::approximate(f, [-1.0, 2.0], bumps, 1.0);
        assert_eq!(network.parameters(), 4 * bumps * 3 + 1);
        // The outermost half of a bump has no neighbour.
        let within = 1.5 / bumps as f64;
        let at = |i: usize| -1.0 + within + (3.0 - 2.0 * within) * i as f64 / 1000.0;
        let error = |x: f64| (network.forward(array![x].view())[0] - f(x)).abs();
        (0..=1000).map(|i| error(at(i))).fold(0.0, f64::max)
    };
    // With slopes over the whole width the sum is the polygon through the middles, whose error falls with the square.
    let (coarse, fine) = (worst(20), worst(200));
    assert!(fine < coarse / 50.0, "{coarse} {fine}");
}

#[test]
fn each_fold_doubles_the_pieces() {
    for depth in 1..=10 {
        let saw = sawtooth::sawtooth(depth);
        assert_eq!(sawtooth::pieces(&saw, &array![0.0], &array![1.0]), 1 << depth, "depth {depth}");
        let teeth =
            (0..1 << depth).map(|i| saw.forward(array![i as f64 / (1 << depth) as f64].view())[0]);
        assert!(teeth.enumerate().all(|(i, y)| (y - (i % 2) as f64).abs() < 1e-9));
    }
}
