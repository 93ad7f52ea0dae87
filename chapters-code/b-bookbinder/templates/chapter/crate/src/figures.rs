//! What the chapter draws, from recorded results only.

use notebook::figure::{Axis, LineChart};
use notebook::{Figure, Format, Recorded};

/// The share of heads as the throws add up, with its interval.
pub fn throws(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("throws")?;
    let share = results.value("share")?;
    let x = Axis::log("Throws").format(Format::Int);
    let y = Axis::linear("Share of heads").format(Format::Percent(0));
    let figure = LineChart::new("The share of heads", x, y)
        .series(results.series("running")?)
        .reference(0.5, "a half")
        .draw()?;
    Ok(figure
        .caption(format!(
            "The interval narrows as the throws add up; after the last it is {}.",
            Format::Percent(1).apply_interval(&share)?
        ))
        .description(
            "A curve over 100 to 10,000 throws on a logarithmic axis, with a band around it that \
             narrows from left to right.",
        ))
}
