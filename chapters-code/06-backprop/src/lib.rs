//! Chapter 6, *Backprop*: how can all weights learn at once?
//!
//! Three ways to a derivative, from the one that is easiest to believe to the one that trains networks:
//!
//! | module | way | cost of the gradient of one loss in `P` weights |
//! | --- | --- | --- |
//! | [`difference`] | finite differences | `2 P` evaluations, and an error that never vanishes |
//! | [`dual`] | forward mode: numbers that carry their derivative | `P` evaluations, exact |
//! | [`tape`] | reverse mode: a tape, played backwards | a few evaluations, exact, and memory for the tape |
//!
//! Then the engine, which is reverse mode with the tape planned beforehand. [`Network`] lists
//! [`Operation`]s; [`Engine`] gives every value its place in one arena and runs steps that allocate
//! nothing. [`kernels`] is the room of the fast loops, and the only one with `unsafe` code.
//!
//! # Conventions
//!
//! | question | answer in this book |
//! | --- | --- |
//! | Shapes outside? | Rows `(N, D)`; images `(N, C, H, W)`; weights as PyTorch has them: `(outputs, inputs)`. |
//! | Shapes inside? | Channels last, a border of zeros where a window may hang over: [`Layout`]. |
//! | Which mean? | The loss is the mean over the mini-batch, and so are gradients. |
//! | Threads? | A mini-batch is cut into the same shards for any number of threads, and sums have one order: the same bits. |
//!
//! # The engine's words
//!
//! | word | what it is | where |
//! | --- | --- | --- |
//! | value | what an operation computes, or the network's input | [`Value`] |
//! | node | an operation at its place, with all that the plan found for it | `engine/plan.rs` |
//! | place | the layouts of what a node reads and writes | [`Place`] |
//! | slot | memory for one value, or its gradient: a row for each sample | [`kernels::arena`] |
//! | row | one sample in a slot | [`kernels::arena`] |
//! | shard | some rows of a mini-batch, computed by one thread at a time | [`Forward`], [`Backward`] |
//! | phase | a forward or backward that must wait for all shards has several | [`Needs`] |
//! | part | the actions between two moments at which all shards wait for each other | `engine/plan.rs` |
//! | lines | what one sample can be cut into, to predict on several threads | [`Layout::cuts`] |
//! | whole | all rows of a mini-batch, of which the gradient of weights is computed | [`Whole`] |
//! | tensor | weights with a name and a shape, which one or more nodes use | [`Weight`] |
//! | block | the part of a tensor that one thread has at a time, with its gradient | [`Block`] |
//! | piece | the part of a block whose gradient is computed at once | [`Piece`] |
//! | panel | weights of sixteen outputs, side by side as the product reads them | [`Matrix`] |
//! | packing | where in its blocks each number of a tensor is | [`Packing`] |
//! | second | a copy of a block in the order that the other direction reads | [`Block`] |
//! | moment | when a node runs: what it draws from, which tokens came before | [`Moment`] |

pub mod check;
pub mod count;
pub mod difference;
pub mod dual;
mod engine;
mod error;
pub mod experiments;
pub mod figures;
pub mod fixtures;
pub mod kernels;
mod layout;
mod network;
mod operation;
pub mod operations;
pub mod peak;
mod real;
mod rule;
pub mod tape;
mod weights;
mod weights_file;

pub use engine::{Batch, Engine, Options, Rows, Sequences};
pub use error::{Error, Result};
pub use layout::{Layout, Shape};
pub use network::{Network, Value};
pub use operation::{Backward, Forward, Held, INPUTS, Memory, Moment, Needs, Operation, Outline};
pub use operation::{Piece, Place, Whole, exactly};
pub use operations::cross_entropy::{CrossEntropy, Loss};
pub use operations::{Activation, Addition, Linear, Matrix, Reshape};
pub use real::Real;
pub use rule::{Block, Rule, Sgd};
pub use weights::{First, Packing, Plain, Size, Tensor, Weight};
pub use weights_file::WeightsFile;

use notebook::Chapter;

/// What this chapter offers to the book.
pub fn chapter() -> Chapter {
    let chapter = Chapter::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_MANIFEST_DIR"),
        "How can all weights learn at once?",
    );
    figures::add(experiments::add(chapter))
        .bench("product")
        .bench("curves")
        .bench("stride")
        .bench("hand_over")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_figures_are_those_it_draws() {
        notebook::testing::assert_drawn(&crate::chapter());
    }
}
