//! Probabilities: from distances by softmax, judged by log-loss and by calibration.

use ndarray::{Array2, ArrayView2};

/// Probabilities `(n, k)` of classes at squared distances `(n, k)`: proportional to
/// exp(−distance / temperature). A class at an infinite distance gets 0.
// ANCHOR: softmax
pub fn softmax(distances: ArrayView2<'_, f32>, temperature: f64) -> Array2<f64> {
    let mut p = distances.mapv(f64::from);
    for mut row in p.rows_mut() {
        let nearest = row.iter().copied().fold(f64::INFINITY, f64::min);
        row.mapv_inplace(|d| (-(d - nearest) / temperature).exp());
        let sum = row.sum();
        row /= sum;
    }
    p
}
// ANCHOR_END: softmax

/// Minus the logarithm of the probability given to what was true, for each case of `p` `(n, k)`.
/// Probabilities below 10⁻¹⁵ count as that, so that a single case cannot be infinitely bad.
///
/// # Panics
/// If there are not as many rows as labels, or a label has no column.
pub fn log_losses(p: ArrayView2<'_, f64>, y: &[u8]) -> Vec<f64> {
    assert_eq!(p.nrows(), y.len(), "{} rows for {} labels", p.nrows(), y.len());
    p.rows()
        .into_iter()
        .zip(y)
        .map(|(row, &label)| -row[usize::from(label)].max(1e-15).ln())
        .collect()
}

/// Mean of [`log_losses`], in nats.
///
/// # Panics
/// As [`log_losses`].
pub fn log_loss(p: ArrayView2<'_, f64>, y: &[u8]) -> f64 {
    log_losses(p, y).iter().sum::<f64>() / y.len().max(1) as f64
}

/// The temperature with the least log-loss, between 10⁻³ and 10⁶, by golden-section search.
///
/// The loss is convex in 1/temperature (Guo et al., 2017), so it has one minimum over the logarithm, too.
pub fn fit_temperature(distances: ArrayView2<'_, f32>, y: &[u8]) -> f64 {
    let loss = |ln_t: f64| log_loss(softmax(distances, ln_t.exp()).view(), y);
    let golden = (5_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (1e-3_f64.ln(), 1e6_f64.ln());
    let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
    let (mut loss_a, mut loss_b) = (loss(a), loss(b));
    while high - low > 1e-4 {
        if loss_a < loss_b {
            (high, b, loss_b) = (b, a, loss_a);
            a = high - golden * (high - low);
            loss_a = loss(a);
        } else {
            (low, a, loss_a) = (a, b, loss_b);
            b = low + golden * (high - low);
            loss_b = loss(b);
        }
    }
    ((low + high) / 2.0).exp()
}

/// Cases whose confidence, the probability of the class that was answered, falls into one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Cases in it.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that was right.
    pub accuracy: f64,
}

/// Confidence and whether the answer was right, for each row of `p` `(n, k)`.
///
/// # Panics
/// If there are not as many rows as labels.
pub fn confidences(p: ArrayView2<'_, f64>, y: &[u8]) -> Vec<(f64, bool)> {
    assert_eq!(p.nrows(), y.len(), "{} rows for {} labels", p.nrows(), y.len());
    let answer = |row: ndarray::ArrayView1<'_, f64>| {
        row.iter()
            .copied()
            .enumerate()
            .fold((0, -1.0), |best, now| if now.1 > best.1 { now } else { best })
    };
    p.rows()
        .into_iter()
        .zip(y)
        .map(|(row, &label)| {
            let (class, confidence) = answer(row);
            (confidence, class == usize::from(label))
        })
        .collect()
}

/// Sorts cases into `bins` bins of equal width over (0, 1], a bin holding its upper end.
// ANCHOR: reliability
pub fn reliability(cases: &[(f64, bool)], bins: usize) -> Vec<Bin> {
    let mut reliability = vec![Bin::default(); bins];
    for &(confidence, right) in cases {
        let place = (confidence * bins as f64).ceil() as usize;
        let bin = &mut reliability[place.clamp(1, bins) - 1];
        bin.count += 1;
        bin.confidence += confidence;
        bin.accuracy += f64::from(u8::from(right));
    }
    for bin in reliability.iter_mut().filter(|bin| bin.count > 0) {
        bin.confidence /= bin.count as f64;
        bin.accuracy /= bin.count as f64;
    }
    reliability
}
// ANCHOR_END: reliability

/// Expected calibration error: the mean distance of accuracy from confidence over the bins, weighted
/// by the cases in them.
pub fn calibration_error(reliability: &[Bin]) -> f64 {
    let cases: usize = reliability.iter().map(|bin| bin.count).sum();
    let gap = |bin: &Bin| bin.count as f64 * (bin.accuracy - bin.confidence).abs();
    reliability.iter().map(gap).sum::<f64>() / cases.max(1) as f64
}
