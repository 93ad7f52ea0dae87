//! # From where on is the second one better?
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: warm-up
//! - section: representation-crossing
//!
//! Two ways to name garments were measured with 100, 300, 1,000, 3,000 and 10,000 labels. With few labels the first one is right more often, with many the second. You are asked for one number: from how many labels on would you take the second?
//!
//! Let $`a_i`$ and $`b_i`$ be the two accuracies at $`n_i`$ labels. Between two sizes that were measured, both curves are taken to be straight *over the logarithm of the number of labels*, as in a figure with a logarithmic axis. Write a function that gives the number of labels at which the
//! second curve passes the first *for good*: directly behind it, and everywhere from there to the largest size, the second one is strictly above.
//!
//! - If the second is not strictly above at the largest size, the answer is `None`.
//! - If the second is strictly above everywhere, nothing crosses in what was measured, and the answer is `None`, too.
//! - Curves may cross several times, and may touch. At a size where both are equal, the second is not above.
//! - `sizes` is positive and rises; the three lists have the same length, at least 1. The number of labels is not rounded; it is compared up to a relative error of 1e-9.
//!
//! ## Hint 1
//!
//! Work with one list instead of two: the differences $`d_i = b_i - a_i`$. What does it mean for the answer that the last one is negative? That all are positive?
//!
//! ## Hint 2
//!
//! Go from the largest size down to the first difference that is *not* positive. The crossing lies between it and its upper neighbour.
//!
//! ## Hint 3
//!
//! If $`d_i \le 0 < d_{i+1}`$, the straight line between them is zero at the share $`t = -d_i / (d_{i+1} - d_i)`$ of the way. The way is from $`\ln n_i`$ to $`\ln n_{i+1}`$, so the answer is $`n_i \, (n_{i+1} / n_i)^t`$. A tie needs no case of its own: it has $`t = 0`$.
//!
//! ## Solution
//!
//! The difference of two straight lines is a straight line, so each stretch between two sizes has one zero at most. That makes the search from the right enough: the last stretch on which the difference begins at or below zero holds the answer.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That curves cross once: with few seeds they often touch and part again. That the middle between 1,000 and 3,000 is 2,000: on the axis of the figure it is near 1,732. That `None` is a failure: "nothing crosses in what was measured" is an answer, and a different one from "at the largest size".
//!
//! **Discussion.** Each accuracy has an interval. How would you find one for the crossing? (Draw the test garments and the seeds again, compute the crossing each time, and say in how many of the draws there is none.)

/// What the student starts from.
pub mod starter {
    /// The number of labels from which on `second` is above `first`, or `None`.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        todo!("differences, from the right")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The number of labels from which on `second` is above `first`, or `None`.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        let differences: Vec<f64> = second.iter().zip(first).map(|(b, a)| b - a).collect();
        let at = last_not_above(&differences)?;
        let next = differences.get(at + 1)?;
        let share = -differences[at] / (next - differences[at]);
        Some(between(sizes[at], sizes[at + 1], share))
    }

    /// The last size at which the second curve is not above the first.
    pub fn last_not_above(differences: &[f64]) -> Option<usize> {
        differences.iter().rposition(|&d| d <= 0.0)
    }

    /// A share of the way from one size to another, on a logarithmic axis.
    pub fn between(from: f64, to: f64, share: f64) -> f64 {
        from * (to / from).powf(share)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub sizes: Vec<f64>,
        pub first: Vec<f64>,
        pub second: Vec<f64>,
    }

    pub type Output = Option<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::crossing_point(&input.sizes, &input.first, &input.second)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("curves that cross once", 6, |rng| {
            let behind = rng.random_range(2..5);
            curves(rng, 6, |i, size| if i < behind { -size } else { size })
        });
        cases.general("curves that cross several times", 5, |rng| {
            curves(rng, 7, |i, size| if i % 2 == 0 { size } else { -size })
        });
        cases.edge("a tie, and then the second is above for good", 3, |rng| {
            let tie = rng.random_range(1..4);
            curves(rng, 6, |i, size| match i.cmp(&tie) {
                std::cmp::Ordering::Less => -size,
                std::cmp::Ordering::Equal => 0.0,
                std::cmp::Ordering::Greater => size,
            })
        });
        cases.edge("the second is above everywhere", 2, |rng| curves(rng, 5, |_, size| size));
        cases.edge("the first is above in the end", 3, |rng| {
            curves(rng, 5, |i, size| if i == 2 { size } else { -size })
        });
        cases.edge("equal at the largest size", 2, |rng| {
            curves(rng, 4, |i, size| if i == 3 { 0.0 } else { size })
        });
        cases.edge("a single size", 2, |rng| curves(rng, 1, |_, size| size - 0.06));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (None, None) => Ok(()),
            (Some(e), Some(f)) if (e - f).abs() <= 1e-9 * e.abs() => Ok(()),
            (Some(e), Some(f)) => Err(format!("the crossing lies at {e}, and you say {f}")),
            (Some(e), None) => {
                Err(format!("the crossing lies at {e}, and you say that there is none"))
            }
            (None, Some(f)) => Err(format!("there is no crossing, and you say {f}")),
        }
    }

    /// Curves whose differences are made from the place and a size, in 64ths so that ties are exact.
    fn curves(rng: &mut Rng, n: usize, difference: impl Fn(usize, f64) -> f64) -> Input {
        let mut size = 100.0;
        let mut input = Input { sizes: Vec::new(), first: Vec::new(), second: Vec::new() };
        for i in 0..n {
            let a = f64::from(rng.random_range(20..50)) / 64.0;
            let d = difference(i, f64::from(rng.random_range(1..8)) / 64.0);
            input.sizes.push(size);
            input.first.push(a);
            input.second.push(a + d);
            size *= f64::from(rng.random_range(2..5));
        }
        input
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::crossing_point;

    #[test]
    fn half_of_the_way() {
        // The differences are −¼ and ¼, so half of the way from 100 to 10,000 on a logarithmic axis: 1,000.
        let found = crossing_point(&[100.0, 10_000.0], &[0.75, 0.75], &[0.5, 1.0]);
        assert!((found.unwrap() - 1_000.0).abs() < 1e-6);
    }

    #[test]
    fn for_good() {
        // Above at 10, below at 100, above from 1,000 on, with differences of −⅛ and ⅜ around the last crossing: a quarter of the way.
        let found = crossing_point(&[10.0, 100.0, 1_000.0], &[0.5; 3], &[0.75, 0.375, 0.875]);
        assert!((found.unwrap() - 100.0 * 10f64.powf(0.25)).abs() < 1e-6);
    }

    #[test]
    fn nothing_crosses() {
        assert_eq!(crossing_point(&[10.0, 100.0], &[0.5, 0.5], &[0.75, 0.75]), None);
        assert_eq!(crossing_point(&[10.0, 100.0], &[0.5, 0.5], &[0.75, 0.25]), None);
    }

    #[test]
    fn a_tie() {
        // Equal at 100 and above from there on.
        let found = crossing_point(&[10.0, 100.0, 1_000.0], &[0.5; 3], &[0.25, 0.5, 0.75]);
        assert!((found.unwrap() - 100.0).abs() < 1e-9);
    }
}

