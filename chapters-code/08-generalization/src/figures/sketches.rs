//! Pictures of garments, and schematics of what is done to a network.

use learning::fashion::SIDE;
use notebook::figure::schematic::{Edge, Frame, Meaning, Node, Plane, Schematic, Side, Words};
use notebook::figure::{ImageGrid, Tile};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::experiments::pictures::{EPOCHS, SHARES};

/// Adds them.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("shuffled", shuffled)
        .figure("moved", moved)
        .figure("mixed", mixed)
        .figure("halves", halves)
        .figure("hooks", hooks)
        .figure("walk", walk)
}

fn tile(results: &Results, key: &str) -> anyhow::Result<Tile> {
    Ok(Tile::from_hex(SIDE, &results.text(key)?)?)
}

fn row(results: &Results, key: &str, count: usize) -> anyhow::Result<Vec<Tile>> {
    (0..count).map(|i| tile(results, &format!("{key}/{i}"))).collect()
}

fn shuffled(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("pictures")?;
    let mut grid = ImageGrid::new("Garments out of order");
    for (key, name) in
        [("plain", "as they are"), ("alike", "shuffled alike"), ("each", "each its own way")]
    {
        grid = grid.row(name, row(&results, key, 4)?);
    }
    Ok(grid
        .draw()?
        .caption("Four garments. In the second row the pixels of all are shuffled in one and the same way, so that what belongs together is in the same places in each. In the third each is shuffled in a way of its own, and only the greys are left.")
        .description("Three rows of four pictures: garments, and below them noise. In the second row the four patterns of noise have places in common that are always black; in the third they have none."))
}

fn moved(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("pictures")?;
    let first = tile(&results, "plain/2")?.caption("as it is");
    let epochs = row(&results, "moved", EPOCHS as usize)?;
    let epochs =
        epochs.into_iter().zip(1..).map(|(tile, epoch)| tile.caption(format!("epoch {epoch}")));
    Ok(ImageGrid::new("One garment in five epochs")
        .row("", std::iter::once(first).chain(epochs))
        .draw()?
        .caption("Shifted by up to two pixels in each direction, and mirrored or not, both by lot. Each of these five epochs shows the network another picture.")
        .description("Six pictures of one garment: as it is, and five times a little beside its place, some of them mirrored."))
}

fn mixed(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("pictures")?;
    let tiles = row(&results, "mixed", SHARES.len())?;
    let tiles = tiles
        .into_iter()
        .zip(SHARES)
        .map(|(tile, share)| tile.caption(Format::Percent(0).number(share)));
    Ok(ImageGrid::new("From one garment to another")
        .row("", tiles)
        .draw()?
        .caption("Mixtures of two garments. Below each stands the share of the first.")
        .description("Five pictures: the first garment alone, three mixtures in which the second shines through more and more, and the second alone."))
}

/// Which hidden units of the small network are kept, in two steps.
const KEPT: [[bool; 4]; 2] = [[true, false, true, true], [false, true, true, false]];

fn halves(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    Ok(Schematic::new("Two steps with dropout", (12.0, 5.6))
        .narrow((6.4, 11.0))
        .draw(|sheet| {
            for (step, kept) in KEPT.into_iter().enumerate() {
                let (left, top) = sheet.pick((6.0 * step as f64, 0.0), (0.2, 5.4 * step as f64));
                sheet.add(Words::middle((left + 3.0, top + 0.5), format!("step {}", step + 1)));
                let at = |x: f64, y: f64| (left + x, top + y);
                let inputs = [1.9, 3.1, 4.3].map(|y| Node::new(at(0.8, y), "x"));
                let output = Node::new(at(5.2, 3.1), "z");
                for (i, kept) in kept.into_iter().enumerate() {
                    let y = 1.4 + 1.15 * i as f64;
                    let unit = match kept {
                        true => Node::new(at(3.0, y), "2a").meaning(Meaning::Value),
                        false => Node::new(at(3.0, y), "0").square(),
                    };
                    if kept {
                        for input in &inputs {
                            sheet.add(Edge::new(input, &unit));
                        }
                        sheet.add(Edge::new(&unit, &output));
                    }
                    sheet.add(unit);
                }
                sheet.all(inputs);
                sheet.add(output);
            }
        })?
        .caption("The same network in two steps, with a share of one half. A unit that is dropped answers nought, its arrows carry nothing, and neither does their gradient; one that is kept answers twice its activation.")
        .description("Two networks side by side, each of three inputs, four hidden units and one output. Some of the hidden units, others in each, are squares with a nought and have no arrows; the others answer 2a."))
}

