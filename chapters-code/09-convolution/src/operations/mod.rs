//! Operations on images, one a file: a forward, and beside it the backward that belongs to it.

mod batch_norm;
mod blur;
mod convolution;
mod convolution_pool;
pub mod definition;
mod group_norm;
pub mod im2col;
mod pool;
mod windowed;

pub use batch_norm::BatchNorm;
pub use blur::Blur;
pub use convolution::Convolution;
pub use convolution_pool::ConvolutionPool;
pub use group_norm::GroupNorm;
pub use pool::Pool;
pub use windowed::Windowed;

use backprop::{Error, Result};

/// A fault of shapes; the network puts the name of the operation before it.
fn fault<T>(fault: impl Into<String>, fix: &'static str) -> Result<T> {
    Err(Error::Shape { what: String::new(), fault: fault.into(), fix })
}
