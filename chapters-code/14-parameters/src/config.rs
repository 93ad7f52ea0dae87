//! Hugging Face's `config.json`: the numbers of a language model of one of the families that
//! [`families`] lists.
//!
//! A field that fixes the network's size must be there, since a silent default would count another
//! network. Fields with a natural default (tying, biases, grouped heads, `head_dim`, windows, `n_inner`)
//! follow transformers' configuration classes where they are absent or null; [`families`] says which.
//!
//! A model that also reads images keeps its language model's numbers in `text_config`: these are
//! counted, and what reads images is not.
//!
//! The first of `architectures` says what stands on the blocks: a language-model head
//! (`LlamaForCausalLM`, and where the field is absent), scores for a text
//! (`LlamaForSequenceClassification`: as many as `id2label` has or `num_labels` says, else two), or
//! nothing (`LlamaModel`). Any other network is refused by its name. Fields that change no shape
//! (dropout, rotary settings, quantisation) are ignored.

mod families;

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use notebook::fault::FileFault;
use serde_json::{Map, Value};

use crate::architectures::{Head, Model};
use crate::error::{ConfigError, Error, Result};

/// The largest file that is read, in bytes; real ones have a few thousand.
pub const FILE_LIMIT: u64 = 1 << 20;

/// The largest values that a field may have. Generous: each is above that of any published
/// network, and no count that they allow overflows 64 bits.
pub mod bounds {
    /// Length of a token's vector, and of all heads together.
    pub const WIDTH: u64 = 1 << 20;
    /// Hidden width of a block's network, or of all its experts together.
    pub const INNER: u64 = 1 << 22;
    /// Blocks.
    pub const LAYERS: u64 = 10_000;
    /// Words.
    pub const VOCABULARY: u64 = 1 << 27;
    /// Tokens of context.
    pub const POSITIONS: u64 = 1 << 24;
    /// Experts of a block.
    pub const EXPERTS: u64 = 1 << 14;
}

/// Reads a configuration and builds the network. At most [`FILE_LIMIT`] bytes are read, and only
/// from a regular file.
///
/// # Errors
///
/// [`Error::File`] where the file is absent, not a regular file, too large, empty, not UTF-8 or not
/// JSON; [`Error::Config`] where its fields do not describe a network.
pub fn read(path: &Path) -> Result<Model> {
    let shown = one_line(&path.display().to_string());
    let text =
        read_text(path).map_err(|(fault, fix)| FileFault { path: shown.clone(), fault, fix })?;
    let value: Value = serde_json::from_str(&text).map_err(|fault| FileFault {
        path: shown.clone(),
        fault: format!("not JSON: {fault}"),
        fix: if fault.is_eof() {
            "the file is cut short: fetch it again"
        } else {
            "mend the file or fetch it again"
        },
    })?;
    parse(&value).map_err(|fault| Error::Config { path: shown, fault })
}

/// A file's text, or the fault and its fix.
fn read_text(path: &Path) -> Result<String, (String, &'static str)> {
    const NAME_A_FILE: &str = "give the path of a config.json";
    let fault = |fault: std::io::Error| (one_line(&fault.to_string()), NAME_A_FILE);
    // Before opening it: opening a pipe would wait for somebody to write.
    let metadata = fs::metadata(path).map_err(fault)?;
    if metadata.is_dir() {
        return Err(("it is a directory".into(), "give the path of the config.json inside it"));
    }
    if !metadata.is_file() {
        return Err(("it is not a regular file".into(), NAME_A_FILE));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
        .map_err(fault)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err((
            "it is larger than 1 MiB".into(),
            "a config.json has a few kilobytes: check the path",
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(("it is UTF-16 text".into(), "save it as UTF-8"));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| ("it is not UTF-8 text".into(), "check the path"))?;
    // Editors and shells of Windows begin UTF-8 with a mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match text.trim().is_empty() {
        true => Err(("it is empty".into(), "fetch it again")),
        false => Ok(text.to_owned()),
    }
}

/// Text from outside, made fit for one line of a message.
pub(crate) fn one_line(text: &str) -> String {
    const LIMIT: usize = 200;
    let mut line: String =
        text.chars().take(LIMIT).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LIMIT).is_some() {
        line.push('…');
    }
    line
}

/// The network that a configuration describes.
///
/// # Errors
///
/// The first field that is missing, of a wrong type, out of bounds or at odds with another.
pub fn parse(value: &Value) -> Result<Model, ConfigError> {
    let Value::Object(map) = value else {
        return Err(ConfigError::new("the file", "it is not a JSON object", "give a config.json"));
    };
    let text = text_part(map);
    let model = families::build(&Fields(&text))?;
    Ok(match (model, &text) {
        (Model::Decoder(mut decoder), Cow::Owned(_)) => {
            decoder.notes.insert(0, "The language model alone: what reads images is not counted.");
            Model::Decoder(decoder)
        }
        (model, _) => model,
    })
}

/// The fields of the language model: those of `text_config`, where there is one, with what stands
/// outside and is missing inside.
fn text_part(map: &Map<String, Value>) -> Cow<'_, Map<String, Value>> {
    let Some(Value::Object(inner)) = map.get("text_config") else {
        return Cow::Borrowed(map);
    };
    let mut text = inner.clone();
    for field in ["model_type", "tie_word_embeddings", "architectures"] {
        if text.get(field).is_none_or(Value::is_null)
            && let Some(outer) = map.get(field)
        {
            text.insert(field.to_string(), outer.clone());
        }
    }
    Cow::Owned(text)
}

