//! Local binary patterns (Ojala et al., 2002): is each neighbour as bright as the pixel?
//!
//! Eight neighbours stand on a circle of radius 1. Each gives one bit: 1 if it is at least as bright
//! as the pixel in the middle. A pattern is *uniform* if its bits, read round the circle, change at most twice: a flat
//! patch, a spot, an edge, a corner. Of a uniform pattern only the number of ones is kept, 0 to 8, so that a turned
//! image has the same one; all other patterns are number 9. The features are the shares of the ten numbers.
//!
//! The four diagonal neighbours fall between pixels and are interpolated. The conventions are those of scikit-image:
//! offsets rounded to five decimals, black outside the image. The comparison is between
//! floating-point numbers that are often equal up to the last bit, so the order of the operations is its, too.

use crate::error::SizeError;
use crate::extractor::{Extractor, Scratch, at_least, check_length};
use crate::image::View;

/// Numbers of a pattern: 0 to 8 ones, or not uniform.
pub const CODES: usize = 10;

/// Uniform, rotation-invariant local binary patterns of eight neighbours at radius 1.
#[derive(Clone, Copy, Debug)]
pub struct Lbp;

/// cos 45°, rounded to five decimals as the offsets are.
const DIAGONAL: f64 = 0.70711;

// ANCHOR: code_of
/// The number of a pattern: its ones if it is uniform, else 9.
pub const fn code_of(pattern: u8) -> u8 {
    let changes = (pattern ^ pattern.rotate_left(1)).count_ones();
    if changes <= 2 { pattern.count_ones() as u8 } else { 9 }
}
// ANCHOR_END: code_of

/// The numbers of all 256 patterns.
const CODE_OF: [u8; 256] = {
    let mut codes = [0; 256];
    let mut pattern = 0;
    while pattern < 256 {
        codes[pattern] = code_of(pattern as u8);
        pattern += 1;
    }
    codes
};

// ANCHOR: textbook
/// The bits of one pixel by the definition: each neighbour is interpolated and compared.
pub fn pattern_at(image: View<'_>, row: usize, column: usize) -> u8 {
    let d = DIAGONAL;
    let circle = [(0.0, 1.0), (-d, d), (-1.0, 0.0), (-d, -d), (0.0, -1.0), (d, -d), (1.0, 0.0), (d, d)];
    let centre = pixel(image, row as f64, column as f64);
    let mut pattern = 0;
    for (bit, (down, right)) in circle.into_iter().enumerate() {
        let neighbour = interpolated(image, row as f64 + down, column as f64 + right);
        pattern |= u8::from(neighbour - centre >= 0.0) << bit;
    }
    pattern
}

/// The level between pixels, from the four around it.
fn interpolated(image: View<'_>, row: f64, column: f64) -> f64 {
    let (top, left) = (row.floor(), column.floor());
    let (bottom, right) = (row.ceil(), column.ceil());
    let (down, across) = (row - top, column - left);
    let along = |row| (1.0 - across) * pixel(image, row, left) + across * pixel(image, row, right);
    (1.0 - down) * along(top) + down * along(bottom)
}

/// The level of a pixel, 0 outside the image.
fn pixel(image: View<'_>, row: f64, column: f64) -> f64 {
    let inside = row >= 0.0 && column >= 0.0 && row < image.height() as f64 && column < image.width() as f64;
    if inside { f64::from(image.levels()[row as usize * image.width() + column as usize]) } else { 0.0 }
}
// ANCHOR_END: textbook

/// The part of `i ± DIAGONAL` behind the decimal point, with the rounding error it has at `i`.
fn fraction(i: usize, offset: f64) -> f64 {
    let place = i as f64 + offset;
    place - place.floor()
}

/// The number of each pixel's pattern, row by row, into `codes`.
pub fn codes(image: View<'_>, scratch: &mut Scratch, codes: &mut [u8]) {
    let width = image.width();
    assert_eq!(codes.len(), image.pixels(), "room for {} codes", codes.len());
    for_each_row(image, scratch, |row, patterns| {
        for (code, &pattern) in codes[row * width..].iter_mut().zip(patterns) {
            *code = CODE_OF[usize::from(pattern)];
        }
    });
}

// ANCHOR: rows
/// Calls `each` with the patterns of every row.
///
/// A diagonal neighbour is a mean of a mean along the row above, or below, and of one along its own
/// row. Each mean along a row serves four diagonals, so it is computed once: `right` mixes a
/// pixel with the one to its right, `left` with the one to its left. Three rows are kept in a ring.
fn for_each_row(image: View<'_>, scratch: &mut Scratch, mut each: impl FnMut(usize, &[u8])) {
    let (width, height, levels) = (image.width(), image.height(), image.levels());
    let Scratch { doubles, bytes, .. } = scratch;
    bytes.clear();
    bytes.resize(width, 0);
    doubles.clear();
    doubles.resize(2 * width + 9 * (width + 2), 0.0);
    let (shares, rows) = doubles.split_at_mut(2 * width);
    let (to_right, to_left) = shares.split_at_mut(width);
    for (column, (r, l)) in to_right.iter_mut().zip(to_left.iter_mut()).enumerate() {
        *r = fraction(column, DIAGONAL);
        *l = fraction(column, -DIAGONAL);
    }
    // A row outside the image is black, and so are its means.
    let (mut above, rest) = rows.split_at_mut(3 * (width + 2));
    let (mut here, mut below) = rest.split_at_mut(3 * (width + 2));
    mix(levels.get(..width), to_right, to_left, here);
    for row in 0..height {
        mix(levels.get((row + 1) * width..(row + 2) * width), to_right, to_left, below);
        let (up, down) = (fraction(row, -DIAGONAL), fraction(row, DIAGONAL));
        compare(above, here, below, (up, down), bytes);
        each(row, bytes);
        (above, here, below) = (here, below, above);
    }
}
// ANCHOR_END: rows

