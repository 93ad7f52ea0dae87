//! The chapter's network, what it learns from, and what it answers: 784 pixels, two hidden layers, ten classes.

use backprop::{Activation, Engine, Linear, Network, Real, Result, Shape};
use learning::Labelled;

use crate::Samples;
use crate::trainer::Mini;

/// Pixels of a garment.
pub const PIXELS: usize = 784;
/// Classes of garments.
pub const CLASSES: usize = 10;

/// The multilayer perceptron 784 → 256 → 128 → 10 with ReLU: 235,146 weights and biases.
///
/// # Errors
/// Never: its shapes fit.
// ANCHOR: mlp
pub fn mlp<T: Real>() -> Result<Network<T>> {
    let relu = Activation::Relu;
    Network::new(Shape::row(PIXELS))
        .then("0", Linear::new(PIXELS, 256).with(relu))?
        .then("2", Linear::new(256, 128).with(relu))?
        .then("4", Linear::new(128, CLASSES))
}
// ANCHOR_END: mlp

/// Garments as they are, with pixels in [0, 1].
#[derive(Clone, Copy, Debug)]
pub struct Garments<'a>(pub &'a Labelled);

// ANCHOR: garments
impl Samples for Garments<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn input(&self, _epoch: u64, i: usize, to: &mut [f32]) {
        let pixels = self.0.images.as_slice().unwrap_or_default();
        for (to, &pixel) in to.iter_mut().zip(&pixels[i * PIXELS..]) {
            *to = f32::from(pixel) / 255.0;
        }
    }

    fn label(&self, i: usize) -> usize {
        self.0.labels[i].into()
    }
}
// ANCHOR_END: garments

/// The class with the largest output for each sample, in mini-batches.
///
/// # Errors
/// Where the samples do not fit the network.
pub fn classify(engine: &mut Engine<f32>, samples: &dyn Samples) -> Result<Vec<u8>> {
    let (k, batch) = (engine.outputs(), engine.options().batch);
    let rows: Vec<usize> = (0..samples.len()).collect();
    let mut outputs = vec![0.0; samples.len() * k];
    for (rows, outputs) in rows.chunks(batch).zip(outputs.chunks_mut(batch * k)) {
        engine.predict(&Mini { samples, epoch: 0, rows }, outputs)?;
    }
    let largest = |row: &[f32]| (0..k).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    Ok(outputs.chunks_exact(k).map(|row| largest(row) as u8).collect())
}
