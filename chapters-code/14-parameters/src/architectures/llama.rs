//! Llama (Touvron et al., 2023; Grattafiori et al., 2024) as transformers builds it, and its
//! relatives Mistral and Qwen2, which differ in biases and windows alone.

use super::attention::{Attention, Grouped, QueryKeyNorm};
use super::decoder::{BEFORE, Block, Frame, Run};
use super::feed_forward::{FeedForward, Gated};
use super::{Architecture, Head};
use crate::count::Count;
use crate::visitor::Visitor;

/// The numbers that fix a Llama, a Mistral or a Qwen2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Llama {
    /// The family's name for people: Llama, Mistral or Qwen2.
    pub family: &'static str,
    /// Words of the vocabulary, `V`.
    pub vocabulary: u64,
    /// The longest context, in tokens. Positions are rotations, so it costs no parameter.
    pub positions: u64,
    /// Blocks, `L`.
    pub layers: u64,
    /// Length of the vector of each token, `C`.
    pub width: u64,
    /// Heads of attention, `H`.
    pub heads: u64,
    /// Heads of keys and values; fewer than `heads` is grouped-query attention.
    pub key_value_heads: u64,
    /// Length of each head's queries, keys and values.
    pub head_width: u64,
    /// Width of the hidden layer of each block's gated network.
    pub inner: u64,
    /// What stands on the blocks.
    pub head: Head,
    /// Which linear layers have a bias.
    pub biases: Biases,
    /// The most tokens that a token looks back at, itself included; none: all.
    pub window: Option<u64>,
}

/// Which linear layers of a block have a bias.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Biases {
    /// Those that make queries, keys and values (Qwen2).
    pub query_key_value: bool,
    /// Attention's output.
    pub output: bool,
    /// The three of the gated network.
    pub inner: bool,
}

impl Biases {
    /// No layer has one: Llama and Mistral.
    pub const NONE: Biases = Biases { query_key_value: false, output: false, inner: false };
}

impl Llama {
    /// A published Llama: heads of width 128, no biases, a head of its own.
    const fn published(
        layers: u64,
        width: u64,
        heads: u64,
        key_value_heads: u64,
        inner: u64,
    ) -> Llama {
        Llama {
            family: "Llama",
            vocabulary: 32_000,
            positions: 4096,
            layers,
            width,
            heads,
            key_value_heads,
            head_width: width / heads,
            inner,
            head: Head::Words,
            biases: Biases::NONE,
            window: None,
        }
    }

    /// A Llama 2: 32,000 words, 4096 tokens of context.
    pub const fn llama2(
        layers: u64,
        width: u64,
        heads: u64,
        key_value_heads: u64,
        inner: u64,
    ) -> Llama {
        Llama::published(layers, width, heads, key_value_heads, inner)
    }

    /// A Llama 3: 128,256 words, eight heads of keys and values.
    pub const fn llama3(layers: u64, width: u64, heads: u64, inner: u64, positions: u64) -> Llama {
        Llama { vocabulary: 128_256, positions, ..Llama::published(layers, width, heads, 8, inner) }
    }

    /// Its one kind of block.
    pub fn block(&self) -> Block {
        let attention = Attention::Grouped(Grouped {
            heads: self.heads,
            key_value_heads: self.key_value_heads,
            head_width: self.head_width,
            query_key_value_bias: self.biases.query_key_value,
            output_bias: self.biases.output,
            norm: QueryKeyNorm::None,
            sinks: false,
            fused: false,
            window: self.window,
        });
        let gated = Gated { inner: self.inner, bias: self.biases.inner, fused: false };
        let feed_forward = FeedForward::Gated(gated);
        Block { attention, feed_forward, name: "mlp", norms: BEFORE }
    }

    /// What stands around the blocks.
    pub fn frame(&self) -> Frame {
        Frame { vocabulary: self.vocabulary, width: self.width, head: self.head }
    }

    /// All of its blocks.
    pub(super) fn runs(&self) -> [Run; 1] {
        [Run { times: self.layers, block: self.block() }]
    }
}

/// A [`Decoder`](super::Decoder) whose blocks are all alike; counting one allocates nothing.
impl Architecture for Llama {
    fn closed_form(&self, context: u64) -> Count {
        self.frame().closed_form(&self.runs(), context)
    }

    fn describe<V: Visitor>(&self, v: &mut V, context: u64) {
        self.frame().describe(&self.runs(), v, context);
    }
}
