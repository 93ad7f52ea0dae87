//! # How far apart are two histograms?
//!
//! - points: 5
//! - minutes: 15
//! - difficulty: warm-up
//! - section: colour
//!
//! The rules of this chapter compare features by the Euclidean distance. For histograms that is a crude choice. A colour that goes from no
//! pixel to one in a hundred is news, and a colour that goes from 50 in a hundred to 51 is not, but the Euclidean
//! distance takes both for the same. The *chi-square distance* divides each squared difference by what there is in the two bins together:
//!
//! ```math
//! \chi^2(p, q) = \frac{1}{2} \sum_i \frac{(p_i - q_i)^2}{p_i + q_i}
//! ```
//!
//! Here $`p_i`$ and $`q_i`$ are the *shares* of bin $`i`$ in the two histograms. The distance is 0 where all shares are equal. It is 1 where both histograms have counts and no bin is
//! filled in both.
//!
//! Write a function that gets two histograms as *counts* and gives their chi-square distance.
//!
//! - The two have the same number of bins, at least one.
//! - They may come from images of different size. The share of a bin is its count divided by the sum of all counts of its histogram. That
//!   sum may be larger than any `u32`.
//! - A bin that is empty in both histograms adds nothing.
//! - A histogram without any counts has the share 0 in every bin.
//!
//! The result is compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Which two divisions are there, and when is the divisor of each of them zero?
//!
//! ## Hint 2
//!
//! Write a helper that turns counts into shares as `Vec<f64>`. It is the place for the histogram without counts, and the sum is safe if it
//! is taken in `u64` or `f64`.
//!
//! ## Hint 3
//!
//! Walk over both lists of shares with `zip`, leave out the pairs whose sum is 0, and halve the sum at the end.
//!
//! ## Solution
//!
//! There are two places where 0/0 can happen, and each is caught where it arises: a histogram without counts while the shares are made, an empty
//! pair of bins while they are compared. What is left is the formula.
//!
//! ## Notes
//!
//! **Time.** Fifteen minutes. Whoever needs longer is usually looking for the place where a NaN began.
//!
//! **Misconceptions.** The test statistic of Pearson divides by the expected count alone; it is not symmetric, and it is not
//! defined where nothing was expected. Many students know that formula and write it down. Others compare counts and find that an
//! image is far from itself at half the size.
//!
//! **Discussion.** A NaN never compares as smaller. Ask what the nearest-neighbour rule does with an example whose distance
//! is NaN. (It can never be chosen, and nothing says so.)

