//! The kinds of attention that decoders have: grouped heads (Ainslie et al., 2023), whole or within a
//! window (Beltagy et al., 2020), and latent ones (DeepSeek-AI, 2024).

use crate::count::Count;
use crate::layers::{Linear, attention, attention_between, linear, rms_norm};
use crate::visitor::{Role, Visitor};

/// How a block looks back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Heads with keys and values of their own, or shared by groups.
    Grouped(Grouped),
    /// Heads whose keys and values are made of one short vector.
    Latent(Latent),
}

/// Attention in which several heads of queries may share keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouped {
    /// Heads of queries, `H`.
    pub heads: u64,
    /// Heads of keys and values.
    pub key_value_heads: u64,
    /// Length of each head's queries, keys and values, `d`.
    pub head_width: u64,
    /// Whether queries, keys and values have a bias.
    pub query_key_value_bias: bool,
    /// Whether the output has a bias.
    pub output_bias: bool,
    /// What normalises queries and keys.
    pub norm: QueryKeyNorm,
    /// Whether each head has a sink: a score that goes to no token.
    pub sinks: bool,
    /// Whether one tensor holds the weights of queries, keys and values.
    pub fused: bool,
    /// The most tokens that a token looks back at, itself included; none: all.
    pub window: Option<u64>,
}

/// The normalisation of queries and keys (QK-norm; Henry et al., 2020).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueryKeyNorm {
    /// None, or one without parameters.
    #[default]
    None,
    /// `d` gains for queries and `d` for keys, shared by all heads.
    Head,
    /// A gain for each number of all heads together.
    Whole,
}

/// Latent attention: for each token the cache keeps one vector of length `r`, from which the keys and
/// values of all heads are computed anew, and one key of length `e` with the position in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latent {
    /// Heads, `H`.
    pub heads: u64,
    /// Length of the vector that the queries are made of; none: they are made of the token's own.
    pub query_rank: Option<u64>,
    /// Length of the vector that keys and values are made of, `r`.
    pub key_value_rank: u64,
    /// Numbers of a query and key that have no position in them.
    pub plain_width: u64,
    /// Numbers that have, `e`.
    pub rotary_width: u64,
    /// Length of each head's values.
    pub value_width: u64,
    /// Whether the two matrices that shorten, and the output, have a bias.
    pub bias: bool,
}

impl Attention {
    /// Numbers that the cache keeps for a token in this block.
    pub fn cached(&self) -> u64 {
        match self {
            Attention::Grouped(a) => 2 * a.key_value_heads * a.head_width,
            Attention::Latent(a) => a.key_value_rank + a.rotary_width,
        }
    }

    /// Tokens of `context` that the newest one looks back at, itself included.
    pub fn seen(&self, context: u64) -> u64 {
        match self {
            Attention::Grouped(a) => a.window.map_or(context, |window| window.min(context)),
            Attention::Latent(_) => context,
        }
    }

    /// Heads of queries.
    pub fn heads(&self) -> u64 {
        match self {
            Attention::Grouped(a) => a.heads,
            Attention::Latent(a) => a.heads,
        }
    }

    /// By algebra, in a model of width `c`.
    pub(super) fn count(&self, c: u64, context: u64) -> Count {
        match self {
            Attention::Grouped(a) => a.count(c, self.seen(context)),
            Attention::Latent(a) => a.count(c, context),
        }
    }

    /// By walking.
    pub(super) fn describe<V: Visitor>(&self, v: &mut V, c: u64, context: u64) {
        v.module("self_attn", "attention", |v| match self {
            Attention::Grouped(a) => a.describe(v, c, self.seen(context)),
            Attention::Latent(a) => a.describe(v, c, context),
        });
    }
}

