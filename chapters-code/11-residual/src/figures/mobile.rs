//! MobileNetV3's parts: the block and its gate, drawn; what each part brings, and what it takes.

use notebook::figure::schematic::{Edge, Frame, Grid, Meaning, Node, Place, Schematic, Words};
use notebook::figure::{Axis, Bar, BarChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::experiments::mobile::{NETWORKS, PAIRS};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("mobile-block", block)
        .figure("gate-by-hand", gate)
        .figure("mobile-right", right)
        .figure("mobile-pairs", pairs)
        .figure("mobile-steps", steps)
}

/// The inverted residual of MobileNetV3, part by part.
fn block(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let steps = [
        ("1 × 1, expand", "hard-swish"),
        ("depthwise", "hard-swish"),
        ("gate", "squeeze, excite"),
        ("1 × 1, project", "no activation"),
    ];
    let figure = Schematic::new("The block of MobileNetV3", (20.0, 4.9)).narrow((9.0, 15.6));
    let figure = figure.draw(|sheet| {
        let along = |t: f64, across: f64| -> Place { sheet.pick((t, across), (across, t)) };
        let size = sheet.pick((3.4, 1.9), (4.6, 1.7));
        let middle = sheet.pick(3.2, 5.4);
        let round = sheet.pick(0.9, 1.2);
        let places = sheet.pick([3.2, 7.4, 11.6, 15.8], [2.6, 5.7, 8.8, 11.9]);
        let half = sheet.pick(size.0, size.1) / 2.0;
        let (start, plus, end) = sheet.pick((0.3, 18.5, 19.8), (0.4, 13.7, 15.2));
        let mut from = start;
        let mut edges = Vec::new();
        for t in places {
            edges.push(Edge::new(along(from, middle), along(t - half, middle)));
            from = t + half;
        }
        let sum = Node::new(along(plus, middle), "+");
        edges.push(Edge::new(along(from, middle), &sum));
        edges.push(Edge::new(&sum, along(end, middle)));
        let skip = Edge::new(along(start + 0.4, middle), &sum)
            .through([along(start + 0.4, round), along(plus, round)])
            .meaning(Meaning::Focus);
        let said = sheet.pick((10.0, 0.45), (1.35, 0.3));
        let words = match sheet.is_narrow() {
            true => Words::new(said, "the skip"),
            false => Words::middle(said, "the skip, where the shapes agree"),
        };
        let frames = places.into_iter().zip(steps).map(|(t, (name, note))| {
            let (x, y) = along(t, middle);
            Frame::new((x - size.0 / 2.0, y - size.1 / 2.0), size, name).note(note)
        });
        let frames: Vec<Frame> = frames.collect();
        sheet.all(edges);
        sheet.add(skip);
        sheet.all(frames);
        sheet.add(sum);
        sheet.add(words.meaning(Meaning::Focus).small());
    })?;
    Ok(figure
        .caption("Few channels come in and go out; between the expansion and the projection there are many. Batch normalisation, which stands behind each convolution, is not drawn. In the first blocks the activation is ReLU, and some blocks have no gate.")
        .description("A chain of four boxes: expand, depthwise, gate, project. A line leads from before the first around all four to a plus sign behind the last."))
}

/// Numbers as they stand in the drawing.
fn said(x: f64) -> String {
    Format::Plain.number(x).replace('-', "−")
}

/// The page's example of a gate: two channels of 2 × 2, and the weights of its two layers.
const CHANNELS: [[f64; 4]; 2] = [[1.0, 3.0, 0.0, 4.0], [1.0, 1.0, 2.0, 0.0]];
const SQUEEZE: [f64; 2] = [1.0, -1.0];
const EXCITE: [f64; 2] = [1.5, -1.5];

