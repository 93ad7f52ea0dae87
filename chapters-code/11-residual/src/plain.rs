//! The forward pass with plain functions: what the fast one is held to.

use ndarray::{Array2, Array3, ArrayView3, Axis, s};

use crate::description::{Convolution, Gate, Linear, Model, Part, Residual, hard_sigmoid};
use crate::weights::{Layer, Weights};

/// The logits of one image `(3, H, W)`.
pub fn forward(model: &Model, weights: &Weights, image: ArrayView3<'_, f32>) -> Vec<f32> {
    let x = run(&model.parts, weights, image.to_owned());
    x.into_raw_vec_and_offset().0
}

// ANCHOR: run
/// What the parts make of `x`, one after another.
fn run(parts: &[Part], weights: &Weights, mut x: Array3<f32>) -> Array3<f32> {
    for part in parts {
        x = match part {
            Part::Convolution(c) => convolve(c, weights.of(&c.name), x.view()),
            Part::MaxPool => max_pool(x.view()),
            Part::Gate(gate) => excite(gate, weights, x),
            Part::Mean => mean(x.view()),
            Part::Linear(linear) => rows(linear, weights.of(&linear.name), x.view()),
            Part::Residual(residual) => add(residual, weights, x),
        };
    }
    x
}

/// Both ways, added.
fn add(residual: &Residual, weights: &Weights, x: Array3<f32>) -> Array3<f32> {
    let mut y = run(&residual.branch, weights, x.clone());
    y += &run(&residual.shortcut, weights, x);
    y.mapv_into(|z| residual.activation.of(z))
}
// ANCHOR_END: run

/// A convolution: for each place of the window, a product of its weights with what that place sees.
fn convolve(c: &Convolution, layer: &Layer, x: ArrayView3<'_, f32>) -> Array3<f32> {
    let (channels, height, width) = x.dim();
    let (rows, columns, pad) = (c.output(height), c.output(width), c.window / 2);
    let mut padded = Array3::<f32>::zeros((channels, height + 2 * pad, width + 2 * pad));
    padded.slice_mut(s![.., pad..pad + height, pad..pad + width]).assign(&x);
    let (k, stride) = (c.window, c.stride);
    let mut y = Array2::<f32>::zeros((c.outputs, rows * columns));
    for (u, v) in (0..k).flat_map(|u| (0..k).map(move |v| (u, v))) {
        let (down, right) = (u + (rows - 1) * stride + 1, v + (columns - 1) * stride + 1);
        let seen = padded.slice(s![.., u..down; stride, v..right; stride]).to_owned();
        let seen = seen.into_shape_with_order((channels, rows * columns)).unwrap_or_default();
        if c.groups == 1 {
            let at = |(o, i): (usize, usize)| layer.weight[((o * channels + i) * k + u) * k + v];
            y += &Array2::from_shape_fn((c.outputs, channels), at).dot(&seen);
        } else {
            for (i, (mut y, x)) in y.outer_iter_mut().zip(seen.outer_iter()).enumerate() {
                y.scaled_add(layer.weight[(i * k + u) * k + v], &x);
            }
        }
    }
    for (mut y, b) in y.outer_iter_mut().zip(&layer.bias) {
        y.mapv_inplace(|z| c.activation.of(z + b));
    }
    y.into_shape_with_order((c.outputs, rows, columns)).unwrap_or_default()
}

/// The largest of windows of 3 × 3, stride 2, padding 1.
fn max_pool(x: ArrayView3<'_, f32>) -> Array3<f32> {
    let (channels, height, width) = x.dim();
    let side = |n: usize| (n - 1) / 2 + 1;
    let seen = |i: usize, n: usize| (2 * i).saturating_sub(1)..(2 * i + 2).min(n);
    Array3::from_shape_fn((channels, side(height), side(width)), |(c, i, j)| {
        let window = x.slice(s![c, seen(i, height), seen(j, width)]);
        window.fold(f32::NEG_INFINITY, |most, &x| most.max(x))
    })
}

/// The mean of each channel, `(C, 1, 1)`.
fn mean(x: ArrayView3<'_, f32>) -> Array3<f32> {
    let means = x.map_axis(Axis(2), |row| row.sum()).map_axis(Axis(1), |column| column.sum());
    let pixels = (x.len_of(Axis(1)) * x.len_of(Axis(2))) as f32;
    (means / pixels).insert_axis(Axis(1)).insert_axis(Axis(2))
}

/// Squeeze and excitation.
fn excite(gate: &Gate, weights: &Weights, mut x: Array3<f32>) -> Array3<f32> {
    let of = |name: &str| weights.of(&format!("{}.{name}", gate.name));
    let squeezed: Vec<f32> = mean(x.view()).into_iter().collect();
    let squeezed: Vec<f32> = product(of("fc1"), &squeezed).map(|z| z.max(0.0)).collect();
    for (mut channel, z) in x.outer_iter_mut().zip(product(of("fc2"), &squeezed)) {
        channel *= hard_sigmoid(z);
    }
    x
}

/// A layer on a row of numbers.
fn rows(linear: &Linear, layer: &Layer, x: ArrayView3<'_, f32>) -> Array3<f32> {
    let x: Vec<f32> = x.iter().copied().collect();
    let y: Vec<f32> = product(layer, &x).map(|z| linear.activation.of(z)).collect();
    Array3::from_shape_vec((y.len(), 1, 1), y).unwrap_or_default()
}

/// `W x + b`.
fn product<'a>(layer: &'a Layer, x: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    let rows = layer.weight.chunks(x.len()).zip(&layer.bias);
    rows.map(move |(row, b)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>() + b)
}
