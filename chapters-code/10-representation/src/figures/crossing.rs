//! Where do the curves of an expert, of a borrowed network and of one from scratch cross? The drawings of it.

use notebook::figure::schematic::{Edge, Frame, Meaning, Schematic, Words};
use notebook::figure::{Axis, Bar, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results, Series};

use crate::experiments::crossing::{LEVELS, METHODS, SIZES};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("pipelines", pipelines)
        .figure("crossing", curves)
        .figure("crossing-gaps", gaps)
        .figure("crossing-labels", labels)
}

fn int(n: usize) -> String {
    Format::Int.number(n as f64)
}

fn percent(results: &Results, key: &str) -> anyhow::Result<String> {
    Ok(Format::Percent(1).number(results.number(key)?))
}

/// Who made the features: three pipelines, one below the other.
fn pipelines(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("crossing")?;
    let [by_hand, borrowed] = ["hog", "lite0"]
        .map(|key| results.number(&format!("features/{key}")).map(|n| Format::Int.number(n)));
    let notes = [format!("{} numbers", by_hand?), format!("{} numbers", borrowed?)];
    let rows = [
        ("An expert wrote the features", "gradients", notes[0].as_str(), "linear SVM"),
        (
            "Other people's photographs made them",
            "block of a network",
            notes[1].as_str(),
            "softmax",
        ),
        ("Our labels make them", "convolutions", "learned here", "softmax"),
    ];
    let last = rows.len() - 1;
    let figure = Schematic::new("Who made the features?", (16.0, 8.7)).narrow((9.0, 14.2));
    let figure = figure.draw(|sheet| {
        let tall = sheet.pick(1.4, 1.5);
        let step = sheet.pick(2.8, 4.7);
        for (i, (who, features, note, head)) in rows.into_iter().enumerate() {
            let top = 1.0 + step * i as f64;
            let [first, second, third, fourth] = sheet.pick(
                [(0.1, 2.3), (3.6, 4.6), (9.4, 3.1), (13.7, 2.2)],
                [(0.1, 1.9), (2.6, 3.4), (6.6, 2.2), (6.6, 2.2)],
            );
            let frame = |(left, wide): (f64, f64), top: f64, label: &str| {
                Frame::new((left, top), (wide, tall), label)
            };
            let learned = |learned: bool| if learned { Meaning::Focus } else { Meaning::Plain };
            let garment = frame(first, top, "garment");
            let features = frame(second, top, features).note(note).meaning(learned(i == last));
            let head = frame(third, top, head).meaning(Meaning::Focus);
            let below = sheet.pick(top, top + 2.1);
            let class = frame(fourth, below, "class");
            sheet.add(Words::new((0.1, top - 0.5), who));
            sheet.add(Edge::new(&garment, &features));
            sheet.add(Edge::new(&features, &head));
            sheet.add(Edge::new(&head, &class));
            sheet.all([garment, features, head, class]);
        }
    })?;
    Ok(figure
        .caption("Three ways from a garment to its class. In thick frames stands what is learned from our labels: a head alone, or everything.")
        .description(format!(
            "Three rows of boxes: garment, features, head, class. In the first the features are gradients with {}, and the head is a linear SVM. In the second \
             they are a block of a network with {}, and the head is softmax. In the third they are convolutions, learned here together with their softmax.",
            notes[0], notes[1],
        )))
}

fn curves(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("crossing")?;
    let chart = LineChart::new(
        "Accuracy by number of labels",
        Axis::log("Labels learned from").format(Format::Count(0)),
        Axis::share("Share of test garments right"),
    );
    let end = |n: usize| -> anyhow::Result<String> {
        let of = |(key, name): (&str, &str)| {
            Ok(format!("{name} {}", percent(&results, &format!("accuracy/{key}/{n}"))?))
        };
        Ok(METHODS.map(of).into_iter().collect::<anyhow::Result<Vec<_>>>()?.join("; "))
    };
    Ok(chart
        .series(results.series("curves")?)
        .height(460)
        .draw()?
        .caption(format!(
            "Each method after learning from the same draws of labels; the bands are intervals over draws and test garments. The CNN meets the borrowed features at {} labels, and gradients at {}.",
            results.text("crossing/cnn-lite0/words")?,
            results.text("crossing/cnn-hog/words")?,
        ))
        .description(format!(
            "Four rising curves with bands over {} to {} labels. At the left: {}. At the right: {}.",
            int(SIZES[0]),
            int(SIZES[SIZES.len() - 1]),
            end(SIZES[0])?,
            end(SIZES[SIZES.len() - 1])?,
        )))
}

/// Differences of shares as points.
fn in_points(series: &Series) -> Series {
    let mut series = series.clone();
    for curve in &mut series.y {
        for values in [&mut curve.values, &mut curve.low, &mut curve.high] {
            values.iter_mut().for_each(|share| *share *= 100.0);
        }
    }
    series
}

fn gaps(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("crossing")?;
    let chart = LineChart::new(
        "Who is ahead",
        Axis::log("Labels learned from").format(Format::Count(0)),
        Axis::linear("Difference in points").format(Format::Fixed(0)),
    );
    let ends = |pair: &str| -> anyhow::Result<String> {
        let at = |n: usize| results.number(&format!("gap/{pair}/{n}"));
        let points = |x: f64| Format::Points(1).number(x);
        Ok(format!("from {} to {}", points(at(SIZES[0])?), points(at(SIZES[SIZES.len() - 1])?)))
    };
    Ok(chart
        .series(&in_points(results.series("gaps")?))
        .reference(0.0, "level")
        .draw()?
        .caption(format!(
            "Paired differences, garment by garment and draw by draw. Where a curve crosses the level line: CNN and borrowed features at {} labels, CNN and gradients at {}, gradients and borrowed features at {}.",
            results.text("crossing/cnn-lite0/words")?,
            results.text("crossing/cnn-hog/words")?,
            results.text("crossing/hog-lite0/words")?,
        ))
        .description(format!(
            "Three curves with bands and a level line at zero. CNN before borrowed features: {}. CNN before gradients: {}. Gradients before borrowed features: {}.",
            ends("cnn-lite0")?,
            ends("cnn-hog")?,
            ends("hog-lite0")?,
        )))
}

fn labels(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("crossing")?;
    let axis = Axis::log("Labels").format(Format::Count(0));
    let mut chart = BarChart::new("Labels that an accuracy takes", axis).values(Format::Int);
    let mut said = Vec::new();
    for level in LEVELS {
        let aim = Format::Percent(0).number(level);
        for (key, name) in METHODS {
            let key = format!("needed/{key}/{}", (100.0 * level).round());
            said.push(format!("{aim}, {name}: {}", results.text(&format!("{key}/words"))?));
            // What lies outside of the range has no mark.
            let Ok(found) = results.value(&key) else { continue };
            let (low, high) = found.interval.unwrap_or((f64::NAN, f64::NAN));
            let bar = Bar::new(results.number(&key)?).interval(low, high);
            let short = name.split(',').next().unwrap_or(name);
            chart = chart.bar(format!("{aim}: {short}"), bar);
        }
    }
    Ok(chart
        .draw()?
        .caption("Labels with which a method reaches an accuracy, on straight lines between the numbers that were tried. A method that does not reach it within the range, or begins there, has no mark.")
        .description(format!("Marks with intervals on a logarithmic axis of labels. {}.", said.join("; "))))
}
