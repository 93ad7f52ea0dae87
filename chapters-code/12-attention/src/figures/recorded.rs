//! Recorded numbers as figures want them.

use notebook::figure::Bar;
use notebook::{Format, Results};

/// A recorded number in a format.
pub fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

/// A recorded share as a bar with its interval, as far as shares go.
pub fn share(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let bar = Bar::new(results.number(key)?);
    Ok(match results.value(key)?.interval {
        Some((low, high)) => bar.interval(low.max(0.0), high.min(1.0)),
        None => bar,
    })
}

/// A recorded number that is never negative as a bar with its interval.
pub fn amount(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let bar = Bar::new(results.number(key)?);
    Ok(match results.value(key)?.interval {
        Some((low, high)) => bar.interval(low.max(0.0), high),
        None => bar,
    })
}
