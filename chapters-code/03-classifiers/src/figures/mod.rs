//! What the chapter draws, from recorded results only, and its schematics.

mod cost;
mod schematics;
mod trees;

use learning::fashion::{CLASSES, PIXELS, SIDE};
use notebook::figure::{Axis, Bar, BarChart, HeatMap, ImageGrid, LineChart, Tile};
use notebook::{Chapter, Figure, Format, Recorded};

use crate::experiments::{CONTENDERS, PLANE, SHOWN, SIZES};

/// What stays free on either side of what the search reached and the table claims.
const MARGIN: f64 = 0.01;

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    let chapter = trees::add(chapter)
        .figure("voting", schematics::voting)
        .figure("bells", schematics::bells)
        .figure("scores", schematics::scores)
        .figure("street", schematics::street)
        .figure("panels", schematics::panels);
    chapter
        .figure("near", near)
        .figure("dimension", dimension)
        .figure("classes", classes)
        .figure("floors", floors)
        .figure("waves", waves)
        .figure("boundaries", boundaries)
        .figure("ladder", ladder)
        .figure("sizes", sizes)
        .figure("lamp", lamp)
        .figure("speed", cost::speed)
        .figure("growth-samples", cost::growth_samples)
        .figure("growth-features", cost::growth_features)
        .figure("growth-classes", cost::growth_classes)
}

/// Two test garments and their neighbours.
fn near(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let seen = recorded.experiment("seen")?;
    let tile = |key: &str, class: &str| -> anyhow::Result<Tile> {
        Ok(Tile::from_hex(SIDE, &seen.text(key)?)?.caption(seen.text(class)?.to_lowercase()))
    };
    let mut grid = ImageGrid::new("Garments and their neighbours").columns(
        std::iter::once("asked".to_owned()).chain((1..=5).map(|place| format!("{place}."))),
    );
    for key in ["right", "wrong"] {
        let mut tiles = vec![tile(&format!("asked/{key}"), &format!("asked/{key}/class"))?];
        for place in 0..5 {
            let key = format!("near/{key}/{place}");
            tiles.push(tile(&key, &format!("{key}/class"))?);
        }
        grid = grid.row(if key == "right" { "right" } else { "wrong" }, tiles);
    }
    let class = |key: &str| -> anyhow::Result<String> { Ok(seen.text(key)?.to_lowercase()) };
    let answer = class("asked/wrong/answer")?;
    let near = (0..5).map(|place| class(&format!("near/wrong/{place}/class")));
    let near = near.collect::<anyhow::Result<Vec<_>>>()?;
    let votes = near.iter().filter(|class| **class == answer).count();
    Ok(grid
        .draw()?
        .caption(format!(
            "Two test garments and the five training garments that are nearest to them, pixel by pixel. The upper one is \
             called {}, which it is. The lower one, {}, is called {answer}, as {votes} of its neighbours are.",
            class("asked/right/answer")?,
            class("asked/wrong/class")?,
        ))
        .description("Two rows of six small pictures of garments: one that is asked about, and five that look much like it."))
}

/// How near the nearest point is in many dimensions.
fn dimension(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("dimension")?;
    let garments = results.number("garments")?;
    let percent = |x: f64| Format::Percent(0).number(x);
    let (line, flat) = (results.number("cube/1")?, results.number("cube/2")?);
    let high = results.number("cube/784")?;
    Ok(LineChart::new(
        "The nearest, measured by the farthest",
        Axis::log("Dimensions").format(Format::Int),
        Axis::share("Distance to the nearest over that to the farthest"),
    )
    .series(results.series("ratio")?)
    .reference(garments, "garments, 784 pixels")
    .draw()?
    .caption(format!(
        "In a cube of two dimensions the nearest of {} points lies, on average over {} others, at {} of the distance of the farthest, in one of {PIXELS} at {}. Garments \
         have as many pixels, and their nearest lies at {}.",
        Format::Int.number(results.number("remembered")?), Format::Int.number(results.number("new")?), percent(flat), percent(high), percent(garments),
    ))
    .description(format!(
        "A curve from {} in one dimension to {} in {PIXELS}, and a horizontal line for garments at {}.",
        percent(line), percent(high), percent(garments),
    )))
}

