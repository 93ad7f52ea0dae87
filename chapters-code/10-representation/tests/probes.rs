//! Probes against scikit-learn, problems and answers by `tests/peers/10-representation-alike.py`; and the networks that they are
//! compared with.

use ndarray::{Array2, Array3, Axis};
use representation::lite0::plain;
use representation::probe::{self, Map, explained, one_hot};
use representation::{inner, untrained};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixtures {
    probes: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    x: Vec<Vec<f32>>,
    y: Vec<Vec<f32>>,
    other: Vec<Vec<f32>>,
    truth: Vec<Vec<f32>>,
    ridge: f64,
    said: Vec<Vec<f64>>,
    explained: f64,
}

/// Rows of a fixture.
pub fn rows(rows: &[Vec<f32>]) -> Array2<f32> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

/// Numbers that look random.
pub fn matrix(n: usize, d: usize, seed: u64) -> Array2<f32> {
    let numbers = backprop::fixtures::numbers(seed, n * d);
    Array2::from_shape_vec((n, d), numbers).unwrap()
}

#[test]
fn a_map_says_what_scikit_learn_says() {
    let fixtures: Fixtures =
        serde_json::from_str(include_str!("../../../tests/peers/10-representation-alike.json"))
            .unwrap();
    for problem in fixtures.probes {
        let y = rows(&problem.y).mapv(f64::from);
        let map = Map::fit(rows(&problem.x).view(), y.view(), problem.ridge).unwrap();
        let said = map.apply(rows(&problem.other).view());
        for (found, wanted) in said.iter().zip(problem.said.iter().flatten()) {
            // Features are standardised in 32 bits.
            assert!((found - wanted).abs() < 1e-5, "{found} for {wanted}");
        }
        let truth = rows(&problem.truth).mapv(f64::from);
        let found = explained(said.view(), truth.view());
        assert!((found - problem.explained).abs() < 1e-5, "{found} for {}", problem.explained);
    }
}

#[test]
fn a_probe_finds_what_is_there_and_nothing_where_nothing_is() {
    let x = matrix(300, 6, 1);
    let labels: Vec<u8> = x.rows().into_iter().map(|row| u8::from(row[0] + row[1] > 0.0)).collect();
    let choice = probe::choose(x.view(), &labels, 2).unwrap();
    assert!(choice.aside > 0.9, "{choice:?}");
    let other = matrix(300, 6, 2);
    let noise: Vec<u8> = other.rows().into_iter().map(|row| u8::from(row[5] > 0.0)).collect();
    let targets = one_hot(&noise, 2);
    assert_eq!(targets.sum_axis(Axis(1)), ndarray::Array1::<f64>::ones(300));
    let map = Map::fit(x.view(), targets.view(), 30.0).unwrap();
    let found = map.classify(x.view(), 2);
    let right = found.iter().zip(&noise).filter(|(a, b)| a == b).count();
    assert!((120..220).contains(&right), "{right}");
}

#[test]
fn labels_without_samples_are_a_fault() {
    let x = matrix(5, 2, 1);
    assert!(Map::fit(x.view(), one_hot(&[0, 1], 2).view(), 1.0).is_err());
    assert!(Map::fit(x.view(), one_hot(&[0, 1, 0, 1, 0], 2).view(), -1.0).is_err());
}

#[test]
fn an_untrained_network_keeps_its_scale() {
    let picture = |seed| {
        let numbers = backprop::fixtures::numbers(seed, 3 * 32 * 32);
        Array3::from_shape_vec((3, 32, 32), numbers).unwrap()
    };
    // As many as the experiment has: behind the last blocks a picture of this size is one pixel.
    let pictures: Vec<_> = (1..65).map(picture).collect();
    let weights = untrained::draw(&pictures, 1);
    assert_ne!(
        weights.convolutions[3].weight,
        untrained::draw(&pictures, 2).convolutions[3].weight
    );
    // A picture on which it was not scaled: nothing has died out or grown beyond use behind any block.
    let pass = plain::forward(&weights, picture(99).view());
    for block in &pass.blocks {
        let n = block.len() as f32;
        let square = block.iter().map(|x| x * x).sum::<f32>() / n;
        assert!((0.05..50.0).contains(&square), "{square}");
    }
    assert!(pass.head.iter().all(|x| (0.0..=6.0).contains(x)));
}

#[test]
fn the_inner_layers_are_those_of_the_network() {
    let recipe = convolution::networks::sequential::<f32>().unwrap();
    let options = backprop::Options { batch: 3, threads: 1, training: false, ..Default::default() };
    let mut engine = backprop::Engine::new(recipe, options).unwrap();
    backprop::fixtures::fill(&mut engine);
    let x = matrix(3, 784, 5);
    let mut logits = vec![0.0; 30];
    let numbers: Vec<f32> = x.iter().copied().collect();
    engine.predict(&backprop::Rows { x: &numbers, labels: &[0; 3] }, &mut logits).unwrap();
    let layers = inner::read(&engine.weights(), x.view(), 1).unwrap();
    let widths: Vec<usize> = layers.iter().map(|layer| layer.ncols()).collect();
    assert_eq!(widths, [784, 6272, 3136, 128, 10]);
    assert_eq!(layers[0], x);
    for (found, wanted) in layers[4].iter().zip(&logits) {
        assert!((found - wanted).abs() <= 1e-5 * (1.0 + wanted.abs()), "{found} for {wanted}");
    }
}
