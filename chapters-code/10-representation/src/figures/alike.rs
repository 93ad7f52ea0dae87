//! Do two networks learn the same? The drawings of it.

use notebook::figure::schematic::{Grid, Meaning, Schematic, Words};
use notebook::figure::{Axis, HeatMap, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use super::probes::number;
use crate::inner::LAYERS;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("cka-by-hand", by_hand)
        .figure("cka-layers", layers)
        .figure("cka-lite0", lite0)
        .figure("cka-bias", bias)
}

fn whole(x: f32) -> String {
    Format::Int.number(f64::from(x)).replace('-', "−")
}

/// Three samples, the same turned, and others; below each its Gram matrix.
fn by_hand(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("alike")?;
    let x = ndarray::array![[1.0_f32, 0.0], [0.0, 1.0], [-1.0, -1.0]];
    let y = ndarray::array![[1.0_f32, 1.0], [-1.0, 1.0], [0.0, -2.0]];
    let z = ndarray::array![[1.0_f32, 0.0], [-1.0, 0.0], [0.0, 0.0]];
    let rows = |m: &ndarray::Array2<f32>| -> Vec<Vec<String>> {
        m.outer_iter().map(|row| row.iter().map(|&v| whole(v)).collect()).collect()
    };
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    let (turned, other) = (fixed("hand/turned")?, fixed("hand/other")?);
    let named = [("X", "K = XXᵀ", &x), ("Y", "L = YYᵀ", &y), ("Z", "M = ZZᵀ", &z)];
    let figure = Schematic::new("Three samples, and what they say of each other", (16.0, 8.2))
        .narrow((9.0, 10.0));
    let figure = figure.draw(|sheet| {
        let cell = sheet.pick(0.95, 0.78);
        let left = sheet.pick([1.2, 6.6, 12.0], [0.4, 3.4, 6.4]);
        for ((name, gram, m), left) in named.iter().zip(left) {
            let features = Grid::new((left + cell / 2.0, 1.0), cell, rows(m)).title(*name);
            let products = Grid::new((left, 4.8), cell, rows(&m.dot(&m.t()))).title(*gram);
            sheet.add(features.window((0, 0), (1, 2), Meaning::Value));
            sheet.add(products.window((0, 0), (1, 1), Meaning::Value));
        }
        let words = [format!("CKA of X and Y: {turned}"), format!("CKA of X and Z: {other}")];
        let places = sheet.pick([(8.0, 8.0), (13.4, 8.0)], [(4.5, 8.4), (4.5, 9.3)]);
        for (words, at) in words.into_iter().zip(places) {
            sheet.add(Words::middle(at, words).meaning(Meaning::Focus));
        }
    })?;
    Ok(figure
        .caption(format!(
            "Rows are samples, columns features whose mean is nought. Y is X turned by an eighth of a circle and enlarged, so L is twice K, and the two are alike by {turned}. Z tells the first two samples apart and nothing else: {other}.",
        ))
        .description(format!(
            "Three tables of three rows and two columns, X, Y and Z, and below each the three by three table of the products of its rows. The likeness of X and Y is {turned}, that of X and Z {other}.",
        )))
}

/// A recorded table of numbers as a heat map.
fn map(results: &Results, key: &str, chart: HeatMap) -> anyhow::Result<HeatMap> {
    let mut chart = chart.columns(LAYERS).range(0.0, 1.0);
    for row in &results.table(key)?.rows {
        let label = row.first().map_or_else(String::new, ToString::to_string);
        chart = chart.row(label, row.iter().skip(1).map(|cell| cell.number()));
    }
    Ok(chart)
}

fn layers(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("alike")?;
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    let chart = HeatMap::new(
        "Two networks of other seeds, layer by layer",
        "CKA, unbiased",
        Format::Fixed(2),
    );
    Ok(map(&results, "layers", chart)?
        .draw()?
        .caption(format!(
            "Rows are layers of one network, columns layers of another that began from other weights; means over {} pairs. Of {} questions which layer of the other is most alike, {} are answered by the same layer. The hidden layers are alike by {}.",
            number(&results, "pairs", Format::Int)?,
            number(&results, "nearest/all", Format::Int)?,
            number(&results, "nearest/right", Format::Int)?,
            fixed("trained/hidden")?,
        ))
        .description(format!(
            "A five by five table from pixels to logits. The diagonal goes from one over {}, {} and {} to {}.",
            fixed("trained/pool-1")?,
            fixed("trained/pool-2")?,
            fixed("trained/hidden")?,
            fixed("trained/logits")?,
        )))
}

fn lite0(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("alike")?;
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    let chart = HeatMap::new("The book's network and Lite0", "CKA, unbiased", Format::Fixed(2));
    Ok(map(&results, "lite0", chart)?
        .draw()?
        .caption(format!(
            "A network that knows {} garments, and one that knows photographs. The logits of the first are most like {} of the second, by {}; its first pool is most like {}.",
            number(&results, "learned", Format::Int)?,
            results.text("lite0/logits/place")?,
            fixed("lite0/logits/cka")?,
            results.text("lite0/pool-1/place")?,
        ))
        .description(format!(
            "A table of eighteen rows, stem, blocks and head, by five columns, pixels to logits. The largest number of the last column is {}.",
            fixed("lite0/logits/cka")?,
        )))
}

fn bias(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("alike")?;
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    Ok(LineChart::new(
        "What two estimates say of few samples",
        Axis::log("Samples").format(Format::Int),
        Axis::linear("CKA").format(Format::Fixed(1)),
    )
    .series(results.series("few")?)
    .draw()?
    .caption(format!(
        "Noise with {} features each, garments that have nothing to do with each other, and the hidden layers of two networks. For noise of sixteen samples the biased estimate says {}, the unbiased one {}.",
        number(&results, "few/cloud", Format::Int)?,
        fixed("few/noise/biased/16")?,
        fixed("few/noise/unbiased/16")?,
    ))
    .description(format!(
        "Six banded curves over the number of samples. The biased ones begin near one and fall; for noise to {}. The unbiased ones for noise and for garments in two orders stay near nought, that for two networks near {}.",
        fixed("few/noise/biased/512")?,
        fixed("few/networks/unbiased/512")?,
    )))
}
