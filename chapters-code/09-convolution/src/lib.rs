//! Chapter 9, *Convolution*: what if the weights are shared?

pub mod operations;

pub use operations::{BatchNorm, Convolution, ConvolutionPool, Pool};
