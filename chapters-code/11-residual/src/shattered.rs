//! Networks with one input and one output, on a line of points: how fast does the slope of what they answer change from one
//! point to the next (Balduzzi et al., 2017)? In plain matrices, so that every step can be read.

use learning::normal;
use ndarray::{Array1, Array2, ArrayView1, Axis, Zip};
use notebook::Rng;

/// Keeps a division by a deviation from failing.
const EPSILON: f64 = 1e-5;

/// What a network has besides its layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    /// A way around each block of two layers, and the factor on what the block adds to it.
    pub skip: Option<f64>,
    /// Normalisation over the points, behind each layer but the first.
    pub norm: bool,
}

/// One layer of units.
#[derive(Clone, Debug)]
struct Layer {
    /// `(outputs, inputs)`.
    weights: Array2<f64>,
    /// `(outputs)`.
    bias: Array1<f64>,
}

impl Layer {
    /// Weights by He's rule. A bias is the weight of an input that is always one, and is drawn alike.
    fn draw(inputs: usize, outputs: usize, rng: &mut Rng) -> Layer {
        let deviation = (2.0 / inputs as f64).sqrt();
        let mut number = || deviation * normal(rng);
        let weights = Array2::from_shape_simple_fn((outputs, inputs), &mut number);
        Layer { weights, bias: Array1::from_shape_simple_fn(outputs, number) }
    }

    /// `z`, `(points, outputs)`, from `a`, `(points, inputs)`.
    fn forward(&self, a: &Array2<f64>) -> Array2<f64> {
        a.dot(&self.weights.t()) + &self.bias
    }

    /// The same layer, so that each output has mean 0 and variance 1 over these points.
    fn normalised(mut self, a: &Array2<f64>) -> Layer {
        let z = self.forward(a);
        let units = z.axis_iter(Axis(1)).zip(self.weights.outer_iter_mut());
        for ((z, mut weights), bias) in units.zip(&mut self.bias) {
            let mean = z.mean().unwrap_or(0.0);
            let deviation = (z.var(0.0) + EPSILON).sqrt();
            weights /= deviation;
            *bias = (*bias - mean) / deviation;
        }
        self
    }
}

/// A network with one input and one output.
#[derive(Clone, Debug)]
pub struct OnLine {
    layers: Vec<Layer>,
    /// The weights of the output.
    head: Array1<f64>,
    skip: Option<f64>,
}

impl OnLine {
    /// A random network of `depth` layers, an even number, the output counted. Where it is normalised, the statistics are those of
    /// the points, and part of its weights: what it answers at a point depends on no other.
    pub fn draw(depth: usize, width: usize, way: Way, points: &[f64], rng: &mut Rng) -> OnLine {
        let mut layers = vec![Layer::draw(1, width, rng)];
        let mut a = column(points);
        a = relu(layers[0].forward(&a));
        for _ in 0..depth.saturating_sub(2) / 2 {
            let x = a.clone();
            for place in 0..2 {
                let drawn = Layer::draw(width, width, rng);
                let layer = if way.norm { drawn.normalised(&a) } else { drawn };
                let z = layer.forward(&a);
                a = match (place, way.skip) {
                    (1, Some(factor)) => relu(&x + &(z * factor)),
                    _ => relu(z),
                };
                layers.push(layer);
            }
        }
        let deviation = (1.0 / width as f64).sqrt();
        let head = Array1::from_shape_simple_fn(width, || deviation * normal(rng));
        OnLine { layers, head, skip: way.skip }
    }

    // ANCHOR: forward
    /// The activations behind each ReLU, `(points, width)`, in order.
    fn activations(&self, points: &[f64]) -> Vec<Array2<f64>> {
        let mut all = vec![relu(self.layers[0].forward(&column(points)))];
        for block in self.layers[1..].chunks_exact(2) {
            let x = &all[all.len() - 1];
            let inner = relu(block[0].forward(x));
            let z = block[1].forward(&inner);
            let outer = match self.skip {
                Some(factor) => relu(x + &(z * factor)),
                None => relu(z),
            };
            all.extend([inner, outer]);
        }
        all
    }
    // ANCHOR_END: forward

    /// What it answers at each point.
    pub fn outputs(&self, points: &[f64]) -> Vec<f64> {
        let all = self.activations(points);
        all[all.len() - 1].dot(&self.head).to_vec()
    }

    // ANCHOR: slopes
    /// The derivative of the output in the input, at each point: from the
    /// output back to the input.
    pub fn slopes(&self, points: &[f64]) -> Vec<f64> {
        let mut all = self.activations(points);
        let shape = (points.len(), self.head.len());
        let head = self.head.broadcast(shape).map(|head| head.to_owned());
        let mut d = head.unwrap_or_default();
        for block in self.layers[1..].rchunks_exact(2) {
            let (outer, inner) = (all.pop(), all.pop());
            d = gated(d, outer);
            let factor = self.skip.unwrap_or(1.0);
            let through = factor * d.dot(&block[1].weights);
            let through = gated(through, inner).dot(&block[0].weights);
            d = if self.skip.is_some() { d + through } else { through };
        }
        let d = gated(d, all.pop());
        d.dot(&self.layers[0].weights).into_raw_vec_and_offset().0
    }
    // ANCHOR_END: slopes
}

/// The points as a matrix with one column.
fn column(points: &[f64]) -> Array2<f64> {
    ArrayView1::from(points).insert_axis(Axis(1)).to_owned()
}

fn relu(z: Array2<f64>) -> Array2<f64> {
    z.mapv_into(|z| z.max(0.0))
}

/// The derivative before a ReLU, from the one behind it.
fn gated(mut d: Array2<f64>, activations: Option<Array2<f64>>) -> Array2<f64> {
    if let Some(a) = activations {
        Zip::from(&mut d).and(&a).for_each(|d, &a| *d = if a > 0.0 { *d } else { 0.0 });
    }
    d
}

// ANCHOR: autocorrelation
/// How a series goes together with itself, moved by 0, 1, … `lags` places.
/// None where it does not vary.
pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
    let varies = series.windows(2).any(|pair| pair[0] != pair[1]);
    let mean = series.iter().sum::<f64>() / series.len() as f64;
    let x: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let moved = |lag: usize| x.iter().zip(x.iter().skip(lag)).map(|(a, b)| a * b).sum::<f64>();
    let whole = moved(0);
    varies.then(|| (0..=lags).map(|lag| moved(lag) / whole).collect())
}
// ANCHOR_END: autocorrelation

/// Independent numbers.
pub fn white(length: usize, rng: &mut Rng) -> Vec<f64> {
    (0..length).map(|_| normal(rng)).collect()
}

/// The sums of independent numbers: a random walk.
pub fn brown(length: usize, rng: &mut Rng) -> Vec<f64> {
    let mut sum = 0.0;
    let step = |x: f64| {
        sum += x;
        sum
    };
    white(length, rng).into_iter().map(step).collect()
}
