//! Choosing features by how well each alone goes with the labels.

use ndarray::{ArrayView1, ArrayView2};

/// The `keep` features of `x` `(n, d)` whose correlation with the 0/1 labels `y` is strongest, sorted.
/// A constant feature has none.
pub fn strongest(x: ArrayView2<'_, f32>, y: &[u8], keep: usize) -> Vec<usize> {
    let strength: Vec<f64> =
        x.columns().into_iter().map(|column| correlation(column, y).abs()).collect();
    let mut order: Vec<usize> = (0..strength.len()).collect();
    order.sort_by(|&a, &b| strength[b].total_cmp(&strength[a]));
    order.truncate(keep);
    order.sort_unstable();
    order
}

/// Pearson's correlation of a feature with the labels; 0 where either is constant.
pub fn correlation(x: ArrayView1<'_, f32>, y: &[u8]) -> f64 {
    let n = y.len().max(1) as f64;
    let (mean_x, mean_y) = (
        x.iter().map(|&x| f64::from(x)).sum::<f64>() / n,
        y.iter().map(|&y| f64::from(y)).sum::<f64>() / n,
    );
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (&x, &y) in x.iter().zip(y) {
        let (dx, dy) = (f64::from(x) - mean_x, f64::from(y) - mean_y);
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    if xx * yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}
