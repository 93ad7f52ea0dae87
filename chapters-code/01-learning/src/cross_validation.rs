//! Cross-validation (Stone, 1974): cut the rows into k folds, let each fold be the test once and the
//! rest the training set, and take the mean. Every row is tested exactly once, by a rule that never saw it.

use notebook::Rng;

use crate::split;

/// The accuracy of a rule by `k`-fold cross-validation. `predict(train, test)` learns from the rows
/// `train` and answers for the rows `test`, in order.
///
/// # Panics
/// If `predict` does not answer for every row.
// ANCHOR: cross_validate
pub fn cross_validate(
    labels: &[u8],
    k: usize,
    rng: &mut Rng,
    mut predict: impl FnMut(&[usize], &[usize]) -> Vec<u8>,
) -> f64 {
    let mut right = 0;
    for test in split::folds(labels, k, rng) {
        let train = split::rest(labels.len(), &test);
        let predicted = predict(&train, &test);
        assert_eq!(
            predicted.len(),
            test.len(),
            "{} answers for {} rows",
            predicted.len(),
            test.len()
        );
        right +=
            test.iter().zip(predicted).filter(|(row, answer)| labels[**row] == *answer).count();
    }
    right as f64 / labels.len().max(1) as f64
}
// ANCHOR_END: cross_validate

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn every_row_is_tested_once_by_a_rule_that_never_saw_it() {
        let labels: Vec<u8> = (0..53).map(|i| i % 3).collect();
        let mut seen = vec![0; labels.len()];
        let accuracy = cross_validate(&labels, 5, &mut Rng::seed_from_u64(1), |train, test| {
            assert!(test.iter().all(|row| !train.contains(row)));
            assert_eq!(train.len() + test.len(), labels.len());
            test.iter().for_each(|&row| seen[row] += 1);
            test.iter().map(|&row| labels[row]).collect()
        });
        assert_eq!((accuracy, seen), (1.0, vec![1; 53]));
    }
}
