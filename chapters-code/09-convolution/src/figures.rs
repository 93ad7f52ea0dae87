//! What the chapter draws, from recorded results and from the garments themselves.

mod kinds;
mod schematics;

use learning::FashionMnist;
use learning::fashion::{CLASSES, SIDE};
use notebook::figure::{Axis, Bar, BarChart, HeatMap, ImageGrid, LineChart, StackedBars, Tile};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::filters::{self, Filter, KINDS, SOBEL};

/// The test garment on which filters are shown: the first of the test file.
const EXAMPLE: usize = 0;
/// Columns of mistakes in their figure.
const COLUMNS: usize = 6;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    kinds::add(chapter)
        .figure("edges", edges)
        .figure("apart", apart)
        .figure("shift", shift)
        .figure("fields", fields)
        .figure("rates", rates)
        .figure("sizes", sizes)
        .figure("choice", choice)
        .figure("rules", rules)
        .figure("confusion", confusion)
        .figure("errors", errors)
        .figure("filters", filter_pictures)
        .figure("shares", shares)
        .figure("activations", activations)
        .figure("window", schematics::window)
        .figure("window-back", schematics::window_back)
        .figure("axes", schematics::axes)
}

/// A test garment as numbers from 0 to 1.
fn garment(data: &FashionMnist, row: usize) -> Vec<f64> {
    let image = data.test.images.index_axis(ndarray::Axis(0), row);
    image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect()
}

fn share(name: &str) -> Axis {
    Axis::linear(name).format(Format::Percent(0))
}

fn percent(results: &Results, key: &str) -> anyhow::Result<String> {
    Ok(Format::Percent(1).number(results.number(key)?))
}

fn edges(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    recorded.experiment("sharing")?;
    let picture = garment(&FashionMnist::of(recorded)?, EXAMPLE);
    let by_hand: [(&str, Filter); 4] = [
        ("to the right", SOBEL[0]),
        ("downwards", SOBEL[1]),
        ("blurred", [1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0]),
        ("details", [-1.0, -1.0, -1.0, -1.0, 8.0, -1.0, -1.0, -1.0, -1.0]),
    ];
    let answer = |filter: &Filter| Tile::signed(SIDE, &filters::apply(filter, &picture, SIDE));
    Ok(ImageGrid::new("One garment under four kernels")
        .columns(by_hand.map(|(name, _)| name))
        .row("kernel", by_hand.map(|(_, filter)| Tile::signed(3, &filter)))
        .row("output", by_hand.map(|(_, filter)| answer(&filter)))
        .draw()?
        .caption("Four kernels of nine numbers each, written by hand, and what they answer at every place of one boot. Grey is zero, white positive, black negative.")
        .description(
            "Above four small squares of three by three greys; below an ankle boot four times: with its vertical edges, with \
             its horizontal edges, blurred, and with its fine details.",
        ))
}

fn apart(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("equivariance")?;
    let axis = Axis::linear("Pixels that the garment is moved by").format(Format::Int);
    let series = results.series("apart")?;
    let error = Axis::linear("Distance, relative to the output").from_zero();
    Ok(LineChart::new("Does the output move as the input does?", axis, error.format(Format::Fixed(1)))
        .series(series)
        .draw()?
        .caption("A convolution moves along, to the last bit. With a stride of two, the layers do so at even shifts only.")
        .description(format!(
            "Four curves over shifts of {} pixels. One lies on zero. Three zigzag between zero at even shifts and a \
             positive distance at odd ones: at one pixel {}, {} and {}.",
            series.span(Format::Int),
            percent(&results, "strided/1")?,
            percent(&results, "max-pool/1")?,
            percent(&results, "average-pool/1")?,
        )))
}

