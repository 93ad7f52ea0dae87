//! Ladders: one piece of work in several ways, from the plainest to the fastest, beside what PyTorch takes for it.
//!
//! Our own times come from Criterion; PyTorch's from a script that writes a file, and an experiment that records it.

use anyhow::Context as _;

use crate::figure::{Axis, BarChart};
use crate::{Estimate, Experiment, Figure, Format, Recorded, Recorder, TIMINGS, Table};

/// What `tests/peers/09-convolution-time.py` wrote, from the workspace's root.
pub const TORCH: &str = "tests/peers/09-convolution-time.json";

/// The experiment `peers`, which records PyTorch's times for [`draw`].
pub fn experiment() -> Experiment {
    Experiment::new("peers", "What PyTorch takes", torch).data(TORCH)
}

fn torch(recorder: &mut Recorder) -> anyhow::Result<()> {
    peers(recorder, TORCH)
}

/// Records what others took, as a script wrote it: `processor`, `date`, the `versions` of programs, and `seconds` of jobs.
/// Where the script took turns with our program, it wrote under `ratios` how many times as long as ours each job took, by
/// round: `ratio/` and the job is their mean, with its interval over rounds. `path` is that of the file, from the
/// workspace's root.
///
/// # Errors
/// Where the file cannot be read, or lacks one of them.
pub fn peers(recorder: &mut Recorder, path: &str) -> anyhow::Result<()> {
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(recorder.data(path))?).context(path.to_owned())?;
    let text = |key: &str| report[key].as_str().with_context(|| format!("{path}: no `{key}`"));
    let object = |key: &str| report[key].as_object().with_context(|| format!("{path}: no `{key}`"));
    recorder.value("processor", text("processor")?);
    recorder.value("date", text("date")?.get(..10).unwrap_or_default());
    for (name, version) in object("versions")? {
        recorder.value(&format!("version/{name}"), version.as_str().unwrap_or_default());
    }
    for (job, seconds) in object("seconds")? {
        let seconds = seconds.as_f64().with_context(|| format!("{path}: {job} is no number"))?;
        recorder.timing(job, seconds);
    }
    let ratios = report["ratios"].as_object().into_iter().flatten();
    for (job, rounds) in ratios {
        let rounds = rounds.as_array().with_context(|| format!("{path}: {job} has no rounds"))?;
        let number = |x: &serde_json::Value| x.as_f64().context("a ratio is no number");
        let rounds = rounds.iter().map(number).collect::<anyhow::Result<Vec<f64>>>()?;
        recorder.estimate(&format!("ratio/{job}"), Estimate::over_runs(&rounds));
    }
    Ok(())
}

/// A row of a ladder: its name, its id among the bench's timings, and the threads it uses.
#[derive(Clone, Copy, Debug)]
pub struct Rung {
    /// As it stands in the figure.
    pub name: &'static str,
    /// The id after the group.
    pub id: &'static str,
    /// On one thread, or on two.
    pub threads: usize,
}

/// Draws a ladder with PyTorch's four bars and the share of the peak that each reaches: the timings `group/…`, the
/// peers' `job` and `job_fused`, each also as `one_thread/…`, and the peak's `group_peak/one_thread` and `two_threads`.
///
/// # Errors
/// Where a timing is missing.
pub fn draw(
    recorded: &Recorded<'_>,
    title: &str,
    (group, job): (&str, &str),
    rungs: &[Rung],
) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("peers")?;
    let peak = |threads| {
        let name = if threads == 1 { "one_thread" } else { "two_threads" };
        timings.number(&format!("{group}_peak/{name}"))
    };
    let mut rows = Vec::new();
    for rung in rungs {
        let seconds = timings.number(&format!("{group}/{}", rung.id))?;
        rows.push((rung.name, rung.threads, seconds));
    }
    let (torch, fused) = (peers.number(job)?, peers.number(&format!("{job}_fused"))?);
    rows.push(("PyTorch, one thread", 1, peers.number(&format!("one_thread/{job}"))?));
    let fused_one = peers.number(&format!("one_thread/{job}_fused"))?;
    rows.push(("PyTorch, fused, one thread", 1, fused_one));
    rows.push(("PyTorch, two threads", 2, torch));
    rows.push(("PyTorch, fused, two threads", 2, fused));
    let mut table = Table::new(["Way", "Time | duration", "Share of peak | percent 1"]);
    let mut chart =
        BarChart::new(title, Axis::log("Time").format(Format::Duration)).values(Format::Duration);
    for &(name, threads, seconds) in &rows {
        chart = chart.bar(name, seconds);
        table.row([name.into(), seconds.into(), (peak(threads)? / seconds).into()]);
    }
    let last = rows[rungs.len() - 1].2;
    Ok(chart
        .draw()?
        .caption(format!(
            "From the first row to the last of ours is a factor of {}; PyTorch {} on two threads takes {} as long as \
             ours, and {} with its fused optimiser. Measured on {}; PyTorch on {}, of {}.",
            Format::Int.number(rows[0].2 / last),
            peers.text("version/torch")?,
            Format::Ratio(1).number(torch / last),
            Format::Ratio(1).number(fused / last),
            timings.provenance.machine.describe(),
            peers.text("processor")?,
            peers.text("date")?,
        ))
        .description(format!(
            "Horizontal bars on a logarithmic axis of time: {}.",
            rows.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ")
        ))
        .data(table))
}
