//! # How surprising is a neighbour?
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: texture
//!
//! The chapter takes five properties of a co-occurrence matrix. Haralick, Shanmugam and Dinstein have fourteen, and three of the others are *entropies*. The
//! entropy of a list of shares $`p`$ that add up to 1 is
//!
//! ```math
//! H(p) = -\sum_k p_k \log_2 p_k
//! ```
//!
//! in bits. It is 0 where one share is all, and largest where all shares are equal: then nothing can be guessed.
//!
//! Let $`P_{ij}`$ be the co-occurrence matrix of 16 × 16 levels. Write a function that gives three entropies of it, in this order:
//!
//! 1. of the pairs: the entropy of all $`P_{ij}`$;
//! 2. of the sums: the entropy of the shares that the sums $`i + j`$ have, which go from 0 to 30;
//! 3. of the differences: the entropy of the shares that the distances $`|i - j|`$ have, which go from 0 to 15.
//!
//! - The matrix comes row by row, as `features::glcm::matrix` gives it: 256 shares, symmetric.
//! - A share of zero adds nothing to an entropy; this is the limit of $`p \log_2 p`$.
//! - An image of one pixel has no pairs, and its matrix is all zero. All three entropies are then 0.
//!
//! The entropies are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! All three are the entropy of a list. What are the three lists?
//!
//! ## Hint 2
//!
//! Two lists have to be collected first: each $`P_{ij}`$ is added to the entry for $`i + j`$ of the one and to the entry for $`|i - j|`$ of the
//! other. Several pairs end up in the same entry, and that is why the three entropies differ.
//!
//! ## Hint 3
//!
//! In place $`m`$ of the matrix stand $`i = \lfloor m / 16 \rfloor`$ and $`j = m \bmod 16`$. `usize::abs_diff` gives the distance of
//! two levels. Filter the shares that are larger than zero before you take the logarithm.
//!
//! ## Solution
//!
//! One function for the entropy, and two short lists that are collected in one pass. The order matters: shares are added up first, and only then
//! turned into an entropy, because the logarithm of a sum is not the sum of the logarithms.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That 0 · log 0 is 0 in floating point: it is NaN. That the differences keep their sign, which makes of every
//! distance two entries with half the share each. That natural and binary logarithms are the same up to taste: they are, but a unit has to be agreed.
//!
//! **Discussion.** Which of the three is unmoved if 40 levels are added to every pixel, and none is cut off? (None exactly, since 40 is no multiple
//! of 16. With 32, all three.) Contrast weighs a difference by its square, the entropy of the differences only asks how predictable it is: find an image with high
//! contrast and an entropy of the differences of zero. (A chessboard, in one direction.)

/// What the student starts from.
pub mod starter {
    use features::glcm::LEVELS;