fn shift(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("equivariance")?;
    let axis = Axis::linear("Pixels that each garment is moved by").format(Format::Int);
    let right = share("Share of test garments right").range(0.0, 1.0);
    Ok(LineChart::new("Accuracy on garments that moved", axis, right)
        .series(results.series("accuracy")?)
        .draw()?
        .caption(format!(
            "At four pixels the MLP is right for {}, the CNN for {}, and the CNN whose last layers keep no place for {}.",
            percent(&results, "mlp/moved/4")?,
            percent(&results, "cnn/moved/4")?,
            percent(&results, "global/moved/4")?
        ))
        .description(format!(
            "Four falling curves with bands over moves of {} pixels. Where nothing moves the nearest neighbour is right for {}, \
             the MLP for {}, the CNN for {}, and the CNN that keeps no place for {}.",
            results.series("accuracy")?.span(Format::Int),
            percent(&results, "neighbour/moved/0")?,
            percent(&results, "mlp/moved/0")?,
            percent(&results, "cnn/moved/0")?,
            percent(&results, "global/moved/0")?,
        )))
}

fn fields(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("fields")?;
    let layers = ["convolution-1", "pool-1", "convolution-2", "pool-2"];
    let mut tiles = Vec::new();
    for layer in layers {
        let strength = &results.series(&format!("strength/{layer}"))?.get("gradient")?.values;
        // The eye judges roots better than the numbers, whose small ones would all be black.
        let root: Vec<f64> = strength.iter().map(|s| s.sqrt()).collect();
        let field = Format::Int.number(results.number(&format!("{layer}/field"))?);
        tiles.push(Tile::positive(SIDE, &root).caption(format!("{field} × {field} pixels")));
    }
    Ok(ImageGrid::new("What one output of each layer can see")
        .columns(["convolution 1", "pool 1", "convolution 2", "pool 2"])
        .row("", tiles)
        .draw()?
        .caption(format!(
            "The size of the gradient of one output, in each of the pixels, over {} random networks. The field is a square; after \
             the second pool its middle has {} of the area and {} of the gradient.",
            Format::Int.number(results.number("draws")?),
            percent(&results, "pool-2/middle-area")?,
            percent(&results, "pool-2/middle")?,
        ))
        .description(
            "Four black squares with a bright square patch near the middle, larger from left to right; the last ones are \
             brighter in the middle than at their rim.",
        ))
}

fn rates(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("batch_norm")?;
    let mut chart = LineChart::new(
        "Training loss with and without batch normalisation",
        Axis::linear("Epochs").format(Format::Int),
        Axis::linear("Mean loss of the epoch").from_zero().format(Format::Fixed(1)),
    );
    let loss = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Fixed(2).number(results.number(&format!("{key}/loss"))?))
    };
    for (key, words) in [("low", "usual rate"), ("high", "ten times the rate")] {
        for curve in &results.series(&format!("loss/{key}"))?.y {
            let epochs = results.series(&format!("loss/{key}"))?.x.clone();
            let points = epochs.into_iter().zip(curve.values.iter().copied());
            chart = chart.curve(format!("{}, {words}", curve.name), points);
        }
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Four short trainings, one seed each. At the usual rate the loss ends at {} without normalisation and at {} with it, at \
             ten times the rate at {} and {}.",
            loss("low/without")?,
            loss("low/with")?,
            loss("high/without")?,
            loss("high/with")?,
        ))
        .description(format!(
            "Four curves of the training loss over {} epochs, with and without batch normalisation at two rates.",
            Format::Int.number(results.number("epochs")?)
        )))
}

fn sizes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("batch_norm")?;
    let loss = |size: &str| -> anyhow::Result<String> {
        Ok(Format::Fixed(3).number(results.number(&format!("size/{size}"))?))
    };
    Ok(LineChart::new(
        "Whose mean and variance?",
        Axis::log("Garments of a mini-batch").format(Format::Int),
        Axis::linear("Mean loss on test garments").format(Format::Fixed(3)),
    )
    .series(results.series("sizes")?)
    .draw()?
    .caption("One network on the same test garments: normalised by the statistics of its mini-batch, or by the running ones.")
    .description(format!(
        "A curve over the size of the mini-batch, from {} at two garments to {} at sixty-four, and a level line at {} for the \
         running statistics.",
        loss("2")?,
        loss("64")?,
        loss("running")?,
    )))
}

