//! EfficientNet-Lite0 before it has learned anything: the control of everything that its trained weights are praised for.
//!
//! Weights are drawn as He and others (2015) have it. Without normalisation the activations of such a network would shrink or grow
//! from block to block, so each channel is shifted and scaled, once, to mean 0 and deviation 1 over a few pictures: what batch
//! normalisation with γ = 1 and β = 0 does in the first step of a training. The network is then fixed.

use learning::normal;
use ndarray::{Array3, Axis};
use notebook::{Stream, stream};
use rayon::prelude::*;

use crate::lite0::description::{self, CLASSES, Convolution, EPSILON, HEAD};
use crate::lite0::weights::Folded;
use crate::lite0::{Weights, plain};

/// Draws the weights by a seed, and scales them on the pictures, `(3, H, W)`. The last layer, which tells classes apart, is zero.
pub fn draw(pictures: &[Array3<f32>], seed: u64) -> Weights {
    let mut rng = stream(seed, Stream::Weights);
    let mut convolutions = Vec::new();
    let mut x = pictures.to_vec();
    let mut next = |convolution: Convolution, x: &mut Vec<Array3<f32>>| {
        let [outputs, inputs, rows, columns] = convolution.shape();
        let deviation = (2.0 / (inputs * rows * columns) as f64).sqrt();
        let count = outputs * inputs * rows * columns;
        let weight = (0..count).map(|_| (normal(&mut rng) * deviation) as f32).collect();
        let layer = Folded { convolution, weight, bias: vec![0.0; outputs] };
        convolutions.push(scaled(layer, x));
    };
    next(description::stem(), &mut x);
    for block in description::blocks() {
        let input = x.clone();
        block.convolutions.into_iter().for_each(|convolution| next(convolution, &mut x));
        if block.skip {
            x.iter_mut().zip(&input).for_each(|(x, input)| *x += input);
        }
    }
    next(description::head(), &mut x);
    Weights { convolutions, linear: vec![0.0; CLASSES * HEAD], bias: vec![0.0; CLASSES] }
}

/// The layer with each output at mean 0 and deviation 1 over all pixels of all pictures, which it then passes on.
fn scaled(mut layer: Folded, x: &mut Vec<Array3<f32>>) -> Folded {
    let relu6 = std::mem::replace(&mut layer.convolution.relu6, false);
    *x = x.par_iter().map(|x| plain::convolve(&layer, x.view())).collect();
    let each = layer.weight.len() / layer.convolution.outputs;
    for o in 0..layer.convolution.outputs {
        let (mean, variance) = moments(x, o);
        let scale = 1.0 / (variance + EPSILON).sqrt();
        let weights = &mut layer.weight[o * each..(o + 1) * each];
        weights.iter_mut().for_each(|w| *w = (f64::from(*w) * scale) as f32);
        layer.bias[o] = (-mean * scale) as f32;
        let (scale, bias) = (scale as f32, layer.bias[o]);
        let top = if relu6 { [0.0, 6.0] } else { [f32::NEG_INFINITY, f32::INFINITY] };
        for picture in x.iter_mut() {
            let mut channel = picture.index_axis_mut(Axis(0), o);
            channel.mapv_inplace(|z| (z * scale + bias).clamp(top[0], top[1]));
        }
    }
    layer.convolution.relu6 = relu6;
    layer
}

/// Mean and variance of a channel over all pixels of all pictures.
fn moments(x: &[Array3<f32>], channel: usize) -> (f64, f64) {
    let planes = || x.iter().map(|x| x.index_axis(Axis(0), channel));
    let n = planes().map(|plane| plane.len()).sum::<usize>().max(1) as f64;
    let sum = |of: &dyn Fn(f64) -> f64| -> f64 {
        planes().map(|plane| plane.iter().map(|&z| of(f64::from(z))).sum::<f64>()).sum()
    };
    let mean = sum(&|z| z) / n;
    (mean, sum(&|z| (z - mean).powi(2)) / n)
}
