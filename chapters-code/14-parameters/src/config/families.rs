//! The families, each with the fields that its class in transformers reads and with that class's defaults.
//!
//! | family | heads of keys and values, absent | `head_dim`, absent | tied | biases | window |
//! | --- | --- | --- | --- | --- | --- |
//! | `gpt2` | | | true | all | |
//! | `llama` | one a head | width / heads | false | `attention_bias`, `mlp_bias`: false | |
//! | `mistral` | 8 | width / heads | false | none | `sliding_window`, 4096 |
//! | `qwen2` | 32 | width / heads | false | queries, keys, values | with `use_sliding_window` |
//! | `qwen3`, `qwen3_moe` | 32, 4 | 128, width / heads | false | `attention_bias`: false | as `qwen2` |
//! | `gemma`, `gemma2`, `gemma3_text` | 16, 4, 4 | 256 | true | `attention_bias`: false | 4096, every 2nd; of 6 five |
//! | `mixtral` | 8 | width / heads | false | none | `sliding_window`, none |
//! | `deepseek_v3`, `kimi_k2` | | | false | `attention_bias`: false | |
//! | `gpt_oss` | 8 | 64 | false | `attention_bias`: true; experts | 128, every 2nd |
//! | `phi3` | one a head | width / heads | false | none | `sliding_window`, none |
//! | `llama4_text` | 8 | 128 | false | `attention_bias`: false | chunks of 8192, three of four |
//! | `glm4`, `glm4_moe` | 2, 8 | 128, width / heads | false | `attention_bias`: true, false; not the output | |
//! | `olmo2`, `olmo3` | one a head | width / heads | false | `attention_bias`: false | `olmo3`: 4096, three of four |
//!
//! `layer_types`, where it is there, says block by block which have a window.

mod today;

use serde_json::Value;

use super::fields::{Fields, bounds, check_attention, divide, one_line, shown};
use crate::architectures::{
    Attention, AttentionWidth, Biases, Block, Decoder, ExpertNames, Experts, FeedForward, Frame,
    Gated, Gpt, Grouped, Head, Llama, Model, QueryKeyNorm,
};
use crate::error::ConfigError;

type Built<T> = Result<T, ConfigError>;

