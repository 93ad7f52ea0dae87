//! Dreams and deceptions.

use notebook::figure::{Axis, ImageGrid, LineChart};
use notebook::{Figure, Format, Recorded};

use super::parts::{int, number, percent, photograph, recorded_tile, tile};
use crate::patches;

pub fn dreams(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("dream")?;
    let photographs = patches::photographs(recorded)?;
    let logit = |key: &str| number(&results, &format!("{key}/logit"), Format::Fixed(1));
    let tiles = [
        tile(photograph(&photographs, 2)),
        recorded_tile(&results, "smooth/pixels")?,
        recorded_tile(&results, "plain/pixels")?,
    ];
    let class = results.text("class")?;
    Ok(ImageGrid::new(format!("Three pictures that the network calls {class}"))
        .columns(["photograph", "with moves and blur", "without rules"])
        .row("", tiles)
        .draw()?
        .caption(format!(
            "A photograph, and two pictures that were made from noise by following the gradient of the logit of {class}. Their logits: {}, {} and {}.",
            logit("photograph")?,
            logit("smooth")?,
            logit("plain")?,
        ))
        .description(format!(
            "Three pictures. First a cup of coffee. Second, round and wavy shapes without a place in space. Third, fine noise of single pixels. Their probabilities of {class} are {}, {} and {}.",
            percent(&results, "photograph/probability")?,
            percent(&results, "smooth/probability")?,
            percent(&results, "plain/probability")?,
        )))
}

pub fn ascent(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("dream")?;
    let series = results.series("logits")?;
    let points = |name: &str| -> anyhow::Result<Vec<(f64, f64)>> {
        Ok(series.x.iter().copied().zip(series.get(name)?.values.iter().copied()).collect())
    };
    Ok(LineChart::new(
        "Uphill, with rules and without",
        Axis::linear("Steps").format(Format::Int),
        Axis::linear("Logit of the class").format(Format::Int),
    )
    .curve("without rules", points("plain")?)
    .curve("with moves and blur", points("smooth")?)
    .reference(results.number("photograph/logit")?, "the photograph")
    .draw()?
    .caption(format!(
        "The logit of {} along {} steps of both ascents.",
        results.text("class")?,
        int(&results, "steps")?
    ))
    .description(format!(
        "Two rising curves over {} steps and a level line at {} for the photograph. They end at {} without rules and at {} with them.",
        int(&results, "steps")?,
        number(&results, "photograph/logit", Format::Fixed(1))?,
        number(&results, "plain/logit", Format::Fixed(1))?,
        number(&results, "smooth/logit", Format::Fixed(1))?,
    )))
}

pub fn deceived(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("dream")?;
    let photographs = patches::photographs(recorded)?;
    let before =
        format!("{}, {}", results.text("chelsea/named")?, percent(&results, "chelsea/before")?);
    let after = format!("{}, {}", results.text("chelsea/then")?, percent(&results, "chelsea/new")?);
    let tiles = [
        tile(photograph(&photographs, 1)).caption(before),
        recorded_tile(&results, "chelsea/part")?.caption("a part of the step, made visible"),
        recorded_tile(&results, "chelsea/whole")?.caption(after),
    ];
    Ok(ImageGrid::new("A small step, another name")
        .row("", tiles)
        .draw()?
        .caption(format!(
            "Chelsea; a part of the step, made as large as can be drawn; and Chelsea moved by at most {} of {} levels. Below stand the names that the network gives, with their probabilities.",
            number(&results, "chelsea/levels", Format::Plain)?,
            int(&results, "levels-of-a-pixel")?,
        ))
        .description("A cat; a square of pixels in eight colours that looks like noise; and the cat again, moved by the step."))
}

pub fn steps(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("dream")?;
    Ok(LineChart::new(
        "How far must a pixel move?",
        Axis::log("Levels that every number moves by").format(Format::Plain),
        Axis::linear("Probability of the first name").from_zero().format(Format::Percent(0)),
    )
    .series(results.series("chelsea/steps")?)
    .draw()?
    .caption(format!(
        "Chelsea's probability of {} by the size of the step, against the gradient and in a direction by lot. Without a step it is {}.",
        results.text("chelsea/named")?,
        percent(&results, "chelsea/before")?
    ))
    .description("Two curves over the size of the step. Against the gradient the probability falls steeply at small steps and rises again at the largest ones; by lot it stays near where it was at small steps and falls at large ones."))
}
