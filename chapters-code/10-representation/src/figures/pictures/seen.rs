//! Filters and exciting patches.

use convolution::filters::{Filter, KINDS};
use image::imageops::{self, FilterType};
use notebook::figure::{Axis, ImageGrid, LineChart, StackedBars, Tile};
use notebook::{Figure, Format, Recorded, Results};

use super::parts::{int, number, percent, tile};
use crate::experiments::pictures::excites;
use crate::lite0::description::SIDE;
use crate::patches;

/// The filters, those with the largest share of colour first, and that share.
fn sorted(results: &Results) -> anyhow::Result<Vec<(Vec<f64>, f64)>> {
    let curves = &results.series("filters")?.y;
    let energy = |w: &[f64]| w.iter().map(|w| w * w).sum::<f64>();
    let share = |w: &[f64]| {
        let grey: Filter = std::array::from_fn(|k| (w[k] + w[9 + k] + w[18 + k]) / 3.0);
        1.0 - 3.0 * energy(&grey) / energy(w).max(f64::MIN_POSITIVE)
    };
    let mut all: Vec<(Vec<f64>, f64)> =
        curves.iter().map(|c| (c.values.clone(), share(&c.values))).collect();
    // The faint ones last.
    let most = all.iter().map(|(w, _)| energy(w)).fold(0.0, f64::max);
    let faint = |w: &[f64]| energy(w) <= crate::experiments::pictures::filters::FAINT * most;
    all.sort_by(|a, b| faint(&a.0).cmp(&faint(&b.0)).then(b.1.total_cmp(&a.1)));
    Ok(all)
}

/// A filter of three colours as a picture: the middle of the levels is nothing.
fn coloured(w: &[f64]) -> Tile {
    let most = w.iter().fold(1e-12, |m: f64, w| m.max(w.abs()));
    let level = |k: usize, c: usize| (127.5 + 127.5 * w[9 * c + k] / most).round() as u8;
    let pixels = (0..9).flat_map(|k| [0, 1, 2].map(|c| level(k, c)));
    Tile::rgb(3, 3, pixels.collect::<Vec<_>>())
}

pub fn filters(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("filters")?;
    let all = sorted(&results)?;
    let mut grid = ImageGrid::new("The filters that read the photograph");
    for (row, some) in all.chunks(8).enumerate() {
        let first = 8 * row + 1;
        let name = format!("{first} to {}", first + some.len() - 1);
        grid = grid.row(name, some.iter().map(|(w, _)| coloured(w)).collect::<Vec<_>>());
    }
    Ok(grid
        .draw()?
        .caption(format!(
            "The {} filters of the first layer, each drawn with its own largest weight at full strength. Those with the largest share of their energy outside grey come first; the last {} are so faint that they answer next to nothing.",
            int(&results, "count")?,
            int(&results, "faint")?,
        ))
        .description(format!(
            "Rows of {} small squares of three by three pixels in colour. The first ones are nearly of one hue each; in those after \
             them a pixel or a line stands out from the others.",
            int(&results, "count")?
        )))
}

pub fn kinds(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("filters")?;
    let mut chart = StackedBars::new("What the grey parts of the filters are made of").parts(KINDS);
    for (name, key) in [("all filters", "all"), ("mostly grey ones", "grey")] {
        let parts = KINDS.map(|kind| results.number(&format!("{key}/{}", kind.replace(' ', "-"))));
        chart = chart.row(name, parts.into_iter().collect::<Result<Vec<_>, _>>()?);
    }
    chart = chart.row("random numbers", [1.0, 2.0, 3.0, 3.0].map(|ninths| ninths / 9.0));
    Ok(chart
        .draw()?
        .caption(format!(
            "Mean shares of the energy of the grey part. Second differences, to which lines and spots belong, have {} in all filters that answer at all, and {} in random numbers.",
            percent(&results, "all/second-difference")?,
            percent(&results, "second/by-chance")?,
        ))
        .description(format!(
            "Three bars, each divided in four: mean, gradient, second difference, rest. The gradient has {}, {} and {} of them.",
            percent(&results, "all/gradient")?,
            percent(&results, "grey/gradient")?,
            percent(&results, "gradient/by-chance")?,
        )))
}

