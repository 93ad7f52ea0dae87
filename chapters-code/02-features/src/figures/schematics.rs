//! How three extractors look at pixels: a ring, a block of cells, a table of pairs. What they find is computed.

use notebook::figure::schematic::{
    Edge, Frame, Grid, Meaning, Node, Place, Schematic, Sketch, Words,
};
use notebook::{Figure, Format, Recorded};

use crate::glcm::{self, LEVELS};
use crate::lbp::{code_of, pattern_at};
use crate::{Hog, View};

/// A number as people write it.
fn number(x: f64) -> String {
    Format::Int.number(x)
}

/// A pixel and its neighbours: the pattern, and its number.
pub fn ring(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let levels = [80, 130, 160, 70, 100, 150, 60, 90, 120];
    let pattern = pattern_at(View::of_levels(3, 3, &levels), 1, 1);
    let bit = |i: usize| (pattern >> (i % 8)) & 1;
    let changes = (0..8).filter(|&i| bit(i) != bit(i + 1)).count();
    let figure = Schematic::new("A local binary pattern", (16.0, 6.2)).narrow((9.0, 11.8));
    let figure = figure.draw(|sheet| {
        let (grid, ring, radius) =
            sheet.pick(((0.5, 1.3), (9.2, 3.2), 2.3), ((2.4, 0.9), (4.5, 8.0), 2.4));
        let cells = levels.chunks(3).map(<[u8]>::to_vec);
        sheet.add(
            Grid::new(grid, 1.3, cells)
                .title("levels")
                .shade(|r, c| Some(f64::from(levels[3 * r + c]) / 256.0))
                .window((1, 1), (1, 1), Meaning::Focus),
        );
        let middle = Node::new(ring, number(f64::from(levels[4]))).meaning(Meaning::Focus);
        for i in 0..8 {
            let angle = std::f64::consts::FRAC_PI_4 * i as f64;
            let at = (ring.0 + radius * angle.cos(), ring.1 - radius * angle.sin());
            let meaning = if bit(i) == 1 { Meaning::Value } else { Meaning::Plain };
            let node = Node::new(at, bit(i).to_string()).meaning(meaning);
            sheet.add(Edge::new(&middle, &node).plain().meaning(Meaning::Quiet));
            sheet.add(node);
        }
        sheet.add(middle);
        let ones = format!("{} ones", pattern.count_ones());
        let (changes, code) =
            (format!("{changes} changes"), format!("number {}", code_of(pattern)));
        if sheet.is_narrow() {
            sheet.add(Words::middle((4.5, 11.3), [ones, changes, code].join(", ")));
        } else {
            let lines = [ones, changes, code].into_iter().zip([2.5, 3.2, 3.9]);
            sheet.all(lines.map(|(words, y)| Words::new((12.6, y), words)));
        }
    })?;
    Ok(figure
        .caption(format!(
            "Eight neighbours on a circle, read from the right against the clock. A bit is set where a neighbour's level is at least that of the middle. The ones lie in one piece, so the bits change {} times round the circle, and the pattern is number {}.",
            in_words(changes), code_of(pattern),
        ))
        .description(format!(
            "Left, nine levels around {} in the middle. Right, a circle of eight nodes with the bits {} around a node {}.",
            levels[4],
            (0..8).map(|i| bit(i).to_string()).collect::<Vec<_>>().join(", "),
            levels[4],
        )))
}

