//! What the chapter draws, from recorded results and from the garments themselves.

use notebook::figure::{Axis, Bar, BarChart, HeatMap, ImageGrid, LineChart, Tile};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::classes;
use crate::fashion::{CLASSES, FashionMnist, SIDE};
use crate::moved::{Direction, Fate, moved};

mod schematics;

/// Garments of each class in the figure of samples.
const SAMPLES: usize = 8;
/// Cases that a bin must have to be drawn.
const FEWEST: f64 = 20.0;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("garments", garments)
        .figure("means", means)
        .figure("baselines", baselines)
        .figure("curve", curve)
        .figure("confusion", confusion)
        .figure("splits", splits)
        .figure("leakage", leakage)
        .figure("calibration", calibration)
        .figure("shift", shift)
        .figure("neighbours", neighbours)
        .figure("parts", schematics::parts)
        .figure("intervals", schematics::intervals)
}

fn garments(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    recorded.experiment("garments")?;
    let data = FashionMnist::of(recorded)?;
    let train = &data.train;
    let mut grid = ImageGrid::new("Garments of ten classes");
    for (class, rows) in CLASSES.iter().zip(classes::rows(train.y())) {
        let some = train.select(&rows[..SAMPLES.min(rows.len())]);
        let tiles = some
            .images
            .outer_iter()
            .map(|g| Tile::grey(SIDE, SIDE, g.iter().copied().collect::<Vec<_>>()));
        grid = grid.row(*class, tiles);
    }
    Ok(grid
        .draw()?
        .caption("The first eight training garments of each class. A shirt, a pullover and a coat differ in details of a few pixels.")
        .description(
            "Ten rows of eight small grey pictures on black, a row for each class. Trousers, bags, sandals and boots \
             have outlines of their own; T-shirts, pullovers, coats and shirts share one outline.",
        ))
}

fn means(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("garments")?;
    let tile = |label: usize| -> anyhow::Result<Tile> {
        let pixels = results.text(&format!("mean/{label}"))?;
        Ok(Tile::from_hex(SIDE, &pixels)?.caption(CLASSES[label]))
    };
    let row = |labels: std::ops::Range<usize>| labels.map(tile).collect::<anyhow::Result<Vec<_>>>();
    Ok(ImageGrid::new("The mean garment of each class")
        .row("", row(0..5)?)
        .row("", row(5..10)?)
        .draw()?
        .caption("All that the nearest-mean rule remembers: one blurred garment per class. Where garments of a class differ, their mean is grey.")
        .description(
            "Ten blurred grey pictures. Trouser, pullover, sneaker and ankle boot are easily recognised; the sandal is a \
             faint wedge, and the shirt looks like a fainter pullover.",
        ))
}

fn interval(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let (low, high) = results.value(key)?.interval.unwrap_or((f64::NAN, f64::NAN));
    Ok(Bar::new(results.number(key)?).interval(low, high))
}

fn baselines(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("baselines")?;
    let mut chart = BarChart::new(
        "Three rules on the test garments",
        Axis::share("Share of test garments right"),
    )
    .values(Format::Percent(1));
    for (name, key) in [
        ("Majority class", "majority"),
        ("Nearest mean", "nearest-mean"),
        ("Nearest neighbour", "nearest-neighbour"),
    ] {
        chart = chart.bar(name, interval(&results, key)?);
    }
    let percent = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(0).number(results.number(key)?))
    };
    Ok(chart
        .draw()?
        .caption(format!(
            "Never looking is right for {}. Ten mean pictures bring that to {}, and remembering every garment to {}.",
            percent("majority")?,
            percent("nearest-mean")?,
            percent("nearest-neighbour")?
        ))
        .description(
            "Three horizontal bars with short whiskers: the majority class is right for a tenth of the garments, the \
             nearest mean for about two thirds, the nearest neighbour for about six sevenths.",
        ))
}

fn curve(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("curve")?;
    let series = results.series("accuracy")?;
    let most = series.x.iter().copied().fold(0.0, f64::max);
    let chart = LineChart::new(
        "Accuracy by number of training garments",
        Axis::log("Training garments").format(Format::Int),
        Axis::share("Share of test garments right"),
    );
    Ok(chart
        .series(series)
        .draw()?
        .caption(format!(
            "The nearest mean has learned what it can from a few thousand garments. The nearest neighbour is still \
             learning at {}.",
            Format::Int.number(most)
        ))
        .description(format!(
            "Two rising curves with bands over {} training garments, on a logarithmic axis. The nearest mean \
             flattens early; the nearest neighbour rises all the way and ends far above it.",
            series.span(Format::Int)
        )))
}

fn confusion(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("baselines")?;
    let table = results.table("confusion")?;
    let mut map = HeatMap::new(
        "What the nearest neighbour takes for what",
        "Garments taken for others",
        Format::Int,
    )
    .columns(CLASSES)
    .confusions();
    for row in &table.rows {
        let label = row.first().map_or_else(String::new, ToString::to_string);
        map = map.row(label, row.iter().skip(1).map(|cell| cell.number()));
    }
    let [worst, taken] = [results.text("confused/truth")?, results.text("confused/taken-for")?];
    Ok(map
        .draw()?
        .caption(format!(
            "Rows are what a garment is, columns what it is taken for. The colours are for the mistakes; the diagonal, in frames, counts what is right. The most frequent mistake takes a {} for a {}.",
            worst, taken
        ))
        .description(
            "A ten by ten table of counts, largest on the diagonal. The mistakes form two islands: T-shirts, pullovers, coats \
             and shirts among themselves, and sandals, sneakers and boots among themselves.",
        ))
}

