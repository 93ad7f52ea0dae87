//! The forward pass with plain functions: what the engine's network and the fused one are held to.

use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, Axis, s};

use super::description::{CLASSES, HEAD, Kind, blocks};
use super::weights::{Folded, Weights};

/// What the network computes on its way.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The output of the stem, then of each block: `(C, H, W)`.
    pub blocks: Vec<Array3<f32>>,
    /// The mean of each of the last convolution's channels, `(HEAD)`.
    pub head: Array1<f32>,
    /// A number for each class.
    pub logits: Array1<f32>,
}

// ANCHOR: forward
/// The pass of one image, `(3, H, W)`, from −1 to 1.
pub fn forward(weights: &Weights, image: ArrayView3<'_, f32>) -> Pass {
    let mut layers = weights.convolutions.iter();
    let mut next = |x: ArrayView3<'_, f32>| layers.next().map(|layer| convolve(layer, x));
    let mut x = next(image).unwrap_or_default();
    let mut outputs = vec![x.clone()];
    for block in blocks() {
        let input = x.clone();
        for _ in &block.convolutions {
            x = next(x.view()).unwrap_or_default();
        }
        if block.skip {
            x += &input;
        }
        outputs.push(x.clone());
    }
    let last = next(x.view()).unwrap_or_default();
    let head = last
        .map_axis(Axis(2), |row| row.mean().unwrap_or(0.0))
        .map_axis(Axis(1), |c| c.mean().unwrap_or(0.0));
    let logits =
        matrix(&weights.linear, CLASSES, HEAD).dot(&head) + Array1::from_vec(weights.bias.clone());
    Pass { blocks: outputs, head, logits }
}
// ANCHOR_END: forward

/// A convolution with TensorFlow's padding `SAME`, a bias for each output, and ReLU6 where it has one.
pub fn convolve(layer: &Folded, x: ArrayView3<'_, f32>) -> Array3<f32> {
    let c = &layer.convolution;
    let (channels, height, width) = x.dim();
    let (rows, columns) = (c.output(height), c.output(width));
    let (top, left) = (c.before(height), c.before(width));
    let (k, stride) = (c.window, c.stride);
    let padded_height = ((rows - 1) * stride + k).max(height + top);
    let padded_width = ((columns - 1) * stride + k).max(width + left);
    let mut padded = Array3::<f32>::zeros((channels, padded_height, padded_width));
    padded.slice_mut(s![.., top..top + height, left..left + width]).assign(&x);
    // What each window's place (u, v) sees, over all windows: `(channels, rows, columns)`.
    let seen = |u: usize, v: usize| {
        padded.slice(s![.., u..u + (rows - 1) * stride + 1; stride, v..v + (columns - 1) * stride + 1; stride]).to_owned()
    };
    let mut y = Array2::<f32>::zeros((c.outputs, rows * columns));
    for (u, v) in (0..k).flat_map(|u| (0..k).map(move |v| (u, v))) {
        let x = seen(u, v).into_shape_with_order((channels, rows * columns)).unwrap_or_default();
        match c.kind {
            Kind::Dense => {
                let w = Array2::from_shape_fn((c.outputs, channels), |(o, i)| {
                    layer.weight[((o * channels + i) * k + u) * k + v]
                });
                y += &w.dot(&x);
            }
            Kind::Depthwise => {
                for (i, (mut y, x)) in y.outer_iter_mut().zip(x.outer_iter()).enumerate() {
                    y.scaled_add(layer.weight[(i * k + u) * k + v], &x);
                }
            }
        }
    }
    for (mut y, b) in y.outer_iter_mut().zip(&layer.bias) {
        y.mapv_inplace(|z| if c.relu6 { (z + b).clamp(0.0, 6.0) } else { z + b });
    }
    y.into_shape_with_order((c.outputs, rows, columns)).unwrap_or_default()
}

fn matrix(numbers: &[f32], rows: usize, columns: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows, columns), numbers)
        .unwrap_or_else(|_| unreachable!("the weights were checked when they were read"))
}
