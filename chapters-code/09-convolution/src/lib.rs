//! Chapter 9, *Convolution*: what if the weights are shared?
//!
//! | module | what |
//! | --- | --- |
//! | [`operations`] | convolution, its fast form with ReLU and pool, pools, batch normalisation |
//! | [`networks`] | the networks of the chapter |
//! | [`augmentation`] | garments as they might also have been photographed |
//! | [`evaluate`] | what a network says of many images |

pub mod augmentation;
pub mod evaluate;
pub mod networks;
pub mod operations;

pub use augmentation::{Augmentation, Garments};
pub use operations::{BatchNorm, Convolution, ConvolutionPool, Pool};
