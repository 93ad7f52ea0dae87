//! What the chapter draws, from recorded results and from the photographs, which are part of the data.

use anyhow::Context as _;
use notebook::figure::{Axis, Bar, BarChart, HeatMap, ImageGrid};
use notebook::{Chapter, Figure, Format, Recorded, TIMINGS, Table};

use crate::experiments::SHOWN;
use crate::photographs::{Photograph, SURFACES};
use crate::{Hog, picture};

mod schematics;

/// Adds the figures to the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("seen", seen)
        .figure("patterns", patterns)
        .figure("surfaces", surfaces)
        .figure("invariance", invariance)
        .figure("shuffled", shuffled)
        .figure("accuracy-mean", |recorded| accuracy(recorded, "mean"))
        .figure("accuracy-neighbour", |recorded| accuracy(recorded, "neighbour"))
        .figure("cost", cost)
        .figure("ladder", ladder)
        .figure("ring", schematics::ring)
        .figure("cells", schematics::cells)
        .figure("pairs", schematics::pairs)
}

/// The rows of a table by the text in its first column, each with the numbers of `columns`.
fn rows(table: &Table, columns: &[&str]) -> anyhow::Result<Vec<(String, Vec<f64>)>> {
    let first = table.columns.first().context("a table has a column")?;
    let numbers = columns.iter().map(|c| table.numbers(c)).collect::<Result<Vec<_>, _>>()?;
    let names = table.texts(&first.name)?.into_iter().enumerate();
    Ok(names.map(|(i, name)| (name, numbers.iter().map(|c| c[i]).collect())).collect())
}

/// The names of all columns but the first.
fn headings(table: &Table) -> Vec<&str> {
    table.columns.iter().skip(1).map(|c| c.name.as_str()).collect()
}

fn seen(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("seen")?;
    let photograph = Photograph::read(recorded, SHOWN)?;
    let boxes = Format::Int.number(results.number("colours/boxes")?);
    let view = photograph.image.view();
    let figure = ImageGrid::new("A photograph, and what four extractors keep of it")
        .row(
            "",
            [
                picture::original(view).tile().caption("the photograph"),
                picture::boxes(view).tile().caption(format!("colours: {boxes} boxes")),
                picture::palette(view).tile().caption("colours: what is kept"),
            ],
        )
        .row(
            "",
            [
                picture::ellipse(view).tile().caption("Hu: ellipse of the light"),
                picture::patterns(view).tile().caption("LBP: pattern of each pixel"),
                picture::glyphs(&Hog::DEFAULT, view)?.tile().caption("HOG: gradients of each cell"),
            ],
        )
        .draw()?;
    Ok(figure
        .caption(format!(
            "Each extractor keeps one thing and forgets the rest. The colour histogram keeps the amounts of {} colours, \
             and from its square of colours nobody could tell that there was a cat.",
            Format::Int.number(results.number("colours/occupied")?),
        ))
        .description(
            "Six pictures. A photograph of a cat's face; the same in few colours; a square of those colours sorted by \
             amount; the photograph in grey with the axes of an ellipse that reaches beyond its edges; a map of local \
             patterns, in which fur looks like noise and the eyes stay legible; and a grid of stars of short lines, \
             brightest where the stripes of the fur and the eyes are.",
        )
        .data(results.table("lengths")?.clone()))
}

fn patterns(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("seen")?;
    let table = results.table("patterns")?;
    let chart = BarChart::new(
        "Local binary patterns of the photograph",
        Axis::share("Share of the pixels").from_zero(),
    )
    .values(Format::Percent(1));
    let chart =
        rows(table, &["Share"])?.into_iter().fold(chart, |chart, (name, v)| chart.bar(name, v[0]));
    Ok(chart
        .draw()?
        .caption(format!(
            "{} of the pixels have one of the {} uniform patterns. Spots are rare, edges are common.",
            Format::Percent(0).number(results.number("patterns/uniform")?),
            Format::Int.number(results.number("patterns/kinds")?),
        ))
        // lint: allow figure-number: a pixel has eight neighbours
        // lint: allow theme-word: pixels of the photograph are bright
        .description("Ten horizontal bars, one for each number of bright neighbours from 0 to 8 and one for all patterns that are not uniform."))
}

