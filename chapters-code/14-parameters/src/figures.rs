//! What the chapter draws, from recorded results only.

mod blocks;
mod schematics;
mod tables;
mod today;

use anyhow::Context as _;
use notebook::figure::{Axis, Bar, BarChart, HeatMap, LineChart, Point, ScatterPlot, StackedBars};
use notebook::{Chapter, Figure, Format, Recorded, Results, TIMINGS, Table};

use tables::{cell, pairs};

/// Adds the figures to the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("bottleneck", bottleneck)
        .figure("lecture", lecture)
        .figure("parts", parts)
        .figure("embedding", embedding)
        .figure("stages", stages)
        .figure("years", years)
        .figure("operations", operations)
        .figure("training", training)
        .figure("cache", cache)
        .figure("bits", bits)
        .figure("experts", today::experts)
        .figure("windows", today::windows)
        .figure("formats", today::formats)
        .figure("shards", today::shards)
        .figure("mixture", schematics::mixture)
        .figure("masks", schematics::masks)
        .figure("sharing", schematics::sharing)
        .figure("scales", schematics::scales)
        .figure("ladder", ladder)
        .figure("residual", blocks::residual)
        .figure("decoder", blocks::decoder)
}

fn bottleneck(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("composition")?;
    let layers = pairs(results.table("bottleneck")?, "Layer", "Parameters")?;
    let total = results.number("bottleneck/parameters")?;
    let wide = cell(results.table("bottleneck")?, "conv2.weight", "Parameters")?;
    let norms = layers.iter().filter(|(name, _)| !name.starts_with("conv"));
    let largest_norm = norms.map(|(_, n)| *n).fold(0.0, f64::max);
    let chart = BarChart::new(
        "Parameters of one bottleneck block of ResNet-152",
        Axis::log("Parameters").format(Format::Count(0)).range(100.0, 2e6),
    );
    let chart = layers
        .iter()
        .fold(chart.values(Format::Int), |chart, (name, n)| chart.bar(name.clone(), *n));
    Ok(chart
        .draw()?
        .caption(format!(
            "Of {} parameters in a block, {} sit in the one convolution that looks at more than a pixel. \
             No tensor of normalisation has more than {}.",
            Format::Int.number(total),
            Format::Percent(0).number(wide / total),
            Format::Int.number(largest_norm),
        ))
        .description(format!(
            "Horizontal bars on a logarithmic axis, one for each of the nine tensors of a bottleneck block. \
             The three convolutions have {} parameters, the six tensors of normalisation at most {}.",
            layers
                .iter()
                .filter(|(n, _)| n.starts_with("conv"))
                .map(|(_, p)| Format::Int.number(*p))
                .collect::<Vec<_>>()
                .join(", "),
            Format::Int.number(largest_norm),
        )))
}

fn lecture(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("lecture")?;
    let table = results.table("rows")?;
    let share = |row: &str, printed: &str, counted: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(0).number(cell(table, row, printed)? / cell(table, row, counted)?))
    };
    let names = table.texts("Network")?;
    let counts = table.numbers("Printed, M")?.into_iter().zip(table.numbers("Counted, M")?);
    let memory = table.numbers("Printed, GB")?.into_iter().zip(table.numbers("Counted, GiB")?);
    let rows = names.iter().zip(counts.zip(memory));
    let chart = BarChart::new(
        "Printed figures as a share of the counted ones",
        Axis::share("Printed ÷ counted").range(0.0, 1.1),
    )
    .groups(["parameters", "memory"]);
    let chart = rows
        .fold(chart, |chart, (name, ((p, c), (pm, cm)))| chart.row(name.clone(), [p / c, pm / cm]));
    Ok(chart
        .draw()?
        .caption(format!(
            "Ten of the twelve figures lie within {} of the count. The parameters of ResNet-152 are short by a \
             factor of ten, and the memory of Llama 3 8B by a tenth.",
            Format::Percent(0).number(largest_small_error(table)?),
        ))
        .description(format!(
            "Pairs of horizontal bars, parameters and memory, for the six networks of the lecture's table; all bars \
             reach about one hundred per cent but two: the parameters of ResNet152 reach {}, the memory of Llama 3 8B {}.",
            share("ResNet152", "Printed, M", "Counted, M")?,
            share("Llama 3 8B", "Printed, GB", "Counted, GiB")?,
        )))
}

