//! The slope of random networks along a line.

use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Table};

use super::multiples::{Panel, Sheet, curve};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("splinters", splinters).figure("autocorrelation", autocorrelation)
}

/// The pictures: the name of the curve, and what stands over it.
const PICTURES: [(&str, &str); 9] = [
    ("one hidden layer", "one hidden layer"),
    ("plain, normalised, 24 layers", "plain, 24 layers"),
    ("plain, normalised, 50 layers", "plain, 50 layers"),
    ("skips, normalised, 10 layers", "skips, 10 layers"),
    ("skips, normalised, 24 layers", "skips, 24 layers"),
    ("skips, normalised, 50 layers", "skips, 50 layers"),
    ("skips, a tenth of each block, normalised, 50 layers", "a tenth, 50 layers"),
    ("brown noise", "brown noise"),
    ("white noise", "white noise"),
];

fn splinters(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("shattered")?;
    let series = results.series("slopes")?;
    let mut panels = Vec::new();
    let mut data =
        Table::new(["Picture", "Smallest | fixed 1", "Largest | fixed 1", "Changes of sign | int"]);
    for (name, title) in PICTURES {
        let values = &series.get(name)?.values;
        let end = |pick: fn(f64, f64) -> f64, from| values.iter().copied().fold(from, pick);
        let changes = values.windows(2).filter(|pair| (pair[0] > 0.0) != (pair[1] > 0.0)).count();
        let ends = [end(f64::min, f64::MAX), end(f64::max, f64::MIN)];
        data.row([title.into(), ends[0].into(), ends[1].into(), changes.into()]);
        panels.push(Panel { title: title.into(), strokes: curve(values), words: Vec::new() });
    }
    let sheet = Sheet {
        title: "The slope along a line",
        columns: [3, 2],
        shape: 0.62,
        foot: ["−2", "input", "2"],
    };
    Ok(sheet
        .draw(&panels, data)
        .caption(format!(
            "The derivative of one random network’s output in its input, at {} points of a line, less its mean and in units of its own deviation. The networks of several layers are normalised. “A tenth” adds a tenth of each block to the way around it.",
            Format::Int.number(results.number("points")?)
        ))
        .description("Nine small pictures of a curve about a level line. One hidden layer gives a smooth walk like brown noise; the plain networks look like white noise the deeper they are; those with skips are between the two."))
}

/// Lags of the chart.
const SHOWN: usize = 31;
/// The curves of the chart: the name in the results, and in the chart.
const CURVES: [(&str, &str); 5] = [
    ("plain, normalised, 10 layers", "plain, 10"),
    ("plain, normalised, 50 layers", "plain, 50"),
    ("skips, normalised, 10 layers", "skips, 10"),
    ("skips, normalised, 50 layers", "skips, 50"),
    ("skips, a tenth of each block, normalised, 50 layers", "a tenth, 50"),
];

fn autocorrelation(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("shattered")?;
    let series = results.series("correlation")?;
    let fixed =
        |key: &str| -> anyhow::Result<String> { Ok(Format::Fixed(2).number(results.number(key)?)) };
    let mut chart = LineChart::new(
        "How far a slope tells the next ones",
        Axis::linear("Points apart").format(Format::Int),
        Axis::linear("Autocorrelation").format(Format::Fixed(1)),
    );
    let points = |name: &str| -> anyhow::Result<Vec<(f64, f64)>> {
        let values = series.get(name)?.values.iter().copied();
        Ok(series.x.iter().copied().zip(values).take(SHOWN).collect())
    };
    for (name, short) in CURVES {
        chart = chart.curve(short, points(name)?);
    }
    let chart = chart.guide("brown noise", points("brown noise")?);
    Ok(chart
        .markers(false)
        .draw()?
        .caption(format!(
            "At the next point the slopes of the shallowest of these plain networks correlate by {}, those of the deepest by {}; those of the deepest with skips by {}, and by {} where a tenth of each block is added. The names give the layers. Means over {} networks, all normalised. White noise would be level at zero.",
            fixed("plain-norm/10/next")?,
            fixed("plain-norm/50/next")?,
            fixed("skip-norm/50/next")?,
            fixed("tenth-norm/50/next")?,
            Format::Int.number(results.number("networks")?),
        ))
        .description(format!(
            "Falling curves over lags of up to {} points. Those of the plain network of most layers and of the one with skips reach zero first, and brown noise falls slowest.",
            Format::Int.number((SHOWN - 1) as f64)
        )))
}
