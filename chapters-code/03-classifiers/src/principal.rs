//! Principal components (Pearson 1901; Hotelling 1933): the directions along which samples spread most.

use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Rounds of the iteration.
const ROUNDS: usize = 60;

/// The middle of some samples, and the directions in which they spread most.
#[derive(Clone, Debug)]
pub struct Principal {
    /// `(d,)`.
    pub mean: Array1<f64>,
    /// `(d, components)`, columns of length 1 at right angles.
    pub directions: Array2<f64>,
}

impl Principal {
    /// The first `components` of samples `(n, d)`: multiply by the covariance, put the columns at
    /// right angles, repeat. `O(n d² + rounds d² components)`.
    pub fn fit(x: ArrayView2<'_, f32>, components: usize) -> Principal {
        let (n, d) = (x.nrows().max(1) as f64, x.ncols());
        let mean = x.mapv(f64::from).sum_axis(Axis(0)) / n;
        let centred = x.mapv(f64::from) - &mean;
        let covariance = centred.t().dot(&centred) / n;
        let mut q = Array2::from_shape_fn((d, components), |(i, j)| ((i * (j + 2)) as f64).cos());
        for _ in 0..ROUNDS {
            q = covariance.dot(&q);
            straighten(&mut q);
        }
        Principal { mean, directions: q }
    }

    /// Where samples `(n, d)` lie along the directions, `(n, components)`.
    pub fn apply(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        (x.mapv(f64::from) - &self.mean).dot(&self.directions).mapv(|v| v as f32)
    }
}

/// Gram and Schmidt: takes from each column what lies along those before it, and divides by what is left. The sign
/// is the one with which the largest number is positive.
fn straighten(q: &mut Array2<f64>) {
    for j in 0..q.ncols() {
        for i in 0..j {
            let before = q.column(i).to_owned();
            let along = before.dot(&q.column(j));
            q.column_mut(j).scaled_add(-along, &before);
        }
        let mut column = q.column_mut(j);
        let length = column.dot(&column).sqrt().max(f64::MIN_POSITIVE);
        let largest = column.iter().fold(0.0, |m: f64, v| if v.abs() > m.abs() { *v } else { m });
        column /= if largest < 0.0 { -length } else { length };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_cloud_has_its_length_first() {
        let x = Array2::from_shape_fn((200, 3), |(i, j)| {
            let t = i as f32;
            let (long, short) = ((0.37 * t).sin(), (1.7 * t).cos());
            [3.0 * long + 5.0, 4.0 * long, 0.5 * short][j]
        });
        let principal = Principal::fit(x.view(), 2);
        for (found, expected) in principal.directions.column(0).iter().zip([0.6, 0.8, 0.0]) {
            assert!((found - expected).abs() < 0.02, "{found}, not {expected}");
        }
        let right = principal.directions.column(0).dot(&principal.directions.column(1));
        assert!(right.abs() < 1e-9);
        let spread = principal.apply(x.view()).std_axis(Axis(0), 0.0);
        assert!(spread[0] > 5.0 * spread[1], "{spread}");
    }
}