/// The largest relative error among the figures that are not simply wrong, rounded up to a per cent.
fn largest_small_error(table: &Table) -> anyhow::Result<f64> {
    let error = |printed: &str, counted: &str| -> anyhow::Result<Vec<f64>> {
        let both = table.numbers(printed)?.into_iter().zip(table.numbers(counted)?);
        Ok(both.map(|(p, c)| (p / c - 1.0).abs()).collect())
    };
    let mut errors = error("Printed, M", "Counted, M")?;
    errors.extend(error("Printed, GB", "Counted, GiB")?);
    errors.sort_by(f64::total_cmp);
    let rest = errors.len().checked_sub(3).context("the table has rows")?;
    Ok((errors[rest] * 100.0).ceil() / 100.0)
}

fn parts(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("composition")?;
    let table = results.table("shares")?;
    let names = table.texts("Network")?;
    // Norms are too small to see alone: they are drawn with the channels' gates.
    let parts: [(&str, &[&str]); 6] = [
        ("embedding and head", &["embedding", "head"]),
        ("k×k convolution", &["k×k convolution"]),
        ("1×1 convolution", &["1×1 convolution"]),
        ("squeeze-excitation, norms", &["squeeze-excitation", "normalisation"]),
        ("attention", &["attention"]),
        ("feed-forward", &["feed-forward"]),
    ];
    let column = |joined: &[&str]| {
        let columns = joined.iter().map(|p| table.numbers(p)).collect::<Result<Vec<_>, _>>()?;
        anyhow::Ok(
            (0..names.len()).map(|i| columns.iter().map(|c| c[i]).sum()).collect::<Vec<f64>>(),
        )
    };
    let columns =
        parts.iter().map(|(_, joined)| column(joined)).collect::<anyhow::Result<Vec<_>>>()?;
    let chart = StackedBars::new("Where the parameters sit").parts(parts.map(|(name, _)| name));
    let rows = names.iter().enumerate();
    let chart =
        rows.fold(chart, |chart, (i, name)| chart.row(name.clone(), columns.iter().map(|c| c[i])));
    Ok(chart
        .draw()?
        .caption(
            "Each family keeps its parameters somewhere else: ResNet in its convolutions, MobileNetV3 in its head, \
             transformers in attention and more so in the feed-forward layers. The embedding matters most for small \
             language models.",
        )
        .description(format!(
            "Stacked bars of ten networks by part, each a whole. MobileNetV3-Large has {} in its head; GPT-2 has {} \
             in its embedding and GPT-3 175B {}; in every large transformer attention and feed-forward layers \
             together hold nearly everything.",
            Format::Percent(0).number(results.number("mobilenet/head")?),
            Format::Percent(0).number(results.number("gpt2/embedding")?),
            Format::Percent(1).number(results.number("gpt3/embedding")?),
        )))
}

fn embedding(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("composition")?;
    let series = results.series("embedding-share")?;
    let shares = &series.y.first().context("the series has a curve")?.values;
    let [first, last] = [shares.first(), shares.last()].map(|s| s.copied().unwrap_or_default());
    Ok(LineChart::new(
        "Share of the embeddings in the eight sizes of GPT-3",
        Axis::log("Parameters of the network").format(Format::Count(0)),
        Axis::share("Share of the embeddings").from_zero(),
    )
    .series(series)
    .height(320)
    .draw()?
    .caption(format!(
        "The vocabulary stays the same while the blocks grow: from the smallest GPT-3 to the largest the \
         embeddings shrink from {} of the network to {}.",
        Format::Percent(0).number(first),
        Format::Percent(1).number(last),
    ))
    .description(format!(
        "A falling curve over the eight sizes of GPT-3 on a logarithmic axis, from {} at the smallest to {} at the \
         largest.",
        Format::Percent(0).number(first),
        Format::Percent(1).number(last),
    )))
}

