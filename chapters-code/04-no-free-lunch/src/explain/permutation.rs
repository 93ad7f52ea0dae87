//! Permutation importance (Breiman 2001): shuffle a column among the cases, and see how many answers go wrong.

use classifiers::{Classifier, FitError, Inputs};
use learning::{Bootstrap, Interval, correct};
use ndarray::{Array2, ArrayView2};
use notebook::Rng;
use rand::seq::SliceRandom as _;

/// What each case loses when `columns` are shuffled together among the cases, `(n)`: right before minus the share of
/// `repeats` shuffles after which it is right.
///
/// The columns move as one: each case gets the values of one other case. So copies of a feature can be shuffled
/// together. Time `O(repeats)` predictions of all cases, space `O(n d)`.
///
/// # Errors
/// [`FitError::Features`] where the cases have another number of features than the model.
// ANCHOR: drops
pub fn drops(
    model: &dyn Classifier,
    x: ArrayView2<'_, f32>,
    y: &[u8],
    columns: &[usize],
    repeats: usize,
    rng: &mut Rng,
) -> Result<Vec<f64>, FitError> {
    let before = correct(y, &model.predict(Inputs::Reals(x))?);
    let mut after = vec![0.0; y.len()];
    let mut order: Vec<usize> = (0..y.len()).collect();
    let mut shuffled: Array2<f32> = x.to_owned();
    for _ in 0..repeats {
        order.shuffle(rng);
        for &j in columns {
            for (i, &other) in order.iter().enumerate() {
                shuffled[(i, j)] = x[(other, j)];
            }
        }
        let right = correct(y, &model.predict(Inputs::Reals(shuffled.view()))?);
        after.iter_mut().zip(right).for_each(|(sum, right)| *sum += right);
    }
    let lost = |(before, after): (f64, f64)| before - after / repeats as f64;
    Ok(before.into_iter().zip(after).map(lost).collect())
}
// ANCHOR_END: drops

/// The accuracy that is lost when `columns` are shuffled, with an interval over the cases.
///
/// # Errors
/// As [`drops`].
pub fn permutation(
    model: &dyn Classifier,
    (x, y): (ArrayView2<'_, f32>, &[u8]),
    columns: &[usize],
    repeats: usize,
    rng: &mut Rng,
) -> Result<Interval, FitError> {
    let lost = drops(model, x, y, columns, repeats, rng)?;
    Ok(Bootstrap::default().mean(&lost, rng))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    /// Says whether the first feature is above a half, and does not look at the second.
    struct First;

    impl Classifier for First {
        fn classes(&self) -> usize {
            2
        }

        fn features(&self) -> usize {
            2
        }

        fn predict(&self, inputs: Inputs<'_>) -> Result<Vec<u8>, FitError> {
            let x = inputs.to_reals();
            Ok(x.column(0).iter().map(|x| u8::from(*x > 0.5)).collect())
        }
    }

    #[test]
    fn what_is_not_looked_at_is_worth_nothing() {
        let x = Array2::from_shape_fn((200, 2), |(i, _)| (i % 2) as f32);
        let y: Vec<u8> = (0..200).map(|i| (i % 2) as u8).collect();
        let mut rng = Rng::seed_from_u64(1);
        let lost = |columns: &[usize], rng: &mut Rng| {
            let lost = drops(&First, x.view(), &y, columns, 50, rng).unwrap();
            lost.iter().sum::<f64>() / 200.0
        };
        assert_eq!(lost(&[1], &mut rng), 0.0);
        assert_eq!(lost(&[], &mut rng), 0.0);
        // A shuffled coin is right half of the time.
        assert!((lost(&[0], &mut rng) - 0.5).abs() < 0.02);
        assert!((lost(&[0, 1], &mut rng) - 0.5).abs() < 0.02);
    }

    #[test]
    fn other_features_than_those_of_the_fit_are_refused() {
        let x = ndarray::array![[0.0_f32, 1.0], [1.0, 0.0]];
        let settings = crate::pipelines::Settings::each()[2];
        let model = settings.fit(Inputs::Reals(x.view()), &[0, 1]).unwrap();
        let wide = Array2::zeros((2, 3));
        let mut rng = Rng::seed_from_u64(1);
        let found = drops(model.classifier(), wide.view(), &[0, 1], &[0], 1, &mut rng);
        assert!(matches!(found, Err(FitError::Features { given: 3, fitted: 2 })));
    }
}
