//! How worlds and codes look: drawn by the code that they explain.

use notebook::figure::schematic::{
    Edge, Grid, Key, Meaning, Node, Place, Schematic, Span, Strips, Words,
};
use notebook::{Figure, Recorded};

use crate::experiments::SET;
use crate::worlds::learners::Nearest;
use crate::worlds::{Cube, Family, Learner as _, Lesson, subsets};

/// The lesson that is drawn on three bits: the corners 000, 001, 011 and 110, the last two labelled 1.
const CORNERS: (u32, u32) = (0b0100_1011, 0b0100_1000);

/// A cube of three bits, with its training set and what the nearest neighbour makes of it.
pub fn cube(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let cube = Cube::new(3)?;
    let (set, labels) = CORNERS;
    let answer = Nearest.answer(&Lesson { cube: &cube, set, labels });
    let taught = |input: u32| set >> input & 1 == 1;
    let says = |input: u32| answer >> input & 1;
    let figure = Schematic::new("Eight inputs, four labels", (12.0, 6.6)).narrow((7.2, 6.8)).draw(
        |sheet| {
            let (left, foot, wide, tall) = sheet.pick((2.6, 5.5, 4.2, 3.1), (0.9, 5.6, 3.5, 3.0));
            let (aside, up) = sheet.pick((2.8, 1.5), (1.9, 1.6));
            let at = |input: u32| -> Place {
                let bit = |bit: u32| f64::from(input >> bit & 1);
                (left + bit(0) * wide + bit(2) * aside, foot - bit(1) * tall - bit(2) * up)
            };
            let node = |input: u32| {
                let (digits, says) = (cube.digits(input), says(input));
                let (label, meaning) = match taught(input) {
                    true => (format!("{digits}: {says}"), Meaning::Focus),
                    false => (format!("{digits}: {says}?"), Meaning::Quiet),
                };
                Node::new(at(input), label).square().meaning(meaning)
            };
            for input in 0..cube.inputs() {
                for bit in (0..3).filter(|bit| input >> bit & 1 == 0) {
                    let edge = Edge::new(&node(input), &node(input | 1 << bit));
                    sheet.add(edge.meaning(Meaning::Plain).plain());
                }
            }
            sheet.all((0..cube.inputs()).map(node));
        },
    )?;
    let list = |wanted: &dyn Fn(u32) -> bool| {
        let inputs = (0..cube.inputs()).filter(|input| wanted(*input));
        inputs.map(|input| cube.digits(input)).collect::<Vec<_>>().join(", ")
    };
    let unseen = cube.inputs() - set.count_ones();
    let (no, yes) = (0, 1);
    Ok(figure
        .caption(format!(
            "The inputs of three bits are the corners of a cube; neighbours differ in one bit. Those in thick frames are taught, with their labels behind the colon. \
             In the {unseen} dotted frames stands what the nearest neighbour says, with a question mark. {} targets agree with these labels, one for each way to fill the dotted corners.",
            1 << unseen,
        ))
        .description(format!(
            "A cube with a corner for each input. Taught and labelled {no}: {}. Taught and labelled {yes}: {}. Not taught: {}; of these the nearest neighbour says {yes} of {}.",
            list(&|input| taught(input) && says(input) == 0),
            list(&|input| taught(input) && says(input) == 1),
            list(&|input| !taught(input)),
            list(&|input| !taught(input) && says(input) == 1),
        )))
}

/// The sixteen targets of two bits: a column for each labelling, a row for each way to go on.
pub fn targets(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let cube = Cube::new(2)?;
    let unseen = cube.all() & !SET;
    let answer = |labels| Nearest.answer(&Lesson { cube: &cube, set: SET, labels });
    let digit = |table: u32, input: usize| table >> input & 1;
    let hits = |labels: u32| -> u32 {
        subsets(unseen).map(|rest| (!(answer(labels) ^ rest) & unseen).count_ones()).sum()
    };
    let figure = Schematic::new("All targets of two bits", (12.0, 8.3)).narrow((7.2, 8.6)).draw(
        |sheet| {
            let cell = sheet.pick(0.62, 0.6);
            let (left, apart) = sheet.pick((1.3, 2.7), (0.25, 1.8));
            for (column, labels) in subsets(SET).enumerate() {
                let x = left + apart * column as f64;
                for (row, rest) in subsets(unseen).enumerate() {
                    let target = labels | rest;
                    let at = (x, 0.9 + 1.6 * row as f64);
                    let cells = [0, 2].map(|i| [digit(target, i), digit(target, i + 1)]);
                    let mut grid =
                        Grid::new(at, cell, cells).window((0, 0), (1, 2), Meaning::Focus);
                    for input in 2..4 {
                        if digit(target, input) == digit(answer(labels), input) {
                            grid = grid.tint(1, input - 2, Meaning::Weight);
                        }
                    }
                    sheet.add(grid);
                }
                sheet.add(Words::middle(
                    (x + cell, 0.4),
                    format!("{} {}", digit(labels, 0), digit(labels, 1)),
                ));
                sheet.add(Words::middle((x + cell, 7.3), format!("{} of 8", hits(labels))));
            }
            sheet.add(
                Key::new((sheet.pick(1.3, 0.25), sheet.pick(7.95, 8.0)))
                    .entry(Meaning::Focus, "taught")
                    .entry(Meaning::Weight, "answered rightly"),
            );
        },
    )?;
    let all: u32 = subsets(SET).map(hits).sum();
    Ok(figure
        .caption(format!(
            "Every target of two bits, as a square of four labels: {} and {} above, {} and {} below. The upper two are taught. The targets of a column \
             have the same labels there, so the learner gives them the same answers; where an answer is right the cell is tinted. In each column half of the eight answers are right, \
             together {all} of {}.",
            cube.digits(0), cube.digits(1), cube.digits(2), cube.digits(3),
            2 * cube.targets(),
        ))
        .description(format!(
            "Four columns of four squares. In each square the upper two labels are framed as taught. Right answers in the columns: {} of eight each, {all} in all.",
            subsets(SET).map(|labels| hits(labels).to_string()).collect::<Vec<_>>().join(", "),
        )))
}

