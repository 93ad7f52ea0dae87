//! Squared Euclidean distances between many rows at once, through one matrix product:
//! |a − b|² = |a|² − 2 a·b + |b|².

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut2, Axis};

/// Squared length of each row `(n, d)`: `(n,)`.
pub fn squared_norms(x: ArrayView2<'_, f32>) -> Array1<f32> {
    x.map_axis(Axis(1), |row| row.dot(&row))
}

/// Writes the squared distances between each row of `a` `(m, d)` and each row of `b` `(n, d)`, whose
/// squared lengths are `norms` `(n,)`, to `out` `(m, n)`.
///
/// Rounding is relative to the lengths and not to the distance, so two equal rows may come out a
/// little above zero; they never come out below.
// ANCHOR: squared_distances
pub fn squared_distances(
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    norms: ArrayView1<'_, f32>,
    mut out: ArrayViewMut2<'_, f32>,
) {
    general_mat_mul(-2.0, &a, &b.t(), 0.0, &mut out);
    let own = squared_norms(a);
    for (mut row, own) in out.rows_mut().into_iter().zip(own) {
        row.zip_mut_with(&norms, |distance, norm| *distance = (*distance + norm + own).max(0.0));
    }
}
// ANCHOR_END: squared_distances
