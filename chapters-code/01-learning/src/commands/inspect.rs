//! `inspect`: what is in an IDX file? Its shape, its classes, and a few pictures in half blocks.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use ndarray::{ArrayView2, Axis};

use crate::classes;
use crate::fashion::{CLASSES, FILES, Labelled};
use crate::idx::Idx;

/// Columns of a terminal: pictures beside each other fit them, and wider ones are thinned out.
const COLUMNS: usize = 80;
/// Lines of a picture, two rows of pixels each; what is below is left out.
const LINES: usize = 40;
/// Columns between two pictures.
const GAP: usize = 2;

/// What is in an IDX file? Shape, classes, some pictures
#[derive(Args, Clone, Debug)]
pub struct InspectArgs {
    /// A gzipped IDX file of images, or of anything else in unsigned bytes
    #[arg(value_name = "IMAGES.gz")]
    pub images: PathBuf,
    /// The labels of the images
    #[arg(value_name = "LABELS.gz")]
    pub labels: Option<PathBuf>,
    /// How many pictures to draw
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub draw: usize,
    /// The first picture to draw, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub from: usize,
    /// Draw rows as columns: EMNIST's letters lie on their side
    #[arg(long)]
    pub transpose: bool,
}

/// Writes what is in the file, with `colour` in greys and without in black and white.
///
/// # Errors
/// A [`FileError`](crate::FileError) in one line, or output that cannot be written.
pub fn inspect(args: &InspectArgs, colour: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let (idx, sum) = Idx::read_with_sum(&args.images)?;
    describe(&idx, &sum, out)?;
    match (&args.labels, idx.shape.len()) {
        (None, 1) => write_counts(&idx.bytes, &sum, out)?,
        (None, 3) => draw(args, &idx.images().map_err(anyhow::Error::from)?, None, colour, out)?,
        (None, _) => {}
        (Some(path), _) => {
            let (labels, label_sum) = Idx::read_with_sum(path)?;
            let all = Labelled::join(&args.images, idx, path, labels)?;
            write_counts(all.y(), &label_sum, out)?;
            draw(args, &all.images, Some((all.y(), &label_sum)), colour, out)?;
        }
    }
    Ok(())
}

fn describe(idx: &Idx, sum: &str, out: &mut dyn Write) -> io::Result<()> {
    let shape: Vec<_> = idx.shape.iter().map(usize::to_string).collect();
    let known = FILES
        .iter()
        .find(|(_, md5)| *md5 == sum)
        .map(|(name, _)| format!("\nknown   Fashion-MNIST's {name}"));
    let mean = idx.bytes.iter().map(|&b| f64::from(b)).sum::<f64>() / idx.bytes.len().max(1) as f64;
    let (low, high) = (idx.bytes.iter().min().unwrap_or(&0), idx.bytes.iter().max().unwrap_or(&0));
    writeln!(out, "shape   {}", shape.join(" × "))?;
    writeln!(out, "type    unsigned bytes, {low} to {high}, mean {mean:.1}")?;
    writeln!(out, "md5     {sum}{}", known.unwrap_or_default())
}

/// The name of a class, where the labels are Fashion-MNIST's own.
fn name(label: u8, sum: &str) -> String {
    let own = FILES.iter().any(|(_, md5)| *md5 == sum);
    let name = CLASSES.get(usize::from(label)).filter(|_| own);
    name.map_or_else(|| label.to_string(), |name| format!("{label} {name}"))
}

fn write_counts(labels: &[u8], sum: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nclass                 count")?;
    for (label, count) in
        classes::counts(labels).into_iter().enumerate().filter(|(_, count)| *count > 0)
    {
        writeln!(out, "{:16} {count:>10}", name(label as u8, sum))?;
    }
    Ok(())
}

fn draw(
    args: &InspectArgs,
    images: &ndarray::Array3<u8>,
    labels: Option<(&[u8], &str)>,
    colour: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let n = images.len_of(Axis(0));
    anyhow::ensure!(
        args.from < n,
        "--from {}: there are {n} pictures; count from 0 to {}",
        args.from,
        n - 1
    );
    let picture = |row: usize| {
        let image = images.index_axis(Axis(0), row);
        if args.transpose { image.reversed_axes() } else { image }
    };
    let (high, wide) = picture(args.from).dim();
    let step = wide.div_ceil(COLUMNS);
    let lines = 2 * LINES * step;
    if step > 1 {
        writeln!(out, "\nThe pictures are wide: one pixel of {step} × {step} is drawn.")?;
    }
    if high > lines {
        writeln!(out, "\nThe pictures are high: {lines} of {high} rows are drawn.")?;
    }
    let head = |row: usize| {
        let class = labels.map_or_else(String::new, |(y, sum)| format!("  {}", name(y[row], sum)));
        format!("{row}{class}")
    };
    let rows: Vec<usize> = (args.from..n).take(args.draw).collect();
    let longest = rows.iter().map(|&row| head(row).chars().count()).max().unwrap_or(0);
    let column = longest.max(wide.div_ceil(step));
    let across = ((COLUMNS + GAP) / (column + GAP)).max(1);
    let fill = " ".repeat(column - wide.div_ceil(step));
    for group in rows.chunks(across) {
        let heads: Vec<String> = group.iter().map(|&row| head(row)).collect();
        let drawn: Vec<Vec<String>> =
            group.iter().map(|&row| half_blocks(picture(row), step, colour)).collect();
        write_beside(&heads, &drawn, (column, &fill), out)?;
    }
    Ok(())
}

/// Pictures beside each other under their heads, each in a column: so wide, after what fills it up.
fn write_beside(
    heads: &[String],
    drawn: &[Vec<String>],
    (column, fill): (usize, &str),
    out: &mut dyn Write,
) -> io::Result<()> {
    let gap = " ".repeat(GAP);
    let heads: Vec<_> = heads.iter().map(|head| format!("{head:column$}")).collect();
    writeln!(out, "\n{}", heads.join(&gap).trim_end())?;
    for line in 0..drawn.iter().map(Vec::len).max().unwrap_or(0) {
        let line: Vec<_> = drawn.iter().map(|picture| picture[line].clone() + fill).collect();
        writeln!(out, "{}", line.join(&gap).trim_end())?;
    }
    Ok(())
}

/// Two rows of pixels to a line: the upper half of a character cell is one pixel, the lower half another.
/// Of `step` × `step` pixels one is drawn.
fn half_blocks(image: ArrayView2<'_, u8>, step: usize, colour: bool) -> Vec<String> {
    let pixel =
        |row: usize, column: usize| image.get((row * step, column * step)).copied().unwrap_or(0);
    let cell = |row: usize, column: usize| {
        let (upper, lower) = (pixel(row, column), pixel(row + 1, column));
        if colour {
            return format!("\x1b[38;2;{upper};{upper};{upper};48;2;{lower};{lower};{lower}m▀");
        }
        match (upper > 96, lower > 96) {
            (false, false) => " ",
            (true, false) => "▀",
            (false, true) => "▄",
            (true, true) => "█",
        }
        .to_owned()
    };
    let end = if colour { "\x1b[0m" } else { "" };
    let (height, width) = (image.nrows().div_ceil(step), image.ncols().div_ceil(step));
    let line = |row| (0..width).map(|column| cell(row, column)).collect::<String>() + end;
    (0..height.min(2 * LINES)).step_by(2).map(line).collect()
}
