//! Deep plain networks, and deep networks with skips: the training loss by depth, with controls.

mod block;
pub mod numbers;

use notebook::figure::{Axis, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Series};

use crate::experiments::depth::controls;
use crate::experiments::depth::sweep::{DEPTHS, WAYS};
use numbers::{interval, number, span};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("block", block::block)
        .figure("depth-curves", curves)
        .figure("depth-loss", loss)
        .figure("depth-error", error)
        .figure("depth-copy", copy)
        .figure("controls", all_controls)
        .figure("controls-error", controls_error)
}

fn curves(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("depth")?;
    let [plain, residual] =
        WAYS.map(|(key, ..)| span(&results, &format!("{key}/deeper/loss"), Format::Fixed(3)));
    let int = |key: &str| number(&results, key, Format::Int);
    let (shallow, deep) = (int("shallow")?, int("deep")?);
    Ok(LineChart::new(
        "Training loss, step by step",
        Axis::linear("Steps").format(Format::Int),
        Axis::linear("Loss of the mini-batches").format(Format::Fixed(1)).from_zero(),
    )
    .series(results.series("curves")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "Plain and residual stacks of {shallow} and of {deep} layers. Lines are means over {} seeds, bands go from the lowest to the highest. At the end the plain one of {deep} layers has a loss higher than that of {shallow} by {}, paired by seed; for the residual ones the difference is {}.",
        int("seeds")?, plain?, residual?,
    ))
    .description(format!(
        "Four falling curves over {} steps. At the end the plain stacks of {shallow} and {deep} layers stand at {} and {}, the residual ones at {} and {}.",
        int("steps")?,
        number(&results, &format!("plain/{shallow}/loss"), Format::Fixed(2))?,
        number(&results, &format!("plain/{deep}/loss"), Format::Fixed(2))?,
        number(&results, &format!("residual/{shallow}/loss"), Format::Fixed(2))?,
        number(&results, &format!("residual/{deep}/loss"), Format::Fixed(2))?,
    )))
}

/// A quantity of both ways by depth, with intervals.
fn by_depth(results: &notebook::Results, what: &str) -> anyhow::Result<Series> {
    let x = DEPTHS.map(|depth| depth as f64);
    let mut series = Series { x_name: "Layers".into(), x: x.to_vec(), y: Vec::new() };
    for (way, name, _) in WAYS {
        let point = |depth: usize| {
            let key = format!("{way}/{depth}/{what}");
            let value = results.number(&key)?;
            let (low, high) = results.value(&key)?.interval.unwrap_or((value, value));
            anyhow::Ok([low, value, high])
        };
        series.banded(name, DEPTHS.into_iter().map(point).collect::<anyhow::Result<Vec<_>>>()?);
    }
    Ok(series)
}

fn loss(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("depth")?;
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    let int = |key: &str| number(&results, key, Format::Int);
    let deep = int("deep")?;
    Ok(LineChart::new(
        "Training loss by depth",
        Axis::linear("Layers").format(Format::Int),
        Axis::linear("Loss of the last mini-batches").format(Format::Fixed(2)),
    )
    .series(&by_depth(&results, "loss")?)
    .draw()?
    .caption(format!(
        "Means of the last {} steps, over {} seeds, with the interval of Student’s t. With {deep} layers the plain stack is at {}, the residual one at {}.",
        int("last")?, int("seeds")?,
        fixed(&format!("plain/{deep}/loss"))?,
        fixed(&format!("residual/{deep}/loss"))?,
    ))
    .description(format!(
        "Two banded curves over the depth. Plain: {}. Residual: {}.",
        listed(&results, "plain", "loss", Format::Fixed(2))?,
        listed(&results, "residual", "loss", Format::Fixed(2))?,
    )))
}

