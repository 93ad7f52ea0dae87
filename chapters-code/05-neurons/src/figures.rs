//! What the chapter draws, from recorded results.

use learning::fashion::SIDE;
use notebook::figure::{Axis, HeatMap, ImageGrid, LineChart, Point, ScatterPlot, Tile};
use notebook::{Chapter, Figure, Format, Recorded, Scalar};

mod schematics;

/// Saws that are drawn.
const SAWS: usize = 5;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("mistakes", mistakes)
        .figure("bound", bound)
        .figure("weights", weights)
        .figure("endless", endless)
        .figure("wandering", wandering)
        .figure("bumps", bumps)
        .figure("errors", errors)
        .figure("saws", saws)
        .figure("pieces", pieces)
        .figure("random", random)
        .figure("unit", schematics::unit)
        .figure("network", schematics::network)
        .figure("line", schematics::line)
        .figure("xor-planes", schematics::xor_planes)
        .figure("bump", schematics::bump)
        .figure("fold", schematics::fold)
}

fn mistakes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("perceptron")?;
    let table = results.table("mistakes")?;
    let names = table.columns.iter().skip(1).map(|column| column.name.clone());
    let mut map = HeatMap::new("Mistakes until a line is found", "Mistakes", Format::Int)
        .columns(names)
        .log();
    for row in &table.rows {
        let label = row.first().map_or_else(String::new, ToString::to_string);
        let cells = row.iter().skip(1).map(|cell| cell.number().filter(|&n| n > 0.0));
        map = map.row(label, cells);
    }
    let counts = table.rows.iter().flatten().filter_map(Scalar::number).filter(|&n| n > 0.0);
    Ok(map
        .draw()?
        .caption(format!(
            "Shoes against shirts take some dozens of mistakes at most, boots against sneakers take thousands. \
             The empty cells off the diagonal are pairs without a line after {} passes.",
            Format::Int.number(results.number("passes")?)
        ))
        .description(format!(
            "A symmetric ten by ten table of counts from {} to {}. Pairs of a garment for the feet and one for the \
             body are lowest. {} pairs among T-shirts, pullovers, dresses, coats and shirts have no count.",
            Format::Int.number(counts.clone().fold(f64::INFINITY, f64::min)),
            Format::Int.number(counts.fold(0.0, f64::max)),
            Format::Int.number(results.number("not-separated")?),
        )))
}

