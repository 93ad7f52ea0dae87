//! What does a pass cost, and what does it take? The drawings of it.

use notebook::figure::{Axis, BarChart};
use notebook::{Chapter, Figure, Format, Recorded, TIMINGS, Table};

use crate::experiments::speed::KINDS;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("speed-kinds", kinds).figure("speed-ladder", ladder)
}

/// Shares of each kind of layer.
fn kinds(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let speed = recorded.experiment("speed")?;
    let mut chart =
        BarChart::new("Where a pass spends", Axis::linear("Share").format(Format::Percent(0)))
            .groups(["multiply-adds", "weights", "numbers read and written"])
            .values(Format::Percent(0));
    let mut table = Table::new([
        "Layers",
        "Multiply-adds | percent 1",
        "Weights | percent 1",
        "Numbers read and written | percent 1",
    ]);
    for (key, name) in KINDS {
        let part = |part: &str| speed.number(&format!("{key}/{part}"));
        let shares = [part("share")?, part("weights")?, part("handed")?];
        chart = chart.row(name, shares);
        table.row([name.into(), shares[0].into(), shares[1].into(), shares[2].into()]);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Depthwise convolutions have {} of the multiply-adds and {} of the numbers that layers read and write.",
            Format::Percent(0).number(speed.number("depthwise/share")?),
            Format::Percent(0).number(speed.number("depthwise/handed")?),
        ))
        .description(format!(
            "For each kind of layer three horizontal bars, its shares of multiply-adds, of weights and of numbers read and written: {}.",
            KINDS.map(|(_, name)| name).join("; ")
        ))
        .data(table))
}

/// Our rungs: a name, the id among the bench's timings, threads.
const RUNGS: [(&str, &str, usize); 5] = [
    ("plain", "plain", 1),
    ("packed, any processor", "portable_one_thread", 1),
    ("packed, AVX2 and FMA", "apart_one_thread", 1),
    ("fused, one thread", "one_thread", 1),
    ("fused, two threads", "two_threads", 2),
];

/// The others: a name, and what the script calls them.
const OTHERS: [(&str, &str); 4] = [
    ("PyTorch", "torch_eager"),
    ("PyTorch, compiled", "torch_compiled"),
    ("ONNX Runtime", "onnxruntime"),
    ("OpenVINO", "openvino"),
];

/// The same pass in several ways, ours and others'.
fn ladder(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("speed-peers")?;
    let mut rows = Vec::new();
    for (name, id, threads) in RUNGS {
        let seconds = timings.number(&format!("lite0/{id}/lite0_forward"))?;
        rows.push((name.to_owned(), threads, seconds));
    }
    for (threads, prefix, words) in
        [(1, "one_thread", "one thread"), (2, "two_threads", "two threads")]
    {
        for (name, id) in OTHERS {
            let seconds = peers.number(&format!("{prefix}/{id}"))?;
            rows.push((format!("{name}, {words}"), threads, seconds));
        }
    }
    let peak = |threads: usize| {
        let name = if threads == 1 { "one_thread" } else { "two_threads" };
        timings.number(&format!("lite0_peak/{name}"))
    };
    let mut table = Table::new(["Way", "Time | duration", "Share of peak | percent 0"]);
    let mut chart = BarChart::new(
        "A photograph's pass through EfficientNet-Lite0",
        Axis::log("Time").format(Format::Duration),
    )
    .values(Format::Duration);
    for (name, threads, seconds) in &rows {
        chart = chart.bar(name.as_str(), *seconds);
        let share = peak(*threads)? / seconds;
        table.row([name.as_str().into(), (*seconds).into(), share.into()]);
    }
    let last = rows[RUNGS.len() - 1].2;
    let fastest = rows[RUNGS.len() + OTHERS.len()..].iter().min_by(|a, b| a.2.total_cmp(&b.2));
    let fastest = fastest.map_or(("", last), |(name, _, seconds)| (name.as_str(), *seconds));
    Ok(chart
        .draw()?
        .caption(format!(
            "From the first row to the last of ours is a factor of {}. Of the others on two threads, the fastest ({}) takes {} as long as \
             ours. Measured on {}; the others (PyTorch {}, ONNX Runtime {}, OpenVINO {}) on {}, of {}.",
            Format::Fixed(1).number(rows[0].2 / last),
            fastest.0.trim_end_matches(", two threads"),
            Format::Ratio(2).number(fastest.1 / last),
            timings.provenance.machine.describe(),
            peers.text("version/torch")?,
            peers.text("version/onnxruntime")?,
            peers.text("version/openvino")?,
            peers.text("processor")?,
            peers.text("date")?,
        ))
        .description(format!(
            "Horizontal bars on a logarithmic axis of time: {}.",
            rows.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>().join("; ")
        ))
        .data(table))
}
