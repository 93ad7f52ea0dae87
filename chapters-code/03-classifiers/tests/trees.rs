//! Trees, forests and boosting: the fast ones are held to the plain one, to scikit-learn and to LightGBM.

#![allow(clippy::unwrap_used)] // a test may panic

use classifiers::trees::{
    DecisionTree, FittedTree, GradientBoosting, PlainTree, RandomForest, Stop, Tree, Tried,
};
use classifiers::{Classifier as _, Fit as _, FitError, Inputs};
use ndarray::{Array2, s};
use rand::{RngExt as _, SeedableRng as _};

/// Rows around a centre for each class: bytes, and the same as real numbers.
fn blobs(n: usize, d: usize, k: usize, seed: u64) -> (Array2<u8>, Vec<u8>) {
    let mut rng = notebook::Rng::seed_from_u64(seed);
    let labels: Vec<u8> =
        (0..n).map(|i| if i < k { i as u8 } else { rng.random_range(0..k as u8) }).collect();
    let centres = Array2::from_shape_fn((k, d), |_| rng.random_range(60..200_u8));
    let x = Array2::from_shape_fn((n, d), |(i, j)| {
        let spread = rng.random_range(-45..=45_i16);
        (i16::from(centres[[labels[i].into(), j]]) + spread) as u8
    });
    (x, labels)
}

/// A question or the values of a leaf.
type Flat = (Option<(usize, f32)>, Vec<f32>);

/// Features, thresholds and leaves from the root down, the left side first.
fn flat(tree: &Tree) -> Vec<Flat> {
    fn go(tree: &Tree, place: usize, to: &mut Vec<Flat>) {
        let node = &tree.nodes()[place];
        if node.is_leaf() {
            to.push((None, tree.values_of(node).to_vec()));
        } else {
            to.push((Some((node.feature as usize, node.threshold)), Vec::new()));
            go(tree, node.left as usize, to);
            go(tree, node.left as usize + 1, to);
        }
    }
    let mut all = Vec::new();
    go(tree, 0, &mut all);
    all
}

fn flat_plain(tree: &PlainTree, to: &mut Vec<Flat>) {
    match tree {
        PlainTree::Leaf(counts) => {
            let n: usize = counts.iter().sum();
            to.push((None, counts.iter().map(|&c| (c as f64 / n as f64) as f32).collect()));
        }
        PlainTree::Ask(feature, threshold, sides) => {
            to.push((Some((*feature, *threshold)), Vec::new()));
            sides.iter().for_each(|side| flat_plain(side, to));
        }
    }
}

#[test]
fn the_fast_tree_is_the_plain_one() {
    for (n, d, k, seed) in
        [(60, 3, 2, 1), (400, 6, 10, 2), (700, 5, 3, 3), (300, 4, 20, 4), (300, 4, 90, 5)]
    {
        let (x, y) = blobs(n, d, k, seed);
        let reals = x.mapv(f32::from);
        let rows: Vec<usize> = (0..n).collect();
        let mut plain = Vec::new();
        flat_plain(&PlainTree::grow(reals.view(), &y, &rows, k), &mut plain);
        let fast = DecisionTree::default().fit(Inputs::Bytes(x.view()), &y).unwrap();
        assert_eq!(flat(fast.tree()), plain, "{n} samples of {d} features in {k} classes");
        // Real numbers of which there are few have a bin each.
        let on_reals = DecisionTree::default().fit(Inputs::Reals(reals.view()), &y).unwrap();
        assert_eq!(on_reals, fast);
        let sample = reals.row(7);
        let leaf = PlainTree::grow(reals.view(), &y, &rows, k).leaf(sample).to_vec();
        let likeliest = fast.predict(Inputs::Bytes(x.slice(s![7..8, ..]))).unwrap()[0];
        assert_eq!(leaf[usize::from(likeliest)], *leaf.iter().max().unwrap());
    }
}

