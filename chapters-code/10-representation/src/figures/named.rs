//! The network's stages, one of its blocks, and what it says of eight photographs.

use features::photographs::FOLDER;
use image::imageops::{FilterType, resize};
use notebook::figure::schematic::{Edge, Frame, Meaning, Place, Schematic, Words};
use notebook::figure::{Axis, BarChart, ImageGrid, Tile};
use notebook::{Chapter, Data, Figure, Format, Recorded, Results};

use crate::preprocess;

/// The side of a photograph in the figure, in pixels.
const SIDE: u32 = 96;
/// Photographs in a row.
const ACROSS: usize = 4;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("said", said).figure("block", block).figure("stages", stages)
}

fn percent(results: &Results, key: &str) -> anyhow::Result<String> {
    Ok(Format::Percent(0).number(results.number(key)?))
}

fn int(results: &Results, key: &str) -> anyhow::Result<String> {
    Ok(Format::Int.number(results.number(key)?))
}

/// The photographs, with the first name and its probability.
fn said(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("named")?;
    let names = results.table("said")?.texts("Photograph")?;
    let (mut tiles, mut words) = (Vec::new(), Vec::new());
    for name in &names {
        let image = preprocess::colours(&recorded.data(&format!("{FOLDER}/{name}.png")))?;
        let small = resize(&image, SIDE, SIDE, FilterType::Triangle);
        let (class, p) = (
            results.text(&format!("{name}/said"))?,
            percent(&results, &format!("{name}/probability"))?,
        );
        let side = SIDE as usize;
        tiles.push(Tile::rgb(side, side, small.into_raw()).caption(format!("{class}, {p}")));
        words.push(format!("{name}: {class}"));
    }
    let grid = tiles
        .chunks(ACROSS)
        .fold(ImageGrid::new("What the network says of eight photographs"), |grid, row| {
            grid.row("", row.to_vec())
        });
    Ok(grid
        .draw()?
        .caption(format!(
            "Below each photograph the class that EfficientNet-Lite0 finds most probable, and its probability. For the cat and for the cup there is a class. For the others there is none, and they are named all the same: the astronaut is called {}, with {}.",
            results.text("astronaut/said")?,
            percent(&results, "astronaut/probability")?,
        ))
        .description(format!("Eight photographs in two rows, each with a name below. {}.", words.join("; "))))
}

