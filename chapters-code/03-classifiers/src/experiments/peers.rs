//! What others take for the same jobs, as a script wrote it down.

use notebook::Recorder;

/// The file of [`peers`], from the workspace's root.
pub const PEERS: &str = "tests/peers/03-classifiers-time.json";

#[derive(serde::Deserialize)]
struct Report {
    processor: String,
    date: String,
    versions: std::collections::BTreeMap<String, String>,
    seconds: std::collections::BTreeMap<String, f64>,
}

/// What scikit-learn, faiss and LIBLINEAR take for the jobs of the benchmark.
pub fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: Report = serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?)?;
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
