//! GPT-2 (Radford et al., 2019) as transformers builds it, and GPT-3 (Brown et al., 2020), whose
//! weights were never published: the paper says that it is GPT-2's architecture, with attention
//! that is partly sparse. Sparsity changes operations and no parameter; dense attention is counted.

use super::{Architecture, Head};
use crate::count::Count;
use crate::layers::{attention, elementwise, embedding, layer_norm, transposed_linear};
use crate::visitor::Visitor;

/// How wide attention is where a source's own numbers contradict each other.
///
/// Table 2.1 of Brown et al. (2020) prints, for "GPT-3 XL", 24 heads of width 128 beside a model
/// width of 2048, and for "GPT-3 13B", 40 heads of width 128 beside 5140. Neither product is the
/// model width. The two readings give two counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttentionWidth {
    /// Heads × head width, as printed: queries, keys and values of that length, projected back to
    /// the model width. What this crate counts unless asked otherwise.
    Heads,
    /// The model width, as in GPT-2, whatever heads and head width say.
    Model,
}

/// The numbers that fix a GPT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpt {
    /// Words of the vocabulary, `V`.
    pub vocabulary: u64,
    /// Positions that have a learned vector: the longest context, in tokens.
    pub positions: u64,
    /// Blocks, `L`.
    pub layers: u64,
    /// Length of the vector of each token, `C`.
    pub width: u64,
    /// Heads of attention, `H`.
    pub heads: u64,
    /// Length of each head's queries, keys and values.
    pub head_width: u64,
    /// Width of the hidden layer of each block's two-layer network.
    pub inner: u64,
    /// What stands on the blocks.
    pub head: Head,
    /// Which reading of the attention's width to count.
    pub attention_width: AttentionWidth,
}

impl Gpt {
    /// A GPT-2: byte pairs, 1024 positions, heads of width 64.
    pub const fn gpt2(layers: u64, width: u64, heads: u64) -> Gpt {
        Gpt { positions: 1024, ..Gpt::gpt3(layers, width, heads, width / heads) }
    }

    /// A row of Table 2.1 of Brown et al. (2020); GPT-2's vocabulary, 2048 positions.
    pub const fn gpt3(layers: u64, width: u64, heads: u64, head_width: u64) -> Gpt {
        Gpt {
            vocabulary: 50_257,
            positions: 2048,
            layers,
            width,
            heads,
            head_width,
            inner: 4 * width,
            head: Head::Tied,
            attention_width: AttentionWidth::Heads,
        }
    }

    /// The same network under the other reading of its attention's width.
    pub const fn with_attention_width(self, attention_width: AttentionWidth) -> Gpt {
        Gpt { attention_width, ..self }
    }

    /// Length of all heads' queries together, `A`.
    pub fn attention_width(&self) -> u64 {
        match self.attention_width {
            AttentionWidth::Heads => self.heads * self.head_width,
            AttentionWidth::Model => self.width,
        }
    }

    /// Values that the key and value cache holds for each token.
    pub fn cache_values(&self) -> u64 {
        2 * self.layers * self.attention_width()
    }
}

impl Architecture for Gpt {
    // ANCHOR: gpt_closed_form
    /// With `A` for the attention's width and `F` for the inner width: `VC` and `TC` for words and
    /// positions; a block has `4AC + 2CF` weights and `3A + F + 6C` biases and gains; `2C` for the
    /// last norm. With `A = C` and `F = 4C` a block is the well-known `12C² + 13C`.
    fn closed_form(&self, context: u64) -> Count {
        let (v, c, a, f) = (self.vocabulary, self.width, self.attention_width(), self.inner);
        let block = 4 * a * c + 2 * c * f;
        let head = self.head.count(c, v);
        Count {
            parameters: (v + self.positions) * c
                + self.layers * (block + 3 * a + f + 6 * c)
                + 2 * c
                + head.parameters,
            tensors: 12 * self.layers + 4 + head.tensors,
            multiply_adds: self.layers * (block + 2 * context * a) + head.multiply_adds,
            ..Count::default()
        }
    }
    // ANCHOR_END: gpt_closed_form

    fn describe<V: Visitor>(&self, v: &mut V, context: u64) {
        self.head.describe(v, "transformer", (self.width, self.vocabulary), |v| {
            embedding(v, "wte", self.vocabulary, self.width);
            embedding(v, "wpe", self.positions, self.width);
            v.module("h", "sequence", |v| {
                v.repeat(0..self.layers, |v, i| v.module(i, "block", |v| self.block(v, context)));
            });
            layer_norm(v, "ln_f", self.width, 1);
        });
    }
}

impl Gpt {
    // ANCHOR: gpt_block
    fn block<V: Visitor>(&self, v: &mut V, context: u64) {
        let (c, a, f) = (self.width, self.attention_width(), self.inner);
        layer_norm(v, "ln_1", c, 1);
        v.module("attn", "attention", |v| {
            transposed_linear(v, "c_attn", c, 3 * a);
            attention(v, 1, context, a);
            transposed_linear(v, "c_proj", a, c);
        });
        layer_norm(v, "ln_2", c, 1);
        v.module("mlp", "two-layer network", |v| {
            transposed_linear(v, "c_fc", c, f);
            elementwise(v, f);
            transposed_linear(v, "c_proj", f, c);
        });
    }
    // ANCHOR_END: gpt_block
}
