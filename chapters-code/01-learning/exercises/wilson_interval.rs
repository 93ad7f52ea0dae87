//! # An interval that stays between 0 and 1
//!
//! - points: 5
//! - minutes: 20
//! - difficulty: warm-up
//! - section: interval
//!
//! A rule is right for all of twenty test cases. By the formula of the chapter, $`p \pm 1.96 \sqrt{p (1 - p) / n}`$, its accuracy is then 1 with an interval of width
//! zero, as if twenty cases could prove that it never errs. The bootstrap says the same: whatever is drawn from twenty right answers is right. For 19 of 20 the
//! formula's interval ends above 1.
//!
//! Wilson asked the question the other way round. Let $`p`$ be the share of right answers among $`n`$ cases. If the true accuracy were $`q`$, the share would have the standard deviation
//! $`\sqrt{q (1 - q) / n}`$. So $`q`$ is *compatible* with what was seen if $`p`$ is at most $`z`$ such deviations away from it:
//!
//! ```math
//! |p - q| \le z \sqrt{\frac{q\,(1 - q)}{n}}
//! ```
//!
//! The deviation is that of $`q`$, not that of $`p`$. All compatible $`q`$ between 0 and 1 form an interval. Write a function that gets the number of right answers, the number of cases and
//! $`z`$, and gives the two ends of that interval, the lower one first.
//!
//! - There are never more right answers than cases; $`z`$ is above 0 and at most 10. For 95 per cent it is 1.96.
//! - Without any cases, nothing is excluded: the interval goes from 0 to 1.
//! - There may be up to $`10^{12}`$ cases.
//!
//! The ends are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! At an end of the interval the two sides are equal. What equation for $`q`$ do you get if you square them?
//!
//! ## Hint 2
//!
//! It is a quadratic equation: $`(p - q)^2 = \frac{z^2}{n}\, q\,(1 - q)`$. Sort it by powers of $`q`$. Both solutions are wanted.
//!
//! ## Hint 3
//!
//! With $`s = z^2 / n`$ it reads $`(1 + s)\, q^2 - (2p + s)\, q + p^2 = 0`$. The middle of the two solutions is $`(p + s/2) / (1 + s)`$, and it lies nearer to one
//! half than $`p`$ does.
//!
//! ## Solution
//!
//! The ends are the solutions of a quadratic equation. Their middle is $`p`$ drawn towards one half, as if $`z^2`$ cases more had been seen, half of them right; that is why no end can leave the interval from
//! 0 to 1. Without cases nothing can be divided, so that case comes first.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes: ten for the equation, five for the code, five for the integer division that most begin with.
//!
//! **Misconceptions.** That the chapter's formula becomes right when its ends are cut off at 0 and 1; the width at $`p = 1`$ is still zero. That the middle of an interval must be
//! the estimate.
//!
//! **Discussion.** A rule made no mistake on $`n`$ cases. What is the upper end for its error, roughly? (With $`z = 1.96`$ it is $`3.84 / (n + 3.84)`$, near the "rule of three", which
//! says $`3/n`$ for a one-sided 95 per cent.) How often does each of the two intervals contain the truth at $`n = 20`$ and a true accuracy of 0.95? Let students simulate it.

