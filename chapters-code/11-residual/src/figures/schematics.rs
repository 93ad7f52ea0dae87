//! Drawings of blocks, with the numbers of the description.

use anyhow::Context as _;
use notebook::figure::schematic::{Edge, Frame, Meaning, Node, Place, Schematic, Sketch, Words};
use notebook::{Chapter, Figure, Format, Recorded};

use crate::description::{Convolution, Gate, Model, Part, Residual};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("blocks", blocks).figure("inverted", inverted)
}

fn int(n: usize) -> String {
    Format::Int.number(n as f64)
}

/// The block in which there is a layer of that name.
fn block<'a>(model: &'a Model, layer: &str) -> anyhow::Result<&'a Residual> {
    let holds = |part: &Part| matches!(part, Part::Convolution(c) if c.name == layer);
    let found = model.parts.iter().find_map(|part| match part {
        Part::Residual(residual) if residual.branch.iter().any(holds) => Some(residual),
        _ => None,
    });
    found.with_context(|| format!("there is no block with {layer}"))
}

fn convolutions(block: &Residual) -> Vec<&Convolution> {
    let parts = block.branch.iter();
    parts.filter_map(|part| if let Part::Convolution(c) = part { Some(c) } else { None }).collect()
}

/// A box for a convolution.
fn frame(c: &Convolution, at: Place, size: Place) -> Frame {
    let label = format!("{0} × {0}", c.window);
    let note = match c.groups {
        1 => format!("{} → {}", int(c.inputs), int(c.outputs)),
        _ => format!("{}, each", int(c.outputs)),
    };
    Frame::new(at, size, label).note(note).meaning(Meaning::Weight)
}

