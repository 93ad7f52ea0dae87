//! # A sum that can be mended
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: medium
//! - section: attention-matrices
//!
//! Scores come in parts, and when a part has been read it is gone. You want the numbers of the softmax of *all* scores that came. After each part you keep two numbers: $`m`$, the largest score so far, and
//!
//! ```math
//! s = \sum_j e^{z_j - m}
//! ```
//!
//! over all scores $`z_j`$ so far. A score that comes later may be larger than $`m`$.
//!
//! Write a function that gives, after each part, the pair $`(m, s)`$.
//!
//! - A part may be empty. As long as no score has come, the pair is minus infinity and 0.
//! - A score may be minus infinity, which is what a mask makes of it; it adds nothing. If only such scores have come, the pair is minus infinity and 0 as well.
//! - Scores are otherwise between −1,000 and 1,000. Results are compared up to 1e-9 of the larger.
//!
//! ## Hint 1
//!
//! What is $`e^{z - m'}`$ if you know $`e^{z - m}`$, and want no exponential of $`z`$?
//!
//! ## Hint 2
//!
//! Find the largest score of the part first, so that $`s`$ has to be mended once and not at every score.
//!
//! ## Hint 3
//!
//! With $`m'`$ the larger of $`m`$ and the part's largest score, $`s' = s\, e^{m - m'} + \sum_j e^{z_j - m'}`$. If $`m'`$ is still minus infinity, leave both as they are: infinity minus infinity is not a number.
//!
//! ## Solution
//!
//! At the start $`m`$ is minus infinity and $`e^{m - m'}`$ is 0, so the first part needs no case of its own. After the last part, $`m + \ln s`$ is the logarithm of the sum of the exponentials of all scores, in whatever parts they came.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes, most of them for infinities.
//!
//! **Misconceptions.** That the factor is $`e^{m' - m}`$: then the sum grows where it has to shrink, and may overflow. That $`m`$ may start at 0: for scores of −1,000 all exponentials are then 0.
//!
//! **Discussion.** Two people have read one half of the scores each. How do they put their pairs together? Does the order matter?

