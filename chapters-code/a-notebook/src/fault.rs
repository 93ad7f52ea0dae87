//! What can go wrong with what a reader asked for, each as one line: the thing, the fault and the fix.
//! A chapter's own error type joins those that it needs.

use std::io;
use std::path::Path;

/// A name that is not among those that are known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} {name:?}: {hint}")]
pub struct Unknown {
    /// What it should be the name of, for example `model`.
    pub kind: &'static str,
    /// What was asked for.
    pub name: String,
    /// What to do instead, with the nearest name where there is a near one.
    pub hint: String,
}

/// A file that was given and cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {fault}; {fix}")]
pub struct FileFault {
    /// The file, as given.
    pub path: String,
    /// What is wrong with it.
    pub fault: String,
    /// What to do about it.
    pub fix: &'static str,
}

/// A command line that asks for nothing, for two things, or for what does not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub &'static str);

/// Output that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {what}: {source}; check where it goes")]
pub struct WriteFault {
    /// What could not be written.
    pub what: String,
    /// Why.
    pub source: io::Error,
}

impl WriteFault {
    /// The file at `path` could not be written.
    pub fn file(path: &Path, source: io::Error) -> Self {
        WriteFault { what: path.display().to_string(), source }
    }
}

impl From<io::Error> for WriteFault {
    /// What a command prints could not be written.
    fn from(source: io::Error) -> Self {
        // What has been told once is passed on.
        source
            .downcast::<WriteFault>()
            .unwrap_or_else(|source| WriteFault { what: "the output".to_owned(), source })
    }
}
