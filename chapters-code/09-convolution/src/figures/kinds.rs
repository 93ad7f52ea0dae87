//! Windows of convolutions of every kind, drawn.

use notebook::figure::schematic::{Grid, Meaning, Schematic, Sketch, Words};
use notebook::{Chapter, Figure, Recorded, Table};

/// Adds them.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("windows", windows).figure("groups", groups).figure("spread", spread)
}

/// A picture in which some pixels are looked at.
fn picture(sheet: &mut Sketch, at: (f64, f64), title: &str, seen: &[(usize, usize)]) {
    let mut grid = Grid::empty(at, 0.42, 7, 7).title(title);
    for &(row, column) in seen {
        grid = grid.tint(row, column, Meaning::Weight);
    }
    sheet.add(grid);
}

fn square(step: usize, side: usize) -> Vec<(usize, usize)> {
    let first = 3 - step * (side / 2);
    (0..side * side).map(|k| (first + step * (k / side), first + step * (k % side))).collect()
}

fn windows(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let mut data = Table::new(["Window", "Weights", "Pixels a side that it reaches over"]);
    for (name, step, side) in [("1 × 1", 1, 1), ("3 × 3", 1, 3), ("3 × 3, dilation 2", 2, 3)] {
        data.row([name.into(), (side * side).into(), (step * (side - 1) + 1).into()]);
    }
    Ok(Schematic::new("Which pixels one output sees", (11.4, 4.2))
        .narrow((7.6, 8.2))
        .draw(|sheet| {
            let [a, b, c] = sheet.pick(
                [(0.3, 0.9), (4.1, 0.9), (7.9, 0.9)],
                [(0.3, 0.9), (4.1, 0.9), (0.3, 4.9)],
            );
            picture(sheet, a, "1 × 1", &square(1, 1));
            picture(sheet, b, "3 × 3", &square(1, 3));
            picture(sheet, c, "3 × 3, dilation 2", &square(2, 3));
        })?
        .data(data)
        .caption("The pixels that the output in the middle sees, tinted. With holes nine weights see five pixels a side.")
        .description("Three pictures of seven by seven pixels. In the first the pixel in the middle is tinted, in the second nine pixels around it, in the third nine pixels with a gap of one between them."))
}

fn groups(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    // Outputs down, inputs to the right; a cell is a window of weights.
    let kinds: [(&str, usize); 3] = [("all channels", 1), ("2 groups", 2), ("depthwise", 4)];
    let mut data = Table::new(["Kind", "Inputs that an output sees"]);
    for (name, groups) in kinds {
        data.row([name.into(), (4 / groups).into()]);
    }
    Ok(Schematic::new("Which channels an output sees", (11.4, 3.8))
        .narrow((7.6, 7.6))
        .draw(|sheet| {
            let at = sheet.pick(
                [(0.9, 1.2), (4.7, 1.2), (8.5, 1.2)],
                [(0.9, 1.2), (4.7, 1.2), (0.9, 5.0)],
            );
            for ((name, groups), at) in kinds.into_iter().zip(at) {
                let mut grid = Grid::empty(at, 0.55, 4, 4).title(name);
                let of = 4 / groups;
                for row in 0..4 {
                    for column in (0..4).filter(|column| column / of == row / of) {
                        grid = grid.tint(row, column, Meaning::Weight);
                    }
                }
                sheet.add(grid.hollow(move |row, column| row / of != column / of));
            }
        })?
        .data(data)
        .caption("A row for each of four outputs, a column for each of four inputs. A tinted cell is a window of weights; where the cell is dotted there are none.")
        .description("Three grids of four by four cells. In the first all cells are tinted, in the second two blocks of two by two on the diagonal, in the third the diagonal alone."))
}

/// How many windows of this side, two pixels apart, reach each of the pixels in the middle of a row.
fn reached(side: usize) -> [usize; 8] {
    std::array::from_fn(|i| (0..20).filter(|j| (2 * j..2 * j + side).contains(&(i + 10))).count())
}

fn spread(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let row = |side| -> Vec<String> { reached(side).iter().map(ToString::to_string).collect() };
    let [three, four] = [3, 4].map(reached);
    Ok(Schematic::new("How often a transposed convolution writes", (9.0, 3.9))
        .draw(|sheet| {
            sheet.add(Words::new((0.4, 0.5), "window of 3, stride 2"));
            sheet.add(Grid::new((0.4, 0.9), 0.7, [row(3)]));
            sheet.add(Words::new((0.4, 2.3), "window of 4, stride 2"));
            sheet.add(Grid::new((0.4, 2.7), 0.7, [row(4)]));
        })?
        .caption(format!(
            "How many windows write to each pixel of a row. Where the side is no multiple of the stride, pixels get {} and {} by turns; where it is, all get {}.",
            three[0].max(three[1]),
            three[0].min(three[1]),
            four[0],
        ))
        .description(format!(
            "Two rows of eight cells with numbers. The first has {} and {} by turns, the second {} everywhere.",
            three[0], three[1], four[0],
        )))
}