/// What the student starts from.
pub mod starter {
    /// After each part of the scores: the largest so far, and the sum of exponentials.
    pub fn online_softmax(parts: &[Vec<f64>]) -> Vec<(f64, f64)> {
        todo!("mend the sum when a larger score comes")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// After each part of the scores: the largest so far, and the sum of exponentials.
    pub fn online_softmax(parts: &[Vec<f64>]) -> Vec<(f64, f64)> {
        let mut pair = (f64::NEG_INFINITY, 0.0);
        let mut pairs = Vec::new();
        for part in parts {
            pair = take(pair, part);
            pairs.push(pair);
        }
        pairs
    }

    /// The pair after one more part.
    pub fn take((m, s): (f64, f64), part: &[f64]) -> (f64, f64) {
        let largest = part.iter().copied().fold(m, f64::max);
        if largest == f64::NEG_INFINITY {
            return (m, s);
        }
        let added: f64 = part.iter().map(|z| (z - largest).exp()).sum();
        (largest, s * (m - largest).exp() + added)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    /// Scores; none stands for minus infinity, which JSON does not have.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub parts: Vec<Vec<Option<f64>>>,
    }

    /// Pairs; none stands for minus infinity.
    pub type Output = Vec<(Option<f64>, f64)>;

    pub fn call(input: &Input) -> Output {
        let score = |z: &Option<f64>| z.unwrap_or(f64::NEG_INFINITY);
        let parts: Vec<Vec<f64>> =
            input.parts.iter().map(|part| part.iter().map(score).collect()).collect();
        let pairs = super::solution::online_softmax(&parts);
        let shown = |m: f64| (m != f64::NEG_INFINITY).then_some(m);
        pairs.into_iter().map(|(m, s)| (shown(m), s)).collect()
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("parts of a few scores", 6, |rng| Input {
            parts: (0..4).map(|_| part(rng, 3, 0.0)).collect(),
        });
        cases.general("larger scores later", 5, |rng| Input {
            parts: (0..4).map(|i| part(rng, 2, 3.0 * f64::from(i))).collect(),
        });
        cases.general("larger scores first", 3, |rng| Input {
            parts: (0..4).map(|i| part(rng, 2, -3.0 * f64::from(i))).collect(),
        });
        cases.edge("large scores", 3, |rng| Input {
            parts: vec![part(rng, 3, 900.0), part(rng, 3, 905.0)],
        });
        cases.edge("small scores", 3, |rng| Input {
            parts: vec![part(rng, 3, -905.0), part(rng, 3, -900.0)],
        });
        cases.edge("empty parts", 2, |rng| Input {
            parts: vec![Vec::new(), part(rng, 2, 0.0), Vec::new(), part(rng, 1, 2.0)],
        });
        cases.edge("masked scores", 4, |rng| Input {
            parts: vec![
                vec![None, None],
                vec![None, Some(rng.random_range(-1.0..1.0))],
                vec![None],
            ],
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("pairs", expected, found)?;
        let near = |e: f64, f: f64| (e - f).abs() <= 1e-9 * e.abs().max(1.0);
        for (i, ((m, s), (found_m, found_s))) in expected.iter().zip(found).enumerate() {
            let same = match (m, found_m) {
                (Some(m), Some(found)) => near(*m, *found),
                (m, found) => m == found,
            };
            if !same {
                let word = |m: &Option<f64>| m.map_or("minus infinity".into(), |m| m.to_string());
                let (m, found) = (word(m), word(found_m));
                return Err(format!("after part {i} the largest is {m}, and you say {found}"));
            }
            if !near(*s, *found_s) {
                return Err(format!("after part {i} the sum is {s}, and you say {found_s}"));
            }
        }
        Ok(())
    }

    fn part(rng: &mut Rng, n: usize, around: f64) -> Vec<Option<f64>> {
        (0..n).map(|_| Some(around + rng.random_range(-1.0..1.0))).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::online_softmax;

    fn close(found: &[(f64, f64)], expected: &[(f64, f64)]) {
        assert_eq!(found.len(), expected.len());
        for (f, e) in found.iter().zip(expected) {
            assert!(f.0 == e.0 && (f.1 - e.1).abs() < 1e-9, "{found:?}, not {expected:?}");
        }
    }

    #[test]
    fn the_word_ball() {
        // As in the chapter: 0, 0 | 0, 2 | 0.
        let e = (-2f64).exp();
        let pairs = online_softmax(&[vec![0.0, 0.0], vec![0.0, 2.0], vec![0.0]]);
        close(&pairs, &[(0.0, 2.0), (2.0, 3.0 * e + 1.0), (2.0, 4.0 * e + 1.0)]);
    }

    #[test]
    fn one_part_is_a_softmax() {
        close(&online_softmax(&[vec![1.0, 1.0, 1.0]]), &[(1.0, 3.0)]);
    }

    #[test]
    fn nothing_yet() {
        let none = (f64::NEG_INFINITY, 0.0);
        let parts = [vec![], vec![f64::NEG_INFINITY], vec![5.0]];
        close(&online_softmax(&parts), &[none, none, (5.0, 1.0)]);
    }
}

/// Does not mend the old sum.
///
/// # Feedback
///
/// When a larger score comes, you leave the sum of before as it was. Its exponentials belong to the old $`m`$; multiply it by $`e^{m - m'}`$.
pub mod mutant_does_not_mend {
    pub use super::solution::*;

    /// The pairs.
    pub fn online_softmax(parts: &[Vec<f64>]) -> Vec<(f64, f64)> {
        let mut pair = (f64::NEG_INFINITY, 0.0);
        let mut pairs = Vec::new();
        for part in parts {
            let (m, _) = take(pair, part);
            pair = (m, pair.1 + take((m, 0.0), part).1);
            pairs.push(pair);
        }
        pairs
    }
}

/// Mends the wrong way round.
///
/// # Feedback
///
/// Your sum grows when a larger score comes. Relative to a larger score the old ones are *smaller*: the factor is $`e^{m - m'}`$, at most 1.
pub mod mutant_mends_the_wrong_way {
    pub use super::solution::*;

    /// The pairs.
    pub fn online_softmax(parts: &[Vec<f64>]) -> Vec<(f64, f64)> {
        let mut pair = (f64::NEG_INFINITY, 0.0);
        let mut pairs = Vec::new();
        for part in parts {
            let (m, added) = (take(pair, part).0, take((take(pair, part).0, 0.0), part).1);
            let old = if pair.1 > 0.0 { pair.1 * (m - pair.0).exp() } else { 0.0 };
            pair = (m, old + added);
            pairs.push(pair);
        }
        pairs
    }
}

/// Starts from zero.
///
/// # Feedback
///
/// You begin with a largest score of 0. Where all scores are below, 0 is none of them, and for small scores every exponential vanishes. Begin with minus infinity.
pub mod mutant_starts_from_zero {
    pub use super::solution::*;

    /// The pairs.
    pub fn online_softmax(parts: &[Vec<f64>]) -> Vec<(f64, f64)> {
        let mut pair = (0.0, 0.0);
        let mut pairs = Vec::new();
        for part in parts {
            pair = take(pair, part);
            pairs.push(pair);
        }
        pairs
    }
}

/// Subtracts infinity from infinity.
///
/// # Feedback
///
/// As long as only masked scores have come, you subtract minus infinity from itself, which is not a number. The sum is 0 then.
pub mod mutant_subtracts_infinity {
    pub use super::solution::*;

    /// The pairs.
    pub fn online_softmax(parts: &[Vec<f64>]) -> Vec<(f64, f64)> {
        let (mut m, mut s) = (f64::NEG_INFINITY, 0.0);
        let mut pairs = Vec::new();
        for part in parts {
            let largest = part.iter().copied().fold(m, f64::max);
            let added: f64 = part.iter().map(|z| (z - largest).exp()).sum();
            (m, s) = (largest, s * (m - largest).exp() + added);
            pairs.push((m, s));
        }
        pairs
    }
}

/// Forgets what came before.
///
/// # Feedback
///
/// Your pair is that of the last part alone. The scores of the parts before count, too.
pub mod mutant_forgets_the_parts_before {
    pub use super::solution::*;

    /// The pairs.
    pub fn online_softmax(parts: &[Vec<f64>]) -> Vec<(f64, f64)> {
        parts.iter().map(|part| take((f64::NEG_INFINITY, 0.0), part)).collect()
    }
}
