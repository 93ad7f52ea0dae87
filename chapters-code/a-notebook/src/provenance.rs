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
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let seconds = i64::try_from(seconds).unwrap_or(0);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |t| t.to_string())
}

/// `2026-11-23T10:35:03Z` as `23 November 2026`; a text that is not a date stays as it is.
pub fn long_date(date: &str) -> String {
    let parsed = date.parse::<jiff::Timestamp>();
    parsed.map_or_else(|_| date.to_owned(), |t| t.strftime("%-d %B %Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_utc_and_read_back() {
        let moment = UNIX_EPOCH + std::time::Duration::from_secs(1_795_430_103);
        assert_eq!(date_of(moment), "2026-11-23T10:35:03Z");
        assert_eq!(long_date("2026-11-23T10:35:03Z"), "23 November 2026");
        assert_eq!(long_date("yesterday"), "yesterday");
    }

    #[test]
    fn a_machine_has_a_name() {
        assert!(!Machine::this(2).cpu.is_empty());
        assert!(Machine::this(1).describe().ends_with(", 1 thread"));
    }
}
