//! `lint.toml`: the words and phrases that the rules go by, each with its reason.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// What the file holds; all of it has a default.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A sentence with more words than this is long.
    pub sentence_words: usize,
    /// Words that are spelled as they should be, whatever the dictionary says.
    pub words: Vec<String>,
    /// Phrases that say nothing.
    #[serde(rename = "phrase")]
    pub phrases: Vec<Phrase>,
    /// Terms of the glossary that are everyday words, too.
    pub everyday: Vec<Everyday>,
}

/// A group of phrases that are replaced for one reason.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    /// The phrases; `is|was` in one stands for either word.
    pub find: Vec<String>,
    /// Longer phrases in which these are in place.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What to write instead.
    pub write: String,
    /// Why.
    pub why: String,
}

/// A term that earlier chapters may use in its everyday sense.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Everyday {
    /// The term, as the glossary has it.
    pub term: String,
    /// Why earlier chapters need it.
    pub why: String,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            sentence_words: 40,
            words: Vec::new(),
            phrases: Vec::new(),
            everyday: Vec::new(),
        }
    }
}

impl Settings {
    /// The file's name, at the workspace's root.
    pub const FILE: &str = "lint.toml";

    /// Reads the file below `root`; the default where there is none.
    ///
    /// # Errors
    /// Where it cannot be read or understood.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        match fs::read_to_string(root.join(Self::FILE)) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Settings::default()),
            Err(error) => Err(error).context("lint.toml cannot be read; save it as UTF-8"),
        }
    }

    /// Understands the file's text.
    ///
    /// # Errors
    /// Where it is no TOML, or has a field that it should not have, or lacks one.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |s| 1 + text[..s.start].matches('\n').count());
            anyhow::anyhow!("lint.toml:{line}: {}; see the entries beside it", error.message())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_the_line() {
        let fault = Settings::parse("words = []\n\n[[phrase]]\nfind = []\n").unwrap_err();
        let text = format!("{fault:#}");
        assert!(text.starts_with("lint.toml:3: ") && text.contains("write"), "{text}");
        assert!(Settings::parse("wrods = []").is_err());
    }

    #[test]
    fn a_book_without_the_file_has_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Settings::read(folder.path()).unwrap().sentence_words, 40);
        fs::write(folder.path().join(Settings::FILE), "sentence_words = 12").unwrap();
        assert_eq!(Settings::read(folder.path()).unwrap().sentence_words, 12);
        fs::write(folder.path().join(Settings::FILE), b"\xff").unwrap();
        assert!(Settings::read(folder.path()).is_err());
    }
}
