//! # What a unit computes
//!
//! - points: 3
//! - minutes: 10
//! - difficulty: warm-up
//! - section: xor
//!
//! A threshold unit with whole weights $`w_1, \dots, w_n`$ and a whole bias $`b`$ fires when $`w_1 x_1 + \dots + w_n x_n + b`$ is greater than 0. Its inputs
//! are bits. Write down its whole table.
//!
//! The answer has $`2^n`$ values, one for each row $`r = 0, 1, 2, \dots`$, true where the unit fires. In row $`r`$ the input $`x_i`$ is the bit of $`r`$ that is worth
//! $`2^{i-1}`$: the first weight goes with the lowest bit.
//!
//! - There are at most ten weights. Without weights the table has one row, and the bias alone decides.
//! - At exactly 0 the unit does not fire.
//!
//! ## Hint 1
//!
//! How do you get a single bit out of a number?
//!
//! ## Hint 2
//!
//! `(row >> i) & 1` is the bit worth `2^i`. Add up the weights of those bits that are 1.
//!
//! ## Notes
//!
//! **Time.** Ten minutes.
//!
//! **Misconceptions.** That a unit which is at 0 has decided for yes. That the bias is one more input that may be on or off: it is always added.
//!
//! **Discussion.** Which tables never come out, whatever the weights?

/// What the student starts from.
pub mod starter {
    /// Whether the unit fires, for each of the `2^n` rows of bits.
    pub fn table_of_unit(weights: &[i64], bias: i64) -> Vec<bool> {
        todo!("the sign of the weighted sum, row by row")
    }
}

/// What is right.
pub mod solution {
    /// Whether the unit fires, for each of the `2^n` rows of bits.
    pub fn table_of_unit(weights: &[i64], bias: i64) -> Vec<bool> {
        (0..1_usize << weights.len()).map(|row| sum(weights, row) + bias > 0).collect()
    }

    /// The weights whose bits are 1 in `row`, added up.
    pub fn sum(weights: &[i64], row: usize) -> i64 {
        weights.iter().enumerate().filter(|(i, _)| (row >> i) & 1 == 1).map(|(_, w)| w).sum()
    }
}

/// How a case reaches the answer.
pub mod call {
    pub type Input = (Vec<i64>, i64);

    pub type Output = Vec<bool>;

    pub fn call(input: &Input) -> Output {
        super::solution::table_of_unit(&input.0, input.1)
    }
}

/// What the judge knows.
pub mod judge {
    use gradebook::cases::{Cases, RngExt as _};
    use gradebook::compare::length;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("unit of several inputs", 8, |rng| {
            let n = rng.random_range(4..=7);
            let weights = (0..n).map(|_| rng.random_range(-9..=9)).chain([11]).collect();
            (weights, rng.random_range(-4..=-1))
        });
        cases.edge("no weights", 3, |rng| (Vec::new(), rng.random_range(-1..=1)));
        cases.edge("weighted sum of exactly 0", 3, |rng| {
            let w = rng.random_range(1..=5);
            (vec![w, 2 * w, -w], -w)
        });
        cases.edge("unit that never fires", 2, |rng| {
            (vec![rng.random_range(1..=3), rng.random_range(1..=3)], -7)
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let _ = input;
        length("rows", expected, found)?;
        match expected.iter().zip(found).position(|(e, f)| e != f) {
            None => Ok(()),
            Some(row) => {
                Err(format!("row {row}: expected {}, found {}", expected[row], found[row]))
            }
        }
    }
}

/// What the student sees and runs.
#[cfg(test)]
mod tests {
    use super::solution::table_of_unit;

    #[test]
    fn both_switches() {
        // 1 + 1 − 1 is above 0 only with both bits.
        assert_eq!(table_of_unit(&[1, 1], -1), [false, false, false, true]);
    }

    #[test]
    fn the_first_weight_goes_with_the_lowest_bit() {
        // Row 1 is x₁ = 1, x₂ = 0: 5 − 2. Row 2 is x₁ = 0, x₂ = 1: −5 − 2. Row 3: 0 − 2.
        assert_eq!(table_of_unit(&[5, -5], -2), [false, true, false, false]);
    }

    #[test]
    fn the_bias_alone() {
        assert_eq!(table_of_unit(&[], 1), [true]);
        assert_eq!(table_of_unit(&[], 0), [false]);
    }
}

/// Fires at 0, too.
///
/// # Feedback
///
/// Your unit fires where the weighted sum with its bias is exactly 0. It should be silent there: the sum has to be greater.
pub mod mutant_fires_at_zero {
    pub use super::solution::*;

    /// The table, with "at least 0".
    pub fn table_of_unit(weights: &[i64], bias: i64) -> Vec<bool> {
        (0..1_usize << weights.len()).map(|row| sum(weights, row) + bias >= 0).collect()
    }
}

/// Takes the first weight with the highest bit.
///
/// # Feedback
///
/// Your rows are in another order: the first weight goes with the lowest bit of the row's number, and the last weight with the highest.
pub mod mutant_highest_bit_first {
    pub use super::solution::*;

    /// The weights of the bits that are 1, read from the left.
    pub fn sum(weights: &[i64], row: usize) -> i64 {
        weights.iter().rev().enumerate().filter(|(i, _)| (row >> i) & 1 == 1).map(|(_, w)| w).sum()
    }
}

/// Leaves the bias out.
///
/// # Feedback
///
/// Your unit fires as if its bias were 0. The bias is added in every row, also in the first, where all inputs are 0.
pub mod mutant_forgets_the_bias {
    pub use super::solution::*;

    /// The table without the bias.
    pub fn table_of_unit(weights: &[i64], bias: i64) -> Vec<bool> {
        let _ = bias;
        (0..1_usize << weights.len()).map(|row| sum(weights, row) > 0).collect()
    }
}