/// One block: its convolutions, with what is between them.
fn block(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("named")?;
    let read = |key: &str| int(&results, &format!("example/{key}"));
    let side = read("side")?;
    let shape = |channels: &str| format!("{channels} × {side} × {side}");
    let (thin, wide) = (shape(&read("expand/inputs")?), shape(&read("expand/outputs")?));
    let steps = [
        ("1 × 1, expand", "then ReLU6", read("expand/weights")?, wide.clone()),
        ("3 × 3, depthwise", "then ReLU6", read("depthwise/weights")?, wide),
        ("1 × 1, project", "no activation", read("project/weights")?, thin.clone()),
    ];
    let figure = Schematic::new("An inverted residual block", (20.0, 6.4)).narrow((9.0, 17.0));
    let figure = figure.draw(|sheet| {
        // Along the page, or down the phone.
        let along = |t: f64, across: f64| -> Place { sheet.pick((t, across), (across, t)) };
        let size = sheet.pick((3.6, 2.0), (4.6, 2.1));
        let middle = sheet.pick(3.6, 5.9);
        let corner = |t: f64| -> Place {
            let (half_width, half_height) = (size.0 / 2.0, size.1 / 2.0);
            let (x, y) = along(t, middle);
            (x - half_width, y - half_height)
        };
        let places = sheet.pick([4.3, 10.0, 15.7], [3.3, 7.7, 12.1]);
        let half = sheet.pick(size.0, size.1) / 2.0;
        let (start, end) = sheet.pick((0.5, 19.5), (0.7, 16.4));
        let mut from = start;
        let mut before = thin.clone();
        let (mut edges, mut words) = (Vec::new(), Vec::new());
        for (t, (_, _, _, after)) in places.into_iter().zip(&steps) {
            edges.push((from, t - half));
            words.push(((from + t - half) / 2.0, before.clone()));
            (from, before) = (t + half, after.clone());
        }
        let plus = sheet.pick(18.4, 14.75);
        edges.push((from, end));
        words.push((sheet.pick(18.6, 13.75), before));
        let round = sheet.pick(0.9, 1.2);
        let skip_from = sheet.pick(0.9, 1.25);
        let skip = Edge::new(along(skip_from, middle), along(plus, middle))
            .through([along(skip_from, round), along(plus, round)])
            .meaning(Meaning::Focus);
        let said = sheet.pick((10.0, 0.45), (2.2, 0.3));
        let parts: Vec<Edge> =
            edges.iter().map(|&(a, b)| Edge::new(along(a, middle), along(b, middle))).collect();
        let frames: Vec<Frame> = places
            .into_iter()
            .zip(&steps)
            .map(|(t, (name, note, _, _))| Frame::new(corner(t), size, *name).note(*note))
            .collect();
        let notes: Vec<Words> = places
            .into_iter()
            .zip(&steps)
            .map(|(t, (_, _, weights, _))| {
                let words = format!("{weights} weights");
                match sheet.is_narrow() {
                    true => Words::end((middle - 0.3, t + half + 0.45), words).small(),
                    false => Words::middle((t, middle + 1.6), words).small(),
                }
            })
            .collect();
        let last = words.len() - 1;
        let shapes: Vec<Words> = words
            .into_iter()
            .enumerate()
            .map(|(i, (t, words))| match (sheet.is_narrow(), i) {
                (true, _) => Words::new((middle + 0.3, t), words).small(),
                (_, 0) => Words::new((0.1, middle + 2.4), words).small(),
                (_, i) if i == last => Words::end((19.9, middle + 2.4), words).small(),
                _ => Words::middle((t, middle + 2.4), words).small(),
            })
            .collect();
        sheet.all(parts);
        sheet.add(skip);
        sheet.all(frames);
        sheet.all(notes);
        sheet.all(shapes);
        sheet.add(Words::middle(said, "the input is added").meaning(Meaning::Focus).small());
    })?;
    Ok(figure
        .caption(format!(
            "Block {} of the network. Few channels come in and go out; in between there are {}. Only the convolution in the middle looks at more than one pixel, at each channel by itself.",
            read("block")?,
            read("expand/outputs")?,
        ))
        .description(format!(
            "Three boxes in a line: a one by one convolution from {} to {} channels, a depthwise convolution, a one by one convolution back to {}. \
             An arrow leads from the input around all three and is added at the end.",
            read("expand/inputs")?,
            read("expand/outputs")?,
            read("project/outputs")?,
        )))
}

/// Shares of parameters and of multiply-adds, part by part.
fn stages(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("named")?;
    let table = results.table("parts")?;
    let (names, parameters, multiply_adds) =
        (table.texts("Part")?, table.numbers("Parameters")?, table.numbers("Multiply-adds")?);
    let totals = [parameters.iter().sum::<f64>(), multiply_adds.iter().sum::<f64>()];
    let axis = Axis::linear("Share of the whole").format(Format::Percent(0));
    let chart = BarChart::new("Where it computes, and where its parameters are", axis)
        .groups(["multiply-adds", "parameters"])
        .values(Format::Percent(1));
    // Blocks with outputs of as many channels stand together.
    let outputs = table.texts("Output")?;
    let channels = |i: &usize| outputs[*i].split(' ').next().unwrap_or_default();
    let all: Vec<usize> = (0..names.len()).collect();
    let stages = all.chunk_by(|a, b| channels(a) == channels(b));
    let chart = stages.fold(chart, |chart, stage| {
        let (first, last) = (stage[0], stage[stage.len() - 1]);
        let number = |i: usize| names[i].rsplit(' ').next().unwrap_or_default();
        let name = match stage.len() {
            1 => names[first].clone(),
            _ => format!("blocks {} to {}", number(first), number(last)),
        };
        let share =
            |numbers: &[f64], total: f64| stage.iter().map(|&i| numbers[i]).sum::<f64>() / total;
        chart.row(name, [share(&multiply_adds, totals[1]), share(&parameters, totals[0])])
    });
    Ok(chart
        .draw()?
        .caption(format!(
            "The parts of EfficientNet-Lite0 in order. Stem and first four blocks: {} of the multiply-adds and {} of the parameters. Head and last layer: {} and {}.",
            percent(&results, "early/multiply-adds")?,
            Format::Percent(1).number(results.number("early/parameters")?),
            percent(&results, "late/multiply-adds")?,
            percent(&results, "late/parameters")?,
        ))
        .description(format!(
            "Two bars for each part of the network. At the first blocks the bar of the multiply-adds is the longer one, at the last ones that of the parameters; the last layer has {} of the parameters.",
            Format::Percent(0).number(parameters.last().copied().unwrap_or(0.0) / totals[0]),
        )))
}
