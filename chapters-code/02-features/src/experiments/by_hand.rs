//! One patch of four by four pixels through four extractors, in numbers small enough for paper.

use notebook::{Recorder, Table};

use crate::glcm::{LEVELS, PROPERTIES, matrix, properties};
use crate::{Hog, Hu, View, hu, lbp};

/// Side of the patch.
pub const SIDE: usize = 4;

/// The lower right corner of the patch is bright: an edge that runs from the lower left to the upper right.
pub const PATCH: [u8; SIDE * SIDE] =
    [48, 52, 66, 72, 50, 60, 70, 196, 58, 68, 200, 206, 70, 198, 204, 212];

/// Every number of the hand examples.
pub fn by_hand(recorder: &mut Recorder) -> anyhow::Result<()> {
    let patch = View::of_levels(SIDE, SIDE, &PATCH);
    recorder.table("patch", square(|i| f64::from(PATCH[i])));
    moments(recorder, patch);
    patterns(recorder, patch)?;
    pairs(recorder, patch);
    gradients(recorder, patch)
}

/// A number for each pixel.
fn square(of: impl Fn(usize) -> f64) -> Table {
    let mut table = Table::new(
        std::iter::once("Row".to_owned()).chain((0..SIDE).map(|c| format!("Column {c} | int"))),
    );
    for row in 0..SIDE {
        let numbers = (0..SIDE).map(|column| of(SIDE * row + column).into());
        table.row(std::iter::once(row.to_string().into()).chain(numbers));
    }
    table
}

/// The weight, the centre and the first invariant of the patch.
fn moments(recorder: &mut Recorder, patch: View<'_>) {
    let central = Hu::RAW.central(patch);
    recorder.value("moments/weight", central.m00);
    recorder.value("moments/row", central.centroid.0);
    recorder.value("moments/column", central.centroid.1);
    let spread = (central.m20 + central.m02) / central.m00;
    recorder.value("moments/spread", spread);
    recorder.value("moments/first", hu::invariants(&central)[0]);
}

/// Neighbours of two pixels round the circle, and the codes of all.
fn patterns(recorder: &mut Recorder, patch: View<'_>) -> anyhow::Result<()> {
    let places =
        ["right", "upper right", "up", "upper left", "left", "lower left", "down", "lower right"];
    let mut table = Table::new([
        "Neighbour",
        "Level beside 60 | fixed 1",
        "Bit beside 60",
        "Level beside 200 | fixed 1",
        "Bit beside 200",
    ]);
    let two = [(1, 1), (2, 2)];
    for (bit, place) in places.iter().enumerate() {
        let mut cells = vec![(*place).into()];
        for (row, column) in two {
            let level = neighbour(row, column, bit);
            let pattern = lbp::pattern_at(patch, row, column);
            let centre = f64::from(PATCH[SIDE * row + column]);
            anyhow::ensure!(
                (level >= centre) == (pattern >> bit & 1 == 1),
                "the {place} neighbour of ({row}, {column}) does not give the bit that the pattern has"
            );
            cells.extend([level.into(), (if level >= centre { "1" } else { "0" }).into()]);
        }
        table.row(cells);
    }
    recorder.table("patterns/neighbours", table);
    let code = |i: usize| lbp::code_of(lbp::pattern_at(patch, i / SIDE, i % SIDE));
    recorder.table("patterns/codes", square(|i| f64::from(code(i))));
    for (name, (row, column)) in ["edge", "corner"].iter().zip(two) {
        recorder.value(&format!("patterns/{name}"), usize::from(code(SIDE * row + column)));
    }
    Ok(())
}

/// The level on the circle: a pixel, or the mean of four pixels that the diagonal falls between.
fn neighbour(row: usize, column: usize, bit: usize) -> f64 {
    const RING: [(i8, i8); 8] =
        [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)];
    let (down, right) = RING[bit];
    let level = |down: i8, right: i8| {
        let step = |at: usize, by: i8| at.saturating_add_signed(isize::from(by));
        f64::from(PATCH[SIDE * step(row, down) + step(column, right)])
    };
    if down == 0 || right == 0 {
        return level(down, right);
    }
    // cos 45°, rounded to five decimals as scikit-image rounds it.
    let far = 70_711.0 / 100_000.0;
    let near = 1.0 - far;
    far * far * level(down, right)
        + far * near * (level(down, 0) + level(0, right))
        + near * near * level(0, 0)
}

