//! What can go wrong, each as one line: the thing, the fault and the fix.

use notebook::fault::{FileFault, Unknown, Usage, WriteFault};

/// A fault in what was asked for, or in a file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No extractor of that name.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// A file that is not an image we can read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// An image with too few pixels for an extractor.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A parameter outside its bounds.
    #[error("{name} {value} is out of range; give a number from {least} to {most}")]
    Parameter {
        /// The parameter, as the command line spells it.
        name: &'static str,
        /// What was given.
        value: usize,
        /// The smallest that is taken.
        least: usize,
        /// The largest that is taken.
        most: usize,
    },
    /// Options that do not fit the command.
    #[error(transparent)]
    Usage(#[from] Usage),
    /// Output that could not be written.
    #[error(transparent)]
    Write(#[from] WriteFault),
}

/// An image that is smaller than what an extractor looks at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{extractor}: the image has {width} × {height} pixels and needs at least {least_width} × {least_height}; {fix}"
)]
pub struct SizeError {
    /// The extractor that was asked.
    pub extractor: &'static str,
    /// Width of the image.
    pub width: usize,
    /// Height of the image.
    pub height: usize,
    /// The smallest width that it takes.
    pub least_width: usize,
    /// The smallest height that it takes.
    pub least_height: usize,
    /// What to do about it.
    pub fix: &'static str,
}

/// A result with the chapter's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
