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
const DIAGONAL: f64 = 70_711.0 / 100_000.0;

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
    let circle =
        [(0.0, 1.0), (-d, d), (-1.0, 0.0), (-d, -d), (0.0, -1.0), (d, -d), (1.0, 0.0), (d, d)];
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

// ANCHOR_END: textbook

/// The level of a pixel, 0 outside the image.
fn pixel(image: View<'_>, row: f64, column: f64) -> f64 {
    let inside =
        row >= 0.0 && column >= 0.0 && row < image.height() as f64 && column < image.width() as f64;
    if inside {
        f64::from(image.levels()[row as usize * image.width() + column as usize])
    } else {
        0.0
    }
}

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

/// Pixels that are compared at a time.
const LANES: usize = 8;
/// Closer to zero than this, a difference in single precision decides nothing.
const UNDECIDED: f32 = 1e-3;

/// Calls `each` with the patterns of every row.
#[inline(always)]
fn for_each_row(image: View<'_>, scratch: &mut Scratch, mut each: impl FnMut(usize, &[u8])) {
    let (width, height, levels) = (image.width(), image.height(), image.levels());
    let Scratch { floats, bytes, .. } = scratch;
    let padded = width.next_multiple_of(LANES);
    bytes.clear();
    bytes.resize(padded, 0);
    // Three rows in a ring, with a black pixel before and after. A row outside the image is black.
    let stride = padded + 2;
    floats.clear();
    floats.resize(3 * stride, 0.0);
    let (mut above, rest) = floats.split_at_mut(stride);
    let (mut here, mut below) = rest.split_at_mut(stride);
    fill(levels.get(..width), here);
    for row in 0..height {
        fill(levels.get((row + 1) * width..(row + 2) * width), below);
        for (chunk, patterns) in bytes.chunks_exact_mut(LANES).enumerate() {
            let first = chunk * LANES;
            let part = |row: &'_ [f32]| row[first..].first_chunk::<{ LANES + 2 }>().copied();
            let (Some(a), Some(h), Some(b)) = (part(above), part(here), part(below)) else {
                continue;
            };
            let mut undecided = compare(&a, &h, &b, patterns);
            while undecided != 0 {
                let lane = undecided.trailing_zeros() as usize;
                if first + lane < width {
                    patterns[lane] =
                        patterns[lane] & !DIAGONALS | diagonals_at(image, row, first + lane);
                }
                undecided &= undecided - 1;
            }
        }
        each(row, &bytes[..width]);
        (above, here, below) = (here, below, above);
    }
}

/// The levels of a row between two black pixels.
#[inline(always)]
fn fill(levels: Option<&[u8]>, row: &mut [f32]) {
    match levels {
        Some(levels) => {
            row[1..].iter_mut().zip(levels).for_each(|(to, &level)| *to = f32::from(level))
        }
        None => row.fill(0.0),
    }
}

/// The patterns of eight pixels, from three rows that reach a pixel further on both sides.
///
/// Single precision is enough unless the neighbour is nearly as bright as the pixel. Then the last
/// bit of the double precision decides, and the answer has a bit for each pixel that must be looked at again. No
/// neighbour is darker than a black pixel, so black areas, the commonest of all, need no second look.
#[inline(always)]
fn compare(
    a: &[f32; LANES + 2],
    h: &[f32; LANES + 2],
    b: &[f32; LANES + 2],
    patterns: &mut [u8],
) -> u32 {
    let (mut bits, mut undecided) = ([0_u32; LANES], [0_u32; LANES]);
    let (far, near) = (DIAGONAL as f32, 1.0 - DIAGONAL as f32);
    // ANCHOR: compare
    for i in 0..LANES {
        let c = h[i + 1];
        // Means along a row, to the left and to the right, of the row above, this one and the one below.
        let left = |row: &[f32; LANES + 2]| far * row[i] + near * row[i + 1];
        let right = |row: &[f32; LANES + 2]| near * row[i + 1] + far * row[i + 2];
        let slanted = [
            (1, far * right(a) + near * right(h) - c),
            (3, far * left(a) + near * left(h) - c),
            (5, near * left(h) + far * left(b) - c),
            (7, near * right(h) + far * right(b) - c),
        ];
        for (place, difference) in slanted {
            bits[i] |= u32::from(difference >= 0.0) << place;
            undecided[i] |= u32::from(difference.abs() < UNDECIDED) & u32::from(c > 0.0);
        }
        for (place, neighbour) in [(0, h[i + 2]), (2, a[i + 1]), (4, h[i]), (6, b[i + 1])] {
            bits[i] |= u32::from(neighbour >= c) << place;
        }
    }
    // ANCHOR_END: compare
    patterns.iter_mut().zip(bits).for_each(|(pattern, bits)| *pattern = bits as u8);
    undecided.iter().enumerate().fold(0, |all, (lane, u)| all | u << lane)
}