fn in_words(n: usize) -> String {
    ["no", "one", "two", "three", "four"]
        .get(n)
        .map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// Sixteen by sixteen pixels: four cells, their histograms, one block.
pub fn cells(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let side = 16;
    // A disc of high levels below on the right.
    let level = |y: usize, x: usize| {
        let away = (y as f64 - 11.0).hypot(x as f64 - 12.0);
        (40.0 + 180.0 / (1.0 + (1.2 * (away - 7.0)).exp())) as u8
    };
    let levels: Vec<u8> = (0..side * side).map(|i| level(i / side, i % side)).collect();
    let hog = Hog::DEFAULT;
    let histograms = hog.cell_histograms(View::of_levels(side, side, &levels));
    let bins = hog.orientations();
    let most = histograms.iter().copied().fold(0.0, f64::max);
    let figure = Schematic::new("Cells and a block", (16.0, 7.6)).narrow((9.0, 14.4));
    let figure = figure.draw(|sheet| {
        let (at, cell) = sheet.pick(((0.4, 1.0), 0.38), ((1.6, 0.8), 0.36));
        let pixels = Grid::empty(at, cell, side, side)
            .title("pixels")
            .shade(|r, c| Some(f64::from(levels[side * r + c]) / 256.0));
        let cells = [(0, 0), (0, 8), (8, 0), (8, 8)];
        let windowed =
            cells.iter().fold(pixels, |grid, &at| grid.window(at, (8, 8), Meaning::Focus));
        sheet.add(windowed);
        let (left, top) = sheet.pick((8.0, 1.0), (0.5, 7.9));
        let (wide, tall) = (3.6, 2.6);
        sheet.add(Words::new((left, top - 0.4), "votes of each cell, by angle"));
        for (i, votes) in histograms.chunks(bins).enumerate() {
            let corner =
                (left + (i % 2) as f64 * (wide + 0.6), top + (i / 2) as f64 * (tall + 0.7));
            histogram(sheet, corner, (wide, tall - 0.4), votes, most);
        }
    })?;
    let strongest = |i: usize| {
        let votes = &histograms[i * bins..(i + 1) * bins];
        let best = (0..bins).fold(0, |best, bin| if votes[bin] > votes[best] { bin } else { best });
        format!("{}°", number(best as f64 * 180.0 / bins as f64))
    };
    Ok(figure
        .caption(format!(
            "A disc of high levels in a block of two by two cells. Each cell counts its gradients by angle, from zero degrees on the left of its bars to {} on the right; the block is the {} numbers together.",
            number(180.0), number((4 * bins) as f64),
        ))
        .description(format!(
            "Left, a square of pixels in four framed cells, with a disc whose rim passes through all four. Right, four small bar charts of {} bars, \
             arranged like the cells. Their highest bars begin at {}, {}, {} and {}.",
            number(bins as f64), strongest(0), strongest(1), strongest(2), strongest(3),
        )))
}

/// Bars from the lower left: the votes of one cell.
fn histogram(
    sheet: &mut Sketch,
    (left, top): Place,
    (wide, tall): Place,
    votes: &[f64],
    most: f64,
) {
    let step = wide / votes.len() as f64;
    for (bin, vote) in votes.iter().enumerate() {
        let height = tall * vote / most;
        if height > 0.0 {
            let at = (left + bin as f64 * step, top + tall - height);
            sheet.add(Frame::new(at, (0.85 * step, height), "").meaning(Meaning::Value));
        }
    }
    sheet.add(Edge::new((left, top + tall), (left + wide, top + tall)).plain());
}

/// Haralick's own example: sixteen pixels of four levels, and their table of pairs.
pub fn pairs(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let levels = [0_u8, 0, 1, 1, 0, 0, 1, 1, 0, 2, 2, 2, 2, 2, 3, 3];
    // A level of the extractor is sixteen of the 256.
    let spread: Vec<u8> = levels.iter().map(|level| level * (256 / LEVELS) as u8).collect();
    let matrix = glcm::matrix(View::of_levels(4, 4, &spread), (1, 0));
    // Three pairs in each of four rows, each counted both ways round.
    let marks = 2.0 * 3.0 * 4.0;
    let count = |i: usize, j: usize| (matrix[LEVELS * i + j] * marks).round();
    let figure = Schematic::new("Pairs of neighbours, counted", (16.0, 6.1)).narrow((9.0, 11.9));
    let figure = figure.draw(|sheet| {
        let (left, right) = sheet.pick(((1.4, 1.2), (9.6, 1.2)), ((2.3, 0.9), (2.3, 7.0)));
        let cell = 1.15;
        sheet.add(
            Grid::new(left, cell, levels.chunks(4).map(<[u8]>::to_vec))
                .title("levels")
                .shade(|r, c| Some(f64::from(levels[4 * r + c]) / 4.0))
                .window((0, 1), (1, 2), Meaning::Focus),
        );
        let counts = (0..4).map(|i| (0..4).map(move |j| number(count(i, j))));
        sheet.add(
            Grid::new(right, cell, counts)
                .title("pairs")
                .heads(0..4)
                .sides(0..4)
                .window((0, 1), (1, 1), Meaning::Focus)
                .window((1, 0), (1, 1), Meaning::Focus),
        );
        let (from, to) = sheet.pick(((6.5, 3.5), (8.6, 3.5)), ((4.6, 5.7), (4.6, 6.35)));
        sheet.add(Edge::new(from, to));
    })?;
    let rows = (0..4).map(|i| (0..4).map(|j| number(count(i, j))).collect::<Vec<_>>().join(" "));
    Ok(figure
        .caption(format!(
            "The example of Haralick, Shanmugam and Dinstein: pixels of four levels, and how often each pair of levels stands side by side. The framed pair, {} beside {}, is counted in both framed cells. Divided by the {} marks, the table is P.",
            levels[1], levels[2], number(marks),
        ))
        .description(format!(
            "Left, four rows of four levels: {}. Right, a symmetric table of counts, row by row: {}.",
            levels.chunks(4).map(|row| row.iter().map(u8::to_string).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("; "),
            rows.collect::<Vec<_>>().join("; "),
        )))
}
