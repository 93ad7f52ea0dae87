//! # How wide must the bell be?
//!
//! - points: 10
//! - minutes: 40
//! - difficulty: medium
//! - section: tsne
//!
//! Before t-SNE draws anything, it decides for each sample who its neighbours are, and how much each of them counts. Let $`D_j`$ be the squared distances of one sample from the $`m`$ others. A neighbour gets the share
//!
//! ```math
//! p_j = \frac{e^{-\beta D_j}}{\sum_{l} e^{-\beta D_l}}
//! ```
//!
//! with a precision $`\beta > 0`$. A small precision lets everybody count alike, a large one only the nearest. Nobody chooses it: it is searched for, sample by sample, so that the *perplexity* comes out as was wished for. The perplexity is the number of neighbours that would have the same entropy if all counted
//! alike: $`e^{H}`$ with $`H = -\sum_j p_j \ln p_j`$.
//!
//! Write a function that gives the shares $`p_j`$ whose perplexity is `perplexity`.
//!
//! - The squared distances are not negative and contain nothing for the sample itself. They may be as small as 1e-6 or as large as 1e9, and they are not all equal.
//! - The perplexity wished for lies between the number of the nearest (those with the smallest distance) and $`m`$, and is equal to neither.
//! - The shares are compared up to 1e-6. A share of 0 counts as $`0 \ln 0 = 0`$.
//!
//! ## Hint 1
//!
//! The perplexity falls when $`\beta`$ grows. So if you know one precision that is too small and one that is too large, halve.
//!
//! ## Hint 2
//!
//! With distances of 1e9, every power of $`e`$ is zero, and so is the sum below. Which number may be subtracted from all $`D_j`$ without changing a share?
//!
//! ## Hint 3
//!
//! Subtract the smallest distance. Begin with $`\beta = 1`$, double it while the perplexity is too large, and halve it while it is too small; the place wished for lies in the last step. Then halve the interval some hundred times: a double has 53 bits.
//!
//! ## Solution
//!
//! The search needs two steps. Doubling and halving find the size of the precision, however the distances are scaled, and bisection its digits. Programs often start bisection from a fixed interval or stop after fifty steps, which is enough for features of moderate size.
//!
//! ## Notes
//!
//! **Time.** Forty minutes. Students who print $`\beta`$ and the perplexity in each step find their mistakes alone.
//!
//! **Misconceptions.** That the perplexity is the number of neighbours that are looked at: all are looked at. That it fixes a radius: it fixes an entropy, so that the bell is narrow in a dense place and wide in an empty one, and a picture says nothing about density. That entropy in bits and in nats give two perplexities: two to the one is $`e`$ to
//! the other.
//!
//! **Discussion.** What happens with a perplexity of 2 in a cloud of a single bell? (Every sample holds on to a few others, by chance, and the picture shows clumps.) Which perplexities can a set with many equal samples not have?

/// What the student starts from.
pub mod starter {
    /// The shares of the neighbours, whose perplexity is the one wished for.
    pub fn perplexity_search(squared: &[f64], perplexity: f64) -> Vec<f64> {
        todo!("bracket, then bisect")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The shares of the neighbours, whose perplexity is the one wished for.
    pub fn perplexity_search(squared: &[f64], perplexity: f64) -> Vec<f64> {
        let squared = prepared(squared);
        let too_wide = |beta: f64| perplexity_of(&shares(&squared, beta)) > perplexity;
        let (mut low, mut high) = bracket(too_wide);
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            if too_wide(middle) { low = middle } else { high = middle }
        }
        shares(&squared, (low + high) / 2.0)
    }

    /// The squared distances beyond the smallest.
    pub fn prepared(squared: &[f64]) -> Vec<f64> {
        let nearest = squared.iter().copied().fold(f64::INFINITY, f64::min);
        squared.iter().map(|d| d - nearest).collect()
    }

    /// A precision that is too small, or just right, and one that is not.
    pub fn bracket(too_wide: impl Fn(f64) -> bool) -> (f64, f64) {
        let mut high = 1.0;
        while too_wide(high) {
            high *= 2.0;
        }
        let mut low = high / 2.0;
        while !too_wide(low) {
            low /= 2.0;
        }
        (low, 2.0 * low)
    }

    /// The shares under a precision.
    pub fn shares(squared: &[f64], beta: f64) -> Vec<f64> {
        let powers: Vec<f64> = squared.iter().map(|d| (-beta * d).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.iter().map(|power| power / sum).collect()
    }

    /// The number of equal shares with the same entropy.
    pub fn perplexity_of(shares: &[f64]) -> f64 {
        let terms = shares.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln());
        terms.sum::<f64>().exp()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub squared: Vec<f64>,
        pub perplexity: f64,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::perplexity_search(&input.squared, input.perplexity)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("moderate distances and perplexities", 6, |rng| {
            let m = rng.random_range(8..20);
            around(rng, m, 1.0, 0.0, 0.3..0.8)
        });
        cases.general("small distances", 4, |rng| around(rng, 12, 1e-5, 0.0, 0.2..0.8));
        cases
            .general("large distances, all far away", 4, |rng| around(rng, 12, 1e3, 1e7, 0.2..0.8));
        cases.edge("distances of all sizes", 3, |rng| {
            let squared = (0..10).map(|i| 10f64.powi(i - 3) * rng.random_range(1.0..2.0)).collect();
            Input { squared, perplexity: rng.random_range(2.0..8.0) }
        });
        cases.edge("a perplexity little above one", 2, |rng| around(rng, 10, 1.0, 0.0, 0.11..0.13));
        cases.edge("a perplexity little below the number of neighbours", 2, |rng| {
            around(rng, 10, 4.0, 0.0, 0.95..0.99)
        });
        cases.edge("some neighbours equally near", 3, |rng| {
            let mut input = around(rng, 12, 1.0, 0.5, 0.4..0.8);
            input.squared[..3].fill(0.25);
            input
        });
        cases.edge("two neighbours", 2, |rng| around(rng, 2, 1.0, 0.0, 0.6..0.9));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("shares", expected, found)?;
        compare::each(expected, found, 1e-6, |at| format!("neighbour {at}"))
    }

