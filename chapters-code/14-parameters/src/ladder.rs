//! Five ways to the same count, from naive to what is shipped: the rungs of the benchmark.
//!
//! | rung | what it does | cost for `L` equal blocks of `m` tensors |
//! | --- | --- | --- |
//! | [`names`] | writes out every tensor with its full name, then adds | `Lm` tensors, `Lm` strings |
//! | [`tree`] | builds every module, then adds | `Lm` tensors |
//! | [`every_block`] | visits every tensor and keeps only the sum | `Lm` visits, no allocation |
//! | [`walk`] | visits one of several equal blocks and multiplies | `m` visits, no allocation |
//! | [`closed_form`] | algebra | a dozen multiplications |

use crate::architectures::{Architecture, Model};
use crate::count::{Count, Totals};
use crate::tree::Folding;
use crate::visitor::{Counter, Name, Role, Visitor, Work};

// ANCHOR: names
/// Lists every tensor by its full name, as a file of weights would, and adds up the list.
pub fn names(model: &Model, context: u64) -> Count {
    let tree = model.tree(context, Folding::Unfolded);
    let multiply_adds = tree.totals().count.multiply_adds;
    let start = Count { multiply_adds, ..Count::default() };
    tree.named_tensors()
        .iter()
        .fold(start, |sum, (_, tensor)| sum + Count::of_tensor(tensor.role, &tensor.shape))
}
// ANCHOR_END: names

/// Builds the whole tree of modules and adds it up, without full names.
pub fn tree(model: &Model, context: u64) -> Count {
    model.tree(context, Folding::Unfolded).totals().count
}

/// A counter that visits all of several equal blocks: it does not override
/// [`repeat`](Visitor::repeat).
#[derive(Default)]
struct EveryBlock(Counter);

impl Visitor for EveryBlock {
    fn enter(&mut self, name: Name, kind: &'static str) {
        self.0.enter(name, kind);
    }

    fn leave(&mut self) {
        self.0.leave();
    }

    fn tensor(&mut self, role: Role, name: &'static str, shape: &[u64]) {
        self.0.tensor(role, name, shape);
    }

    fn work(&mut self, work: Work) {
        self.0.work(work);
    }
}

/// Visits every tensor of every block and keeps only the sum.
pub fn every_block(model: &Model, context: u64) -> Count {
    every_block_totals(model, context).count
}

/// As [`every_block`], with the activations.
pub fn every_block_totals(model: &Model, context: u64) -> Totals {
    let mut counter = EveryBlock::default();
    model.describe(&mut counter, context);
    counter.0.totals
}

/// Visits one of several equal blocks and multiplies.
pub fn walk(model: &Model, context: u64) -> Count {
    model.walk(context).count
}

/// Algebra on the hyper-parameters.
pub fn closed_form(model: &Model, context: u64) -> Count {
    model.closed_form(context)
}
