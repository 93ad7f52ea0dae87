//! The leaf of every result: a number or a word, and a recorded value with its interval and unit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number or a text: the leaf of every result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// An exact count.
    Integer(i64),
    /// A measured or derived quantity, always finite.
    Real(f64),
    /// A word, such as the name of a model.
    Text(String),
    /// An empty table cell.
    Empty(()),
}

impl Scalar {
    /// The number, if this is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Scalar::Integer(i) => Some(*i as f64),
            Scalar::Real(r) => Some(*r),
            Scalar::Text(_) | Scalar::Empty(()) => None,
        }
    }

    /// True unless this is a NaN or infinite number, which JSON cannot carry.
    pub(crate) fn is_finite(&self) -> bool {
        !matches!(self, Scalar::Real(r) if !r.is_finite())
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Integer(i) => f.write_str(&thousands(*i)),
            Scalar::Real(r) => write!(f, "{r}"),
            Scalar::Text(t) => f.write_str(t),
            Scalar::Empty(()) => Ok(()),
        }
    }
}

macro_rules! scalar_from_integer {
    ($($t:ty),*) => {$(
        impl From<$t> for Scalar {
            /// Exact where it fits an `i64`, the nearest `f64` beyond.
            fn from(n: $t) -> Self {
                i64::try_from(n).map_or(Scalar::Real(n as f64), Scalar::Integer)
            }
        }
    )*};
}
scalar_from_integer!(i32, i64, u8, u16, u32, u64, usize, u128);

impl From<f64> for Scalar {
    fn from(x: f64) -> Self {
        Scalar::Real(x)
    }
}
impl From<f32> for Scalar {
    fn from(x: f32) -> Self {
        Scalar::Real(f64::from(x))
    }
}
impl From<&str> for Scalar {
    fn from(t: &str) -> Self {
        Scalar::Text(t.to_owned())
    }
}
impl From<String> for Scalar {
    fn from(t: String) -> Self {
        Scalar::Text(t)
    }
}
impl<T: Into<Scalar>> From<Option<T>> for Scalar {
    fn from(x: Option<T>) -> Self {
        x.map_or(Scalar::Empty(()), Into::into)
    }
}

/// A recorded value, with its interval and unit where it has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// The number or text.
    pub value: Scalar,
    /// Ends of the interval, low then high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// Unit, for example `bytes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl<T: Into<Scalar>> From<T> for Value {
    /// Without interval and unit.
    fn from(value: T) -> Self {
        Value { value: value.into(), interval: None, unit: None }
    }
}

impl Value {
    /// States the interval of the value, low then high.
    pub fn interval(&mut self, low: f64, high: f64) -> &mut Self {
        self.interval = Some((low, high));
        self
    }

    /// States the unit of the value.
    pub fn unit(&mut self, unit: &str) -> &mut Self {
        self.unit = Some(unit.to_owned());
        self
    }
}

/// `1234567` as `1,234,567`.
pub fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        text.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