/// What the student starts from.
pub mod starter {
    /// The chi-square distance between the shares of two histograms of counts.
    pub fn chi_square_distance(first: &[u32], second: &[u32]) -> f64 {
        todo!("counts to shares, then half the sum over the bins")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The chi-square distance between the shares of two histograms of counts.
    pub fn chi_square_distance(first: &[u32], second: &[u32]) -> f64 {
        let (first, second) = (shares(first), shares(second));
        first.iter().zip(&second).map(|(&p, &q)| term(p, q)).sum::<f64>() / 2.0
    }

    /// What a bin adds, from its two shares.
    pub fn term(p: f64, q: f64) -> f64 {
        if p + q > 0.0 { (p - q).powi(2) / (p + q) } else { 0.0 }
    }

    /// Each count divided by their sum; all zero where there are no counts.
    pub fn shares(counts: &[u32]) -> Vec<f64> {
        let total = counts.iter().map(|&count| f64::from(count)).sum::<f64>().max(1.0);
        counts.iter().map(|&count| f64::from(count) / total).collect()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub first: Vec<u32>,
        pub second: Vec<u32>,
    }

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        super::solution::chi_square_distance(&input.first, &input.second)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("images of different size, every bin filled", 6, |rng| {
            let bins = rng.random_range(3..40);
            Input { first: counts(rng, bins, 1..200), second: counts(rng, bins, 1..5000) }
        });
        cases.general("bins that are filled in one histogram only", 4, |rng| {
            let bins = rng.random_range(6..20);
            let mut input =
                Input { first: counts(rng, bins, 1..900), second: counts(rng, bins, 1..100) };
            input.first[rng.random_range(0..3)] = 0;
            input.second[rng.random_range(3..6)] = 0;
            input
        });
        cases.edge("bins that are empty in both", 3, |rng| {
            let bins = rng.random_range(8..64);
            let mut input =
                Input { first: counts(rng, bins, 1..90), second: counts(rng, bins, 1..90) };
            for bin in (0..bins).filter(|_| rng.random_bool(0.5)).chain([3]).collect::<Vec<_>>() {
                (input.first[bin], input.second[bin]) = (0, 0);
            }
            (input.first[5], input.second[6]) = (7, 4);
            input
        });
        cases.edge("no colour in common", 2, |rng| {
            let (used, bins) = (rng.random_range(1..6), rng.random_range(6..12));
            let mut input =
                Input { first: counts(rng, bins, 1..90), second: counts(rng, bins, 1..90) };
            input.first[used..].fill(0);
            input.second[..used].fill(0);
            input
        });
        let mut turn = 0;
        cases.edge("a histogram without counts", 3, |rng| {
            let bins = rng.random_range(1..9);
            let (filled, empty) = (counts(rng, bins, 1..90), vec![0; bins]);
            turn += 1;
            match turn {
                1 => Input { first: empty, second: filled },
                2 => Input { first: filled, second: empty },
                _ => Input { first: empty.clone(), second: empty },
            }
        });
        cases.edge("counts whose sum exceeds a `u32`", 2, |rng| {
            let high = 3_000_000_000..u32::MAX;
            Input { first: counts(rng, 5, high), second: counts(rng, 5, 1..1000) }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::number("the distance", *expected, *found, 1e-9)
    }

    fn counts(rng: &mut Rng, bins: usize, range: std::ops::Range<u32>) -> Vec<u32> {
        (0..bins).map(|_| rng.random_range(range.clone())).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::chi_square_distance;

    #[test]
    fn the_same_picture_at_twice_the_size_is_not_far() {
        // Shares 1/4 and 3/4, both times.
        assert!(chi_square_distance(&[1, 3], &[4, 12]).abs() < 1e-9);
    }

    #[test]
    fn two_bins_by_hand() {
        // Shares (1/2, 1/2) and (1/4, 3/4): half of (1/16)/(3/4) + (1/16)/(5/4) = half of 1/12 + 1/20 = 1/15.
        let distance = chi_square_distance(&[5, 5], &[1, 3]);
        assert!((distance - 1.0 / 15.0).abs() < 1e-9, "{distance}");
    }

    #[test]
    fn an_empty_bin_adds_nothing() {
        // The third bin is empty in both; the other two have nothing in common.
        assert!((chi_square_distance(&[8, 0, 0], &[0, 2, 0]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_histogram_without_counts() {
        // Shares (0, 0) and (1, 0): half of 1²/1.
        assert!((chi_square_distance(&[0, 0], &[6, 0]) - 0.5).abs() < 1e-9);
    }
}

/// Compares the counts, not the shares.
///
/// # Feedback
///
/// Your distance grows with the number of pixels: the same picture at twice the size is far from itself. What the formula calls
/// $`p_i`$ and $`q_i`$ are shares of a histogram's own total.
pub mod mutant_compares_counts {
    pub use super::solution::*;

    /// The counts as they are.
    pub fn shares(counts: &[u32]) -> Vec<f64> {
        counts.iter().map(|&count| f64::from(count)).collect()
    }
}

/// Divides by zero where a bin is empty in both histograms.
///
/// # Feedback
///
/// A bin that nobody fills is 0/0, which is NaN, and one NaN makes the whole sum NaN. Say what such a bin adds before you
/// divide.
pub mod mutant_divides_empty_bins {
    pub use super::solution::*;

    /// What a bin adds.
    pub fn term(p: f64, q: f64) -> f64 {
        (p - q).powi(2) / (p + q)
    }
}

/// Writes down Pearson's statistic, which divides by one histogram alone.
///
/// # Feedback
///
/// You divide by what one of the histograms has in the bin. That is the statistic of a test, in which one side is expected
/// and the other observed. A distance treats both alike: exchange the two histograms, and it stays the same.
pub mod mutant_divides_by_one {
    pub use super::solution::*;

    /// What a bin adds, as if `q` were expected.
    pub fn term(p: f64, q: f64) -> f64 {
        if q > 0.0 { (p - q).powi(2) / q } else { 0.0 }
    }
}

/// Leaves out the half.
///
/// # Feedback
///
/// Your distance is twice what it should be. Two histograms that have nothing in common are at distance 1.
pub mod mutant_forgets_the_half {
    pub use super::solution::*;

    /// Twice the distance.
    pub fn chi_square_distance(first: &[u32], second: &[u32]) -> f64 {
        let (first, second) = (shares(first), shares(second));
        first.iter().zip(&second).map(|(&p, &q)| term(p, q)).sum()
    }
}

/// Adds up the counts in a `u32`.
///
/// # Feedback
///
/// The sum of the counts does not always fit the type of a count. It overflows: the program stops in a debug build, and
/// goes on with a wrong sum in a release build. Add up in a wider type.
pub mod mutant_sums_in_u32 {
    pub use super::solution::*;

    /// Each count divided by a sum that may have gone round.
    pub fn shares(counts: &[u32]) -> Vec<f64> {
        let total = counts.iter().fold(0_u32, |sum, &count| sum.wrapping_add(count)).max(1);
        counts.iter().map(|&count| f64::from(count) / f64::from(total)).collect()
    }
}
