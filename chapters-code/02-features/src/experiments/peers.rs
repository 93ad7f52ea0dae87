//! What scikit-image takes for the same jobs, as its script wrote it down.

use notebook::Recorder;

/// What `tests/peers/02-features-time.py` wrote.
#[derive(serde::Deserialize)]
struct PeerReport {
    processor: String,
    versions: std::collections::BTreeMap<String, String>,
    seconds: std::collections::BTreeMap<String, f64>,
    date: String,
}

/// The file of [`peers`], from the workspace's root.
pub const PEERS: &str = "tests/peers/02-features-time.json";

/// What scikit-image takes for the jobs of the benchmark.
pub fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: PeerReport = serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?)?;
    recorder.value("processor", report.processor.as_str());
    recorder.value("date", report.date.get(..10).unwrap_or(&report.date));
    for (name, version) in &report.versions {
        recorder.value(&format!("version/{name}"), version.as_str());
    }
    for (job, seconds) in &report.seconds {
        recorder.timing(job, *seconds);
    }
    Ok(())
}
