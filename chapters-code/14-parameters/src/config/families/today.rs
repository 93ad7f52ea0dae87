//! What each family of today reads of its configuration.

use super::{AFTER, AROUND, AROUND_GLM, Built, GATE, Parts, ROUTER};
use crate::architectures::decoder::BEFORE;
use crate::architectures::{
    Attention, Decoder, Experts, FeedForward, Grouped, Latent, QueryKeyNorm,
};
use crate::config::fields::{Fields, bounds, check_attention};
use crate::error::ConfigError;

impl Fields<'_> {
    pub(super) fn qwen3(&self) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, Some(128), Some(32))?, false)?;
        let gated = self.gated("intermediate_size", false)?;
        self.decoder(Parts {
            family: "Qwen3",
            positions: 1 << 15,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(Grouped { norm: QueryKeyNorm::Head, ..grouped }),
            windows: self.switched_windows()?,
            feed_forward: |_| gated,
            name: "mlp",
            norms: BEFORE,
        })
    }

    /// Block `i` has experts if `i + 1` is a multiple of `decoder_sparse_step` and it is not in
    /// `mlp_only_layers`.
    pub(super) fn qwen3_moe(&self) -> Built<Decoder> {
        let layers = self.layers()?;
        let grouped = self.biased(self.grouped(self.heads()?, None, Some(4))?, false)?;
        let experts = self.experts("num_experts", "moe_intermediate_size", 8, GATE)?;
        let step = self.optional("decoder_sparse_step", bounds::LAYERS)?.unwrap_or(1);
        let dense = self.members("mlp_only_layers", layers)?;
        let dense =
            |i: u64| dense.as_ref().is_some_and(|d| d[i as usize]) || !(i + 1).is_multiple_of(step);
        let gated = match (0..layers).any(dense) {
            true => Some(self.gated("intermediate_size", false)?),
            false => None,
        };
        let sparse = FeedForward::Experts(experts);
        self.decoder(Parts {
            family: "Qwen3-MoE",
            positions: 1 << 15,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(Grouped { norm: QueryKeyNorm::Head, ..grouped }),
            windows: match self.flag("use_sliding_window", false)? {
                true => self.windows(self.window("sliding_window", Some(4096))?, |_| true)?,
                false => Vec::new(),
            },
            feed_forward: |i| gated.filter(|_| dense(i)).unwrap_or(sparse),
            name: "mlp",
            norms: BEFORE,
        })
    }

    pub(super) fn gemma(&self) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, Some(256), Some(16))?, false)?;
        let gated = self.gated("intermediate_size", false)?;
        self.decoder(Parts {
            family: "Gemma",
            positions: 1 << 13,
            frame: self.frame(None, true)?,
            attention: Attention::Grouped(grouped),
            windows: Vec::new(),
            feed_forward: |_| gated,
            name: "mlp",
            norms: BEFORE,
        })
    }

    /// Blocks 0, 2, 4 ... have the window.
    pub(super) fn gemma2(&self) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, Some(256), Some(4))?, false)?;
        let gated = self.gated("intermediate_size", false)?;
        self.decoder(Parts {
            family: "Gemma 2",
            positions: 1 << 13,
            frame: self.frame(None, true)?,
            attention: Attention::Grouped(grouped),
            windows: self.windows(self.window("sliding_window", Some(4096))?, |i| i % 2 == 0)?,
            feed_forward: |_| gated,
            name: "mlp",
            norms: AROUND,
        })
    }

    /// Every `sliding_window_pattern`-th block looks back at everything.
    pub(super) fn gemma3(&self) -> Built<Decoder> {
        let heads = self.optional("num_attention_heads", bounds::WIDTH)?.unwrap_or(8);
        let grouped = self.biased(self.grouped(heads, Some(256), Some(4))?, false)?;
        let gated = self.gated("intermediate_size", false)?;
        let every = self.optional("sliding_window_pattern", bounds::LAYERS)?.unwrap_or(6);
        let window = self.window("sliding_window", Some(4096))?;
        self.decoder(Parts {
            family: "Gemma 3",
            positions: 1 << 17,
            frame: self.frame(Some(262_208), true)?,
            attention: Attention::Grouped(Grouped { norm: QueryKeyNorm::Head, ..grouped }),
            windows: self.windows(window, |i| !(i + 1).is_multiple_of(every))?,
            feed_forward: |_| gated,
            name: "mlp",
            norms: AROUND,
        })
    }

    pub(super) fn mixtral(&self) -> Built<Decoder> {
        let grouped = self.grouped(self.heads()?, None, Some(8))?;
        let experts = self.experts("num_local_experts", "intermediate_size", 2, GATE)?;
        self.decoder(Parts {
            family: "Mixtral",
            positions: 1 << 17,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(grouped),
            windows: self.windows(self.window("sliding_window", None)?, |_| true)?,
            feed_forward: |_| FeedForward::Experts(experts),
            name: "mlp",
            norms: BEFORE,
        })
    }

    /// The first `first_k_dense_replace` blocks have no experts, in DeepSeek-V3 and in GLM-4.5.
    pub(super) fn mostly_experts(&self, dense: u64) -> Built<impl Fn(u64) -> FeedForward> {
        let experts = self.experts("n_routed_experts", "moe_intermediate_size", 8, GATE)?;
        let shared = self.zero_or_more("n_shared_experts", bounds::EXPERTS, 1)? * experts.inner;
        if shared > bounds::INNER {
            let fault = format!("shared experts of {shared} together are too wide");
            let fix = format!("together they may have {}", bounds::INNER);
            return Err(ConfigError::new("n_shared_experts", fault, fix));
        }
        let first = self.zero_or_more("first_k_dense_replace", bounds::LAYERS, dense)?;
        let sparse = FeedForward::Experts(Experts { shared, correction: true, ..experts });
        let gated = match first {
            0 => sparse,
            _ => self.gated("intermediate_size", false)?,
        };
        Ok(move |i| if i < first { gated } else { sparse })
    }

    /// A layer that predicts further tokens is used in training, and transformers does not build it.
    pub(super) fn note_next_tokens(&self, mut decoder: Decoder) -> Built<Decoder> {
        if self.zero_or_more("num_nextn_predict_layers", bounds::LAYERS, 0)? > 0 {
            decoder.notes.push("The layer that predicts further tokens is not counted.");
        }
        Ok(decoder)
    }

    pub(super) fn deepseek(&self, family: &'static str) -> Built<Decoder> {
        let width = |field| self.required(field, bounds::WIDTH);
        let latent = Latent {
            heads: self.heads()?,
            query_rank: self.absent_or("q_lora_rank", bounds::WIDTH, Some(1536))?,
            key_value_rank: width("kv_lora_rank")?,
            plain_width: width("qk_nope_head_dim")?,
            rotary_width: width("qk_rope_head_dim")?,
            value_width: width("v_head_dim")?,
            bias: self.flag("attention_bias", false)?,
        };
        check_attention(latent.heads, latent.plain_width + latent.rotary_width)?;
        check_attention(latent.heads, latent.value_width)?;
        let decoder = self.decoder(Parts {
            family,
            positions: 4096,
            frame: self.frame(None, false)?,
            attention: Attention::Latent(latent),
            windows: Vec::new(),
            feed_forward: self.mostly_experts(3)?,
            name: "mlp",
            norms: BEFORE,
        })?;
        self.note_next_tokens(decoder)
    }

    /// Blocks 0, 2, 4 ... have the window.
    pub(super) fn gpt_oss(&self) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, Some(64), Some(8))?, true)?;
        let experts = self.experts("num_local_experts", "intermediate_size", 4, ROUTER)?;
        let experts = FeedForward::Experts(Experts { bias: true, ..experts });
        self.decoder(Parts {
            family: "gpt-oss",
            positions: 1 << 17,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(Grouped { sinks: true, ..grouped }),
            windows: self.windows(self.window("sliding_window", Some(128))?, |i| i % 2 == 0)?,
            feed_forward: |_| experts,
            name: "mlp",
            norms: BEFORE,
        })
    }

    pub(super) fn phi3(&self) -> Built<Decoder> {
        let grouped = self.grouped(self.heads()?, None, None)?;
        let gated = self.gated("intermediate_size", true)?;
        self.decoder(Parts {
            family: "Phi-3",
            positions: 4096,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(Grouped { fused: true, ..grouped }),
            windows: self.windows(self.window("sliding_window", None)?, |_| true)?,
            feed_forward: |_| gated,
            name: "mlp",
            norms: BEFORE,
        })
    }

    /// Every `interleave_moe_layer_step`-th block has experts, or those that `moe_layers` lists. A
    /// chunk is counted as a window: a token sees at most so many.
    pub(super) fn llama4(&self) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, Some(128), Some(8))?, false)?;
        let experts = self.experts("num_local_experts", "intermediate_size", 1, ROUTER)?;
        let sparse = FeedForward::Experts(Experts { shared: experts.inner, ..experts });
        let step = self.optional("interleave_moe_layer_step", bounds::LAYERS)?.unwrap_or(1);
        let listed = self.members("moe_layers", self.layers()?)?;
        let has_experts = |i: u64| match &listed {
            Some(listed) => listed[i as usize],
            None => (i + 1).is_multiple_of(step),
        };
        let gated = match (0..self.layers()?).all(has_experts) {
            true => sparse,
            false => self.gated("intermediate_size_mlp", false)?,
        };
        let whole = self.optional("no_rope_layer_interval", bounds::LAYERS)?.unwrap_or(4);
        let rotated = self.list("no_rope_layers")?;
        let chunked = |i: u64| match rotated.and_then(|list| list.get(i as usize)) {
            Some(flag) => flag.as_u64() != Some(0),
            None => !(i + 1).is_multiple_of(whole),
        };
        self.decoder(Parts {
            family: "Llama 4",
            positions: 1 << 17,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(grouped),
            windows: self.windows(self.window("attention_chunk_size", Some(8192))?, chunked)?,
            feed_forward: |i| if has_experts(i) { sparse } else { gated },
            name: "feed_forward",
            norms: BEFORE,
        })
    }

    pub(super) fn glm4(&self) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, Some(128), Some(2))?, true)?;
        let gated = self.gated("intermediate_size", true)?;
        self.decoder(Parts {
            family: "GLM-4",
            positions: 1 << 17,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(Grouped { output_bias: false, ..grouped }),
            windows: Vec::new(),
            feed_forward: |_| gated,
            name: "mlp",
            norms: AROUND_GLM,
        })
    }

    pub(super) fn glm4_moe(&self) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, None, Some(8))?, false)?;
        let norm = match self.flag("use_qk_norm", false)? {
            true => QueryKeyNorm::Head,
            false => QueryKeyNorm::None,
        };
        let decoder = self.decoder(Parts {
            family: "GLM-4-MoE",
            positions: 1 << 17,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(Grouped { norm, output_bias: false, ..grouped }),
            windows: Vec::new(),
            feed_forward: self.mostly_experts(1)?,
            name: "mlp",
            norms: BEFORE,
        })?;
        self.note_next_tokens(decoder)
    }

    /// OLMo 2, and OLMo 3 where there is a default window: every fourth block is without.
    pub(super) fn olmo(&self, family: &'static str, window: Option<u64>) -> Built<Decoder> {
        let grouped = self.biased(self.grouped(self.heads()?, None, None)?, false)?;
        let gated = self.gated("intermediate_size", false)?;
        let windows = match window {
            None => Vec::new(),
            Some(_) => {
                let window = self.window("sliding_window", window)?;
                self.windows(window, |i| !(i + 1).is_multiple_of(4))?
            }
        };
        self.decoder(Parts {
            family,
            positions: 2048,
            frame: self.frame(None, false)?,
            attention: Attention::Grouped(Grouped { norm: QueryKeyNorm::Whole, ..grouped }),
            windows,
            feed_forward: |_| gated,
            name: "mlp",
            norms: AFTER,
        })
    }
}