/// Of all pairs of places, the share in which the larger `x` has the larger `y`.
fn in_order(x: &[f64], y: &[f64]) -> f64 {
    let pairs = (0..x.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let told: Vec<bool> = pairs.map(|(i, j)| (x[i] - x[j]) * (y[i] - y[j]) > 0.0).collect();
    told.iter().filter(|same| **same).count() as f64 / told.len().max(1) as f64
}

fn bound(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("perceptron")?;
    let series = results.series("bound")?;
    let mistakes = &series.get("mistakes")?.values;
    let points: Vec<Point> =
        series.x.iter().zip(mistakes).map(|(&bound, &made)| Point::new("", bound, made)).collect();
    let largest = series.x.iter().copied().fold(0.0, f64::max);
    let smallest = series.x.iter().copied().fold(f64::INFINITY, f64::min);
    let nearest = series
        .x
        .iter()
        .zip(mistakes)
        .map(|(bound, made)| bound / made)
        .fold(f64::INFINITY, f64::min);
    let together = in_order(&series.x, mistakes);
    let number = |key: &str, format: Format| -> anyhow::Result<String> {
        Ok(format.number(results.number(key)?))
    };
    Ok(ScatterPlot::new(
        "Mistakes made, and mistakes allowed",
        Axis::log("Bound on the mistakes, (R/γ)²").format(Format::Count(0)),
        Axis::log("Mistakes made").format(Format::Count(0)),
    )
    .group("a pair of classes", points)
    .line("as many as allowed", [(smallest, smallest), (largest, largest)])
    .draw()?
    .caption(format!(
        "All {} pairs that are separated stay below the line, as they must, by a factor of {} or more. Of any two of them the one with the larger bound made more mistakes in {} of the cases.",
        number("separated", Format::Int)?,
        Format::Count(0).number(nearest.floor()),
        Format::Percent(0).number(together),
    ))
    .description(format!(
        "Points for {} pairs of classes on two logarithmic axes. They rise from a bound of {} with {} mistakes to a \
         bound of {} with {} mistakes, all well below the diagonal.",
        number("separated", Format::Int)?,
        number("widest/bound", Format::Count(0))?,
        number("widest/mistakes", Format::Int)?,
        number("narrowest/bound", Format::Count(1))?,
        number("narrowest/mistakes", Format::Int)?,
    )))
}

fn weights(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("perceptron")?;
    let mut grid = ImageGrid::new("Weights as pictures").columns([
        "after one mistake",
        "at the end",
        "widest margin",
    ]);
    for (label, key) in
        [("boot +, trouser −", "trouser-ankle-boot"), ("coat +, trouser −", "trouser-coat")]
    {
        let tile = |stage: &str| -> anyhow::Result<Tile> {
            Ok(Tile::from_hex(SIDE, &results.text(&format!("weights/{key}/{stage}"))?)?)
        };
        let tiles = ["first", "end", "widest"].map(tile);
        grid = grid.row(label, tiles.into_iter().collect::<anyhow::Result<Vec<_>>>()?);
    }
    Ok(grid
        .draw()?
        .caption("Grey is a weight of zero, white speaks for the first-named class and black for the other. The first mistake leaves the negative of a trouser. Later mistakes add and take away whole garments; what is left is mostly where the two classes differ, and the more alike the classes are, the finer its pattern.")
        .description(
            "Two rows of three pictures. After one mistake both rows show a dark pair of trousers on grey. At the end the \
             upper row is dark where a trouser leg was and bright beside it; the lower row has bright sleeves and dark \
             speckles between. The widest margins are more speckled.",
        ))
}

fn endless(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("perceptron")?;
    let number = |key: &str| anyhow::Ok(Format::Int.number(results.number(key)?));
    Ok(LineChart::new(
        "T-shirts against shirts, pass after pass",
        Axis::count("Pass"),
        Axis::share("Share of the garments that are mistakes").from_zero(),
    )
    .series(results.series("endless")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "No line was found for this pair. In the last of {} passes {} of {} garments are mistakes; the best pass has {}.",
        number("endless/passes")?,
        number("endless/last")?,
        number("endless/garments")?,
        number("endless/fewest")?,
    ))
    .description(format!(
        "One curve over {} passes. It begins at {} and ends at {}.",
        number("endless/passes")?,
        Format::Percent(0).number(results.number("endless/first")? / results.number("endless/garments")?),
        Format::Percent(0).number(results.number("endless/last")? / results.number("endless/garments")?),
    )))
}

fn wandering(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("logistic")?;
    let told: Vec<String> = results
        .series("accuracy")?
        .y
        .iter()
        .map(|curve| {
            let later = curve.values.iter().skip(1).copied();
            let least = later.clone().fold(1.0, f64::min);
            let percent = |share: f64| Format::Percent(1).number(share);
            format!("{} {} to {}", curve.name, percent(least), percent(later.fold(0.0, f64::max)))
        })
        .collect();
    Ok(LineChart::new(
        "Three units that learn the same pair",
        Axis::count("Pass over the training garments"),
        Axis::share("Share of test garments right"),
    )
    .series(results.series("accuracy")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "The answers depend on when we stop, more for one unit than for another. From the second pass on, right: {}.",
        told.join("; ")
    ))
    .description(format!(
        "Three curves over {} passes. The perceptron's jumps up and down by many percentage points from pass to pass; those of \
         the two logistic units are smooth.",
        Format::Int.number(results.number("steps")?),
    )))
}

