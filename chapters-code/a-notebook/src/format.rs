//! How a recorded number is written for a person: `{{#value … | percent 1}}`.
//!
//! One set of formats serves the pages, the tables, the figures and the terminal, so that a number
//! looks the same wherever it appears.

use std::fmt;
use std::str::FromStr;

use crate::scalar::{Scalar, Value, thousands};

/// A no-break space: a number and its unit stay on one line.
const NBSP: char = '\u{a0}';

// ANCHOR: format
/// A way to write a number. Its text form is what a page writes after the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `plain`: as it was recorded, without separators: `2015`.
    Plain,
    /// `int`: rounded, with thousands separators: `60,192,808`.
    Int,
    /// `fixed N`: N decimals: `0.918`.
    Fixed(usize),
    /// `percent N`: a share as a percentage with N decimals: `91.8 %`.
    Percent(usize),
    /// `points N`: a difference of shares in percentage points, N decimals: `1.25 points`.
    Points(usize),
    /// `count N`: thousands K, millions M, billions B, trillions T, with N decimals: `60.2 M`.
    Count(usize),
    /// `si N`: SI prefixes, powers of 1000, N decimals: `4.1 G`.
    Si(usize),
    /// `bytes N`: binary prefixes, powers of 1024, N decimals: `229.6 MiB`.
    Bytes(usize),
    /// `gb N`: gigabytes of 10⁹ bytes, N decimals: `0.24 GB`.
    Gigabytes(usize),
    /// `gib N`: gibibytes of 2³⁰ bytes, N decimals: `0.22 GiB`.
    Gibibytes(usize),
    /// `duration`: seconds in the unit that fits: `1.2 µs`, `3 min 20 s`.
    Duration,
    /// `ratio N`: a factor with N decimals: `3.4 times`.
    Ratio(usize),
    /// `per-minute N`: seconds for one, as how many come in a minute, N decimals: `41`.
    PerMinute(usize),
    /// `sci N`: scientific, N decimals: `3.14 × 10²³`.
    Scientific(usize),
}
// ANCHOR_END: format

/// Why a text is not a format, or a value cannot be written in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Not the name of a format.
    #[error(
        "unknown format `{0}`; use plain, int, fixed N, percent N, points N, count N, si N, bytes N, gb N, gib N, duration, ratio N, per-minute N or sci N"
    )]
    Unknown(String),
    /// A number format for a text.
    #[error("`{0}` is a text and takes no number format; leave the format out")]
    NotANumber(String),
    /// `interval` for a value that has none.
    #[error("the value has no interval; record one, or leave `interval` out")]
    NoInterval,
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let unknown = || FormatError::Unknown(text.trim().to_owned());
        let mut words = text.split_whitespace();
        let name = words.next().ok_or_else(unknown)?;
        let digits = words.next().map(str::parse::<usize>).transpose().map_err(|_| unknown())?;
        if words.next().is_some() || digits.is_some_and(|d| d > 12) {
            return Err(unknown());
        }
        let plain = |format| if digits.is_none() { Ok(format) } else { Err(unknown()) };
        let with = |format: fn(usize) -> Format, default| Ok(format(digits.unwrap_or(default)));
        match name {
            "plain" => plain(Format::Plain),
            "int" => plain(Format::Int),
            "duration" => plain(Format::Duration),
            "fixed" => with(Format::Fixed, 2),
            "percent" => with(Format::Percent, 1),
            "points" => with(Format::Points, 2),
            "count" => with(Format::Count, 1),
            "si" => with(Format::Si, 1),
            "bytes" => with(Format::Bytes, 1),
            "gb" => with(Format::Gigabytes, 2),
            "gib" => with(Format::Gibibytes, 2),
            "ratio" => with(Format::Ratio, 1),
            "per-minute" => with(Format::PerMinute, 0),
            "sci" => with(Format::Scientific, 1),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Format::Plain => f.write_str("plain"),
            Format::Int => f.write_str("int"),
            Format::Duration => f.write_str("duration"),
            Format::Fixed(n) => write!(f, "fixed {n}"),
            Format::Percent(n) => write!(f, "percent {n}"),
            Format::Points(n) => write!(f, "points {n}"),
            Format::Count(n) => write!(f, "count {n}"),
            Format::Si(n) => write!(f, "si {n}"),
            Format::Bytes(n) => write!(f, "bytes {n}"),
            Format::Gigabytes(n) => write!(f, "gb {n}"),
            Format::Gibibytes(n) => write!(f, "gib {n}"),
            Format::Ratio(n) => write!(f, "ratio {n}"),
            Format::PerMinute(n) => write!(f, "per-minute {n}"),
            Format::Scientific(n) => write!(f, "sci {n}"),
        }
    }
}

