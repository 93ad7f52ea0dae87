//! How many multiply-adds a step of training takes by definition, counted twice: by a formula for each layer, and
//! by a walk through a network's operations. A fast kernel may do fewer; the count stays the same, so that
//! a share of the peak means the same for every way to compute it.

use crate::{Network, Real};

// ANCHOR: count
/// Multiply-adds of one sample in the three products of a step. Biases, activations, pools, losses and the
/// rule are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MultiplyAdds {
    /// Of the forward.
    pub forward: u64,
    /// Of the gradient in the weights: as many as the forward.
    pub weights: u64,
    /// Of the gradient in the inputs: as many again, but none for an operation that reads the network's input.
    pub inputs: u64,
}

impl MultiplyAdds {
    /// Operations of a step on `batch` samples; a multiply-add is two.
    pub fn operations(self, batch: u64) -> u64 {
        2 * batch * (self.forward + self.weights + self.inputs)
    }

    fn add(self, forward: u64, reads_input: bool) -> Self {
        MultiplyAdds {
            forward: self.forward + forward,
            weights: self.weights + forward,
            inputs: self.inputs + if reads_input { 0 } else { forward },
        }
    }
}
// ANCHOR_END: count

// ANCHOR: layer
/// A layer for the formula: a convolution, or a linear layer, whose kernel has side 1 and whose output is one pixel.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Channels of the input, or its numbers.
    pub inputs: u64,
    /// Channels of the output, or its numbers.
    pub outputs: u64,
    /// Side of the kernel.
    pub kernel: u64,
    /// Pixels of the output.
    pub pixels: u64,
}

impl Layer {
    /// A linear layer.
    pub fn linear(inputs: u64, outputs: u64) -> Layer {
        Layer { inputs, outputs, kernel: 1, pixels: 1 }
    }
}

/// The count of layers that follow one another, by formula.
pub fn by_formula(layers: &[Layer]) -> MultiplyAdds {
    let of = |l: &Layer| l.inputs * l.outputs * l.kernel.pow(2) * l.pixels;
    let forward: u64 = layers.iter().map(of).sum();
    MultiplyAdds { forward, weights: forward, inputs: layers.iter().skip(1).map(of).sum() }
}
// ANCHOR_END: layer

impl<T: Real> Network<T> {
    /// The count by a walk through the operations.
    pub fn multiply_adds(&self) -> MultiplyAdds {
        let each = |sum: MultiplyAdds, entry: &crate::network::Entry<T>| {
            sum.add(entry.outline.multiply_adds, entry.inputs[0] == Self::INPUT)
        };
        self.entries.iter().fold(MultiplyAdds::default(), each)
    }
}
