//! The appendix's own figure.

use crate::figure::{Axis, LineChart};
use crate::{Figure, Format, Recorded};

/// The running mean of the dice, with its interval.
// ANCHOR: dice
pub fn dice(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("dice")?;
    let mean = results.value("mean")?;
    let x = Axis::log("Rolls").format(Format::Int);
    let y = Axis::linear("Mean so far").format(Format::Plain).range(1.0, 6.0);
    let figure = LineChart::new("The mean of many dice", x, y)
        .series(results.series("running")?)
        .reference(3.5, "the die's mean")
        .draw()?;
    Ok(figure
        .caption(format!(
            "The interval of the mean narrows with the square root of the rolls: after ten thousand it is {}.",
            Format::Fixed(2).apply_interval(&mean)?
        ))
        .description(
            "A curve over 1 to 10,000 rolls on a logarithmic axis, with a band around it. The band spans the whole \
             range from 1 to 6 at first and closes on the line at 3.5.",
        ))
}
// ANCHOR_END: dice
