//! Criterion's medians, taken into `results/timings.json` so that a page may state them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;

use crate::chapter::Chapter;
use crate::contents::{Contents, TIMINGS};
use crate::provenance::date_of;
use crate::recorder::Recorder;
use crate::results::{Results, Timing};
use crate::staleness::{Fingerprint, FingerprintError};
use crate::workspace::Workspace;

/// What Criterion writes in `new/estimates.json`, as far as it is read here.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}
#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}
#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}
/// What Criterion writes in `new/benchmark.json`.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

/// Takes the medians of the chapter's bench groups from Criterion's folder and writes them: one
/// file, one sitting. What was recorded before is replaced, also where a bench was not run again.
///
/// # Errors
/// Where no measurement of the chapter is found, or the file cannot be written.
pub fn record(chapter: &Chapter, workspace: &Workspace, threads: usize) -> anyhow::Result<Results> {
    let folder = std::env::var_os("CRITERION_HOME")
        .map_or_else(|| workspace.target().join("criterion"), PathBuf::from);
    let mut found = Vec::new();
    collect(&folder, &mut found, 0);
    let of_chapter =
        |id: &str| chapter.benches.iter().any(|b| id.split('/').next() == Some(b.as_str()));
    found.retain(|(id, ..)| of_chapter(id));
    // Group by group, each from slow to fast: the order of a ladder.
    let group = |id: &str| id.split('/').next().unwrap_or_default().to_owned();
    found.sort_by(|a, b| group(&a.0).cmp(&group(&b.0)).then(b.1.seconds.total_cmp(&a.1.seconds)));
    let Some(latest) = found.iter().map(|(.., time)| *time).max() else {
        anyhow::bail!(
            "{}: no measurement of this chapter; run `cargo bench -p {}` first",
            folder.display(),
            chapter.name
        );
    };
    let recorder = Recorder::new(&chapter.name, TIMINGS, "Criterion's medians", 0, threads);
    let finished = recorder.finish(Fingerprint::take(workspace, &chapter.name, &[])?);
    let mut results = finished.map_err(|faults| anyhow::anyhow!(faults.join("; ")))?;
    results.provenance.date = date_of(latest);
    results.timings = found.into_iter().map(|(id, timing, _)| (id, timing)).collect();
    results.provenance.seconds = 0.0;
    results.write(&chapter.results_file(workspace, TIMINGS))?;
    Ok(results)
}

/// What changed in the code since the medians of `chapter` were recorded, one reason a line; nothing
/// where there are none, or where they were recorded before fingerprints were kept with them.
///
/// Such medians are told of and not refused: no page should wait for a quiet machine.
///
/// # Errors
/// [`FingerprintError`] where the sources cannot be read.
pub fn changes(chapter: &Contents, workspace: &Workspace) -> Result<Vec<String>, FingerprintError> {
    let Ok(recorded) = chapter.read_results(workspace, TIMINGS) else { return Ok(Vec::new()) };
    let then = recorded.provenance.fingerprint;
    if then.sources.is_empty() {
        return Ok(Vec::new());
    }
    Ok(then.changes(&Fingerprint::take(workspace, &chapter.name, &[])?))
}

/// Every measurement below `folder`: id, median with its interval, when.
fn collect(folder: &Path, found: &mut Vec<(String, Timing, SystemTime)>, depth: usize) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name() == "new" {
            found.extend(measurement(&path));
        } else if path.is_dir() && depth < 4 {
            collect(&path, found, depth + 1);
        }
    }
}

/// The measurement in a folder `new`, unless it is unfinished.
fn measurement(folder: &Path) -> Option<(String, Timing, SystemTime)> {
    let path = folder.join("estimates.json");
    let when = fs::metadata(&path).ok()?.modified().ok()?;
    let Estimates { median } = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
    let id = fs::read_to_string(folder.join("benchmark.json")).ok()?;
    let Benchmark { full_id } = serde_json::from_str(&id).ok()?;
    let Interval { lower_bound, upper_bound } = median.confidence_interval;
    // Criterion counts nanoseconds; four digits are more than it knows.
    let seconds = |ns: f64| format!("{:.3e}", ns * 1e-9).parse::<f64>().unwrap_or(ns * 1e-9);
    let interval = Some((seconds(lower_bound), seconds(upper_bound)));
    Some((full_id, Timing { seconds: seconds(median.point_estimate), interval }, when))
}