/// The bits of the four diagonal neighbours.
const DIAGONALS: u8 = 0b1010_1010;

/// The bits of the diagonal neighbours of a pixel, in double precision and in the order of the definition.
#[inline(always)]
fn diagonals_at(image: View<'_>, row: usize, column: usize) -> u8 {
    let (width, height) = (image.width() as isize, image.height() as isize);
    let pixel = |y: isize, x: isize| {
        let inside = (0..height).contains(&y) && (0..width).contains(&x);
        if inside { f64::from(image.levels()[(y * width + x) as usize]) } else { 0.0 }
    };
    let (y, x) = (row as isize, column as isize);
    let centre = pixel(y, x);
    let mut bits = 0;
    for (place, down, right) in [(1, -1, 1), (3, -1, -1), (5, 1, -1), (7, 1, 1)] {
        let offset = |side: isize| if side < 0 { -DIAGONAL } else { DIAGONAL };
        let (fall, across) = (fraction(row, offset(down)), fraction(column, offset(right)));
        let (top, left) = (y + down.min(0), x + right.min(0));
        let along = |y| (1.0 - across) * pixel(y, left) + across * pixel(y, left + 1);
        let neighbour = (1.0 - fall) * along(top) + fall * along(top + 1);
        bits |= u8::from(neighbour >= centre) << place;
    }
    bits
}

/// The shares of the ten numbers.
#[inline(always)]
fn histogram(image: View<'_>, scratch: &mut Scratch, features: &mut [f64]) {
    // Four histograms in turn: a count need not wait for the one before it.
    let mut counts = [[0_u32; 16]; 4];
    for_each_row(image, scratch, |_, patterns| {
        let code = |pattern: u8| usize::from(CODE_OF[usize::from(pattern)] & 15);
        let (fours, rest) = patterns.as_chunks::<4>();
        for four in fours {
            (0..4).for_each(|k| counts[k][code(four[k])] += 1);
        }
        rest.iter().for_each(|&pattern| counts[0][code(pattern)] += 1);
    });
    let n = image.pixels() as f64;
    for (code, share) in features.iter_mut().enumerate() {
        *share = f64::from(counts.iter().map(|counts| counts[code]).sum::<u32>()) / n;
    }
}

/// The histogram of an image, for the instructions that the processor has.
struct Histogram<'a> {
    image: View<'a>,
    scratch: &'a mut Scratch,
    features: &'a mut [f64],
}

impl pulp::NullaryFnOnce for Histogram<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        histogram(self.image, self.scratch, self.features);
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

    fn extract(
        &self,
        image: View<'_>,
        scratch: &mut Scratch,
        features: &mut [f64],
    ) -> Result<(), SizeError> {
        check_length(features, self.length(image.width(), image.height())?);
        pulp::Arch::new().dispatch(Histogram { image, scratch, features });
        Ok(())
    }

    fn describe(&self, component: usize, _: usize, _: usize) -> String {
        match component {
            0 => "share of pixels brighter than all their neighbours: bright spots".into(),
            8 => "share of pixels no brighter than any neighbour: dark spots and flat areas".into(),
            4 => "share of pixels with 4 bright neighbours in a row: straight edges".into(),
            9 => "share of pixels with more than two changes round the circle: no uniform pattern"
                .into(),
            ones => {
                format!("share of pixels with {ones} bright neighbours in a row: edges and corners")
            }
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
        let levels: Vec<u8> =
            (0..23 * 17).map(|i: usize| (i * i * 31 / 7 % 251) as u8 / 4 * 4).collect();
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
