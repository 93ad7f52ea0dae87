//! Two classes of garments as cases for a unit: rows with a first feature of 1, and signs.

use learning::Labelled;
use ndarray::Array2;

// ANCHOR: pair
/// The first `most` garments of each of two classes, one class and the other in
/// turn: rows `(n, d + 1)` whose first feature is always 1, and signs, 1 for
/// the second class.
pub fn pair(garments: &Labelled, classes: [u8; 2], most: usize) -> (Array2<f64>, Vec<f64>) {
    let of = |class: u8| {
        let rows = (0..garments.len()).filter(move |&row| garments.labels[row] == class);
        rows.take(most)
    };
    let rows: Vec<usize> = of(classes[0]).zip(of(classes[1])).flat_map(|(a, b)| [a, b]).collect();
    let pixels = garments.select(&rows).x();
    let x = Array2::from_shape_fn((rows.len(), pixels.ncols() + 1), |(row, j)| {
        if j == 0 { 1.0 } else { f64::from(pixels[[row, j - 1]]) }
    });
    (x, (0..rows.len()).map(|row| if row % 2 == 0 { -1.0 } else { 1.0 }).collect())
}
// ANCHOR_END: pair
