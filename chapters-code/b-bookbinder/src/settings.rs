//! What `book.toml` says, and for whom the book is bound.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mdbook_driver::config::Config;

use crate::site::Repository;

/// What book.toml says that matters here.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Folder of the sources, from the workspace's root.
    pub source: PathBuf,
    /// The repository, for links to the code.
    pub repository: Option<Repository>,
    /// For whom the book is bound.
    pub edition: Edition,
}

/// For whom the book is bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Edition {
    /// For whoever learns alone: hints and solutions in folds.
    #[default]
    Reader,
    /// For a class: hints, and no solutions.
    Student,
    /// For whoever teaches: solutions, what is graded, the mutants and teaching
    /// notes.
    Instructor,
}

impl Edition {
    /// The folder of the rendered book, beside the reader's.
    pub fn suffix(self) -> &'static str {
        match self {
            Edition::Reader => "",
            Edition::Student => "-student",
            Edition::Instructor => "-instructor",
        }
    }
}

impl Settings {
    /// Reads what matters here from `root/book.toml`.
    ///
    /// # Errors
    /// Where the file cannot be read or understood.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        Ok(Settings::of(&config(root)?))
    }

    /// What matters here of a configuration.
    pub fn of(config: &Config) -> Self {
        let repository = config.html_config().as_ref().and_then(Repository::of);
        Settings { source: config.book.src.clone(), repository, ..Settings::default() }
    }
}

/// `root/book.toml`, with the variables `MDBOOK_…` that mdBook lets override
/// it.
///
/// # Errors
/// Where the file cannot be read or understood.
pub fn config(root: &Path) -> anyhow::Result<Config> {
    let mut config = Config::from_disk(root.join("book.toml")).map_err(|e| {
        anyhow::anyhow!(
            "book.toml: cannot be read ({}); restore it from version control",
            e.root_cause()
        )
    })?;
    config
        .update_from_env()
        .context("a variable `MDBOOK_…` cannot be understood; mend or unset it")?;
    Ok(config)
}
