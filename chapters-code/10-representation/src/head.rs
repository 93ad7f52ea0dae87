//! A softmax head: linear scores on features that are there, the strength of the penalty chosen on labels that are kept aside.

use classifiers::{Classifier as _, Fit as _, FitError, Inputs, Softmax, SoftmaxModel};
use learning::{Standardiser, split};
use ndarray::{Array2, ArrayView2, Axis};
use notebook::Rng;

/// What the samples may weigh against the penalty: chapter 3's `C`, from a strong penalty to a weak one.
pub const STRENGTHS: [f64; 4] = [0.001, 0.01, 0.1, 1.0];
/// Where labels are fewer than this, every fifth of them is kept aside once; where there are more, one fifth.
pub const FEW: usize = 1_000;
/// The most labels that a strength is chosen with.
pub const MOST: usize = 5_000;
/// Parts that the labels are dealt into.
const FOLDS: usize = 5;

/// Features brought to mean zero and deviation one, and a linear score for each class.
#[derive(Clone, Debug)]
pub struct Head {
    /// Mean and deviation of each feature, from the rows learned from.
    pub scale: Standardiser,
    /// The scores.
    pub model: SoftmaxModel,
    /// The strength that was chosen.
    pub strength: f64,
    /// Multiply-adds of all fits, those of the choice among them.
    pub multiply_adds: f64,
}

// ANCHOR: head
impl Head {
    /// A head for features `(n, d)` with `n` labels. The strength is the one
    /// that is right most often about labels kept aside.
    ///
    /// # Errors
    /// Where there is nothing to learn from, such as labels of one class.
    pub fn fit(x: ArrayView2<'_, f32>, y: &[u8], rng: &mut Rng) -> Result<Head, FitError> {
        let mut spent = 0.0;
        let strength = choose(y, &STRENGTHS, rng, |strength, train, aside| {
            let labels: Vec<u8> = train.iter().map(|&row| y[row]).collect();
            let head = Head::with(strength, x.select(Axis(0), train).view(), &labels)?;
            spent += head.multiply_adds;
            head.predict(x.select(Axis(0), aside).view())
        })?;
        let mut head = Head::with(strength, x, y)?;
        head.multiply_adds += spent;
        Ok(head)
    }
}
// ANCHOR_END: head

impl Head {
    /// A head of a strength that is given.
    ///
    /// # Errors
    /// As [`Head::fit`].
    pub fn with(strength: f64, x: ArrayView2<'_, f32>, y: &[u8]) -> Result<Head, FitError> {
        let scale = Standardiser::fit(x);
        let scaled = scale.apply(x);
        let model =
            Softmax { c: strength, ..Softmax::default() }.fit(Inputs::Reals(scaled.view()), y)?;
        // Scores and gradients of every evaluation.
        let evaluations = model.ended.map_or(0, |ended| ended.evaluations) as f64;
        let each = (model.weights.len() + model.intercepts.len()) as f64;
        let multiply_adds = 2.0 * evaluations * y.len() as f64 * each;
        Ok(Head { scale, model, strength, multiply_adds })
    }

    /// The class of each row, `(m, d)`.
    ///
    /// # Errors
    /// Where the rows have another number of features.
    pub fn predict(&self, x: ArrayView2<'_, f32>) -> Result<Vec<u8>, FitError> {
        self.model.predict(Inputs::Reals(self.scale.apply(x).view()))
    }

    /// The probability of each class for each row, `(m, k)`.
    ///
    /// # Errors
    /// As [`Head::predict`].
    pub fn probabilities(&self, x: ArrayView2<'_, f32>) -> Result<Array2<f32>, FitError> {
        let found = self.model.probabilities(Inputs::Reals(self.scale.apply(x).view()))?;
        Ok(found.unwrap_or_default())
    }
}

/// The strength that is right most often about labels kept aside; of equal ones the first. `answer(strength, train, aside)` learns
/// from the rows `train` and answers for the rows `aside`. Of more than [`MOST`] labels it sees the first, so their order must
/// be one of chance.
///
/// # Errors
/// What `answer` cannot do.
pub fn choose<E>(
    labels: &[u8],
    strengths: &[f64],
    rng: &mut Rng,
    mut answer: impl FnMut(f64, &[usize], &[usize]) -> Result<Vec<u8>, E>,
) -> Result<f64, E> {
    let labels = &labels[..labels.len().min(MOST)];
    let mut folds = split::folds(labels, FOLDS, rng);
    folds.truncate(if labels.len() < FEW { FOLDS } else { 1 });
    let mut best = (0, strengths[0]);
    for (i, &strength) in strengths.iter().enumerate() {
        let mut right = 0;
        for aside in &folds {
            let found = answer(strength, &split::rest(labels.len(), aside), aside)?;
            right += aside.iter().zip(found).filter(|(row, class)| labels[**row] == *class).count();
        }
        if i == 0 || right > best.0 {
            best = (right, strength);
        }
    }
    Ok(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn the_strength_is_the_one_that_is_right_most_often_aside() {
        let labels: Vec<u8> = (0..50).map(|i| i % 2).collect();
        let mut seen = vec![0; labels.len()];
        let chosen =
            choose(&labels, &[1.0, 2.0, 3.0], &mut Rng::seed_from_u64(1), |c, train, aside| {
                assert_eq!(train.len() + aside.len(), labels.len());
                aside.iter().for_each(|&row| seen[row] += 1);
                let right = |&row: &usize| if c == 2.0 { labels[row] } else { 0 };
                Ok::<_, FitError>(aside.iter().map(right).collect())
            });
        assert_eq!(chosen, Ok(2.0));
        assert!(seen.iter().all(|times| *times == 3));
    }

    #[test]
    fn two_heaps_are_told_apart() {
        let x = Array2::from_shape_fn((60, 3), |(i, j)| {
            (i % 2) as f32 * 9.0 + ((i * (j + 3)) % 7) as f32 / 7.0
        });
        let y: Vec<u8> = (0..60).map(|i| (i % 2) as u8).collect();
        let head = Head::fit(x.view(), &y, &mut Rng::seed_from_u64(2)).unwrap();
        assert_eq!(head.predict(x.view()), Ok(y));
        assert!(head.multiply_adds > 0.0);
        let sums = head.probabilities(x.view()).unwrap().sum_axis(Axis(1));
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5));
    }
}