fn bumps(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("bumps")?;
    let number = Format::Int.number(results.number("shown")?);
    Ok(LineChart::new(
        "A wave from bumps",
        Axis::linear("Input").format(Format::Fixed(1)),
        Axis::linear("Output").format(Format::Fixed(1)),
    )
    .series(results.series("curves")?)
    .markers(false)
    .draw()?
    .caption(format!("{number} bumps with steep sides make stairs. {number} bumps whose sides meet make straight lines from middle to middle."))
    .description(
        "A wave of two periods that rises from left to right, a staircase of twelve steps around it, and a polygon that \
         lies close to it except at both ends.",
    ))
}

fn errors(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("bumps")?;
    let series = results.series("errors")?;
    Ok(LineChart::new(
        "Error by number of bumps",
        Axis::log("Bumps").format(Format::Int),
        Axis::log("Error").format(Format::Plain),
    )
    .series(series)
    .draw()?
    .caption(format!(
            "For the wave, from {} bumps on, twice the bumps leave a quarter of the error. At a jump the largest error stays above one half, \
             however many bumps there are; only the place where it is large becomes narrower.",
            Format::Int.number(results.number("bumps/from")?)
        ))
    .description(format!(
        "Three curves over {} bumps on two logarithmic axes. One falls steeply to {}, one falls half as steeply and \
         unevenly, and one stays between a half and one.",
        series.span(Format::Int),
        Format::Scientific(0).number(results.number("wave/last")?),
    )))
}

fn saws(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("sawtooth")?;
    let mut chart = LineChart::new(
        "One fold after another",
        Axis::linear("Input").format(Format::Fixed(1)),
        Axis::count("Folds, with the output drawn above each"),
    )
    .height(460);
    for depth in 1..=SAWS {
        let series = results.series(&format!("saw/{depth}"))?;
        let name = format!("depth {depth}");
        let values = &series.get(&name)?.values;
        let lifted = values.iter().map(|y| depth as f64 + 0.7 * y);
        chart = chart.curve(name, series.x.iter().copied().zip(lifted));
    }
    Ok(chart
        .markers(false)
        .draw()?
        .caption("Each layer folds what the layer before has made, so each has twice the teeth. All five run from zero to one and back; each is drawn above its number of folds, somewhat flattened.")
        .description("Five saws, one above the other, with one, two, four, eight and sixteen teeth."))
}

fn pieces(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("sawtooth")?;
    let series = results.series("pieces")?;
    let number =
        |key: &str| -> anyhow::Result<String> { Ok(Format::Int.number(results.number(key)?)) };
    Ok(LineChart::new(
        "Straight pieces by number of units",
        Axis::count("Units"),
        Axis::log("Pieces").format(Format::Int),
    )
    .series(series)
    .markers(true)
    .draw()?
    .caption("Stacked two by two, units multiply the pieces. Side by side, they add to them.")
    .description(format!(
        "Two curves over {} units on a logarithmic axis. The one for two units per layer is a straight line up to {} \
         pieces; the one for a single layer bends and ends at {}.",
        series.span(Format::Int),
        number("deepest/pieces")?,
        number("flat/pieces")?,
    )))
}

fn random(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("pieces")?;
    let series = results.series("pieces")?;
    let curve = |name: &str| -> anyhow::Result<[String; 2]> {
        let values = &series.get(name)?.values;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = values.iter().copied().fold(0.0, f64::max);
        Ok([least, largest].map(|pieces| Format::Int.number(pieces)))
    };
    let [level_low, level_high] = curve("random, equal units")?;
    let [low, high] = curve("random, equal parameters")?;
    let [most, _] = curve("one layer, at most")?;
    Ok(LineChart::new(
        "Pieces that random networks have",
        Axis::log("Hidden layers").format(Format::Int),
        Axis::count("Pieces between two garments").from_zero(),
    )
    .series(series)
    .draw()?
    .caption("With equal units, depth changes the mean little. With equal parameters, deeper networks have more units, and more pieces for that reason. None comes near what is possible.")
    .description(format!(
        "Three curves over {} hidden layers. At equal units the mean number of pieces stays between {level_low} and \
         {level_high}. At equal parameters it rises from {low} to {high}. A level line at {most} is the most that one layer of as \
         many units can have.",
        series.span(Format::Int),
    )))
}
