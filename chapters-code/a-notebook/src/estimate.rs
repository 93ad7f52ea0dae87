//! An estimate with its interval, whatever method found it: what experiments record, and what claims
//! are asserted of.

use crate::Format;
use crate::scalar::Value;

/// A quantity with the interval that it is known to. Ends and quantity have one unit; a share is
/// recorded as a share, and written as points where it is a difference of shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Lower end.
    pub low: f64,
    /// The quantity.
    pub value: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// The estimate as a sentence has it: `1.25 points (0.80 to 1.71)` as [`Format::Points`].
    ///
    /// ```
    /// # use notebook::{Estimate, Format};
    /// let gain = Estimate { low: 0.008, value: 0.0125, high: 0.0171 };
    /// assert_eq!(gain.in_words(Format::Points(2)), "1.25 points (0.80 to 1.71)");
    /// ```
    pub fn in_words(self, format: Format) -> String {
        let mut value = Value::from(self.value);
        value.interval(self.low, self.high);
        // Numbers and an interval can always be written.
        format.apply_interval(&value).unwrap_or_default().replace('\u{a0}', " ")
    }
}

impl From<[f64; 3]> for Estimate {
    /// From a point of a banded curve: low, value, high.
    fn from([low, value, high]: [f64; 3]) -> Self {
        Estimate { low, value, high }
    }
}
