//! Splits: which rows are learned from, which are for choosing, which are for the verdict.

use notebook::Rng;
use rand::seq::SliceRandom as _;

use crate::classes;

/// Cuts the rows into parts of the given shares, class by class, so that every part has every class in
/// nearly the proportion of the whole. Each part is sorted; together they hold every row once.
///
/// # Panics
/// If the shares do not sum to 1.
// ANCHOR: stratified
pub fn stratified(labels: &[u8], shares: &[f64], rng: &mut Rng) -> Vec<Vec<usize>> {
    let sum: f64 = shares.iter().sum();
    assert!((sum - 1.0).abs() < 1e-9, "the shares sum to {sum}, not to 1");
    let mut parts = vec![Vec::new(); shares.len()];
    for mut rows in classes::rows(labels) {
        rows.shuffle(rng);
        let (mut start, mut reached) = (0, 0.0);
        for (part, share) in parts.iter_mut().zip(shares) {
            reached += share;
            let end = (reached * rows.len() as f64).round() as usize;
            part.extend(&rows[start..end]);
            start = end;
        }
    }
    parts.iter_mut().for_each(|part| part.sort_unstable());
    parts
}
// ANCHOR_END: stratified

/// Deals the rows into `k` folds, class by class, like cards. The folds differ by one row at most, in
/// size and in each class.
pub fn folds(labels: &[u8], k: usize, rng: &mut Rng) -> Vec<Vec<usize>> {
    let mut folds = vec![Vec::new(); k];
    let mut dealt = 0;
    for mut rows in classes::rows(labels) {
        rows.shuffle(rng);
        for row in rows {
            folds[dealt % k].push(row);
            dealt += 1;
        }
    }
    folds.iter_mut().for_each(|fold| fold.sort_unstable());
    folds
}

/// Cuts the rows in two so that rows of one group are on one side: `share` of the groups first.
pub fn grouped(groups: &[usize], share: f64, rng: &mut Rng) -> [Vec<usize>; 2] {
    let mut names = groups.to_vec();
    names.sort_unstable();
    names.dedup();
    names.shuffle(rng);
    names.truncate((share * names.len() as f64).round() as usize);
    names.sort_unstable();
    let (first, second) =
        (0..groups.len()).partition(|&row| names.binary_search(&groups[row]).is_ok());
    [first, second]
}

/// The rows of `0..n` that are not in the sorted `part`.
pub fn rest(n: usize, part: &[usize]) -> Vec<usize> {
    (0..n).filter(|row| part.binary_search(row).is_err()).collect()
}

/// A sample of `n` different rows of `0..of`, sorted.
pub fn draw(n: usize, of: usize, rng: &mut Rng) -> Vec<usize> {
    let mut rows = rand::seq::index::sample(rng, of, n).into_vec();
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use notebook::Rng;
    use proptest::prelude::*;
    use rand::SeedableRng as _;

    proptest! {
        #[test]
        fn parts_are_a_partition_with_the_shares_of_each_class(
            labels in proptest::collection::vec(0_u8..4, 1..200), seed: u64,
        ) {
            let shares = [0.6, 0.15, 0.25];
            let parts = stratified(&labels, &shares, &mut Rng::seed_from_u64(seed));
            let mut all = parts.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
            for (part, share) in parts.iter().zip(shares) {
                for class in 0..4 {
                    let whole = labels.iter().filter(|l| **l == class).count() as f64;
                    let here = part.iter().filter(|r| labels[**r] == class).count() as f64;
                    prop_assert!((here - share * whole).abs() <= 1.0);
                }
            }
        }

        #[test]
        fn folds_differ_by_one_at_most(
            labels in proptest::collection::vec(0_u8..4, 1..200), k in 1_usize..8, seed: u64,
        ) {
            let folds = folds(&labels, k, &mut Rng::seed_from_u64(seed));
            let mut all = folds.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
            let spread = |sizes: Vec<usize>| sizes.iter().max().unwrap() - sizes.iter().min().unwrap();
            prop_assert!(spread(folds.iter().map(Vec::len).collect()) <= 1);
            for class in 0..4 {
                let of = |f: &Vec<usize>| f.iter().filter(|r| labels[**r] == class).count();
                prop_assert!(spread(folds.iter().map(of).collect()) <= 1);
            }
        }

        #[test]
        fn a_group_stays_together(groups in proptest::collection::vec(0_usize..20, 1..100), seed: u64) {
            let [first, second] = grouped(&groups, 0.7, &mut Rng::seed_from_u64(seed));
            prop_assert_eq!(first.len() + second.len(), groups.len());
            prop_assert!(first.iter().all(|a| second.iter().all(|b| groups[*a] != groups[*b])));
        }
    }
}