fn stages(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("composition")?;
    let table = results.table("stages")?;
    let rows = table
        .texts("Stage")?
        .into_iter()
        .zip(table.numbers("Parameters")?.into_iter().zip(table.numbers("Operations")?));
    let chart =
        BarChart::new("ResNet-152, part by part", Axis::share("Share of the network").from_zero())
            .groups(["parameters", "operations"])
            .values(Format::Percent(1));
    // The first batch normalisation and the pooling have next to nothing of either.
    let chart = rows
        .filter(|(_, (p, o))| p.max(*o) > 1e-4)
        .fold(chart, |chart, (name, (p, o))| chart.row(name, [p, o]));
    let percent = |key: &str| anyhow::Ok(Format::Percent(1).number(results.number(key)?));
    Ok(chart
        .draw()?
        .caption(format!(
            "Early parts have more of the work than of the weights, late ones less. The first stage does {} of the \
             operations with {} of the parameters; the last does {} with {}.",
            percent("first-stage/operations")?,
            percent("first-stage/parameters")?,
            percent("last-stage/operations")?,
            percent("last-stage/parameters")?,
        ))
        .description(
            "Pairs of horizontal bars, parameters and operations, for the parts of ResNet-152 from the first \
             convolution to the classifier. The third of the four stages holds most of both; before it the bars of \
             operations are longer, after it those of parameters.",
        ))
}

/// A family and its networks: name, parameters, and what they are plotted against.
struct Family {
    name: String,
    networks: Vec<(String, f64, f64)>,
}

