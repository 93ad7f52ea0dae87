//! What can go wrong, each as one line: the thing, the fault and the fix.

/// A fault that a file or an argument can cause.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A network that the chapter does not have.
    #[error("{name}: no such network; {}", hint(name))]
    Model {
        /// What was asked for.
        name: String,
    },
    /// A network that is known, and whose conventions the chapter does not have.
    #[error("{name}: {fault}; {fix}")]
    Convention {
        /// What was asked for.
        name: String,
        /// What is other.
        fault: &'static str,
        /// What to do about it.
        fix: &'static str,
    },
    /// A file of weights that cannot be used.
    #[error("{file}: {fault}; {fix}")]
    Weights {
        /// The file.
        file: String,
        /// What is wrong with it.
        fault: String,
        /// What to do about it.
        fix: String,
    },
    /// A photograph that cannot be read, or names of classes.
    #[error(transparent)]
    Picture(#[from] representation::Error),
}

/// A result with the chapter's error.
pub type Result<T> = std::result::Result<T, Error>;

/// The most letters of a name that are compared.
const LONGEST: usize = 64;

/// The name that is near to what was typed, or all of them.
fn hint(name: &str) -> String {
    let plain: String = name.to_lowercase().chars().take(LONGEST).collect();
    let near =
        crate::names::NAMES.into_iter().map(|known| (strsim::osa_distance(&plain, known), known));
    match near.min() {
        Some((edits, known)) if 3 * edits <= plain.len() => format!("did you mean {known}?"),
        _ => format!("give one of {}", crate::names::NAMES.join(", ")),
    }
}
