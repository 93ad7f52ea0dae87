//! Does a forest err less because it is nearer to the truth on average, or because it depends less on its samples?

use learning::{Bootstrap, FashionMnist, accuracy};
use ndarray::{Array2, ArrayView2};
use notebook::{Estimate, Format, Recorder, Rng};
use rand::seq::SliceRandom as _;
use rayon::prelude::*;

use super::pixels;
use crate::trees::{DecisionTree, RandomForest};
use crate::{Classifier as _, Fit, Inputs};

/// Training sets that have no garment in common, and garments of each.
const SETS: usize = 12;
const GARMENTS: usize = 5_000;

/// The parts of the squared error of each test garment.
struct Parts {
    bias: Vec<f64>,
    variance: Vec<f64>,
    /// The share of all answers that are wrong.
    wrong: f64,
}

/// A tree and a forest, each learned from a dozen training sets.
pub fn bias(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let mut order: Vec<usize> = (0..data.train.len()).collect();
    order.shuffle(&mut rng);
    let sets: Vec<&[usize]> = order.chunks_exact(GARMENTS).take(SETS).collect();
    recorder.value("sets", sets.len());
    recorder.value("garments", GARMENTS).unit("garments");
    let tree = parts(&data, &sets, |_| DecisionTree::default())?;
    let forest =
        parts(&data, &sets, |set| RandomForest { seed: set as u64, ..RandomForest::default() })?;
    record(recorder, &mut rng, "tree", &tree);
    record(recorder, &mut rng, "forest", &forest);
    let mut change = |key: &str, from: &[f64], to: &[f64]| {
        let found = Bootstrap::default().paired(to, from, &mut rng);
        recorder.estimate(&format!("change/{key}"), found);
    };
    change("bias", &tree.bias, &forest.bias);
    change("variance", &tree.variance, &forest.variance);
    change("error", &sums(&tree), &sums(&forest));
    let less = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let more = Bootstrap::default().paired(
        &less(&tree.variance, &forest.variance),
        &less(&tree.bias, &forest.bias),
        &mut rng,
    );
    recorder
        .claim(
            "variance-falls",
            "From a tree to a forest the variance falls by more than the squared bias does, by an interval above zero.",
        )
        .record(more.low > 0.0, format!("by {}", Estimate::from(more).in_words(Format::Fixed(3))));
    Ok(())
}

/// The squared error of each test garment.
fn sums(parts: &Parts) -> Vec<f64> {
    parts.bias.iter().zip(&parts.variance).map(|(b, v)| b + v).collect()
}

fn record(recorder: &mut Recorder, rng: &mut Rng, key: &str, parts: &Parts) {
    let error = sums(parts);
    for (part, values) in [("bias", &parts.bias), ("variance", &parts.variance), ("error", &error)]
    {
        let found = Bootstrap::default().mean(values, rng);
        recorder.estimate(&format!("{key}/{part}"), found);
    }
    recorder.value(&format!("{key}/wrong"), parts.wrong);
}

/// Fits `settings(set)` to each of the sets, and parts what they say of the test garments.
fn parts<F: Fit>(
    data: &FashionMnist,
    sets: &[&[usize]],
    settings: impl Fn(usize) -> F + Sync,
) -> anyhow::Result<Parts> {
    let (new, truth) = (pixels(&data.test)?, data.test.y());
    let one = |(set, rows): (usize, &&[usize])| -> anyhow::Result<Array2<f32>> {
        let train = data.train.select(rows);
        let model = settings(set).fit(Inputs::Bytes(pixels(&train)?), train.y())?;
        Ok(model.probabilities(Inputs::Bytes(new))?.unwrap_or_default())
    };
    let said: Vec<Array2<f32>> =
        sets.par_iter().enumerate().map(one).collect::<anyhow::Result<_>>()?;
    let answers = |p: &Array2<f32>| -> Vec<u8> {
        p.rows().into_iter().map(|row| crate::model::largest(row) as u8).collect()
    };
    let wrong = said.iter().map(|p| 1.0 - accuracy(truth, &answers(p))).sum::<f64>();
    let views: Vec<ArrayView2<'_, f32>> = said.iter().map(|p| p.view()).collect();
    let (bias, variance) =
        truth.iter().enumerate().map(|(row, label)| of_garment(&views, row, *label)).unzip();
    Ok(Parts { bias, variance, wrong: wrong / sets.len() as f64 })
}

// ANCHOR: parts
/// Squared bias and variance of what several models say of a garment: each
/// has a row of class probabilities. Their sum is the mean squared error.
fn of_garment(said: &[ArrayView2<'_, f32>], row: usize, label: u8) -> (f64, f64) {
    let models = said.len() as f64;
    let (mut error, mut variance) = (0.0, 0.0);
    for class in 0..said[0].ncols() {
        let truth = f64::from(u8::from(class == usize::from(label)));
        let p = || said.iter().map(|p| f64::from(p[(row, class)]));
        let mean = p().sum::<f64>() / models;
        error += p().map(|p| (p - truth).powi(2)).sum::<f64>() / models;
        // One less than there are models: their own mean lies too near to them.
        variance += p().map(|p| (p - mean).powi(2)).sum::<f64>() / (models - 1.0);
    }
    (error - variance, variance)
}
// ANCHOR_END: parts

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn two_models_by_hand() {
        let (coat, shirt) = (array![[1.0_f32, 0.0]], array![[0.0_f32, 1.0]]);
        // Both say coat, and it is one; both say coat, and it is a shirt.
        assert_eq!(of_garment(&[coat.view(), coat.view()], 0, 0), (0.0, 0.0));
        assert_eq!(of_garment(&[coat.view(), coat.view()], 0, 1), (2.0, 0.0));
        // One says coat, one shirt: the errors are 0 and 2, and their mean is all variance.
        assert_eq!(of_garment(&[coat.view(), shirt.view()], 0, 0), (0.0, 1.0));
    }
}
