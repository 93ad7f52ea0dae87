//! Where a result comes from: seed, sources, data, machine, date, time taken.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::staleness::Fingerprint;

/// Everything that could explain why a result differs from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Seed of the experiment's generator.
    pub seed: u64,
    /// What the computed results depend on.
    pub fingerprint: Fingerprint,
    /// The machine it ran on.
    pub machine: Machine,
    /// When the run ended, RFC 3339 in UTC, to the second.
    pub date: String,
    /// How long it took.
    pub seconds: f64,
}

/// The machine that a run was measured on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Model name of the processor.
    pub cpu: String,
    /// Operating system and architecture, for example `linux x86_64`.
    pub system: String,
    /// Threads that the run used.
    pub threads: usize,
}

impl Machine {
    /// This machine, running `threads` threads.
    pub fn this(threads: usize) -> Self {
        let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        Machine { cpu: cpu().unwrap_or_else(|| "unknown processor".into()), system, threads }
    }

    /// `AMD EPYC 7763, 2 threads`.
    pub fn describe(&self) -> String {
        let plural = if self.threads == 1 { "" } else { "s" };
        format!("{}, {} thread{plural}", self.cpu, self.threads)
    }
}

/// The processor's name, as the operating system tells it.
fn cpu() -> Option<String> {
    let name = if cfg!(target_os = "linux") {
        let info = std::fs::read_to_string("/proc/cpuinfo").ok()?;
        let line = info.lines().find(|l| l.starts_with("model name") || l.starts_with("Model"))?;
        line.split_once(':')?.1.to_owned()
    } else if cfg!(target_os = "macos") {
        let out = std::process::Command::new("sysctl")
            .args(["-n", "machdep.cpu.brand_string"])
            .output()
            .ok()?;
        String::from_utf8(out.stdout).ok()?
    } else {
        std::env::var("PROCESSOR_IDENTIFIER").ok()?
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// Now, in UTC, to the second: `2026-11-23T10:35:03Z`.
pub fn now() -> String {
    date_of(SystemTime::now())
}

/// A moment in UTC, to the second.
pub fn date_of(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `2026-11-23T10:35:03Z` as `23 November 2026`; a text that is not a date stays as it is.
pub fn long_date(date: &str) -> String {
    let parts = || {
        let (day, time) = date.split_once('T')?;
        let mut day = day.splitn(3, '-').map(|part| part.parse::<usize>().ok());
        let (year, month, day) = (day.next()??, day.next()??, day.next()??);
        let name = MONTHS.get(month.checked_sub(1)?)?;
        (time.ends_with('Z') && (1..=31).contains(&day)).then(|| format!("{day} {name} {year}"))
    };
    parts().unwrap_or_else(|| date.to_owned())
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year, month and day in the Gregorian calendar, so many days after 1 January 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    // From 1 March on, the leap day ends its year, and months 0 to 11 begin after (153 m + 2) / 5 days.
    const EPOCH: u64 = 719_468; // days from 1 March of the year 0
    const PERIOD: u64 = 146_097; // days in 400 years, after which the calendar repeats
    let (period, day) = ((days + EPOCH) / PERIOD, (days + EPOCH) % PERIOD);
    let year = (day - day / 1_460 + day / 36_524 - day / (PERIOD - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, after) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (400 * period + year + after, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_utc_and_read_back() {
        let moment = UNIX_EPOCH + std::time::Duration::from_secs(1_795_430_103);
        assert_eq!(date_of(moment), "2026-11-23T10:35:03Z");
        assert_eq!(long_date("2026-11-23T10:35:03Z"), "23 November 2026");
        for text in ["yesterday", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11T10Z"] {
            assert_eq!(long_date(text), text);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (364, (1970, 12, 31)),
            (789, (1972, 2, 29)),    // divisible by four
            (11_016, (2000, 2, 29)), // and by four hundred
            (11_017, (2000, 3, 1)),
            (19_782, (2024, 2, 29)),
            (20_780, (2026, 11, 23)),
            (47_540, (2100, 2, 28)), // by a hundred alone: no leap year
            (47_541, (2100, 3, 1)),
            (2_932_896, (9999, 12, 31)),
        ] {
            assert_eq!(civil(days), date);
        }
    }

    #[test]
    fn every_day_follows_the_day_before() {
        let leap = |year: u64| {
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
        };
        let mut date = (1970, 1, 1);
        for days in 0..300_000 {
            assert_eq!(civil(days), date);
            let (year, month, day) = date;
            let last = match month {
                2 => 28 + u64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            date = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                (_, day) if day == last => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }

    #[test]
    fn a_machine_has_a_name() {
        assert!(!Machine::this(2).cpu.is_empty());
        assert!(Machine::this(1).describe().ends_with(", 1 thread"));
    }
}
