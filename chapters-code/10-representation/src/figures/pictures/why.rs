//! Occlusion, maps from gradients, and the deletion test.

use notebook::figure::schematic::{Edge, Frame, Grid, Meaning, Schematic, Words};
use notebook::figure::{Axis, ImageGrid, LineChart};
use notebook::{Figure, Format, Recorded};

use super::parts::{int, percent, photograph, through, tile};
use crate::experiments::pictures::deletion as experiment;
use crate::experiments::pictures::shown::SHOWN;
use crate::patches;

/// How an occlusion map is made.
pub fn covering(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (cells, covered) = (6, 2);
    let figure = Schematic::new("How an occlusion map is made", (16.0, 5.6)).narrow((9.0, 12.6));
    let figure = figure.draw(|sheet| {
        let (first, frame, second) =
            sheet.pick(((0.3, 1.2), (6.1, 2.0), (12.0, 1.2)), ((0.5, 1.0), (2.6, 5.5), (0.5, 8.8)));
        let cell = 0.6;
        let size = (3.0, 2.0);
        let square = |grid: Grid| grid.window((1, 3), (covered, covered), Meaning::Focus);
        let shade = |r: usize, c: usize| {
            let hidden = (1..1 + covered).contains(&r) && (3..3 + covered).contains(&c);
            hidden.then_some(0.6)
        };
        sheet.add(square(Grid::empty(first, cell, cells, cells).title("picture").shade(shade)));
        sheet.add(Frame::new(frame, size, "network").note("asked again"));
        let mark = Grid::empty(second, cell, cells, cells).title("map");
        sheet.add(mark.tint(1, 3, Meaning::Focus).window((1, 3), (1, 1), Meaning::Focus));
        if sheet.is_narrow() {
            sheet.add(Edge::new((4.5, 4.7), (4.5, 5.4)));
            sheet.add(Edge::new((4.5, 7.6), (4.5, 8.3)));
            sheet.add(Words::new((4.9, 7.9), "p − p(covered)").meaning(Meaning::Focus));
        } else {
            sheet.add(Edge::new((4.0, 3.0), (6.0, 3.0)));
            sheet.add(Edge::new((9.2, 3.0), (11.9, 3.0)).above("p − p(covered)"));
        }
    })?;
    Ok(figure
        .caption("A square of the picture is covered, and the network is asked again. What the class's probability has lost is written where the square was. Then the square moves on.")
        .description("A grid of cells with a framed, filled square of two by two cells; an arrow to a box called network; an arrow to a second grid, in which one cell is filled at the place of the square."))
}

pub fn occlusion(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("occlusion")?;
    let photographs = patches::photographs(recorded)?;
    let mut grid = ImageGrid::new("What the probability rests on").columns([
        "photograph",
        "small square",
        "large square",
        "untrained network",
    ]);
    for (place, key) in SHOWN {
        let image = photograph(&photographs, place);
        let maps = results.series(&format!("{key}/maps"))?;
        let mut tiles = vec![tile(image.clone())];
        for name in ["small", "large", "untrained"] {
            tiles.push(through(&image, &maps.get(name)?.values));
        }
        grid = grid.row(results.text(&format!("{key}/class"))?, tiles);
    }
    Ok(grid
        .draw()?
        .caption(format!(
            "Each photograph seen through its maps: it stays where covering costs the most probability, and fades where it costs nothing, or brings some. The squares are {} and {} pixels wide. The rows are named by the class in question.",
            int(&results, "small")?,
            int(&results, "large")?,
        ))
        .description(format!(
            "Two rows of four pictures: a cat and a cup of coffee; then only the parts of them that matter. Covering costs at most {} of probability for the cat and {} for the cup with the large square.",
            percent(&results, "chelsea/large/most")?,
            percent(&results, "coffee/large/most")?,
        )))
}

pub fn maps(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("deletion")?;
    let photographs = patches::photographs(recorded)?;
    let mut grid = ImageGrid::new("Four maps of one answer").columns([
        "photograph",
        "occlusion",
        "gradient",
        "gradient, averaged",
        "Grad-CAM",
    ]);
    for (place, key) in SHOWN {
        let image = photograph(&photographs, place);
        let maps = results.series(&format!("{key}/maps"))?;
        let mut tiles = vec![tile(image.clone())];
        for (method, _) in experiment::METHODS.iter().take(4) {
            tiles.push(through(&image, &maps.get(method)?.values));
        }
        grid = grid.row("", tiles);
    }
    Ok(grid
        .draw()?
        .caption(format!(
            "The same photographs seen through four maps of {} parts each, for the class that the network names. They do not agree on where it looks.",
            int(&results, "cells")?
        ))
        .description("Two rows of five pictures: a cat and a cup of coffee, and of each four times those parts that a map calls important."))
}

pub fn deletion(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("deletion")?;
    let fixed = |key: &str| super::parts::number(&results, key, Format::Fixed(2));
    Ok(LineChart::new(
        "What is left when the most important parts are covered",
        Axis::linear("Share of the picture that is covered").format(Format::Percent(0)),
        Axis::linear("Probability of the class, relative").from_zero().format(Format::Fixed(1)),
    )
    .series(results.series("grey/curves")?)
    .draw()?
    .caption(format!(
        "Mean over {} pictures, covered with grey. The area under the curve is {} in the order of occlusion, {} in that of the gradient, {} in that of Grad-CAM and {} by lot.",
        int(&results, "pictures")?,
        fixed("grey/occlusion/area")?,
        fixed("grey/gradient/area")?,
        fixed("grey/grad-cam/area")?,
        fixed("grey/random/area")?,
    ))
    .description(format!(
        "Six curves over the share that is covered, one for each order. They begin at one and end near zero. The area is {} by lot and {} from the middle outwards.",
        fixed("grey/random/area")?,
        fixed("grey/middle/area")?,
    )))
}
