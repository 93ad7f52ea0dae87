//! The classifiers against scikit-learn and LIBLINEAR: problems and answers by `tests/peers/03-classifiers.py`.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use classifiers::kernels::Path;
use classifiers::svm::plain;
use classifiers::{
    Classifier, Fit, Inputs, LinearSvm, Method, NaiveBayes, Neighbours, Softmax, neighbours,
    softmax,
};
use ndarray::{Array2, Axis, concatenate};
use notebook::Rng;
use rand::SeedableRng as _;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixtures {
    softmax: Vec<Problem>,
    svm: Vec<Problem>,
    naive_bayes: Vec<Problem>,
    neighbours: Vec<Problem>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    train: usize,
    c: f64,
    objective: f64,
    objectives: Vec<f64>,
    liblinear: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
    decisions: Vec<Vec<f64>>,
    means: Vec<Vec<f64>>,
    variances: Vec<Vec<f64>>,
    distances: Vec<Vec<f64>>,
    predicted: Vec<u8>,
    free_intercept: Vec<f64>,
}

impl Problem {
    fn x(&self, part: std::ops::Range<usize>) -> Array2<f64> {
        let rows = &self.x[part];
        Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
    }

    fn train(&self) -> (Array2<f32>, &[u8]) {
        (self.x(0..self.train).mapv(|x| x as f32), &self.y[..self.train])
    }

    fn asked(&self) -> Array2<f32> {
        self.x(self.train..self.x.len()).mapv(|x| x as f32)
    }

    /// The training samples with a last column of ones.
    fn with_ones(&self) -> Array2<f64> {
        let ones = Array2::ones((self.train, 1));
        concatenate(Axis(1), &[self.x(0..self.train).view(), ones.view()]).unwrap()
    }

    fn signs(&self, class: usize) -> Vec<f64> {
        let sign = |label: &u8| if usize::from(*label) == class { 1.0 } else { -1.0 };
        self.y[..self.train].iter().map(sign).collect()
    }
}

fn fixtures() -> Fixtures {
    let read: Fixtures =
        serde_json::from_str(include_str!("../../../tests/peers/03-classifiers.json")).unwrap();
    // A loop over nothing would hold everything to nothing.
    for problems in [&read.softmax, &read.svm, &read.naive_bayes, &read.neighbours] {
        assert!(!problems.is_empty());
    }
    read
}

#[track_caller]
fn close(ours: f64, theirs: f64, relative: f64, what: &str) {
    assert!((ours - theirs).abs() <= relative * theirs.abs(), "{what}: {ours}, not {theirs}");
}

#[track_caller]
fn all_close(ours: &Array2<f32>, theirs: &[Vec<f64>], within: f64) {
    assert_eq!(ours.nrows(), theirs.len());
    for (ours, theirs) in ours.rows().into_iter().zip(theirs) {
        assert_eq!(ours.len(), theirs.len());
        for (a, b) in ours.iter().zip(theirs) {
            assert!((f64::from(*a) - b).abs() <= within, "{ours}, not {theirs:?}");
        }
    }
}

#[test]
fn softmax_regression_reaches_the_same_minimum() {
    for problem in fixtures().softmax {
        let (x, y) = problem.train();
        let settings = Softmax { c: problem.c, iterations: 1000, tolerance: 1e-7 };
        let model = settings.fit(Inputs::Reals(x.view()), y).unwrap();
        let penalty = 1.0 / (problem.c * y.len() as f64);
        let w = concatenate![
            Axis(1),
            model.weights.mapv(f64::from),
            model.intercepts.mapv(f64::from).insert_axis(Axis(1))
        ];
        let (objective, _) =
            softmax::plain::objective(problem.with_ones().view(), y, w.view(), penalty);
        close(objective, problem.objective, 1e-6, "objective");
        let p = model.probabilities(Inputs::Reals(problem.asked().view())).unwrap().unwrap();
        all_close(&p, &problem.probabilities, 1e-4);
    }
}

