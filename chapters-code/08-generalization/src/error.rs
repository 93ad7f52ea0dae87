//! What can go wrong in a list of regularisers, each as one line.

/// A fault in a list of regularisers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A name that none has, or a number where there is none.
    #[error(
        "{entry:?} is no regulariser; write NAME=NUMBER with decay, dropout, smoothing, shift, mixing, stop-error, stop-loss or average, or the word falling"
    )]
    Entry {
        /// The entry.
        entry: String,
    },
    /// A number that the regulariser cannot have.
    #[error("{name}={number} cannot be; give {range}")]
    Number {
        /// The regulariser.
        name: String,
        /// What was given.
        number: String,
        /// What may be given.
        range: &'static str,
    },
    /// A name that stands twice.
    #[error("{name} is given twice; give it once")]
    Twice {
        /// The regulariser.
        name: String,
    },
}