fn hooks(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    Ok(Schematic::new("Where each regulariser stands", (13.5, 4.8))
        .narrow((6.8, 11.2))
        .draw(|sheet| {
            let at = |wide, narrow| sheet.pick(wide, narrow);
            let size = (2.9, 1.2);
            let focus = |wide, narrow, name: &str, note: &str| {
                Frame::new(at(wide, narrow), size, name).note(note).meaning(Meaning::Focus)
            };
            let plain = |wide, narrow, name: &str| Frame::new(at(wide, narrow), size, name);
            let samples = plain((0.2, 0.3), (0.2, 0.3), "samples");
            let network = plain((3.6, 0.3), (0.2, 3.0), "network");
            let loss = plain((7.0, 0.3), (0.2, 5.7), "loss");
            let rule = plain((10.4, 0.3), (0.2, 8.4), "rule");
            let mixing = focus((0.2, 3.2), (3.7, 0.3), "changed", "moved, mixed");
            let dropout = focus((3.6, 3.2), (3.7, 3.0), "dropout", "in training");
            let smoothing = focus((7.0, 3.2), (3.7, 5.7), "smoothing", "of the target");
            let decay = focus((10.4, 3.2), (3.7, 8.4), "after it", "decay, stopping");
            for (from, to) in [(&samples, &network), (&network, &loss), (&loss, &rule)] {
                sheet.add(Edge::new(from, to));
            }
            for (from, to) in
                [(&mixing, &samples), (&dropout, &network), (&smoothing, &loss), (&decay, &rule)]
            {
                sheet.add(Edge::new(from, to).meaning(Meaning::Focus));
            }
            sheet.all([samples, network, loss, rule, mixing, dropout, smoothing, decay]);
        })?
        .caption("A step of training, and where the chapter's regularisers reach into it. None of them changes the engine or the trainer: each stands at a place where something may be exchanged.")
        .description("Four boxes joined by arrows: samples, network, loss, rule. To each leads an arrow from a box below it: samples that are moved and mixed, dropout, smoothing of the target, and what comes after the rule, which are decay, the mean of the weights and stopping."))
}

fn walk(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    // A walk that jumps around the middle of a bowl, from side to side.
    let steps = [
        (2.6, 1.5),
        (-1.6, 1.0),
        (1.5, -0.9),
        (-1.2, -1.0),
        (0.9, 1.1),
        (-1.1, 0.5),
        (1.3, -0.4),
        (-0.6, -1.1),
        (0.8, 0.9),
        (-1.3, 0.3),
        (1.0, -0.9),
    ];
    let late = &steps[3..];
    let mean = late.iter().fold((0.0, 0.0), |sum, at| {
        (sum.0 + at.0 / late.len() as f64, sum.1 + at.1 / late.len() as f64)
    });
    let length = |(x, y): (f64, f64)| x.hypot(y);
    let nearest = late.iter().map(|&at| length(at)).fold(f64::INFINITY, f64::min);
    Ok(Schematic::new("A walk and its mean", (12.0, 7.0))
        .narrow((6.4, 6.4))
        .draw(|sheet| {
            let (place, size) = sheet.pick(((1.0, 0.3), (10.0, 6.4)), ((0.3, 0.3), (5.8, 5.8)));
            let circle = |r: f64| {
                (0..=48).map(move |i| {
                    let t = f64::from(i) / 24.0 * std::f64::consts::PI;
                    (r * t.cos(), 0.75 * r * t.sin())
                })
            };
            let mut plane = Plane::new(place, size, (-3.0, 3.0), (-2.0, 2.0));
            for r in [0.6, 1.3, 2.1, 2.8] {
                plane = plane.curve(circle(r), Meaning::Plain);
            }
            plane = plane.curve(steps, Meaning::Value);
            for at in steps {
                plane = plane.point(at, 0, "", Side::Right);
            }
            sheet.add(plane.point(mean, 1, "mean", Side::Below));
        })?
        .caption(format!(
            "A drawing, not a measurement: weights that jump from side to side of a valley. The mean of the last {} places lies {} from the middle, and the nearest of them {}.",
            late.len(),
            Format::Fixed(2).number(length(mean)),
            Format::Fixed(2).number(nearest),
        ))
        .description("Contours of a bowl, a path of points that leaps from side to side around its middle, and one other mark near the middle, the mean."))
}