/// The levels of a row with a black pixel at both ends, then its means to the right and to the left.
fn mix(levels: Option<&[u8]>, to_right: &[f64], to_left: &[f64], out: &mut [f64]) {
    let width = to_right.len();
    let Some(levels) = levels else {
        out.fill(0.0);
        return;
    };
    let (row, means) = out.split_at_mut(width + 2);
    for (to, &level) in row[1..=width].iter_mut().zip(levels) {
        *to = f64::from(level);
    }
    let (right, left) = means.split_at_mut(width + 2);
    let (before, centre, after) = (&row[..width], &row[1..=width], &row[2..width + 2]);
    for i in 0..width {
        right[i] = (1.0 - to_right[i]) * centre[i] + to_right[i] * after[i];
        left[i] = (1.0 - to_left[i]) * before[i] + to_left[i] * centre[i];
    }
}

// ANCHOR: compare
/// The patterns of a row, from the levels and means of it and its neighbours.
fn compare(above: &[f64], here: &[f64], below: &[f64], (up, down): (f64, f64), patterns: &mut [u8]) {
    let width = patterns.len();
    let split = |row| Parts::of(row, width);
    let (a, h, b) = (split(above), split(here), split(below));
    let (stay_up, stay_down) = (1.0 - up, 1.0 - down);
    for (i, pattern) in patterns.iter_mut().enumerate() {
        let c = h.levels[i + 1];
        let bit = |neighbour: f64, place: u32| i64::from(neighbour >= c) << place;
        let bits = bit(h.levels[i + 2], 0)
            | bit(stay_up * a.right[i] + up * h.right[i], 1)
            | bit(a.levels[i + 1], 2)
            | bit(stay_up * a.left[i] + up * h.left[i], 3)
            | bit(h.levels[i], 4)
            | bit(stay_down * h.left[i] + down * b.left[i], 5)
            | bit(b.levels[i + 1], 6)
            | bit(stay_down * h.right[i] + down * b.right[i], 7);
        *pattern = bits as u8;
    }
}
// ANCHOR_END: compare

/// What [`mix`] left of a row, cut to lengths that the compiler can see.
struct Parts<'a> {
    levels: &'a [f64],
    right: &'a [f64],
    left: &'a [f64],
}

impl<'a> Parts<'a> {
    fn of(row: &'a [f64], width: usize) -> Self {
        let (levels, means) = row.split_at(width + 2);
        let (right, left) = means.split_at(width + 2);
        Parts { levels, right: &right[..width], left: &left[..width] }
    }
}

impl Extractor for Lbp {
    fn name(&self) -> &'static str {
        "lbp"
    }

    fn length(&self, width: usize, height: usize) -> Result<usize, SizeError> {
        at_least(self.name(), (width, height), (2, 2))?;
        Ok(CODES)
    }

    fn extract(&self, image: View<'_>, scratch: &mut Scratch, features: &mut [f64]) -> Result<(), SizeError> {
        check_length(features, self.length(image.width(), image.height())?);
        // Two histograms in turn: a count need not wait for the one before it.
        let mut counts = [[0_u32; 16]; 2];
        for_each_row(image, scratch, |_, patterns| {
            for pair in patterns.chunks(2) {
                for (counts, &pattern) in counts.iter_mut().zip(pair) {
                    counts[usize::from(CODE_OF[usize::from(pattern)] & 15)] += 1;
                }
            }
        });
        let n = image.pixels() as f64;
        for (code, share) in features.iter_mut().enumerate() {
            *share = f64::from(counts[0][code] + counts[1][code]) / n;
        }
        Ok(())
    }

    fn describe(&self, component: usize, _: usize, _: usize) -> String {
        match component {
            0 => "share of pixels brighter than all their neighbours: bright spots".into(),
            8 => "share of pixels no brighter than any neighbour: dark spots and flat areas".into(),
            4 => "share of pixels with 4 bright neighbours in a row: straight edges".into(),
            9 => "share of pixels with more than two changes round the circle: no uniform pattern".into(),
            ones => format!("share of pixels with {ones} bright neighbours in a row: edges and corners"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_eight_patterns_are_uniform() {
        let uniform = (0..=255).filter(|&p| code_of(p) != 9).count();
        assert_eq!(uniform, 58);
    }

    #[test]
    fn rows_agree_with_the_definition() {
        let levels: Vec<u8> = (0..23 * 17).map(|i: usize| (i * i * 31 / 7 % 251) as u8 / 4 * 4).collect();
        let flat = vec![201; 23 * 17];
        for pixels in [levels, flat] {
            let image = View::of_levels(23, 17, &pixels);
            let mut all = vec![0; image.pixels()];
            codes(image, &mut Scratch::default(), &mut all);
            for (i, &code) in all.iter().enumerate() {
                assert_eq!(code, code_of(pattern_at(image, i / 23, i % 23)), "pixel {i}");
            }
        }
    }
}
