//! Curves, bars and maps.

use notebook::figure::{Axis, Bar, BarChart, HeatMap, LineChart, StackedBars};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::experiments::vit::{CHANGES, PLACES};
use crate::experiments::words::WORDS;
use crate::vit::NAMES;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("causal", causal)
        .figure("entropy", entropy)
        .figure("memory", memory)
        .figure("parts", parts)
        .figure("share", share)
        .figure("gelu", gelu)
        .figure("conventions", conventions)
}

/// A recorded number in a format.
fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

fn causal(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("words")?;
    let mut map = HeatMap::new("Nobody looks ahead", "Weight", Format::Fixed(2)).columns(WORDS);
    for (i, word) in WORDS.into_iter().enumerate() {
        let seen = WORDS[..=i].iter();
        let weights = seen.map(|other| results.number(&format!("weights/causal/{word}/{other}")));
        let weights = weights.collect::<Result<Vec<f64>, _>>()?;
        map = map.row(word, (0..WORDS.len()).map(|j| weights.get(j).copied()));
    }
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    Ok(map
        .range(0.0, 1.0)
        .draw()?
        .caption(format!(
            "The same head under the causal mask. Each row is a word that asks, each column one that it may look at. The first word has only itself; the weight that \"its\" gives to \"dog\" rises from {} to {}.",
            fixed("weights/all/its/dog")?,
            fixed("weights/causal/its/dog")?,
        ))
        .description(
            "A table of five rows and five columns of weights. Above the diagonal there is nothing, and each row adds up to one.",
        ))
}

fn entropy(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("scale")?;
    let percent = |key: &str| number(&results, key, Format::Percent(0));
    Ok(LineChart::new(
        "How evenly a query looks at its keys",
        Axis::log("Numbers in a query").format(Format::Int),
        Axis::share("Entropy of the weights, of the largest possible").range(0.0, 1.0),
    )
    .series(results.series("entropy")?)
    .draw()?
    .caption(format!(
        "Queries and {} keys of normal numbers, {} draws for each point. Divided by the root, scores leave {} of the entropy at the largest width; as they are, {}.",
        number(&results, "keys", Format::Int)?,
        number(&results, "draws", Format::Int)?,
        percent("entropy/divided/1024")?,
        percent("entropy/raw/1024")?,
    ))
    .description(format!(
        "Two curves over the numbers in a query, on a logarithmic axis. One stays level and ends at {}. The other falls from {} to {}.",
        percent("entropy/divided/1024")?,
        percent("entropy/raw/1")?,
        percent("entropy/raw/1024")?,
    )))
}

fn memory(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("memory")?;
    let bytes = |key: &str| number(&results, key, Format::Bytes(1));
    Ok(LineChart::new(
        "What one head holds, by length",
        Axis::log("Tokens").format(Format::Int),
        Axis::log("Bytes").format(Format::Bytes(0)),
    )
    .series(results.series("bytes")?)
    .draw()?
    .caption(format!(
        "Weights and outputs in matrices, beside one tile of scores and outputs; {} numbers in a value. At the greatest length {} and {}.",
        number(&results, "width", Format::Int)?,
        bytes("matrices/262144")?,
        bytes("tiles/262144")?,
    ))
    .description(format!(
        "Two rising lines on logarithmic axes over {} tokens. The one for matrices is about twice as steep, from {} to {}; the one for tiles goes from {} to {}.",
        results.series("bytes")?.span(Format::Int),
        bytes("matrices/64")?,
        bytes("matrices/262144")?,
        bytes("tiles/64")?,
        bytes("tiles/262144")?,
    )))
}

fn parts(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("vit")?;
    let mut chart = StackedBars::new("Where the parameters sit").parts([
        "patches and positions",
        "attention",
        "two layers",
        "normalisation",
        "last layer",
    ]);
    for name in NAMES {
        let all = results.number(&format!("{name}/parameters"))?;
        let part = |(key, _): (&str, _)| Ok(results.number(&format!("{name}/{key}"))? / all);
        chart = chart.row(name, PLACES.map(part).into_iter().collect::<anyhow::Result<Vec<_>>>()?);
    }
    let count = |key: &str| number(&results, key, Format::Count(1));
    Ok(chart
        .draw()?
        .caption(format!(
            "Shares of the parameters of four vision transformers. In ViT-L/32 the attention has {} of {}, and the two layers behind it {}.",
            count("vit_l_32/attention")?,
            count("vit_l_32/parameters")?,
            count("vit_l_32/mlp")?,
        ))
        .description(
            "Four bars, each divided in five parts. In every one the two layers take about twice what the attention takes, and the rest is small.",
        ))
}

fn share(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("vit")?;
    let percent = |key: &str| number(&results, key, Format::Percent(0));
    Ok(LineChart::new(
        "Work of tokens with each other",
        Axis::log("Side of the picture, in pixels").format(Format::Int),
        Axis::share("Share of the multiply-adds").range(0.0, 1.0),
    )
    .series(results.series("share")?)
    .reference(0.5, "a half")
    .draw()?
    .caption(format!(
        "ViT-B/16 on larger pictures. At {} pixels and {} tokens, products between tokens overtake products with weights.",
        number(&results, "half/side", Format::Int)?,
        number(&results, "half/tokens", Format::Int)?,
    ))
    .description(format!(
        "A rising curve over sides of {} pixels, from {} to {}.",
        results.series("share")?.span(Format::Int),
        percent("share/112")?,
        percent("share/1792")?,
    )))
}

fn gelu(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("vit")?;
    let largest = number(&results, "gelu/largest", Format::Scientific(2))?;
    let at = number(&results, "gelu/at", Format::Fixed(2))?;
    Ok(LineChart::new(
        "The two forms of GELU",
        Axis::linear("z").format(Format::Fixed(0)),
        Axis::linear("tanh form minus erf form").format(Format::Fixed(4)),
    )
    .series(results.series("gelu")?)
    .markers(false)
    .draw()?
    .caption(format!("The forms differ by at most {largest}, where z is {at} on either side of zero."))
    .description(format!(
        "A curve that is level and zero in the middle, falls below zero on either side, and then rises to two peaks where z is {at} to the left and to the right.",
    )))
}

fn conventions(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("vit")?;
    let names = [
        "GELU by tanh",
        "ε of 10⁻⁵",
        "ε of 10⁻¹²",
        "class token without position",
        "root of the token's width",
        "heads packed one by one",
    ];
    let axis =
        Axis::log("Largest change of a logit, of the largest logit").format(Format::Scientific(0));
    let mut chart = BarChart::new("One convention changed", axis).values(Format::Scientific(1));
    for (name, key) in names.into_iter().zip(CHANGES) {
        chart = chart.bar(name, Bar::new(results.number(&format!("conventions/{key}"))?));
    }
    Ok(chart
        .draw()?
        .caption("ViT-B/32 with weights by a formula, on one picture. Each bar is the network with one thing changed, beside ours with torchvision's conventions.")
        .description(format!(
            "Six bars on a logarithmic axis, from {} for another small number under the root to {} for heads packed one by one.",
            number(&results, "conventions/epsilon-12", Format::Scientific(1))?,
            number(&results, "conventions/packing", Format::Scientific(1))?,
        )))
}
