//! A step of training as a textbook writes it: one line of algebra, one line of code, a new array for each result.
//! It is the judge of the engine, and the first rows of the benchmark. How two matrices are multiplied is a
//! parameter: by the definition, or by `ndarray`.

use backprop::Tensor;
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};

/// A way to multiply `(n, d)` by `(d, k)`.
pub type Product = fn(ArrayView2<'_, f32>, ArrayView2<'_, f32>) -> Array2<f32>;

// ANCHOR: loops
/// The product by its definition, in three loops.
pub fn three_loops(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    for i in 0..a.nrows() {
        for j in 0..b.ncols() {
            for k in 0..a.ncols() {
                c[[i, j]] += a[[i, k]] * b[[k, j]];
            }
        }
    }
    c
}
// ANCHOR_END: loops

/// The product by `ndarray`, which calls the crate `matrixmultiply`.
pub fn by_ndarray(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f32> {
    a.dot(&b)
}

/// A linear layer with what Adam keeps for it.
#[derive(Clone, Debug)]
struct Layer {
    /// `(outputs, inputs)`.
    w: Array2<f32>,
    /// `(outputs)`.
    b: Array1<f32>,
    /// Means of the gradients.
    mean: (Array2<f32>, Array1<f32>),
    /// Means of their squares.
    square: (Array2<f32>, Array1<f32>),
}

/// Linear layers with ReLU between them, softmax with cross-entropy at the end, Adam.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    product: Product,
    step: i32,
}

impl Mlp {
    /// A network with the weights of an engine's: a matrix and a bias for each layer, in turn. Nothing if they are not.
    pub fn new(weights: &[Tensor<f32>], product: Product) -> Option<Mlp> {
        let layer = |pair: &[Tensor<f32>]| {
            let [w, b] = pair else { return None };
            let &[outputs, inputs] = &w.shape[..] else { return None };
            let w = Array2::from_shape_vec((outputs, inputs), w.data.clone()).ok()?;
            let b = (b.data.len() == outputs).then(|| Array1::from(b.data.clone()))?;
            let zeros = || (Array2::zeros(w.dim()), Array1::zeros(outputs));
            Some(Layer { mean: zeros(), square: zeros(), w, b })
        };
        let layers: Vec<Layer> = weights.chunks(2).map(layer).collect::<Option<_>>()?;
        let fit = layers.windows(2).all(|two| two[0].w.nrows() == two[1].w.ncols());
        (fit && !layers.is_empty()).then_some(Mlp { layers, product, step: 0 })
    }

    // ANCHOR: step
    /// One step on a mini-batch: `x` is `(n, d)`, `labels` has `n` classes. Gives the mean loss before the step.
    pub fn step(&mut self, x: ArrayView2<'_, f32>, labels: &[usize], rate: f32) -> f32 {
        let product = self.product;
        let mut activations = vec![x.to_owned()];
        for (i, layer) in self.layers.iter().enumerate() {
            let z = product(activations[i].view(), layer.w.t()) + &layer.b;
            let last = i + 1 == self.layers.len();
            activations.push(if last { z } else { z.mapv(|z| z.max(0.0)) });
        }
        let (loss, mut dz) = cross_entropy(&activations[self.layers.len()], labels);
        self.step += 1;
        for i in (0..self.layers.len()).rev() {
            let a = &activations[i];
            let dw = product(dz.t(), a.view());
            let db = dz.sum_axis(Axis(0));
            if i > 0 {
                let alive = a.mapv(|a| f32::from(u8::from(a > 0.0)));
                dz = product(dz.view(), self.layers[i].w.view()) * alive;
            }
            self.layers[i].adam(&dw, &db, rate, self.step);
        }
        loss
    }
    // ANCHOR_END: step

    /// The weights: a matrix and a bias for each layer, in turn.
    pub fn weights(&self) -> Vec<Vec<f32>> {
        let of = |layer: &Layer| [layer.w.iter().copied().collect(), layer.b.to_vec()];
        self.layers.iter().flat_map(of).collect()
    }
}

/// The mean loss, and its gradient in the logits `z`, `(n, k)`.
fn cross_entropy(z: &Array2<f32>, labels: &[usize]) -> (f32, Array2<f32>) {
    let n = labels.len() as f32;
    let largest = z.fold_axis(Axis(1), f32::NEG_INFINITY, |&m, &z| m.max(z)).insert_axis(Axis(1));
    let exponentials = (z - &largest).mapv(f32::exp);
    let mut p = &exponentials / &exponentials.sum_axis(Axis(1)).insert_axis(Axis(1));
    let loss = labels.iter().enumerate().map(|(i, &t)| -p[[i, t]].ln()).sum::<f32>() / n;
    for (i, &t) in labels.iter().enumerate() {
        p[[i, t]] -= 1.0;
    }
    (loss, p / n)
}

impl Layer {
    fn adam(&mut self, dw: &Array2<f32>, db: &Array1<f32>, rate: f32, step: i32) {
        let rule = |w: &mut f32, &g: &f32, m: &mut f32, v: &mut f32| {
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.999 * *v + 0.001 * g * g;
            let (m, v) = (*m / (1.0 - 0.9_f32.powi(step)), *v / (1.0 - 0.999_f32.powi(step)));
            *w -= rate * m / (v.sqrt() + 1e-8);
        };
        Zip::from(&mut self.w).and(dw).and(&mut self.mean.0).and(&mut self.square.0).for_each(rule);
        Zip::from(&mut self.b).and(db).and(&mut self.mean.1).and(&mut self.square.1).for_each(rule);
    }
}
