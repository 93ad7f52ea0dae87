//! EfficientNet-Lite0: a network that others trained, on 1.28 million photographs of a thousand kinds of things.
//!
//! | module | what |
//! | --- | --- |
//! | [`description`] | its convolutions, one after another: what is counted, drawn and run |
//! | [`weights`] | its weights, read from a file of 16 bits a number, batch normalisation folded in |
//! | [`classes`] | the names of its classes |
//! | [`plain`] | the forward pass in plain loops: the oracle of the fast ones |
//! | [`same`], [`relu6`] | the operations that the book's engine lacks for it |
//! | [`network`] | the network in the engine, and a lens that gives gradients in a picture |

pub mod classes;
pub mod description;
pub mod network;
pub mod plain;
pub mod relu6;
pub mod same;
pub mod weights;

pub use classes::Classes;
pub use description::{BLOCKS, Block, Convolution, Kind};
pub use network::Lens;
pub use weights::Weights;
