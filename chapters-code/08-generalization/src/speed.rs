//! What a training of each kind costs, beside PyTorch, NumPy and SciPy at the same settings.

use anyhow::Context as _;
use notebook::Figure;
use notebook::figure::{Axis, BarChart};
use notebook::{Chapter, Experiment, Format, Recorded, Recorder, Results, TIMINGS, Table};

/// The share that the epoch that is timed drops.
pub const DROPOUT: f64 = 0.3;

/// What `tests/peers/08-generalization-time.py` wrote, from the workspace's root.
const PEERS: &str = "tests/peers/08-generalization-time.json";

/// Adds what is measured and drawn here.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .experiment(Experiment::new("peers", "What others take", peers).data(PEERS))
        .bench("train")
        .figure("seconds", seconds)
}

/// What others took, as the script wrote it.
fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?).context(PEERS)?;
    let text = |key: &str| report[key].as_str().with_context(|| format!("{PEERS}: no `{key}`"));
    let object =
        |key: &str| report[key].as_object().with_context(|| format!("{PEERS}: no `{key}`"));
    recorder.value("processor", text("processor")?);
    recorder.value("date", text("date")?.get(..10).unwrap_or_default());
    for (name, version) in object("versions")? {
        recorder.value(&format!("version/{name}"), version.as_str().unwrap_or_default());
    }
    for (job, seconds) in object("seconds")? {
        let seconds = seconds.as_f64().with_context(|| format!("{PEERS}: {job} is no number"))?;
        recorder.timing(job, seconds);
    }
    Ok(())
}

/// The jobs. The script times the first way that comes to mind under the job's own name.
const JOBS: [(&str, &str); 5] = [
    ("an epoch", "mlp_epoch_60k"),
    ("an epoch with dropout", "mlp_dropout_epoch_60k"),
    ("ten epochs of signals", "mnist1d_10_epochs"),
    ("a hundred steps on sums", "grokking_100_steps"),
    ("least norm", "least_norm"),
];

/// What the script adds to a job's name where it does the same in another way, and what the way is.
const WAYS: [(&str, &str); 4] = [
    ("", "as it comes"),
    ("_fused", "fused optimiser"),
    ("_compiled", "compiled, fused optimiser"),
    ("_gram", "Cholesky's factor"),
];

/// The fastest of the others' ways to do a job: its seconds, and its name.
fn fastest(peers: &Results, job: &str) -> anyhow::Result<(f64, &'static str)> {
    WAYS.iter()
        .filter_map(|(ending, way)| Some((peers.number(&format!("{job}{ending}")).ok()?, *way)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .with_context(|| format!("{PEERS}: nothing of `{job}`"))
}

/// Ours and theirs, on two threads.
fn seconds(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("peers")?;
    let mut table = Table::new([
        "Job",
        "Ours | duration",
        "Theirs | duration",
        "Their fastest | duration",
        "which is",
    ]);
    let mut chart =
        BarChart::new("A training of each kind", Axis::log("Time").format(Format::Duration))
            .groups(["ours", "theirs", "their fastest"])
            .values(Format::Duration);
    let mut ahead = 0;
    for (name, job) in JOBS {
        let ours = timings.number(&format!("train/two_threads/{job}"))?;
        let plain = peers.number(job)?;
        let (least, way) = fastest(&peers, job)?;
        chart = chart.row(name, [ours, plain, least]);
        table.row([name.into(), ours.into(), plain.into(), least.into(), way.into()]);
        ahead += usize::from(ours < least);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Two threads. Ours takes less time than the fastest of theirs in {ahead} of {} jobs. Ours measured on {}; the others, PyTorch {} and SciPy {}, on {}, of {}.",
            JOBS.len(),
            timings.provenance.machine.describe(),
            peers.text("version/torch")?,
            peers.text("version/scipy")?,
            peers.text("processor")?,
            peers.text("date")?,
        ))
        .description(format!(
            "Rows of three marks on a logarithmic axis of time, ours, theirs and their fastest: {}.",
            JOBS.map(|(name, ..)| name).join(", ")
        ))
        .data(table))
}
