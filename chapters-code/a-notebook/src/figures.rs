//! The appendix's own figures.

use crate::figure::schematic::{Edge, Node, Schematic};
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

/// A product of two numbers, with values and gradients.
// ANCHOR: product
pub fn product(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (a, b) = (3.0, 2.0);
    let written = |x: f64| Format::Plain.number(x);
    let figure = Schematic::new("A product, and back", (7.0, 2.6)).draw(|sheet| {
        let first = Node::new((0.6, 0.5), "a").square();
        let second = Node::new((0.6, 2.1), "b").square();
        let product = Node::new((3.8, 1.3), "×");
        sheet.add(Edge::new(&first, &product).value(written(a)).gradient(written(b)));
        sheet.add(Edge::new(&second, &product).value(written(b)).gradient(written(a)));
        sheet.add(Edge::new(&product, (6.6, 1.3)).value(written(a * b)).gradient(written(1.0)));
        sheet.all([first, second, product]);
    })?;
    // ANCHOR_END: product
    Ok(figure
        .caption("Values stand below the edges, and gradients, in italics, above. The gradient of either factor is the other factor.")
        .description(format!(
            "Two squares, a and b, with arrows to a circle with a cross, from which an arrow leads out.              Below the arrows stand the values {}, {} and {}, above them the gradients {}, {} and {}.",
            written(a), written(b), written(a * b), written(b), written(a), written(1.0),
        )))
}
