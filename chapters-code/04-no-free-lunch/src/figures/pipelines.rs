//! Pipelines on seven problems, a search, and prices.

use notebook::figure::{Axis, Bar, BarChart, HeatMap, LineChart, Point, ScatterPlot};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use super::{explanation, workings};
use crate::experiments::PRICED;
use crate::pipelines::NAMES;

/// Adds the figures of this part.
pub fn add(chapter: Chapter) -> Chapter {
    let chapter = chapter
        .figure("parts", workings::parts)
        .figure("permuted", workings::permuted)
        .figure("extractors", extractors)
        .figure("regret", regret)
        .figure("flattery", flattery)
        .figure("chosen", chosen)
        .figure("prices", prices)
        .figure("energy", energy);
    explanation::add(chapter)
}

fn in_points(results: &Results, key: &str) -> anyhow::Result<String> {
    Ok(Format::Points(1).apply_interval(&results.value(key)?)?)
}

fn percent(x: f64) -> String {
    Format::Percent(1).number(x)
}

/// Extractors and problems of pictures.
fn extractors(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("pipelines")?;
    let table = results.table("extractors")?;
    let names: Vec<String> = table.columns.iter().skip(1).map(|c| c.name.clone()).collect();
    let mut map = HeatMap::new("Extractors and problems", "Accuracy", Format::Percent(0))
        .columns(names.iter().map(String::as_str));
    // For each problem, the extractor with the highest accuracy.
    let mut best = vec![(0.0, String::new()); names.len()];
    let mut least: f64 = 1.0;
    for row in &table.rows {
        let label = row.first().map_or_else(String::new, ToString::to_string);
        let cells: Vec<f64> = row.iter().skip(1).filter_map(notebook::Scalar::number).collect();
        for (best, cell) in best.iter_mut().zip(&cells) {
            least = least.min(*cell);
            if *cell > best.0 {
                *best = (*cell, label.clone());
            }
        }
        map = map.row(label, cells.into_iter().map(Some));
    }
    let mut winners: Vec<&str> = best.iter().map(|(_, name)| name.as_str()).collect();
    winners.sort_unstable();
    winners.dedup();
    Ok(map
        .draw()?
        .caption(format!(
            "Test accuracy of each extractor with the classifier that validation cases chose for it. The highest of each column belong to {} \
             different extractors: {}.",
            winners.len(),
            winners.join(", "),
        ))
        .description(format!(
            "A table of six extractors and six problems. The highest of each column: {}. The lowest of all is {}.",
            names.iter().zip(&best).map(|(name, (x, who))| format!("{name}, {who} with {}", percent(*x))).collect::<Vec<_>>().join("; "),
            percent(least),
        )))
}

/// What it costs to take always the same pipeline, or the same classifier.
fn regret(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("pipelines")?;
    let axis = Axis::linear("Behind what was chosen for the problem").format(Format::Points(0));
    let mut chart = BarChart::new("The regret of always the same", axis)
        .groups(["the same pipeline", "the same classifier"])
        .values(Format::Points(1));
    let bar = |key: String| -> anyhow::Result<Bar> {
        let value = results.value(&key)?;
        let (low, high) = value.interval.unwrap_or_default();
        Ok(Bar::new(results.number(&key)?).interval(low, high))
    };
    for name in NAMES.iter().take(6) {
        let bars = [bar(format!("regret/{name}"))?, bar(format!("regret-classifier/{name}"))?];
        chart = chart.row(*name, bars);
    }
    let regrets = NAMES.iter().take(6).map(|name| -> anyhow::Result<String> {
        Ok(format!("{name} {}", in_points(&results, &format!("regret/{name}"))?))
    });
    let regrets = regrets.collect::<anyhow::Result<Vec<_>>>()?.join("; ");
    Ok(chart
        .draw()?
        .caption(format!(
            "How far one choice for all is behind a choice for each problem. The pipeline that is best over all is {}: in the mean it loses {}, at most {}. \
             The classifier that is best over all is {}, given the best extractor for each problem: it loses {} in the mean.",
            results.text("overall")?,
            Format::Points(1).number(results.number("regret/mean")?),
            Format::Points(1).number(results.number("regret/most")?),
            results.text("overall-classifier")?,
            Format::Points(1).number(results.number("regret-classifier/mean")?),
        ))
        .description(format!(
            "Two bars with intervals for each of six problems. Of always the same pipeline: {regrets}."
        )))
}

