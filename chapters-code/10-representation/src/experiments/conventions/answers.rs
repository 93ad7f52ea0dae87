//! What the network answers under a convention.

use backprop::WeightsFile;
use ndarray::{Array3, ArrayView3, s};
use notebook::Recorder;

use super::change::{Convention, Window};
use crate::Result;
use crate::lite0::description::{EPSILON, HEAD};
use crate::lite0::weights::{FILE, Folded};
use crate::lite0::{Weights, description, plain};

/// What PyTorch's batch normalisation adds to a variance, unless it is told otherwise.
const THEIRS: f64 = 1e-5;

/// The network's answer to one window.
pub struct Answer {
    /// The class with the largest probability.
    pub class: usize,
    probabilities: Vec<f64>,
}

impl Answer {
    /// Asks the network about a window, under a convention.
    pub fn of(right: &Weights, other: &Weights, window: &Window, convention: Convention) -> Answer {
        let weights = if convention.epsilon { other } else { right };
        let convolve = if convention.symmetric { symmetric } else { plain::convolve };
        Answer::from(&forward(weights, convention.read(window), convolve))
    }

    /// Asks the network about a picture that is as it wants it.
    pub fn plain(weights: &Weights, picture: Array3<f32>) -> Answer {
        Answer::from(&forward(weights, picture, plain::convolve))
    }

    fn from(logits: &[f32]) -> Answer {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> = logits.iter().map(|&z| f64::from(z - most).exp()).collect();
        let sum: f64 = powers.iter().sum();
        let class = logits.iter().position(|&z| z == most).unwrap_or_default();
        Answer { class, probabilities: powers.iter().map(|power| power / sum).collect() }
    }

    /// The most probable classes, with their probabilities.
    pub fn best(&self, count: usize) -> Vec<(usize, f64)> {
        let mut all: Vec<_> = self.probabilities.iter().copied().enumerate().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(count);
        all
    }

    /// How far `other` moves the probability of this answer's class.
    pub fn moved(&self, other: &Answer) -> f64 {
        (self.probabilities[self.class] - other.probabilities[self.class]).abs()
    }
}

/// The logits of one image, `(3, H, W)`, with a convolution of one's choice.
fn forward(
    weights: &Weights,
    image: Array3<f32>,
    convolve: fn(&Folded, ArrayView3<'_, f32>) -> Array3<f32>,
) -> Vec<f32> {
    let mut layers = weights.convolutions.iter();
    let mut next =
        |x: &Array3<f32>| layers.next().map(|layer| convolve(layer, x.view())).unwrap_or_default();
    let mut x = next(&image);
    for block in description::blocks() {
        let mut inner = x.clone();
        for _ in &block.convolutions {
            inner = next(&inner);
        }
        x = if block.skip { inner + &x } else { inner };
    }
    let last = next(&x);
    let places = (last.len() / HEAD).max(1) as f32;
    let head: Vec<f32> = last.outer_iter().map(|channel| channel.sum() / places).collect();
    let row = |(weights, bias): (&[f32], &f32)| {
        weights.iter().zip(&head).map(|(w, a)| w * a).sum::<f32>() + bias
    };
    weights.linear.chunks_exact(HEAD).zip(&weights.bias).map(row).collect()
}

/// A convolution with as many zeros before an image as behind it, half a window of them.
fn symmetric(layer: &Folded, x: ArrayView3<'_, f32>) -> Array3<f32> {
    let stride = layer.convolution.stride;
    if stride == 1 {
        return plain::convolve(layer, x);
    }
    // Without a stride both paddings are the same; then every second output is kept.
    let mut dense = layer.clone();
    dense.convolution.stride = 1;
    plain::convolve(&dense, x).slice(s![.., ..;stride, ..;stride]).to_owned()
}

/// The weights with the other ε folded in. A folded weight is `γ w / √(v + ε)` and a folded bias `β − γ m / √(v + ε)`, so
/// another ε multiplies the weight, and what the bias has beside `β`, by the ratio of the two roots.
pub fn other_epsilon(recorder: &Recorder, weights: &Weights) -> Result<Weights> {
    let mut file = WeightsFile::open(&recorder.data(FILE))?;
    let mut other = weights.clone();
    for layer in &mut other.convolutions {
        let norm = &layer.convolution.norm;
        let beta = file.read(&format!("{norm}.bias"))?.1.to_vec();
        let variance = file.read(&format!("{norm}.running_var"))?.1.to_vec();
        let each = layer.weight.len() / beta.len().max(1);
        for (o, (beta, variance)) in beta.iter().zip(variance).enumerate() {
            let root = |epsilon: f64| (f64::from(variance) + epsilon).sqrt();
            let ratio = (root(EPSILON) / root(THEIRS)) as f32;
            layer.weight[o * each..][..each].iter_mut().for_each(|w| *w *= ratio);
            layer.bias[o] = beta + (layer.bias[o] - beta) * ratio;
        }
    }
    Ok(other)
}