fn error(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("depth")?;
    let int = |key: &str| number(&results, key, Format::Int);
    Ok(LineChart::new(
        "Test error by depth",
        Axis::linear("Layers").format(Format::Int),
        Axis::linear("Test garments not found").format(Format::Percent(0)),
    )
    .series(&by_depth(&results, "error")?)
    .draw()?
    .caption(format!(
        "The same networks, asked {} test garments. The intervals are over {} seeds.",
        int("asked")?,
        int("seeds")?,
    ))
    .description(format!(
        "Two banded curves over the depth. Plain: {}. Residual: {}.",
        listed(&results, "plain", "error", Format::Percent(1))?,
        listed(&results, "residual", "error", Format::Percent(1))?,
    )))
}

/// A quantity at all depths, in words.
fn listed(
    results: &notebook::Results,
    way: &str,
    what: &str,
    format: Format,
) -> anyhow::Result<String> {
    let of = |depth: usize| number(results, &format!("{way}/{depth}/{what}"), format);
    Ok(DEPTHS.into_iter().map(of).collect::<anyhow::Result<Vec<_>>>()?.join(", "))
}

fn copy(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("depth")?;
    let [shallow, deep] = ["shallow", "deep"].map(|key| number(&results, key, Format::Int));
    let (shallow, deep) = (shallow?, deep?);
    let fixed = |key: &str| number(&results, key, Format::Fixed(3));
    Ok(BarChart::new(
        "A deep plain stack that copies a shallow one",
        Axis::linear("Loss on the training garments").format(Format::Fixed(2)).from_zero(),
    )
    .values(Format::Fixed(3))
    .bar(format!("{shallow} layers, trained"), interval(&results, "copy/trained-shallow")?)
    .bar(format!("{deep} layers, copied"), interval(&results, "copy/copied-deep")?)
    .bar(format!("{deep} layers, trained"), interval(&results, "copy/trained-deep")?)
    .draw()?
    .caption(format!(
        "The second network has the weights of the first, and blocks that pass their input on. It has as many layers as the third, which was trained, and a loss of {} where the third has {}. Losses are those of prediction; the intervals are over {} seeds.",
        fixed("copy/copied-deep")?, fixed("copy/trained-deep")?, number(&results, "seeds", Format::Int)?,
    ))
    .description(format!(
        "Three bars with whiskers: {}, {} and {}.",
        fixed("copy/trained-shallow")?, fixed("copy/copied-deep")?, fixed("copy/trained-deep")?,
    )))
}

fn all_controls(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("controls")?;
    let chart = BarChart::new(
        "Training loss, one thing changed at a time",
        Axis::linear("Loss of the last mini-batches").format(Format::Fixed(1)).from_zero(),
    )
    .values(Format::Fixed(2));
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    let int = |key: &str| number(&results, key, Format::Int);
    let mut chart = chart.reference(results.number("residual/loss")?, "residual");
    for control in controls::all() {
        chart = chart.bar(control.name, interval(&results, &format!("{}/loss", control.key))?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Stacks of {} layers, {} seeds. A training that ends above the loss of a guess among ten classes counts with that. Plain and residual stand at {} and {}; without normalisation they stand at {} and {}.",
            int("depth")?, int("seeds")?, fixed("plain/loss")?, fixed("residual/loss")?, fixed("plain-bare/loss")?, fixed("residual-bare/loss")?,
        ))
        .description(format!(
            "A bar with a whisker for each of {} settings; an upright line marks the residual stack at {}.",
            controls::all().len(), fixed("residual/loss")?,
        )))
}

fn controls_error(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("controls")?;
    let percent = |key: &str| number(&results, key, Format::Percent(1));
    let mut chart = BarChart::new(
        "Test error of the same stacks",
        Axis::linear("Test garments not found").format(Format::Percent(0)).from_zero(),
    )
    .values(Format::Percent(1))
    .reference(results.number("residual/error")?, "residual");
    for control in controls::all() {
        chart = chart.bar(control.name, interval(&results, &format!("{}/error", control.key))?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "The same stacks of {} layers, asked {} test garments: the residual one misses {}, the plain one {}.",
            number(&results, "depth", Format::Int)?,
            number(&results, "asked", Format::Int)?,
            percent("residual/error")?,
            percent("plain/error")?,
        ))
        .description(format!(
            "A bar with a whisker for each of {} settings; an upright line marks the residual stack at {}.",
            controls::all().len(),
            percent("residual/error")?,
        )))
}
