//! # One query looks around
//!
//! - points: 5
//! - minutes: 20
//! - difficulty: warm-up
//! - section: attention-words
//!
//! A query $`q`$ of $`d`$ numbers looks at $`S`$ keys of as many numbers, and each key has a value, a list of $`D`$ numbers. The scores are
//!
//! ```math
//! z_j = \frac{q \cdot k_j}{\sqrt{d}}
//! ```
//!
//! and the output is the mean of the values with the weights $`e^{z_j} / \sum_l e^{z_l}`$. A mask says at which keys the query may look. The sums run over those alone.
//!
//! Write a function that gives the output of one query.
//!
//! - There is at least one key, and $`d`$ and $`D`$ are at least 1. `allowed` has an entry for each key.
//! - If the query may look nowhere, the output is all zeros.
//! - Scores may be large: as large as 1,000, and as small as −1,000.
//! - Results are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Compute the scores of the keys that may be looked at, and only then think of exponentials.
//!
//! ## Hint 2
//!
//! `f64::exp` of 1,000 is infinite. What happens to the weights if the same number is subtracted from all scores?
//!
//! ## Hint 3
//!
//! Subtract the largest score among those that are *allowed*. Sum the exponentials, and divide each by the sum. If no key is allowed there is no largest score: return zeros before.
//!
//! ## Solution
//!
//! To subtract the largest score changes no weight, since each exponential is multiplied by the same factor. The largest exponential is then 1, and so the sum is at least 1. Had one subtracted the largest of *all* scores, a masked key with a large score could have made all exponentials of the others zero.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That a masked key has a score of 0: then its weight is $`e^0`$ over the sum, and not 0. That weights can be masked behind the softmax: they do not add up to one any more. That the root is of the number of keys.
//!
//! **Discussion.** What does a query do whose numbers are all zero? And what if it is multiplied by a hundred?

/// What the student starts from.
pub mod starter {
    /// The output of one query.
    pub fn scaled_attention(
        query: &[f64],
        keys: &[Vec<f64>],
        values: &[Vec<f64>],
        allowed: &[bool],
    ) -> Vec<f64> {
        todo!("scores, weights, and a mean")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The output of one query.
    pub fn scaled_attention(
        query: &[f64],
        keys: &[Vec<f64>],
        values: &[Vec<f64>],
        allowed: &[bool],
    ) -> Vec<f64> {
        let scores = masked(&scores(query, keys), allowed);
        mean(&weights(&scores), values)
    }

    /// The scores of all keys.
    pub fn scores(query: &[f64], keys: &[Vec<f64>]) -> Vec<f64> {
        let root = (query.len() as f64).sqrt();
        let product = |key: &Vec<f64>| query.iter().zip(key).map(|(q, k)| q * k).sum::<f64>();
        keys.iter().map(|key| product(key) / root).collect()
    }

    /// The scores, minus infinity where the query may not look.
    pub fn masked(scores: &[f64], allowed: &[bool]) -> Vec<f64> {
        let one = |(&score, &allowed)| if allowed { score } else { f64::NEG_INFINITY };
        scores.iter().zip(allowed).map(one).collect()
    }

    /// The softmax of scores; zeros where nothing may be looked at.
    pub fn weights(scores: &[f64]) -> Vec<f64> {
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return vec![0.0; scores.len()];
        }
        let shares: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
        let sum: f64 = shares.iter().sum();
        shares.iter().map(|share| share / sum).collect()
    }

