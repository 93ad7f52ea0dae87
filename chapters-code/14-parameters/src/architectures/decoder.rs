//! Language models whose blocks may differ: a block is a kind of attention, a kind of feed-forward
//! network and some norms, and a model is blocks in a row. Names are transformers'.

use super::attention::Attention;
use super::feed_forward::FeedForward;
use super::{Architecture, Head};
use crate::count::Count;
use crate::layers::{embedding, rms_norm};
use crate::visitor::Visitor;

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its first half.
    pub attention: Attention,
    /// Its second half.
    pub feed_forward: FeedForward,
    /// The name of the second half: `mlp`.
    pub name: &'static str,
    /// Its norms by name, each with a gain for each number of the model's width.
    pub norms: &'static [&'static str],
}

/// The norms before the two halves, as Llama has them.
pub const BEFORE: &[&str] = &["input_layernorm", "post_attention_layernorm"];

/// Equal blocks in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// How many.
    pub times: u64,
    /// Each of them.
    pub block: Block,
}

/// What stands around the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Words of the vocabulary, `V`.
    pub vocabulary: u64,
    /// Length of the vector of each token, `C`.
    pub width: u64,
    /// What stands on the blocks.
    pub head: Head,
}

/// A language model whose blocks may differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoder {
    /// The family's name for people.
    pub family: &'static str,
    /// The longest context, in tokens.
    pub positions: u64,
    /// What stands around the blocks.
    pub frame: Frame,
    /// The blocks.
    pub runs: Vec<Run>,
    /// What the configuration speaks of and the count leaves out.
    pub notes: Vec<&'static str>,
}

impl Decoder {
    /// A decoder of these blocks; equal neighbours become one run.
    pub fn new(
        family: &'static str,
        positions: u64,
        frame: Frame,
        blocks: impl IntoIterator<Item = Block>,
    ) -> Decoder {
        let mut runs: Vec<Run> = Vec::new();
        for block in blocks {
            match runs.last_mut() {
                Some(run) if run.block == block => run.times += 1,
                _ => runs.push(Run { times: 1, block }),
            }
        }
        Decoder { family, positions, frame, runs, notes: Vec::new() }
    }
}

impl Architecture for Decoder {
    fn closed_form(&self, context: u64) -> Count {
        self.frame.closed_form(&self.runs, context)
    }

    fn describe<V: Visitor>(&self, v: &mut V, context: u64) {
        self.frame.describe(&self.runs, v, context);
    }
}

impl Frame {
    /// `VC` for words, `C` for the last norm, and what the head has; each block has what its two halves
    /// have, and `C` gains for each of its norms.
    pub(super) fn closed_form(&self, runs: &[Run], context: u64) -> Count {
        let (v, c) = (self.vocabulary, self.width);
        let around = Count { parameters: v * c + c, tensors: 2, ..Count::default() };
        let blocks = runs.iter().map(|Run { times, block }| {
            let norms = block.norms.len() as u64;
            let norms = Count { parameters: norms * c, tensors: norms, ..Count::default() };
            (block.attention.count(c, context) + block.feed_forward.count(c) + norms) * *times
        });
        blocks.fold(around + self.head.count(c, v), |sum, blocks| sum + blocks)
    }

    pub(super) fn describe<V: Visitor>(&self, runs: &[Run], v: &mut V, context: u64) {
        self.head.describe(v, "model", (self.width, self.vocabulary), |v| {
            embedding(v, "embed_tokens", self.vocabulary, self.width);
            v.module("layers", "sequence", |v| {
                let mut first = 0;
                for Run { times, block } in runs {
                    v.repeat(first..first + times, |v, i| {
                        v.module(i, "block", |v| block.describe(v, self.width, context));
                    });
                    first += times;
                }
            });
            rms_norm(v, "norm", self.width, 1);
        });
    }
}

impl Block {
    fn describe<V: Visitor>(&self, v: &mut V, c: u64, context: u64) {
        // Half of the norms belong to each half, before it, after it or both.
        let (first, second) = self.norms.split_at(self.norms.len() / 2);
        first.iter().for_each(|name| rms_norm(v, *name, c, 1));
        self.attention.describe(v, c, context);
        second.iter().for_each(|name| rms_norm(v, *name, c, 1));
        self.feed_forward.describe(v, self.name, c);
    }
}

impl Run {
    /// Numbers that the cache holds when each block keeps what it looks back at of `context` tokens.
    pub(super) fn cache_values(&self, context: u64) -> u64 {
        let attention = &self.block.attention;
        self.times * attention.seen(context) * attention.cached()
    }

    /// Scores that the newest of `context` tokens gives, over all heads and blocks.
    pub(super) fn scores(&self, context: u64) -> u64 {
        let attention = &self.block.attention;
        self.times * attention.seen(context) * attention.heads()
    }
}
