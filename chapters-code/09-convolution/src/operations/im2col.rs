//! Convolution as one matrix product (Chellapilla et al., 2006): what lies under the kernel at each place of the output
//! is written out as a row of a matrix, and the kernel becomes a matrix too. Every pixel is copied up to `K²` times,
//! and in return all arithmetic goes through a product that somebody else has made fast.

use ndarray::{Array2, Axis};

use super::definition::{Gradients, Sizes};

// ANCHOR: columns
/// The matrix of windows: `(N · H′ · W′, C · K · K)`, with zeros where a window hangs over.
pub fn windows(sizes: Sizes, x: &[f32]) -> Array2<f32> {
    let mut matrix = Array2::zeros(matrix_shape(sizes));
    each_cell(sizes, |cell, pixel| matrix[cell] = x[pixel]);
    matrix
}

/// `z = b + Σ w · x`, as [`definition::forward`](super::definition::forward).
pub fn forward(sizes: Sizes, x: &[f32], w: &[f32], b: &[f32]) -> Vec<f32> {
    let windows = windows(sizes, x);
    let product = windows.dot(&kernel(sizes, w).t());
    let [_, _, numbers] = sizes.numbers();
    let mut z = vec![0.0; numbers];
    each_output(sizes, |[row, o], at| z[at] = product[[row, o]] + b[o]);
    z
}
// ANCHOR_END: columns

/// The gradients, as [`definition::backward`](super::definition::backward).
pub fn backward(sizes: Sizes, x: &[f32], w: &[f32], dz: &[f32]) -> Gradients {
    let windows = windows(sizes, x);
    let mut d = Array2::zeros((windows.nrows(), sizes.outputs));
    each_output(sizes, |cell, at| d[cell] = dz[at]);
    let dw = d.t().dot(&windows);
    let dwindows = d.dot(&kernel(sizes, w));
    let mut dx = vec![0.0; x.len()];
    each_cell(sizes, |cell, pixel| dx[pixel] += dwindows[cell]);
    Gradients { x: dx, w: dw.iter().copied().collect(), b: d.sum_axis(Axis(0)).to_vec() }
}

fn matrix_shape(sizes: Sizes) -> (usize, usize) {
    let [rows, columns] = sizes.output();
    (sizes.samples * rows * columns, sizes.channels * sizes.kernel.pow(2))
}

/// The weights as a matrix, `(O, C · K · K)`.
fn kernel(sizes: Sizes, w: &[f32]) -> Array2<f32> {
    let (_, depth) = matrix_shape(sizes);
    Array2::from_shape_fn((sizes.outputs, depth), |(o, i)| w[o * depth + i])
}

/// Calls `each` with every cell of the matrix of windows that is not in the padding, and its pixel.
fn each_cell(sizes: Sizes, mut each: impl FnMut([usize; 2], usize)) {
    let ([rows, columns], k) = (sizes.output(), sizes.kernel);
    for n in 0..sizes.samples {
        for (i, j) in (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))) {
            let row = (n * rows + i) * columns + j;
            for c in 0..sizes.channels {
                for (u, v) in (0..k).flat_map(|u| (0..k).map(move |v| (u, v))) {
                    if let Some(pixel) = sizes.pixel([n, c], [i, j], [u, v]) {
                        each([row, (c * k + u) * k + v], pixel);
                    }
                }
            }
        }
    }
}

/// Calls `each` with row and column of the product, and where that number is in `(N, O, H′, W′)`.
fn each_output(sizes: Sizes, mut each: impl FnMut([usize; 2], usize)) {
    let [rows, columns] = sizes.output();
    let places = rows * columns;
    for n in 0..sizes.samples {
        for o in 0..sizes.outputs {
            for place in 0..places {
                each([n * places + place, o], (n * sizes.outputs + o) * places + place);
            }
        }
    }
}
