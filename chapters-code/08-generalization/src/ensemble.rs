//! Several networks that are asked together: the mean of their probabilities.

use backprop::operations::cross_entropy::softmax;
use backprop::{Engine, Result};
use learning::calibration;
use ndarray::{Array2, ArrayView2};
use optimization::{Samples, answers};

// ANCHOR: probabilities
/// What a network takes for probable, `(N, K)`: the softmax of its outputs.
///
/// # Errors
/// Where the samples do not fit the network.
pub fn probabilities(engine: &mut Engine<f32>, samples: &dyn Samples) -> Result<Array2<f64>> {
    let k = engine.outputs();
    let outputs = answers::outputs(engine, samples)?;
    let mut p = Array2::zeros((samples.len(), k));
    let mut row = vec![0.0; k];
    for (mut p, z) in p.rows_mut().into_iter().zip(outputs.chunks_exact(k)) {
        row.iter_mut().zip(z).for_each(|(row, &z)| *row = f64::from(z));
        let p = p.as_slice_mut().unwrap_or_default();
        softmax(&row, p);
    }
    Ok(p)
}

/// The mean of what several networks take for probable, `(N, K)`; nothing of
/// none.
pub fn mean(networks: &[Array2<f64>]) -> Option<Array2<f64>> {
    let (first, rest) = networks.split_first()?;
    let sum = rest.iter().fold(first.clone(), |sum, p| sum + p);
    Some(sum / networks.len() as f64)
}
// ANCHOR_END: probabilities

/// What probabilities are worth, case by case and in all.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// 1 where the most probable class is the true one, else 0.
    pub right: Vec<f64>,
    /// Minus the logarithm of what was given to the true class.
    pub losses: Vec<f64>,
    /// Mean distance of accuracy from confidence, over fifteen bins.
    pub calibration: f64,
}

impl Verdict {
    /// Judges probabilities `(N, K)` by the true classes.
    ///
    /// # Panics
    /// If there are not as many rows as labels.
    pub fn of(p: ArrayView2<'_, f64>, y: &[u8]) -> Self {
        let cases = calibration::confidences(p, y);
        let right = cases.iter().map(|(_, right)| f64::from(u8::from(*right))).collect();
        let bins = calibration::reliability(&cases, 15);
        let calibration = calibration::calibration_error(&bins);
        Verdict { right, losses: calibration::log_losses(p, y), calibration }
    }
}

/// `[run][case]`: is it right?
pub fn right<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Vec<&'a [f64]> {
    verdicts.into_iter().map(|verdict| &verdict.right[..]).collect()
}

/// `[run][case]`: what is the loss?
pub fn losses<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Vec<&'a [f64]> {
    verdicts.into_iter().map(|verdict| &verdict.losses[..]).collect()
}
