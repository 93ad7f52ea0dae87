//! The loss along a line and in planes.

use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results, Table};

use super::multiples::{Panel, Sheet, contours, levels};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("along-the-line", line).figure("planes", planes).figure("planes-raw", raw)
}

/// Heights at which lines are drawn.
const LEVELS: [f64; 6] = [1.5, 2.0, 2.5, 3.5, 5.0, 7.0];

fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

fn line(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("landscape")?;
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    Ok(LineChart::new(
        "The loss from the first weights to the trained ones",
        Axis::linear("Place: 0 the first weights, 1 the trained ones").format(Format::Fixed(1)),
        Axis::linear("Loss").from_zero().format(Format::Fixed(1)),
    )
    .series(results.series("line")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "On the straight line, which no training walked. The highest loss on it is {} for the plain stack and {} for the one with skips; they begin at {} and {} and end at {} and {}.",
        fixed("line/plain/most")?,
        fixed("line/skips/most")?,
        fixed("line/plain/first")?,
        fixed("line/skips/first")?,
        fixed("line/plain/trained")?,
        fixed("line/skips/trained")?,
    ))
    .description("Two curves of the loss over the place on the line, each lowest near the trained weights."))
}

/// The heights of a plane, row by row.
fn grid(results: &Results, key: &str) -> anyhow::Result<Vec<Vec<f64>>> {
    let series = results.series(&format!("plane/{key}"))?;
    Ok(series.y.iter().map(|curve| curve.values.clone()).collect())
}

fn panels(results: &Results, pictures: &[(&str, &str)]) -> anyhow::Result<(Vec<Panel>, Table)> {
    let mut panels = Vec::new();
    let mut data = Table::new([
        "Picture",
        "Loss in the middle | fixed 2",
        "Least | fixed 2",
        "Mean at the rim | fixed 2",
        "Way down, outwards | percent 1",
    ]);
    let named: Vec<(f64, String)> =
        LEVELS.iter().map(|&level| (level, Format::Plain.number(level))).collect();
    for (key, title) in pictures {
        let heights = grid(results, key)?;
        let cell = |part: &str| results.number(&format!("{key}/{part}"));
        data.row([
            (*title).into(),
            cell("middle")?.into(),
            cell("least")?.into(),
            cell("rim")?.into(),
            cell("falls")?.into(),
        ]);
        let (strokes, words) = (contours(&heights, &LEVELS), levels(&heights, &named));
        panels.push(Panel { title: (*title).to_owned(), strokes, words });
    }
    Ok((panels, data))
}

fn planes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("landscape")?;
    let (panels, data) = panels(
        &results,
        &[
            ("plain/first", "plain, first directions"),
            ("skips/first", "skips, first directions"),
            ("plain/second", "plain, second directions"),
            ("skips/second", "skips, second directions"),
        ],
    )?;
    let sheet = Sheet {
        title: "The loss in planes of two directions",
        columns: [2, 2],
        shape: 1.0,
        foot: ["−1", "", "1"],
    };
    Ok(sheet
        .draw(&panels, data)
        .caption(format!(
            "Lines of equal loss about the trained weights, in the middle of each square. In either direction each filter moves by as much as its own length. At the rim the mean loss is {} and {} about the plain stack, and {} and {} about the one with skips.",
            number(&results, "plain/first/rim", Format::Fixed(1))?,
            number(&results, "plain/second/rim", Format::Fixed(1))?,
            number(&results, "skips/first/rim", Format::Fixed(1))?,
            number(&results, "skips/second/rim", Format::Fixed(1))?,
        ))
        .description("Four squares with lines around the middle, marked with the loss on them. About the stack with skips they are nearly round and lie close together; about the plain one they are wider apart and less regular."))
}

fn raw(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("landscape")?;
    let (panels, data) = panels(
        &results,
        &[("raw/as-trained", "as trained"), ("raw/rewritten", "the same function, rewritten")],
    )?;
    let sheet = Sheet {
        title: "One function, two landscapes",
        columns: [2, 2],
        shape: 1.0,
        foot: ["−1", "", "1"],
    };
    Ok(sheet
        .draw(&panels, data)
        .caption(format!(
            "Directions that are not normalised, about the network with skips, and about one that computes the same with kernels {} times as large. Mean loss at the rim: {} and {}.",
            number(&results, "factor", Format::Int)?,
            number(&results, "raw/as-trained/rim", Format::Fixed(2))?,
            number(&results, "raw/rewritten/rim", Format::Fixed(2))?,
        ))
        .description("Two squares with lines of equal loss. In the first they lie around the middle, in the second they are much wider apart."))
}