impl Format {
    /// Writes a scalar.
    ///
    /// # Errors
    /// [`FormatError::NotANumber`] for a text, unless the format is plain.
    pub fn apply(&self, scalar: &Scalar) -> Result<String, FormatError> {
        match (self, scalar) {
            (Format::Plain, Scalar::Integer(i)) => Ok(i.to_string()),
            (Format::Plain, other) => Ok(other.to_string()),
            (Format::Int, Scalar::Integer(i)) => Ok(thousands(*i)),
            (format, other) => match other.number() {
                Some(x) => Ok(format.number(x)),
                None => Err(FormatError::NotANumber(other.to_string())),
            },
        }
    }

    /// Writes a value with its interval: `91.8 % (91.2 to 92.3)`.
    ///
    /// # Errors
    /// As [`apply`](Self::apply), and [`FormatError::NoInterval`].
    pub fn apply_interval(&self, value: &Value) -> Result<String, FormatError> {
        let (low, high) = value.interval.ok_or(FormatError::NoInterval)?;
        let ends = [low, high].map(|x| match self {
            Format::Percent(n) | Format::Points(n) => fixed(100.0 * x, *n),
            format => format.number(x),
        });
        Ok(format!("{} ({} to {})", self.apply(&value.value)?, ends[0], ends[1]))
    }

