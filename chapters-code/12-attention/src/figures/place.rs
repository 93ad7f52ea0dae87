//! What positions are worth, what they are like, and how far heads look.

use notebook::figure::{Axis, Bar, BarChart, ImageGrid, LineChart, Point, ScatterPlot, Tile};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::experiments::place::{LOSSES, SHOWN};
use crate::networks::SMALL;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("place-lost", lost)
        .figure("positions", positions)
        .figure("positions-alike", alike)
        .figure("attention-distance", distance)
}

/// A recorded number in a format.
fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

fn lost(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = &*recorded.experiment("place")?;
    let axis = Axis::linear("Accuracy that is lost, paired").format(Format::Points(0));
    let mut chart = BarChart::new("Place, taken away", axis).values(Format::Points(1));
    for (key, name, _) in LOSSES {
        let key = format!("lost/{key}");
        let bar = Bar::new(results.number(&key)?);
        let bar = match results.value(&key)?.interval {
            Some((low, high)) => bar.interval(low, high),
            None => bar,
        };
        chart = chart.bar(name, bar);
    }
    let points = |key: &str| number(results, &format!("lost/{key}"), Format::Points(1));
    Ok(chart
        .draw()?
        .caption(format!(
            "What each change loses, test garment by test garment and seed by seed, {} seeds. Other positions for a network that was trained with its own: {}. Shuffled patches in training and test: {} for the transformer, {} for the convolutional network.",
            number(results, "seeds", Format::Int)?,
            points("moved")?,
            points("vit-shuffled")?,
            points("cnn-shuffled")?,
        ))
        .description(format!(
            "Four bars with whiskers from zero: positions moved at test {}, trained without positions {}, transformer on shuffled patches {}, convolutional network on shuffled patches {}.",
            points("moved")?,
            points("without")?,
            points("vit-shuffled")?,
            points("cnn-shuffled")?,
        )))
}

fn positions(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = &*recorded.experiment("place")?;
    let maps = results.series("maps")?;
    let side = SMALL.input.width / SMALL.patch;
    let name = |i: usize| format!("{}", i + 1);
    let mut grid = ImageGrid::new("Which positions are like which")
        .columns(SHOWN.map(|c| format!("column {}", name(c))));
    for row in SHOWN {
        let tiles = SHOWN.map(|column| {
            let curve = maps.y.iter().find(|curve| curve.name == format!("{row}/{column}"));
            curve.map(|curve| Tile::signed(side, &curve.values))
        });
        grid = grid.row(format!("row {}", name(row)), tiles.into_iter().flatten());
    }
    let fixed = |key: &str| number(results, key, Format::Fixed(2));
    Ok(grid
        .draw()?
        .caption(format!(
            "Each picture belongs to the position of one patch, which its row and column name, and has a pixel for every patch: the cosine between the two positions, mean over seeds. The patch itself has the largest. Neighbours have {} in the mean, patches more than three apart {}.",
            fixed("alike/near")?,
            fixed("alike/far")?,
        ))
        .description(format!(
            "Nine small pictures of {side} by {side} pixels in three rows and three columns, for corners, edges and the middle of the image. In each the extreme pixel stands at the patch's own place."
        )))
}

fn alike(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = &*recorded.experiment("place")?;
    let series = results.series("alike")?;
    let fixed = |key: &str| number(results, key, Format::Fixed(2));
    Ok(LineChart::new(
        "How alike positions are, by distance",
        Axis::count("Distance of two patches, in patches"),
        Axis::linear("Cosine, mean").format(Format::Fixed(1)),
    )
    .series(series)
    .reference(0.0, "positions that were drawn at random")
    .draw()?
    .caption(format!(
        "Over all pairs of patches, by columns or rows between them, whichever are more. The band reaches from the lowest to the highest of {} seeds. Neighbours: {}; more than three apart: {}.",
        number(results, "seeds", Format::Int)?,
        fixed("alike/near")?,
        fixed("alike/far")?,
    ))
    .description(format!(
        "A curve over distances of {} patches. Neighbours stand at {}, the far ones at {} in the mean. A level line at zero marks what positions drawn at random would have.",
        series.span(Format::Int),
        fixed("alike/near")?,
        fixed("alike/far")?,
    )))
}

fn distance(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = &*recorded.experiment("place")?;
    let seeds = results.number("seeds")? as usize;
    let mut plot = ScatterPlot::new(
        "How far heads look",
        Axis::count("Block").range(0.5, SMALL.layers as f64 + 0.5),
        Axis::linear("Mean distance, in pixels").format(Format::Fixed(0)).range(12.0, 17.0),
    );
    for seed in 1..=seeds {
        let mut points = Vec::new();
        for layer in 1..=SMALL.layers {
            for head in 1..=SMALL.heads {
                let far = results.number(&format!("distance/{seed}/{layer}/{head}"))?;
                // Beside each other, so that marks of equal height are seen.
                let x = layer as f64 + 0.14 * (seed as f64 - (seeds + 1) as f64 / 2.0);
                points.push(Point::new("", x, far));
            }
        }
        plot = plot.group(format!("seed {seed}"), points);
    }
    let fixed = |key: &str| number(results, key, Format::Fixed(1));
    Ok(plot
        .horizontal(results.number("distance/uniform")?, "equal weights")
        .draw()?
        .caption(format!(
            "A mark for each head: the distance from a patch to the patches that it looks at, weighed by attention, mean over patches and {} test garments. Equal weights for all patches would give {} pixels. The first block has {}, the last {}.",
            number(results, "looked", Format::Int)?,
            fixed("distance/uniform")?,
            fixed("distance/1")?,
            fixed(&format!("distance/{}", SMALL.layers))?,
        ))
        .description(format!(
            "Marks over the numbers of the blocks, with a level line at {}. The mean of the first block is {}, that of the last {}.",
            fixed("distance/uniform")?,
            fixed("distance/1")?,
            fixed(&format!("distance/{}", SMALL.layers))?,
        )))
}