fn choice(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let chart = LineChart::new(
        "Three candidates on garments kept aside",
        Axis::linear("Epochs").format(Format::Int),
        share("Share of the garments right"),
    );
    Ok(chart
        .series(results.series("choice/curves")?)
        .draw()?
        .caption(format!(
            "Each candidate after each epoch, on garments of the training set that none has learned from. Best at the end: {}.",
            results.text("choice/best")?
        ))
        .description(format!(
            "Three curves over {} epochs. They end at {} for garments as they are, {} for mirrored and shifted ones, and {} with \
             batch normalisation besides.",
            Format::Int.number(results.number("choice/epochs")?),
            percent(&results, "choice/plain")?,
            percent(&results, "choice/augmented")?,
            percent(&results, "choice/normalised")?,
        )))
}

fn interval(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let (low, high) = results.value(key)?.interval.unwrap_or((f64::NAN, f64::NAN));
    Ok(Bar::new(results.number(key)?).interval(low, high))
}

fn rules(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let mut chart = BarChart::new(
        "Three rules on the test garments",
        share("Share of test garments right").range(0.0, 1.0),
    )
    .values(Format::Percent(1));
    for (name, key) in [
        ("Nearest neighbour", "neighbour"),
        ("MLP, three seeds", "mlp"),
        ("CNN, three seeds", "mean"),
    ] {
        chart = chart.bar(name, interval(&results, key)?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Memory of all garments: {}. An MLP with {} parameters, none of them shared, its recipe chosen in the same way: {}. The \
             CNN, with {}: {}.",
            percent(&results, "neighbour")?,
            Format::Int.number(results.number("mlp/parameters")?),
            percent(&results, "mlp")?,
            Format::Int.number(results.number("parameters")?),
            percent(&results, "mean")?
        ))
        .description(format!(
            "Three horizontal bars with short whiskers, from {} to {}.",
            percent(&results, "neighbour")?,
            percent(&results, "mean")?,
        )))
}

fn confusion(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let table = results.table("confusion")?;
    let mut map =
        HeatMap::new("What the CNN takes for what", "Share taken for another", Format::Percent(1))
            .columns(CLASSES)
            .confusions();
    for row in &table.rows {
        let label = row.first().map_or_else(String::new, ToString::to_string);
        map = map.row(label, row.iter().skip(1).map(|cell| cell.number()));
    }
    Ok(map
        .draw()?
        .caption(format!(
            "Rows are what a garment is, columns what it is taken for, over three networks. The colours are for the mistakes; the diagonal, in frames, is the share that is right. Hardest: {}, of which {} are found.",
            results.text("worst/class")?,
            percent(&results, "worst/recall")?
        ))
        .description(
            "A ten by ten table of shares, largest on the diagonal. What lies off it is mostly among T-shirt, pullover, dress, \
             coat and shirt.",
        ))
}

fn errors(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let data = FashionMnist::of(recorded)?;
    let table = results.table("wrong")?;
    let rows = table.numbers("Test garment")?;
    let (labels, answers) = (table.texts("Label")?, table.texts("Answer")?);
    let tile = |i: usize| {
        let pixels = data.test.images.index_axis(ndarray::Axis(0), rows[i] as usize);
        let words = format!("{}, taken for {}", labels[i], answers[i]);
        Tile::grey(SIDE, SIDE, pixels.iter().copied().collect::<Vec<_>>()).caption(words)
    };
    let shown: Vec<usize> = (0..rows.len().min(3 * COLUMNS)).collect();
    let mut grid = ImageGrid::new("Garments that all three networks get wrong");
    for some in shown.chunks(COLUMNS) {
        grid = grid.row("", some.iter().map(|&i| tile(i)).collect::<Vec<_>>());
    }
    Ok(grid
        .draw()?
        .caption("The mistakes of which the three networks are surest: under each garment its label, and what they take it for. Which of the two would you say?")
        .description("Small grey pictures of garments in rows, each with two class names below it."))
}

