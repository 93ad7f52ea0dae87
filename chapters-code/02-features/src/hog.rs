//! Histograms of oriented gradients (Dalal and Triggs, 2005): which way does the brightness change?
//!
//! At each pixel the gradient is the difference of its two neighbours, along the row and along the
//! column; on the border it is zero across the border. A *cell* of 8 × 8 pixels collects the lengths of its
//! gradients in nine bins of 20°, directions without sign. A *block* of 2 × 2 cells is divided
//! by its length, cut at 0.2 and divided by its length again (*L2-Hys*, after Lowe, 2004). Blocks overlap
//! by one cell, and the features are all blocks, row by row.
//!
//! As in scikit-image, votes are not shared between cells or bins, and a cell is divided by its area.

use crate::error::{Error, Result, SizeError};
use crate::extractor::{Extractor, Scratch, at_least, check_length, zeros};
use crate::image::View;

/// The most bins of orientation.
pub const MOST_ORIENTATIONS: usize = 64;
/// The most cells along a side of a block.
pub const MOST_CELLS: usize = 16;
/// The longest side of a cell.
pub const LONGEST_CELL: usize = 1024;

/// Histograms of oriented gradients, with their parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hog {
    orientations: usize,
    /// Pixels of a cell: rows, columns.
    cell: (usize, usize),
    /// Cells of a block: rows, columns.
    block: (usize, usize),
}

/// Keeps a block of no gradients from being divided by zero.
const EPSILON: f64 = 1e-5;
/// Where L2-Hys cuts.
const CUT: f64 = 0.2;

impl Hog {
    /// Nine orientations, cells of 8 × 8 pixels, blocks of 2 × 2 cells.
    pub const DEFAULT: Hog = Hog { orientations: 9, cell: (8, 8), block: (2, 2) };

    /// With other parameters; `cell` and `block` are rows and columns.
    ///
    /// # Errors
    /// A parameter that is zero or beyond all use.
    pub fn new(orientations: usize, cell: (usize, usize), block: (usize, usize)) -> Result<Self> {
        let check = |name, value, most| match value {
            1.. if value <= most => Ok(()),
            _ => Err(Error::Parameter { name, value, least: 1, most }),
        };
        check("--orientations", orientations, MOST_ORIENTATIONS)?;
        check("--cell", cell.0, LONGEST_CELL)?;
        check("--cell", cell.1, LONGEST_CELL)?;
        check("--block", block.0, MOST_CELLS)?;
        check("--block", block.1, MOST_CELLS)?;
        Ok(Hog { orientations, cell, block })
    }

    /// Bins of orientation.
    pub fn orientations(&self) -> usize {
        self.orientations
    }

    /// Pixels of a cell: rows, columns.
    pub fn cell(&self) -> (usize, usize) {
        self.cell
    }

    /// Cells of an image: rows, columns.
    pub fn cells(&self, width: usize, height: usize) -> (usize, usize) {
        (height / self.cell.0, width / self.cell.1)
    }

    /// Blocks of an image: rows, columns.
    pub fn blocks(&self, width: usize, height: usize) -> (usize, usize) {
        let (rows, columns) = self.cells(width, height);
        ((rows + 1).saturating_sub(self.block.0), (columns + 1).saturating_sub(self.block.1))
    }

    /// Features of a block.
    fn block_length(&self) -> usize {
        self.block.0 * self.block.1 * self.orientations
    }

    // ANCHOR: textbook
    /// The histograms of all cells by the definition, with an angle for each pixel.
    pub fn cell_histograms(&self, image: View<'_>) -> Vec<f64> {
        let (rows, columns) = self.cells(image.width(), image.height());
        let mut histograms = vec![0.0; rows * columns * self.orientations];
        let bin_width = 180.0 / self.orientations as f64;
        for y in 0..rows * self.cell.0 {
            for x in 0..columns * self.cell.1 {
                let (down, right) = gradient(image, y, x);
                let angle = down.atan2(right).to_degrees().rem_euclid(180.0);
                let bin = (angle / bin_width) as usize;
                if bin < self.orientations {
                    let cell = y / self.cell.0 * columns + x / self.cell.1;
                    histograms[cell * self.orientations + bin] += down.hypot(right);
                }
            }
        }
        let area = (self.cell.0 * self.cell.1) as f64;
        histograms.iter_mut().for_each(|sum| *sum /= area);
        histograms
    }
    // ANCHOR_END: textbook

