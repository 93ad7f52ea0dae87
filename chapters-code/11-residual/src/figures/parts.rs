//! A channel by itself, hard-swish, and operations against time: the drawings.

use notebook::figure::schematic::{Edge, Grid, Meaning, Node, Place, Schematic, Sketch, Words};
use notebook::figure::{Axis, BarChart, LineChart, Point, ScatterPlot};
use notebook::{Chapter, Figure, Format, Recorded, TIMINGS, Table};

use crate::experiments::parts::{LOOK, MIX, PICTURE};
use crate::parts::{LAYERS, Layer, Work};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("channels", channels)
        .figure("depthwise-by-hand", by_hand)
        .figure("swish", swish)
        .figure("parts-each", each)
        .figure("parts-time", time)
        .figure("parts-rate", rate)
}

/// Channels of the drawing of who sees whom.
const DRAWN: usize = 4;

/// Four inputs, four outputs, and an edge for each window.
fn channels(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let kinds = [("full", 1), ("two groups", 2)];
    let mut data = Table::new(["Kind", "Windows", "Numbers of the mix"]);
    for (name, groups) in kinds {
        data.row([name.into(), (DRAWN * DRAWN / groups).into(), 0.into()]);
    }
    data.row(["depthwise, then one by one".into(), DRAWN.into(), (DRAWN * DRAWN).into()]);
    Ok(Schematic::new("A window for each line", (18.0, 6.3))
        .narrow((9.0, 12.8))
        .draw(|sheet| {
            let [full, grouped, both] = sheet.pick(
                [(0.8, 1.5), (5.6, 1.5), (10.4, 1.5)],
                [(0.6, 1.5), (4.9, 1.5), (0.6, 7.9)],
            );
            for (at, (name, groups)) in [full, grouped].into_iter().zip(kinds) {
                let of = DRAWN / groups;
                columns(sheet, at, name, |a, b| a / of == b / of, Meaning::Weight);
            }
            columns(sheet, both, "depthwise", |a, b| a == b, Meaning::Weight);
            columns(sheet, (both.0 + 3.4, both.1), "1 × 1", |_, _| true, Meaning::Plain);
        })?
        .data(data)
        .caption("Channels as circles, from left to right. A thick line is a window of weights, a thin one a single weight. With groups, channels of different groups never meet; a depthwise convolution has as many groups as channels, and the layer behind it mixes them.")
        .description("Three drawings of columns of four circles. In the first every circle is joined with every one of the next column, in the second within the upper and the lower half. In the third each is joined with one circle straight across, and these with all of a third column."))
}

fn columns(
    sheet: &mut Sketch,
    at: Place,
    name: &str,
    joined: impl Fn(usize, usize) -> bool,
    meaning: Meaning,
) {
    let node = |column: usize, i: usize| {
        Node::new((at.0 + 3.4 * column as f64, at.1 + 1.25 * i as f64), "")
    };
    for a in 0..DRAWN {
        for b in (0..DRAWN).filter(|&b| joined(a, b)) {
            sheet.add(Edge::new(&node(0, a), &node(1, b)).meaning(meaning).plain());
        }
    }
    for i in 0..DRAWN {
        sheet.all([node(0, i), node(1, i)]);
    }
    sheet.add(Words::middle((at.0 + 1.7, at.1 - 1.0), name));
}

fn said(x: f64) -> String {
    Format::Plain.number(x).replace('-', "−")
}

/// Rows of a square of numbers.
fn rows(numbers: &[f64], side: usize) -> Vec<Vec<String>> {
    numbers.chunks(side).map(|row| row.iter().map(|&x| said(x)).collect()).collect()
}

