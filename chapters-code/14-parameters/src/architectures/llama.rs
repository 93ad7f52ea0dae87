//! Llama (Touvron et al., 2023; Grattafiori et al., 2024) as transformers builds it, and its
//! relatives Mistral and Qwen2, which differ in biases alone.

use super::{Architecture, Head};
use crate::count::Count;
use crate::layers::{Linear, attention, elementwise, embedding, linear, rms_norm};
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

    /// Length of all heads' queries together, `A`.
    pub fn attention_width(&self) -> u64 {
        self.heads * self.head_width
    }

    /// Length of all heads' keys together, and of their values, `G`.
    pub fn key_value_width(&self) -> u64 {
        self.key_value_heads * self.head_width
    }

    /// Values that the key and value cache holds for each token.
    pub fn cache_values(&self) -> u64 {
        2 * self.layers * self.key_value_width()
    }
}

impl Architecture for Llama {
    /// With `A` and `G` for the widths of queries and of keys, and `F` for the inner width: `VC` for
    /// words, and what the head has; a block has `2AC + 2GC + 3CF` weights, `2C`
    /// gains, and the biases that the family has; `C` for the last norm.
    fn closed_form(&self, context: u64) -> Count {
        let (v, c, f) = (self.vocabulary, self.width, self.inner);
        let (a, g) = (self.attention_width(), self.key_value_width());
        let [qkv, out, mlp] =
            [self.biases.query_key_value, self.biases.output, self.biases.inner].map(u64::from);
        let block = 2 * a * c + 2 * g * c + 3 * c * f;
        let biases = qkv * (a + 2 * g) + out * c + mlp * (2 * f + c);
        let head = self.head.count(c, v);
        Count {
            parameters: v * c + self.layers * (block + 2 * c + biases) + c + head.parameters,
            tensors: 1 + self.layers * (9 + 3 * qkv + out + 3 * mlp) + 1 + head.tensors,
            buffers: 0,
            multiply_adds: self.layers * (block + 2 * context * a) + head.multiply_adds,
        }
    }

    fn describe<V: Visitor>(&self, v: &mut V, context: u64) {
        self.head.describe(v, "model", (self.width, self.vocabulary), |v| {
            embedding(v, "embed_tokens", self.vocabulary, self.width);
            v.module("layers", "sequence", |v| {
                v.repeat(0..self.layers, |v, i| v.module(i, "block", |v| self.block(v, context)));
            });
            rms_norm(v, "norm", self.width);
        });
    }
}

impl Llama {
    fn block<V: Visitor>(&self, v: &mut V, context: u64) {
        let (c, f, a, g) = (self.width, self.inner, self.attention_width(), self.key_value_width());
        let dense = |inputs, outputs, bias| Linear { inputs, outputs, bias, positions: 1 };
        rms_norm(v, "input_layernorm", c);
        v.module("self_attn", "attention", |v| {
            linear(v, "q_proj", dense(c, a, self.biases.query_key_value));
            linear(v, "k_proj", dense(c, g, self.biases.query_key_value));
            linear(v, "v_proj", dense(c, g, self.biases.query_key_value));
            attention(v, 1, context, a);
            linear(v, "o_proj", dense(a, c, self.biases.output));
        });
        rms_norm(v, "post_attention_layernorm", c);
        v.module("mlp", "gated network", |v| {
            linear(v, "gate_proj", dense(c, f, self.biases.inner));
            linear(v, "up_proj", dense(c, f, self.biases.inner));
            elementwise(v, f); // SiLU of the gate ...
            elementwise(v, f); // ... and its product with the other branch
            linear(v, "down_proj", dense(f, c, self.biases.inner));
        });
    }
}
