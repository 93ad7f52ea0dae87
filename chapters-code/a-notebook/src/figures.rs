//! The appendix's own figure.

use crate::{Figure, Recorded};

/// The running mean of the dice, with its interval.
pub fn dice(_recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    anyhow::bail!("not drawn yet")
}