    /// The blocks of cells that [`Hog::cell_histograms`] gave, normalised.
    pub fn blocks_of(&self, cells: &[f64], width: usize, height: usize) -> Vec<f64> {
        let (rows, columns) = self.blocks(width, height);
        let mut features = vec![0.0; rows * columns * self.block_length()];
        self.blocks_into((width, height), cells, &mut features);
        features
    }

    /// The histograms of all cells, by the faster of two ways, left in `scratch.doubles`.
    fn cells_into(&self, image: View<'_>, scratch: &mut Scratch) {
        match image.exact_levels() {
            Some(levels) => {
                let (width, height) = (image.width(), image.height());
                pulp::Arch::new().dispatch(Cells {
                    hog: self,
                    size: (width, height),
                    levels,
                    scratch,
                });
            }
            None => scratch.doubles = self.cell_histograms(image),
        }
    }

    /// The histograms of all cells of integer levels, without an angle.
    ///
    /// A strip of the image, one cell high, is handled at a time: its gradients, then their lengths and bins, eight by
    /// eight, then the votes. Four histograms take turns, so that a vote need not wait for the one before it.
    #[inline(always)]
    fn cells_of_levels(&self, width: usize, height: usize, levels: &[u8], scratch: &mut Scratch) {
        let (rows, columns) = self.cells(width, height);
        let (cell_rows, cell_columns) = self.cell;
        let Scratch { floats, counts, doubles, borders, .. } = scratch;
        self.borders(borders);
        let strip = (cell_rows * width).next_multiple_of(LANES);
        zeros(doubles, rows * columns * self.orientations);
        zeros(counts, strip);
        zeros(floats, 3 * strip);
        let (down, rest) = floats.split_at_mut(strip);
        let (right, length) = rest.split_at_mut(strip);
        let scale = 1.0 / (255.0 * (cell_rows * cell_columns) as f64);
        for (row, histograms) in doubles.chunks_exact_mut(columns * self.orientations).enumerate() {
            for line in 0..cell_rows {
                let part = line * width..(line + 1) * width;
                let (down, right) = (&mut down[part.clone()], &mut right[part]);
                gradients(width, height, levels, row * cell_rows + line, down, right);
            }
            bins(down, right, borders, length, counts);
            for (column, histogram) in histograms.chunks_exact_mut(self.orientations).enumerate() {
                let mut votes = [[0.0_f32; MOST_ORIENTATIONS]; 4];
                for line in 0..cell_rows {
                    let part = line * width + column * cell_columns
                        ..line * width + (column + 1) * cell_columns;
                    for (i, (length, &bin)) in
                        length[part.clone()].iter().zip(&counts[part]).enumerate()
                    {
                        votes[i % 4][bin as usize % MOST_ORIENTATIONS] += length;
                    }
                }
                for (k, sum) in histogram.iter_mut().enumerate() {
                    *sum = scale * f64::from(votes.iter().map(|v| v[k]).sum::<f32>());
                }
            }
        }
    }

    /// Cosine and sine of the borders between bins. They are computed for the first image only.
    fn borders(&self, borders: &mut Vec<(f32, f32)>) {
        let angle = |k: usize| std::f64::consts::PI * k as f64 / self.orientations as f64;
        let first = (angle(1).cos() as f32, angle(1).sin() as f32);
        if borders.len() + 1 != self.orientations || borders.first().is_some_and(|b| *b != first) {
            borders.clear();
            borders.extend(
                (1..self.orientations).map(|k| (angle(k).cos() as f32, angle(k).sin() as f32)),
            );
        }
    }

