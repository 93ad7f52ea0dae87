//! What does a right answer cost? The drawings of it.

use notebook::figure::{Axis, Bar, BarChart, Point, ScatterPlot};
use notebook::{Chapter, Figure, Format, Recorded};

use crate::experiments::crossing::{METHODS, SIZES};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("price", training).figure("price-answers", answers)
}

/// Accuracy against what training took, a path a method.
fn training(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("crossing")?;
    let mut chart = ScatterPlot::new(
        "What training takes, and what it buys",
        Axis::log("Multiply-adds of training").format(Format::Count(0)),
        Axis::share("Share of test garments right"),
    );
    let (first, last) = (SIZES[0], SIZES[SIZES.len() - 1]);
    let mut said = Vec::new();
    for (key, name) in METHODS {
        let mut points = Vec::new();
        for n in SIZES {
            let spent = results.number(&format!("training/{key}/{n}"))?;
            let right = results.number(&format!("accuracy/{key}/{n}"))?;
            // Where each path begins, and where the two outer ones end: so their way is read.
            let named = n == first || n == last && ["hog", "cnn"].contains(&key);
            let label = if named { Format::Count(0).number(n as f64) } else { String::new() };
            points.push(Point::new(label, spent, right));
        }
        let spent = |n: usize| -> anyhow::Result<String> {
            Ok(Format::Count(1).number(results.number(&format!("training/{key}/{n}"))?))
        };
        said.push(format!("{name} from {} to {}", spent(first)?, spent(last)?));
        chart = chart.group(name, points);
    }
    Ok(chart
        .joined()
        .draw()?
        .caption(format!(
            "Each path goes from {} to {} labels. Counted are the description of the training garments, the choice of a penalty and the fit. The training of the borrowed network, which others paid, is not in it.",
            Format::Int.number(first as f64),
            Format::Int.number(last as f64),
        ))
        .description(format!("Four rising paths over a logarithmic axis of multiply-adds: {}.", said.join("; "))))
}

/// Joules of a right answer: from seconds and watts as a range, and the least by Horowitz's table.
fn answers(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("crossing")?;
    let assumed = recorded.experiment("price")?;
    let n = SIZES[SIZES.len() - 1];
    let axis = Axis::log("Joules for a thousand right answers").format(Format::Plain);
    let mut chart = BarChart::new("The energy of a thousand right answers", axis)
        .values(Format::Fixed(2))
        .marks("the least, by operations and journeys");
    let mut said = Vec::new();
    for (key, name) in METHODS {
        let found = results.value(&format!("right-joules/{key}/{n}"))?;
        let (low, high) = found.interval.unwrap_or((f64::NAN, f64::NAN));
        let [low, middle, high] = [low, (low * high).sqrt(), high].map(|joules| 1000.0 * joules);
        let least = 1000.0 * results.number(&format!("right-answer-joules/{key}/{n}"))?;
        let fixed = |x: f64| Format::Fixed(3).number(x);
        said.push(format!(
            "{name} {} to {}, at the least {}",
            fixed(low),
            fixed(high),
            fixed(least)
        ));
        chart = chart.bar(name, Bar::new(middle).interval(low, high).mark(least));
    }
    let watts = ["least", "most"]
        .map(|end| assumed.number(&format!("watts/{end}")).map(|w| Format::Int.number(w)));
    let [least, most] = watts;
    Ok(chart
        .draw()?
        .caption(format!(
            "After learning from all labels. Ranges: seconds on {}, times an assumed {} to {} watts a core. Strokes: the least, from counted operations and journeys.",
            results.provenance.machine.describe(),
            least?,
            most?,
        ))
        .description(format!("Ranges on a logarithmic axis of joules: {}.", said.join("; "))))
}