fn surfaces(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("seen")?;
    let photographs = Photograph::read_all(recorded, &SURFACES)?;
    let grid = ImageGrid::new("Three surfaces and which levels stand side by side on them")
        .columns(SURFACES);
    let tiles = |draw: fn(crate::View<'_>) -> picture::Canvas| {
        photographs.iter().map(move |p| draw(p.image.view()).tile()).collect::<Vec<_>>()
    };
    Ok(grid
        .row("photograph", tiles(picture::original))
        .row("co-occurrence", tiles(picture::cooccurrence))
        .draw()?
        .caption(
            "The wall has few levels, and its matrix is small. On grass and gravel light and shadow stand side by side, and \
             the matrices are wide: the eye hardly tells these two apart, and five numbers have to.",
        )
        .description(
            "Two rows of three pictures: photographs of brick, grass and gravel, and below each its co-occurrence matrix, \
             sixteen by sixteen squares, bright along the diagonal and fading away from it: a small patch for brick, \
             large ones for grass and gravel.",
        )
        .data(results.table("surfaces")?.clone()))
}

fn invariance(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("invariance")?;
    let table = results.table("matrix")?;
    let columns = headings(table);
    let map = HeatMap::new(
        "How far a change moves the features",
        "Share of the distance between pictures",
        Format::Fixed(2),
    )
    .columns(columns.iter().copied())
    .range(0.0, 1.5);
    let map = rows(table, &columns)?
        .into_iter()
        .fold(map, |map, (name, cells)| map.row(name, cells.into_iter().map(|v| v.min(1.5))));
    Ok(map
        .draw()?
        // lint: allow theme-word: the picture is brighter, not a part of the chart
        .caption(
            "No row is low everywhere. The colour histogram does not notice a turn or a shuffle, and a brighter \
             picture moves it most of the way to another one; for oriented gradients it is the other way round.",
        )
        .description(
            "A heat map of raw pixels and five extractors by nine changes. A cell is the mean distance that the change \
             moves the features, divided by the mean distance between two pictures; cells above one and a half are \
             drawn as that.",
        )
        .data(table.clone()))
}

fn shuffled(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("shuffled")?;
    let table = results.table("places")?;
    let columns =
        ["Whole", "Whole, low", "Whole, high", "Shuffled", "Shuffled, low", "Shuffled, high"];
    let chart = BarChart::new(
        "Accuracy on whole and on shuffled patches of photographs",
        Axis::share("Accuracy").range(0.0, 1.0),
    )
    .groups(["whole", "pixels shuffled"])
    .reference(results.number("places/chance")?, "chance");
    let chart = rows(table, &columns)?.into_iter().fold(chart, |chart, (name, v)| {
        chart.row(name, [Bar::new(v[0]).interval(v[1], v[2]), Bar::new(v[3]).interval(v[4], v[5])])
    });
    let percent = |key: &str| anyhow::Ok(Format::Percent(0).number(results.number(key)?));
    let loss = results.value("places/hog/loss")?;
    let (low, high) = loss.interval.context("a loss has an interval")?;
    let points = |share: f64| Format::Fixed(1).number(100.0 * share);
    Ok(chart
        .draw()?
        .caption(format!(
            "The colour histogram answers as before, {} right. Oriented gradients are right for {} of the whole patches and {} of the \
             shuffled ones. The paired loss over all shuffles is {} points, with an interval from {} to {}.",
            percent("places/colour-histogram/shuffled")?,
            percent("places/hog/whole")?,
            percent("places/hog/shuffled")?,
            points(results.number("places/hog/loss")?),
            points(low),
            points(high),
        ))
        .description(
            "Pairs of horizontal bars, accuracy on whole and on shuffled patches, for raw pixels and five extractors, \
             with intervals and a line at chance.",
        ))
}