    // ANCHOR: normalise
    /// Writes every block of cells, normalised by L2-Hys.
    #[inline(always)]
    fn blocks_into(&self, (width, height): (usize, usize), cells: &[f64], features: &mut [f64]) {
        let (across, bins) = (self.cells(width, height).1, self.orientations);
        let (block_rows, block_columns) = self.blocks(width, height);
        let blocks = features.chunks_exact_mut(self.block_length());
        let places = (0..block_rows).flat_map(|r| (0..block_columns).map(move |c| (r, c)));
        for (block, (row, column)) in blocks.zip(places) {
            for (r, line) in block.chunks_exact_mut(self.block.1 * bins).enumerate() {
                let first = ((row + r) * across + column) * bins;
                line.copy_from_slice(&cells[first..first + line.len()]);
            }
            let divide = 1.0 / (squares(block) + EPSILON * EPSILON).sqrt();
            block.iter_mut().for_each(|v| *v = (*v * divide).min(CUT));
            let divide = 1.0 / (squares(block) + EPSILON * EPSILON).sqrt();
            block.iter_mut().for_each(|v| *v *= divide);
        }
    }
    // ANCHOR_END: normalise
}

/// The sum of squares, in four sums that do not wait for each other.
#[inline(always)]
fn squares(values: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let chunks = values.chunks_exact(4);
    let rest: f64 = chunks.remainder().iter().map(|v| v * v).sum();
    for chunk in chunks {
        for (sum, v) in sums.iter_mut().zip(chunk) {
            *sum += v * v;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// The gradient at a pixel, down and to the right; zero across the border.
fn gradient(image: View<'_>, y: usize, x: usize) -> (f64, f64) {
    let (width, height) = (image.width(), image.height());
    let i = y * width + x;
    let inner = |at: usize, side: usize| at > 0 && at + 1 < side;
    let down = if inner(y, height) { image.grey(i + width) - image.grey(i - width) } else { 0.0 };
    let right = if inner(x, width) { image.grey(i + 1) - image.grey(i - 1) } else { 0.0 };
    (down, right)
}

/// Gradients that are handled at a time.
const LANES: usize = 8;

/// The gradients of row `y`, in levels.
#[inline(always)]
fn gradients(
    width: usize,
    height: usize,
    levels: &[u8],
    y: usize,
    down: &mut [f32],
    right: &mut [f32],
) {
    let difference = |to: u8, from: u8| f32::from(i16::from(to) - i16::from(from));
    let row = |y: usize| &levels[y * width..][..width];
    if y > 0 && y + 1 < height {
        let (above, below) = (row(y - 1), row(y + 1));
        down.iter_mut().zip(above).zip(below).for_each(|((to, &a), &b)| *to = difference(b, a));
    } else {
        down.fill(0.0);
    }
    right.fill(0.0);
    if width > 2 {
        let (inner, row) = (&mut right[1..width - 1], row(y));
        inner.iter_mut().zip(row).zip(&row[2..]).for_each(|((to, &b), &a)| *to = difference(a, b));
    }
}

/// The length and the bin of each gradient, by comparison with the borders between bins.
///
/// A direction's bin is the number of borders that it has passed, and it has passed the border at
/// angle `t` if `down · cos t ≥ right · sin t`. Differences of 8-bit levels stay far enough from
/// every border for single precision; a test goes through all of them.
#[inline(always)]
fn bins(down: &[f32], right: &[f32], borders: &[(f32, f32)], length: &mut [f32], bin: &mut [u32]) {
    let gradients = groups(down).iter().zip(groups(right));
    let out = length.as_chunks_mut::<LANES>().0.iter_mut().zip(bin.as_chunks_mut::<LANES>().0);
    // ANCHOR: bins
    for ((down, right), (length, bin)) in gradients.zip(out) {
        let (mut d, mut r, mut passed) = ([0.0; LANES], [0.0; LANES], [0_u32; LANES]);
        for i in 0..LANES {
            // Directions have no sign: what points up, or straight to the left, is turned round.
            let of = if down[i] == 0.0 { right[i] } else { down[i] };
            let sign = if of < 0.0 { -1.0 } else { 1.0 };
            (d[i], r[i]) = (sign * down[i], sign * right[i]);
            length[i] = (d[i] * d[i] + r[i] * r[i]).sqrt();
        }
        for &(cos, sin) in borders {
            for i in 0..LANES {
                passed[i] += u32::from(d[i] * cos >= r[i] * sin);
            }
        }
        *bin = passed;
    }
    // ANCHOR_END: bins
}

/// Numbers in whole groups.
#[inline(always)]
fn groups(numbers: &[f32]) -> &[[f32; LANES]] {
    numbers.as_chunks().0
}

/// The cells of an image of levels, for the instructions that the processor has.
struct Cells<'a> {
    hog: &'a Hog,
    size: (usize, usize),
    levels: &'a [u8],
    scratch: &'a mut Scratch,
}

impl pulp::NullaryFnOnce for Cells<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.hog.cells_of_levels(self.size.0, self.size.1, self.levels, self.scratch);
    }
}

