//! How large the gradient and the signal are, layer by layer.

use notebook::figure::schematic::{Edge, Node, Schematic};
use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results, Table};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("paths", paths)
        .figure("gradient-by-layer", gradient)
        .figure("signal-by-block", signal)
}

/// The slopes of the example on the page.
const SLOPES: [f64; 3] = [0.5, 0.8, 0.5];

fn number(x: f64) -> String {
    Format::Plain.number((1e6 * x).round() / 1e6).replace('-', "−")
}

/// Three layers of one number each, with a way around each and without.
fn paths(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let plain: f64 = SLOPES.iter().product();
    let skips: f64 = SLOPES.iter().map(|s| 1.0 + s).product();
    let figure = Schematic::new("Slopes in a row", (16.0, 5.6)).narrow((9.0, 5.6));
    let figure = figure.draw(|sheet| {
        let step = sheet.pick(4.6, 2.55);
        let left = sheet.pick(1.1, 0.7);
        for (row, with) in [false, true].into_iter().enumerate() {
            let y = [1.1, 3.7][row];
            let mut gradient = 1.0;
            let mut back = vec![gradient];
            for slope in SLOPES.iter().rev() {
                gradient *= if with { 1.0 + slope } else { *slope };
                back.push(gradient);
            }
            back.reverse();
            let names = ["x", "u", "v", "y"];
            let nodes: Vec<Node> = (0..4)
                .map(|i| Node::new((left + step * i as f64, y), names[i]).gradient(number(back[i])))
                .collect();
            for (pair, slope) in nodes.windows(2).zip(SLOPES) {
                sheet.add(Edge::new(&pair[0], &pair[1]).weight(number(slope)));
            }
            if with {
                for i in 0..3 {
                    let (from, to) = (left + step * i as f64, left + step * (i + 1) as f64);
                    let low = y + 1.1;
                    sheet.add(
                        Edge::new(&nodes[i], &nodes[i + 1])
                            .through([(from, low), (to, low)])
                            .below("+ 1"),
                    );
                }
            }
            sheet.all(nodes);
        }
    })?;
    let mut data = Table::new(["Network", "Slope of the whole | fixed 2"]);
    data.row(["three layers".into(), plain.into()]);
    data.row(["with ways around them".into(), skips.into()]);
    Ok(figure
        .data(data)
        .caption(format!(
            "Three layers of one number each; above each arrow the slope of its layer, above each circle what arrives there of a gradient of one at the end. Above, slopes are multiplied: {} arrives. Below, each layer has a way around it with slope one: {} arrives.",
            number(plain),
            number(skips)
        ))
        .description("Two rows of four circles joined by arrows. In the lower row a second arrow leads from each circle below to the next."))
}

fn number_of(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

fn gradient(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("gradients")?;
    let back = |way: &str| number_of(&results, &format!("gradient/back/{way}"), Format::Fixed(3));
    Ok(LineChart::new(
        "The gradient before the first step, by layer",
        Axis::linear("Convolution, from the input").format(Format::Int),
        Axis::log("Norm of the gradient").format(Format::Scientific(0)),
    )
    .series(results.series("gradient")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "A layer nearer to the input, the gradient is multiplied by {} in the plain stack with batch normalisation and by {} in the one with skips and normalisation. Geometric means over {} draws of the first weights, with intervals.",
        back("plain-norm")?,
        back("skip-norm")?,
        number_of(&results, "draws", Format::Int)?
    ))
    .description(format!(
        "Four curves over convolutions {} on a logarithmic axis. That of the plain stack with normalisation is a straight line that falls from left to right over many powers of ten.",
        results.series("gradient")?.span(Format::Int)
    )))
}

fn signal(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("gradients")?;
    let factor = |way: &str| number_of(&results, &format!("signal/factor/{way}"), Format::Fixed(2));
    Ok(LineChart::new(
        "The signal before the first step, by block",
        Axis::linear("Block, from the input (0 the stem)").format(Format::Int),
        Axis::log("Root of the mean square").format(Format::Scientific(0)),
    )
    .series(results.series("signal")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "With skips and without normalisation the signal is multiplied by {} in each block, in the plain stack without normalisation by {}. Normalisation keeps the plain one level, and lets the one with skips grow slowly.",
        factor("skip")?,
        factor("plain")?,
    ))
    .description(format!(
        "Four curves over blocks {} on a logarithmic axis: one rises steeply in a straight line, one falls, one is level and one rises less and less.",
        results.series("signal")?.span(Format::Int)
    )))
}
