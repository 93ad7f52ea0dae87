//! Directions among all weights of a network, and what the loss does along them.

use backprop::Tensor;
use learning::normal;
use ndarray::Array2;
use notebook::Rng;

/// A point among all weights, or a direction.
pub type Point = Vec<Tensor<f32>>;

/// A random direction: normal numbers for kernels and matrices, and 0 for what is no sum's weight: gains, biases and statistics.
pub fn random(weights: &[Tensor<f32>], rng: &mut Rng) -> Point {
    let mut direction = weights.to_vec();
    for tensor in &mut direction {
        let sums = tensor.shape.len() > 1;
        tensor.data.fill_with(|| if sums { normal(rng) as f32 } else { 0.0 });
    }
    direction
}

/// The length of a piece of a tensor.
fn length(numbers: &[f32]) -> f64 {
    numbers.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

/// The length of all kernels and matrices together.
pub fn size(weights: &[Tensor<f32>]) -> f64 {
    let sums = weights.iter().filter(|tensor| tensor.shape.len() > 1);
    sums.map(|tensor| length(&tensor.data).powi(2)).sum::<f64>().sqrt()
}

// ANCHOR: by_filter
/// The direction with each filter as long as that of the network: the
/// numbers from which one output channel, or one unit, is summed.
pub fn by_filter(mut direction: Point, weights: &[Tensor<f32>]) -> Point {
    for (d, w) in direction.iter_mut().zip(weights) {
        let of_one = d.shape[1..].iter().product::<usize>().max(1);
        let filters = d.data.chunks_exact_mut(of_one);
        for (d, w) in filters.zip(w.data.chunks_exact(of_one)) {
            let long = length(d);
            let factor = if long > 0.0 { length(w) / long } else { 0.0 };
            d.iter_mut().for_each(|x| *x *= factor as f32);
        }
    }
    direction
}
// ANCHOR_END: by_filter

/// The direction with one factor for all of it, so that it is `long`.
pub fn as_a_whole(mut direction: Point, long: f64) -> Point {
    let factor = (long / size(&direction).max(f64::MIN_POSITIVE)) as f32;
    direction.iter_mut().flat_map(|tensor| &mut tensor.data).for_each(|x| *x *= factor);
    direction
}

/// The weights, and so much of each direction.
pub fn walk(weights: &[Tensor<f32>], ways: &[(f64, &Point)]) -> Point {
    let mut at = weights.to_vec();
    for (share, direction) in ways {
        for (tensor, along) in at.iter_mut().zip(*direction) {
            for (x, d) in tensor.data.iter_mut().zip(&along.data) {
                *x += *share as f32 * d;
            }
        }
    }
    at
}

/// What leads from one point to another.
pub fn between(from: &[Tensor<f32>], to: &[Tensor<f32>]) -> Point {
    let mut way = to.to_vec();
    for (tensor, from) in way.iter_mut().zip(from) {
        tensor.data.iter_mut().zip(&from.data).for_each(|(x, from)| *x -= from);
    }
    way
}

/// The same function, written otherwise: kernels behind which batch normalisation stands, times `factor`. It takes every such
/// factor out again, up to the ε in its root.
pub fn rewritten(weights: &[Tensor<f32>], factor: f32) -> Point {
    let mut other = weights.to_vec();
    let kernels = other.iter_mut().filter(|tensor| tensor.shape.len() == 4);
    kernels.flat_map(|tensor| &mut tensor.data).for_each(|x| *x *= factor);
    other
}

// ANCHOR: falls
/// How much of the way outwards leads down: of all that the loss changes
/// along the rays from the middle of a square, the share that it falls.
/// In a bowl whose lowest point is the middle, this is 0.
pub fn falls(plane: &Array2<f64>) -> f64 {
    let half = plane.nrows() as isize / 2;
    let at = |(i, j): (isize, isize)| plane[[(half + i) as usize, (half + j) as usize]];
    let (mut down, mut all) = (0.0, 0.0);
    for (di, dj) in rays() {
        for step in 0..half / di.abs().max(dj.abs()) {
            let change = at(((step + 1) * di, (step + 1) * dj)) - at((step * di, step * dj));
            down += (-change).max(0.0);
            all += change.abs();
        }
    }
    if all > 0.0 { down / all } else { 0.0 }
}

/// Sixteen directions in which a grid has points on a ray.
fn rays() -> impl Iterator<Item = (isize, isize)> {
    let all = (-2..=2).flat_map(|i: isize| (-2..=2).map(move |j: isize| (i, j)));
    all.filter(|&(i, j)| i.abs().max(j.abs()) > 0 && (i % 2 != 0 || j % 2 != 0))
}
// ANCHOR_END: falls
