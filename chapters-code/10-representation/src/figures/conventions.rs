//! Where two programs disagree. The drawings of it.

use notebook::figure::{Axis, Bar, BarChart};
use notebook::{Chapter, Figure, Format, Recorded};

/// Key, and words beside the bar.
const ROWS: [(&str, &str); 7] = [
    ("epsilon", "ε of 10⁻⁵"),
    ("bilinear", "bilinear kernel"),
    ("aliased", "no antialiasing"),
    ("squash", "squashed, not cropped"),
    ("padding", "padding on both sides"),
    ("imagenet", "ImageNet's mean, deviation"),
    ("blue", "blue first"),
];

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("conventions", conventions)
}

fn conventions(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("conventions")?;
    let axis = Axis::linear("Share of windows that get another name").range(0.0, 1.0);
    let mut chart =
        BarChart::new("One convention changed at a time", axis.format(Format::Percent(0)));
    let mut words = Vec::with_capacity(ROWS.len());
    for (key, name) in ROWS {
        let found = results.value(&format!("{key}/changed"))?;
        let share = results.number(&format!("{key}/changed"))?;
        let bar = Bar::new(share);
        let bar = found.interval.map_or(bar, |(low, high)| bar.interval(low, high));
        chart = chart.bar(name, bar);
        words.push(format!("{name} {}", Format::Percent(0).number(share)));
    }
    let windows = Format::Int.number(results.number("windows")?);
    let photographs = Format::Int.number(results.number("photographs")?);
    Ok(chart
        .draw()?
        .caption(format!(
            "The share of {windows} windows of {photographs} photographs that EfficientNet-Lite0 names otherwise when one \
             convention is changed. Whiskers are intervals over photographs."
        ))
        .description(format!("Horizontal bars: {}.", words.join(", "))))
}
