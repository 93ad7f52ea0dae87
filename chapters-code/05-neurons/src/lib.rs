//! Chapter 5, *Neurons*: what does depth buy?
//!
//! | module | what |
//! | --- | --- |
//! | [`perceptron`] | a line that learns from its mistakes, and how many it can make |
//! | [`logistic`] | a unit that says how sure it is |
//! | [`boolean`] | which functions of a few bits one unit computes, and how two layers compute all |
//! | [`mlp`] | layers of units, by definition |
//! | [`bumps`] | one hidden layer that comes as near to a function as one likes, by construction |
//! | [`sawtooth`] | what depth buys: pieces that double with each layer, and how to count them |

pub mod boolean;
pub mod bumps;
pub mod experiments;
pub mod figures;
pub mod logistic;
pub mod mlp;
pub mod pair;
pub mod perceptron;
pub mod sawtooth;

pub use logistic::Logistic;
pub use mlp::{Activation, Layer, Mlp};
pub use pair::pair;
pub use perceptron::{Perceptron, Run};

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let chapter =
        Chapter::new(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"), "What does depth buy?");
    figures::add(experiments::add(chapter)).bench("mlp_forward")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
