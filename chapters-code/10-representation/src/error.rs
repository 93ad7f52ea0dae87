//! What can go wrong.

/// A fault that a file or an argument can cause.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tensor of another shape.
    #[error(
        "{name}: the file has {found:?}, and the network {expected:?}; give weights of EfficientNet-Lite0"
    )]
    Tensor {
        /// Its name.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape of the network.
        expected: Vec<usize>,
    },
    /// A photograph that cannot be read.
    #[error(transparent)]
    Picture(#[from] features::Error),
    /// Names of classes that are not those of the network.
    #[error("{}: {fault}; {fix}", file.display())]
    Classes {
        /// The file.
        file: std::path::PathBuf,
        /// What is wrong with it.
        fault: String,
        /// What to do about it.
        fix: &'static str,
    },
    /// Weights that cannot be read, or an engine that cannot run.
    #[error(transparent)]
    Engine(#[from] backprop::Error),
}

/// A result with the chapter's error.
pub type Result<T> = std::result::Result<T, Error>;
