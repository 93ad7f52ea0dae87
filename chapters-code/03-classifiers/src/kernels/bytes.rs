//! The nearest rows among rows of bytes, exactly.
//!
//! `|b − q|² = |b|² − 2 b·q + |q|²`, and of these only the product costs. It is a sum of whole numbers, so no order of
//! it rounds. AVX-512 has an instruction that multiplies 64 bytes by 64 bytes and adds the products four by four; one
//! side of it is signed. So 128 is taken from each byte of the new row, and `b·q = b·(q − 128) + 128 Σb`.
//!
//! Sixteen remembered rows lie side by side, four bytes of each in turn: a *panel*. Three panels meet eight new rows at a
//! time, and the 384 sums stay in registers.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use super::{LANES, Path};

/// New rows of a tile.
const NEW: usize = 8;
/// Panels of a tile.
const PANELS: usize = 3;
/// The most features: with so many, no key is above [`FAR`].
pub const MOST_FEATURES: usize = 8_000;
/// Farther than every row.
const FAR: i32 = i32::MAX / 4;

/// Four bytes of each of sixteen rows, in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([u8; 4 * LANES]);

/// Remembered rows, in panels.
#[derive(Clone, Debug)]
pub struct Panels {
    rows: usize,
    features: usize,
    /// Lines of a panel: a quarter of the features, rounded up.
    depth: usize,
    lines: Vec<Line>,
    /// `|b|² − 256 Σb` of each row; too large to be chosen where there is no row.
    offsets: Vec<[i32; LANES]>,
}

/// A remembered row and its squared distance to a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// Squared Euclidean distance.
    pub squared_distance: i32,
    /// Its place among the remembered rows.
    pub row: u32,
}

impl Panels {
    /// Packs `rows` rows of `features` bytes, which stand one after another. `O(n d)`.
    ///
    /// # Panics
    /// If there are more than [`MOST_FEATURES`], or the bytes are not those of whole rows.
    pub fn pack(bytes: &[u8], features: usize) -> Panels {
        assert!((1..=MOST_FEATURES).contains(&features), "{features} features");
        assert_eq!(bytes.len() % features, 0, "{} bytes in rows of {features}", bytes.len());
        let (rows, depth) = (bytes.len() / features, features.div_ceil(4));
        let panels = rows.div_ceil(LANES).next_multiple_of(PANELS);
        let mut lines = vec![Line([0; 4 * LANES]); panels * depth];
        let mut offsets = vec![[FAR; LANES]; panels];
        for (row, bytes) in bytes.chunks_exact(features).enumerate() {
            let (panel, lane) = (row / LANES, row % LANES);
            for (line, four) in lines[panel * depth..][..depth].iter_mut().zip(bytes.chunks(4)) {
                line.0[4 * lane..][..four.len()].copy_from_slice(four);
            }
            offsets[panel][lane] = bytes.iter().map(|&b| i32::from(b) * (i32::from(b) - 256)).sum();
        }
        Panels { rows, features, depth, lines, offsets }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// For each of the new rows, which stand one after another, its `k` nearest, the nearest first; of two that are
    /// as near, the one that was remembered first. `O(m n d)`.
    ///
    /// # Panics
    /// If this processor has not got `path`, or there are fewer than `k` rows.
    pub fn nearest(&self, path: Path, new: &[u8], k: usize) -> Vec<Vec<Near>> {
        assert!(k <= self.rows, "{k} neighbours of {} rows", self.rows);
        assert!(path.available(), "this processor has no {path:?}");
        let groups: Vec<Group> =
            new.chunks(NEW * self.features).map(|new| Group::new(new, self.features, k)).collect();
        let mut scan = Scan { groups, dots: [[0; PANELS * LANES]; NEW] };
        for first in (0..self.offsets.len()).step_by(PANELS) {
            match path {
                Path::Portable => scan.block(self, first, dots_portable),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: the assertion has found on this processor all that the two functions require.
                Path::Avx2 => unsafe { scan.block_avx2(self, first) },
                #[cfg(target_arch = "x86_64")]
                Path::Avx512 => unsafe { scan.block_avx512(self, first) },
                #[cfg(not(target_arch = "x86_64"))]
                _ => scan.block(self, first, dots_portable),
            }
        }
        let new = new.chunks_exact(self.features);
        let found = scan.groups.into_iter().flat_map(|group| group.best);
        new.zip(found).map(|(new, best)| best.finish(new)).collect()
    }
}

/// Eight new rows, less 128, four bytes of each in turn, and what was found for them.
struct Group {
    fours: Vec<[[i8; 4]; NEW]>,
    best: Vec<Best>,
}

impl Group {
    fn new(rows: &[u8], features: usize, k: usize) -> Group {
        let mut fours = vec![[[0; 4]; NEW]; features.div_ceil(4)];
        for (lane, row) in rows.chunks_exact(features).enumerate() {
            for (four, bytes) in fours.iter_mut().zip(row.chunks(4)) {
                four[lane].iter_mut().zip(bytes).for_each(|(to, b)| *to = (b ^ 0x80) as i8);
            }
        }
        Group { fours, best: vec![Best::new(k); NEW] }
    }
}

// ANCHOR: best
/// The `k` smallest keys so far, in order. A key is a squared distance
/// without `|q|²`.
#[derive(Clone, Debug)]
struct Best {
    near: Vec<(i32, u32)>,
    worst: i32,
}

impl Best {
    fn new(k: usize) -> Best {
        Best { near: vec![(FAR, u32::MAX); k], worst: FAR }
    }