/// A family: its `model_type`, how its classes begin, and what builds it.
type Family = (&'static str, &'static str, fn(&Fields<'_>) -> Built<Model>);

static FAMILIES: &[Family] = &[
    ("gpt2", "GPT2", |f| f.gpt2().map(Model::Gpt)),
    ("llama", "Llama", |f| f.llama().map(Model::Llama)),
    ("mistral", "Mistral", |f| f.mistral().map(Model::Llama)),
    ("qwen2", "Qwen2", |f| f.qwen2()),
    ("qwen3", "Qwen3", |f| f.qwen3().map(Model::Decoder)),
    ("qwen3_moe", "Qwen3Moe", |f| f.qwen3_moe().map(Model::Decoder)),
    ("gemma", "Gemma", |f| f.gemma().map(Model::Decoder)),
    ("gemma2", "Gemma2", |f| f.gemma2().map(Model::Decoder)),
    ("gemma3_text", "Gemma3", |f| f.gemma3().map(Model::Decoder)),
    ("mixtral", "Mixtral", |f| f.mixtral().map(Model::Decoder)),
    ("deepseek_v3", "DeepseekV3", |f| f.deepseek("DeepSeek-V3").map(Model::Decoder)),
    ("kimi_k2", "KimiK2", |f| f.deepseek("Kimi K2").map(Model::Decoder)),
    ("gpt_oss", "GptOss", |f| f.gpt_oss().map(Model::Decoder)),
    ("phi3", "Phi3", |f| f.phi3().map(Model::Decoder)),
    ("llama4_text", "Llama4", |f| f.llama4().map(Model::Decoder)),
    ("glm4", "Glm4", |f| f.glm4().map(Model::Decoder)),
    ("glm4_moe", "Glm4Moe", |f| f.glm4_moe().map(Model::Decoder)),
    ("olmo2", "Olmo2", |f| f.olmo("OLMo 2", None).map(Model::Decoder)),
    ("olmo3", "Olmo3", |f| f.olmo("OLMo 3", Some(4096)).map(Model::Decoder)),
];

/// Files of models that also read images call the whole so, and sometimes their text, too.
const ALIASES: [(&str, &str); 3] =
    [("gemma3", "gemma3_text"), ("llama4", "llama4_text"), ("mistral3", "mistral")];

/// The network of the family that the configuration names.
pub(super) fn build(fields: &Fields<'_>) -> Built<Model> {
    let name = fields.architecture()?;
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let wanted = alias.map_or(name.as_str(), |(_, family)| family);
    match FAMILIES.iter().find(|(family, ..)| *family == wanted) {
        Some((.., build)) => build(fields),
        None => {
            let known: Vec<&str> = FAMILIES.iter().map(|(family, ..)| *family).collect();
            Err(ConfigError::new(
                "model_type",
                format!("the architecture {:?} is unknown", one_line(&name)),
                format!("this chapter counts {}", known.join(", ")),
            ))
        }
    }
}

/// The family of a class such as `LlamaForCausalLM`.
fn of_class(class: &str) -> Option<&'static str> {
    const ENDS: [&str; 6] = [
        "ForCausalLM",
        "LMHeadModel",
        "ForSequenceClassification",
        "ForConditionalGeneration",
        "TextModel",
        "Model",
    ];
    let begin = ENDS.iter().find_map(|end| class.strip_suffix(end))?;
    FAMILIES.iter().find(|(_, class, _)| *class == begin).map(|(family, ..)| *family)
}

/// Whether a class is a family's blocks without a head, such as `LlamaModel`.
fn is_body(class: &str) -> bool {
    let begin = class.strip_suffix("TextModel").or_else(|| class.strip_suffix("Model"));
    begin.is_some_and(|begin| FAMILIES.iter().any(|(_, class, _)| *class == begin))
}

impl Fields<'_> {
    /// `model_type`, or what the first of `architectures` implies.
    fn architecture(&self) -> Result<String, ConfigError> {
        let fix = "say which architecture it is, for example \"model_type\": \"llama\"";
        match self.0.get("model_type") {
            Some(Value::String(name)) => Ok(name.clone()),
            Some(other) => {
                Err(ConfigError::new("model_type", format!("{} is not a name", shown(other)), fix))
            }
            None => match self.network()? {
                Some(class) => Ok(of_class(class).unwrap_or(class).to_string()),
                None => Err(ConfigError::new("model_type", "it is missing", fix)),
            },
        }
    }

    /// What stands on the blocks, where a language model's head would be tied or not.
    fn head(&self, tied: bool) -> Result<Head, ConfigError> {
        let of_words = if tied { Head::Tied } else { Head::Words };
        match self.network()? {
            None => Ok(of_words),
            Some(name) if is_body(name) => Ok(Head::None),
            Some(name)
                if ["ForCausalLM", "LMHeadModel", "ForConditionalGeneration"]
                    .iter()
                    .any(|end| name.ends_with(end)) =>
            {
                Ok(of_words)
            }
            Some(name) if name.ends_with("ForSequenceClassification") => {
                self.scores().map(Head::Scores)
            }
            Some(other) => Err(ConfigError::new(
                "architectures",
                format!("the network {:?} is unknown", one_line(other)),
                "this chapter counts …ForCausalLM, …ForSequenceClassification and …Model",
            )),
        }
    }

    /// The scores of a network that sorts texts.
    fn scores(&self) -> Result<u64, ConfigError> {
        match self.0.get("id2label") {
            Some(Value::Object(names)) if !names.is_empty() => Ok(names.len() as u64),
            _ => Ok(self.optional("num_labels", bounds::VOCABULARY)?.unwrap_or(2)),
        }
    }
}

/// Norms before and after both halves, as Gemma 2 has them.
const AROUND: &[&str] = &[
    "input_layernorm",
    "post_attention_layernorm",
    "pre_feedforward_layernorm",
    "post_feedforward_layernorm",
];
/// The same four as GLM-4 names them.
const AROUND_GLM: &[&str] = &[
    "input_layernorm",
    "post_self_attn_layernorm",
    "post_attention_layernorm",
    "post_mlp_layernorm",
];
/// Norms after both halves alone, as OLMo 2 has them.
const AFTER: &[&str] = &["post_attention_layernorm", "post_feedforward_layernorm"];

const GATE: ExpertNames =
    ExpertNames { router: "gate", shared: "shared_experts", transposed: false };
const ROUTER: ExpertNames =
    ExpertNames { router: "router", shared: "shared_expert", transposed: true };

/// Where a family differs from Llama, block by block.
struct Parts<F> {
    family: &'static str,
    /// The longest context, where the file does not say.
    positions: u64,
    frame: Frame,
    attention: Attention,
    /// The window of each block; empty: none has one.
    windows: Vec<Option<u64>>,
    feed_forward: F,
    name: &'static str,
    norms: &'static [&'static str],
}

