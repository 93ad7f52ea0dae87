//! What a map is measured by: how much it looks at the word before, and how much at the word after an earlier occurrence.

use ndarray::Array2;

// ANCHOR: scores
/// The mean weight that a token gives to the one before it, in a map `(T, T)`.
pub fn previous(map: &Array2<f32>) -> f64 {
    let weights = (1..map.nrows()).map(|i| f64::from(map[[i, i - 1]]));
    weights.sum::<f64>() / map.nrows().saturating_sub(1).max(1) as f64
}

/// The places after earlier occurrences of the word at place `i`.
pub fn after_earlier(words: &[usize], i: usize) -> impl Iterator<Item = usize> + '_ {
    (1..=i).filter(move |&j| words[j - 1] == words[i])
}

/// The mean weight that tokens give to the places after earlier occurrences of
/// their word, over the tokens that have any.
pub fn prefix(map: &Array2<f32>, words: &[usize]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for i in 0..words.len() {
        let weights = after_earlier(words, i).map(|j| f64::from(map[[i, j]]));
        let weights: Vec<f64> = weights.collect();
        sum += weights.iter().sum::<f64>();
        count += usize::from(!weights.is_empty());
    }
    sum / count.max(1) as f64
}

/// The mean weight that tokens give to earlier occurrences of their word, over
/// the tokens that have any.
pub fn same(map: &Array2<f32>, words: &[usize]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for i in 0..words.len() {
        let weights = (0..i).filter(|&j| words[j] == words[i]).map(|j| f64::from(map[[i, j]]));
        let weights: Vec<f64> = weights.collect();
        sum += weights.iter().sum::<f64>();
        count += usize::from(!weights.is_empty());
    }
    sum / count.max(1) as f64
}
// ANCHOR_END: scores

/// Looks at the word before and at nothing else; the first word looks at itself.
pub fn only_previous(map: &mut Array2<f32>) {
    map.fill(0.0);
    for i in 0..map.nrows() {
        map[[i, i.saturating_sub(1)]] = 1.0;
    }
}

/// Looks at earlier occurrences of the own word and at nothing else, in the proportions of before; rows without any stay.
pub fn only_same(map: &mut Array2<f32>, words: &[usize]) {
    for i in 0..words.len() {
        let same = |j: usize| j < i && words[j] == words[i];
        let sum: f32 = (0..i).filter(|&j| same(j)).map(|j| map[[i, j]]).sum();
        if sum > 0.0 {
            for (j, weight) in map.row_mut(i).iter_mut().enumerate() {
                *weight = if same(j) { *weight / sum } else { 0.0 };
            }
        }
    }
}

/// Looks at all that may be seen, evenly.
pub fn uniform(map: &mut Array2<f32>) {
    for ((i, j), weight) in map.indexed_iter_mut() {
        *weight = if j <= i { 1.0 / (i + 1) as f32 } else { 0.0 };
    }
}