fn accuracy(recorded: &Recorded<'_>, rule: &str) -> anyhow::Result<Figure> {
    let results = recorded.experiment("accuracy")?;
    let table = results.table(rule)?;
    let columns = headings(table);
    let name = if rule == "mean" { "nearest-mean" } else { "nearest-neighbour" };
    let map =
        HeatMap::new(format!("Accuracy under the {name} rule"), "Accuracy", Format::Percent(0))
            .columns(columns.iter().copied())
            .range(0.0, 1.0);
    let map =
        rows(table, &columns)?.into_iter().fold(map, |map, (name, cells)| map.row(name, cells));
    let best = |problem: &str| results.text(&format!("{rule}/{problem}/best"));
    Ok(map
        .draw()?
        .caption(format!(
            "Under the {name} rule nobody wins everywhere. The best is {} on garments, {} on textures, {} on colours, {} on \
             shapes, {} on inspection and {} on places.",
            best("garments")?,
            best("textures")?,
            best("colours")?,
            best("shapes")?,
            best("inspection")?,
            best("places")?,
        ))
        .description(format!(
            "A heat map of raw pixels and five extractors by six problems: the accuracy under the {name} rule. Each \
             column has its own winner's row; the intervals are in the recorded values.",
        ))
        .data(table.clone()))
}

fn cost(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("cost")?;
    let table = results.table("bytes")?;
    let chart = BarChart::new(
        "Bytes of the features of an image",
        Axis::log("Bytes").format(Format::Bytes(0)).range(10.0, 1e5),
    )
    .groups(["28 × 28 grey", "64 × 64 colour"]);
    let chart = rows(table, &["Bytes, 28 × 28", "Bytes, 64 × 64"])?
        .into_iter()
        .fold(chart, |chart, (name, v)| chart.row(name, v));
    Ok(chart
        .draw()?
        .caption(
            "Hu, LBP and co-occurrence keep some numbers, whatever the size of the image. Oriented gradients grow with \
             it, and of a small image the colour histogram keeps more bytes than there were.",
        )
        .description(
            "Pairs of horizontal bars on a logarithmic axis: bytes of raw pixels and of the features of five extractors, as \
             32-bit numbers, for a small grey image and a larger one in colour.",
        ))
}

fn ladder(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("peers")?;
    let rungs = ["textbook", "one thread", "two threads"];
    let mut table = Table::new([
        "Extractor",
        "scikit-image, one thread | duration",
        "textbook | duration",
        "one thread | duration",
        "two threads | duration",
        "scikit-image ÷ one thread | fixed 0",
        "scikit-image ÷ two threads | fixed 0",
    ]);
    let chart = BarChart::new(
        "Features of ten thousand garments",
        Axis::log("Time").format(Format::Duration),
    )
    .groups(std::iter::once("scikit-image, one thread").chain(rungs));
    let (mut chart, mut ratios) = (chart, Vec::new());
    for name in ["hog", "lbp", "glcm", "hu"] {
        let peer = peers.number(&format!("{name}_10k"))?;
        let of =
            |rung: &str, suffix: &str| timings.number(&format!("ladder/{rung}/{name}{suffix}"));
        let [textbook, one, two] =
            [of("textbook", "")?, of("one_thread", "")?, of("two_threads", "_10k")?];
        chart = chart.row(name, [peer, textbook, one, two]);
        ratios.push([peer / one, peer / two]);
        let cells = [peer, textbook, one, two, peer / one, peer / two].map(Into::into);
        table.row(std::iter::once(name.into()).chain(cells));
    }
    let range = |threads: usize| {
        let of = || ratios.iter().map(|ratio: &[f64; 2]| ratio[threads]);
        [of().fold(f64::INFINITY, f64::min), of().fold(0.0, f64::max)]
            .map(|ratio| Format::Int.number(ratio))
    };
    let ([least, most], [least_of_two, most_of_two]) = (range(0), range(1));
    Ok(chart
        .draw()?
        .caption(format!(
            "On one thread, what is shipped is {least} to {most} times as fast as scikit-image on one; on two threads, {least_of_two} to \
             {most_of_two} times. Each of the small images is one call from Python. Measured on {}; \
             scikit-image {} on {}, of {}.",
            timings.provenance.machine.describe(),
            peers.text("version/scikit-image")?,
            peers.text("processor")?,
            peers.text("date")?,
        ))
        .description(
            "Groups of four horizontal bars on a logarithmic axis for four extractors: scikit-image on one thread, the \
             textbook's way, and what is shipped on one and on two threads, each shorter than the one before.",
        )
        .data(table))
}
