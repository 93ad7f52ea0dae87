//! Chapter 5, *Neurons*: what does depth buy?
//!
//! | module | what |
//! | --- | --- |
//! | [`perceptron`] | a line that learns from its mistakes, and how many it can make |
//! | [`logistic`] | a unit that says how sure it is |
//! | [`mlp`] | layers of units, by definition |
//! | [`bumps`] | one hidden layer that comes as near to a function as one likes, by construction |
//! | [`sawtooth`] | what depth buys: pieces that double with each layer, and how to count them |

pub mod bumps;
pub mod logistic;
pub mod mlp;
pub mod perceptron;
pub mod sawtooth;

pub use logistic::Logistic;
pub use mlp::{Activation, Layer, Mlp};
pub use perceptron::{Perceptron, Run};
