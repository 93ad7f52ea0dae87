//! Partial dependence (Friedman 2001): give every case the same value of one feature, and average the answers.

use classifiers::{Classifier, FitError, Inputs};
use ndarray::{ArrayView2, Axis};

/// The mean probability of each class, `(values, k)`, when feature `j` of every case is set to each of `values`.
///
/// Nothing where the model has no probabilities. Time: a prediction of all cases for each value.
///
/// # Errors
/// [`FitError::Features`] where the cases have another number of features than the model.
// ANCHOR: dependence
pub fn dependence(
    model: &dyn Classifier,
    x: ArrayView2<'_, f32>,
    j: usize,
    values: &[f32],
) -> Result<Option<Vec<Vec<f64>>>, FitError> {
    let mut set = x.to_owned();
    let mut curve = Vec::new();
    for &value in values {
        set.column_mut(j).fill(value);
        let Some(p) = model.probabilities(Inputs::Reals(set.view()))? else { return Ok(None) };
        let mean = p.mapv(f64::from).mean_axis(Axis(0));
        curve.push(mean.unwrap_or_default().to_vec());
    }
    Ok(Some(curve))
}
// ANCHOR_END: dependence

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipelines::Settings;
    use ndarray::Array2;

    #[test]
    fn the_curve_follows_the_feature_that_decides_and_no_other() {
        let x = Array2::from_shape_fn((100, 2), |(i, j)| if j == 0 { i as f32 } else { 1.0 });
        let y: Vec<u8> = (0..100).map(|i| u8::from(i >= 50)).collect();
        let [.., tree, _, _] = Settings::each();
        let tree = tree.fit(Inputs::Reals(x.view()), &y).unwrap();
        let curve = |j, values: &[f32]| {
            dependence(tree.classifier(), x.view(), j, values).unwrap().unwrap()
        };
        assert_eq!(curve(0, &[10.0, 90.0]), [[1.0, 0.0], [0.0, 1.0]]);
        assert_eq!(curve(1, &[-5.0, 5.0]), [[0.5, 0.5], [0.5, 0.5]]);
        let svm = Settings::each()[3].fit(Inputs::Reals(x.view()), &y).unwrap();
        assert_eq!(dependence(svm.classifier(), x.view(), 0, &[1.0]), Ok(None));
    }
}
