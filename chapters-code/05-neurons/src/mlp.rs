//! The multilayer perceptron, by definition: `a = f(W x + b)`, layer after layer.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use notebook::Rng;
use rand::RngExt as _;

/// A layer of units.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Weights, `(outputs, inputs)`: a row a unit.
    pub weights: Array2<f64>,
    /// Biases, `(outputs,)`.
    pub bias: Array1<f64>,
    /// What is applied to each output.
    pub activation: Activation,
}

/// Layers, each of which reads the one before.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Mlp {
    /// From the input to the output.
    pub layers: Vec<Layer>,
}

/// A function that is applied to each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `z` itself.
    Identity,
    /// 1 above 0, else 0.
    Step,
    /// `max(z, 0)`.
    Relu,
    /// `1 / (1 + e^−z)`.
    Sigmoid,
}

impl Activation {
    /// The activation of `z`.
    pub fn of(self, z: f64) -> f64 {
        match self {
            Activation::Identity => z,
            Activation::Step => f64::from(u8::from(z > 0.0)),
            Activation::Relu => z.max(0.0),
            Activation::Sigmoid => crate::logistic::sigmoid(z),
        }
    }
}

// ANCHOR: forward
impl Layer {
    /// The outputs for an input `(inputs,)`. Costs `2 · inputs · outputs`
    /// operations.
    ///
    /// # Panics
    /// If the input has another length.
    pub fn forward(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        (self.weights.dot(&x) + &self.bias).mapv(|z| self.activation.of(z))
    }
}

impl Mlp {
    /// The outputs of the last layer.
    ///
    /// # Panics
    /// If a layer does not fit the one before.
    pub fn forward(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        self.layers.iter().fold(x.to_owned(), |x, layer| layer.forward(x.view()))
    }
    // ANCHOR_END: forward

    /// The outputs for rows `x`, `(n, inputs)`, as rows: all inputs of a layer go through one matrix product.
    ///
    /// # Panics
    /// If a layer does not fit the one before.
    pub fn forward_all(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.layers.iter().fold(x.to_owned(), |x, layer| {
            (x.dot(&layer.weights.t()) + &layer.bias).mapv(|z| layer.activation.of(z))
        })
    }

    /// The outputs of the last layer, each sum written out: the first row of the benchmark.
    pub fn forward_by_loops(&self, x: &[f64]) -> Vec<f64> {
        self.layers.iter().fold(x.to_vec(), |x, layer| {
            let unit = |(i, &bias): (usize, &f64)| {
                let mut z = bias;
                for (j, x) in x.iter().enumerate() {
                    z += layer.weights[[i, j]] * x;
                }
                layer.activation.of(z)
            };
            layer.bias.iter().enumerate().map(unit).collect()
        })
    }

    /// A network of ReLU units with one linear output, its weights drawn as He et al. (2015) propose: mean 0, variance `2 / inputs`,
    /// here from a uniform distribution. Biases are 0. `widths` are the inputs and then the units of each hidden layer.
    pub fn random(widths: &[usize], rng: &mut Rng) -> Mlp {
        let mut layer = |inputs: usize, outputs: usize, activation| {
            let reach = (6.0 / inputs as f64).sqrt();
            let weights =
                Array2::from_shape_simple_fn((outputs, inputs), || rng.random_range(-reach..reach));
            Layer { weights, bias: Array1::zeros(outputs), activation }
        };
        let hidden = widths.windows(2).map(|two| layer(two[0], two[1], Activation::Relu));
        let mut layers: Vec<Layer> = hidden.collect();
        if let Some(&last) = widths.last() {
            layers.push(layer(last, 1, Activation::Identity));
        }
        Mlp { layers }
    }

    /// How many weights and biases there are.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len() + layer.bias.len()).sum()
    }

    // ANCHOR: xor
    /// Two units that compute what no line can: whether exactly one of two inputs
    /// is 1 (Minsky and Papert, 1969).
    pub fn xor() -> Mlp {
        let layer = |weights: Array2<f64>, bias: &[f64]| Layer {
            weights,
            bias: Array1::from_vec(bias.to_vec()),
            activation: Activation::Step,
        };
        // One unit fires from one input on, one at two; the output wants the first
        // without the second.
        let hidden = layer(ndarray::arr2(&[[1.0, 1.0], [1.0, 1.0]]), &[-0.5, -1.5]);
        let output = layer(ndarray::arr2(&[[1.0, -2.0]]), &[-0.5]);
        Mlp { layers: vec![hidden, output] }
    }
    // ANCHOR_END: xor
}
