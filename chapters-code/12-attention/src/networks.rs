//! Small networks for garments: a vision transformer, and a convolutional network to compare it with.

use backprop::{Activation, Addition, Linear, Network, Real, Result, Shape, Value};
use convolution::networks::{CLASSES, INPUT};
use convolution::{Convolution, ConvolutionPool, Pool};

use crate::Gelu;
use crate::operations::{Attention, First, LayerNorm, Tokens};

/// What layer normalisation adds to a variance, as in torchvision's vision transformers.
pub const EPSILON: f64 = 1e-6;

/// A vision transformer, described. Its tensors have torchvision's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transformer {
    /// What one sample is.
    pub input: Shape,
    /// Side of a patch, in pixels; it divides the sides of the image.
    pub patch: usize,
    /// Numbers of a token, `C`.
    pub width: usize,
    /// Blocks, `L`.
    pub layers: usize,
    /// Heads of a block; they divide the width.
    pub heads: usize,
    /// Numbers of a token between the two layers of a block.
    pub hidden: usize,
    /// Whether tokens have learned positions.
    pub positions: bool,
    /// Classes of the answer.
    pub classes: usize,
}

/// The transformer of the chapter's experiments, for garments.
pub const SMALL: Transformer = Transformer {
    input: INPUT,
    patch: 4,
    width: 32,
    layers: 3,
    heads: 2,
    hidden: 80,
    positions: true,
    classes: CLASSES,
};

impl Transformer {
    /// The network.
    ///
    /// # Errors
    /// Where heads do not divide the width, or a patch is larger than the image.
    pub fn network<T: Real>(&self) -> Result<Network<T>> {
        Ok(self.with_heads()?.0)
    }

    /// The network, and of each block the value that its heads read, for
    /// [`Network::keep`]: queries, keys and values, packed.
    ///
    /// # Errors
    /// As [`Transformer::network`].
    pub fn with_heads<T: Real>(&self) -> Result<(Network<T>, Vec<Value>)> {
        let Transformer { patch, width, positions, .. } = *self;
        let patches = Convolution::new(self.input.channels, width, patch).stride(patch);
        let mut n = Network::new(self.input).then("conv_proj", patches)?;
        let mut x = n.push("", Tokens { class: true, positions }, &[n.last()])?;
        let mut packed = Vec::new();
        for i in 0..self.layers {
            let (end, heads) = self.block(&mut n, i, x)?;
            x = end;
            packed.push(heads);
        }
        let class = n.push("class", First, &[x])?;
        let class = n.push("encoder.ln", LayerNorm { eps: EPSILON }, &[class])?;
        n.push("heads.head", Linear::new(width, self.classes), &[class])?;
        Ok((n, packed))
    }

    // ANCHOR: block
    /// Both branches of a block. Gives what comes out, and what the heads read.
    fn block<T: Real>(&self, n: &mut Network<T>, i: usize, x: Value) -> Result<(Value, Value)> {
        let Transformer { width, heads, hidden, .. } = *self;
        let name = |part: &str| format!("encoder.layers.encoder_layer_{i}.{part}");
        let norm = LayerNorm { eps: EPSILON };
        let packed = Linear::new(width, 3 * width).named("in_proj_weight", "in_proj_bias");
        let (first, second) = (Linear::new(width, hidden), Linear::new(hidden, width));

        let z = n.push(&name("ln_1"), norm, &[x])?;
        let packed = n.push(&name("self_attention"), packed, &[z])?;
        let z = n.push(&name("heads"), Attention { heads, causal: false }, &[packed])?;
        let z = n.push(&name("self_attention.out_proj"), Linear::new(width, width), &[z])?;
        let x = n.push(&name("add_1"), Addition::default(), &[x, z])?;

        let z = n.push(&name("ln_2"), norm, &[x])?;
        let z = n.push(&name("mlp.0"), first, &[z])?;
        let z = n.push(&name("mlp.1"), Gelu::Erf, &[z])?;
        let z = n.push(&name("mlp.3"), second, &[z])?;
        Ok((n.push(&name("add_2"), Addition::default(), &[x, z])?, packed))
    }
    // ANCHOR_END: block

    /// Tokens of a sample, the class token included.
    pub fn tokens(&self) -> usize {
        let patch = self.patch.max(1);
        1 + (self.input.height / patch) * (self.input.width / patch)
    }
}

// ANCHOR: cnn
/// A convolutional network for garments that keeps no place, as Chapter 9 has
/// it: two convolutions with pools, a third, and the mean of each channel.
/// Its layers have `width` channels, then twice as many.
///
/// # Errors
/// Where there are no channels, or more than [`WIDEST`].
pub fn cnn<T: Real>(width: usize) -> Result<Network<T>> {
    let wide = 2 * width;
    Network::new(INPUT)
        .then("0", ConvolutionPool::new(1, width))?
        .then("3", ConvolutionPool::new(width, wide))?
        .then("6", Convolution::new(wide, wide, 3).padding(1).with(Activation::Relu))?
        .then("8", Pool::global())?
        .then("10", Linear::new(wide, CLASSES))
}
// ANCHOR_END: cnn

/// The widest that the network of [`cnn`] can be: its pools take 64 channels.
pub const WIDEST: usize = 32;

/// The width at which that network comes nearest to so many parameters.
///
/// # Errors
/// Never: such widths are possible.
pub fn cnn_width_near(parameters: usize) -> Result<usize> {
    let mut nearest = (usize::MAX, 1);
    for width in 1..=WIDEST {
        let apart = cnn::<f32>(width)?.parameters().abs_diff(parameters);
        nearest = nearest.min((apart, width));
    }
    Ok(nearest.1)
}
