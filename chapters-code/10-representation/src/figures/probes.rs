//! What can be read off each layer? The drawings of it.

use notebook::figure::schematic::{Edge, Frame, Meaning, Schematic, Words};
use notebook::figure::{Axis, Bar, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::inner::LAYERS;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("probe", probe)
        .figure("by-layer", by_layer)
        .figure("to-best", to_best)
        .figure("cnn-layers", cnn_layers)
}

/// A recorded number in words.
pub fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

/// A bar with the interval of a recorded number.
pub fn interval(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let (low, high) = results.value(key)?.interval.unwrap_or((f64::NAN, f64::NAN));
    Ok(Bar::new(results.number(key)?).interval(low, high))
}

/// A network that stays as it is, and a linear map on each of its layers.
fn probe(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("Where a probe sits", (16.0, 6.6)).narrow((9.0, 11.8));
    let figure = figure.draw(|sheet| {
        let narrow = sheet.is_narrow();
        let size = sheet.pick((2.6, 1.5), (3.4, 1.1));
        let network = |i: usize| match narrow {
            false => (0.5 + 3.9 * i as f64, 1.3),
            true => (0.6, 1.2 + 2.6 * i as f64),
        };
        let map = |i: usize| match narrow {
            false => (0.5 + 3.9 * i as f64, 4.4),
            true => (5.3, 1.2 + 2.6 * i as f64),
        };
        let frozen = sheet.pick(((0.2, 0.3), (15.5, 2.8)), ((0.3, 0.3), (4.0, 10.4)));
        let label = sheet.pick("trained, and now frozen", "frozen");
        sheet.add(Frame::around(frozen.0, frozen.1, label));
        let layers = ["layer 1", "layer 2", "…", "last layer"];
        let boxes: Vec<Frame> = (0..4)
            .map(|i| Frame::new(network(i), size, layers[i]).meaning(Meaning::Value))
            .collect();
        for pair in boxes.windows(2) {
            sheet.add(Edge::new(&pair[0], &pair[1]).meaning(Meaning::Value));
        }
        for (i, layer) in boxes.iter().enumerate() {
            if i == 2 {
                continue;
            }
            let probe = Frame::new(map(i), size, "X W").note("a probe").meaning(Meaning::Weight);
            sheet.add(Edge::new(layer, &probe).above(if i == 0 { "X" } else { "" }));
            sheet.add(probe);
        }
        sheet.all(boxes);
        let foot = sheet.pick((8.0, 6.3), (4.5, 11.4));
        sheet.add(Words::middle(foot, "its own answer for each layer").small());
    })?;
    Ok(figure
        .caption("A probe is a linear map W that is learned from the features X of one layer. The network behind them is not changed, and a probe knows nothing of the others.")
        .description("A row of boxes for the layers of a network, joined by arrows, within a dotted frame. From the first, the second and the last an arrow leads out of the frame to a box with a linear map of its own."))
}

fn by_layer(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("probes")?;
    let percent = |key: &str| number(&results, key, Format::Percent(1));
    Ok(LineChart::new(
        "What a linear map reads off each block",
        Axis::linear("Behind block (0 the stem, 17 the head)").format(Format::Int),
        Axis::linear("Test garments named").format(Format::Percent(0)).range(0.0, 1.0),
    )
    .series(results.series("lite0")?)
    .reference(results.number("pixels")?, "raw pixels")
    .draw()?
    .caption(format!(
        "{} garments teach a probe behind each block of EfficientNet-Lite0. Chosen on garments kept aside was {}, which finds {}; the head finds {}, and pixels alone {}. Bands: other test garments, for the untrained networks also other first weights.",
        number(&results, "probed", Format::Int)?,
        results.text("best/place")?,
        percent("best/found")?,
        percent("trained/head")?,
        percent("pixels")?,
    ))
    .description(format!(
        "Three banded curves over the blocks, and a level line for pixels. That of the trained network rises to {} and falls to {} at the head; that of untrained networks begins near it and ends at {}; that of shuffled labels lies near a tenth.",
        percent("best/found")?,
        percent("trained/head")?,
        percent("untrained/head")?,
    )))
}

fn to_best(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("probes")?;
    let points = |key: &str| number(&results, key, Format::Points(1));
    Ok(LineChart::new(
        "Less than at the best block",
        Axis::linear("Behind block (0 the stem, 17 the head)").format(Format::Int),
        Axis::linear("Difference, paired").format(Format::Points(0)),
    )
    .series(results.series("to-best")?)
    .reference(0.0, "the block chosen")
    .draw()?
    .caption(format!(
        "Each place minus the one that was chosen on garments kept aside: {} with two by two means of each channel, {} with one. They lead the head by {} and by {}.",
        results.text("best/place")?,
        results.text("best-means/place")?,
        points("best/over-head")?,
        points("best-means/over-head")?,
    ))
    .description("Two banded curves that rise from the stem to the middle blocks, lie about nought there, and fall below it towards the head."))
}

fn cnn_layers(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("probes")?;
    let percent = |key: &str| number(&results, key, Format::Percent(1));
    let mut chart = BarChart::new(
        "What a linear map reads off the book's own network",
        Axis::linear("Test garments named").format(Format::Percent(0)).range(0.0, 1.0),
    )
    .groups(["trained", "untrained"])
    .values(Format::Percent(1));
    for layer in LAYERS {
        let key = layer.replace(' ', "-");
        let both =
            ["trained", "untrained"].map(|of| interval(&results, &format!("cnn/{of}/{key}")));
        chart = chart.row(layer, both.into_iter().collect::<anyhow::Result<Vec<Bar>>>()?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Chapter 9's network after {} garments. Its last hidden layer gives {} trained and {} untrained; from pixels a probe finds {}.",
            number(&results, "learned", Format::Int)?,
            percent("cnn/trained/hidden")?,
            percent("cnn/untrained/hidden")?,
            percent("cnn/trained/pixels")?,
        ))
        .description(format!(
            "Five rows of two bars with whiskers, from the pixels to the logits. The trained ones end at {}, the untrained ones at {}.",
            percent("cnn/trained/logits")?,
            percent("cnn/untrained/logits")?,
        )))
}
