//! What an operation says to shapes that it does not take.

use backprop::{Error, Result};

/// A fault of shapes; the network puts the name of the operation before it.
pub(super) fn refuse<T>(fault: impl Into<String>, fix: &'static str) -> Result<T> {
    Err(Error::Shape { what: String::new(), fault: fault.into(), fix })
}