/// A basic block and a bottleneck, one beside the other.
fn blocks(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let [basic, deep] = [crate::model("resnet34")?, crate::model("resnet152")?];
    let [basic, deep] = [block(&basic, "layer3.1.conv1")?, block(&deep, "layer3.1.conv1")?];
    let [basic, deep] = [convolutions(basic), convolutions(deep)];
    let figure = Schematic::new("Two kinds of residual block", (16.0, 9.9)).narrow((9.0, 18.6));
    let figure = figure.draw(|sheet| {
        let places = sheet.pick([(1.6, 0.5), (9.6, 0.5)], [(2.4, 0.5), (2.4, 8.6)]);
        column(sheet, places[0], "basic, in ResNet-34", &basic);
        column(sheet, places[1], "bottleneck, in ResNet-152", &deep);
    })?;
    let weights =
        |all: &[&Convolution]| int(all.iter().map(|c| c.shape().iter().product::<usize>()).sum());
    let wide = [&basic, &deep].map(|all| int(all.last().map_or(0, |c| c.outputs)));
    let written = |all: &[&Convolution]| {
        let one = |c: &&Convolution| {
            format!("{0} by {0}, {1} to {2} channels", c.window, int(c.inputs), int(c.outputs))
        };
        all.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    Ok(figure
        .caption(format!(
            "The second block of the third stage, in two networks. In a box stand the window, and the channels before and after. The basic block has {} weights on {} channels, the bottleneck {} on {}. Normalisation stands behind every convolution, ReLU behind all but the last, and again behind the sum.",
            weights(&basic), wide[0], weights(&deep), wide[1],
        ))
        .description(format!(
            "Two columns of boxes, each with a thick line from above the first box around all of them to a plus below the last. The first column has {}. The second has {}.",
            written(&basic), written(&deep),
        )))
}

/// The convolutions of a block one below another, a way around them, and the sum.
fn column(sheet: &mut Sketch, (left, top): Place, title: &str, all: &[&Convolution]) {
    let (size, step) = ((4.8, 1.35), 1.95);
    let x = left + size.0 / 2.0;
    sheet.add(Words::middle((x, top), title));
    let begin = (x, top + 0.5);
    let branch = (x, top + 0.95);
    let first = top + 1.45;
    let frames: Vec<Frame> = all
        .iter()
        .enumerate()
        .map(|(i, c)| frame(c, (left, first + step * i as f64), size))
        .collect();
    let foot = first + step * all.len() as f64 + 0.25;
    let plus = Node::new((x, foot), "+").meaning(Meaning::Focus);
    let Some(one) = frames.first() else { return };
    sheet.add(Edge::new(begin, one));
    for (i, frame) in frames.iter().enumerate() {
        match frames.get(i + 1) {
            Some(next) => sheet.add(Edge::new(frame, next)),
            None => sheet.add(Edge::new(frame, &plus)),
        }
    }
    let around = left - 0.8;
    let skip = Edge::new(branch, &plus).through([(around, branch.1), (around, foot)]);
    sheet.add(skip.meaning(Meaning::Focus));
    sheet.add(Edge::new(&plus, (x, foot + 1.1)));
    sheet.all(&frames);
    sheet.add(&plus);
}

/// An inverted residual with its gate.
fn inverted(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let model = crate::model("mobilenet_v3_large")?;
    let block = block(&model, "features.5.block.0.0")?;
    let gate = block.branch.iter().find_map(|part| match part {
        Part::Gate(gate) => Some(gate),
        _ => None,
    });
    let gate = gate.context("the block has no gate")?;
    let all = convolutions(block);
    let [expand, depthwise, project] = all[..] else {
        anyhow::bail!("an inverted residual has three convolutions")
    };
    let figure =
        Schematic::new("An inverted residual with its gate", (19.6, 6.8)).narrow((9.0, 18.4));
    let figure = figure.draw(|sheet| {
        let size = sheet.pick((2.4, 1.9), (2.9, 1.5));
        let places = sheet.pick(
            [(1.1, 2.15), (3.95, 2.15), (15.3, 2.15)],
            [(1.55, 1.4), (1.55, 3.6), (1.55, 13.6)],
        );
        let frames: Vec<Frame> = all.iter().zip(places).map(|(c, at)| frame(c, at, size)).collect();
        let (begin, end) = sheet.pick(((0.1, 3.1), (19.5, 3.1)), ((3.0, 0.2), (3.0, 18.2)));
        let branch = sheet.pick((0.65, 3.1), (3.0, 0.85));
        let times = Node::new(sheet.pick((14.4, 3.1), (3.0, 12.4)), "×");
        let plus = Node::new(sheet.pick((18.6, 3.1), (3.0, 16.6)), "+").meaning(Meaning::Focus);
        sheet.add(Edge::new(begin, &frames[0]));
        sheet.add(Edge::new(&frames[0], &frames[1]));
        sheet.add(Edge::new(&frames[1], &times));
        sheet.add(Edge::new(&times, &frames[2]));
        sheet.add(Edge::new(&frames[2], &plus));
        sheet.add(Edge::new(&plus, end));
        let corners = sheet.pick([(0.65, 0.7), (18.6, 0.7)], [(0.6, 0.85), (0.6, 16.6)]);
        let skip = Edge::new(branch, &plus).through(corners).meaning(Meaning::Focus);
        sheet.add(
            sheet.pick(skip.clone().above(format!("x, {} channels", int(expand.inputs))), skip),
        );
        beside(sheet, gate, &times);
        sheet.all(frames);
        sheet.all([times, plus]);
    })?;
    Ok(figure
        .caption(format!(
            "A block of MobileNetV3: {} channels become {}, each of them is filtered by itself through a window of {} × {}, and {} are left. The gate takes the mean of each channel, and its two layers give each channel a factor from nought to one. The input is added where it has the shape of the output.",
            int(expand.inputs), int(expand.outputs), depthwise.window, depthwise.window, int(project.outputs),
        ))
        .description(format!(
            "Three boxes with weights in a row: {0} to {1} channels, a window on each of {1}, {1} to {2}. From behind the second box a second way leads through a mean, a layer from {1} to {3} numbers and a layer back to {1}, and to a node with a times sign before the third box. A thick line leads around everything to a plus.",
            int(expand.inputs), int(expand.outputs), int(project.outputs), int(gate.squeezed),
        )))
}

/// The gate, beside the way from the second convolution to the third.
fn beside(sheet: &mut Sketch, gate: &Gate, times: &Node) {
    let leave = sheet.pick((6.6, 3.1), (3.0, 5.8));
    let (wide, narrow) = (int(gate.channels), int(gate.squeezed));
    let sizes = sheet.pick([(1.6, 1.7), (2.4, 1.7), (2.4, 1.7)], [(3.0, 1.5); 3]);
    let places = sheet
        .pick([(6.9, 4.65), (8.85, 4.65), (11.6, 4.65)], [(5.4, 6.3), (5.4, 8.2), (5.4, 10.1)]);
    let named = [
        ("mean", wide.clone(), Meaning::Plain),
        ("ReLU", format!("{wide} → {narrow}"), Meaning::Weight),
        ("hard σ", format!("{narrow} → {wide}"), Meaning::Weight),
    ];
    let frames: Vec<Frame> = named
        .into_iter()
        .zip(places.into_iter().zip(sizes))
        .map(|((name, note, meaning), (at, size))| {
            Frame::new(at, size, name).note(note).meaning(meaning)
        })
        .collect();
    let corner = sheet.pick((6.6, 5.5), (6.9, 5.8));
    let first = Edge::new(leave, &frames[0]);
    // Wide, the way goes down and then right; on a phone right and then down.
    sheet.add(first.through([corner]));
    sheet.add(Edge::new(&frames[0], &frames[1]));
    sheet.add(Edge::new(&frames[1], &frames[2]));
    let back = sheet.pick((14.4, 5.5), (6.9, 12.4));
    sheet.add(Edge::new(&frames[2], times).through([back]));
    sheet.all(frames);
}
