//! Principal components, t-SNE and trustworthiness against scikit-learn, and against themselves.

use std::collections::BTreeMap;

use ndarray::{Array2, Axis, array};
use representation::pca::{self, Pca};
use representation::trustworthiness::{neighbours, shared, trustworthiness, vote};
use representation::tsne::{
    self, Affinities, Schedule, plain_gradient, squared_distances, start_from_components,
};
use serde::Deserialize;

type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
struct Record {
    pca: Components,
    tsne: Parts,
    picture: Picture,
    trustworthiness: Trusted,
}

#[derive(Deserialize)]
struct Components {
    x: Rows,
    variances: Vec<f64>,
    components: Rows,
}

#[derive(Deserialize)]
struct Parts {
    x: Rows,
    conditional: BTreeMap<String, Rows>,
    joint: Rows,
    y: Rows,
    divergence: f64,
    gradient: Rows,
}

#[derive(Deserialize)]
struct Picture {
    x: Rows,
    perplexity: f64,
    divergence: f64,
}

#[derive(Deserialize)]
struct Trusted {
    x: Rows,
    y: Rows,
    trustworthiness: BTreeMap<String, f64>,
}

fn record() -> Record {
    let text = include_str!("../../../tests/peers/10-representation-clouds.json");
    serde_json::from_str(text).expect("the record is whole")
}

fn matrix(rows: &Rows) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

fn single(rows: &Rows) -> Array2<f32> {
    matrix(rows).mapv(|x| x as f32)
}

fn assert_close(ours: &Array2<f64>, theirs: &Array2<f64>, tolerance: f64) {
    let largest = theirs.iter().fold(0.0_f64, |far, x| far.max(x.abs()));
    let apart = (ours - theirs).iter().fold(0.0_f64, |far, x| far.max(x.abs()));
    assert!(apart <= tolerance * largest, "{apart} apart, and the largest is {largest}");
}

/// Numbers that only integer arithmetic decides.
fn numbers(n: usize, d: usize) -> Array2<f32> {
    Array2::from_shape_vec((n, d), backprop::fixtures::numbers(10, n * d))
        .expect("as many numbers as places")
}

#[test]
fn components_are_those_of_scikit_learn() {
    let Components { x, variances, components } = record().pca;
    let theirs = Array2::from_shape_vec((variances.len(), 1), variances.clone()).unwrap();
    let fast = Pca::fit(single(&x).view(), 7);
    let (plain_variances, plain_components) = pca::plain(matrix(&x).view());
    let tolerances = [1e-6, 1e-7];
    let ours = [(fast.variances, fast.components), (plain_variances, plain_components)];
    for ((found, directions), tolerance) in ours.into_iter().zip(tolerances) {
        assert_close(&found.insert_axis(Axis(1)), &theirs, tolerance);
        assert_close(&directions, &matrix(&components), 10.0 * tolerance);
    }
}

#[test]
fn the_fast_components_are_the_plain_ones() {
    // More columns than a tile, more rows than a block, and rows that are done on several threads.
    let x = numbers(300, 150);
    let fast = Pca::fit(x.view(), 150);
    let (variances, components) = pca::plain(x.mapv(f64::from).view());
    assert_close(&fast.variances.insert_axis(Axis(1)), &variances.insert_axis(Axis(1)), 1e-6);
    let identity = fast.components.dot(&fast.components.t());
    assert_close(&identity, &Array2::eye(150), 1e-10);
    let same = (&fast.components * &components).sum_axis(Axis(1));
    assert!(same.iter().all(|cosine| *cosine > 0.999), "{same}");
}

#[test]
fn components_of_degenerate_clouds() {
    // Points on a line: all variances but one are nought.
    let line = Array2::from_shape_fn((5, 3), |(i, j)| (i * (j + 1)) as f32);
    let pca = Pca::fit(line.view(), 3);
    assert!((pca.share(1) - 1.0).abs() < 1e-6);
    let identity = pca.components.dot(&pca.components.t());
    assert_close(&identity, &Array2::eye(3), 1e-9);
    // The same point five times, and a single one.
    for n in [5, 1] {
        let pca = Pca::fit(Array2::from_elem((n, 3), 2.0).view(), 2);
        assert!(pca.variances.iter().all(|variance| variance.abs() < 1e-12));
        assert!(pca.components.iter().all(|x| x.is_finite()));
    }
}