/// The order of the rows and of the columns in which neighbours lie side by side.
const GRAY: [u32; 4] = [0b00, 0b01, 0b11, 0b10];

/// Four targets of four bits, from smooth to rough.
pub fn roughness(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let cube = Cube::new(4)?;
    let (rough, leaves) = (Family::rough(&cube), Family::leaves(&cube));
    let where_it = |says: &dyn Fn(u32) -> bool| {
        (0..cube.inputs()).filter(|input| says(*input)).fold(0, |target, i| target | 1 << i)
    };
    let targets = [
        ("constant", 0),
        ("one bit", cube.half(3)),
        ("three or four ones", where_it(&|input| input.count_ones() >= 3)),
        ("an odd number", where_it(&|input| input.count_ones() % 2 == 1)),
    ];
    let figure =
        Schematic::new("From smooth to rough", (12.4, 4.6)).narrow((7.2, 8.8)).draw(|sheet| {
            let cell = sheet.pick(0.62, 0.62);
            for (place, (name, target)) in targets.iter().enumerate() {
                let place = place as f64;
                let at = sheet.pick(
                    (0.3 + 3.1 * place, 0.8),
                    (0.4 + 3.6 * (place % 2.0), 0.8 + 4.3 * (place / 2.0).floor()),
                );
                let said = |r: usize, c: usize| target >> (GRAY[r] << 2 | GRAY[c]) & 1;
                let cells = (0..4).map(|r| (0..4).map(move |c| said(r, c)));
                sheet.add(
                    Grid::new(at, cell, cells)
                        .shade(|r, c| Some(0.55 * f64::from(said(r, c))))
                        .title(*name),
                );
                let level = |family: &Family| family.levels[*target as usize];
                let (pairs, leaves) = (level(&rough), level(&leaves));
                let unit = if leaves == 1 { "leaf" } else { "leaves" };
                let foot = at.1 + 4.0 * cell;
                sheet.add(Words::new((at.0, foot + 0.4), format!("{pairs} pairs differ")));
                sheet.add(Words::new((at.0, foot + 0.9), format!("{leaves} {unit}")));
            }
        })?;
    let told = targets.map(|(name, target)| {
        let level = |family: &Family| family.levels[target as usize];
        format!("{name}: {} pairs, {} leaves", level(&rough), level(&leaves))
    });
    Ok(figure
        .caption(format!(
            "Four targets of four bits. Rows are the first two bits and columns the last two, in the order {}, so that neighbouring inputs lie side by side; the \
             last row is also next to the first, and so with columns. Below each: how many of the {} neighbouring pairs have different labels, and how many leaves the smallest decision tree has.",
            GRAY.map(|two| format!("{two:02b}")).join(", "),
            cube.bits() * cube.inputs() / 2,
        ))
        .description(format!("Four grids of four by four labels. {}.", told.join("; "))))
}

/// Blocks of doubling length: fitted to what lies before, each is coded.
pub fn blocks(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure =
        Schematic::new("Predict, then learn", (12.0, 4.2)).narrow((7.2, 4.2)).draw(|sheet| {
            let (left, wide) = sheet.pick((1.4, 10.3), (0.5, 6.5));
            let name = |number: u32| sheet.pick(format!("block {number}"), number.to_string());
            let fitted = |to| Span::new(0, to, "learn").meaning(Meaning::Weight);
            let coded = |from, to| Span::new(from, to, "code").meaning(Meaning::Focus);
            let strips = Strips::new((left, 0.7), (wide, 2.9), 8).heads([""; 8]);
            let strips = strips.row(name(1), [Span::new(0, 1, "die").meaning(Meaning::Value)]);
            let strips = strips.row(name(2), [fitted(1), coded(1, 2)]);
            let strips = strips.row(name(3), [fitted(2), coded(2, 4)]);
            sheet.add(strips.row(name(4), [fitted(4), coded(4, 8)]));
            sheet.add(Words::new((left, 0.35), "labels, in the order of the file"));
        })?;
    Ok(figure
        .caption(
            "A code that learns. The labels of the first block cost as much as throws of a die of ten sides. A model that has seen them predicts the second block, one that has seen \
             both predicts the third, twice as long, and so on. Who decodes can fit the same models, because they see only what was decoded before.",
        )
        .description(
            "Four strips over time. In the first a short block is coded by a die. In each that follows a longer beginning is learned from, and a block as long as that beginning is coded.",
        ))
}