/// Means, deviations and weights as pictures.
fn classes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let seen = recorded.experiment("seen")?;
    let mut grid = ImageGrid::new("Four classes in two models")
        .columns(SHOWN.map(|class| CLASSES[class].to_lowercase()));
    for (label, key) in
        [("mean", "mean"), ("deviation", "deviation"), ("weights of softmax regression", "weights")]
    {
        let tiles = SHOWN.map(|class| -> anyhow::Result<Tile> {
            Ok(Tile::from_hex(SIDE, &seen.text(&format!("{key}/{class}"))?)?)
        });
        grid = grid.row(label, tiles.into_iter().collect::<anyhow::Result<Vec<_>>>()?);
    }
    Ok(grid
        .draw()?
        .caption(format!(
            "What two models know of pixels. Naive Bayes has a mean and a deviation for each pixel of a class: white is large. Softmax \
             regression has a weight: white speaks for the class, black against it, grey is nought. In one class {} of {} pixels \
             have hardly more deviation than the floor gives them.",
            Format::Int.number(seen.number("dead/most")?),
            Format::Int.number(seen.number("pixels")?),
        ))
        .description(
            "Three rows of four small pictures. Means look like blurred garments. Deviations are bright along outlines. Weights are \
             patterns of black and white in which the outline of the garment can be made out.",
        ))
}

/// Accuracy of naive Bayes by the floor under its variances.
fn floors(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("conventions")?;
    let percent = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(1).number(results.number(key)?))
    };
    Ok(LineChart::new(
        "The floor under the variances",
        Axis::log("Floor, as a share of the largest variance").format(Format::Scientific(0)),
        Axis::share("Accuracy of naive Bayes on pixels"),
    )
    .series(results.series("floors")?)
    .markers(true)
    .draw()?
    .caption(format!(
        "One number changes the result: with the default floor naive Bayes gets {} of the test garments \
         right, with the best of these {}.",
        percent("floor/1e-9")?,
        percent("floor/best")?
    ))
    .description(format!(
        "A curve of accuracy over six floors on a logarithmic axis, from {} at the lowest floor to {} at the highest.",
        percent("floor/1e-9")?,
        percent("floor/1e-1")?
    )))
}

/// The error of the kernel by the number of waves.
fn waves(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("waves")?;
    let number =
        |key: &str| -> anyhow::Result<String> { Ok(Format::Fixed(4).number(results.number(key)?)) };
    Ok(LineChart::new(
        "From waves to a kernel",
        Axis::log("Waves").format(Format::Int),
        Axis::log("Mean distance from the kernel"),
    )
    .series(results.series("errors")?)
    .markers(true)
    .draw()?
    .caption(format!(
        "Each step has fourfold the waves. Waves are drawn, so single steps stray; over all of them the slope is {}.",
        Format::Fixed(2).number(results.number("slope")?)
    ))
    .description(format!(
        "A falling line on two logarithmic axes, from {} with the fewest waves to {} with the most.",
        number("error/16")?,
        number("error/65536")?
    )))
}

/// Who says shirt where.
fn boundaries(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("boundaries")?;
    let tile = |model: &crate::experiments::Contender| -> anyhow::Result<Tile> {
        let picture = results.text(&format!("picture/{}", model.key))?;
        Ok(Tile::from_hex(PLANE, &picture)?.caption(model.name))
    };
    let tiles = CONTENDERS.iter().map(tile).collect::<anyhow::Result<Vec<_>>>()?;
    let accuracies = CONTENDERS.iter().map(|model| -> anyhow::Result<String> {
        let found = results.number(&format!("accuracy/{}", model.key))?;
        Ok(format!("{} {}", model.name, Format::Percent(1).number(found)))
    });
    let accuracies = accuracies.collect::<anyhow::Result<Vec<_>>>()?.join(", ");
    let lines = tiles.chunks(4).map(<[Tile]>::to_vec);
    Ok(lines
        .fold(ImageGrid::new("Shirt or T-shirt, on one plane"), |grid, line| grid.row("", line))
        .draw()?
        .caption(format!(
            "The two directions in which gradients of shirts and T-shirts spread most. Where it is light, the model says shirt; white dots are test \
             shirts, black dots test T-shirts. Right on this plane: {accuracies}."
        ))
        .description(
            "Small squares, each divided into a light and a dark part, with white and black dots mixed along the border. Softmax regression and the linear \
             machine have a straight border, naive Bayes a curved one, trees a staircase, neighbours a ragged one with islands.",
        ))
}