    /// Takes a row in. Rows come in order, so an equal key goes behind.
    fn offer(&mut self, key: i32, row: u32) {
        let place = self.near.partition_point(|near| near.0 <= key);
        self.near.pop();
        self.near.insert(place, (key, row));
        self.worst = self.near.last().map_or(i32::MIN, |near| near.0);
    }
    // ANCHOR_END: best

    fn finish(self, new: &[u8]) -> Vec<Near> {
        let own: i32 = new.iter().map(|&q| i32::from(q) * i32::from(q)).sum();
        let near = self.near.into_iter();
        near.map(|(key, row)| Near { squared_distance: key + own, row }).collect()
    }
}

type Dots = [[i32; PANELS * LANES]; NEW];

struct Scan {
    groups: Vec<Group>,
    dots: Dots,
}

impl Scan {
    /// Three panels against all new rows. The three come back for every row, so they stay near.
    #[inline(always)]
    fn block(
        &mut self,
        panels: &Panels,
        first: usize,
        dots: impl Fn(&[Line], &[[[i8; 4]; NEW]], &mut Dots),
    ) {
        let lines = &panels.lines[first * panels.depth..][..PANELS * panels.depth];
        let offsets = panels.offsets[first..][..PANELS].as_flattened();
        for group in &mut self.groups {
            dots(lines, &group.fours, &mut self.dots);
            for (best, dots) in group.best.iter_mut().zip(&mut self.dots) {
                let mut least = i32::MAX;
                for (dot, offset) in dots.iter_mut().zip(offsets) {
                    *dot = offset.wrapping_sub(dot.wrapping_mul(2));
                    least = least.min(*dot);
                }
                if least < best.worst {
                    for (lane, &key) in dots.iter().enumerate() {
                        if key < best.worst {
                            best.offer(key, (first * LANES + lane) as u32);
                        }
                    }
                }
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn block_avx2(&mut self, panels: &Panels, first: usize) {
        self.block(panels, first, |lines, fours, dots| dots_avx2(lines, fours, dots));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
    fn block_avx512(&mut self, panels: &Panels, first: usize) {
        self.block(panels, first, |lines, fours, dots| dots_avx512(lines, fours, dots));
    }
}

/// The products of each of the new rows with each of the remembered ones.
fn dots_portable(lines: &[Line], fours: &[[[i8; 4]; NEW]], dots: &mut Dots) {
    let depth = fours.len();
    for (new, dots) in dots.iter_mut().enumerate() {
        for (panel, dots) in lines.chunks_exact(depth).zip(dots.chunks_exact_mut(LANES)) {
            let mut sums = [0_i32; LANES];
            for (line, four) in panel.iter().zip(fours) {
                for (sum, bytes) in sums.iter_mut().zip(line.0.as_chunks::<4>().0) {
                    for i in 0..4 {
                        let product = i32::from(bytes[i]).wrapping_mul(i32::from(four[new][i]));
                        *sum = sum.wrapping_add(product);
                    }
                }
            }
            dots.copy_from_slice(&sums);
        }
    }
}

/// As [`dots_portable`], by products of 16-bit numbers, two added to each other at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dots_avx2(lines: &[Line], fours: &[[[i8; 4]; NEW]], dots: &mut Dots) {
    use std::arch::x86_64::*;
    let depth = fours.len();
    for (p, panel) in lines.chunks_exact(depth).enumerate() {
        for pair in (0..NEW).step_by(2) {
            let mut sums = [[_mm256_setzero_si256(); 4]; 2];
            for (line, four) in panel.iter().zip(fours) {
                let new = [four[pair], four[pair + 1]].map(|q| {
                    let q = q.map(i64::from);
                    let word = |i: usize| (q[i] & 0xffff) << (16 * i);
                    _mm256_set1_epi64x(word(0) | word(1) | word(2) | word(3))
                });
                for part in 0..4 {
                    // SAFETY: a line has 64 bytes, of which these are sixteen.
                    let bytes = unsafe { _mm_loadu_si128(line.0.as_ptr().add(16 * part).cast()) };
                    let words = _mm256_cvtepu8_epi16(bytes);
                    for (sums, new) in sums.iter_mut().zip(new) {
                        sums[part] = _mm256_add_epi32(sums[part], _mm256_madd_epi16(words, new));
                    }
                }
            }
            for (dots, sums) in dots[pair..].iter_mut().zip(sums) {
                for (part, sum) in sums.into_iter().enumerate() {
                    // SAFETY: both are 32 bytes of whole numbers.
                    let sum: [i32; 8] = unsafe { std::mem::transmute(sum) };
                    for row in 0..4 {
                        dots[p * LANES + 4 * part + row] = sum[2 * row] + sum[2 * row + 1];
                    }
                }
            }
        }
    }
}

// ANCHOR: vnni
/// As [`dots_portable`], 64 products an instruction.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn dots_avx512(lines: &[Line], fours: &[[[i8; 4]; NEW]], dots: &mut Dots) {
    use std::arch::x86_64::*;
    let depth = fours.len();
    let (a, rest) = lines.split_at(depth);
    let (b, c) = rest.split_at(depth);
    let mut sums = [[_mm512_setzero_si512(); PANELS]; NEW];
    for (((a, b), c), four) in a.iter().zip(b).zip(c).zip(fours) {
        // SAFETY: a line has 64 bytes and begins at a multiple of 64.
        let rows = [a, b, c].map(|line| unsafe { _mm512_load_si512(line.0.as_ptr().cast()) });
        for new in 0..NEW {
            let q = _mm512_set1_epi32(i32::from_le_bytes(four[new].map(|q| q as u8)));
            for panel in 0..PANELS {
                sums[new][panel] = _mm512_dpbusd_epi32(sums[new][panel], rows[panel], q);
            }
        }
    }
    for (dots, sums) in dots.iter_mut().zip(sums) {
        for (to, sum) in dots.chunks_exact_mut(LANES).zip(sums) {
            // SAFETY: there is room for sixteen numbers.
            unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), sum) };
        }
    }
}
// ANCHOR_END: vnni

