//! The objective of softmax regression as it is written, in 64 bits: the judge of the fast one.

use ndarray::{Array2, ArrayView2, Axis};

// ANCHOR: plain
/// Mean cross-entropy of the classes plus `penalty / 2 · ‖w‖²`, and its gradient
/// with respect to the weights `w` `(k, d + 1)`, of which the last column is
/// the intercepts. `x` is `(n, d + 1)` with a last column of ones. `O(n k d)`.
pub fn objective(
    x: ArrayView2<'_, f64>,
    labels: &[u8],
    w: ArrayView2<'_, f64>,
    penalty: f64,
) -> (f64, Array2<f64>) {
    let (n, d) = (labels.len() as f64, x.ncols() - 1);
    let mut p = x.dot(&w.t());
    let mut loss = 0.0;
    for (mut row, label) in p.rows_mut().into_iter().zip(labels) {
        let most = row.fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        row.mapv_inplace(|z| (z - most).exp());
        let sum = row.sum();
        row /= sum;
        loss -= row[usize::from(*label)].ln() / n;
        row[usize::from(*label)] -= 1.0;
    }
    let mut gradient = p.t().dot(&x) / n;
    let (w, _) = w.split_at(Axis(1), d);
    gradient.slice_mut(ndarray::s![.., ..d]).scaled_add(penalty, &w);
    (loss + 0.5 * penalty * w.mapv(|w| w * w).sum(), gradient)
}
// ANCHOR_END: plain
