//! The multilayer perceptron, by definition: `a = f(W x + b)`, layer after layer.

use ndarray::{Array1, Array2, ArrayView1};

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

impl Layer {
    /// The outputs for an input `(inputs,)`. Costs `2 · inputs · outputs` operations.
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

    /// How many weights and biases there are.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len() + layer.bias.len()).sum()
    }

    /// Two units that compute what no line can: whether exactly one of two inputs is 1 (Minsky and Papert, 1969).
    pub fn xor() -> Mlp {
        let layer = |weights: Array2<f64>, bias: &[f64]| Layer {
            weights,
            bias: Array1::from_vec(bias.to_vec()),
            activation: Activation::Step,
        };
        // One unit fires from one input on, one at two; the output wants the first without the second.
        let hidden = layer(ndarray::arr2(&[[1.0, 1.0], [1.0, 1.0]]), &[-0.5, -1.5]);
        let output = layer(ndarray::arr2(&[[1.0, -2.0]]), &[-0.5]);
        Mlp { layers: vec![hidden, output] }
    }
}
