//! The fans of the priors, and labels as a code.

use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use super::schematics;

/// Adds the figures on worlds.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("cube", schematics::cube)
        .figure("targets", schematics::targets)
        .figure("roughness", schematics::roughness)
        .figure("fan", fan)
        .figure("choosers", choosers)
        .figure("fan-leaves", fan_leaves)
        .figure("blocks", schematics::blocks)
        .figure("code", code)
}

/// The learners that are drawn in a fan; the two choosers have a figure of their own.
const DRAWN: [&str; 7] =
    ["nearest", "contrary", "majority", "tree", "perceptron", "network", "random"];

fn percent(x: f64) -> String {
    Format::Percent(1).number(x)
}

/// Curves of some learners under the priors of a family, and the best possible.
fn curves(results: &Results, name: &str, title: &str, drawn: &[&str]) -> anyhow::Result<Figure> {
    let series = results.series(&format!("{name}/fan"))?;
    let of = |curve: &str| -> anyhow::Result<Vec<(f64, f64)>> {
        let values = series.get(curve)?.values.clone();
        Ok(series.x.iter().copied().zip(values).collect())
    };
    let mut chart = LineChart::new(
        title,
        Axis::linear("Strength β of the prior").format(Format::Fixed(1)),
        Axis::share("Right off the training set").range(0.0, 1.0),
    )
    .markers(false)
    .height(440);
    for curve in drawn {
        chart = chart.curve(*curve, of(curve)?);
    }
    Ok(chart.guide("best possible", of("best possible")?).draw()?)
}

/// What a learner gets at one side, in words.
fn at(results: &Results, name: &str, side: &str, learner: &str) -> anyhow::Result<String> {
    Ok(percent(results.number(&format!("{name}/{side}/{learner}"))?))
}

/// All learners at one side, for a description.
fn listed(results: &Results, name: &str, side: &str, drawn: &[&str]) -> anyhow::Result<String> {
    let each =
        drawn.iter().map(|learner| Ok(format!("{learner} {}", at(results, name, side, learner)?)));
    Ok(each.collect::<anyhow::Result<Vec<_>>>()?.join(", "))
}

/// The fan over roughness.
fn fan(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("prior")?;
    let figure = curves(&results, "rough", "A prior that is tipped", &DRAWN)?;
    let beta = Format::Fixed(1).number(results.number("tipped")?);
    Ok(figure
        .caption(format!(
            "At strength nought all targets weigh the same, and every curve goes through one half. To the right smooth targets weigh more; at {beta} {} is ahead with {} and {} last. \
             To the left rough ones weigh more, and at −{beta} {} is ahead with {}. The dashed curve is what one gets right who knows the prior.",
            results.text("rough/tipped/first")?,
            at(&results, "rough", "tipped", &results.text("rough/tipped/first")?)?,
            results.text("rough/tipped/last")?,
            results.text("rough/counter/first")?,
            at(&results, "rough", "counter", &results.text("rough/counter/first")?)?,
        ))
        .description(format!(
            "Curves that meet at one half in the middle and part to both sides. At {beta}: {}. At −{beta}: {}.",
            listed(&results, "rough", "tipped", &DRAWN)?,
            listed(&results, "rough", "counter", &DRAWN)?,
        )))
}

/// Cross-validation and its opposite under the same priors.
fn choosers(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("prior")?;
    let drawn = ["cross-validation", "anti-cross-validation"];
    let figure = curves(&results, "rough", "Choosing by cross-validation", &drawn)?;
    let beta = Format::Fixed(1).number(results.number("tipped")?);
    Ok(figure
        .caption(format!(
            "Choosing among six learners by cross-validation, and taking the one that it likes least. At strength nought both are right in half of their answers. At {beta} the first gets {} right and the second {}, at −{beta} {} and {}.",
            at(&results, "rough", "tipped", drawn[0])?,
            at(&results, "rough", "tipped", drawn[1])?,
            at(&results, "rough", "counter", drawn[0])?,
            at(&results, "rough", "counter", drawn[1])?,
        ))
        .description(format!(
            "Two curves that meet at one half in the middle. At both ends that of cross-validation is the higher one. At {beta}: {}. At −{beta}: {}.",
            listed(&results, "rough", "tipped", &drawn)?,
            listed(&results, "rough", "counter", &drawn)?,
        )))
}

/// The fan over the size of the smallest tree.
fn fan_leaves(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("prior")?;
    let figure = curves(&results, "leaves", "A prior on the smallest tree", &DRAWN)?;
    let beta = Format::Fixed(1).number(results.number("tipped")?);
    Ok(figure
        .caption(format!(
            "Here a target weighs less the more leaves its smallest decision tree has. At strength {beta} {} is ahead with {}; the tree gets {}, and {} is possible.",
            results.text("leaves/tipped/first")?,
            at(&results, "leaves", "tipped", &results.text("leaves/tipped/first")?)?,
            at(&results, "leaves", "tipped", "tree")?,
            at(&results, "leaves", "tipped", "best")?,
        ))
        .description(format!(
            "Curves that meet at one half in the middle and part to both sides. At {beta}: {}. At −{beta}: {}.",
            listed(&results, "leaves", "tipped", &DRAWN)?,
            listed(&results, "leaves", "counter", &DRAWN)?,
        )))
}

/// Bits for a label, block by block.
fn code(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("world")?;
    let series = results.series("bits")?;
    let bits =
        |key: &str| -> anyhow::Result<String> { Ok(Format::Fixed(2).number(results.number(key)?)) };
    let plain = results.number("plain/label")?;
    Ok(LineChart::new(
        "Bits for a label",
        Axis::log("Garments seen before").format(Format::Int),
        Axis::linear("Bits for a label").format(Format::Fixed(1)).from_zero(),
    )
    .series(series)
    .reference(plain, "a die of ten sides")
    .draw()?
    .caption(format!(
        "What a label of the next block costs, by the number of garments seen before it. In the last block a true label costs {} bits by gradients and {} by pixels, where a die of ten sides costs {}. \
         Shuffled labels cost up to {}, and {} in the last block: never less than the die.",
        bits("true/last")?, bits("pixels/last")?, bits("plain/label")?, bits("shuffled/dearest")?, bits("shuffled/last")?,
    ))
    .description(format!(
        "Three curves over {} garments seen before. Those of true labels fall, to {} bits by gradients and {} by pixels; that of shuffled labels falls from at most {} to {} and stays above a level line at {}.",
        series.span(Format::Int), bits("true/last")?, bits("pixels/last")?, bits("shuffled/dearest")?, bits("shuffled/last")?, bits("plain/label")?,
    )))
}
