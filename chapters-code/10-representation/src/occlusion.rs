//! Which part of a picture does a decision rest on? Parts are covered, and the network is asked again (Zeiler and Fergus, 2014).

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3, Axis, s};

use crate::features::{self, HEAD, Tap};
use crate::gradient::linear;

use crate::lite0::Weights;

/// The probabilities of the classes from their logits.
pub fn probabilities(logits: &Array1<f32>) -> Array1<f32> {
    let most = logits.fold(f32::NEG_INFINITY, |m, &z| m.max(z));
    let e = logits.mapv(|z| (z - most).exp());
    let sum = e.sum();
    e / sum
}

/// What the network says of many pictures: a row of probabilities a picture.
pub fn answers(weights: &Weights, pictures: &[Array3<f32>]) -> Array2<f32> {
    let tap = Tap { after: HEAD, grid: 1 };
    let heads = features::of(weights, pictures, &[tap]).swap_remove(0);
    let bias = ArrayView1::from(&weights.bias[..]);
    let mut said = heads.dot(&linear(weights).t()) + bias;
    for mut row in said.outer_iter_mut() {
        let p = probabilities(&row.to_owned());
        row.assign(&p);
    }
    said
}

/// What covers a picture's pixels: a picture of the same size.
pub type Cover = Array3<f32>;

/// A grey of the level that the network reads as 0.
pub fn grey(picture: ArrayView3<'_, f32>) -> Cover {
    Array3::zeros(picture.dim())
}

/// The picture without its details: means over squares of `2 reach + 1` pixels, three times.
pub fn blurred(picture: ArrayView3<'_, f32>, reach: usize) -> Cover {
    (0..3).fold(picture.to_owned(), |picture, _| {
        let rows = smooth(&picture, Axis(1), reach);
        smooth(&rows, Axis(2), reach)
    })
}

/// Means over `2 reach + 1` numbers along an axis, fewer at the rim.
fn smooth(x: &Array3<f32>, axis: Axis, reach: usize) -> Array3<f32> {
    let mut smoothed = x.clone();
    for (from, mut to) in x.lanes(axis).into_iter().zip(smoothed.lanes_mut(axis)) {
        let n = from.len();
        for i in 0..n {
            let part = from.slice(s![i.saturating_sub(reach)..(i + reach + 1).min(n)]);
            to[i] = part.mean().unwrap_or(0.0);
        }
    }
    smoothed
}

// ANCHOR: covered
/// The picture with a square covered by grey: `side` pixels around a middle,
/// what lies outside cut off.
pub fn covered(picture: ArrayView3<'_, f32>, middle: [f64; 2], side: usize) -> Array3<f32> {
    let (_, height, width) = picture.dim();
    let ends = |at: f64, n: usize| {
        let start = (at - side as f64 / 2.0).round();
        (start.max(0.0) as usize)..((start + side as f64).clamp(0.0, n as f64) as usize)
    };
    let mut picture = picture.to_owned();
    picture.slice_mut(s![.., ends(middle[0], height), ends(middle[1], width)]).fill(0.0);
    picture
}
// ANCHOR_END: covered

// ANCHOR: maps
/// How much the probability of each of `classes` falls where a square is
/// covered: `grid` × `grid` places, spread evenly. Less than 0 where it
/// rises.
pub fn maps(
    weights: &Weights,
    picture: ArrayView3<'_, f32>,
    classes: &[usize],
    grid: usize,
    side: usize,
) -> Vec<Array2<f64>> {
    let (_, height, width) = picture.dim();
    let at = |i: usize, n: usize| (i as f64 + 0.5) * n as f64 / grid as f64;
    let middle = |k: usize| [at(k / grid, height), at(k % grid, width)];
    let mut pictures: Vec<_> =
        (0..grid * grid).map(|k| covered(picture, middle(k), side)).collect();
    pictures.push(picture.to_owned());
    let p = answers(weights, &pictures);
    let drop = |k: usize, c: usize| f64::from(p[[grid * grid, c]]) - f64::from(p[[k, c]]);
    let map = |&c: &usize| Array2::from_shape_fn((grid, grid), |(i, j)| drop(i * grid + j, c));
    classes.iter().map(map).collect()
}
// ANCHOR_END: maps

