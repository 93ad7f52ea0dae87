//! What can go wrong in training, each as one line: the thing, the fault and the fix.

use std::path::PathBuf;

/// A fault in training or in a file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A fault in the network, its input or its numbers.
    #[error(transparent)]
    Network(#[from] backprop::Error),
    /// The loss, or a weight, is infinite or not a number.
    #[error("step {step}: the loss is {loss} and cannot be followed further; lower the learning rate{}", last_good(.kept))]
    Diverged {
        /// The step, from 1.
        step: u64,
        /// What the loss was.
        loss: f64,
        /// The last good checkpoint, if there is one.
        kept: Option<PathBuf>,
    },
    /// A file that cannot be read or written, or is not what it should be.
    #[error("{}: {fault}; {fix}", .path.display().to_string().escape_debug())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
        /// What to do about it.
        fix: &'static str,
    },
    /// A file whose weights cannot be read, or are not those of the network.
    #[error("{}: {source}", .path.display().to_string().escape_debug())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do about it.
        source: backprop::Error,
    },
    /// Weights that would be saved and are infinite or not numbers.
    #[error("a weight is infinite or not a number; lower the learning rate")]
    NotFinite,
    /// Settings that cannot be trained with.
    #[error("{what}: {fault}; {fix}")]
    Setting {
        /// The setting.
        what: &'static str,
        /// What is wrong with it.
        fault: String,
        /// What to do about it.
        fix: &'static str,
    },
}

fn last_good(path: &Option<PathBuf>) -> String {
    path.as_ref().map_or(String::new(), |path| format!(", and go on from {}", path.display()))
}

/// A value or a fault.
pub type Result<T, E = Error> = std::result::Result<T, E>;
