//! Numbers of a trained network that might tell how it generalises, without a test set: lengths of its weights, how far
//! they came, and by how much it is sure of its training samples.

use backprop::Tensor;
use ndarray::{Array1, ArrayView2};

/// The sum of the squares of all weights and biases.
pub fn squares(weights: &[Tensor<f32>]) -> f64 {
    weights.iter().flat_map(|t| &t.data).map(|&w| f64::from(w).powi(2)).sum()
}

/// How far the weights are from the first ones, squared.
pub fn travelled(weights: &[Tensor<f32>], first: &[Tensor<f32>]) -> f64 {
    let pairs = weights.iter().zip(first);
    let pairs = pairs.flat_map(|(now, then)| now.data.iter().zip(&then.data));
    pairs.map(|(now, then)| (f64::from(*now) - f64::from(*then)).powi(2)).sum()
}

/// The product over the layers of the most that a matrix can stretch a vector: with ReLU between the layers, no change of
/// an input changes the outputs by more than this factor. Each by `rounds` of power iteration.
pub fn stretch(weights: &[Tensor<f32>], rounds: usize) -> f64 {
    let matrices = weights.iter().filter(|tensor| tensor.shape.len() == 2);
    matrices.map(|tensor| largest_stretch(tensor, rounds)).product()
}

// ANCHOR: spectral
/// The largest singular value of a matrix, by power iteration.
fn largest_stretch(tensor: &Tensor<f32>, rounds: usize) -> f64 {
    let data: Vec<f64> = tensor.data.iter().map(|&w| w.into()).collect();
    let shape = (tensor.shape[0], tensor.shape[1]);
    let Ok(w) = ArrayView2::from_shape(shape, &data) else { return 0.0 };
    let mut v = Array1::from_shape_fn(shape.1, |i| 1.0 + (i as f64).sin());
    let mut length = 0.0;
    for _ in 0..rounds {
        v /= v.dot(&v).sqrt().max(f64::MIN_POSITIVE);
        let u = w.dot(&v);
        length = u.dot(&u).sqrt();
        v = w.t().dot(&u);
    }
    length
}
// ANCHOR_END: spectral

// ANCHOR: margins
/// The margin of each sample: the output of its class minus the largest of
/// the others. `outputs` is `(n, k)`, and `k` at least 2.
pub fn margins(outputs: &[f32], labels: &[u8], k: usize) -> Vec<f64> {
    let margin = |(row, &label): (&[f32], &u8)| {
        let others = row.iter().enumerate().filter(|(c, _)| *c != usize::from(label));
        let most = others.map(|(_, &z)| z).fold(f32::NEG_INFINITY, f32::max);
        f64::from(row[usize::from(label)]) - f64::from(most)
    };
    outputs.chunks_exact(k).zip(labels).map(margin).collect()
}
// ANCHOR_END: margins

/// The number below which a share of others lies: the one at place `share · n` in their order.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len() as f64) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

// ANCHOR: kendall
/// Kendall's rank correlation (1938): of all pairs of cases, the share that
/// `a` and `b` put in the same order minus the share that they put in opposite
/// orders. A tie counts as neither.
pub fn kendall(a: &[f64], b: &[f64]) -> f64 {
    let (mut agree, mut pairs) = (0_i64, 0_i64);
    for i in 0..a.len() {
        for j in 0..i {
            let order = (a[i] - a[j]) * (b[i] - b[j]);
            agree += i64::from(order > 0.0) - i64::from(order < 0.0);
            pairs += 1;
        }
    }
    agree as f64 / pairs.max(1) as f64
}
// ANCHOR_END: kendall

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], data: &[f32]) -> Tensor<f32> {
        Tensor { name: "w".into(), shape: shape.to_vec(), data: data.to_vec() }
    }

    #[test]
    fn a_diagonal_stretches_by_its_largest_number_and_layers_multiply() {
        let first = tensor(&[2, 2], &[3.0, 0.0, 0.0, -5.0]);
        let second = tensor(&[1, 2], &[0.6, 0.8]);
        let bias = tensor(&[2], &[100.0, 100.0]);
        let found = stretch(&[first.clone(), bias, second], 60);
        assert!((found - 5.0).abs() < 1e-6, "{found}");
        assert_eq!(squares(std::slice::from_ref(&first)), 34.0);
        let then = tensor(&[2, 2], &[0.0, 0.0, 0.0, -5.0]);
        assert_eq!(travelled(&[first], &[then]), 9.0);
    }

    #[test]
    fn a_margin_is_negative_where_the_answer_is_wrong() {
        let found = margins(&[2.0, 0.5, 1.0, 0.0, 3.0, 1.0], &[0, 2], 3);
        assert_eq!(found, [1.0, -2.0]);
        assert_eq!(quantile(&[5.0, 1.0, 4.0, 2.0, 3.0], 0.2), 2.0);
    }

    #[test]
    fn kendall_is_one_minus_one_and_between() {
        assert_eq!(kendall(&[1.0, 2.0, 3.0], &[5.0, 6.0, 9.0]), 1.0);
        assert_eq!(kendall(&[1.0, 2.0, 3.0], &[9.0, 6.0, 5.0]), -1.0);
        assert_eq!(kendall(&[1.0, 2.0, 3.0], &[1.0, 1.0, 2.0]), 2.0 / 3.0);
    }
}
