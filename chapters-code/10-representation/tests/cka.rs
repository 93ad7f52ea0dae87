//! Centred kernel alignment against NumPy: pairs and answers by `tests/peers/10-representation-alike.py`.

use proptest::prelude::*;
use representation::cka::{Gram, by_features};
use serde::Deserialize;

use crate::probes::{matrix, rows};
use ndarray::Array2;

#[derive(Deserialize)]
struct Fixtures {
    cka: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    x: Vec<Vec<f32>>,
    y: Vec<Vec<f32>>,
    biased: f64,
    features: f64,
    unbiased: f64,
}

#[test]
fn both_estimates_are_those_of_the_formulas() {
    let fixtures: Fixtures =
        serde_json::from_str(include_str!("../../../tests/peers/10-representation-alike.json"))
            .unwrap();
    for pair in fixtures.cka {
        let (x, y) = (rows(&pair.x), rows(&pair.y));
        let (k, l) = (Gram::of(x.view()), Gram::of(y.view()));
        for (found, wanted) in [
            (k.biased(&l), pair.biased),
            (by_features(x.view(), y.view()), pair.features),
            (k.unbiased(&l), pair.unbiased),
        ] {
            assert!((found - wanted).abs() < 1e-9, "{found} for {wanted}");
        }
        assert!((k.biased(&k) - 1.0).abs() < 1e-12 && (k.unbiased(&k) - 1.0).abs() < 1e-12);
    }
}

proptest! {
    #[test]
    fn turning_and_scaling_change_nothing_and_gram_matrices_say_what_features_say(
        n in 5..40_usize, d in 2..9_usize, seed in 0..1000_u64, angle in 0.0..6.0_f32,
    ) {
        let x = matrix(n, d, seed);
        let y = matrix(n, d + 3, seed + 1);
        // The first two features turned, all of them three times as large and one higher.
        let (cos, sin) = (angle.cos(), angle.sin());
        let turned = Array2::from_shape_fn((n, d), |(i, j)| 1.0 + 3.0 * match j {
            0 => cos * x[[i, 0]] - sin * x[[i, 1]],
            1 => sin * x[[i, 0]] + cos * x[[i, 1]],
            _ => x[[i, j]],
        });
        let [k, t, l] = [&x, &turned, &y].map(|x| Gram::of(x.view()));
        prop_assert!((k.biased(&t) - 1.0).abs() < 1e-4);
        prop_assert!((k.biased(&l) - t.biased(&l)).abs() < 1e-4);
        prop_assert!((k.unbiased(&l) - l.unbiased(&k)).abs() < 1e-9);
        prop_assert!((k.biased(&l) - by_features(x.view(), y.view())).abs() < 1e-9);
        prop_assert!((0.0..=1.0 + 1e-9).contains(&k.biased(&l)));
    }
}
