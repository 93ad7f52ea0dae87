//! What speaks for one class against another in a linear model: each feature times the difference of its weights.

use classifiers::SoftmaxModel;
use ndarray::{Array1, ArrayView1};

/// What each feature of `x`, `(d)`, adds to the lead of class `a` over class `b`, `(d)`.
///
/// They sum, with the difference of the intercepts, to the difference of the scores: [`lead`].
///
/// # Panics
/// If the model has other features, or fewer classes.
// ANCHOR: evidence
pub fn evidence(model: &SoftmaxModel, x: ArrayView1<'_, f32>, a: u8, b: u8) -> Array1<f32> {
    let weights = |class: u8| model.weights.row(class.into());
    (&weights(a) - &weights(b)) * x
}
// ANCHOR_END: evidence

/// By how much the score of class `a` is above that of class `b`.
///
/// # Panics
/// As [`evidence`].
pub fn lead(model: &SoftmaxModel, x: ArrayView1<'_, f32>, a: u8, b: u8) -> f64 {
    let score = |class: u8| {
        let terms = model.weights.row(class.into()).into_iter().zip(x);
        let sum: f64 = terms.map(|(w, x)| f64::from(*w) * f64::from(*x)).sum();
        sum + f64::from(model.intercepts[usize::from(class)])
    };
    score(a) - score(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_parts_sum_to_the_lead() {
        let model = SoftmaxModel {
            weights: array![[1.0, -2.0], [0.5, 3.0]],
            intercepts: array![0.25, 1.0],
            ended: None,
        };
        let x = array![2.0_f32, 1.0];
        let parts = evidence(&model, x.view(), 0, 1);
        assert_eq!(parts, array![1.0, -5.0]);
        assert_eq!(f64::from(parts.sum()) + 0.25 - 1.0, lead(&model, x.view(), 0, 1));
        assert_eq!(lead(&model, x.view(), 1, 0), -lead(&model, x.view(), 0, 1));
    }
}