/// The blocks of an image, likewise.
struct Blocks<'a> {
    hog: &'a Hog,
    size: (usize, usize),
    cells: &'a [f64],
    features: &'a mut [f64],
}

impl pulp::NullaryFnOnce for Blocks<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.hog.blocks_into(self.size, self.cells, self.features);
    }
}

impl Extractor for Hog {
    fn name(&self) -> &'static str {
        "hog"
    }

    fn length(&self, width: usize, height: usize) -> Result<usize, SizeError> {
        let least = (self.cell.1 * self.block.1, self.cell.0 * self.block.0);
        at_least(self.name(), (width, height), (least.0.max(2), least.1.max(2)))?;
        let (rows, columns) = self.blocks(width, height);
        Ok(rows * columns * self.block_length())
    }

    fn extract(
        &self,
        image: View<'_>,
        scratch: &mut Scratch,
        features: &mut [f64],
    ) -> Result<(), SizeError> {
        let size = (image.width(), image.height());
        check_length(features, self.length(size.0, size.1)?);
        self.cells_into(image, scratch);
        pulp::Arch::new().dispatch(Blocks { hog: self, size, cells: &scratch.doubles, features });
        Ok(())
    }

    fn describe(&self, component: usize, width: usize, height: usize) -> String {
        let (block, rest) = (component / self.block_length(), component % self.block_length());
        let (cell, bin) = (rest / self.orientations, rest % self.orientations);
        let across = self.blocks(width, height).1.max(1);
        let bin_width = 180.0 / self.orientations as f64;
        format!(
            "gradients between {:.0}° and {:.0}° in cell ({}, {}), normalised in block ({}, {})",
            bin_width * bin as f64,
            bin_width * (bin + 1) as f64,
            block / across + cell / self.block.1,
            block % across + cell % self.block.1,
            block / across,
            block % across,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_bin_every_difference_of_levels_as_the_arctangent_does() {
        for orientations in [1, 2, 4, 6, 8, 9, 12, 18] {
            let hog = Hog::new(orientations, (8, 8), (2, 2)).unwrap();
            let mut borders = Vec::new();
            hog.borders(&mut borders);
            let (mut length, mut bin) = (vec![0.0; 512], vec![0; 512]);
            let right: Vec<f32> = (-256..=255).map(|r| r as f32).collect();
            for down in -255..=255_i16 {
                bins(&[f32::from(down); 512], &right, &borders, &mut length, &mut bin);
                for (&right, &bin) in right.iter().zip(&bin) {
                    if (down, right) == (0, 0.0) {
                        continue; // no length, no vote
                    }
                    let angle =
                        f64::from(down).atan2(f64::from(right)).to_degrees().rem_euclid(180.0);
                    let expected = (angle / (180.0 / orientations as f64)) as u32;
                    assert_eq!(
                        bin, expected,
                        "{orientations} orientations: {down} down, {right} right"
                    );
                }
            }
        }
    }
}
