//! When something was handed in, or should have been: a date and a time of the clock on the wall, with or without the offset of its zone.

use std::fmt;
use std::str::FromStr;

use toml::value::{Datetime, Offset};

/// A minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Minutes since the first of January 1970 on the clock there.
    local: i64,
    /// By how many minutes that clock is ahead of the world's, if that is said.
    ahead: Option<i64>,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl Moment {
    fn new(date: (u16, u8, u8), time: (u8, u8), ahead: Option<i64>) -> Option<Self> {
        let ((year, month, day), (hour, minute)) = (date, time);
        let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
        let local = days(i64::from(year), i64::from(month), i64::from(day)) * 24 * 60;
        let local = local + i64::from(hour) * 60 + i64::from(minute);
        fits.then_some(Moment { local, ahead })
    }

    /// Minutes from another moment to this one; nothing where only one of the two says in which zone it is.
    pub fn minutes_since(self, other: Moment) -> Option<i64> {
        match (self.ahead, other.ahead) {
            (Some(own), Some(others)) => Some((self.local - own) - (other.local - others)),
            (None, None) => Some(self.local - other.local),
            _ => None,
        }
    }

    /// As TOML has it.
    pub fn of_toml(moment: Datetime) -> Option<Self> {
        let (date, time) = (moment.date?, moment.time?);
        let ahead = moment.offset.map(|offset| match offset {
            Offset::Z => 0,
            Offset::Custom { minutes } => i64::from(minutes),
        });
        Self::new((date.year, date.month, date.day), (time.hour, time.minute), ahead)
    }

    /// As Moodle in English writes it: `Thursday, 1 October 2026, 11:10 PM`, or the month first, or 24 hours a day.
    fn of_words(text: &str) -> Option<Self> {
        let (mut month, mut day, mut year, mut time, mut half) = (None, None, None, None, None);
        for word in text.split(|c: char| !c.is_alphanumeric() && c != ':') {
            let small = word.to_lowercase();
            let named = MONTHS.iter().position(|m| small.len() >= 3 && small.starts_with(m));
            match small.as_str() {
                "am" | "pm" => half = Some(small == "pm"),
                _ if word.contains(':') => {
                    let mut parts = word.split(':');
                    time = Some((parts.next()?.parse::<u8>().ok()?, parts.next()?.parse().ok()?));
                }
                _ if word.len() == 4 && word.parse::<u16>().is_ok() => year = word.parse().ok(),
                _ if word.len() <= 2 && word.parse::<u8>().is_ok() => day = word.parse().ok(),
                _ => month = month.or(named),
            }
        }
        let (hour, minute) = time?;
        let hour = match half {
            None => hour,
            Some(is_late) if (1..=12).contains(&hour) => hour % 12 + if is_late { 12 } else { 0 },
            Some(_) => return None,
        };
        let month = u8::try_from(month? + 1).ok()?;
        Self::new((year?, month, day?), (hour, minute), None)
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let found = text.parse::<Datetime>().ok().and_then(Self::of_toml);
        found.or_else(|| Self::of_words(text)).ok_or_else(|| {
            format!("`{text}` is no date with a time; write it like 2026-10-01 23:59")
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, minutes) = (self.local.div_euclid(24 * 60), self.local.rem_euclid(24 * 60));
        let (year, month, day) = date(days);
        write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)?;
        match self.ahead {
            None => Ok(()),
            Some(ahead) => {
                let sign = if ahead < 0 { '-' } else { '+' };
                write!(f, " {sign}{:02}:{:02}", ahead.abs() / 60, ahead.abs() % 60)
            }
        }
    }
}

/// Days from the first of January 1970 to a date. The year begins with March here, so that a leap day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The date so many days after the first of January 1970.
fn date(of: i64) -> (i64, i64, i64) {
    let mut year = 1970 + of.div_euclid(366);
    while days(year + 1, 1, 1) <= of {
        year += 1;
    }
    let month = (1..=12).rev().find(|&m| days(year, m, 1) <= of).unwrap_or(1);
    (year, month, of - days(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn moments_of_moodle_and_of_everybody_are_read() {
        let wanted = of("2026-10-01T23:10:00");
        for text in [
            "2026-10-01 23:10",
            "Thursday, 1 October 2026, 11:10 PM",
            "Thursday, 1 October 2026, 11:10\u{202f}PM",
            "Thursday, October 1, 2026, 11:10 PM",
            "1 October 2026, 23:10",
        ] {
            assert_eq!(of(text), wanted, "{text}");
        }
        assert_eq!(wanted.to_string(), "2026-10-01 23:10");
        assert_eq!(of("1 March 2024, 12:05 AM").to_string(), "2024-03-01 00:05");
        for text in
            ["", "-", "yesterday", "2026-10-01", "23:10", "1 Oct 2026, 25:00", "32 Oct 2026"]
        {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn minutes_are_counted_over_days_years_and_zones() {
        let since = |a: &str, b: &str| of(a).minutes_since(of(b));
        assert_eq!(since("2024-03-01T00:00:00", "2024-02-28T23:59:00"), Some(24 * 60 + 1));
        assert_eq!(since("2027-01-01T00:00:00", "2026-12-31T23:00:00"), Some(60));
        assert_eq!(since("2026-10-01T12:00:00Z", "2026-10-01T12:00:00+02:00"), Some(120));
        assert_eq!(since("2026-10-01T12:00:00Z", "2026-10-01T12:00:00"), None);
        for day in -800_000..800_000 {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }
}
