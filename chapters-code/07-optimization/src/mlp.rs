//! The chapter's network: 784 pixels, two hidden layers, ten classes.

use backprop::{Activation, Linear, Network, Real, Result, Shape};
use learning::fashion::{CLASSES, PIXELS};

// ANCHOR: mlp
/// Widths of the chapter's network, the input's first.
pub const WIDTHS: [usize; 4] = [PIXELS, 256, 128, CLASSES.len()];

/// The multilayer perceptron 784 → 256 → 128 → 10 with ReLU: 235,146 weights and
/// biases.
///
/// # Errors
/// Never: its shapes fit.
pub fn mlp<T: Real>() -> Result<Network<T>> {
    layers(&WIDTHS)
}

/// Linear layers of these widths with ReLU between them, under PyTorch's names.
///
/// # Errors
/// Where a width is 0.
pub fn layers<T: Real>(widths: &[usize]) -> Result<Network<T>> {
    let input = Shape::row(widths.first().copied().unwrap_or(0));
    let mut layers = widths.windows(2).enumerate();
    layers.try_fold(Network::new(input), |network, (i, two)| {
        let last = i + 2 == widths.len();
        let activation = if last { Activation::None } else { Activation::Relu };
        let linear = Linear::new(two[0], two[1]).with(activation);
        network.then(&(2 * i).to_string(), linear)
    })
}
// ANCHOR_END: mlp
