//! Deep and small networks for garments: a stack of equal blocks of two convolutions of 3 × 3 on images of 14 × 14, with and
//! without a way around each block. All layers are alike, so that depth is what changes.

use backprop::{Activation, Addition, Engine, First, Linear, Network, Real, Result, Value};
use convolution::networks::{CLASSES, INPUT};
use convolution::{BatchNorm, Convolution, Pool};

use crate::operations::ScaledAddition;

/// Channels of every layer of a stack.
pub const CHANNELS: usize = 8;

/// What a block of a stack has besides its convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// A way around each block, which is added to what comes out of it.
    pub skip: bool,
    /// Batch normalisation behind each convolution.
    pub norm: bool,
}

impl Way {
    /// No way around, with batch normalisation.
    pub const fn plain() -> Self {
        Way { skip: false, norm: true }
    }

    /// A way around each block, with batch normalisation.
    pub const fn residual() -> Self {
        Way { skip: true, norm: true }
    }

    /// The same without batch normalisation.
    pub const fn without_norm(self) -> Self {
        Way { norm: false, ..self }
    }
}

/// How many blocks of two convolutions a stack of `depth` layers has: the first convolution and the last layer are
/// in none.
pub const fn blocks(depth: usize) -> usize {
    depth.saturating_sub(2) / 2
}

/// A network of `depth` layers: a convolution, `(depth − 2) / 2` blocks of two, and a linear layer on the mean of each channel.
/// Its convolutions are called `stem`, `0.a`, `0.b`, `1.a` …
///
/// # Errors
/// Never: the shapes fit.
pub fn stack<T: Real>(depth: usize, way: Way) -> Result<Network<T>> {
    Stack::new(depth, way).network()
}

/// As [`stack`], with the values that run from block to block, for [`Network::keep`]: what the stem gives, then each block.
///
/// # Errors
/// Never: the shapes fit.
pub fn stack_with_signal<T: Real>(depth: usize, way: Way) -> Result<(Network<T>, Vec<Value>)> {
    Stack::new(depth, way).with_signal()
}

/// Which blocks a stack has, and what each is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// The numbers of the blocks, in the order in which they stand. A number may be left out, and none may be there twice.
    pub blocks: Vec<usize>,
    /// What a block has besides its convolutions.
    pub way: Way,
    /// What the branch of a block is multiplied by before it is added; nothing where it is added as it is.
    pub alpha: Option<f64>,
    /// The step of the first convolution: 1 for images of 14 × 14, 2 for 7 × 7.
    pub stride: usize,
}

impl Stack {
    /// All blocks of a network of `depth` layers, in their order.
    pub fn new(depth: usize, way: Way) -> Self {
        Stack { blocks: (0..blocks(depth)).collect(), way, alpha: None, stride: 1 }
    }

    /// With the branch of each block multiplied by a number. A stack without ways around has no branches.
    pub fn scaled(self, alpha: f64) -> Self {
        Stack { alpha: Some(alpha), ..self }
    }

    /// On images of 7 × 7: the first convolution takes every other pixel.
    pub fn small(self) -> Self {
        Stack { stride: 2, ..self }
    }

    /// The network. Operations have the same names wherever their block stands.
    ///
    /// # Errors
    /// Where a block is there twice.
    pub fn network<T: Real>(&self) -> Result<Network<T>> {
        Ok(self.with_signal()?.0)
    }

    /// The network, and the values that run from block to block: what the first convolution gives, then each block.
    ///
    /// # Errors
    /// Where a block is there twice.
    pub fn with_signal<T: Real>(&self) -> Result<(Network<T>, Vec<Value>)> {
        let mut network = Network::new(INPUT);
        let halved = network.push("half", Pool::average(2), &[Network::<T>::INPUT])?;
        let stem = convolution(1).stride(self.stride.max(1));
        let mut x = layer(&mut network, "stem", (stem, halved), self.way.norm, true)?;
        let mut signal = vec![x];
        for &i in &self.blocks {
            x = self.block(&mut network, i, x)?;
            signal.push(x);
        }
        let mean = network.push("mean", Pool::global(), &[x])?;
        network.push("head", Linear::new(CHANNELS, CLASSES), &[mean])?;
        Ok((network, signal))
    }

    // ANCHOR: block
    /// Two convolutions; the input goes around them, or it does not.
    fn block<T: Real>(&self, network: &mut Network<T>, i: usize, x: Value) -> Result<Value> {
        let Way { skip, norm } = self.way;
        let [a, b, add] = ["a", "b", "add"].map(|part| format!("{i}.{part}"));
        let middle = layer(network, &a, (convolution(CHANNELS), x), norm, true)?;
        let branch = layer(network, &b, (convolution(CHANNELS), middle), norm, !skip)?;
        match (skip, self.alpha) {
            (false, _) => Ok(branch),
            (true, None) => network.push(&add, Addition(Activation::Relu), &[x, branch]),
            (true, Some(alpha)) => {
                let sum = ScaledAddition { alpha, activation: Activation::Relu };
                network.push(&add, sum, &[x, branch])
            }
        }
    }
    // ANCHOR_END: block
}

/// A convolution of 3 × 3 that keeps the size.
fn convolution(channels: usize) -> Convolution {
    Convolution::new(channels, CHANNELS, 3).padding(1)
}

/// A convolution, perhaps normalised, perhaps with ReLU behind.
fn layer<T: Real>(
    network: &mut Network<T>,
    name: &str,
    (convolution, x): (Convolution, Value),
    norm: bool,
    relu: bool,
) -> Result<Value> {
    if !norm {
        let activation = if relu { Activation::Relu } else { Activation::None };
        return network.push(name, convolution.with(activation), &[x]);
    }
    let z = network.push(name, convolution.without_bias(), &[x])?;
    let norm = BatchNorm::new(CHANNELS);
    let norm = if relu { norm.with_relu() } else { norm };
    network.push(&format!("{name}.norm"), norm, &[z])
}

// ANCHOR: identity
/// Makes every convolution of a block pass its input on, with a little noise:
/// 1 in the middle of the kernel from each channel to itself, 0 elsewhere,
/// plus `noise` times the weight that was drawn.
///
/// # Errors
/// Never: the tensors are the network's own.
pub fn start_as_identity<T: Real>(engine: &mut Engine<T>, noise: f64) -> Result<()> {
    let mut weights = engine.weights();
    for (tensor, (_, weight)) in weights.iter_mut().zip(engine.parameters()) {
        let [outputs, inputs, 3, 3] = weight.shape[..] else { continue };
        if weight.first != First::Fan || outputs != inputs {
            continue;
        }
        for (at, w) in tensor.data.iter_mut().enumerate() {
            let (kernel, place) = (at / 9, at % 9);
            let passes = place == 4 && kernel / inputs == kernel % inputs;
            *w = T::of(noise * w.to_f64() + f64::from(u8::from(passes)));
        }
    }
    engine.set_weights(&weights)
}
// ANCHOR_END: identity