pub fn early(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("excites")?;
    let [first, second] = [excites::DRAWN[0], excites::DRAWN[1]];
    Ok(patches_of(recorded, [first, second])?
        .caption(format!(
            "The patches that excite the first channels of blocks {first} and {second} most, out of {} squares of the photographs, at most one from each. A row is a channel. A number of block {first} looks at {} pixels a side, one of block {second} at {}.",
            int(&results, "cuts")?,
            int(&results, &format!("block/{first}/field"))?,
            int(&results, &format!("block/{second}/field"))?,
        ))
        .description("Rows of small squares cut out of photographs. On the left a few pixels each: edges and spots. On the right larger ones: textures, rims and strokes."))
}

pub fn late(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("excites")?;
    let [first, second] = [excites::DRAWN[2], excites::DRAWN[3]];
    Ok(patches_of(recorded, [first, second])?
        .caption(format!(
            "The same for the first channels of blocks {first} and {second}. A number of block {first} looks at {} pixels a side; one of block {second} looks at all of the square, which is why whole squares are shown.",
            int(&results, &format!("block/{first}/field"))?,
        ))
        .description("Rows of squares cut out of photographs: parts of a cat, of a cup, of a face, of stars and of surfaces, many of them from one photograph in a row."))
}

/// The patches of the drawn channels of two blocks, side by side.
fn patches_of(recorded: &Recorded<'_>, blocks: [usize; 2]) -> anyhow::Result<Figure> {
    let results = recorded.experiment("excites")?;
    let photographs = patches::photographs(recorded)?;
    let cuts = excites::cuts(&photographs);
    let table = results.table("patches")?;
    let column = |name: &str| -> anyhow::Result<Vec<usize>> {
        Ok(table.numbers(name)?.into_iter().map(|x| x as usize).collect())
    };
    let [block, channel, cut] = [column("Block")?, column("Channel")?, column("Cut")?];
    let [row, col] = [column("Row")?, column("Column")?];
    let mut grid = ImageGrid::new(format!("What excites blocks {} and {}", blocks[0], blocks[1]));
    let heads = blocks.map(|b| (1..=excites::PATCHES).map(move |k| format!("block {b}, no. {k}")));
    grid = grid.columns(heads.into_iter().flatten().collect::<Vec<_>>());
    for c in 0..excites::CHANNELS {
        let mut tiles = Vec::new();
        for b in blocks {
            for i in (0..block.len()).filter(|&i| block[i] == b && channel[i] == c) {
                let picture = cuts[cut[i]].look(&photographs, SIDE as u32);
                let [rows, columns] =
                    [row[i], col[i]].map(|place| patches::field(b, place, SIDE).within(SIDE));
                let (w, h) = (columns[1] - columns[0], rows[1] - rows[0]);
                let [x, y, w, h] = [columns[0], rows[0], w, h].map(|n| n as u32);
                let patch = imageops::crop_imm(&picture, x, y, w, h).to_image();
                let side = w.max(h).min(96);
                tiles.push(tile(imageops::resize(&patch, side, side, FilterType::Triangle)));
            }
        }
        grid = grid.row("", tiles);
    }
    Ok(grid.draw()?)
}

pub fn particular(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("excites")?;
    Ok(LineChart::new(
        "From how many photographs do a channel's patches come?",
        Axis::linear("Block (0: the first layer)").format(Format::Int),
        Axis::linear("Largest share from one photograph").format(Format::Percent(0)).range(0.0, 1.0),
    )
    .series(results.series("particular")?)
    .reference(results.number("chance")?, "squares by lot")
    .draw()?
    .caption(format!(
        "Of the {} squares that excite a channel most, the largest share that comes from one photograph, in the mean over the block's channels, with intervals over the channels. In the last block it is {} after training and {} without.",
        int(&results, "top")?,
        percent(&results, "last/share")?,
        percent(&results, "last/untrained")?,
    ))
    .description(format!(
        "Two curves with bands over the blocks. Trained, it goes from {} to {}; untrained, from {} to {}. A level line at {} shows squares that were drawn by lot.",
        percent(&results, "stem/share")?,
        percent(&results, "last/share")?,
        percent(&results, "stem/untrained")?,
        percent(&results, "last/untrained")?,
        number(&results, "chance", Format::Percent(0))?,
    )))
}
