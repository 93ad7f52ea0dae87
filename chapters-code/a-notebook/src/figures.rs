//! The appendix's own figure.

use crate::figure::{Axis, LineChart};
use crate::{Figure, Format, Recorded};

/// The running mean of the dice, with its interval.
// ANCHOR: dice
pub fn dice(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("dice")?;
    let mean = results.value("mean")?;
    let running = results.series("running")?;
    let x = Axis::log("Rolls").format(Format::Int);
    let y = Axis::linear("Mean so far").format(Format::Plain).range(1.0, 6.0);
    let figure = LineChart::new("The mean of many dice", x, y)
        .series(running)
        .reference(3.5, "the die's mean")
        .draw()?;
    Ok(figure
        .caption(format!(
            "The interval of the mean narrows with the square root of the rolls: after ten thousand it is {}.",
            Format::Fixed(2).apply_interval(&mean)?
        ))
        .description(format!(
            "A curve over {} rolls on a logarithmic axis, with a band around it. The band spans all \
             faces of a die at first and closes on the line at their mean.",
            running.span(Format::Int)
        )))
}
// ANCHOR_END: dice
