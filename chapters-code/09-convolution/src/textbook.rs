//! The chapter's network and its step of training with plain functions: the first rows of the benchmark, and a judge
//! of the engine. How a convolution is computed is a parameter. A linear layer is a convolution whose kernel is as large
//! as its image, so there are four convolutions and nothing else with weights.

use backprop::operations::cross_entropy;
use backprop::{Rule, Tensor};

use crate::operations::definition::{self, Gradients, Sizes};
use crate::operations::im2col;

/// `z` from sizes, `x`, `w`, `b`.
type Forward = fn(Sizes, &[f32], &[f32], &[f32]) -> Vec<f32>;

/// Gradients from sizes, `x`, `w`, `dz`.
type Backward = fn(Sizes, &[f32], &[f32], &[f32]) -> Gradients;

/// A way to compute a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The output.
    pub forward: Forward,
    /// The gradients.
    pub backward: Backward,
}

/// By the definition.
pub const SEVEN_LOOPS: Way = Way { forward: definition::forward, backward: definition::backward };

/// By a matrix of windows and one product.
pub const IM2COL: Way = Way { forward: im2col::forward, backward: im2col::backward };

/// A convolution, then ReLU if it is not the last, then a 2 × 2 max-pool if wanted.
#[derive(Clone, Debug)]
struct Layer {
    sizes: Sizes,
    relu: bool,
    pool: bool,
    /// Weights and bias.
    weights: [Vec<f32>; 2],
    /// What the rule keeps for each of the two.
    state: [[Vec<f32>; 2]; 2],
}

/// The network of [`networks::sequential`](crate::networks::sequential).
#[derive(Clone, Debug)]
pub struct Cnn {
    layers: Vec<Layer>,
    way: Way,
}

/// What the forward of a layer leaves for its backward.
struct Kept {
    x: Vec<f32>,
    /// After ReLU, before the pool.
    a: Vec<f32>,
}

impl Cnn {
    /// A network for mini-batches of `samples` images, with the weights of an engine's: a tensor and a bias for each
    /// layer, in turn. Nothing if they are not.
    pub fn new(samples: usize, weights: &[Tensor<f32>], way: Way) -> Option<Cnn> {
        let sizes = |channels, side, outputs, kernel, padding| Sizes {
            samples,
            channels,
            image: [side; 2],
            outputs,
            kernel,
            stride: 1,
            padding,
        };
        let four = [
            (sizes(1, 28, 32, 3, 1), true),
            (sizes(32, 14, 64, 3, 1), true),
            (sizes(64, 7, 128, 7, 0), false),
            (sizes(128, 1, 10, 1, 0), false),
        ];
        let layer = |(i, (sizes, pool)): (usize, (Sizes, bool))| {
            let [w, b] = weights.get(2 * i..2 * i + 2)? else { return None };
            let fit = w.data.len() == sizes.numbers()[1] && b.data.len() == sizes.outputs;
            let weights = [w.data.clone(), b.data.clone()];
            let state = weights.each_ref().map(|w| [(); 2].map(|()| vec![0.0; w.len()]));
            fit.then_some(Layer { sizes, relu: i < 3, pool, weights, state })
        };
        let layers = four.into_iter().enumerate().map(layer).collect::<Option<_>>()?;
        (weights.len() == 8).then_some(Cnn { layers, way })
    }

    /// One step. `x` has as many images as the network was made for. Gives the mean loss before the step.
    pub fn step(&mut self, x: &[f32], labels: &[usize], rule: &dyn Rule<f32>) -> f64 {
        let (mut x, mut kept) = (x.to_vec(), Vec::new());
        for layer in &self.layers {
            let [w, b] = &layer.weights;
            let mut a = (self.way.forward)(layer.sizes, &x, w, b);
            if layer.relu {
                a.iter_mut().for_each(|a| *a = a.max(0.0));
            }
            let next = if layer.pool { pool(&a, layer.sizes.output()).0 } else { a.clone() };
            kept.push(Kept { x: std::mem::replace(&mut x, next), a });
        }
        let (loss, mut d) = losses(&x, labels);
        for (layer, kept) in self.layers.iter_mut().zip(kept).rev() {
            if layer.pool {
                d = unpool(&kept.a, layer.sizes.output(), &d);
            }
            if layer.relu {
                d.iter_mut().zip(&kept.a).for_each(|(d, &a)| *d = if a > 0.0 { *d } else { 0.0 });
            }
            let of = (self.way.backward)(layer.sizes, &kept.x, &layer.weights[0], &d);
            for (i, gradient) in [of.w, of.b].iter().enumerate() {
                let state = layer.state[i].each_mut().map(|state| &mut state[..]);
                rule.update(&mut layer.weights[i], gradient, state, true);
            }
            d = of.x;
        }
        loss
    }

    /// The weights: a tensor and a bias for each layer, in turn.
    pub fn weights(&self) -> impl Iterator<Item = &[f32]> {
        self.layers.iter().flat_map(|layer| layer.weights.iter().map(|w| &w[..]))
    }
}

/// The mean loss and its gradient in ten logits for each sample.
fn losses(z: &[f32], labels: &[usize]) -> (f64, Vec<f32>) {
    let (n, k) = (labels.len(), z.len() / labels.len().max(1));
    let mut dz = vec![0.0; z.len()];
    let mut sum = 0.0;
    for ((z, dz), &label) in z.chunks_exact(k).zip(dz.chunks_exact_mut(k)).zip(labels) {
        sum += f64::from(cross_entropy::forward(z, label));
        cross_entropy::backward(z, label, 1.0 / n as f32, dz);
    }
    (sum / n as f64, dz)
}

/// The largest of each 2 × 2 window of each plane, and where it is: the first of equals.
fn pool(a: &[f32], [height, width]: [usize; 2]) -> (Vec<f32>, Vec<usize>) {
    let windows = height * width / 4;
    let largest = |to: usize| {
        let (plane, i) = (to / windows, to % windows);
        let corner = plane * height * width + i / (width / 2) * 2 * width + i % (width / 2) * 2;
        let four = [corner, corner + 1, corner + width, corner + width + 1];
        four.into_iter().fold((f32::NEG_INFINITY, corner), |best, at| {
            if a[at] > best.0 { (a[at], at) } else { best }
        })
    };
    (0..a.len() / 4).map(largest).unzip()
}

/// The gradient of what was pooled.
fn unpool(a: &[f32], sides: [usize; 2], dy: &[f32]) -> Vec<f32> {
    let mut da = vec![0.0; a.len()];
    pool(a, sides).1.iter().zip(dy).for_each(|(&at, &dy)| da[at] += dy);
    da
}
