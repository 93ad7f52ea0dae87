//! What holds for every classifier: fast equals plain, threads change nothing, bad input is told in a line.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use classifiers::kernels::Path;
use classifiers::random_features::Projection;
use classifiers::softmax::{Fused, plain};
use classifiers::trees::{DecisionTree, GradientBoosting, RandomForest};
use classifiers::{
    Classifier, Fit, FitError, Inputs, LinearSvm, Method, NaiveBayes, Neighbours, RandomFeatures,
    Softmax,
};
use ndarray::{Array2, Axis, concatenate};
use notebook::Rng;
use rand::{RngExt as _, SeedableRng as _};

/// Samples around `k` centres.
fn samples(n: usize, d: usize, k: u8, seed: u64) -> (Array2<f32>, Vec<u8>) {
    let mut rng = Rng::seed_from_u64(seed);
    let centres = Array2::from_shape_simple_fn((k.into(), d), || rng.random_range(-1.0..1.0_f32));
    let labels: Vec<u8> = (0..n).map(|i| (i % usize::from(k)) as u8).collect();
    let x = Array2::from_shape_fn((n, d), |(i, j)| {
        centres[(labels[i].into(), j)] + rng.random_range(-1.0..1.0)
    });
    (x, labels)
}

#[test]
fn the_fused_objective_is_the_plain_one() {
    // More than one panel of classes, more than one task of samples, features that fill no tile.
    for (n, d, k) in [(1100, 5, 3), (70, 23, 20), (64, 7, 2)] {
        let (x, labels) = samples(n, d, k, 5);
        let mut rng = Rng::seed_from_u64(6);
        let mut draw = || rng.random_range(-1.0..1.0_f64);
        let w = Array2::from_shape_simple_fn((k.into(), d + 1), &mut draw);
        let ones = concatenate![Axis(1), x.mapv(f64::from), Array2::ones((n, 1))];
        let (value, gradient) = plain::objective(ones.view(), &labels, w.view(), 0.3);
        for path in Path::all() {
            let mut found = vec![0.0; w.len()];
            let mut fused = Fused::new(Inputs::Reals(x.view()), &labels, k.into(), 0.3).on(path);
            // Twice: nothing is left over from the first time.
            for _ in 0..2 {
                let ours = fused.evaluate(w.as_slice().unwrap(), &mut found);
                assert!((ours - value).abs() < 1e-5 * value, "{path:?}: {ours}, not {value}");
            }
            for (a, b) in found.iter().zip(&gradient) {
                assert!((a - b).abs() < 1e-5, "{path:?}: {a}, not {b}");
            }
        }
    }
}

