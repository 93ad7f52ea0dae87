//! A head on features of photographs with labels of one's own: softmax regression, cross-validated, with intervals.

use classifiers::{Classifier as _, Fit as _, FitError, Inputs, Softmax};
use learning::{Bootstrap, Interval, correct, split, standardise};
use ndarray::{Array2, ArrayView2, Axis};
use notebook::Rng;
use rand::SeedableRng as _;
use rayon::prelude::*;

/// Strengths of the penalty that are tried, as scikit-learn's `C`: the smaller, the smaller the weights.
const STRENGTHS: [f64; 5] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0];
/// Folds of the test, where each class has as many samples.
const FOLDS: usize = 5;
/// Folds within the training part, to choose the strength.
const INNER: usize = 3;

/// What cross-validation found.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    /// What each sample was taken for, by a head that never saw it.
    pub(super) predicted: Vec<u8>,
    /// The share that is right.
    pub(super) accuracy: Interval,
    /// The share that is right for who always says the largest class.
    pub(super) baseline: f64,
    /// The difference of the two, paired.
    pub(super) gain: Interval,
    /// The strength that was chosen in each fold.
    pub(super) strengths: Vec<f64>,
}

/// Tests a head on features `(n, d)` and their labels, 0 to k − 1: in each fold features are standardised and the strength of the
/// penalty is chosen by the training part alone.
///
/// # Errors
/// As [`Fit::fit`](classifiers::model::Fit::fit).
pub(super) fn cross_validate(
    x: ArrayView2<'_, f32>,
    labels: &[u8],
    seed: u64,
) -> Result<Probed, FitError> {
    let mut rng = Rng::seed_from_u64(seed);
    let fewest = learning::classes::counts(labels).into_iter().filter(|&n| n > 0).min();
    let folds = split::folds(labels, fewest.unwrap_or(1).clamp(2, FOLDS), &mut rng);
    let found: Vec<Result<(f64, Vec<u8>), FitError>> =
        folds.par_iter().map(|test| fold(x, labels, test, seed)).collect();
    let (mut predicted, mut strengths) = (vec![0; labels.len()], Vec::new());
    for (test, found) in folds.iter().zip(found) {
        let (strength, answers) = found?;
        test.iter().zip(answers).for_each(|(&row, answer)| predicted[row] = answer);
        strengths.push(strength);
    }
    let right = correct(labels, &predicted);
    let largest = largest(labels);
    let always = correct(labels, &vec![largest as u8; labels.len()]);
    let bootstrap = Bootstrap::default();
    Ok(Probed {
        accuracy: wide_enough(bootstrap.mean(&right, &mut rng), right.len()),
        baseline: learning::bootstrap::mean(&always),
        gain: bootstrap.paired(&right, &always, &mut rng),
        predicted,
        strengths,
    })
}

/// The class of most samples.
pub(super) fn largest(labels: &[u8]) -> usize {
    let counts = learning::classes::counts(labels);
    // Of several, the first.
    (0..counts.len()).rev().max_by_key(|&class| counts[class]).unwrap_or(0)
}

/// One fold: the strength that was chosen, and the answers for the samples at `test`.
fn fold(
    x: ArrayView2<'_, f32>,
    labels: &[u8],
    test: &[usize],
    seed: u64,
) -> Result<(f64, Vec<u8>), FitError> {
    let train = split::rest(labels.len(), test);
    let here: Vec<u8> = train.iter().map(|&row| labels[row]).collect();
    let inner = split::folds(&here, INNER, &mut Rng::seed_from_u64(seed));
    let strength = choose(x.select(Axis(0), &train).view(), &here, &inner)?;
    let fitted = answers(x, labels, (&train, test), strength)?;
    let best = |row: ndarray::ArrayView1<'_, f32>| {
        (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0) as u8
    };
    Ok((strength, fitted.outer_iter().map(best).collect()))
}

// ANCHOR: choose
/// The strength with the least mean cross-entropy on rows that were not
/// learned from; of equal ones, the smallest.
fn choose(x: ArrayView2<'_, f32>, labels: &[u8], folds: &[Vec<usize>]) -> Result<f64, FitError> {
    let mut best = (f64::INFINITY, STRENGTHS[0]);
    for strength in STRENGTHS {
        let mut loss = 0.0;
        for test in folds {
            let train = split::rest(labels.len(), test);
            let p = answers(x, labels, (&train, test), strength)?;
            let right = test.iter().zip(p.outer_iter()).map(|(&row, p)| p[labels[row] as usize]);
            loss -= right.map(|p| f64::from(p.max(1e-12)).ln()).sum::<f64>();
        }
        if loss < best.0 {
            best = (loss, strength);
        }
    }
    Ok(best.1)
}
// ANCHOR_END: choose

/// Probabilities of the classes for the rows of `test`, learned from those of `train`.
fn answers(
    x: ArrayView2<'_, f32>,
    labels: &[u8],
    (train, test): (&[usize], &[usize]),
    c: f64,
) -> Result<Array2<f32>, FitError> {
    let (learned, asked) =
        standardise(x.select(Axis(0), train).view(), x.select(Axis(0), test).view());
    let labels: Vec<u8> = train.iter().map(|&row| labels[row]).collect();
    let model = Softmax { c, ..Softmax::default() }.fit(Inputs::Reals(learned.view()), &labels)?;
    let probabilities = model.probabilities(Inputs::Reals(asked.view()))?;
    Ok(probabilities.unwrap_or_default())
}

/// Where all samples are right, or none is, the bootstrap has nothing to draw and its interval no width. The exact one (Clopper
/// and Pearson, 1934) has: n right answers of n are not rare for a head whose accuracy is 0.025^(1/n).
fn wide_enough(found: Interval, n: usize) -> Interval {
    let end = 0.025_f64.powf(1.0 / n.max(1) as f64);
    match found.estimate {
        1.0 => Interval { low: end, ..found },
        0.0 => Interval { high: 1.0 - end, ..found },
        _ => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two classes apart in one of three features.
    fn apart(n: usize, by: f32) -> (Array2<f32>, Vec<u8>) {
        let labels: Vec<u8> = (0..n).map(|i| (i % 2) as u8).collect();
        let mut rng = Rng::seed_from_u64(3);
        let mut noise = || learning::normal(&mut rng) as f32;
        let x = Array2::from_shape_fn((n, 3), |(i, j)| {
            noise() + if j == 0 { by * f32::from(labels[i]) } else { 0.0 }
        });
        (x, labels)
    }

    #[test]
    fn what_can_be_told_apart_is_and_noise_is_not() {
        let (x, labels) = apart(60, 20.0);
        let found = cross_validate(x.view(), &labels, 1).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(found.predicted, labels);
        assert_eq!((found.accuracy.estimate, found.baseline), (1.0, 0.5));
        assert!(found.accuracy.low > 0.9 && found.accuracy.low < 0.95, "{:?}", found.accuracy);
        assert!(found.gain.low > 0.2);
        let (x, labels) = apart(200, 0.0);
        let found = cross_validate(x.view(), &labels, 1).unwrap_or_else(|e| panic!("{e}"));
        assert!(found.accuracy.contains(0.5), "{:?}", found.accuracy);
    }

    #[test]
    fn the_smallest_of_equals_is_the_first_class() {
        assert_eq!((largest(&[1, 0, 1, 0]), largest(&[2, 2, 0])), (0, 2));
    }
}
