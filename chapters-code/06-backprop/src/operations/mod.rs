//! Operations, one a file: a forward, and beside it the backward that belongs to it.

mod activation;
mod addition;
pub mod cross_entropy;
mod linear;
mod reshape;

pub use activation::Activation;
pub use addition::Addition;
pub use linear::Linear;
pub use reshape::Reshape;