    /// The entropies, in bits, of the pairs, of their sums and of their differences.
    pub fn pair_entropies(matrix: &[f64]) -> [f64; 3] {
        let mut sums = [0.0; 2 * LEVELS - 1];
        let mut differences = [0.0; LEVELS];
        todo!("collect the shares of the sums and of the differences, then take three entropies")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use features::glcm::LEVELS;

    /// The entropies, in bits, of the pairs, of their sums and of their differences.
    pub fn pair_entropies(matrix: &[f64]) -> [f64; 3] {
        let mut sums = [0.0; 2 * LEVELS - 1];
        let mut differences = [0.0; LEVELS];
        for (place, share) in matrix.iter().enumerate() {
            let (i, j) = (place / LEVELS, place % LEVELS);
            sums[i + j] += share;
            differences[i.abs_diff(j)] += share;
        }
        [entropy(matrix), entropy(&sums), entropy(&differences)]
    }

    /// The entropy of shares in bits; a share of zero adds nothing.
    pub fn entropy(shares: &[f64]) -> f64 {
        shares.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use features::View;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub width: usize,
        pub height: usize,
        pub levels: Vec<u8>,
        /// One of the chapter's four.
        pub direction: usize,
    }

    pub type Output = [f64; 3];

    pub fn call(input: &Input) -> Output {
        let image = View::of_levels(input.width, input.height, &input.levels);
        let direction = features::glcm::DIRECTIONS[input.direction];
        super::solution::pair_entropies(&features::glcm::matrix(image, direction))
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases
            .general("large random texture", 3, |rng| image(rng, 60, 50, |_, _, rng| rng.random()));
        cases.general("smooth surface with many empty pairs", 4, |rng| {
            let (slope, start) = (rng.random_range(3..6), rng.random_range(0..60));
            image(rng, 20, 15, |x, y, rng| {
                (start + slope * (x + y) + rng.random_range(0..30)) as u8
            })
        });
        cases.edge("constant image", 2, |rng| {
            let level = rng.random();
            image(rng, 8, 8, |_, _, _| level)
        });
        cases.edge("stripes of two levels", 3, |rng| {
            let (dark, bright) = (rng.random_range(0..100), rng.random_range(120..=255));
            let period = rng.random_range(2..5);
            image(rng, 14, 11, |x, _, _| if x % period == 0 { bright } else { dark })
        });
        cases.edge("image of one pixel, without pairs", 1, |rng| image(rng, 1, 1, |_, _, _| 99));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let names = ["pairs", "sums", "differences"];
        compare::each(expected, found, 1e-9, |i| format!("the entropy of the {}", names[i]))
    }

    fn image(
        rng: &mut Rng,
        width: usize,
        height: usize,
        level: impl Fn(usize, usize, &mut Rng) -> u8,
    ) -> Input {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let levels = places.map(|(x, y)| level(x, y, rng)).collect();
        Input { width, height, levels, direction: rng.random_range(0..4) }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::pair_entropies;
    use features::View;
    use features::glcm::matrix;

    fn of(width: usize, height: usize, levels: &[u8]) -> [f64; 3] {
        pair_entropies(&matrix(View::of_levels(width, height, levels), (1, 0)))
    }

    #[test]
    fn nothing_surprises_in_a_constant_image() {
        assert_eq!(of(3, 2, &[40; 6]).map(f64::abs), [0.0; 3]);
    }

    #[test]
    fn a_chessboard() {
        // Levels 0 and 15 always stand side by side: the pairs (0, 15) and (15, 0) have a share of one half each, so
        // the pairs have one bit. The sum is always 15 and the difference too: no bits.
        let found = of(4, 2, &[0, 255, 0, 255, 255, 0, 255, 0]);
        assert_eq!(found.map(f64::abs), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn two_equal_and_two_different() {
        // A row of levels 0, 0, 1: the pairs (0, 0) twice, (0, 1) and (1, 0), of four. Entropy of ½, ¼, ¼: 1.5 bits. Sums 0 and
        // 1, one half each: 1 bit. Differences 0 and 1, the same: 1 bit.
        assert_eq!(of(3, 1, &[0, 0, 16]), [1.5, 1.0, 1.0]);
    }

    #[test]
    fn without_pairs() {
        assert_eq!(of(1, 1, &[7]).map(f64::abs), [0.0; 3]);
    }
}

/// Takes the logarithm of zero.
///
/// # Feedback
///
/// Your entropies are NaN: zero times the logarithm of zero is not a number in floating point. Pairs that never occur add nothing, and have
/// to be left out before the logarithm.
pub mod mutant_takes_log_of_zero {
    pub use super::solution::*;

    /// The entropy, NaN where a share is zero.
    pub fn entropy(shares: &[f64]) -> f64 {
        shares.iter().map(|p| -p * p.log2()).sum()
    }
}

/// Takes the natural logarithm.
///
/// # Feedback
///
/// Your entropies are about seven tenths of what they should be. They are in nats; bits need the logarithm to the base 2.
pub mod mutant_takes_natural_logarithms {
    pub use super::solution::*;

    /// The entropy in nats.
    pub fn entropy(shares: &[f64]) -> f64 {
        shares.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
    }
}

/// Keeps the sign of the differences.
///
/// # Feedback
///
/// You keep $`i - j`$ and $`j - i`$ apart. A difference here is a distance: both ways round it is the same, and their shares are added up.
pub mod mutant_keeps_the_sign {
    use features::glcm::LEVELS;

    pub use super::solution::*;

    /// The three entropies, the last of signed differences.
    pub fn pair_entropies(matrix: &[f64]) -> [f64; 3] {
        let (mut sums, mut differences) = ([0.0; 2 * LEVELS - 1], [0.0; 2 * LEVELS - 1]);
        for (place, share) in matrix.iter().enumerate() {
            let (i, j) = (place / LEVELS, place % LEVELS);
            sums[i + j] += share;
            differences[LEVELS - 1 + i - j] += share;
        }
        [entropy(matrix), entropy(&sums), entropy(&differences)]
    }
}

/// Adds up the terms p log p of the pairs, not their shares.
///
/// # Feedback
///
/// Your last two entropies are as large as the first. Pairs with the same sum are one event: their shares have to be added up before the
/// logarithm, and then there is less to guess.
pub mod mutant_adds_terms_instead_of_shares {
    pub use super::solution::*;

    /// Three times the entropy of the pairs, by three roads.
    pub fn pair_entropies(matrix: &[f64]) -> [f64; 3] {
        [entropy(matrix); 3]
    }
}

/// Takes the levels one by one, not in pairs.
///
/// # Feedback
///
/// Your first entropy is that of the levels alone, as if neighbours had nothing to do with each other. Every entry of the matrix is an event of its own.
pub mod mutant_takes_levels_for_pairs {
    use features::glcm::LEVELS;

    pub use super::solution::*;

    /// The three entropies, the first of the rows' sums.
    pub fn pair_entropies(matrix: &[f64]) -> [f64; 3] {
        let (mut sums, mut differences) = ([0.0; 2 * LEVELS - 1], [0.0; LEVELS]);
        for (place, share) in matrix.iter().enumerate() {
            let (i, j) = (place / LEVELS, place % LEVELS);
            sums[i + j] += share;
            differences[i.abs_diff(j)] += share;
        }
        let rows: Vec<f64> = matrix.chunks(LEVELS).map(|row| row.iter().sum()).collect();
        [entropy(&rows), entropy(&sums), entropy(&differences)]
    }
}