/// How much the best of many flatters.
fn flattery(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("search")?;
    let tried = Format::Int.number(results.number("tried")?);
    let bound = results.series("bound")?;
    let values = bound.y.first().map_or_else(Vec::new, |curve| curve.values.clone());
    Ok(LineChart::new(
        "How much the best of many flatters",
        Axis::log("Pipelines tried").format(Format::Int),
        Axis::linear("Accuracy on validation garments minus that on test garments")
            .format(Format::Points(0)),
    )
    .series(results.series("flattery/true")?)
    .series(results.series("flattery/lot")?)
    .guide("no more than this, in the mean", bound.x.iter().copied().zip(values))
    .draw()?
    .caption(format!(
        "The best of {tried} pipelines on {} validation garments looks better than it is by {}; with labels drawn by lot, where nothing can be learned, by {}.",
        Format::Int.number(results.number("choose")?),
        in_points(&results, "true/flattery/last")?,
        in_points(&results, "lot/flattery/last")?,
    ))
    .description(format!(
        "Two curves with bands over one to {tried} pipelines. One ends at {}, the other at {}. A dashed curve ends above them, at {}.",
        in_points(&results, "true/flattery/last")?,
        in_points(&results, "lot/flattery/last")?,
        Format::Points(1).number(results.number("bound")?),
    )))
}

/// What the chosen pipeline is worth as the search goes on.
fn chosen(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("search")?;
    let end = |what: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(1).apply_interval(&results.value(&format!("true/{what}/last"))?)?)
    };
    let tried = Format::Int.number(results.number("tried")?);
    Ok(LineChart::new(
        "What a search finds",
        Axis::log("Pipelines tried").format(Format::Int),
        Axis::share("Accuracy of the best so far"),
    )
    .series(results.series("accuracy/true")?)
    .draw()?
    .caption(format!(
        "The best so far, on the garments that chose it and on others. After {tried} pipelines the search believes in {}; on test garments it is {}. \
         The search still paid: {} over the first pipeline.",
        end("validation")?,
        end("test")?,
        in_points(&results, "true/gain")?,
    ))
    .description(format!(
        "Two rising curves with bands over one to {tried} pipelines. That of validation garments ends at {}, that of test garments at {}.",
        end("validation")?,
        end("test")?,
    )))
}

/// Accuracy by the operations of one decision.
fn prices(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("cost")?;
    let names = ["Bayes", "softmax", "SVM", "tree", "forest", "waves", "finer", "neighbours"];
    let mut points = Vec::new();
    for ((key, _), name) in PRICED.iter().zip(names) {
        let operations = results.number(&format!("operations/{key}"))?;
        points.push(Point::new(name, operations, results.number(&format!("accuracy/{key}"))?));
    }
    let operations = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Count(1).number(results.number(&format!("operations/{key}"))?))
    };
    let (pixels, gradients) = (points.split_off(PRICED.len() - 1), points);
    Ok(ScatterPlot::new(
        "What a decision costs, and what it is worth",
        Axis::log("Operations for one decision").format(Format::Count(0)),
        Axis::share("Accuracy on test garments"),
    )
    .group("on gradients", gradients)
    .group("on pixels", pixels)
    .draw()?
    .caption(format!(
        "Eight pipelines that learned from all training garments. A decision of softmax regression on finer gradients takes {} operations and is right for {}; one of neighbours takes \
         {} and is right for {}.",
        operations("fine")?,
        percent(results.number("accuracy/fine")?),
        operations("neighbours")?,
        percent(results.number("accuracy/neighbours")?),
    ))
    .description(format!(
        "Eight points over a logarithmic axis of operations. Seven lie on the left, between {} and {} operations; that of neighbours alone on the right, at {}.",
        operations("tree")?,
        operations("waves")?,
        operations("neighbours")?,
    )))
}

/// The energy of a thousand decisions, as a range.
fn energy(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("cost")?;
    let watts = [results.number("watts/least")?, results.number("watts/most")?];
    let axis = Axis::log("Joules for a thousand decisions").format(Format::Plain);
    let mut chart =
        BarChart::new("The energy of a thousand decisions", axis).values(Format::Fixed(2));
    let mut said = Vec::new();
    for (key, name) in PRICED {
        let seconds = 1000.0 * results.number(&format!("decide/{key}"))?;
        let [low, high] = watts.map(|watts| watts * seconds);
        // The middle of a range whose ends lie a factor apart.
        let middle = (low * high).sqrt();
        let decimal = |x: f64| Format::Fixed(2).number(x);
        said.push(format!("{name} {} to {}", decimal(low), decimal(high)));
        chart = chart.bar(name, Bar::new(middle).interval(low, high));
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Seconds on {}, times an assumed {} to {} watts: ranges, and the mark is their geometric middle. The assumption is the same for all pipelines, so their order does not depend on it.",
            results.provenance.machine.describe(),
            Format::Int.number(watts[0]),
            Format::Int.number(watts[1]),
        ))
        .description(format!("Ranges on a logarithmic axis of joules: {}.", said.join("; "))))
}