fn gate(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let means = CHANNELS.map(|channel| channel.iter().sum::<f64>() / 4.0);
    let squeezed = (SQUEEZE[0] * means[0] + SQUEEZE[1] * means[1]).max(0.0);
    let gates = EXCITE.map(|w| (w * squeezed + 3.0).clamp(0.0, 6.0) / 6.0);
    let figure = Schematic::new("A gate on two channels", (14.2, 6.0)).narrow((8.0, 11.2));
    let figure = figure.draw(|sheet| {
        let cell = sheet.pick(0.85, 0.95);
        let rows = |numbers: [f64; 4]| {
            [[said(numbers[0]), said(numbers[1])], [said(numbers[2]), said(numbers[3])]]
        };
        let down = sheet.is_narrow();
        let place = |step: usize, channel: usize| -> Place {
            match down {
                true => (2.2 + 3.6 * channel as f64, [1.7, 4.0, 5.6, 7.4, 9.6][step]),
                false => ([1.2, 4.1, 6.6, 9.1, 12.7][step], 1.9 + 2.9 * channel as f64),
            }
        };
        let corner = |(x, y): Place| (x - cell, y - cell);
        let middle = match down {
            true => (4.0, place(2, 0).1),
            false => (place(2, 0).0, 3.35),
        };
        let squeeze = Node::new(middle, said(squeezed));
        for (c, channel) in CHANNELS.into_iter().enumerate() {
            let from = place(0, c);
            let to = place(4, c);
            let mean = Node::new(place(1, c), said(means[c]));
            let gate = Node::new(place(3, c), said(gates[c])).square().meaning(Meaning::Focus);
            let (out, inside) = match down {
                true => ((from.0, from.1 + cell), (to.0, to.1 - cell)),
                false => ((from.0 + cell, from.1), (to.0 - cell, to.1)),
            };
            sheet.add(Edge::new(out, &mean));
            sheet.add(Edge::new(&mean, &squeeze).weight(said(SQUEEZE[c])));
            sheet.add(Edge::new(&squeeze, &gate).weight(said(EXCITE[c])));
            sheet.add(Edge::new(&gate, inside).meaning(Meaning::Focus));
            sheet.add(Grid::new(corner(from), cell, rows(channel)));
            sheet.add(Grid::new(corner(to), cell, rows(channel.map(|x| gates[c] * x))));
            sheet.add(mean);
            sheet.add(gate);
        }
        sheet.add(squeeze);
        let at = |step: usize| match down {
            true => (0.15, place(step, 0).1 - if step == 0 || step == 4 { 1.35 } else { 0.0 }),
            false => (place(step, 0).0, 0.45),
        };
        let names = [(0, "x"), (1, "means"), (2, "ReLU"), (3, "gates"), (4, "gate · x")];
        for (step, name) in names {
            sheet.add(match down {
                true => Words::new(at(step), name).small(),
                false => Words::middle(at(step), name).small(),
            });
        }
    })?;
    Ok(figure
        .caption(format!(
            "The mean of each channel, one number in between, and a number for each channel that it is multiplied by: {} and {}. All four weights are made up.",
            said(gates[0]),
            said(gates[1]),
        ))
        .description(format!(
            "From left to right two grids of two by two numbers, their means {} and {}, one circle with {} that both lead to, two squares with the gates, and the two grids multiplied by them.",
            said(means[0]),
            said(means[1]),
            said(squeezed),
        )))
}

/// A bar with the interval of a recorded number.
fn interval(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let value = results.value(key)?;
    let number = results.number(key)?;
    Ok(match value.interval {
        Some((low, high)) => Bar::new(number).interval(low, high),
        None => Bar::new(number),
    })
}

fn right(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("mobile")?;
    let axis = Axis::linear("Test garments named right").format(Format::Percent(0));
    let mut chart = BarChart::new("Seven small networks, as many multiply-adds", axis)
        .values(Format::Percent(1));
    for (key, name, _) in NETWORKS {
        chart = chart.bar(name, interval(&results, &format!("{key}/right"))?);
    }
    let number = |key: &str, format: Format| anyhow::Ok(format.number(results.number(key)?));
    Ok(chart
        .draw()?
        .caption(format!(
            "Each network about {} multiply-adds for an image; {} garments, seen {} times, {} seeds. The intervals speak of other seeds and of other garments. Networks are compared in pairs in the next figure, not by these intervals.",
            number("full/multiply-adds", Format::Count(1))?,
            number("garments", Format::Int)?,
            number("epochs", Format::Int)?,
            number("seeds", Format::Int)?,
        ))
        .description(format!(
            "Seven marks with whiskers, from full convolutions with {} to all parts together with {}.",
            number("full/right", Format::Percent(1))?,
            number("both/right", Format::Percent(1))?,
        )))
}

fn pairs(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("mobile")?;
    let axis = Axis::linear("Difference in accuracy, paired").format(Format::Points(0));
    let mut chart = BarChart::new("What each part brings at equal multiply-adds", axis)
        .values(Format::Points(1));
    for (key, name, _) in PAIRS {
        chart = chart.bar(name, interval(&results, &format!("over/{key}"))?);
    }
    let points = |key: &str| anyhow::Ok(Format::Points(1).number(results.number(key)?));
    Ok(chart
        .draw()?
        .caption(format!(
            "Garment by garment and seed by seed. An interval that holds zero decides nothing. Depthwise and pointwise in place of full: {}; the skip: {}.",
            points("over/depthwise")?,
            points("over/skip")?,
        ))
        .description(format!(
            "Six bars with whiskers from zero, one for each exchange: {}.",
            PAIRS.map(|(_, name, _)| name).join("; ")
        )))
}

fn steps(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("mobile")?;
    let axis = Axis::linear("Time").format(Format::Duration).from_zero();
    let mut chart =
        BarChart::new("A step of training at equal multiply-adds", axis).values(Format::Duration);
    for (key, name, _) in NETWORKS {
        chart = chart.bar(name, interval(&results, &format!("step/{key}"))?);
    }
    let time = |key: &str| anyhow::Ok(Format::Duration.number(results.number(key)?));
    Ok(chart
        .draw()?
        .caption(format!(
            "Forward, backward and the rule, for a mini-batch of {} garments; the median of many steps. All networks count nearly the same multiply-adds. Measured on {}.",
            Format::Int.number(results.number("batch")?),
            results.provenance.machine.describe(),
        ))
        .description(format!(
            "Seven bars from zero. Full convolutions take {}, depthwise and pointwise ones {}, the inverted residual {}, with gates and hard-swish {}.",
            time("step/full")?,
            time("step/separable")?,
            time("step/inverted")?,
            time("step/both")?,
        )))
}