impl Fields<'_> {
    fn gpt2(&self) -> Built<Gpt> {
        let width = self.either("n_embd", "hidden_size", bounds::WIDTH)?;
        let heads = self.either("n_head", "num_attention_heads", bounds::WIDTH)?;
        if self.flag("add_cross_attention", false)? {
            let fix = "only language models without an encoder are counted";
            return Err(ConfigError::new("add_cross_attention", "true is not supported", fix));
        }
        Ok(Gpt {
            vocabulary: self.required("vocab_size", bounds::VOCABULARY)?,
            positions: self.either("n_positions", "max_position_embeddings", bounds::POSITIONS)?,
            layers: self.either("n_layer", "num_hidden_layers", bounds::LAYERS)?,
            width,
            heads,
            head_width: divide("n_embd", width, "n_head", heads)?,
            inner: self.optional("n_inner", bounds::INNER)?.unwrap_or(4 * width),
            head: self.head(self.flag("tie_word_embeddings", true)?)?,
            attention_width: AttentionWidth::Heads,
        })
    }

    fn llama(&self) -> Built<Llama> {
        let network = self.llama_like("Llama", None, 2048)?;
        // transformers refuses such a Llama even where head_dim is given.
        divide("hidden_size", network.width, "num_attention_heads", network.heads)?;
        let bias = self.flag("attention_bias", false)?;
        let biases =
            Biases { query_key_value: bias, output: bias, inner: self.flag("mlp_bias", false)? };
        Ok(Llama { biases, ..network })
    }

    fn mistral(&self) -> Built<Llama> {
        let window = self.window("sliding_window", Some(4096))?;
        Ok(Llama { window, ..self.llama_like("Mistral", Some(8), 1 << 17)? })
    }

    /// One whose windows are switched on may have blocks that differ.
    fn qwen2(&self) -> Built<Model> {
        let biases = Biases { query_key_value: true, ..Biases::NONE };
        let network = Llama { biases, ..self.llama_like("Qwen2", Some(32), 1 << 15)? };
        let windows = self.switched_windows()?;
        if windows.iter().all(Option::is_none) {
            return Ok(Model::Llama(network));
        }
        let Block { attention, feed_forward, name, norms } = network.block();
        let (family, positions, frame) = (network.family, network.positions, network.frame());
        let feed_forward = |_| feed_forward;
        let parts =
            Parts { family, positions, frame, attention, windows, feed_forward, name, norms };
        self.decoder(parts).map(Model::Decoder)
    }

    /// What the three families share. `groups` is the number of heads of keys and values where the
    /// field is absent: none means one for each head.
    fn llama_like(
        &self,
        family: &'static str,
        groups: Option<u64>,
        positions: u64,
    ) -> Built<Llama> {
        let Frame { vocabulary, width, head } = self.frame(None, false)?;
        let grouped = self.grouped(self.heads()?, None, groups)?;
        let stated = self.optional("max_position_embeddings", bounds::POSITIONS)?;
        Ok(Llama {
            family,
            vocabulary,
            positions: stated.unwrap_or(positions),
            layers: self.layers()?,
            width,
            heads: grouped.heads,
            key_value_heads: grouped.key_value_heads,
            head_width: grouped.head_width,
            inner: self.required("intermediate_size", bounds::INNER)?,
            head,
            biases: Biases::NONE,
            window: None,
        })
    }

    /// Blocks.
    fn layers(&self) -> Built<u64> {
        self.required("num_hidden_layers", bounds::LAYERS)
    }

    /// Words, width and head.
    fn frame(&self, words: Option<u64>, tied: bool) -> Built<Frame> {
        let vocabulary = match (words, self.optional("vocab_size", bounds::VOCABULARY)?) {
            (_, Some(vocabulary)) | (Some(vocabulary), None) => vocabulary,
            (None, None) => self.required("vocab_size", bounds::VOCABULARY)?,
        };
        let width = self.required("hidden_size", bounds::WIDTH)?;
        let head = self.head(self.flag("tie_word_embeddings", tied)?)?;
        Ok(Frame { vocabulary, width, head })
    }

    /// Grouped heads without biases, norms or sinks. `head_width` and `groups` are the class's defaults
    /// where the fields are absent: none means width / heads, and one for each head.
    fn grouped(&self, heads: u64, head_width: Option<u64>, groups: Option<u64>) -> Built<Grouped> {
        let width = self.required("hidden_size", bounds::WIDTH)?;
        let head_width = match self.absent_or("head_dim", bounds::WIDTH, head_width)? {
            Some(head_width) => head_width,
            None => divide("hidden_size", width, "num_attention_heads", heads)?,
        };
        check_attention(heads, head_width)?;
        let field = "num_key_value_heads";
        let key_value_heads = self.absent_or(field, bounds::WIDTH, groups)?.unwrap_or(heads);
        divide("num_attention_heads", heads, field, key_value_heads)?;
        Ok(Grouped {
            heads,
            key_value_heads,
            head_width,
            query_key_value_bias: false,
            output_bias: false,
            norm: QueryKeyNorm::None,
            sinks: false,
            fused: false,
            window: None,
        })
    }

    fn heads(&self) -> Built<u64> {
        self.required("num_attention_heads", bounds::WIDTH)
    }

    /// Grouped heads with biases as `attention_bias` says.
    fn biased(&self, grouped: Grouped, default: bool) -> Built<Grouped> {
        let bias = self.flag("attention_bias", default)?;
        Ok(Grouped { query_key_value_bias: bias, output_bias: bias, ..grouped })
    }

    fn gated(&self, field: &str, fused: bool) -> Built<FeedForward> {
        let inner = self.required(field, bounds::INNER)?;
        Ok(FeedForward::Gated(Gated { inner, bias: false, fused }))
    }

    /// Experts without biases, corrections or a shared one.
    fn experts(&self, count: &str, inner: &str, chosen: u64, names: ExpertNames) -> Built<Experts> {
        let experts = self.required(count, bounds::EXPERTS)?;
        let field = "num_experts_per_tok";
        let chosen = self.optional(field, bounds::EXPERTS)?.unwrap_or(chosen);
        if chosen > experts {
            let fault = format!("{chosen} of {experts} experts cannot be chosen");
            return Err(ConfigError::new(field, fault, format!("correct it or {count}")));
        }
        let width = self.required(inner, bounds::INNER)?;
        if experts * width > bounds::INNER {
            let fault = format!("{experts} experts of {width} are too wide");
            let fix = format!("together they may have {}", bounds::INNER);
            return Err(ConfigError::new(inner, fault, fix));
        }
        let (shared, bias, correction) = (0, false, false);
        Ok(Experts { experts, chosen, inner: width, shared, bias, correction, names })
    }

    /// The window of each block: by `layer_types`, else by a rule that says whether block `i` has one.
    fn windows(&self, window: Option<u64>, has: impl Fn(u64) -> bool) -> Built<Vec<Option<u64>>> {
        let layers = self.layers()?;
        let Some(kinds) = self.list("layer_types")? else {
            return Ok((0..layers).map(|i| window.filter(|_| has(i))).collect());
        };
        let field = "layer_types";
        if kinds.len() as u64 != layers {
            let fault = format!("it has {} entries for {layers} blocks", kinds.len());
            return Err(ConfigError::new(field, fault, "correct it or num_hidden_layers"));
        }
        let of = |kind: &Value| match kind.as_str() {
            Some("full_attention") => Ok(None),
            Some("sliding_attention" | "chunked_attention") => Ok(window),
            _ => {
                let fault = format!("the kind {} is unknown", shown(kind));
                let fix =
                    "this chapter counts full_attention, sliding_attention and chunked_attention";
                Err(ConfigError::new(field, fault, fix))
            }
        };
        kinds.iter().map(of).collect()
    }

    /// A width, at most `limit`: the class's default where the field is absent, none where it is null.
    fn absent_or(&self, field: &str, limit: u64, default: Option<u64>) -> Built<Option<u64>> {
        let default = default.filter(|_| !self.0.contains_key(field));
        Ok(self.optional(field, limit)?.or(default))
    }

    /// The width of a window.
    fn window(&self, field: &str, absent: Option<u64>) -> Built<Option<u64>> {
        self.absent_or(field, bounds::POSITIONS, absent)
    }

    /// Qwen's windows, which must be switched on: from block `max_window_layers` on.
    fn switched_windows(&self) -> Built<Vec<Option<u64>>> {
        let window = match self.flag("use_sliding_window", false)? {
            true => self.window("sliding_window", Some(4096))?,
            false => None,
        };
        let first = self.zero_or_more("max_window_layers", bounds::LAYERS, 28)?;
        self.windows(window, |i| i >= first)
    }

    fn decoder<F: Fn(u64) -> FeedForward>(&self, parts: Parts<F>) -> Built<Decoder> {
        let positions = self.optional("max_position_embeddings", bounds::POSITIONS)?;
        let blocks = (0..self.layers()?).map(|i| {
            let window = parts.windows.get(i as usize).copied().flatten();
            let attention = match parts.attention {
                Attention::Grouped(grouped) => Attention::Grouped(Grouped { window, ..grouped }),
                latent => latent,
            };
            let feed_forward = (parts.feed_forward)(i);
            Block { attention, feed_forward, name: parts.name, norms: parts.norms }
        });
        let positions = positions.unwrap_or(parts.positions);
        Ok(Decoder::new(parts.family, positions, parts.frame, blocks))
    }
}
