//! Units for people: GB and GiB, thousands and millions.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// Bytes of a gibibyte.
pub const GIB: f64 = (1_u64 << 30) as f64;

/// An amount of memory in bytes.
///
/// Two unit systems share their letters: 1 GB is 10⁹ bytes (disks, networks), 1 GiB is 2³⁰ bytes
/// (memory), and the second is 7.4 % larger. `u128`, since a cache for many long texts of a large
/// model has no small bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u128);

impl Bytes {
    /// In units of 10⁹ bytes.
    pub fn gigabytes(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// In units of 2³⁰ bytes.
    pub fn gibibytes(self) -> f64 {
        self.0 as f64 / GIB
    }
}

const DECIMAL: [(&str, u128); 4] =
    [("kB", 1000), ("MB", 1000_u128.pow(2)), ("GB", 1000_u128.pow(3)), ("TB", 1000_u128.pow(4))];
const BINARY: [(&str, u128); 4] =
    [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

impl Bytes {
    /// Three digits or more in units of powers of 1000: `31.2 GB`.
    pub fn decimal(self) -> String {
        self.in_units(&DECIMAL)
    }

    /// Three digits or more in units of powers of 1024: `29.0 GiB`.
    pub fn binary(self) -> String {
        self.in_units(&BINARY)
    }

    fn in_units(self, units: &[(&str, u128)]) -> String {
        let unit = units.iter().rev().find(|(_, size)| self.0 >= *size);
        match unit {
            Some((name, size)) => {
                let value = self.0 as f64 / *size as f64;
                let digits = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
                let shown =
                    if value < 1e6 { format!("{value:.digits$}") } else { format!("{value:.2e}") };
                format!("{shown} {name}")
            }
            None => format!("{} B", self.0),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.binary())
    }
}

/// The most memory that [`Bytes`] reads: 2⁶⁰ bytes.
const MEMORY_LIMIT: f64 = (1_u64 << 60) as f64;

impl FromStr for Bytes {
    type Err = Error;

    /// Reads `24GiB`, `80 GB`, `1.5TiB`, `512MiB` or a number of bytes. Unit letters may be of
    /// either case; a bare `G` is refused, since it does not say which of the two it means.
    fn from_str(text: &str) -> Result<Bytes, Error> {
        let fault = |fault| Error::Memory { text: text.chars().take(40).collect(), fault };
        let trimmed = text.trim();
        let split =
            trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(trimmed.len());
        let (number, unit) = (&trimmed[..split], trimmed[split..].trim());
        let size = unit_size(unit).ok_or_else(|| fault(unknown_unit(unit)))?;
        if let (Ok(whole), true) = (number.parse::<u64>(), size == 1) {
            return Some(Bytes(whole.into()))
                .filter(|bytes| bytes.0 as f64 <= MEMORY_LIMIT)
                .ok_or_else(|| fault("it is over 2^60 bytes"));
        }
        let value: f64 = number.parse().map_err(|_| fault("it does not begin with a number"))?;
        let bytes = value * size as f64;
        match bytes <= MEMORY_LIMIT {
            true => Ok(Bytes(bytes as u128)),
            false => Err(fault("it is over 2^60 bytes")),
        }
    }
}

fn unit_size(unit: &str) -> Option<u128> {
    let named = DECIMAL.iter().chain(&BINARY).find(|(name, _)| name.eq_ignore_ascii_case(unit));
    match named {
        Some((_, size)) => Some(*size),
        None => (unit.is_empty() || unit.eq_ignore_ascii_case("B")).then_some(1),
    }
}

fn unknown_unit(unit: &str) -> &'static str {
    match unit.to_ascii_lowercase().as_str() {
        "k" | "m" | "g" | "t" => "its unit could mean 1000s or 1024s",
        _ => "its unit is unknown",
    }
}

/// A whole number with commas between thousands: `124,439,808`.
pub fn thousands(number: impl fmt::Display) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Three digits and a prefix: `124 M`, `1.56 G`. For counts of parameters pass `B` for 10⁹, which
/// the field writes for billions; for operations, `G`.
pub fn prefixed(number: u64, giga: &str) -> String {
    let prefixes =
        [("", 1.0), ("k", 1e3), ("M", 1e6), (giga, 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18)];
    let value = number as f64;
    let largest = prefixes.iter().rev().find(|(_, size)| value >= 0.9995 * size);
    match largest {
        Some((prefix, size)) if *size > 1.0 => {
            let scaled = value / size;
            let digits = if scaled < 9.995 { 2 } else { usize::from(scaled < 99.95) };
            format!("{scaled:.digits$} {prefix}")
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_both_systems() {
        let read = |text: &str| text.parse::<Bytes>().map(|bytes| bytes.0).ok();
        assert_eq!(read("24GiB"), Some(24 << 30));
        assert_eq!(read("80GB"), Some(80_000_000_000));
        assert_eq!(read("80 gb"), Some(80_000_000_000));
        assert_eq!(read("512MiB"), Some(512 << 20));
        assert_eq!(read("1.5TiB"), Some(3 << 39));
        assert_eq!(read("25769803776"), Some(24 << 30));
        assert_eq!(read("0"), Some(0));
        for wrong in [
            "",
            "GiB",
            "24G",
            "24QiB",
            "-1GiB",
            "1e9",
            "1.2.3GB",
            "inf",
            "NaN",
            "99999999999TiB",
            "..",
            "१GB",
        ] {
            assert!(wrong.parse::<Bytes>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_are_shown_for_people() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1000), "1,000");
        assert_eq!(thousands(124_439_808), "124,439,808");
        assert_eq!(prefixed(999, "B"), "999");
        assert_eq!(prefixed(999_999, "B"), "1.00 M");
        assert_eq!(prefixed(124_439_808, "B"), "124 M");
        assert_eq!(prefixed(8_030_261_248, "B"), "8.03 B");
        assert_eq!(Bytes(24 << 30).binary(), "24.0 GiB");
        assert_eq!(Bytes(80_000_000_000).decimal(), "80.0 GB");
        assert_eq!(Bytes(80_000_000_000).binary(), "74.5 GiB");
        assert_eq!(Bytes(12).binary(), "12 B");
    }
}