fn splits(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("splits")?;
    let chart = LineChart::new(
        "One pool, two hundred ways to split it",
        Axis::share("Share of the splits with at most this estimate"),
        Axis::share("Estimated accuracy"),
    );
    Ok(chart
        .series(results.series("by-seed")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "The same {} garments, the same rule, only the seed of the split differs. One split says anything from {} to {}; \
             five folds stay between {} and {}.",
            Format::Int.number(results.number("pool")?),
            Format::Percent(0).number(results.number("one-split/lowest")?),
            Format::Percent(0).number(results.number("one-split/highest")?),
            Format::Percent(0).number(results.number("five-folds/lowest")?),
            Format::Percent(0).number(results.number("five-folds/highest")?),
        ))
        .description(
            "Two rising curves of sorted estimates. The one for a single split climbs steeply over a wide range; the one \
             for five folds is nearly level.",
        ))
}

fn leakage(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("leakage")?;
    let mut chart =
        BarChart::new("The same study, honest and leaky", Axis::share("Measured accuracy"))
            .groups(["honest", "leaky"])
            .values(Format::Percent(1));
    for (name, key) in [
        ("Copies on both sides", "copies"),
        ("Copies on both sides, labels random", "copies-random"),
        ("Scaling fitted on everything", "scaling"),
        ("Pixels chosen on everything, labels random", "selection"),
    ] {
        let of = |way: &str| interval(&results, &format!("{key}/{way}"));
        chart = chart.row(name, [of("honest")?, of("leaky")?]);
    }
    Ok(chart
        .draw()?
        .caption("Copies across the split and pixels chosen on everything find structure in random labels. Scaling on everything changes much less.")
        .description(
            "Four pairs of horizontal bars. With copies the leaky bar is much longer than the honest one, for true and for \
             random labels; with scaling the two differ by little; with chosen pixels the honest bar is at one half and the leaky \
             one well above.",
        ))
}

fn calibration(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("calibration")?;
    let chart = LineChart::new(
        "How often is a rule right when it is so sure?",
        Axis::share("Mean confidence of the bin").range(0.0, 1.0),
        Axis::share("Share of the bin that is right").range(0.0, 1.0),
    );
    let points = |name: &str| -> anyhow::Result<Vec<(f64, f64)>> {
        let series = results.series(&format!("reliability/{name}"))?;
        let points =
            series.x.iter().copied().zip(series.get("share right")?.values.iter().copied());
        let cases = &series.get("cases")?.values;
        Ok(points
            .zip(cases)
            .filter(|(_, cases)| **cases >= FEWEST)
            .map(|(point, _)| point)
            .collect())
    };
    Ok(chart
        .curve("as fitted on validation", points("after")?)
        .curve("temperature 1", points("before")?)
        .guide("as it should be", [(0.0, 0.0), (1.0, 1.0)])
        .markers(true)
        .draw()?
        // lint: allow figure-number: temperature 1 is the definition
        .caption("At temperature 1 the rule is far surer than it is right. One number, fitted on garments kept aside, brings confidence much nearer to accuracy. Bins of fewer than twenty garments are left out.")
        // lint: allow figure-number: temperature 1 is the definition
        .description(
            "Two curves of points and a dashed diagonal. The curve for temperature 1 runs far below the diagonal; the fitted one stays \
             near it.",
        ))
}

fn shift(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("shift")?;
    let neighbour = results.series("accuracy/neighbour")?;
    let chart = LineChart::new(
        "Accuracy on garments that moved",
        Axis::count("Pixels that each garment is moved by"),
        Axis::share("Share of test garments right").range(0.0, 1.0),
    );
    let percent = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(0).number(results.number(key)?))
    };
    let [still, four, cut] =
        [percent("neighbour/moved/0")?, percent("neighbour/moved/4")?, percent("neighbour/cut/4")?];
    Ok(chart
        .series(neighbour)
        .series(results.series("accuracy/mean")?)
        .draw()?
        .caption(format!(
            "Four pixels, a seventh of the picture's side, take the nearest neighbour from {still} to {four}. Cutting the same pixels off without moving the rest leaves {cut}."
        ))
        .description(format!(
            "Four curves with bands over moves of {} pixels. The two for moved garments fall steeply, the nearest \
             neighbour from the highest place; the two for garments that were only cut fall slowly.",
            neighbour.span(Format::Int)
        )))
}

fn neighbours(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("shift")?;
    let data = FashionMnist::of(recorded)?;
    let one = data.test.select(&[results.number("example")? as usize]);
    let series = results.series("example/nearest")?;
    let tile = |pixels: ndarray::ArrayView2<'_, u8>| {
        Tile::grey(SIDE, SIDE, pixels.iter().copied().collect::<Vec<_>>())
    };
    let (mut above, mut below) = (Vec::new(), Vec::new());
    let mut names = Vec::new();
    for (by, row) in series.x.iter().zip(&series.get("training row")?.values).step_by(2) {
        let picture = moved(one.images.view(), &[Direction::Up], *by as usize, Fate::Moved);
        above.push(tile(picture.index_axis(ndarray::Axis(0), 0)));
        let row = *row as usize;
        let found = data.train.images.index_axis(ndarray::Axis(0), row);
        below.push(tile(found).caption(CLASSES[usize::from(data.train.labels[row])]));
        names.push(format!("{by}"));
    }
    Ok(ImageGrid::new("One garment moved, and its nearest neighbours")
        .columns(names)
        .row("moved by", above)
        .row("nearest", below)
        .draw()?
        .caption("The first test garment, moved upwards by two pixels at a time, and below it the training garment that is then nearest. The distance asks which pixels are alike at the same place, and nothing else.")
        .description(
            "Two rows of five pictures. Above, an ankle boot rises by two pixels from one picture to the next. Below, the \
             nearest training garments, boots at first and garments of other classes later.",
        ))
}
