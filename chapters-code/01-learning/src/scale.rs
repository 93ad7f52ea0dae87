//! Standardising: each feature shifted and scaled to mean zero and deviation one, by numbers that come
//! from the training rows alone.

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};

/// The mean and the deviation of each feature, as the training rows have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardiser {
    /// Mean of each feature, `(d,)`.
    pub mean: Array1<f32>,
    /// Standard deviation of each feature, `(d,)`; 1 where a feature is constant.
    pub deviation: Array1<f32>,
}

impl Standardiser {
    // ANCHOR: standardiser
    /// Learns mean and deviation (with `n` below the fraction) from training rows `(n, d)`.
    pub fn fit(train: ArrayView2<'_, f32>) -> Self {
        let n = train.nrows().max(1) as f64;
        let mut mean = Array1::<f64>::zeros(train.ncols());
        train
            .rows()
            .into_iter()
            .for_each(|row| Zip::from(&mut mean).and(row).for_each(|m, &x| *m += f64::from(x) / n));
        let mut variance = Array1::<f64>::zeros(train.ncols());
        for row in train.rows() {
            Zip::from(&mut variance)
                .and(&mean)
                .and(row)
                .for_each(|v, m, &x| *v += (f64::from(x) - m).powi(2) / n);
        }
        let deviation = variance.mapv(|v| if v.sqrt() > 1e-7 { v.sqrt() as f32 } else { 1.0 });
        Standardiser { mean: mean.mapv(|m| m as f32), deviation }
    }
    // ANCHOR_END: standardiser

    /// Rows `(n, d)`, shifted and scaled; the same numbers for training and for test rows.
    pub fn apply(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut scaled = &x - &self.mean.view().insert_axis(Axis(0));
        scaled /= &self.deviation.view().insert_axis(Axis(0));
        scaled
    }
}

/// Training and test rows, both scaled by what the training rows say.
pub fn standardise(
    train: ArrayView2<'_, f32>,
    test: ArrayView2<'_, f32>,
) -> (Array2<f32>, Array2<f32>) {
    let scale = Standardiser::fit(train);
    (scale.apply(train), scale.apply(test))
}