impl Family {
    /// The family in a description: its years, and its smallest and its largest network.
    fn said(&self) -> String {
        let ends = |values: &dyn Fn(&(String, f64, f64)) -> f64, format: Format| {
            let values = || self.networks.iter().map(values);
            let (low, high) =
                (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
            let [low, high] = [low, high].map(|x| format.number(x));
            if low == high { low } else { format!("{low} to {high}") }
        };
        let (years, sizes) = (ends(&|n| n.2, Format::Plain), ends(&|n| n.1, Format::Count(0)));
        format!("{} of {years} with {sizes} parameters", self.name)
    }
}

/// The rows of the table of sizes in groups of one family, in the order of their first row.
fn families(results: &Results, y: &str) -> anyhow::Result<Vec<Family>> {
    let table = results.table("models")?;
    let (names, families) = (table.texts("Network")?, table.texts("Family")?);
    let (parameters, y) = (table.numbers("Parameters")?, table.numbers(y)?);
    let mut groups: Vec<Family> = Vec::new();
    for (i, name) in families.into_iter().enumerate() {
        let network = (names[i].clone(), parameters[i], y[i]);
        match groups.iter_mut().find(|f| f.name == name) {
            Some(family) => family.networks.push(network),
            None => groups.push(Family { name, networks: vec![network] }),
        }
    }
    Ok(groups)
}

/// Networks whose names are written beside their points; a figure with thirty names is a wall.
const NAMED: [&str; 10] = [
    "ResNet-18",
    "ResNet-152",
    "ViT-B/16",
    "ViT-B/32",
    "ViT-H/14",
    "GPT-2",
    "GPT-2 XL",
    "GPT-3 175B",
    "Llama 3 8B",
    "Llama 3.1 405B",
];

fn named(name: String) -> String {
    if NAMED.contains(&name.as_str()) { name } else { String::new() }
}

/// Families of one year stand side by side, so that they do not hide each other.
fn beside(family: &str) -> f64 {
    if family == "ViT" { 0.35 } else { 0.0 }
}

fn years(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("sizes")?;
    let chart = ScatterPlot::new(
        "Parameters of the book's networks by year",
        Axis::linear("Year").format(Format::Plain).range(2014.0, 2025.5),
        Axis::log("Parameters").format(Format::Count(0)),
    );
    let families = families(&results, "Year")?;
    let total: usize = families.iter().map(|family| family.networks.len()).sum();
    let said: Vec<String> = families.iter().map(Family::said).collect();
    let chart = families.into_iter().fold(chart, |chart, family| {
        let beside = beside(&family.name);
        let points = family.networks.into_iter();
        chart.group(
            family.name,
            points.map(|(name, p, year)| Point::new(named(name), year + beside, p)),
        )
    });
    Ok(chart
        .draw()?
        .caption(format!(
            "The largest network of the book has {} times the parameters of the smallest. Size is not a matter of \
             the year alone: the smallest network is four years younger than the first ResNets.",
            Format::Int.number((results.number("largest-to-smallest")? / 1000.0).round() * 1000.0),
        ))
        .description(format!(
            "A scatter plot of {total} networks, year against parameters on a logarithmic axis, by family; two families \
             of one year stand side by side. {}.",
            said.join("; "),
        )))
}

fn operations(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("sizes")?;
    let chart = ScatterPlot::new(
        "Operations for one input against parameters",
        Axis::log("Parameters").format(Format::Count(0)),
        Axis::log("Operations for an image or a token").format(Format::Si(0)),
    )
    .line("two operations per parameter", [(2.5e6, 5e6), (405.9e9, 811.8e9)]);
    let chart = families(&results, "Operations")?.into_iter().fold(chart, |chart, family| {
        let points = family.networks.into_iter();
        chart.group(family.name, points.map(|(name, p, o)| Point::new(named(name), p, o)))
    });
    let table = results.table("models")?;
    let rows = table.texts("Family")?.into_iter().zip(table.numbers("Per parameter")?);
    let images =
        rows.filter(|(family, _)| family != "GPT" && family != "Llama").map(|(_, reuse)| reuse);
    let (least, most) =
        images.fold((f64::INFINITY, 0_f64), |(low, high), x| (low.min(x), high.max(x)));
    Ok(chart
        .draw()?
        .caption(format!(
            "A language model spends about two operations on each parameter for a token. An image network uses each \
             weight at many places: ResNet-152 spends {} operations on a parameter.",
            Format::Int.number(results.number("resnet152/per-parameter")?),
        ))
        .description(
            format!(
            "A scatter plot on two logarithmic axes. All language models lie on the line of two \
             operations per parameter. ResNets, MobileNets and vision transformers lie far above it, \
             by factors between {} and {}.",
            Format::Int.number(least / 2.0),
            Format::Int.number(most / 2.0),
        )))
}

fn training(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("memory")?;
    let table = results.table("training")?;
    let parts = ["Weights", "Gradients", "Optimiser", "Activations"];
    let columns = parts.iter().map(|p| table.numbers(p)).collect::<Result<Vec<_>, _>>()?;
    let labels = table.texts("Network")?.into_iter().zip(table.texts("Batch")?);
    let chart =
        StackedBars::new("What fills the memory in training").parts(parts.map(str::to_lowercase));
    let chart = labels.enumerate().fold(chart, |chart, (i, (name, batch))| {
        chart.row(format!("{name}, {batch}"), columns.iter().map(|c| c[i]))
    });
    Ok(chart
        .draw()?
        .caption(format!(
            "In a convolutional network the activations of a batch are {} of what training needs. In a large \
             language model the state of the optimiser is the larger part.",
            Format::Percent(0).number(results.number("resnet50/activation-share")?),
        ))
        .description(format!(
            "Stacked bars of five networks by what fills the memory: weights, gradients, optimiser, activations. \
             Activations fall from {} for ResNet-50 to {} for Llama 3 8B.",
            Format::Percent(0).number(results.number("resnet50/activation-share")?),
            Format::Percent(0).number(results.number("llama3-8b/activation-share")?),
        )))
}

fn cache(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("memory")?;
    let series = results.series("cache")?;
    Ok(LineChart::new(
        "Size of the key-value cache",
        Axis::log(series.x_name.as_str()).format(Format::Count(0)),
        Axis::log("Cache, bf16").format(Format::Bytes(0)),
    )
    .series(series)
    .markers(false)
    .draw()?
    // lint: allow figure-number: names of models
    .caption(format!(
        "The cache grows with every token, and its slope is not a matter of size: Llama 2 7B caches {} for each \
         token, Llama 2 70B only {}, because eight query heads share each head of keys and values.",
        Format::Bytes(0).number(results.number("llama2-7b/cache-per-token")?),
        Format::Bytes(0).number(results.number("llama2-70b/cache-per-token")?),
    ))
    .description(
        "Five straight lines on logarithmic axes from a thousand tokens to a million. From top to bottom: GPT-3 \
         175B, Llama 2 7B, Llama 2 70B, GPT-2 XL, Llama 3 8B.",
    ))
}

fn bits(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("devices")?;
    let table = results.table("bits")?;
    let devices: Vec<_> = table.columns[1..].iter().map(|c| c.name.clone()).collect();
    let columns = devices.iter().map(|d| table.numbers(d)).collect::<Result<Vec<_>, _>>()?;
    let map = HeatMap::new(
        "Bits that each parameter may have",
        "Bits per parameter, at most 128",
        Format::Fixed(1),
    )
    .columns(devices)
    .range(0.05, 128.0)
    .log();
    let names = table.texts("Network")?;
    // More than 128 bits is enough for anything, training included; a longer number would only distract.
    let map = names
        .into_iter()
        .enumerate()
        .fold(map, |map, (i, name)| map.row(name, columns.iter().map(|c| c[i].min(128.0))));
    Ok(map
        .draw()?
        // lint: allow figure-number: bits of the types, defined
        .caption(format!(
            "A type fits where its bits do: 32 for f32, 16 for bf16, 4.5 for int4, and 128 for training. Llama 3 \
             70B on one accelerator may have {} bits per parameter: int8 runs, bf16 does not.",
            Format::Fixed(1).number(results.number("llama3-70b/bits-on-accelerator")?),
        ))
        // lint: allow figure-number: the end of the scale, chosen
        .description(
            "A heat map, networks by machines: how many bits of memory there are for each parameter. Image networks \
             have over 128 nearly everywhere; on a phone a model of eight billion has just over four; GPT-3 and \
             Llama 3.1 405B fit on eight accelerators only.",
        )
        .data(table.clone()))
}

fn ladder(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment(TIMINGS)?;
    let seconds = |key: &str| results.number(&format!("count_all/{key}"));
    let rungs = [
        ("every name written", "walk_naive"),
        ("every module built", "walk_tree"),
        ("every tensor visited", "walk_every_block"),
        ("one of equal blocks visited", "walk"),
        ("algebra", "closed_form"),
    ];
    let chart =
        BarChart::new("Counting all thirty networks", Axis::log("Time").format(Format::Duration));
    let chart = rungs.iter().try_fold(chart, |chart, (label, key)| {
        anyhow::Ok(chart.bar(*label, Bar::new(seconds(key)?)))
    })?;
    Ok(chart
        .draw()?
        .caption(format!(
            "Each rung does less: no names, no tree, one block instead of many, no walk. Algebra is {} times as fast \
             as writing every name. Measured on {}.",
            Format::Int.number((seconds("walk_naive")? / seconds("closed_form")? / 100.0).round() * 100.0),
            results.provenance.machine.describe(),
        ))
        .description(
            "Horizontal bars on a logarithmic axis, five ways to count all networks of the book, each faster than \
             the one before it.",
        ))
}
