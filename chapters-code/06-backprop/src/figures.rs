//! What the chapter draws, from recorded results.

mod schematics;

use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded};

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    schematics::add(chapter)
        .figure("difference", difference)
        .figure("operations", operations)
        .figure("xor", xor)
        .figure("tape", tape)
        .figure("arena", arena)
        .figure("bit", bit)
}

fn difference(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("difference")?;
    let best = |way: &str| -> anyhow::Result<String> {
        let error = results.number(&format!("{way}/best-error"))?;
        Ok(Format::Scientific(0).number(error))
    };
    let series = results.series("error")?;
    // From small steps to large ones, so that the names stand where the curves are apart.
    let points = |way: &str| -> anyhow::Result<Vec<(f64, f64)>> {
        let errors = &series.get(way)?.values;
        Ok(series.x.iter().copied().zip(errors.iter().copied()).rev().collect())
    };
    Ok(LineChart::new(
        "How far a difference is from the slope",
        Axis::log("Step").format(Format::Scientific(0)),
        Axis::log("Error, relative to the slopes").format(Format::Scientific(0)),
    )
    .curve("one-sided", points("one-sided")?)
    .curve("central", points("central")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "Going left, a smaller step helps until rounding wins. The least error is {} for one-sided and {} for central differences, and no step reaches zero.",
        best("one-sided")?,
        best("central")?
    ))
    .description(
        "Two curves in the shape of a V on logarithmic axes, from a step of a tenth down to a step of ten to the minus \
         fifteen. The central one falls twice as steeply from the right, and turns at a larger step and a smaller error. \
         At the left both rise to errors of the size of the slopes themselves.",
    ))
}

fn operations(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("modes")?;
    let [weights, losses] = [
        Format::Int.number(results.number("largest/weights")?),
        Format::Fixed(1).number(results.number("largest/reverse-in-losses")?),
    ];
    Ok(LineChart::new(
        "What one gradient costs",
        Axis::log("Weights").format(Format::Int),
        Axis::log("Operations").format(Format::Count(0)),
    )
    .series(results.series("operations")?)
    .draw()?
    .caption(format!(
        "With {weights} weights, reverse mode costs as much as {losses} evaluations of the loss. The other two ways cost some evaluations for every weight."
    ))
    .description(
        "Four rising lines on logarithmic axes. Those of forward mode and of differences are close together and twice as \
         steep as those of reverse mode and of the loss alone, which stay the same small distance apart.",
    ))
}

fn xor(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("xor")?;
    let percent = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(0).number(results.number(key)?))
    };
    Ok(LineChart::new(
        "Learning XOR on the tape",
        Axis::log("Steps").format(Format::Int),
        Axis::linear("Loss in nats").format(Format::Fixed(1)).from_zero(),
    )
    .series(results.series("loss")?)
    .draw()?
    .caption(format!(
        "Two units solve XOR from {} of the starts, eight from {}. Lines are medians over starts, bands run from a tenth to nine tenths of them.",
        percent("solved/2")?,
        percent("solved/8")?
    ))
    .description(
        "Two falling curves with bands over two thousand steps. The one for eight units falls to nearly zero with a \
         narrow band. The one for two units falls later, and its band stays wide to the end.",
    ))
}

fn tape(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("memory")?;
    let ratio = Format::Fixed(0).number(results.number("width/ratio")?);
    Ok(LineChart::new(
        "Memory of a step, by width",
        Axis::log("Hidden units").format(Format::Int),
        Axis::log("Bytes").format(Format::Bytes(0)),
    )
    .series(results.series("width")?)
    .draw()?
    .caption(format!(
        "The tape writes a line for each product and each sum. The arena keeps one number for each unit and one for its gradient. At the greatest width the tape takes {ratio} times the bytes."
    ))
    .description(
        "Two rising lines on logarithmic axes. The tape's is far above the arena's and steeper: it doubles with the width, \
         the arena's grows more slowly.",
    ))
}

fn arena(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("memory")?;
    let series = results.series("depth")?;
    let saved = Format::Percent(0).number(results.number("depth/saved")?);
    Ok(LineChart::new(
        "Memory of a deep network with additions",
        Axis::log("Layers").format(Format::Int),
        Axis::log("Bytes").format(Format::Bytes(0)),
    )
    .series(series)
    .draw()?
    .caption(format!(
        "To train, memory grows with depth, because the way back reads what the way forward wrote. Shared slots save {saved} at the greatest depth. To predict, a few slots serve any depth."
    ))
    .description(format!(
        "Three lines on logarithmic axes over {} layers. Two rise side by side, all values apart above the planned \
         arena. The third, to predict, is level and far below.",
        series.span(Format::Int)
    )))
}

fn bit(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("shards")?;
    let series = results.series("bit")?;
    let share = Format::Percent(0).number(results.number("bit/share")?);
    let steps = Format::Int.number(results.number("bit/steps")?);
    Ok(LineChart::new(
        "One changed bit",
        Axis::log("Steps of training").format(Format::Int),
        Axis::linear("Share of the weights that differ").format(Format::Percent(0)).from_zero(),
    )
    .series(series)
    .draw()?
    .caption(format!(
        "Two runs that began with one different bit in one weight. After {steps} steps {share} of all weights have different bits."
    ))
    .description(format!(
        "One curve over {} steps on a logarithmic axis. It is close to zero for a few steps and then rises without a \
         pause to well above one half.",
        series.span(Format::Int)
    )))
}
