//! The networks of the chapter.

use backprop::{Activation, Linear, Network, Real, Result, Shape};

use crate::{BatchNorm, Convolution, ConvolutionPool, Pool};

/// The input of all of them: a grey image of 28 × 28 pixels, 0 black to 1 white.
pub const INPUT: Shape = Shape::image(1, 28, 28);

/// How many classes.
pub const CLASSES: usize = 10;

/// Two convolutions with pools, 32 and 64 outputs, and two linear layers; 421,642 parameters. The operations have the
/// names that PyTorch gives them in the `Sequential` of `Conv2d`, `ReLU`, `MaxPool2d`, twice, `Flatten`, `Linear`,
/// `ReLU`, `Linear`.
///
/// # Errors
/// Never: the shapes fit.
// ANCHOR: sequential
pub fn sequential<T: Real>() -> Result<Network<T>> {
    Network::new(INPUT)
        .then("0", ConvolutionPool::new(1, 32))?
        .then("3", ConvolutionPool::new(32, 64))?
        .then("7", Linear::new(64 * 49, 128).with(Activation::Relu))?
        .then("9", Linear::new(128, CLASSES))
}
// ANCHOR_END: sequential

/// The same with batch normalisation after each pool, under the names of such a `Sequential`; 421,834 parameters.
///
/// # Errors
/// Never: the shapes fit.
pub fn normalised<T: Real>() -> Result<Network<T>> {
    Network::new(INPUT)
        .then("0", ConvolutionPool::new(1, 32))?
        .then("3", BatchNorm::new(32))?
        .then("4", ConvolutionPool::new(32, 64))?
        .then("7", BatchNorm::new(64))?
        .then("9", Linear::new(64 * 49, 128).with(Activation::Relu))?
        .then("11", Linear::new(128, CLASSES))
}

/// A network that shares nothing: 512 hidden units; 407,050 parameters, nearly as many as [`sequential`] has.
///
/// # Errors
/// Never: the shapes fit.
pub fn mlp<T: Real>() -> Result<Network<T>> {
    Network::new(INPUT)
        .then("0", Linear::new(INPUT.elements(), 512).with(Activation::Relu))?
        .then("2", Linear::new(512, CLASSES))
}

/// The same with batch normalisation after its hidden units; 408,074 parameters.
///
/// # Errors
/// Never: the shapes fit.
pub fn mlp_normalised<T: Real>() -> Result<Network<T>> {
    Network::new(INPUT)
        .then("0", Linear::new(INPUT.elements(), 512).with(Activation::Relu))?
        .then("2", BatchNorm::new(512))?
        .then("3", Linear::new(512, CLASSES))
}

/// A network that keeps no place: three convolutions, then the mean of each channel over the whole image; 56,394
/// parameters.
///
/// # Errors
/// Never: the shapes fit.
pub fn global<T: Real>() -> Result<Network<T>> {
    Network::new(INPUT)
        .then("0", ConvolutionPool::new(1, 32))?
        .then("3", ConvolutionPool::new(32, 64))?
        .then("6", Convolution::new(64, 64, 3).padding(1).with(Activation::Relu))?
        .then("8", Pool::global())?
        .then("10", Linear::new(64, CLASSES))
}
