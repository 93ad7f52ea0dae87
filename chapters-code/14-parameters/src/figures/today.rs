//! Figures of what the models of today have added: experts, windows, formats, shared states.

use anyhow::Context as _;
use notebook::figure::{Axis, BarChart, LineChart};
use notebook::{Figure, Format, Recorded};

use super::tables::{cell, pairs};

pub(super) fn experts(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("experts")?;
    let table = results.table("models")?;
    let all = pairs(table, "Network", "Parameters")?;
    let active = table.numbers("Active")?;
    let chart = BarChart::new(
        "All parameters, and those that a token meets",
        Axis::log("Parameters").format(Format::Count(0)),
    )
    .groups(["all", "active"]);
    let mixtures = || all.iter().zip(&active).filter(|((_, all), active)| all > *active);
    let chart = mixtures()
        .fold(chart, |chart, ((name, all), active)| chart.row(name.clone(), [*all, *active]));
    let shares: Vec<f64> = mixtures().map(|((_, all), active)| active / all).collect();
    let most = shares.iter().copied().fold(0.0, f64::max);
    let least = shares.iter().copied().fold(1.0, f64::min);
    let percent = |share: f64| Format::Percent(0).number(share);
    Ok(chart
        .draw()?
        .caption(format!(
            "Of a mixture of experts a token meets between {} and {} of the parameters. All the others must be \
             stored, and rest.",
            percent(least),
            percent(most),
        ))
        .description(format!(
            "Pairs of horizontal bars on a logarithmic axis for {} mixtures of experts: all parameters, and those that \
             are active for a token. The largest, Kimi K2, has {} of which {} are active.",
            shares.len(),
            Format::Count(0).number(results.number("kimi-k2/parameters")?),
            Format::Count(0).number(results.number("kimi-k2/active")?),
        )))
}

pub(super) fn windows(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("windows")?;
    let series = results.series("cache")?;
    let ends = series.y.iter().map(|curve| {
        let last = curve.values.last().copied().context("a curve has a point")?;
        anyhow::Ok(format!("{} {}", curve.name, Format::Bytes(1).number(last)))
    });
    let ends = ends.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(LineChart::new(
        "The cache of one long text",
        Axis::log(series.x_name.as_str()).format(Format::Count(0)),
        Axis::log("Cache, 16 bits").format(Format::Bytes(0)),
    )
    .series(series)
    .markers(false)
    .draw()?
    .caption(format!(
        "A window bends the line. Where all blocks have one, the cache stops growing; where some have, it grows with \
         the others. A latent vector lowers the whole line: {} for each token of DeepSeek-V3.",
        Format::Bytes(0).number(results.number("deepseek-v3/per-token")?),
    ))
    // lint: allow figure-number: names of models
    .description(format!(
        "Five curves on logarithmic axes, cache against the tokens of one text. Llama 3 70B and DeepSeek-V3 are straight; \
         Mistral 7B becomes level at its window; Gemma 3 27B is flat at first and rises later; the windows of gpt-oss are shorter than all \
         texts drawn. At the right end: {}.",
        ends.join(", "),
    )))
}

pub(super) fn formats(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("formats")?;
    let table = results.table("formats")?;
    let bits = pairs(table, "Format", "Bits together")?;
    let narrow = || bits.iter().filter(|(_, bits)| *bits < 16.0);
    let phone = recorded.experiment("devices")?.number("llama3-8b/bits-on-phone")?;
    let chart =
        BarChart::new("Bits of a weight, its scale included", Axis::linear("Bits").from_zero())
            .values(Format::Fixed(2))
            .reference(phone, "Llama 3 8B on the phone");
    let chart = narrow().fold(chart, |chart, (name, bits)| chart.bar(name.clone(), *bits));
    let fixed =
        |format: &str| anyhow::Ok(Format::Fixed(2).number(cell(table, format, "Bits together")?));
    let said = narrow().map(|(name, bits)| format!("{name} {}", Format::Fixed(2).number(*bits)));
    Ok(chart
        .draw()?
        .caption(format!(
            "The scales decide. With {} bits per weight Llama 3 8B misses the phone, which has {} for each; with {} it \
             fits.",
            fixed("Q4_0")?,
            Format::Fixed(2).number(phone),
            fixed("MXFP4")?,
        ))
        .description(format!(
            "Horizontal bars, one for each format, with a line at {}: {}.",
            Format::Fixed(2).number(phone),
            said.collect::<Vec<_>>().join(", "),
        )))
}

pub(super) fn shards(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("budget")?;
    let stages = ["each keeps all", "optimiser shared", "gradients too", "weights too"];
    let bytes = |stage: usize, devices: u32| results.number(&format!("shards/{stage}/{devices}"));
    let chart = BarChart::new(
        "State of Llama 3 8B on each device",
        Axis::linear("Bytes on each device").format(Format::Gigabytes(0)).from_zero(),
    )
    .groups(["8 devices", "64 devices"])
    .values(Format::Gigabytes(1))
    .reference(80e9, "80 GB");
    let chart = stages.iter().enumerate().try_fold(chart, |chart, (stage, name)| {
        anyhow::Ok(chart.row(*name, [bytes(stage, 8)?, bytes(stage, 64)?]))
    })?;
    let gb = |bytes: f64| Format::Gigabytes(0).number(bytes);
    Ok(chart
        .draw()?
        .caption(format!(
            "Spread over eight devices, {} become {} on each. What is not shared does not shrink: with the optimiser \
             alone shared, {} stay on each of sixty-four.",
            gb(bytes(0, 8)?),
            gb(bytes(3, 8)?),
            gb(bytes(1, 64)?),
        ))
        .description(format!(
            "Pairs of horizontal bars for the four stages, on eight and on sixty-four devices, with a line at the memory \
             of one accelerator. Eight: {}, {}, {}, {}. Sixty-four: {}, {}, {}, {}.",
            gb(bytes(0, 8)?),
            gb(bytes(1, 8)?),
            gb(bytes(2, 8)?),
            gb(bytes(3, 8)?),
            gb(bytes(0, 64)?),
            gb(bytes(1, 64)?),
            gb(bytes(2, 64)?),
            gb(bytes(3, 64)?),
        )))
}
