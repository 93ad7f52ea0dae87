//! What can go wrong, each as one line: the thing, the fault and the fix.

use std::io;

use notebook::fault::{FileFault, Unknown, Usage, WriteFault};

/// A fault in what the reader asked for, or in a file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No model of that name; the hint names the nearest.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// A configuration file that cannot be read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// A configuration that was read but does not describe a network.
    #[error("{path}: {fault}")]
    Config {
        /// The file, as given.
        path: String,
        /// The field, the fault and the fix.
        fault: ConfigError,
    },
    /// A hyper-parameter or an option outside its bounds.
    #[error(transparent)]
    Field(#[from] ConfigError),
    /// An amount of memory that is none.
    #[error(
        "cannot read {text:?} as an amount of memory: {fault}; write 24GiB, 80GB, 512MiB or a number of bytes"
    )]
    Memory {
        /// What was given.
        text: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// A command line that asks for nothing, or for two things.
    #[error(transparent)]
    Usage(#[from] Usage),
    /// Output that could not be written.
    #[error(transparent)]
    Write(#[from] WriteFault),
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        WriteFault::from(source).into()
    }
}

/// A fault in one field of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}; {fix}")]
pub struct ConfigError {
    /// The field, as the file spells it.
    pub field: String,
    /// What is wrong.
    pub fault: String,
    /// What to do about it.
    pub fix: String,
}

impl ConfigError {
    /// A fault of `field`.
    pub fn new(field: &str, fault: impl Into<String>, fix: impl Into<String>) -> ConfigError {
        ConfigError { field: field.to_string(), fault: fault.into(), fix: fix.into() }
    }
}

/// A result with the chapter's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
