//! Operations on images, one a file: a forward, and beside it the backward that belongs to it.

mod batch_norm;
mod convolution;
mod convolution_pool;
pub mod definition;
pub mod im2col;
mod pool;

pub use batch_norm::BatchNorm;
pub use convolution::Convolution;
pub use convolution_pool::ConvolutionPool;
pub use pool::Pool;

use backprop::{Error, Result};

/// A fault of shapes; the network puts the name of the operation before it.
fn fault<T>(fault: impl Into<String>, fix: &'static str) -> Result<T> {
    Err(Error::Shape { what: String::new(), fault: fault.into(), fix })
}