/// The ladder of models and inputs.
fn ladder(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("ladder")?;
    let table = results.table("accuracy")?;
    let names = table.columns.iter().skip(1).map(|column| column.name.clone());
    let mut map = HeatMap::new("Models and inputs", "Accuracy", Format::Percent(1)).columns(names);
    let mut all = Vec::new();
    for row in &table.rows {
        let label = row.first().map_or_else(String::new, ToString::to_string);
        let cells: Vec<f64> = row.iter().skip(1).filter_map(notebook::Scalar::number).collect();
        all.extend(&cells);
        map = map.row(label, cells.into_iter().map(Some));
    }
    let points = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Points(1).number(results.number(key)?))
    };
    let percent = |x: f64| Format::Percent(1).number(x);
    Ok(map
        .draw()?
        .caption(format!(
            "Test accuracy on Fashion-MNIST. On pixels the best and the worst model lie {} apart, on gradients of two sizes with pixels {}.",
            points("spread/pixels")?,
            points("spread/all")?
        ))
        .description(format!(
            "A table of models and three inputs, with accuracies from {} to {}.",
            percent(all.iter().copied().fold(1.0, f64::min)),
            percent(all.iter().copied().fold(0.0, f64::max)),
        )))
}

/// Learning curves.
fn sizes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("sizes")?;
    let percent = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(1).number(results.number(key)?))
    };
    let [few, .., most] = SIZES;
    Ok(LineChart::new(
        "What more garments buy, on gradients",
        Axis::log("Garments learned from").format(Format::Int),
        Axis::share("Accuracy on test garments"),
    )
    .series(results.series("curves")?)
    .draw()?
    .caption(format!(
        "With {} garments {} has the most test garments right. With {}, random waves reach {}, naive Bayes {}.",
        Format::Int.number(few as f64),
        results.text("few/best")?,
        Format::Int.number(most as f64),
        percent(&format!("accuracy/waves/{most}"))?,
        percent(&format!("accuracy/bayes/{most}"))?
    ))
    .description(format!(
        "A curve with a band for each model, over the garments learned from. That of naive Bayes ends at {}.",
        percent(&format!("accuracy/bayes/{most}"))?
    )))
}

/// What the search reached, beside what the table claims.
fn lamp(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("lamp")?;
    let claimed = results.number("claimed")?;
    let (mut least, mut most, mut bars) = (claimed, claimed, Vec::new());
    for (name, key) in
        [("as they are", "accuracy/once"), ("with mirrored garments", "accuracy/mirrored")]
    {
        let reached = results.number(key)?;
        let (low, high) = results.value(key)?.interval.unwrap_or((reached, reached));
        (least, most) = (least.min(low), most.max(high));
        bars.push((name, Bar::new(reached).interval(low, high)));
    }
    let axis = Axis::share("Accuracy on test garments").range(least - MARGIN, most + MARGIN);
    let mut chart = BarChart::new("The best under the lamp", axis)
        .values(Format::Percent(1))
        .reference(claimed, "the table");
    for (name, bar) in bars {
        chart = chart.bar(name, bar);
    }
    let interval = |key: &str, format: Format| -> anyhow::Result<String> {
        Ok(format.apply_interval(&results.value(key)?)?)
    };
    Ok(chart
        .draw()?
        .caption(format!(
            "{} settings were tried on a part of the training set. The best was fitted to all of it, without mirrored garments and with them, and each \
             fit looked at the test set once. From the one to the other the accuracy changes by {}. The axis does not begin at zero.",
            Format::Int.number(results.number("settings")?),
            interval("gain", Format::Points(1))?,
        ))
        .description(format!(
            "Two marks with whiskers, {} and {}, and a line at what the table claims, {}.",
            interval("accuracy/once", Format::Percent(1))?,
            interval("accuracy/mirrored", Format::Percent(1))?,
            Format::Percent(1).number(claimed),
        )))
}
