//! What a training of each kind costs, beside PyTorch, NumPy and SciPy at the same settings.

use anyhow::Context as _;
use notebook::Figure;
use notebook::figure::{Axis, BarChart};
use notebook::{Chapter, Experiment, Format, Recorded, Recorder, TIMINGS, Table};

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

/// The jobs, with the fastest of the others' ways.
const JOBS: [(&str, &str, &str); 4] = [
    ("an epoch with dropout", "mlp_dropout_epoch_60k", "mlp_dropout_epoch_60k_fused"),
    ("ten epochs of signals", "mnist1d_10_epochs", "mnist1d_10_epochs_fused"),
    ("a hundred steps on sums", "grokking_100_steps", "grokking_100_steps_fused"),
    ("least norm", "least_norm", "least_norm_gram"),
];

/// Ours and theirs, on two threads.
fn seconds(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("peers")?;
    let mut table =
        Table::new(["Job", "Ours | duration", "Theirs | duration", "Their fastest | duration"]);
    let mut chart =
        BarChart::new("A training of each kind", Axis::log("Time").format(Format::Duration))
            .groups(["ours", "theirs", "their fastest"])
            .values(Format::Duration);
    let mut ahead = 0;
    for (name, job, fastest) in JOBS {
        let ours = timings.number(&format!("train/two_threads/{job}"))?;
        let [plain, fastest] = [peers.number(job)?, peers.number(fastest)?];
        chart = chart.row(name, [ours, plain, fastest]);
        table.row([name.into(), ours.into(), plain.into(), fastest.into()]);
        ahead += usize::from(ours < plain.min(fastest));
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