/// A map's numbers as `cells` × `cells` means, or, where it is coarser, each cell its nearest number.
pub fn to_cells(map: ArrayView2<'_, f64>, cells: usize) -> Vec<f64> {
    let (height, width) = map.dim();
    let part = |i: usize, n: usize| {
        let first = i * n / cells;
        first..((i + 1) * n).div_ceil(cells).max(first + 1).min(n.max(1))
    };
    let mean = |k: usize| map.slice(s![part(k / cells, height), part(k % cells, width)]).mean();
    (0..cells * cells).map(|k| mean(k).unwrap_or(0.0)).collect()
}

/// The places of `numbers` from the largest to the smallest; of equal ones the first first.
pub fn order(numbers: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&a, &b| numbers[b].total_cmp(&numbers[a]).then(a.cmp(&b)));
    order
}

// ANCHOR: deleted
/// The picture with some of its `cells` × `cells` parts covered by what
/// `cover` has there.
pub fn deleted(
    picture: ArrayView3<'_, f32>,
    cover: &Cover,
    cells: usize,
    places: &[usize],
) -> Array3<f32> {
    let (_, height, width) = picture.dim();
    let part = |i: usize, n: usize| i * n / cells..(i + 1) * n / cells;
    let mut picture = picture.to_owned();
    for &place in places {
        let (rows, columns) = (part(place / cells, height), part(place % cells, width));
        let square = s![.., rows, columns];
        picture.slice_mut(square).assign(&cover.slice(square));
    }
    picture
}
// ANCHOR_END: deleted

/// The area under `y` over `x` by trapezoids, divided by the length of `x`: the mean height of the curve.
pub fn area(x: &[f64], y: &[f64]) -> f64 {
    let parts = x.windows(2).zip(y.windows(2));
    let sum: f64 = parts.map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum();
    sum / (x[x.len() - 1] - x[0])
}

/// Spearman's correlation: Pearson's of the ranks, of equal numbers their mean rank. 0 where one of them does not vary.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let dot = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let length = (dot(&a, &a) * dot(&b, &b)).sqrt();
    if length > 0.0 { dot(&a, &b) / length } else { 0.0 }
}

fn ranks(numbers: &[f64]) -> Vec<f64> {
    let order = order(numbers);
    let mut ranks = vec![0.0; numbers.len()];
    let mut first = 0;
    for group in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let rank = first as f64 + (group.len() as f64 - 1.0) / 2.0;
        group.iter().for_each(|&place| ranks[place] = rank);
        first += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_share_their_rank() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0]), [0.5, 2.0, 0.5]);
        assert!((rank_correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 9.0]) - 1.0).abs() < 1e-12);
        assert!((rank_correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
        assert_eq!(rank_correlation(&[1.0, 2.0], &[4.0, 4.0]), 0.0);
    }

    #[test]
    fn a_square_is_covered_and_cut_off_at_the_rim() {
        let picture = Array3::<f32>::ones((3, 8, 8));
        let kept = |middle| covered(picture.view(), middle, 4).sum() as usize / 3;
        assert_eq!([kept([4.0, 4.0]), kept([1.0, 4.0]), kept([0.0, 0.0])], [48, 52, 60]);
    }

    #[test]
    fn parts_are_covered_one_by_one() {
        let picture = Array3::<f32>::ones((3, 8, 8));
        let cover = grey(picture.view());
        let left = deleted(picture.view(), &cover, 4, &[0, 5]).sum() as usize / 3;
        assert_eq!(left, 56);
        assert_eq!(to_cells(Array2::from_elem((3, 3), 2.0).view(), 4), [2.0; 16]);
    }

    #[test]
    fn a_level_curve_has_its_height_for_area() {
        assert!((area(&[0.0, 0.25, 1.0], &[0.5; 3]) - 0.5).abs() < 1e-12);
        assert!((area(&[0.0, 0.5, 1.0], &[1.0, 0.5, 0.0]) - 0.5).abs() < 1e-12);
    }
}