#[test]
fn the_linear_machine_reaches_the_same_minimum_both_ways() {
    for problem in fixtures().svm {
        let (x, y) = problem.train();
        let ones = problem.with_ones();
        let settings =
            LinearSvm { c: problem.c, passes: 100_000, tolerance: 1e-5, ..LinearSvm::default() };
        let primal = LinearSvm { method: Method::Primal, tolerance: 1e-7, ..settings };
        for (path, settings) in
            Path::all().into_iter().flat_map(|path| [(path, settings), (path, primal)])
        {
            let model = settings.fit_on(path, Inputs::Reals(x.view()), y).unwrap();
            for class in 0..model.classes() {
                let mut w = model.weights.row(class).mapv(f64::from).to_vec();
                w.push(f64::from(model.intercepts[class]));
                let signs = problem.signs(class);
                let ours = plain::objective(ones.view(), &signs, problem.c, ndarray::aview1(&w));
                close(ours, problem.objectives[class], 1e-6, "scikit-learn");
                close(ours, problem.liblinear[class], 1e-6, "LIBLINEAR");
            }
            let decisions = model.decisions(Inputs::Reals(problem.asked().view())).unwrap();
            all_close(&decisions, &problem.decisions, 2e-3);
        }
        let signs = problem.signs(0);
        let mut rng = Rng::seed_from_u64(1);
        let w = plain::fit(ones.view(), &signs, problem.c, 20_000, &mut rng);
        let ours = plain::objective(ones.view(), &signs, problem.c, w.view());
        close(ours, problem.objectives[0], 1e-6, "the plain descent");
    }
}

#[test]
fn whether_the_intercept_is_regularised_changes_it() {
    for problem in fixtures().svm {
        let [regularised, nearly_free] = problem.free_intercept[..] else { panic!("two") };
        let (x, y) = problem.train();
        let settings = LinearSvm { c: problem.c, passes: 100_000, ..LinearSvm::default() };
        let model = settings.fit(Inputs::Reals(x.view()), y).unwrap();
        let ours = f64::from(model.intercepts[0]);
        assert!((ours - regularised).abs() < 1e-3 * regularised.abs().max(1.0), "{ours}");
        let freer = LinearSvm { constant: 10.0, ..settings };
        let freer = freer.fit(Inputs::Reals(x.view()), y).unwrap().intercepts[0];
        let distance = (f64::from(freer) - nearly_free).abs();
        assert!(distance < 1e-2 * (nearly_free - regularised).abs(), "{freer}, not {nearly_free}");
    }
}

#[test]
fn naive_bayes_has_the_same_bells() {
    for problem in fixtures().naive_bayes {
        let (x, y) = problem.train();
        let model = NaiveBayes::default().fit(Inputs::Reals(x.view()), y).unwrap();
        for (ours, theirs) in
            [(&model.means, &problem.means), (&model.variances, &problem.variances)]
        {
            assert_eq!(ours.len(), theirs.iter().flatten().count());
            for (a, b) in ours.iter().zip(theirs.iter().flatten()) {
                assert!((a - b).abs() <= 1e-10 * b.abs() + 1e-15, "{a}, not {b}");
            }
        }
        let p = model.probabilities(Inputs::Reals(problem.asked().view())).unwrap().unwrap();
        all_close(&p, &problem.probabilities, 1e-4);
    }
}

#[test]
fn neighbours_are_as_far_away() {
    for problem in fixtures().neighbours {
        let (x, y) = problem.train();
        let new = problem.asked();
        let bytes = x.iter().all(|x| x.fract() == 0.0);
        let (bx, bnew) = (x.mapv(|x| x as u8), new.mapv(|x| x as u8));
        let (train, new) = if bytes {
            (Inputs::Bytes(bx.view()), Inputs::Bytes(bnew.view()))
        } else {
            (Inputs::Reals(x.view()), Inputs::Reals(new.view()))
        };
        let model = Neighbours { k: 5 }.fit(train, y).unwrap();
        assert_eq!(problem.distances.len(), new.samples());
        for (i, (near, theirs)) in
            model.nearest(new).unwrap().iter().zip(&problem.distances).enumerate()
        {
            let row = new.to_reals();
            let by_definition = neighbours::nearest_plain(x.view(), row.row(i), 5);
            assert_eq!([near.len(), by_definition.len(), theirs.len()], [5; 3]);
            for ((near, plain), theirs) in near.iter().zip(by_definition).zip(theirs) {
                let within = 1e-4 * (1.0 + theirs);
                assert!((near.squared_distance.sqrt() - theirs).abs() < within, "{near:?}");
                assert_eq!(near.row, plain.row);
            }
        }
        all_close(&model.probabilities(new).unwrap().unwrap(), &problem.probabilities, 1e-6);
        assert_eq!(model.predict(new).unwrap(), problem.predicted);
    }
}
