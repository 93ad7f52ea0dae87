//! Which photographs are drawn, and what the classes are called.

use std::path::Path;

use notebook::Data;

/// The file with the names of the classes, one a line.
pub const CLASSES: &str = "data/lite0/classes.txt";
/// Photographs whose maps are drawn: their places among [`photographs`](crate::patches::photographs).
pub const SHOWN: [(usize, &str); 2] = [(1, "chelsea"), (2, "coffee")];

/// The names of the classes.
pub(super) fn names(data: &(impl Data + ?Sized)) -> anyhow::Result<Vec<String>> {
    let path = data.data(CLASSES);
    read_lines(&path)
}

fn read_lines(path: &Path) -> anyhow::Result<Vec<String>> {
    Ok(std::fs::read_to_string(path)?.lines().map(str::to_owned).collect())
}

/// The place of the largest number.
pub(super) fn largest(numbers: ndarray::ArrayView1<'_, f32>) -> usize {
    let places = numbers.iter().enumerate();
    places.fold((0, f32::NEG_INFINITY), |best, (i, &x)| if x > best.1 { (i, x) } else { best }).0
}
