//! How large the networks are, and where.

use notebook::figure::{Axis, Point, ScatterPlot, StackedBars};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::NAMES;
use crate::description::Kind;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("family", family).figure("stages", stages).figure("kinds", kinds)
}

fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

/// A network as people write it.
fn title(name: &str) -> String {
    match name.strip_prefix("resnet") {
        Some(depth) => format!("ResNet-{depth}"),
        None => name.replace("mobilenet_v3_", "MobileNetV3 "),
    }
}

/// Parameters against multiply-adds.
fn family(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("equal")?;
    let mut plot = ScatterPlot::new(
        "Seven networks by size and by work",
        Axis::log("Parameters").format(Format::Count(0)),
        Axis::log("Multiply-adds for one image").format(Format::Count(1)),
    );
    for (family, begins) in [("ResNet", "resnet"), ("MobileNetV3", "mobilenet")] {
        let of = NAMES.into_iter().filter(|name| name.starts_with(begins));
        let point = |name: &str| {
            let [x, y] = ["parameters", "multiply-adds"]
                .map(|what| results.number(&format!("{name}/{what}")));
            anyhow::Ok(Point::new(title(name), x?, y?))
        };
        plot = plot.group(family, of.map(point).collect::<anyhow::Result<Vec<_>>>()?);
    }
    Ok(plot
        .draw()?
        .caption(format!(
            "Parameters, and multiply-adds for an image of {0} × {0} pixels. ResNet-152 has {1} parameters and needs {2} multiply-adds; the small MobileNetV3 has {3} and needs {4}.",
            number(&results, "side", Format::Plain)?,
            number(&results, "resnet152/parameters", Format::Count(1))?,
            number(&results, "resnet152/multiply-adds", Format::Count(1))?,
            number(&results, "mobilenet_v3_small/parameters", Format::Count(1))?,
            number(&results, "mobilenet_v3_small/multiply-adds", Format::Count(1))?,
        ))
        .description(format!(
            "A scatter plot with two logarithmic axes. The residual networks stand in the order of their depth, from {} parameters and {} multiply-adds up to {} and {}. The large MobileNetV3 is at {} and {}, the small one at {} and {}.",
            number(&results, "resnet18/parameters", Format::Count(1))?,
            number(&results, "resnet18/multiply-adds", Format::Count(1))?,
            number(&results, "resnet152/parameters", Format::Count(1))?,
            number(&results, "resnet152/multiply-adds", Format::Count(1))?,
            number(&results, "mobilenet_v3_large/parameters", Format::Count(1))?,
            number(&results, "mobilenet_v3_large/multiply-adds", Format::Count(1))?,
            number(&results, "mobilenet_v3_small/parameters", Format::Count(1))?,
            number(&results, "mobilenet_v3_small/multiply-adds", Format::Count(1))?,
        )))
}

/// A row of shares for each of two things that are counted.
fn shares(results: &Results, name: &str, parts: &[(&str, &str)]) -> anyhow::Result<[Vec<f64>; 2]> {
    let of = |what: &str| -> anyhow::Result<Vec<f64>> {
        parts.iter().map(|(key, _)| Ok(results.number(&format!("{name}/{key}/{what}"))?)).collect()
    };
    Ok([of("parameters")?, of("multiply-adds")?])
}

/// Where in the residual networks the parameters are, and the multiply-adds.
fn stages(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    const PARTS: [(&str, &str); 6] = [
        ("conv1", "stem"),
        ("layer1", "stage 1"),
        ("layer2", "stage 2"),
        ("layer3", "stage 3"),
        ("layer4", "stage 4"),
        ("fc", "linear"),
    ];
    let results = recorded.experiment("equal")?;
    let mut bars = StackedBars::new("Where a residual network is large, and where it works")
        .parts(PARTS.map(|(_, name)| name));
    for name in ["resnet18", "resnet50", "resnet152"] {
        let [parameters, multiply_adds] = shares(&results, name, &PARTS)?;
        bars = bars
            .row(format!("{}, parameters", title(name)), parameters)
            .row(format!("{}, multiply-adds", title(name)), multiply_adds);
    }
    let percent = |key: &str| number(&results, key, Format::Percent(0));
    Ok(bars
        .draw()?
        .caption(format!(
            "Shares of parameters and multiply-adds by stage. In ResNet-50 the last stage has {} of the parameters and does {} of the work; the first stage has {} and does {}.",
            percent("resnet50/layer4/parameters")?,
            percent("resnet50/layer4/multiply-adds")?,
            percent("resnet50/layer1/parameters")?,
            percent("resnet50/layer1/multiply-adds")?,
        ))
        .description("Two bars for each of three networks, parameters above multiply-adds, each divided into the stem, four stages and the linear layer. In the bars of parameters the later stages take the most; in those of multiply-adds the early stages take larger shares than of the parameters."))
}

/// In which kinds of layer MobileNetV3's parameters are, and its multiply-adds.
fn kinds(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("equal")?;
    let mut bars = StackedBars::new("In which kinds of layer MobileNetV3 is large, and works")
        .parts(Kind::NAMES.map(|(_, name)| name));
    for name in ["mobilenet_v3_large", "mobilenet_v3_small"] {
        let [parameters, multiply_adds] = shares(&results, name, &Kind::NAMES)?;
        let size = name.trim_start_matches("mobilenet_v3_");
        bars = bars
            .row(format!("{size}, parameters"), parameters)
            .row(format!("{size}, multiply-adds"), multiply_adds);
    }
    let percent = |key: &str| number(&results, key, Format::Percent(0));
    Ok(bars
        .draw()?
        .caption(format!(
            "Shares by kind of layer. In the large network, convolutions of one by one do {} of the multiply-adds with {} of the parameters, depthwise ones {} with {}, and the gates {} with {}.",
            percent("mobilenet_v3_large/pointwise/multiply-adds")?,
            percent("mobilenet_v3_large/pointwise/parameters")?,
            percent("mobilenet_v3_large/depthwise/multiply-adds")?,
            percent("mobilenet_v3_large/depthwise/parameters")?,
            percent("mobilenet_v3_large/gate/multiply-adds")?,
            percent("mobilenet_v3_large/gate/parameters")?,
        ))
        .description("Two bars for each of two networks, parameters above multiply-adds, each divided by kind of layer. Convolutions of one by one take most of the multiply-adds in both; gates and the linear layers take large shares of the parameters and small ones of the multiply-adds."))
}