#[test]
fn probabilities_are_those_of_scikit_learn() {
    let parts = record().tsne;
    let distances = squared_distances(single(&parts.x).view());
    for (perplexity, theirs) in &parts.conditional {
        let perplexity = perplexity.parse().unwrap();
        let theirs = matrix(theirs);
        for (i, row) in distances.rows().into_iter().enumerate() {
            let others: Vec<f64> = row
                .iter()
                .enumerate()
                .filter(|(j, _)| *j != i)
                .map(|(_, &d)| f64::from(d))
                .collect();
            let (p, _) = tsne::conditional(&others, perplexity);
            let expected: Vec<f64> =
                (0..row.len()).filter(|&j| j != i).map(|j| theirs[[i, j]]).collect();
            let n = p.len();
            assert_close(
                &Array2::from_shape_vec((n, 1), p).unwrap(),
                &Array2::from_shape_vec((n, 1), expected).unwrap(),
                1e-4,
            );
        }
    }
    let joint = Affinities::of(distances.view(), 5.0).joint().mapv(f64::from);
    assert_close(&joint, &matrix(&parts.joint), 1e-4);
    assert!((joint.sum() - 1.0).abs() < 1e-5);
}

#[test]
fn divergence_and_gradient_are_those_of_scikit_learn() {
    let parts = record().tsne;
    let affinities = Affinities::of(squared_distances(single(&parts.x).view()).view(), 5.0);
    let (y, theirs) = (single(&parts.y), matrix(&parts.gradient));
    let divergence = affinities.divergence(y.view());
    assert!((divergence / parts.divergence - 1.0).abs() < 1e-4, "{divergence}");
    let fast = affinities.gradient(y.view(), 1.0).mapv(f64::from);
    assert_close(&fast, &theirs, 1e-4);
    let joint = matrix(&parts.joint);
    assert_close(&plain_gradient(joint.view(), matrix(&parts.y).view()), &theirs, 1e-6);
    // Where attraction is exaggerated, so are the probabilities.
    let exaggerated = plain_gradient((&joint * 12.0).view(), matrix(&parts.y).view());
    let fast = affinities.gradient(y.view(), 12.0).mapv(f64::from);
    assert_close(&fast, &exaggerated, 1e-4);
}

#[test]
fn the_picture_is_as_good_as_that_of_scikit_learn() {
    let Picture { x, perplexity, divergence } = record().picture;
    let x = single(&x);
    let start = start_from_components(x.view());
    assert!((start.column(0).std(0.0) / 1e-4 - 1.0).abs() < 1e-3);
    let map = tsne::tsne(x.view(), perplexity, start.view(), &Schedule::default());
    let ours = map.divergence;
    assert!((ours / divergence - 1.0).abs() < 0.06, "ours {ours}, theirs {divergence}");
}

#[test]
fn threads_change_no_bit() {
    let x = numbers(150, 30);
    let schedule = Schedule { steps: 60, early: 30, ..Schedule::default() };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let start = start_from_components(x.view());
            tsne::tsne(x.view(), 10.0, start.view(), &schedule).places
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn trustworthiness_is_that_of_scikit_learn() {
    let trusted = record().trustworthiness;
    let (x, y) = (single(&trusted.x), single(&trusted.y));
    for (k, theirs) in trusted.trustworthiness {
        let ours = trustworthiness(x.view(), y.view(), k.parse().unwrap());
        assert!((ours - theirs).abs() < 1e-12, "{k} neighbours: {ours}, not {theirs}");
    }
    assert_eq!(trustworthiness(x.view(), x.view(), 5), 1.0);
}

#[test]
fn neighbours_by_hand() {
    let x = array![[0.0_f32], [1.0], [3.0], [7.0]];
    assert_eq!(neighbours(x.view(), 2), array![[1, 2], [0, 2], [1, 0], [2, 1]]);
    assert_eq!(neighbours(x.view(), 9).ncols(), 3);
    let near = neighbours(x.view(), 1);
    assert_eq!(vote(near.view(), &[0, 0, 1, 1]), [1.0, 1.0, 0.0, 1.0]);
    let other = array![[1], [2], [1], [0]];
    assert_eq!(shared(near.view(), other.view()), [1.0, 0.0, 1.0, 0.0]);
}