#[test]
fn the_plain_gradient_is_that_of_the_plain_objective() {
    let (x, labels) = samples(30, 4, 3, 7);
    let ones = concatenate![Axis(1), x.mapv(f64::from), Array2::ones((30, 1))];
    let w = Array2::from_shape_fn((3, 5), |(i, j)| 0.1 * (i as f64 - 1.0) * (j as f64 - 2.0));
    let value = |w: &Array2<f64>| plain::objective(ones.view(), &labels, w.view(), 0.7);
    let (_, gradient) = value(&w);
    for place in [(0, 0), (1, 3), (2, 4)] {
        let moved = |by: f64| {
            let mut w = w.clone();
            w[place] += by;
            value(&w).0
        };
        let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
        assert!((slope - gradient[place]).abs() < 1e-7, "{place:?}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (x, labels) = samples(2500, 30, 4, 8);
    let bytes = x.mapv(|x| ((x + 2.0) * 60.0) as u8);
    let fit = || {
        let (reals, bytes) = (Inputs::Reals(x.view()), Inputs::Bytes(bytes.view()));
        let softmax = Softmax { iterations: 8, ..Softmax::default() }.fit(reals, &labels).unwrap();
        let svm = LinearSvm { passes: 5, ..LinearSvm::default() }.fit(reals, &labels).unwrap();
        let planes = LinearSvm { method: Method::Primal, passes: 5, ..LinearSvm::default() };
        let planes = planes.fit(reals, &labels).unwrap();
        let waves = RandomFeatures {
            features: 40,
            softmax: Softmax { iterations: 5, ..Softmax::default() },
            ..RandomFeatures::default()
        };
        let waves = waves.fit(reals, &labels).unwrap();
        let bells = NaiveBayes::default().fit(bytes, &labels).unwrap();
        let near = Neighbours::default().fit(bytes, &labels).unwrap();
        let near_reals = Neighbours::default().fit(reals, &labels).unwrap();
        let first = inputs_of(&x);
        (
            (softmax.weights, svm.weights, planes.weights, waves, bells),
            (
                near.nearest(bytes).unwrap(),
                near_reals.nearest(Inputs::Reals(first.view())).unwrap(),
            ),
        )
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, three) = (pool(1).install(fit), pool(3).install(fit));
    assert!(one == three);
}

fn inputs_of(x: &Array2<f32>) -> Array2<f32> {
    x.slice(ndarray::s![..300, ..]).to_owned()
}

#[test]
fn bytes_and_the_same_reals_give_the_same_model() {
    let (x, labels) = samples(200, 10, 3, 9);
    let bytes = x.mapv(|x| ((x + 2.0) * 3.0) as u8);
    let reals = bytes.mapv(f32::from);
    let (b, r) = (Inputs::Bytes(bytes.view()), Inputs::Reals(reals.view()));
    let softmax = Softmax::default();
    assert_eq!(softmax.fit(b, &labels).unwrap(), softmax.fit(r, &labels).unwrap());
    let svm = LinearSvm { passes: 20, ..LinearSvm::default() };
    assert_eq!(svm.fit(b, &labels).unwrap(), svm.fit(r, &labels).unwrap());
    let bayes = NaiveBayes::default();
    assert_eq!(bayes.fit(b, &labels).unwrap(), bayes.fit(r, &labels).unwrap());
    let near =
        |train, new| Neighbours::default().fit(train, &labels).unwrap().nearest(new).unwrap();
    assert_eq!(near(b, b), near(r, r));
    assert_eq!(near(b, r), near(r, b));
}

#[test]
fn random_waves_come_near_the_kernel_as_they_become_more() {
    let (x, _) = samples(40, 6, 2, 10);
    let error = |features: usize| {
        let mut rng = Rng::seed_from_u64(11);
        let waves = Projection::draw(6, features, 0.5, &mut rng).apply(Inputs::Reals(x.view()));
        let near = waves.dot(&waves.t());
        let kernel = Array2::from_shape_fn((40, 40), |(i, j)| {
            let squares: f32 = (&x.row(i) - &x.row(j)).mapv(|d| d * d).sum();
            (-0.5 * squares).exp()
        });
        (near - kernel).mapv(f32::abs).mean().unwrap()
    };
    let (few, many) = (error(256), error(16 * 256));
    // Sixteen times as many waves, a quarter of the error.
    assert!((few / many).log2() > 1.5 && (few / many).log2() < 2.5, "{few}, {many}");
}

type Fitted = Result<Box<dyn Classifier>, FitError>;

/// Every model of the chapter, fitted to these samples.
fn all(inputs: Inputs<'_>, labels: &[u8]) -> [Fitted; 8] {
    fn boxed<F: Fit>(settings: F, inputs: Inputs<'_>, labels: &[u8]) -> Fitted
    where
        F::Model: 'static,
    {
        settings.fit(inputs, labels).map(|model| Box::new(model) as Box<dyn Classifier>)
    }
    let waves = RandomFeatures { features: 8, ..RandomFeatures::default() };
    let forest = RandomForest { trees: 3, ..RandomForest::default() };
    let boosting = GradientBoosting { rounds: 2, ..GradientBoosting::default() };
    [
        boxed(Neighbours { k: 1 }, inputs, labels),
        boxed(NaiveBayes::default(), inputs, labels),
        boxed(Softmax::default(), inputs, labels),
        boxed(LinearSvm::default(), inputs, labels),
        boxed(waves, inputs, labels),
        boxed(DecisionTree::default(), inputs, labels),
        boxed(forest, inputs, labels),
        boxed(boosting, inputs, labels),
    ]
}

#[test]
fn what_cannot_be_learned_from_is_told() {
    let (mut x, labels) = samples(12, 3, 3, 12);
    let told = |x: &Array2<f32>, labels: &[u8], part: &str| {
        for result in all(Inputs::Reals(x.view()), labels) {
            let error = result.map(drop).unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains('\n'), "{error}");
        }
    };
    told(&Array2::zeros((0, 3)), &[], "there are no samples");
    told(&x, &labels[..5], "12 samples have 5 labels");
    told(&x, &[2; 12], "all 12 samples are of class 2");
    x[(4, 1)] = f32::NAN;
    told(&x, &labels, "feature 1 of sample 4 is NaN");
    x[(4, 1)] = f32::INFINITY;
    told(&x, &labels, "feature 1 of sample 4 is inf");
}

#[test]
fn settings_without_a_meaning_are_told() {
    let (x, labels) = samples(12, 3, 3, 13);
    let x = Inputs::Reals(x.view());
    let softmax = Softmax::default();
    let svm = LinearSvm::default();
    let wrong = [
        Neighbours { k: 0 }.fit(x, &labels).map(drop),
        Neighbours { k: 13 }.fit(x, &labels).map(drop),
        NaiveBayes { floor: -1.0 }.fit(x, &labels).map(drop),
        NaiveBayes { floor: f64::NAN }.fit(x, &labels).map(drop),
        Softmax { c: 0.0, ..softmax }.fit(x, &labels).map(drop),
        Softmax { c: f64::INFINITY, ..softmax }.fit(x, &labels).map(drop),
        Softmax { iterations: 0, ..softmax }.fit(x, &labels).map(drop),
        Softmax { tolerance: f64::NAN, ..softmax }.fit(x, &labels).map(drop),
        LinearSvm { c: -1.0, ..svm }.fit(x, &labels).map(drop),
        LinearSvm { passes: 0, ..svm }.fit(x, &labels).map(drop),
        LinearSvm { tolerance: 0.0, ..svm }.fit(x, &labels).map(drop),
        RandomFeatures { features: 0, ..RandomFeatures::default() }.fit(x, &labels).map(drop),
        RandomFeatures { gamma: Some(0.0), ..RandomFeatures::default() }.fit(x, &labels).map(drop),
    ];
    for result in wrong {
        let error = result.unwrap_err();
        assert!(matches!(error, FitError::Setting { .. }), "{error}");
    }
}

#[test]
fn a_feature_that_never_changes_harms_nobody_and_a_floor_of_nought_is_told() {
    let (mut x, labels) = samples(30, 3, 2, 14);
    x.column_mut(2).fill(7.0);
    for result in all(Inputs::Reals(x.view()), &labels) {
        assert!(result.is_ok());
    }
    let error = NaiveBayes { floor: 0.0 }.fit(Inputs::Reals(x.view()), &labels).unwrap_err();
    assert!(error.to_string().contains("a variance is 0"), "{error}");
}

#[test]
fn a_class_without_samples_is_never_answered() {
    let (x, labels) = samples(40, 3, 2, 15);
    let labels: Vec<u8> = labels.iter().map(|l| 2 * l).collect();
    for labels in [labels.clone(), labels.iter().map(|label| label + 1).collect()] {
        let x = Inputs::Reals(x.view());
        let without_floor = NaiveBayes { floor: 0.0 }.fit(x, &labels).unwrap();
        let models = all(x, &labels).map(|model| model.unwrap_or_else(|e| panic!("{e}")));
        let answers = models.iter().map(|model| model.predict(x).unwrap());
        for answer in answers.chain([without_floor.predict(x).unwrap()]) {
            assert!(answer.iter().all(|label| labels.contains(label)));
        }
    }
}

#[test]
fn the_largest_label_is_a_class_like_others() {
    let (x, mut labels) = samples(40, 3, 2, 17);
    labels.iter_mut().filter(|label| **label == 1).for_each(|label| *label = 255);
    for model in all(Inputs::Reals(x.view()), &labels) {
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(model.classes(), 256);
        let answers = model.predict(Inputs::Reals(x.view())).unwrap();
        assert!(answers.iter().all(|label| [0, 255].contains(label)));
    }
}

#[test]
fn more_features_than_samples_harm_nobody_and_nothing_asked_is_nothing_answered() {
    let (x, labels) = samples(9, 70, 3, 18);
    for model in all(Inputs::Reals(x.view()), &labels) {
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(model.predict(Inputs::Reals(x.view())).unwrap().len(), 9);
        let nothing = Array2::<f32>::zeros((0, 70));
        assert!(model.predict(Inputs::Reals(nothing.view())).unwrap().is_empty());
        if let Some(p) = model.probabilities(Inputs::Reals(x.view())).unwrap() {
            assert!(p.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-4));
        }
    }
}

#[test]
fn other_samples_than_those_of_the_fit_are_told() {
    let (x, labels) = samples(20, 3, 2, 16);
    let (wide, broken) = (Array2::<f32>::zeros((1, 4)), Array2::<f32>::from_elem((1, 3), f32::NAN));
    for model in all(Inputs::Reals(x.view()), &labels) {
        let model = model.unwrap_or_else(|e| panic!("{e}"));
        let told =
            |x: &Array2<f32>| model.predict(Inputs::Reals(x.view())).unwrap_err().to_string();
        assert_eq!(
            told(&wide),
            "the samples have 4 features and the model was fitted to 3; use the extractor of the fit"
        );
        assert!(told(&broken).starts_with("feature 0 of sample 0 is NaN"));
    }
}
