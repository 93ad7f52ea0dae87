//! Kinds of garments that nobody trained on, from one, five and twenty examples. The drawings of it.

use notebook::figure::{Axis, Bar, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded};

use super::probes::{interval, number};
use crate::experiments::few::{EXAMPLES, KINDS};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("few-shot", few_shot).figure("few-paired", few_paired)
}

fn few_shot(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("few")?;
    let percent = |key: &str| number(&results, key, Format::Percent(1));
    let series = results.series("mean")?;
    let last = series.y.iter().filter_map(|curve| curve.values.last().copied());
    let (least, most) = last.fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
    let mut chart = LineChart::new(
        "Three kinds of garments from few examples",
        Axis::log("Examples of each kind").format(Format::Int),
        Axis::linear("Garments named right").format(Format::Percent(0)),
    );
    for curve in &series.y {
        let points = series.x.iter().copied().zip(curve.values.iter().copied());
        chart = chart.curve(curve.name.clone(), points);
    }
    Ok(chart
        .reference(1.0 / 3.0, "guessing")
        .draw()?
        .caption(format!(
            "The nearest mean of the examples, over {} sets of three kinds and {} draws of examples for each. One example: {} with the middle of Lite0, {} with the network that learned the other seven kinds, {} with pixels.",
            number(&results, "triples", Format::Int)?,
            number(&results, "draws", Format::Int)?,
            percent("mean/lite0/1")?,
            percent("mean/cnn/1")?,
            percent("mean/pixels/1")?,
        ))
        .description(format!(
            "Six rising curves over the examples of each kind. With the most examples they end between {} and {}; a level line marks guessing at a third.",
            Format::Percent(1).number(least),
            Format::Percent(1).number(most),
        )))
}

fn few_paired(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("few")?;
    let mut chart = BarChart::new(
        "What the middle of Lite0 is ahead by",
        Axis::linear("Difference, paired").format(Format::Points(0)),
    )
    .groups(EXAMPLES.map(|k| match k {
        1 => "1 example".to_owned(),
        k => format!("{k} examples"),
    }))
    .values(Format::Points(1));
    for (key, name) in &KINDS[1..] {
        let bars = EXAMPLES.map(|k| interval(&results, &format!("lite0-over/{key}/{k}")));
        chart = chart.row(*name, bars.into_iter().collect::<anyhow::Result<Vec<Bar>>>()?);
    }
    let points = |key: &str| number(&results, key, Format::Points(1));
    Ok(chart
        .draw()?
        .caption(format!(
            "The same examples, the same questions, other features: the middle of Lite0 minus each of the others, with intervals over the sets of three kinds. Over HOG it is ahead by {} with one example and by {} with twenty.",
            points("lite0-over/hog/1")?,
            points("lite0-over/hog/20")?,
        ))
        .description(format!(
            "Five rows of three bars with whiskers. Against pixels they are {}, {} and {}.",
            points("lite0-over/pixels/1")?,
            points("lite0-over/pixels/5")?,
            points("lite0-over/pixels/20")?,
        )))
}
