//! What the chapter draws, from recorded results only.

use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded};

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let chapter = crate::tree_figures::add(chapter);
    chapter.figure("throws", throws)
}

/// The share of heads as the throws add up, with its interval.
fn throws(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("throws")?;
    let share = results.value("share")?;
    let x = Axis::log("Throws").format(Format::Int);
    let figure = LineChart::new("The share of heads", x, Axis::share("Share of heads"))
        .series(results.series("running")?)
        .reference(0.5, "a half")
        .draw()?;
    Ok(figure
        .caption(format!(
            "The interval narrows as the throws add up; after the last it is {}.",
            Format::Percent(1).apply_interval(&share)?
        ))
        .description(
            "A curve over the throws on a logarithmic axis, with a band around it that narrows from \
             left to right.",
        ))
}