#[test]
fn nodes_of_many_samples_are_split_like_those_of_few() {
    // Kept histograms, counters of 32 bits and columns come in above some thousands of samples.
    let (x, y) = blobs(40_000, 3, 3, 6);
    let reals = x.mapv(f32::from);
    let rows: Vec<usize> = (0..40_000).collect();
    let mut plain = Vec::new();
    flat_plain(&PlainTree::grow(reals.view(), &y, &rows, 3), &mut plain);
    let fast = DecisionTree::default().fit(Inputs::Bytes(x.view()), &y).unwrap();
    assert!(flat(fast.tree()) == plain);
    // A forest of one tree that tries all features, in another order, splits as purely at the root.
    let forest =
        RandomForest { trees: 1, tried: Tried::All, bootstrap: false, ..RandomForest::default() };
    let one = forest.fit(Inputs::Bytes(x.view()), &y).unwrap();
    assert_eq!(flat(&one.trees()[0])[0], plain[0]);
}

#[test]
fn a_tree_stops_where_it_is_told_to() {
    let (x, y) = blobs(500, 5, 10, 7);
    let fit = |stop| DecisionTree { stop }.fit(Inputs::Bytes(x.view()), &y).unwrap();
    let whole = fit(Stop::default());
    let answers = whole.predict(Inputs::Bytes(x.view())).unwrap();
    assert_eq!(answers, y, "no two samples are equal, so a whole tree knows all of them");
    let shallow = fit(Stop { depth: Some(3), ..Stop::default() });
    assert!(shallow.tree().depth() == 3 && shallow.tree().leaves() <= 8);
    let eight = fit(Stop { leaves: Some(8), ..Stop::default() });
    assert_eq!(eight.tree().leaves(), 8);
    let large = fit(Stop { leaf: 20, ..Stop::default() });
    assert!(large.tree().nodes().iter().all(|node| node.weight >= 20.0));
    let parents = fit(Stop { split: 50, ..Stop::default() });
    assert!(parents.tree().nodes().iter().all(|node| node.is_leaf() || node.weight >= 50.0));
}

#[test]
fn the_way_of_a_sample_leads_to_its_answer() {
    let (x, y) = blobs(300, 4, 3, 8);
    let tree = DecisionTree { stop: Stop { depth: Some(4), ..Stop::default() } };
    let tree: FittedTree = tree.fit(Inputs::Bytes(x.view()), &y).unwrap();
    let reals = x.mapv(f32::from);
    let steps = tree.path(reals.row(11));
    assert_eq!(steps[0].samples, 300.0);
    let share = y.iter().filter(|y| **y == 1).count() as f32 / 300.0;
    assert!((steps[0].values[1] - share).abs() < 1e-5);
    let mut left = vec![true; 300];
    for step in &steps {
        let here = left.iter().filter(|here| **here).count();
        assert_eq!(step.samples, here as f32);
        for (here, row) in left.iter_mut().zip(reals.rows()) {
            *here &= (row[step.feature] <= step.threshold) == step.left();
        }
    }
    assert!(left[11]);
    let importance = tree.importance();
    assert!((importance.iter().sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn threads_change_no_bit() {
    let (x, y) = blobs(3_000, 30, 5, 9);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let forest = RandomForest { trees: 7, seed: 3, ..RandomForest::default() };
            let boosting = GradientBoosting { rounds: 3, ..GradientBoosting::default() };
            let inputs = Inputs::Bytes(x.view());
            let forest = forest.fit(inputs, &y).unwrap();
            let p = forest.probabilities(inputs).unwrap();
            (DecisionTree::default().fit(inputs, &y), forest, boosting.fit(inputs, &y), p)
        })
    };
    assert!(with(1) == with(3));
}

#[test]
fn another_seed_is_another_forest_and_the_first_trees_are_the_same() {
    let (x, y) = blobs(400, 9, 3, 10);
    let fit = |trees, seed| {
        let forest = RandomForest { trees, seed, ..RandomForest::default() };
        forest.fit(Inputs::Bytes(x.view()), &y).unwrap()
    };
    assert_eq!(fit(9, 1).first(4), fit(4, 1));
    assert_ne!(fit(4, 1), fit(4, 2));
}