/// The fields of a configuration, with checks.
struct Fields<'a>(&'a Map<String, Value>);

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
                Some(class) => Ok(families::of_class(class).unwrap_or(class).to_string()),
                None => Err(ConfigError::new("model_type", "it is missing", fix)),
            },
        }
    }

    /// The first of `architectures`: what transformers builds.
    fn network(&self) -> Result<Option<&str>, ConfigError> {
        let names = match self.0.get("architectures") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(names)) => names,
            Some(other) => {
                let fault = format!("{} is not a list of names", shown(other));
                return Err(ConfigError::new(
                    "architectures",
                    fault,
                    "write it as transformers does",
                ));
            }
        };
        match names.first() {
            None => Ok(None),
            Some(Value::String(name)) => Ok(Some(name)),
            Some(other) => {
                let fault = format!("{} is not a name", shown(other));
                Err(ConfigError::new("architectures", fault, "write it as transformers does"))
            }
        }
    }

    /// What stands on the blocks, where a language model's head would be tied or not.
    fn head(&self, tied: bool) -> Result<Head, ConfigError> {
        let of_words = if tied { Head::Tied } else { Head::Words };
        match self.network()? {
            None => Ok(of_words),
            Some(name) if families::is_body(name) => Ok(Head::None),
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

    /// A whole number from 1 to `limit`; none where the field is absent or null.
    fn optional(&self, field: &str, limit: u64) -> Result<Option<u64>, ConfigError> {
        let fix = format!("it must be a whole number from 1 to {limit}");
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) if (1..=limit).contains(&number) => Ok(Some(number)),
                _ => Err(ConfigError::new(field, format!("{} is out of range", shown(value)), fix)),
            },
        }
    }

    /// A whole number that has to be there.
    fn required(&self, field: &str, limit: u64) -> Result<u64, ConfigError> {
        self.optional(field, limit)?.ok_or_else(|| {
            ConfigError::new(
                field,
                "it is missing",
                format!("add it: a whole number from 1 to {limit}"),
            )
        })
    }

    /// A field that GPT-2 spells in its own way and other libraries in the common way.
    fn either(&self, field: &str, common: &str, limit: u64) -> Result<u64, ConfigError> {
        match self.optional(common, limit)? {
            Some(number) if !self.0.contains_key(field) => Ok(number),
            _ => self.required(field, limit),
        }
    }

    fn flag(&self, field: &str, default: bool) -> Result<bool, ConfigError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(ConfigError::new(
                field,
                format!("{} is neither", shown(other)),
                "it must be true or false",
            )),
        }
    }

    /// A whole number from 0 to `limit`, or the default where the field is absent or null.
    fn zero_or_more(&self, field: &str, limit: u64, default: u64) -> Result<u64, ConfigError> {
        match self.0.get(field) {
            Some(Value::Number(number)) if number.as_u64() == Some(0) => Ok(0),
            _ => Ok(self.optional(field, limit)?.unwrap_or(default)),
        }
    }

    /// A list; none where the field is absent, null or empty.
    fn list(&self, field: &str) -> Result<Option<&[Value]>, ConfigError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values.as_slice()).filter(|v| !v.is_empty())),
            Some(other) => {
                let fault = format!("{} is not a list", shown(other));
                Err(ConfigError::new(field, fault, "write it as transformers does"))
            }
        }
    }

    /// Whether each of so many blocks is in a list of blocks; none where there is no list.
    fn members(&self, field: &str, layers: u64) -> Result<Option<Vec<bool>>, ConfigError> {
        let Some(values) = self.list(field)? else { return Ok(None) };
        let mut members = vec![false; layers as usize];
        for value in values {
            let place = value.as_u64().and_then(|i| members.get_mut(usize::try_from(i).ok()?));
            *place.ok_or_else(|| {
                let fault = format!("{} is no block", shown(value));
                ConfigError::new(field, fault, format!("blocks are 0 to {}", layers - 1))
            })? = true;
        }
        Ok(Some(members))
    }
}

/// `number / parts`, where it is whole.
fn divide(field: &str, number: u64, other: &str, parts: u64) -> Result<u64, ConfigError> {
    if number.is_multiple_of(parts) {
        return Ok(number / parts);
    }
    let fault = format!("{number} is not divisible by {other}, {parts}");
    Err(ConfigError::new(field, fault, "correct one of the two"))
}

fn check_attention(heads: u64, head_width: u64) -> Result<(), ConfigError> {
    if heads * head_width <= bounds::WIDTH {
        return Ok(());
    }
    let fault = format!("{heads} heads of {head_width} are too wide");
    Err(ConfigError::new("head_dim", fault, format!("together they may have {}", bounds::WIDTH)))
}

/// A value from the file, short enough for a message.
fn shown(value: &Value) -> String {
    const LIMIT: usize = 40;
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        other => {
            let text = one_line(&other.to_string());
            match text.chars().nth(LIMIT) {
                Some(_) => text.chars().take(LIMIT).chain(['…']).collect(),
                None => text,
            }
        }
    }
}
