//! The chapter's network: 784 pixels, two hidden layers, ten classes.

use backprop::{Activation, Linear, Network, Real, Result, Shape};
use learning::fashion::{CLASSES, PIXELS};

/// The multilayer perceptron 784 → 256 → 128 → 10 with ReLU: 235,146 weights and biases.
///
/// # Errors
/// Never: its shapes fit.
// ANCHOR: mlp
pub fn mlp<T: Real>() -> Result<Network<T>> {
    let relu = Activation::Relu;
    Network::new(Shape::row(PIXELS))
        .then("0", Linear::new(PIXELS, 256).with(relu))?
        .then("2", Linear::new(256, 128).with(relu))?
        .then("4", Linear::new(128, CLASSES.len()))
}
// ANCHOR_END: mlp