#[test]
fn a_forest_knows_what_it_did_not_see() {
    // Labels that nothing explains: a forest knows its own samples by heart, and out of the bag nothing.
    let mut rng = notebook::Rng::seed_from_u64(4);
    let x = Array2::from_shape_fn((2_000, 8), |_| rng.random::<u8>());
    let y: Vec<u8> = (0..2_000).map(|_| rng.random_range(0..2)).collect();
    let forest = RandomForest { trees: 50, ..RandomForest::default() };
    let forest = forest.fit(Inputs::Bytes(x.view()), &y).unwrap();
    let right = |answers: &[Option<u8>]| {
        answers.iter().zip(&y).filter(|(a, y)| **a == Some(**y)).count() as f64 / 2_000.0
    };
    let seen: Vec<_> =
        forest.predict(Inputs::Bytes(x.view())).unwrap().into_iter().map(Some).collect();
    let unseen = forest.out_of_bag(Inputs::Bytes(x.view())).unwrap();
    assert!(right(&seen) > 0.99);
    assert!((right(&unseen) - 0.5).abs() < 0.05);
    assert!(unseen.iter().all(Option::is_some));
    for others in [500, x.nrows() - 1] {
        assert!(forest.out_of_bag(Inputs::Bytes(x.slice(s![..others, ..]))).is_err());
    }
}

#[test]
fn constant_features_are_passed_over() {
    let (mut x, y) = blobs(200, 40, 3, 11);
    x.slice_mut(s![.., 1..]).fill(7);
    let forest = RandomForest { trees: 5, ..RandomForest::default() };
    let forest = forest.fit(Inputs::Bytes(x.view()), &y).unwrap();
    let asks = forest.trees().iter().flat_map(|tree| tree.nodes()).filter(|node| !node.is_leaf());
    assert!(asks.clone().count() > 0 && asks.clone().all(|node| node.feature == 0));
    // Where all samples are equal there is nothing to ask.
    x.fill(7);
    let tree = DecisionTree::default().fit(Inputs::Bytes(x.view()), &y).unwrap();
    assert_eq!(tree.tree().leaves(), 1);
}

#[test]
fn boosting_lowers_the_loss_and_predicts_what_it_learned() {
    let (x, y) = blobs(600, 6, 4, 12);
    let model = GradientBoosting { rounds: 30, ..GradientBoosting::default() };
    let model = model.fit(Inputs::Bytes(x.view()), &y).unwrap();
    assert!(model.losses().windows(2).all(|pair| pair[1] < pair[0]));
    let p = model.probabilities(Inputs::Bytes(x.view())).unwrap().unwrap();
    let loss =
        -y.iter().zip(p.rows()).map(|(&y, p)| f64::from(p[usize::from(y)]).ln()).sum::<f64>();
    assert!((loss / 600.0 - model.losses()[30]).abs() < 1e-6);
    let answers = model.predict(Inputs::Bytes(x.view())).unwrap();
    assert!(answers.iter().zip(&y).filter(|(a, y)| a == y).count() > 590);
    assert_eq!(model.first(3).losses(), &model.losses()[..4]);
}

#[test]
fn what_has_no_meaning_is_said_before_anything_runs() {
    let (x, y) = blobs(50, 4, 2, 13);
    let inputs = Inputs::Bytes(x.view());
    let says = |error: FitError| error.to_string();
    let forest = |forest: RandomForest| says(forest.fit(inputs, &y).unwrap_err());
    assert_eq!(
        forest(RandomForest { trees: 0, ..RandomForest::default() }),
        "trees is 0; give 1 or more"
    );
    assert_eq!(
        forest(RandomForest { tried: Tried::Some(5), ..RandomForest::default() }),
        "tried is 5; give at most the number of features"
    );
    let tree = |stop| says(DecisionTree { stop }.fit(inputs, &y).unwrap_err());
    assert_eq!(tree(Stop { split: 1, ..Stop::default() }), "split is 1; give 2 or more");
    assert_eq!(tree(Stop { leaves: Some(1), ..Stop::default() }), "leaves is 1; give 2 or more");
    let boosting = |of: GradientBoosting| says(of.fit(inputs, &y).unwrap_err());
    for rate in [0.0, 1.5, f64::NAN] {
        let given = GradientBoosting { rate, ..GradientBoosting::default() };
        assert_eq!(boosting(given), format!("rate is {rate}; give a number above 0 and at most 1"));
    }
    let given = GradientBoosting { lambda: -1.0, ..GradientBoosting::default() };
    assert_eq!(boosting(given), "lambda is -1; give 0 or more");
    let fitted = DecisionTree::default().fit(inputs, &y).unwrap();
    assert!(fitted.predict(Inputs::Bytes(x.slice(s![.., ..3]))).is_err());
}