/// Pairs of right neighbours, and the five properties.
fn pairs(recorder: &mut Recorder, patch: View<'_>) {
    let right = matrix(patch, (1, 0));
    let levels: Vec<usize> =
        (0..LEVELS).filter(|&i| right[LEVELS * i..][..LEVELS].iter().any(|&p| p > 0.0)).collect();
    let marks = (2 * SIDE * (SIDE - 1)) as f64;
    let mut table = Table::new(
        std::iter::once("Level".to_owned()).chain(levels.iter().map(|j| format!("{j} | int"))),
    );
    for &i in &levels {
        let counts = levels.iter().map(|&j| (right[LEVELS * i + j] * marks).round().into());
        table.row(std::iter::once(i.to_string().into()).chain(counts));
    }
    recorder.table("pairs/marks", table);
    recorder.value("pairs/all", marks);
    let directions = [(1, 0), (1, 1), (0, 1), (-1, 1)].map(|at| properties(&matrix(patch, at)));
    let mut table = Table::new([
        "Property",
        "Right | fixed 3",
        "Down and right | fixed 3",
        "Down | fixed 3",
        "Down and left | fixed 3",
        "Mean: the feature | fixed 3",
    ]);
    for (k, name) in PROPERTIES.iter().enumerate() {
        let of = directions.map(|properties| properties[k]);
        let mean = of.iter().sum::<f64>() / of.len() as f64;
        table.row(
            std::iter::once((*name).into()).chain(of.into_iter().chain([mean]).map(Into::into)),
        );
        recorder.value(&format!("pairs/{name}"), of[0]);
    }
    recorder.table("pairs/properties", table);
}

/// The arrow of every pixel, the votes of the one cell, and its block.
fn gradients(recorder: &mut Recorder, patch: View<'_>) -> anyhow::Result<()> {
    let hog = Hog::new(9, (SIDE, SIDE), (1, 1))?;
    let mut table = Table::new([
        "Row, column",
        "Down | int",
        "Right | int",
        "Length | fixed 1",
        "Angle in degrees | fixed 1",
        "Bin",
    ]);
    let mut sums = [0.0; 9];
    let difference = |i: usize, step: usize, at: usize| {
        let inside = at > 0 && at + 1 < SIDE;
        if inside { f64::from(PATCH[i + step]) - f64::from(PATCH[i - step]) } else { 0.0 }
    };
    for i in 0..PATCH.len() {
        let (row, column) = (i / SIDE, i % SIDE);
        let (down, right) = (difference(i, SIDE, row), difference(i, 1, column));
        let length = down.hypot(right);
        if length == 0.0 {
            continue;
        }
        let angle = down.atan2(right).to_degrees().rem_euclid(180.0);
        let bin = (angle / 20.0) as usize;
        sums[bin] += length;
        table.row([
            format!("{row}, {column}").into(),
            down.into(),
            right.into(),
            length.into(),
            angle.into(),
            bin.to_string().into(),
        ]);
    }
    recorder.table("gradients/arrows", table);
    let cell = hog.cell_histograms(patch);
    // The extractor works on [0, 1] and takes the mean over the cell.
    let scale = 255.0 * PATCH.len() as f64;
    anyhow::ensure!(
        cell.iter().zip(sums).all(|(c, s)| (c * scale - s).abs() < 1e-9),
        "the votes of the table are not those of the extractor"
    );
    let features = hog.blocks_of(&cell, SIDE, SIDE);
    let length = cell.iter().map(|v| v * v).sum::<f64>().sqrt();
    let mut table = Table::new([
        "Bin",
        "Votes | fixed 1",
        "Divided by their length | fixed 3",
        "Cut at 0.2 | fixed 3",
        "Divided again | fixed 3",
    ]);
    for bin in 0..9 {
        let share = cell[bin] / length;
        let angles = format!("{}° to {}°", 20 * bin, 20 * bin + 20);
        let cut = share.min(0.2);
        table.row([
            angles.into(),
            sums[bin].into(),
            share.into(),
            cut.into(),
            features[bin].into(),
        ]);
    }
    recorder.table("gradients/block", table);
    Ok(())
}
