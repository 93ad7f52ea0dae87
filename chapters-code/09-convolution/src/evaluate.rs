//! What a network says of many images.

use backprop::{Engine, Result};
use learning::Labelled;

use crate::augmentation::{Garments, Slice};

/// Logits of images, `(N, 10)`, in mini-batches.
///
/// # Errors
/// Where the images do not fit the network.
pub fn logits(engine: &mut Engine<f32>, data: &Labelled) -> Result<Vec<f32>> {
    let k = engine.outputs();
    let mut logits = vec![0.0; data.len() * k];
    let batch = engine.options().batch;
    let garments = Garments { data, augmentation: None };
    for (b, logits) in logits.chunks_mut(batch * k).enumerate() {
        let range = b * batch..b * batch + logits.len() / k;
        engine.predict(&Slice { garments, range }, logits)?;
    }
    Ok(logits)
}

/// The class with the largest logit of each row of `k`.
pub fn classes(logits: &[f32], k: usize) -> Vec<u8> {
    let largest = |row: &[f32]| {
        let better = |best: usize, i: usize| if row[i] > row[best] { i } else { best };
        (0..k).fold(0, better) as u8
    };
    logits.chunks_exact(k).map(largest).collect()
}

/// The share of images whose class is found.
///
/// # Errors
/// As [`logits`].
pub fn accuracy(engine: &mut Engine<f32>, data: &Labelled) -> Result<f64> {
    let k = engine.outputs();
    let found = classes(&logits(engine, data)?, k);
    let right = found.iter().zip(data.y()).filter(|(found, label)| found == label).count();
    Ok(right as f64 / data.len().max(1) as f64)
}
