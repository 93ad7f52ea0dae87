//! The language models of today, read from their configurations.

use anyhow::Context as _;

use crate::architectures::{Head, Model};
use crate::config;

/// A model whose configuration is among the crate's.
pub struct Today {
    /// The name for people.
    pub title: &'static str,
    /// The key of its results.
    pub key: &'static str,
    text: &'static str,
    /// The active parameters that its authors print, in 10⁹; none where all are.
    pub active: Option<f64>,
}

macro_rules! today {
    ($title:literal, $key:literal, $active:expr) => {
        Today {
            title: $title,
            key: $key,
            text: include_str!(concat!("../../tests/configs/", $key, ".json")),
            active: $active,
        }
    };
}

/// From small to large, the mixtures last.
pub const TODAY: [Today; 19] = [
    today!("Gemma 3 270M", "gemma3-270m", None),
    today!("Qwen3 0.6B", "qwen3-0.6b", None),
    today!("Gemma 3 1B", "gemma3-1b", None),
    today!("Phi-3 mini", "phi3-mini", None),
    today!("Qwen3 4B", "qwen3-4b", None),
    today!("Mistral 7B", "mistral-7b", None),
    today!("OLMo 2 7B", "olmo2-7b", None),
    today!("Qwen3 8B", "qwen3-8b", None),
    today!("Gemma 2 9B", "gemma2-9b", None),
    today!("GLM-4 9B", "glm4-9b", None),
    today!("Gemma 3 27B", "gemma3-27b", None),
    today!("gpt-oss 20B", "gpt-oss-20b", Some(3.61)),
    today!("Qwen3 30B-A3B", "qwen3-30b-a3b", Some(3.3)),
    today!("Mixtral 8x7B", "mixtral-8x7b", Some(12.9)),
    today!("Llama 4 Scout", "llama4-scout", Some(17.0)),
    today!("gpt-oss 120B", "gpt-oss-120b", Some(5.13)),
    today!("Llama 4 Maverick", "llama4-maverick", Some(17.0)),
    today!("DeepSeek-V3", "deepseek-v3", Some(37.0)),
    today!("Kimi K2", "kimi-k2", Some(32.0)),
];

impl Today {
    /// The network.
    pub fn model(&self) -> anyhow::Result<Model> {
        let value = serde_json::from_str(self.text)?;
        config::parse(&value).with_context(|| self.title.to_string())
    }

    /// The network of that key.
    pub fn named(key: &str) -> anyhow::Result<Model> {
        let found = TODAY.iter().find(|today| today.key == key);
        found.with_context(|| format!("no configuration is called {key}"))?.model()
    }
}

/// Parameters of the table of words, and of the head where it has a matrix of its own.
pub fn tables(model: &Model) -> [u64; 2] {
    let (Model::Decoder(_) | Model::Llama(_)) = model else { return [0, 0] };
    let frame = match model {
        Model::Decoder(decoder) => decoder.frame,
        Model::Llama(llama) => llama.frame(),
        _ => return [0, 0],
    };
    let table = frame.vocabulary * frame.width;
    [table, if frame.head == Head::Words { table } else { 0 }]
}
