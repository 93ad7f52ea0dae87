//! The theorems of the chapter, on data.

use ndarray::{Array1, Array2, array};
use neurons::perceptron::{margin, most_mistakes, radius, widest};
use neurons::{Activation, Layer, Logistic, Mlp, Perceptron, boolean, bumps, sawtooth};
use notebook::Rng;
use proptest::prelude::*;
use rand::SeedableRng as _;

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

proptest! {
    #[test]
    fn the_widest_line_is_as_wide_as_it_says(
        points in prop::collection::vec(prop::array::uniform3(-1.0..1.0_f64), 4..40),
    ) {
        let line = array![0.5, -1.0, 0.3];
        let far: Vec<_> = points.iter().filter(|p| array![p[0], p[1], p[2]].dot(&line).abs() > 0.1).collect();
        prop_assume!(!far.is_empty());
        let x = Array2::from_shape_fn((far.len(), 3), |(i, j)| far[i][j]);
        let y: Vec<f64> = x.rows().into_iter().map(|x| x.dot(&line).signum()).collect();
        let wide = widest(x.view(), &y, 0.99, 20_000);
        let held = margin(x.view(), &y, wide.weights.view());
        prop_assert!((held - wide.margin).abs() < 1e-12);
        prop_assert!(wide.margin <= wide.most * (1.0 + 1e-9), "{} > {}", wide.margin, wide.most);
        prop_assert!(wide.margin >= 0.98 * wide.most, "{} of {}", wide.margin, wide.most);
        prop_assert!(margin(x.view(), &y, line.view()) <= wide.most * (1.0 + 1e-9));
    }

    #[test]
    fn the_gradient_is_the_limit_of_differences(
        weights in prop::array::uniform3(-2.0..2.0_f64),
        soft in prop::collection::vec((prop::array::uniform2(-2.0..2.0_f64), 0.0..1.0_f64), 1..9),
    ) {
        let x = Array2::from_shape_fn((soft.len(), 2), |(i, j)| soft[i].0[j]);
        let y: Vec<f64> = soft.iter().map(|s| s.1).collect();
        let unit = |w: [f64; 3]| Logistic { weights: array![w[0], w[1]], bias: w[2] };
        let (by_weights, by_bias) = unit(weights).gradient(x.view(), &y);
        for (i, expected) in [by_weights[0], by_weights[1], by_bias].into_iter().enumerate() {
            let at = |h: f64| {
                let mut w = weights;
                w[i] += h;
                unit(w).loss(x.view(), &y)
            };
            let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
            prop_assert!((difference - expected).abs() < 1e-8, "{difference} {expected}");
        }
    }

    #[test]
    fn all_ways_to_run_a_network_agree(seed in 0_u64..1000, depth in 0_usize..4, n in 1_usize..6) {
        let mut rng = Rng::seed_from_u64(seed);
        let widths: Vec<usize> = (0..=depth).map(|i| 3 + i).collect();
        let network = Mlp::random(&widths, &mut rng);
        let x = Array2::from_shape_fn((n, 3), |(i, j)| (i as f64 - 1.3 * j as f64).sin());
        let together = network.forward_all(x.view());
        for (x, together) in x.rows().into_iter().zip(together.rows()) {
            let alone = network.forward(x)[0];
            let by_loops = network.forward_by_loops(&x.to_vec())[0];
            prop_assert!((alone - together[0]).abs() < 1e-12 * (1.0 + alone.abs()));
            prop_assert!((alone - by_loops).abs() < 1e-12 * (1.0 + alone.abs()));
        }
    }
}

#[test]
fn a_unit_is_found_where_whole_numbers_have_one_and_nowhere_else() {
    // Weights of at most 2 and halves between are enough for three inputs.
    let mut known = std::collections::BTreeSet::new();
    for code in 0..5_i64.pow(3) {
        let weights: Vec<i64> = (0..3).map(|i| code / 5_i64.pow(i) % 5 - 2).collect();
        for threshold in -7..=7 {
            let fires = |row: &usize| {
                2 * (0..3).map(|i| weights[i] * (row >> i & 1) as i64).sum::<i64>()
                    > 2 * threshold - 1
            };
            known.insert((0..8).filter(fires).map(|row| 1_u64 << row).sum::<u64>());
        }
    }
    for table in 0..boolean::functions(3) {
        let unit = boolean::unit(3, table);
        assert_eq!(unit.is_some(), known.contains(&table), "table {table:08b}");
        for row in 0..8 {
            let one = boolean::network(3, table).forward(boolean::inputs(3, row).view())[0];
            assert_eq!(one > 0.5, boolean::value(table, row));
            if let Some(w) = &unit {
                let z = w[0] + (0..3).map(|i| w[i + 1] * (row >> i & 1) as i64).sum::<i64>();
                assert_eq!(z > 0, boolean::value(table, row));
                assert_ne!(z, 0);
            }
        }
    }
}

#[test]
fn a_deep_saw_and_a_flat_one_are_one_function() {
    for depth in 1..=8 {
        let (deep, flat) = (sawtooth::sawtooth(depth), sawtooth::sawtooth_in_one_layer(depth));
        for i in 0..=1000 {
            let x = array![f64::from(i) / 1000.0];
            assert!((deep.forward(x.view())[0] - flat.forward(x.view())[0]).abs() < 1e-9);
        }
    }
}