/// Interpolates over the number of labels and not over its logarithm.
///
/// # Feedback
///
/// You find the right stretch and a place too far to the right in it: your lines are straight over the number of labels. The axis is logarithmic, and half of the way from 100 to 10,000 is 1,000.
pub mod mutant_interpolates_without_logarithms {
    pub use super::solution::*;

    /// The number of labels, along a straight line in it.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        let differences: Vec<f64> = second.iter().zip(first).map(|(b, a)| b - a).collect();
        let at = last_not_above(&differences)?;
        let next = differences.get(at + 1)?;
        let share = -differences[at] / (next - differences[at]);
        Some(sizes[at] + share * (sizes[at + 1] - sizes[at]))
    }
}

/// Takes the first crossing.
///
/// # Feedback
///
/// Your curves cross at the place that you name, and cross back later. The crossing that is asked for is the one behind which the second curve stays above.
pub mod mutant_takes_the_first_crossing {
    pub use super::solution::*;

    /// The first place where the second passes the first.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        let d: Vec<f64> = second.iter().zip(first).map(|(b, a)| b - a).collect();
        let at = d.windows(2).position(|pair| pair[0] <= 0.0 && pair[1] > 0.0)?;
        (*d.last()? > 0.0).then(|| between(sizes[at], sizes[at + 1], -d[at] / (d[at + 1] - d[at])))
    }
}

/// Names the first size that was measured behind the crossing.
///
/// # Feedback
///
/// You name a size that was measured, the first at which the second curve is above. The curves cross before it, where the two straight lines meet.
pub mod mutant_names_a_measured_size {
    pub use super::solution::*;

    /// The next size that was measured.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        let differences: Vec<f64> = second.iter().zip(first).map(|(b, a)| b - a).collect();
        let at = last_not_above(&differences)?;
        sizes.get(at + 1).copied()
    }
}

/// Says the smallest size where the second is above everywhere.
///
/// # Feedback
///
/// Where the second curve is above at every size, you name the smallest. Nothing crosses there: the crossing, if there is one, lies below what was measured. The answer is `None`.
pub mod mutant_crosses_where_nothing_does {
    pub use super::solution::*;

    /// The crossing, or the smallest size.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        let differences: Vec<f64> = second.iter().zip(first).map(|(b, a)| b - a).collect();
        let Some(at) = last_not_above(&differences) else { return sizes.first().copied() };
        let next = differences.get(at + 1)?;
        let share = -differences[at] / (next - differences[at]);
        Some(between(sizes[at], sizes[at + 1], share))
    }
}

/// Looks for the crossing in either direction.
///
/// # Feedback
///
/// You name a crossing at which the *first* curve passes the second. Where the second is not above at the largest size, the answer is `None`.
pub mod mutant_crosses_in_either_direction {
    pub use super::solution::*;

    /// The last change of sign.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        let d: Vec<f64> = second.iter().zip(first).map(|(b, a)| b - a).collect();
        let at = d.windows(2).rposition(|pair| (pair[0] <= 0.0) != (pair[1] <= 0.0))?;
        Some(between(sizes[at], sizes[at + 1], -d[at] / (d[at + 1] - d[at])))
    }
}

/// Takes a tie for being above.
///
/// # Feedback
///
/// At a size where both are equal you take the second to be above. It is not, and a crossing at a tie is lost, or one is found that is none.
pub mod mutant_takes_a_tie_for_above {
    pub use super::solution::*;

    /// The crossing behind the last size at which the second is strictly below.
    pub fn crossing_point(sizes: &[f64], first: &[f64], second: &[f64]) -> Option<f64> {
        let d: Vec<f64> = second.iter().zip(first).map(|(b, a)| b - a).collect();
        let at = d.iter().rposition(|&d| d < 0.0).or_else(|| d.iter().position(|&d| d == 0.0))?;
        let next = d.get(at + 1).copied().unwrap_or(1.0);
        let to = sizes.get(at + 1).copied().unwrap_or(sizes[at]);
        Some(between(sizes[at], to, -d[at] / (next - d[at])))
    }
}