impl Grouped {
    /// With `A` and `G` for the widths of all queries and of all keys: `2AC + 2GC` weights; `A + 2G`
    /// and `C` for biases; `2d`, or `A + G`, gains; a sink for each head.
    fn count(&self, c: u64, seen: u64) -> Count {
        let (a, g) = (self.heads * self.head_width, self.key_value_heads * self.head_width);
        let [qkv, out, sinks] =
            [self.query_key_value_bias, self.output_bias, self.sinks].map(u64::from);
        let (gains, gain_tensors) = match self.norm {
            QueryKeyNorm::None => (0, 0),
            QueryKeyNorm::Head => (2 * self.head_width, 2),
            QueryKeyNorm::Whole => (a + g, 2),
        };
        let inputs = if self.fused { 1 } else { 3 };
        let weights = 2 * a * c + 2 * g * c;
        Count {
            parameters: weights + qkv * (a + 2 * g) + out * c + gains + sinks * self.heads,
            tensors: inputs * (1 + qkv) + 1 + out + gain_tensors + sinks,
            multiply_adds: weights + 2 * seen * a,
            ..Count::default()
        }
    }

    fn describe<V: Visitor>(&self, v: &mut V, c: u64, seen: u64) {
        let (a, g) = (self.heads * self.head_width, self.key_value_heads * self.head_width);
        let bias = self.query_key_value_bias;
        let input = |outputs| Linear { inputs: c, outputs, bias, positions: 1 };
        if self.sinks {
            v.tensor(Role::Parameter, "sinks", &[self.heads]);
        }
        if self.fused {
            linear(v, "qkv_proj", input(a + 2 * g));
        } else {
            linear(v, "q_proj", input(a));
            linear(v, "k_proj", input(g));
            linear(v, "v_proj", input(g));
        }
        match self.norm {
            QueryKeyNorm::None => {}
            QueryKeyNorm::Head => {
                rms_norm(v, "q_norm", self.head_width, self.heads);
                rms_norm(v, "k_norm", self.head_width, self.key_value_heads);
            }
            QueryKeyNorm::Whole => {
                rms_norm(v, "q_norm", a, 1);
                rms_norm(v, "k_norm", g, 1);
            }
        }
        attention(v, 1, seen, a);
        linear(v, "o_proj", Linear { inputs: a, outputs: c, bias: self.output_bias, positions: 1 });
    }
}

impl Latent {
    /// With `Q = H(plain + rotary)` for all queries and `U = H · value` for all values: queries have `CQ`
    /// weights, or `Cq + q + qQ` through a vector of length `q`; keys and values have `C(r + e) + r +
    /// rH(plain + value)`; the output has `UC`; biases are as many as their outputs.
    fn count(&self, c: u64, context: u64) -> Count {
        let (h, r, e) = (self.heads, self.key_value_rank, self.rotary_width);
        let (queries, values) = (h * (self.plain_width + e), h * self.value_width);
        let bias = u64::from(self.bias);
        let (asked, asked_small, asked_tensors) = match self.query_rank {
            None => (c * queries, 0, 1),
            Some(q) => (c * q + q * queries, q + bias * q, 3 + bias),
        };
        let keys = c * (r + e) + r * h * (self.plain_width + self.value_width);
        let weights = asked + keys + values * c;
        Count {
            parameters: weights + asked_small + r + bias * (r + e + c),
            tensors: asked_tensors + 4 + 2 * bias,
            multiply_adds: weights + context * (queries + values),
            ..Count::default()
        }
    }

    fn describe<V: Visitor>(&self, v: &mut V, c: u64, context: u64) {
        let dense = |inputs, outputs, bias| Linear { inputs, outputs, bias, positions: 1 };
        let queries = self.heads * (self.plain_width + self.rotary_width);
        let values = self.heads * self.value_width;
        match self.query_rank {
            None => linear(v, "q_proj", dense(c, queries, false)),
            Some(rank) => {
                linear(v, "q_a_proj", dense(c, rank, self.bias));
                rms_norm(v, "q_a_layernorm", rank, 1);
                linear(v, "q_b_proj", dense(rank, queries, false));
            }
        }
        let rank = self.key_value_rank;
        linear(v, "kv_a_proj_with_mqa", dense(c, rank + self.rotary_width, self.bias));
        rms_norm(v, "kv_a_layernorm", rank, 1);
        linear(v, "kv_b_proj", dense(rank, self.heads * self.plain_width + values, false));
        attention_between(v, 1, context, queries, values);
        linear(v, "o_proj", dense(values, c, self.bias));
    }
}