/// The example of the page, from the picture to the mixed outputs.
fn by_hand(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("depthwise")?;
    let numbers = |key: &str| anyhow::Ok(results.series(key)?.get(key)?.values.clone());
    let (looked, mixed) = (numbers("looked")?, numbers("mixed")?);
    let figure = Schematic::new("Look, then mix", (17.5, 7.3)).narrow((9.0, 9.0));
    let figure = figure.draw(|sheet| {
        let cell = sheet.pick(0.8, 0.66);
        let tops = sheet.pick([1.3, 4.6], [1.2, 3.9]);
        let lefts = sheet.pick([0.5, 4.4, 7.5], [0.2, 3.1, 5.6]);
        for (c, top) in tops.into_iter().enumerate() {
            let low = top + cell / 2.0;
            let name = |what: &str| format!("{what}, {}", c + 1);
            sheet.add(
                Grid::new((lefts[0], top), cell, rows(&PICTURE[9 * c..][..9], 3)).title(name("x")),
            );
            let look = Grid::new((lefts[1], low), cell, rows(&LOOK[4 * c..][..4], 2));
            sheet.add(look.title(name("w")));
            sheet.add(
                Grid::new((lefts[2], low), cell, rows(&looked[4 * c..][..4], 2)).title(name("z")),
            );
            let height = top + 1.5 * cell;
            let signs =
                [(lefts[0] + 3.0 * cell + lefts[1], "∗"), (lefts[1] + 2.0 * cell + lefts[2], "=")];
            for (twice, sign) in signs {
                sheet.add(Words::middle((twice / 2.0, height), sign));
            }
        }
        // The mix: beside the rest, or below it.
        let outs: [Place; 2] = sheet.pick(
            [(12.8, tops[0] + cell / 2.0), (12.8, tops[1] + cell / 2.0)],
            [(1.0, 7.2), (5.0, 7.2)],
        );
        for (d, at) in outs.into_iter().enumerate() {
            let mix = &MIX[2 * d..][..2];
            let sign = |x: f64| if x < 0.0 { "−" } else { "+" };
            let part = |x: f64| {
                if x.abs() == 1.0 { String::new() } else { format!("{} · ", said(x.abs())) }
            };
            let title = format!("{}z₁ {} {}z₂", part(mix[0]), sign(mix[1]), part(mix[1]));
            sheet.add(Grid::new(at, cell, rows(&mixed[4 * d..][..4], 2)).title(title));
        }
        if !sheet.is_narrow() {
            let from = lefts[2] + 2.0 * cell + 0.3;
            for top in tops {
                for out in outs {
                    let ends = ((from, top + 1.5 * cell), (out.0 - 0.3, out.1 + cell));
                    sheet.add(Edge::new(ends.0, ends.1).meaning(Meaning::Weight));
                }
            }
        }
    })?;
    Ok(figure
        .caption("The example of the page. Each channel meets its own window and no other; only then are the two mixed, pixel by pixel, by four numbers.")
        .description(format!(
            "Two rows: a picture of three by three numbers, a window of two by two, and its output, {} in the first row and {} in the second. Both outputs lead to two mixtures, {} and {}.",
            words(&looked[..4]),
            words(&looked[4..]),
            words(&mixed[..4]),
            words(&mixed[4..]),
        )))
}

fn words(numbers: &[f64]) -> String {
    numbers.iter().map(|&x| said(x)).collect::<Vec<_>>().join(" ")
}

fn swish(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("swish")?;
    let axis = |name: &str| Axis::linear(name).format(Format::Int);
    Ok(LineChart::new("Three activations", axis("z"), axis("Activation"))
        .series(results.series("curves")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "Hard-swish is nought up to {} and the line itself from {} on. The furthest that it comes from swish is {}; for ReLU it is {}.",
            said(-results.number("furthest/at")?),
            said(results.number("furthest/at")?),
            Format::Fixed(2).number(results.number("furthest")?),
            Format::Fixed(2).number(results.number("relu/furthest")?),
        ))
        .description(format!(
            "Three curves that are near nought on the left and rise along the diagonal on the right. Swish and hard-swish dip below nought between; hard-swish is lowest at {}, with {}.",
            Format::Fixed(1).number(results.number("lowest/at")?),
            Format::Fixed(2).number(results.number("lowest")?),
        )))
}

/// The layers that have multiply-adds, by kind.
const KINDS: [&str; 4] = ["full", "pointwise", "depthwise", "gate"];

fn kind(layer: &Layer) -> Option<usize> {
    match layer.work {
        Work::Full(_) => Some(0),
        Work::Pointwise(_) => Some(1),
        Work::Depthwise(_) => Some(2),
        Work::Gate => Some(3),
        Work::HardSwish | Work::Addition => None,
    }
}

