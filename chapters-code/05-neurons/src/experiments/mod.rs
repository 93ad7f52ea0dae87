//! What the chapter measures, an experiment a file: on pairs of Fashion-MNIST's classes where data are asked for, and on
//! everything there is where a question has finitely many cases.

mod bumps;
mod logistic;
mod perceptron;
mod pieces;
mod sawtooth;
mod xor;

pub use bumps::bumps;
pub use logistic::logistic;
pub use perceptron::perceptron;
pub use pieces::pieces;
pub use sawtooth::sawtooth;
pub use xor::xor;

use learning::fashion::FOLDER;
use learning::{FashionMnist, Labelled};
use ndarray::Array2;
use notebook::{Chapter, Experiment, Recorder};

/// Adds every experiment of the chapter, with its seed and its data.
pub fn register(chapter: Chapter) -> Chapter {
    let on_garments = [
        Experiment::new("perceptron", "Mistakes against their bound", perceptron).seed(51),
        Experiment::new("logistic", "A unit that says how sure it is", logistic).seed(52),
        Experiment::new("pieces", "Pieces of random networks", pieces).seed(53),
    ];
    let chapter = on_garments.into_iter().fold(chapter, |chapter, experiment| {
        chapter.experiment(FashionMnist::paths().into_iter().fold(experiment, Experiment::data))
    });
    chapter
        .experiment(Experiment::new("xor", "Every function of a few bits", xor))
        .experiment(Experiment::new("bumps", "Error by number of bumps", bumps))
        .experiment(Experiment::new("sawtooth", "Pieces by depth and by width", sawtooth))
}

/// Fashion-MNIST, with its sums checked.
fn fashion(recorder: &Recorder) -> anyhow::Result<FashionMnist> {
    Ok(FashionMnist::read(&recorder.data(FOLDER))?)
}

// ANCHOR: pair
/// The first `most` garments of each of two classes, one class and the other in turn: rows `(n, d + 1)` whose first
/// feature is always 1, and signs, 1 for the second class.
fn pair(garments: &Labelled, classes: [u8; 2], most: usize) -> (Array2<f64>, Vec<f64>) {
    let of = |class: u8| {
        let rows = (0..garments.len()).filter(move |&row| garments.labels[row] == class);
        rows.take(most)
    };
    let rows: Vec<usize> = of(classes[0]).zip(of(classes[1])).flat_map(|(a, b)| [a, b]).collect();
    let pixels = garments.select(&rows).x();
    let x = Array2::from_shape_fn((rows.len(), pixels.ncols() + 1), |(row, j)| {
        if j == 0 { 1.0 } else { f64::from(pixels[[row, j - 1]]) }
    });
    (x, (0..rows.len()).map(|row| if row % 2 == 0 { -1.0 } else { 1.0 }).collect())
}
// ANCHOR_END: pair
