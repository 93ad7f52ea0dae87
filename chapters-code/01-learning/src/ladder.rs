//! The ladder of the benchmarks: the same answers, from the way one would write it down to what is
//! shipped. Every rung is held to the last one by a test.

use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;
use ndarray::{Array2, ArrayView2};

use crate::distance::{squared_distances, squared_norms};

/// A way to find, for each row of `new` `(m, d)`, the place of the nearest row of `train` `(n, d)`.
pub type Search = fn(ArrayView2<'_, f32>, ArrayView2<'_, f32>) -> Vec<usize>;

/// As it is defined: two loops around a sum.
// ANCHOR: loops
pub fn loops(train: ArrayView2<'_, f32>, new: ArrayView2<'_, f32>) -> Vec<usize> {
    let squared_distance = |i: usize, j: usize| -> f32 {
        (0..train.ncols()).map(|k| (new[(i, k)] - train[(j, k)]).powi(2)).sum()
    };
    let nearest = |i| {
        let mut best = (0, f32::INFINITY);
        for j in 0..train.nrows() {
            let distance = squared_distance(i, j);
            if distance < best.1 {
                best = (j, distance);
            }
        }
        best.0
    };
    (0..new.nrows()).map(nearest).collect()
}
// ANCHOR_END: loops

/// Two loops over slices; a sum is cut short once it exceeds the best so far.
pub fn cut_short(train: ArrayView2<'_, f32>, new: ArrayView2<'_, f32>) -> Vec<usize> {
    let nearest = |new: ndarray::ArrayView1<'_, f32>| {
        let new = new.to_vec();
        let mut best = (0, f32::INFINITY);
        for (row, train) in train.outer_iter().enumerate() {
            if let Some(distance) =
                train.as_slice().and_then(|train| sum_below(&new, train, best.1))
            {
                best = (row, distance);
            }
        }
        best.0
    };
    new.outer_iter().map(nearest).collect()
}

/// The squared distance, unless it reaches `limit`; looked at every 56 features, two rows of pixels.
fn sum_below(a: &[f32], b: &[f32], limit: f32) -> Option<f32> {
    let mut sum = 0.0;
    for (a, b) in a.chunks(56).zip(b.chunks(56)) {
        sum += a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
        if sum >= limit {
            return None;
        }
    }
    Some(sum)
}

/// One matrix product on one thread, with the whole matrix of distances in memory.
pub fn product(train: ArrayView2<'_, f32>, new: ArrayView2<'_, f32>) -> Vec<usize> {
    let mut distances = Array2::zeros((new.nrows(), train.nrows()));
    squared_distances(new, train, squared_norms(train).view(), distances.view_mut());
    let least = |row: ndarray::ArrayView1<'_, f32>| {
        let nearer =
            |best: (usize, f32), now: (usize, f32)| if now.1 < best.1 { now } else { best };
        row.iter().copied().enumerate().fold((0, f32::INFINITY), nearer).0
    };
    distances.outer_iter().map(least).collect()
}

/// Pixels of a gzipped IDX file of pictures, taken from the decompressor one by one, a vector a picture.
#[expect(clippy::unbuffered_bytes, reason = "the first rung is how one would write it down")]
pub fn one_by_one(gz: &[u8], side: usize) -> Vec<Vec<u8>> {
    let content = MultiGzDecoder::new(gz).bytes().skip(16).map_while(Result::ok);
    let mut pictures = vec![Vec::new()];
    for pixel in content {
        match pictures.last_mut() {
            Some(picture) if picture.len() < side * side => picture.push(pixel),
            _ => pictures.push(vec![pixel]),
        }
    }
    pictures
}

/// The whole content in one vector that grows as it must, then a copy without the header.
pub fn whole_then_copied(gz: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    // A file that is cut off gives what there was: this rung checks nothing.
    let _ = MultiGzDecoder::new(gz).read_to_end(&mut content);
    content.get(16..).unwrap_or_default().to_vec()
}