fn each(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("parts")?;
    let axis = Axis::log("Multiply-adds for each byte").format(Format::Plain);
    let mut chart =
        BarChart::new("How much is done with what is read", axis).values(Format::Fixed(1));
    for layer in LAYERS.iter().filter(|layer| kind(layer).is_some_and(|kind| kind < 3)) {
        chart = chart.bar(layer.name(), results.number(&format!("{}/each", layer.id))?);
    }
    let fixed =
        |id: &str| anyhow::Ok(Format::Fixed(1).number(results.number(&format!("{id}/each"))?));
    Ok(chart
        .draw()?
        .caption(format!(
            "Counted: multiply-adds, by the bytes of all numbers that go in or out and of the weights, each once. On the same value of many channels, the full convolution does {} for each byte, the depthwise one {}.",
            fixed("full3_480_14")?,
            fixed("depthwise3_480_14")?,
        ))
        .description("Marks on a logarithmic axis, one for each layer: full and pointwise convolutions, and all depthwise ones to the left of them."))
}

fn time(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (results, timings) = (recorded.experiment("parts")?, recorded.experiment(TIMINGS)?);
    let mut chart = ScatterPlot::new(
        "Multiply-adds and time of single layers",
        Axis::log("Multiply-adds").format(Format::Count(0)),
        Axis::log("Time").format(Format::Duration),
    );
    for (number, name) in KINDS.into_iter().enumerate() {
        let mut points = Vec::new();
        for layer in LAYERS.iter().filter(|layer| kind(layer) == Some(number)) {
            let count = results.number(&format!("{}/multiply-adds", layer.id))?;
            let seconds = timings.number(&format!("parts/{}", layer.id))?;
            // The layers of one shape are named, so that they can be compared.
            let label = if layer.channels == 480 { "480 channels" } else { "" };
            points.push(Point::new(label, count, seconds));
        }
        chart = chart.group(name, points);
    }
    // The speed at which products in the cache are computed.
    let first = LAYERS[0].multiply_adds() as f64;
    let peak = timings.number("parts_peak/one_thread")? / first;
    let ends = [1e6, 4e8].map(|count| (count, count * peak));
    // How many times the line's time a layer takes.
    let times = |id: &str| -> anyhow::Result<String> {
        let count = results.number(&format!("{id}/multiply-adds"))?;
        let seconds = timings.number(&format!("parts/{id}"))?;
        Ok(Format::Fixed(1).number(seconds / (count * peak)))
    };
    Ok(chart
        .line("at the peak", ends)
        .draw()?
        .caption(format!(
            "One image, one thread. The line is the time at which the machine's matrix product would do the multiply-adds with everything in the cache. Measured on {}.",
            timings.provenance.machine.describe(),
        ))
        .description(format!(
            "Points on two logarithmic axes, by kind, and a rising line, the peak. With the same channels and pixels the full convolution takes {} times the line's time, the depthwise one {} times, the gate {} times.",
            times("full3_480_14")?,
            times("depthwise3_480_14")?,
            times("gate_480_14")?,
        )))
}

fn rate(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (results, timings) = (recorded.experiment("parts")?, recorded.experiment(TIMINGS)?);
    let axis = Axis::log("Bytes a second").format(Format::Si(0));
    let mut chart =
        BarChart::new("How fast numbers go through a layer", axis).values(Format::Si(1));
    let speed = |layer: &Layer| -> anyhow::Result<f64> {
        let bytes = results.number(&format!("{}/bytes", layer.id))?;
        Ok(bytes / timings.number(&format!("parts/{}", layer.id))?)
    };
    let (mut slowest, mut fastest) = (f64::INFINITY, 0.0_f64);
    for layer in &LAYERS {
        let speed = speed(layer)?;
        (slowest, fastest) = (slowest.min(speed), fastest.max(speed));
        chart = chart.bar(layer.name(), speed);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Counted bytes by measured time, for every layer of the bench, those without multiply-adds too. Measured on {}.",
            timings.provenance.machine.describe(),
        ))
        .description(format!(
            "Marks on a logarithmic axis, one for each layer, from {} to {} bytes a second.",
            Format::Si(1).number(slowest),
            Format::Si(1).number(fastest),
        )))
}