    /// The values with these weights, added up.
    pub fn mean(weights: &[f64], values: &[Vec<f64>]) -> Vec<f64> {
        let number = |c: usize| weights.iter().zip(values).map(|(w, v)| w * v[c]).sum();
        (0..values[0].len()).map(number).collect()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub query: Vec<f64>,
        pub keys: Vec<Vec<f64>>,
        pub values: Vec<Vec<f64>>,
        pub allowed: Vec<bool>,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::scaled_attention(&input.query, &input.keys, &input.values, &input.allowed)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("all keys allowed", 5, |rng| problem(rng, 5, 3, 1.0, |_| true));
        cases.general("some keys masked", 5, |rng| problem(rng, 6, 4, 2.0, |j| j % 3 != 1));
        cases.general("values of many numbers", 3, |rng| problem(rng, 3, 2, 1.0, |j| j < 2));
        cases.edge("one key", 2, |rng| problem(rng, 1, 5, 1.0, |_| true));
        cases.edge("nothing allowed", 2, |rng| problem(rng, 4, 3, 1.0, |_| false));
        cases.edge("large scores", 4, |rng| Input {
            query: vec![rng.random_range(800.0..1000.0)],
            keys: vec![vec![1.0], vec![0.999], vec![-1.0]],
            values: values(rng, 3, 2),
            allowed: vec![true; 3],
        });
        cases.edge("a masked key with a large score", 4, |rng| Input {
            query: vec![rng.random_range(900.0..1000.0)],
            keys: vec![vec![1.0], vec![-1.0], vec![-0.999]],
            values: values(rng, 3, 2),
            allowed: vec![false, true, true],
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("numbers", expected, found)?;
        let off = expected.iter().zip(found).position(|(e, f)| (e - f).abs() > 1e-9 || f.is_nan());
        match off {
            None => Ok(()),
            Some(c) => Err(format!("number {c} is {}, and you say {}", expected[c], found[c])),
        }
    }

    fn problem(
        rng: &mut Rng,
        keys: usize,
        d: usize,
        size: f64,
        allowed: impl Fn(usize) -> bool,
    ) -> Input {
        let mut list =
            |n: usize| -> Vec<f64> { (0..n).map(|_| size * rng.random_range(-1.0..1.0)).collect() };
        let query = list(d);
        let keys: Vec<Vec<f64>> = (0..keys).map(|_| list(d)).collect();
        let allowed = (0..keys.len()).map(allowed).collect();
        Input { query, values: values(rng, keys.len(), 3), keys, allowed }
    }

    fn values(rng: &mut Rng, n: usize, width: usize) -> Vec<Vec<f64>> {
        let mut row = || (0..width).map(|_| rng.random_range(1.0..5.0)).collect();
        (0..n).map(|_| row()).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::scaled_attention;

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        let near = found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9);
        assert!(near, "{found:?}, not {expected:?}");
    }

    #[test]
    fn by_hand() {
        // Products 2 and 0, over the root of 4: scores 1 and 0. Weights e / (e + 1) and 1 / (e + 1).
        let keys = [vec![1.0, 0.0, 0.0, 0.0], vec![0.0, 1.0, 0.0, 0.0]];
        let values = [vec![10.0], vec![20.0]];
        let e = 1f64.exp();
        let y = scaled_attention(&[2.0, 0.0, 0.0, 0.0], &keys, &values, &[true, true]);
        close(&y, &[(10.0 * e + 20.0) / (e + 1.0)]);
    }

    #[test]
    fn a_masked_key_has_no_weight() {
        let keys = [vec![1.0], vec![5.0]];
        let values = [vec![1.0, 2.0], vec![100.0, 200.0]];
        close(&scaled_attention(&[1.0], &keys, &values, &[true, false]), &[1.0, 2.0]);
    }

    #[test]
    fn nowhere_to_look() {
        close(&scaled_attention(&[1.0], &[vec![1.0]], &[vec![7.0, 7.0]], &[false]), &[0.0, 0.0]);
    }
}

/// Forgets the root.
///
/// # Feedback
///
/// Your scores are the products of query and keys as they are. Divide them by the root of the number of terms.
pub mod mutant_forgets_the_root {
    pub use super::solution::*;

    /// The output of one query.
    pub fn scaled_attention(
        query: &[f64],
        keys: &[Vec<f64>],
        values: &[Vec<f64>],
        allowed: &[bool],
    ) -> Vec<f64> {
        let root = (query.len() as f64).sqrt();
        let raw: Vec<f64> = scores(query, keys).iter().map(|score| score * root).collect();
        mean(&weights(&masked(&raw, allowed)), values)
    }
}

/// Gives masked keys a score of zero.
///
/// # Feedback
///
/// A key at which the query may not look gets a score of 0 from you. Its weight is then not 0, since $`e^0`$ is 1.
pub mod mutant_masks_with_zero {
    pub use super::solution::*;

    /// The output of one query.
    pub fn scaled_attention(
        query: &[f64],
        keys: &[Vec<f64>],
        values: &[Vec<f64>],
        allowed: &[bool],
    ) -> Vec<f64> {
        let all = scores(query, keys);
        let zero = |(&score, &allowed)| if allowed { score } else { 0.0 };
        let scores: Vec<f64> = all.iter().zip(allowed).map(zero).collect();
        mean(&weights(&scores), values)
    }
}

/// Masks weights, and does not share them out again.
///
/// # Feedback
///
/// Your weights do not add up to one where keys are masked: you take them away behind the softmax. Mask the scores before it.
pub mod mutant_masks_behind_the_softmax {
    pub use super::solution::*;

    /// The output of one query.
    pub fn scaled_attention(
        query: &[f64],
        keys: &[Vec<f64>],
        values: &[Vec<f64>],
        allowed: &[bool],
    ) -> Vec<f64> {
        let all = weights(&scores(query, keys));
        let zero = |(&weight, &allowed)| if allowed { weight } else { 0.0 };
        let kept: Vec<f64> = all.iter().zip(allowed).map(zero).collect();
        mean(&kept, values)
    }
}

/// Takes exponentials of large scores.
///
/// # Feedback
///
/// Large scores give you numbers that are none: an exponential is infinite. Subtract the largest score from all of them first.
pub mod mutant_overflows {
    pub use super::solution::*;

    /// The output of one query.
    pub fn scaled_attention(
        query: &[f64],
        keys: &[Vec<f64>],
        values: &[Vec<f64>],
        allowed: &[bool],
    ) -> Vec<f64> {
        if !allowed.contains(&true) {
            return vec![0.0; values[0].len()];
        }
        let scores = masked(&scores(query, keys), allowed);
        let shares: Vec<f64> = scores.iter().map(|score| score.exp()).collect();
        let sum: f64 = shares.iter().sum();
        mean(&shares.iter().map(|share| share / sum).collect::<Vec<_>>(), values)
    }
}

/// Divides zero by zero.
///
/// # Feedback
///
/// Where the query may look nowhere, you divide by a sum that is zero, or subtract infinity from infinity. The output is zeros there.
pub mod mutant_divides_by_nothing {
    pub use super::solution::*;

    /// The output of one query.
    pub fn scaled_attention(
        query: &[f64],
        keys: &[Vec<f64>],
        values: &[Vec<f64>],
        allowed: &[bool],
    ) -> Vec<f64> {
        let scores = masked(&scores(query, keys), allowed);
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
        let sum: f64 = shares.iter().sum();
        mean(&shares.iter().map(|share| share / sum).collect::<Vec<_>>(), values)
    }
}
