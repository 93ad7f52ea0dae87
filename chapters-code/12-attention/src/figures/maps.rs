//! What a map does not explain.

use notebook::figure::{Axis, Bar, BarChart, LineChart, Point, ScatterPlot};
use notebook::{Chapter, Figure, Format, Recorded};

use super::recorded::{number, share};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("two-maps", two_maps)
        .figure("two-maps-distance", distance)
        .figure("left-out", left_out)
        .figure("unseen", unseen)
}

fn two_maps(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("maps")?;
    let tokens = results.number("pair/tokens")? as usize;
    let mut chart = BarChart::new("Two maps with one output", Axis::share("Weight").from_zero())
        .groups(["one map", "the farthest other"])
        .values(Format::Percent(0));
    for j in 1..=tokens {
        let weight = |map: &str| results.number(&format!("pair/{map}/{j}"));
        chart =
            chart.row(format!("token {j}"), [Bar::new(weight("one")?), Bar::new(weight("other")?)]);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Weights of one query on {tokens} tokens whose values have {} numbers, drawn by lot. The other map stands farthest from it of all with the same output. It has weight on {} tokens, and {} of its weight stands elsewhere.",
            number(&results, "pair/width", Format::Int)?,
            number(&results, "pair/used", Format::Int)?,
            number(&results, "pair/distance", Format::Percent(0))?,
        ))
        .description(format!(
            "Two bars for each of {tokens} tokens. The first map has weight on every token; the second has none on most, and long bars on {}.",
            number(&results, "pair/used", Format::Int)?,
        )))
}

fn distance(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("maps")?;
    let most = number(&results, "most", Format::Int)?;
    let at =
        |width: usize| number(&results, &format!("distance/{width}/{most}"), Format::Percent(0));
    Ok(LineChart::new(
        "How far the farthest map with one output lies",
        Axis::linear("Tokens").format(Format::Int),
        Axis::share("Weight that stands elsewhere").range(0.0, 1.0),
    )
    .series(results.series("distance")?)
    .draw()?
    .caption(format!(
        "Means of {} draws of weights and values, with their intervals. Up to one token more than numbers in a value there is no other map. With {most} tokens the farthest has {}, {} and {} of its weight elsewhere.",
        number(&results, "draws", Format::Int)?,
        at(2)?, at(4)?, at(8)?,
    ))
    .description(format!(
        "Three curves over {} tokens. Each is zero at first and then rises, the earlier the fewer numbers a value has, to {}, {} and {}.",
        results.series("distance")?.span(Format::Int),
        at(2)?, at(4)?, at(8)?,
    )))
}

fn left_out(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("maps")?;
    let mut plot = ScatterPlot::new(
        "Weight of a key, and the answer without it",
        Axis::share("Weight").range(0.0, 1.0),
        Axis::share("Share of the answer that moves").range(0.0, 1.0),
    );
    for layer in ["first", "second"] {
        let table = results.table(&format!("{layer}/keys"))?;
        let (x, y) = (table.numbers("Weight")?, table.numbers("Answer moved")?);
        let points = x.into_iter().zip(y).map(|(x, y)| Point::new("", x, y));
        plot = plot.group(format!("{layer} layer"), points);
    }
    let percent = |key: &str| number(&results, key, Format::Percent(0));
    Ok(plot
        .draw()?
        .caption(format!(
            "Keys of one place in {} sequences, each left out by itself. The largest weights of the first layer, {} in the mean over all sequences, move {} of the answer at that place; those of the second, {}, move {}.",
            number(&results, "drawn", Format::Int)?,
            percent("first/top/weight")?,
            percent("first/top/answer")?,
            percent("second/top/weight")?,
            percent("second/top/answer")?,
        ))
        .description("Points in two groups. Nearly all lie in the lower left corner, where weights are small and nothing moves. The few with large weights lie at the top, in both groups."))
}

fn unseen(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("maps")?;
    let mut chart = BarChart::new(
        "A place that the second map does not show",
        Axis::share("Share").range(0.0, 1.0),
    )
    .groups(["weight in the first map", "in the second", "rollout", "answer that moves"])
    .values(Format::Percent(0));
    let rows = [
        ("earlier", "where the word stood before"),
        ("after", "the word after it"),
        ("other", "another place"),
    ];
    for (key, name) in rows {
        let bars = ["first", "second", "rollout", "moved"]
            .map(|of| share(&results, &format!("replaced/{key}/{of}")));
        chart = chart.row(name, bars.into_iter().collect::<anyhow::Result<Vec<_>>>()?);
    }
    let percent = |key: &str| number(&results, &format!("replaced/{key}"), Format::Percent(0));
    Ok(chart
        .draw()?
        .caption(format!(
            "The word at one place is replaced by one that is nowhere else, and the answer is compared. Where the word stood before, the second map gives {}, and {} of the answer moves. At the word after it these are {} and {}.",
            percent("earlier/second")?,
            percent("earlier/moved")?,
            percent("after/second")?,
            percent("after/moved")?,
        ))
        .description(format!(
            "Three rows of four bars. In the first row the bar of the second map is short, and the answer moves by {}; in the third all bars are short, and the answer moves by {}.",
            percent("earlier/moved")?,
            percent("other/moved")?,
        )))
}