fn record() -> serde_json::Value {
    let json = include_str!("../../../tests/peers/03-classifiers-trees.json");
    serde_json::from_str(json).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn table(value: &serde_json::Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

fn labels(value: &serde_json::Value) -> Vec<u8> {
    numbers(value).into_iter().map(|y| y as u8).collect()
}

#[track_caller]
fn assert_close(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} where they have {b}");
    }
}

#[test]
fn trees_are_those_of_scikit_learn_where_no_splits_are_equal() {
    for case in record()["trees"].as_array().unwrap() {
        let (x, y) = (table(&case["x"]).mapv(|x| x as f32), labels(&case["y"]));
        let given = |name: &str| case["stop"][name].as_u64().map(|limit| limit as usize);
        let stop = Stop {
            depth: given("max_depth"),
            leaves: given("max_leaf_nodes"),
            split: given("min_samples_split").unwrap_or(2),
            leaf: given("min_samples_leaf").unwrap_or(1),
        };
        let ours = DecisionTree { stop }.fit(Inputs::Reals(x.view()), &y).unwrap();
        assert_close(&ours.importance(), &numbers(&case["importance"]), 1e-6);
        let ours = flat(ours.tree());
        let theirs = case["nodes"].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len(), "{}", case["stop"]);
        for ((ask, values), theirs) in ours.iter().zip(theirs) {
            let feature = theirs[0].as_i64().unwrap();
            assert_eq!(ask.map_or(-2, |(feature, _)| feature as i64), feature);
            match ask {
                Some((_, threshold)) => {
                    assert_close(&[(*threshold).into()], &[theirs[1].as_f64().unwrap()], 1e-6);
                }
                None => {
                    let values: Vec<f64> = values.iter().map(|p| f64::from(*p)).collect();
                    assert_close(&values, &numbers(&theirs[3]), 1e-6);
                }
            }
        }
    }
}

#[test]
fn forests_err_as_often_as_those_of_scikit_learn() {
    for case in record()["forests"].as_array().unwrap() {
        let (x, y) = (table(&case["x"]).mapv(|x| x as u8), labels(&case["y"]));
        let theirs = numbers(&case["errors"]);
        let errors: Vec<f64> = (0..theirs.len() as u64)
            .map(|seed| {
                let trees = case["trees"].as_u64().unwrap() as usize;
                let forest = RandomForest { trees, seed, ..RandomForest::default() };
                let fitted = forest.fit(Inputs::Bytes(x.view()), &y).unwrap();
                let answers = fitted.out_of_bag(Inputs::Bytes(x.view())).unwrap();
                let wrong = answers.iter().zip(&y).filter(|(a, y)| **a != Some(**y));
                wrong.count() as f64 / y.len() as f64
            })
            .collect();
        let moments = |of: &[f64]| {
            let n = of.len() as f64;
            let mean = of.iter().sum::<f64>() / n;
            (mean, of.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
        };
        let ((ours, a), (theirs, b)) = (moments(&errors), moments(&theirs));
        assert!((ours - theirs).abs() < 3.0 * (a + b).sqrt(), "{ours} where they have {theirs}");
    }
}

#[test]
fn boosting_loses_what_an_exhaustive_search_and_lightgbm_lose() {
    let mut agreed = 0;
    for case in record()["boosting"].as_array().unwrap() {
        let (x, y) = (table(&case["x"]).mapv(|x| x as u8), labels(&case["y"]));
        let losses = numbers(&case["losses"]);
        let boosting = GradientBoosting {
            rounds: losses.len(),
            rate: 0.1,
            leaves: case["leaves"].as_u64().unwrap() as usize,
            lambda: case["penalty"].as_f64().unwrap(),
            curvature: case["curvature"].as_f64().unwrap(),
        };
        let ours = boosting.fit(Inputs::Bytes(x.view()), &y).unwrap();
        assert_close(&ours.losses()[1..], &numbers(&case["exhaustive"]), 1e-6);
        // Where LightGBM leaves splits of small nodes out, it parts from the exhaustive search.
        agreed += usize::from(case["agree"] == true);
        if case["agree"] == true {
            assert_close(&ours.losses()[1..], &losses, 2e-5);
        }
    }
    assert!(agreed >= 3);
}
