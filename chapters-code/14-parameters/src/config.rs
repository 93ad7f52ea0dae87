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
mod fields;

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use notebook::fault::FileFault;
use serde_json::{Map, Value};

use fields::Fields;
pub use fields::bounds;
pub(crate) use fields::one_line;

use crate::architectures::Model;
use crate::error::{ConfigError, Error, Result};

/// The largest file that is read, in bytes; real ones have a few thousand.
pub const FILE_LIMIT: u64 = 1 << 20;

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
