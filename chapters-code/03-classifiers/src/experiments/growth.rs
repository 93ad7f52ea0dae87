//! How do seconds grow with samples, features and classes?

use std::hint::black_box;
use std::time::Instant;

use ndarray::Array2;
use notebook::{Recorder, Rng};
use rand::RngExt as _;

use crate::model::{Classifier as _, Fit, FitError, Inputs};
use crate::trees::{DecisionTree, GradientBoosting, RandomForest};
use crate::{LinearSvm, NaiveBayes, Neighbours, Softmax};

/// What is changed, the key of it, and how many there are; the number in the middle is that of the two other rows.
pub const AXES: [(&str, [usize; 5]); 3] = [
    ("samples", [1_000, 2_000, 4_000, 8_000, 16_000]),
    ("features", [25, 50, 100, 200, 400]),
    ("classes", [2, 5, 10, 20, 40]),
];
/// Where the number of the other axes stands.
pub const MIDDLE: usize = 2;
/// Samples that neighbours are asked about.
const ASKED: usize = 500;
/// Runs, of which the median is kept.
const RUNS: usize = 3;

/// A model whose work does not depend on when it is content.
pub struct Worker {
    /// In keys of results.
    pub key: &'static str,
    /// In figures.
    pub name: &'static str,
    work: fn(Inputs<'_>, &[u8]) -> Result<(), FitError>,
}

fn fitted<F: Fit>(settings: F, x: Inputs<'_>, y: &[u8]) -> Result<(), FitError> {
    settings.fit(x, y).map(|model| drop(black_box(model)))
}

/// The models; those that end when they are content get a fixed number of steps.
pub const WORKERS: [Worker; 7] = [
    Worker {
        key: "neighbours",
        name: "neighbours, asked",
        work: |x, y| {
            let model = Neighbours::default().fit(x, y)?;
            model.predict(x.range(0..ASKED)).map(|answers| drop(black_box(answers)))
        },
    },
    Worker {
        key: "bayes",
        name: "naive Bayes",
        work: |x, y| fitted(NaiveBayes { floor: 1e-3 }, x, y),
    },
    Worker {
        key: "softmax",
        name: "softmax regression",
        work: |x, y| fitted(Softmax { iterations: 20, tolerance: 0.0, ..Softmax::default() }, x, y),
    },
    Worker {
        key: "svm",
        name: "linear SVM",
        work: |x, y| fitted(LinearSvm { passes: 10, ..LinearSvm::default() }, x, y),
    },
    Worker { key: "tree", name: "tree", work: |x, y| fitted(DecisionTree::default(), x, y) },
    Worker {
        key: "forest",
        name: "forest of ten",
        work: |x, y| fitted(RandomForest { trees: 10, ..RandomForest::default() }, x, y),
    },
    Worker {
        key: "boosting",
        name: "boosting, two rounds",
        work: |x, y| fitted(GradientBoosting { rounds: 2, ..GradientBoosting::default() }, x, y),
    },
];

/// Seconds of each model along each axis, on made-up samples.
pub fn growth(recorder: &mut Recorder) -> anyhow::Result<()> {
    let runs = (AXES.len() * AXES[0].1.len() * WORKERS.len()) as u64;
    let progress = recorder.progress(runs, "fits");
    for (place, (axis, steps)) in AXES.iter().enumerate() {
        for at in steps {
            let mut size = AXES.map(|(_, steps)| steps[MIDDLE]);
            size[place] = *at;
            let (x, y) = samples(size, recorder.rng());
            for worker in progress.over(WORKERS.iter()) {
                let mut taken = [0.0; RUNS];
                for seconds in &mut taken {
                    let start = Instant::now();
                    (worker.work)(Inputs::Bytes(x.view()), &y)?;
                    *seconds = start.elapsed().as_secs_f64();
                }
                recorder.timings(&format!("{axis}/{}/{at}", worker.key), &taken);
            }
        }
    }
    drop(progress);
    for (axis, steps) in AXES {
        recorder.value(&format!("middle/{axis}"), steps[MIDDLE]).unit(axis);
    }
    recorder.value("runs", RUNS);
    Ok(())
}

/// `n` samples of `d` bytes around a centre for each of `k` classes; the centres lie within the noise.
fn samples([n, d, k]: [usize; 3], mut rng: Rng) -> (Array2<u8>, Vec<u8>) {
    let centres = Array2::from_shape_simple_fn((k, d), || rng.random_range(90..166_i16));
    let labels: Vec<u8> = (0..n).map(|i| (i % k) as u8).collect();
    let x = Array2::from_shape_fn((n, d), |(i, j)| {
        (centres[(i % k, j)] + rng.random_range(-90..90_i16)) as u8
    });
    (x, labels)
}