/// What the student starts from.
pub mod starter {
    /// All true accuracies that are compatible with `right` of `n`: the lower and the upper end.
    pub fn wilson_interval(right: u64, n: u64, z: f64) -> (f64, f64) {
        todo!("the two solutions of a quadratic equation")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// All true accuracies that are compatible with `right` of `n`: the lower and the upper end.
    pub fn wilson_interval(right: u64, n: u64, z: f64) -> (f64, f64) {
        if n == 0 {
            return (0.0, 1.0);
        }
        let p = share(right, n);
        let s = z * z / n as f64;
        let middle = (p + s / 2.0) / (1.0 + s);
        let half = (s * (p * (1.0 - p) + s / 4.0)).sqrt() / (1.0 + s);
        (middle - half, middle + half)
    }

    /// The share of right answers.
    pub fn share(right: u64, n: u64) -> f64 {
        right as f64 / n as f64
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub right: u64,
        pub n: u64,
        pub z: f64,
    }

    pub type Output = (f64, f64);

    pub fn call(input: &Input) -> Output {
        super::solution::wilson_interval(input.right, input.n, input.z)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("some hundred cases", 6, |rng| {
            let n = rng.random_range(100..900);
            Input { right: rng.random_range(n / 4..n - n / 10), n, z: z(rng) }
        });
        cases.general("nearly all right, or nearly all wrong", 6, |rng| {
            let n = rng.random_range(12..40);
            let few = rng.random_range(1..3);
            let right = if rng.random_bool(0.5) { few } else { n - few };
            Input { right, n, z: rng.random_range(1.9..3.0) }
        });
        cases.edge("every case right", 2, |rng| {
            let n = rng.random_range(2..60);
            Input { right: n, n, z: z(rng) }
        });
        cases.edge("no case right", 2, |rng| Input {
            right: 0,
            n: rng.random_range(2..60),
            z: z(rng),
        });
        let mut right = 0;
        cases.edge("a single case", 2, |rng| {
            right = 1 - right;
            Input { right, n: 1, z: z(rng) }
        });
        cases.edge("no cases", 1, |rng| Input { right: 0, n: 0, z: z(rng) });
        cases.edge("a million million cases", 2, |rng| {
            let n = 1_000_000_000_000;
            Input { right: rng.random_range(n / 3..n / 2), n, z: z(rng) }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::number("the lower end", expected.0, found.0, 1e-9)?;
        compare::number("the upper end", expected.1, found.1, 1e-9)
    }

    fn z(rng: &mut Rng) -> f64 {
        [1.0, 1.645, 1.96, 2.576][rng.random_range(0..4)]
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::wilson_interval;

    fn assert_interval(right: u64, n: u64, z: f64, low: f64, high: f64) {
        let found = wilson_interval(right, n, z);
        let near = (found.0 - low).abs() < 1e-9 && (found.1 - high).abs() < 1e-9;
        assert!(near, "expected ({low}, {high}), found {found:?}");
    }

    #[test]
    fn four_cases_all_right() {
        // z² / n = 1: (1 − q)² = q (1 − q), so q = 1 or q = 1 − q.
        assert_interval(4, 4, 2.0, 0.5, 1.0);
    }

    #[test]
    fn two_of_three() {
        // z² / n = 1 / 3 and p = 2/3: 4/3 q² − 5/3 q + 4/9 = 0, or 12 q² − 15 q + 4 = 0.
        let root = (15.0_f64 * 15.0 - 4.0 * 12.0 * 4.0).sqrt();
        assert_interval(2, 3, 1.0, (15.0 - root) / 24.0, (15.0 + root) / 24.0);
    }

    #[test]
    fn nothing_seen_excludes_nothing() {
        assert_interval(0, 0, 1.96, 0.0, 1.0);
    }

    #[test]
    fn the_ends_are_where_the_two_sides_are_equal() {
        let (p, n, z) = (0.85, 200.0, 1.96);
        let (low, high) = wilson_interval(170, 200, z);
        for q in [low, high] {
            let gap = (p - q).abs() - z * (q * (1.0 - q) / n).sqrt();
            assert!(gap.abs() < 1e-9, "at {q} the sides differ by {gap}");
        }
    }
}

/// Uses the formula of the chapter, with the deviation at the estimate.
///
/// # Feedback
///
/// Your interval is $`p`$ plus and minus a multiple of the deviation *at* $`p`$. That deviation is zero where all answers are right, and the interval can leave the range from 0 to 1. The deviation
/// that counts is the one at the end of the interval, and the end is what you look for.
pub mod mutant_takes_the_deviation_at_the_estimate {
    pub use super::solution::*;

    /// The estimate, plus and minus.
    pub fn wilson_interval(right: u64, n: u64, z: f64) -> (f64, f64) {
        if n == 0 {
            return (0.0, 1.0);
        }
        let p = share(right, n);
        let half = z * (p * (1.0 - p) / n as f64).sqrt();
        (p - half, p + half)
    }
}

/// Uses the formula of the chapter, and cuts its ends off at 0 and 1.
///
/// # Feedback
///
/// You cut off what is below 0 and above 1. That hides the fault and does not mend it: the interval of all right answers has still no width. Look for the true accuracies with which
/// the share that was seen is compatible.
pub mod mutant_cuts_the_ends_off {
    pub use super::solution::*;

    /// The estimate, plus and minus, within 0 and 1.
    pub fn wilson_interval(right: u64, n: u64, z: f64) -> (f64, f64) {
        if n == 0 {
            return (0.0, 1.0);
        }
        let p = share(right, n);
        let half = z * (p * (1.0 - p) / n as f64).sqrt();
        ((p - half).max(0.0), (p + half).min(1.0))
    }
}

/// Finds the width of the interval, and puts it round the estimate.
///
/// # Feedback
///
/// Your interval has the right width in the wrong place. Its middle is not the share that was seen: the two solutions of the equation lie round a point nearer to one half.
pub mod mutant_keeps_the_estimate_in_the_middle {
    pub use super::solution::*;

    /// The right width, round the estimate.
    pub fn wilson_interval(right: u64, n: u64, z: f64) -> (f64, f64) {
        if n == 0 {
            return (0.0, 1.0);
        }
        let p = share(right, n);
        let s = z * z / n as f64;
        let half = (s * (p * (1.0 - p) + s / 4.0)).sqrt() / (1.0 + s);
        (p - half, p + half)
    }
}

/// Divides whole numbers, so that every share below 1 is 0.
///
/// # Feedback
///
/// Your share of right answers is a whole number: Rust cuts off the fraction when it divides integers. Turn both into `f64` before you divide.
pub mod mutant_divides_whole_numbers {
    pub use super::solution::*;

    /// The share, cut off.
    pub fn share(right: u64, n: u64) -> f64 {
        (right / n) as f64
    }
}

/// Divides by zero where there are no cases.
///
/// # Feedback
///
/// Without cases your ends are not numbers: 0/0 is NaN. Say first what no cases tell about the accuracy.
pub mod mutant_divides_by_no_cases {
    pub use super::solution::*;

    /// The ends, by the formula alone.
    pub fn wilson_interval(right: u64, n: u64, z: f64) -> (f64, f64) {
        let p = share(right, n);
        let s = z * z / n as f64;
        let middle = (p + s / 2.0) / (1.0 + s);
        let half = (s * (p * (1.0 - p) + s / 4.0)).sqrt() / (1.0 + s);
        (middle - half, middle + half)
    }
}
