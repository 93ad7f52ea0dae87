//! Features from the inside of the network: what a block answers to a picture, reduced to a few numbers for each channel.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, s};
use rayon::prelude::*;

pub use crate::fused::HEAD;
use crate::fused::{Fused, Workspace};
use crate::lite0::Weights;

/// Where in the network features are taken, and how many places of each channel are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// What is read: 0 the stem's output, 1 to 16 a block's, [`HEAD`] the means behind the last convolution.
    pub after: usize,
    /// Each channel is cut into `grid` × `grid` parts, and the mean of each part is a feature.
    pub grid: usize,
}

/// Features of many pictures at several taps in one pass over them: for each tap a matrix of a row a picture. The pass is the
/// fused one, a picture a thread, and ends at the deepest tap.
pub fn of(weights: &Weights, pictures: &[Array3<f32>], taps: &[Tap]) -> Vec<Array2<f32>> {
    let fused = Fused::new(weights);
    let rows: Vec<Vec<Vec<f32>>> = pictures
        .par_iter()
        .map_init(|| Workspace::new(1), |space, picture| row(&fused, space, picture, taps))
        .collect();
    let gather = |t: usize| {
        let width = rows.first().map_or(0, |row| row[t].len());
        let mut matrix = Array2::zeros((rows.len(), width));
        for (mut to, row) in matrix.outer_iter_mut().zip(&rows) {
            to.iter_mut().zip(&row[t]).for_each(|(to, from)| *to = *from);
        }
        matrix
    };
    (0..taps.len()).map(gather).collect()
}

/// The features of one picture, tap by tap.
fn row(fused: &Fused, space: &mut Workspace, picture: &Array3<f32>, taps: &[Tap]) -> Vec<Vec<f32>> {
    let mut row = vec![Vec::new(); taps.len()];
    if taps.iter().any(|tap| tap.after == 0) {
        let stem = fused.stem(space, picture.view());
        for (tap, row) in taps.iter().zip(&mut row).filter(|(tap, _)| tap.after == 0) {
            *row = means(stem.view(), tap.grid);
        }
    }
    let deepest = taps.iter().map(|tap| tap.after.min(HEAD)).max().unwrap_or(0);
    let head = fused.pass(space, picture.view(), deepest, |after, map| {
        for (tap, row) in taps.iter().zip(&mut row).filter(|(tap, _)| tap.after == after) {
            *row = map.means(tap.grid);
        }
    });
    for (_, row) in taps.iter().zip(&mut row).filter(|(tap, _)| tap.after >= HEAD) {
        row.clone_from(&head);
    }
    row
}

/// The means of each channel of `(C, H, W)` over `grid` × `grid` parts that are as equal as they can be: a channel's parts stand
/// one behind another.
pub fn means(x: ArrayView3<'_, f32>, grid: usize) -> Vec<f32> {
    let (_, height, width) = x.dim();
    let cut = |n: usize, i: usize| i * n / grid..((i + 1) * n).div_ceil(grid);
    let mut means = Vec::with_capacity(x.len_of(Axis(0)) * grid * grid);
    for channel in x.outer_iter() {
        for (i, j) in (0..grid).flat_map(|i| (0..grid).map(move |j| (i, j))) {
            let part = channel.slice(s![cut(height, i), cut(width, j)]);
            means.push(part.mean().unwrap_or(0.0));
        }
    }
    means
}

/// A garment as the network wants pictures: enlarged to `side` × `side` by bilinear interpolation, the grey three times, from −1 to
/// 1 as (level − 127) / 128.
pub fn garment(image: ArrayView2<'_, u8>, side: usize) -> Array3<f32> {
    let (height, width) = image.dim();
    // Centres of pixels lie on centres: place i of `side` is at (i + ½) n / side − ½ of n.
    let place = |i: usize, n: usize| {
        let at = ((i as f32 + 0.5) * n as f32 / side as f32 - 0.5).clamp(0.0, (n - 1) as f32);
        let first = (at as usize).min(n.saturating_sub(2));
        (first, at - first as f32)
    };
    let grey = |i: usize, j: usize| {
        let ((y, down), (x, right)) = (place(i, height), place(j, width));
        let at = |y: usize, x: usize| f32::from(image[[y.min(height - 1), x.min(width - 1)]]);
        let above = at(y, x) * (1.0 - right) + at(y, x + 1) * right;
        let below = at(y + 1, x) * (1.0 - right) + at(y + 1, x + 1) * right;
        above * (1.0 - down) + below * down
    };
    let grey = Array2::from_shape_fn((side, side), |(i, j)| (grey(i, j) - 127.0) / 128.0);
    Array3::from_shape_fn((3, side, side), |(_, i, j)| grey[[i, j]])
}
