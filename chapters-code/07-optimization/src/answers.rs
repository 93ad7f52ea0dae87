//! What a network answers to many samples.

use backprop::{Engine, Result};

use crate::Samples;
use crate::trainer::Mini;

/// The outputs of a network for all samples, `(N, K)`, in mini-batches; the samples as they are in epoch 0.
///
/// # Errors
/// Where the samples do not fit the network.
pub fn outputs(engine: &mut Engine<f32>, samples: &dyn Samples) -> Result<Vec<f32>> {
    let (k, batch) = (engine.outputs(), engine.options().batch);
    let rows: Vec<usize> = (0..samples.len()).collect();
    let mut outputs = vec![0.0; samples.len() * k];
    for (rows, outputs) in rows.chunks(batch).zip(outputs.chunks_mut(batch * k)) {
        engine.predict(&Mini { samples, epoch: 0, rows }, outputs)?;
    }
    Ok(outputs)
}

/// Where the largest number of each row of `k` is; the first of several that are equal.
pub fn largest<T: PartialOrd>(rows: &[T], k: usize) -> impl Iterator<Item = usize> {
    let of = move |row: &[T]| (0..k).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    rows.chunks_exact(k).map(of)
}

/// The class with the largest output for each sample, of at most 256 classes.
///
/// # Errors
/// As [`outputs`].
pub fn classify(engine: &mut Engine<f32>, samples: &dyn Samples) -> Result<Vec<u8>> {
    let k = engine.outputs();
    Ok(largest(&outputs(engine, samples)?, k).map(|class| class as u8).collect())
}

/// 1 for each label that is found, else 0: of every sample, or of every token that has one.
///
/// # Errors
/// As [`outputs`].
pub fn right(engine: &mut Engine<f32>, samples: &dyn Samples) -> Result<Vec<f64>> {
    let k = engine.output_shape().channels;
    let positions = engine.outputs() / k;
    let outputs = outputs(engine, samples)?;
    let right = |(row, found): (usize, usize)| {
        let label = samples.label(row / positions, row % positions)?;
        Some(f64::from(u8::from(label == found)))
    };
    Ok(largest(&outputs, k).enumerate().filter_map(right).collect())
}

/// The share of labels that are found.
///
/// # Errors
/// As [`outputs`].
pub fn accuracy(engine: &mut Engine<f32>, samples: &dyn Samples) -> Result<f64> {
    let right = right(engine, samples)?;
    Ok(right.iter().sum::<f64>() / right.len().max(1) as f64)
}