/// The filters of the first layer.
fn learned(results: &Results) -> anyhow::Result<Vec<Filter>> {
    let curves = &results.series("filters")?.y;
    let filter = |values: &Vec<f64>| Filter::try_from(values.as_slice()).ok();
    let all: Option<Vec<Filter>> = curves.iter().map(|curve| filter(&curve.values)).collect();
    all.ok_or_else(|| anyhow::anyhow!("a filter has not 9 numbers; run `accuracy` again"))
}

/// The filters whose energy is mostly gradient first.
fn sorted(results: &Results) -> anyhow::Result<Vec<Filter>> {
    let mut all = learned(results)?;
    all.sort_by(|a, b| filters::shares(b)[1].total_cmp(&filters::shares(a)[1]));
    Ok(all)
}

fn filter_pictures(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let all = sorted(&results)?;
    let (right, down) = ([-1.0, 0.0, 1.0], [0.0; 3]);
    let hog = [[down, right, down].concat(), [[0.0, -1.0, 0.0], down, [0.0, 1.0, 0.0]].concat()];
    let by_hand = hog
        .iter()
        .chain([SOBEL[0].to_vec(), SOBEL[1].to_vec()].iter())
        .map(|f| Tile::signed(3, f))
        .collect::<Vec<_>>();
    let mut grid = ImageGrid::new("Filters by hand, by formula and by learning")
        .row("HOG, Sobel", by_hand)
        .row(
            "Gabor, even",
            filters::bank(9)[..8].iter().map(|f| Tile::signed(9, f)).collect::<Vec<_>>(),
        )
        .row(
            "Gabor, odd",
            filters::bank(9)[8..].iter().map(|f| Tile::signed(9, f)).collect::<Vec<_>>(),
        );
    for (i, some) in all.chunks(8).enumerate() {
        let name = if i == 0 { "learned" } else { "" };
        grid = grid.row(name, some.iter().map(|f| Tile::signed(3, f)).collect::<Vec<_>>());
    }
    Ok(grid
        .draw()?
        .caption("Grey is zero, white positive, black negative. The learned filters of the first layer are sorted: those that are most of all a gradient come first.")
        .description(
            "Rows of small squares. First the differences of oriented gradients and of Sobel, then striped Gabor filters in \
             eight directions, then thirty-two squares of three by three greys, the first of them dark on one side and \
             bright on the other.",
        ))
}

fn shares(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let mut chart = StackedBars::new("What filters are made of").parts(KINDS);
    for (name, key) in [("Learned", "learned"), ("Random", "random")] {
        let parts = KINDS
            .iter()
            .map(|kind| results.number(&format!("filters/{key}/{}", kind.replace(' ', "-"))));
        chart = chart.row(name, parts.collect::<Result<Vec<f64>, _>>()?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Mean share of a filter's energy. In the learned filters {} are gradient, in random ones {}.",
            percent(&results, "filters/learned/gradient")?,
            percent(&results, "filters/random/gradient")?
        ))
        .description("Two bars, each divided in four parts: mean, gradient, second difference and the rest."))
}

fn activations(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let picture = garment(&FashionMnist::of(recorded)?, EXAMPLE);
    let all = sorted(&results)?;
    let shown: Vec<&Filter> = all.iter().step_by(all.len().div_ceil(6).max(1)).collect();
    let answer = |filter: &Filter| Tile::positive(SIDE, &filters::apply(filter, &picture, SIDE));
    Ok(ImageGrid::new("A boot, as the first layer sees it")
        .row("filter", shown.iter().map(|f| Tile::signed(3, f.as_slice())).collect::<Vec<_>>())
        .row("answer", shown.iter().map(|f| answer(f)).collect::<Vec<_>>())
        .draw()?
        .caption("Some of the learned filters, and where on a boot they answer more than zero; what is less, ReLU takes away. The bias is left out.")
        .description("Above six small filters, below the same ankle boot six times, each time with other parts bright."))
}
