//! Recorded numbers as bars and words.

use notebook::figure::Bar;
use notebook::{Format, Results};

/// A recorded number in words.
pub fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

/// A recorded number in words, with its interval.
pub fn span(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.apply_interval(&results.value(key)?)?)
}

/// A bar with the interval of a recorded number.
pub fn interval(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let value = results.number(key)?;
    let (low, high) = results.value(key)?.interval.unwrap_or((value, value));
    Ok(Bar::new(value).interval(low, high))
}
