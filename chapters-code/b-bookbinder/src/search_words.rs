//! `search.toml`: what readers ask for in other words than the pages use.
//!
//! ```toml
//! same = [["HOG", "histogram of oriented gradients"]]
//!
//! [[place]]
//! words = ["early stopping"]
//! section = "07-optimization/trainer.html#when-to-save-when-to-stop"
//!
//! [weight]
//! "exercises.html" = 0.6
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// What `search.toml` says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Groups of words and phrases, each of which finds the others.
    pub same: Vec<Vec<String>>,
    /// Sections that treat what they do not name.
    pub place: Vec<Place>,
    /// What a hit counts where an address contains a text; 1 elsewhere.
    pub weight: BTreeMap<String, f64>,
}

/// A section, and what is treated there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What it is found as.
    pub words: Vec<String>,
    /// Its address from the book's root.
    pub section: String,
}

impl Words {
    /// The name of the file, at the book's root.
    pub const FILE: &str = "search.toml";

    /// Reads the file below `root`; without one, no words are added.
    ///
    /// # Errors
    /// A line: what is wrong with the file, and where.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let text = match fs::read_to_string(root.join(Self::FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Words::default()),
            Err(error) => {
                return Err(error).context("search.toml cannot be read; save it as UTF-8");
            }
        };
        toml::from_str(&text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            let line = before.matches('\n').count() + 1;
            anyhow::anyhow!("search.toml:{line}: {}; see the entries beside it", error.message())
        })
    }

    /// What a hit in the section at this address counts.
    pub fn weight(&self, url: &str) -> f64 {
        let named = self.weight.iter().filter(|(part, _)| url.contains(part.as_str()));
        named.map(|(_, weight)| weight).product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hit_counts_follows_from_its_address() {
        let words: Words = toml::from_str("[weight]\n\"a.html\" = 0.5\n").unwrap();
        assert!((words.weight("x/a.html#b") - 0.5).abs() < 1e-9);
        assert!((words.weight("c.html") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_fault_names_its_line() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Words::read(folder.path()).unwrap().same.is_empty());
        fs::write(folder.path().join(Words::FILE), "same = []\nsome = 1\n").unwrap();
        let said = Words::read(folder.path()).unwrap_err().to_string();
        assert!(said.starts_with("search.toml:2: "), "{said}");
    }
}