#[cfg(test)]
mod tests {
    use super::*;
    use notebook::Rng;
    use rand::{RngExt as _, SeedableRng as _};

    #[test]
    fn every_path_finds_what_the_definition_finds() {
        let mut rng = Rng::seed_from_u64(4);
        for (n, m, d, k) in [(1, 1, 1, 1), (50, 9, 3, 5), (97, 17, 784, 7), (200, 3, 10, 200)] {
            // Few levels, so that many distances are equal; and the ends of the range.
            let mut draw = |n: usize| -> Vec<u8> {
                (0..n).map(|_| [0, 1, 128, 255][rng.random_range(0..4)]).collect()
            };
            let (train, new) = (draw(n * d), draw(m * d));
            let panels = Panels::pack(&train, d);
            let expected: Vec<Vec<Near>> = new.chunks(d).map(|new| plain(&train, new, k)).collect();
            for path in Path::all() {
                assert_eq!(panels.nearest(path, &new, k), expected, "{path:?}, {n} × {d}");
            }
        }
    }

    fn plain(train: &[u8], new: &[u8], k: usize) -> Vec<Near> {
        let rows = train.chunks(new.len()).enumerate().map(|(row, train)| {
            let terms = train.iter().zip(new).map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2));
            Near { squared_distance: terms.sum(), row: row as u32 }
        });
        let mut near: Vec<Near> = rows.collect();
        near.sort();
        near.truncate(k);
        near
    }

    #[test]
    fn the_longest_rows_do_not_overflow() {
        let d = MOST_FEATURES;
        for (a, b) in [(0, 255), (255, 0), (255, 255), (0, 0)] {
            let panels = Panels::pack(&vec![a; d], d);
            let expected = (i32::from(a) - i32::from(b)).pow(2) * d as i32;
            for path in Path::all() {
                let near = panels.nearest(path, &vec![b; d], 1);
                assert_eq!(near, [[Near { squared_distance: expected, row: 0 }]], "{path:?}");
            }
        }
    }
}
