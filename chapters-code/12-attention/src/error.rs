//! What can go wrong.

/// A fault that a file or an argument can cause.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A network that the chapter does not have.
    #[error("{name}: no such network; give one of {}", crate::names::NAMES.join(", "))]
    Model {
        /// What was asked for.
        name: String,
    },
    /// Arrays that do not belong together.
    #[error(
        "{what}: {found:?} where the other arrays have {expected:?}; give arrays of one problem"
    )]
    Shape {
        /// Which array, and which of its sides.
        what: &'static str,
        /// Its shape.
        found: [usize; 2],
        /// The shape that would fit.
        expected: [usize; 2],
    },
    /// A picture of another size.
    #[error("a picture of {found:?} numbers, and the network takes {expected:?}; resize it first")]
    Picture {
        /// Channels, rows and columns that were given.
        found: [usize; 3],
        /// Those that its positions were learned for.
        expected: [usize; 3],
    },
    /// A tensor of another shape.
    #[error(
        "{name}: there are {found:?} numbers, and the network has {expected:?}; give weights of the same network"
    )]
    Tensor {
        /// Its name.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape of the network.
        expected: Vec<usize>,
    },
    /// A description that is no network.
    #[error(
        "a {what} of {whole} cannot be cut into {parts}; give numbers of which one divides the other"
    )]
    Description {
        /// What is to be cut.
        what: &'static str,
        /// How large it is.
        whole: usize,
        /// Into what.
        parts: usize,
    },
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] residual::Error),
}

/// A result with the chapter's error.
pub type Result<T> = std::result::Result<T, Error>;
