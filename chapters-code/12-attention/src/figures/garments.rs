//! The small vision transformer, and what it is worth beside a convolutional network.

use notebook::figure::schematic::{Edge, Frame, Grid, Meaning, Place, Schematic, Words};
use notebook::figure::{Axis, Bar, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use crate::experiments::garments::SIZES;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("small-vit", small).figure("garments-right", right).figure("garments-gap", gap)
}

/// A recorded number in a format.
fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

/// The network, part by part, with its sizes.
fn small(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = &*recorded.experiment("garments")?;
    let int = |key: &str| number(results, key, Format::Int);
    let (tokens, width, layers) = (int("vit/tokens")?, int("vit/width")?, int("vit/layers")?);
    let (heads, hidden, patch) = (int("vit/heads")?, int("vit/hidden")?, int("vit/patch")?);
    let steps = [
        ("one layer".to_owned(), format!("to {width} numbers"), Meaning::Weight),
        ("class, places".to_owned(), format!("{tokens} tokens"), Meaning::Weight),
        (format!("block, {layers} times"), format!("{heads} heads, {hidden}"), Meaning::Focus),
        ("norm, layer".to_owned(), "class token".to_owned(), Meaning::Weight),
    ];
    let figure = Schematic::new("A vision transformer for garments", (20.0, 5.2));
    let figure = figure.narrow((9.0, 15.4)).draw(|sheet| {
        let narrow = sheet.is_narrow();
        let corner = sheet.pick((0.7, 1.2), (3.1, 0.9));
        let image = Grid::empty(corner, 0.4, 7, 7).window((2, 3), (1, 1), Meaning::Focus);
        let size = sheet.pick((3.2, 1.9), (5.2, 1.6));
        let middle = |i: usize| -> Place {
            match narrow {
                true => (4.5, 5.6 + 2.5 * i as f64),
                false => (5.8 + 4.05 * i as f64, 2.6),
            }
        };
        let end = |i: usize, side: f64| -> Place {
            let (x, y) = middle(i);
            match narrow {
                true => (x, y + side * size.1 / 2.0),
                false => (x + side * size.0 / 2.0, y),
            }
        };
        let mut from = sheet.pick((3.5, 2.6), (4.5, 3.7));
        for (i, (label, note, meaning)) in steps.iter().enumerate() {
            sheet.add(Edge::new(from, end(i, -1.0)));
            let (x, y) = middle(i);
            let at = (x - size.0 / 2.0, y - size.1 / 2.0);
            sheet.add(Frame::new(at, size, label.as_str()).note(note.as_str()).meaning(*meaning));
            from = end(i, 1.0);
        }
        sheet.add(image);
        let words = sheet.pick((2.1, 4.7), (4.5, 0.45));
        sheet.add(Words::middle(words, format!("patches of {patch} × {patch}")).small());
        if narrow {
            sheet.add(Words::middle((4.5, 14.75), "ten numbers, one for each class").small());
        }
    })?;
    Ok(figure
        .caption(format!(
            "A garment becomes {tokens} tokens of {width} numbers, the class token included. Each of {layers} blocks has {heads} heads, and {hidden} numbers between its two layers. The answer is read from the class token. There are {} parameters.",
            int("vit/parameters")?
        ))
        .description(
            "A square of seven by seven patches, and from it a chain of four boxes: a layer that makes tokens, the class token and positions, the blocks, and a normalisation with the last layer.",
        ))
}

fn right(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = &*recorded.experiment("garments")?;
    let (first, last) = (SIZES[0], SIZES[SIZES.len() - 1]);
    let percent = |key: &str| number(results, key, Format::Percent(1));
    Ok(LineChart::new(
        "Garments to learn from, and test garments named right",
        Axis::log("Garments to learn from").format(Format::Int),
        Axis::linear("Named right").format(Format::Percent(0)),
    )
    .series(results.series("right")?)
    .draw()?
    .caption(format!(
        "As many parameters and about as many steps for each point; {} seeds. The bands speak of other seeds and of other garments. The networks are compared by their paired difference in the next figure, not by these bands.",
        number(results, "seeds", Format::Int)?,
    ))
    .description(format!(
        "Two rising curves over {} garments. The vision transformer goes from {} to {}, the convolutional network from {} to {}.",
        results.series("right")?.span(Format::Int),
        percent(&format!("vit/{first}/right"))?,
        percent(&format!("vit/{last}/right"))?,
        percent(&format!("cnn/{first}/right"))?,
        percent(&format!("cnn/{last}/right"))?,
    )))
}

/// A bar with the interval of a recorded number.
fn interval(results: &Results, key: &str) -> anyhow::Result<Bar> {
    let value = results.value(key)?;
    let bar = Bar::new(results.number(key)?);
    Ok(value.interval.map_or(bar, |(low, high)| bar.interval(low, high)))
}

fn gap(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = &*recorded.experiment("garments")?;
    let axis = Axis::linear("Convolutional network minus vision transformer, paired");
    let mut chart = BarChart::new(
        "By how much the convolutional network is ahead",
        axis.format(Format::Points(0)),
    )
    .values(Format::Points(1));
    for garments in SIZES {
        let name = format!("{} garments", Format::Int.number(garments as f64));
        chart = chart.bar(name, interval(results, &format!("gap/{garments}"))?);
    }
    let points = |key: &str| number(results, key, Format::Points(1));
    let (first, last) = (SIZES[0], SIZES[SIZES.len() - 1]);
    Ok(chart
        .draw()?
        .caption(format!(
            "Test garment by test garment and seed by seed: {} with the fewest garments to learn from, {} with the most.",
            points(&format!("gap/{first}"))?,
            points(&format!("gap/{last}"))?,
        ))
        .description(format!(
            "A bar with whiskers for each number of garments, from zero: {}.",
            SIZES
                .iter()
                .map(|garments| points(&format!("gap/{garments}")))
                .collect::<anyhow::Result<Vec<_>>>()?
                .join(", ")
        )))
}