    fn around(rng: &mut Rng, m: usize, size: f64, from: f64, of: std::ops::Range<f64>) -> Input {
        let squared = (0..m).map(|_| from + size * rng.random_range(0.1..4.0)).collect();
        Input { squared, perplexity: m as f64 * rng.random_range(of) }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::perplexity_search;

    fn perplexity(shares: &[f64]) -> f64 {
        shares.iter().map(|p| if *p > 0.0 { -p * p.ln() } else { 0.0 }).sum::<f64>().exp()
    }

    #[test]
    fn two_neighbours() {
        // Shares of 0.8 and 0.2 have the entropy 0.5004, so a perplexity of 1.6494.
        let shares = perplexity_search(&[1.0, 3.0], 1.649_384_888_466_117_4);
        assert!((shares[0] - 0.8).abs() < 1e-6 && (shares[1] - 0.2).abs() < 1e-6, "{shares:?}");
    }

    #[test]
    fn the_perplexity_is_that_wished_for() {
        let shares = perplexity_search(&[0.5, 1.0, 2.0, 4.0, 8.0], 3.0);
        assert!((perplexity(&shares) - 3.0).abs() < 1e-6);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_scale_does_not_matter() {
        // Distances a million times as large, with another number added to all, have the same shares.
        let near = perplexity_search(&[1.0, 2.0, 4.0], 2.0);
        let far = perplexity_search(&[9e6 + 1e6, 9e6 + 2e6, 9e6 + 4e6], 2.0);
        assert!(near.iter().zip(&far).all(|(a, b)| (a - b).abs() < 1e-6), "{near:?} {far:?}");
    }
}

/// Raises to large negative powers.
///
/// # Feedback
///
/// Where all distances are large, your powers of $`e`$ are all zero, and zero over zero is no number. Subtract the smallest distance from all of them: no share changes.
pub mod mutant_divides_zero_by_zero {
    pub use super::solution::*;

    /// The squared distances as they are.
    pub fn prepared(squared: &[f64]) -> Vec<f64> {
        squared.to_vec()
    }

    /// The precision of one, a hundred times halved and doubled at most.
    pub fn bracket(too_wide: impl Fn(f64) -> bool) -> (f64, f64) {
        let mut high = 1.0;
        for _ in 0..100 {
            if too_wide(high) {
                high *= 2.0;
            }
        }
        let mut low = high / 2.0;
        for _ in 0..100 {
            if !too_wide(low) {
                low /= 2.0;
            }
        }
        (low, high)
    }
}

/// Searches between fixed bounds.
///
/// # Feedback
///
/// With small or large distances your precision stops at a bound of your interval. The precision has the unit of one over a squared distance, so no fixed interval is wide enough.
pub mod mutant_searches_a_fixed_interval {
    pub use super::solution::*;

    /// From almost nothing to a hundred.
    pub fn bracket(_: impl Fn(f64) -> bool) -> (f64, f64) {
        (0.01, 100.0)
    }
}

/// Takes two to the power of an entropy in nats.
///
/// # Feedback
///
/// Your entropy is in nats, with the natural logarithm, and your perplexity is two to this power. Either take logarithms to the base two, or $`e`$ to the power.
pub mod mutant_mixes_bits_and_nats {
    pub use super::solution::*;

    /// Two to the entropy in nats.
    pub fn perplexity_of(shares: &[f64]) -> f64 {
        let terms = shares.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln());
        terms.sum::<f64>().exp2()
    }

    /// A bracket that gives up.
    pub fn bracket(too_wide: impl Fn(f64) -> bool) -> (f64, f64) {
        let (mut low, mut high) = (1.0, 1.0);
        for _ in 0..300 {
            if too_wide(high) {
                high *= 2.0;
            }
            if !too_wide(low) {
                low /= 2.0;
            }
        }
        (low, high)
    }
}

/// Takes the distance and not its square.
///
/// # Feedback
///
/// You take roots. What is given are squared distances already, as in the formula, and the bell has the square in its exponent.
pub mod mutant_takes_roots {
    pub use super::solution::*;

    /// The distances, from the smallest on.
    pub fn prepared(squared: &[f64]) -> Vec<f64> {
        let nearest = squared.iter().copied().fold(f64::INFINITY, f64::min);
        squared.iter().map(|d| d.sqrt() - nearest.sqrt()).collect()
    }
}

/// Counts how many hold a share, and not their entropy.
///
/// # Feedback
///
/// You take one over the sum of the squares of the shares. That is another number of effective neighbours, and not the one that is asked for: the perplexity is $`e`$ to the entropy.
pub mod mutant_sums_squares {
    pub use super::solution::*;

    /// One over the sum of squares.
    pub fn perplexity_of(shares: &[f64]) -> f64 {
        1.0 / shares.iter().map(|p| p * p).sum::<f64>()
    }
}