    /// Writes a number.
    pub fn number(&self, x: f64) -> String {
        match *self {
            Format::Plain => format!("{x}"),
            Format::Int => fixed(x, 0),
            Format::Fixed(n) => fixed(x, n),
            Format::Percent(n) => format!("{}{NBSP}%", fixed(100.0 * x, n)),
            Format::Points(n) => format!("{}{NBSP}points", fixed(100.0 * x, n)),
            Format::Count(n) => scaled(x, n, 1000.0, &["", "K", "M", "B", "T"]),
            Format::Si(n) if x != 0.0 && x.abs() < 1.0 => {
                scaled(x * 1e12, n, 1000.0, &["p", "n", "µ", "m"])
            }
            Format::Si(n) => scaled(x, n, 1000.0, &["", "k", "M", "G", "T", "P", "E", "Z", "Y"]),
            Format::Bytes(n) => scaled(x, n, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"]),
            Format::Gigabytes(n) => format!("{}{NBSP}GB", fixed(x / 1e9, n)),
            Format::Gibibytes(n) => format!("{}{NBSP}GiB", fixed(x / f64::from(1 << 30), n)),
            Format::Duration => duration(x),
            Format::Ratio(n) => format!("{}{NBSP}times", fixed(x, n)),
            Format::PerMinute(n) => fixed(60.0 / x, n),
            Format::Scientific(n) => scientific(x, n),
        }
    }
}

/// `x` with `n` decimals, thousands separators and a true minus sign.
fn fixed(x: f64, n: usize) -> String {
    let text = format!("{:.n$}", x.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let negative = x < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let whole = whole.parse::<i64>().map_or_else(|_| whole.to_owned(), thousands);
    let (sign, point) = (if negative { "−" } else { "" }, if n > 0 { "." } else { "" });
    format!("{sign}{whole}{point}{decimals}")
}

/// `x` in the largest unit in which it is at least 1; the rounding may carry into the next unit.
fn scaled(x: f64, n: usize, base: f64, units: &[&str]) -> String {
    let mut x = x;
    let mut unit = 0;
    let half_step = 0.5 * 10f64.powi(-(n as i32));
    while x.abs() + half_step >= base && unit + 1 < units.len() {
        x /= base;
        unit += 1;
    }
    // Decimals of a whole number of bytes or parameters would promise what is not there.
    let n = if unit == 0 && x.fract() == 0.0 && (units[0].is_empty() || units[0] == "B") {
        0
    } else {
        n
    };
    let space = if units[unit].is_empty() { String::new() } else { NBSP.to_string() };
    format!("{}{space}{}", fixed(x, n), units[unit])
}

/// Seconds in the unit that fits, with three significant digits.
fn duration(seconds: f64) -> String {
    let significant = |x: f64| match x.abs() {
        a if a >= 99.95 => fixed(x, 0),
        a if a >= 9.995 => fixed(x, 1),
        _ => fixed(x, 2),
    };
    match seconds.abs() {
        0.0 => format!("0{NBSP}s"),
        s if s < 999.5e-9 => format!("{}{NBSP}ns", significant(seconds * 1e9)),
        s if s < 999.5e-6 => format!("{}{NBSP}µs", significant(seconds * 1e6)),
        s if s < 999.5e-3 => format!("{}{NBSP}ms", significant(seconds * 1e3)),
        s if s < 119.5 => format!("{}{NBSP}s", significant(seconds)),
        s if s < 7199.5 => {
            let whole = s.round() as u64;
            let (minutes, rest) = (whole / 60, whole % 60);
            if rest == 0 {
                format!("{minutes}{NBSP}min")
            } else {
                format!("{minutes}{NBSP}min {rest}{NBSP}s")
            }
        }
        s => {
            let whole = (s / 60.0).round() as u64;
            match (whole / 60, whole % 60) {
                (hours, 0) => format!("{hours}{NBSP}h"),
                (hours, minutes) => format!("{hours}{NBSP}h {minutes}{NBSP}min"),
            }
        }
    }
}

/// `3.14 × 10²³`.
fn scientific(x: f64, n: usize) -> String {
    let text = format!("{x:.n$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let superscript = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        d => char::from_u32(u32::from('⁰') + u32::from(d) - u32::from('0')).unwrap_or(d),
    };
    let exponent: String = exponent.chars().map(superscript).collect();
    format!("{}{NBSP}×{NBSP}10{exponent}", mantissa.replace('-', "−"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_what_it_writes() {
        for text in [
            "plain",
            "int",
            "fixed 3",
            "percent 1",
            "points 2",
            "count 0",
            "si 2",
            "bytes 1",
            "gb 2",
            "gib 2",
            "duration",
            "ratio 1",
            "per-minute 0",
            "sci 2",
        ] {
            assert_eq!(text.parse::<Format>().map(|f| f.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "per cent", "fixed x", "fixed 1 2", "int 3", "fixed 99"] {
            assert!(text.parse::<Format>().is_err(), "{text:?} should not be a format");
        }
    }

    #[test]
    fn numbers_look_as_people_write_them() {
        let cases = [
            (60_192_808.0, "int", "60,192,808"),
            (0.9183, "percent 1", "91.8\u{a0}%"),
            (0.01254, "points 2", "1.25\u{a0}points"),
            (-0.04, "fixed 1", "0.0"),
            (-1234.5, "fixed 1", "−1,234.5"),
            (60_192_808.0, "count 1", "60.2\u{a0}M"),
            (999_960.0, "count 1", "1.0\u{a0}M"),
            (12.0, "count 1", "12"),
            (4.09e9, "si 1", "4.1\u{a0}G"),
            (0.0021, "si 1", "2.1\u{a0}m"),
            (240_771_232.0, "bytes 1", "229.6\u{a0}MiB"),
            (240_771_232.0, "gib 2", "0.22\u{a0}GiB"),
            (240_771_232.0, "gb 2", "0.24\u{a0}GB"),
            (1.2345e-6, "duration", "1.23\u{a0}µs"),
            (0.9996, "duration", "1.00\u{a0}s"),
            (200.0, "duration", "3\u{a0}min 20\u{a0}s"),
            (36_000.0, "duration", "10\u{a0}h"),
            (7322.0, "duration", "2\u{a0}h 2\u{a0}min"),
            (3.44, "ratio 1", "3.4\u{a0}times"),
            (1.5, "per-minute 0", "40"),
            (3.14e23, "sci 2", "3.14\u{a0}×\u{a0}10²³"),
            (2.5e-7, "sci 1", "2.5\u{a0}×\u{a0}10⁻⁷"),
        ];
        for (x, format, text) in cases {
            assert_eq!(format.parse::<Format>().unwrap().number(x), text, "{x} as {format}");
        }
    }

    #[test]
    fn a_text_takes_no_number_format() {
        assert!(Format::Int.apply(&"ResNet".into()).is_err());
        assert_eq!(Format::Plain.apply(&"ResNet".into()), Ok("ResNet".to_owned()));
        assert_eq!(Format::Plain.apply(&2015.into()), Ok("2015".to_owned()));
    }

    #[test]
    fn an_interval_follows_its_value() {
        let mut value = Value { value: 0.5.into(), interval: None, unit: None };
        assert_eq!(Format::Percent(0).apply_interval(&value), Err(FormatError::NoInterval));
        value.interval(0.4, 0.6);
        assert_eq!(
            Format::Percent(0).apply_interval(&value),
            Ok("50\u{a0}% (40 to 60)".to_owned())
        );
    }
}
