//! # A perceptron without weights
//!
//! - points: 9
//! - minutes: 30
//! - difficulty: medium
//! - section: xor
//!
//! The weights of a perceptron are a sum of cases, each taken as often as a mistake was made on it. So they need not be stored. It is enough to count: with $`c_j`$ mistakes on
//! case $`j`$, the weighted sum at an input $`x`$ is $`z = \sum_j c_j y_j\,(x_j \cdot x)`$. Only products of two inputs are left, and such a product may be replaced by another measure of
//! likeness. With $`K(u, v) = (1 + u \cdot v)^p`$ the unit draws lines through products of up to $`p`$ features, which nobody has to write down.
//!
//! Train it. All counts begin at 0. Cases come in the order given, `passes` times over. For case $`i`$ compute
//!
//! ```math
//! z = \sum_j c_j\, y_j\, K(x_j, x_i)
//! ```
//!
//! with the counts as they are *now*. If $`y_i z \le 0`$, raise $`c_i`$ by one. Give the counts after the last pass.
//!
//! - Inputs are whole numbers, $`y`$ is $`+1`$ or $`-1`$, and $`p`$ is at least 1. Nothing overflows.
//! - There may be no cases, and no passes.
//!
//! ## Hint 1
//!
//! Which loop is the chapter's `pass`, and which one replaces the dot product with the weights?
//!
//! ## Hint 2
//!
//! The inner loop goes over all cases, those after case $`i`$ included: in later passes they have counts, too.
//!
//! ## Solution
//!
//! The chapter's perceptron with the sum written out. A table of all $`K(x_j, x_i)`$, made once, would be faster, and larger.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That the features have to be made before they can be used. That the count of a case carries a sign: the sign is $`y`$'s.
//!
//! **Discussion.** What does an answer cost here, and what with weights? Which rule of Chapter 1 also remembers its cases?

/// What the student starts from.
pub mod starter {
    /// How many mistakes were made on each case `(x, y)`, with the kernel `(1 + u · v)^power`.
    pub fn kernel_perceptron(cases: &[(Vec<i64>, i64)], power: u32, passes: usize) -> Vec<i64> {
        todo!("count mistakes instead of changing weights")
    }
}

/// What is right.
pub mod solution {
    /// How many mistakes were made on each case `(x, y)`, with the kernel `(1 + u · v)^power`.
    pub fn kernel_perceptron(cases: &[(Vec<i64>, i64)], power: u32, passes: usize) -> Vec<i64> {
        let mut counts = vec![0; cases.len()];
        for _ in 0..passes {
            for (i, (x, y)) in cases.iter().enumerate() {
                if wrong(y * sum(cases, &counts, x, power)) {
                    counts[i] += 1;
                }
            }
        }
        counts
    }

    /// The weighted sum at `x`.
    pub fn sum(cases: &[(Vec<i64>, i64)], counts: &[i64], x: &[i64], power: u32) -> i64 {
        let all = cases.iter().zip(counts);
        all.map(|((other, y), count)| count * y * kernel(other, x, power)).sum()
    }

    /// How alike two inputs are.
    pub fn kernel(u: &[i64], v: &[i64], power: u32) -> i64 {
        (1 + u.iter().zip(v).map(|(u, v)| u * v).sum::<i64>()).pow(power)
    }

    /// True if the sum, times the sign, is no right answer.
    pub fn wrong(signed: i64) -> bool {
        signed <= 0
    }
}

/// How a case reaches the answer.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, Debug, Clone)]
    pub struct Input {
        pub cases: Vec<(Vec<i64>, i64)>,
        pub power: u32,
        pub passes: usize,
    }

    pub type Output = Vec<i64>;

    pub fn call(input: &Input) -> Output {
        super::solution::kernel_perceptron(&input.cases, input.power, input.passes)
    }
}

/// What the judge knows.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare::{equal, length};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("one class around the other", 5, |rng| {
            let power = 2;
            Input { power, ..drawn(rng, |x| x[0] * x[0] + x[1] * x[1] > 5) }
        });
        cases.general("classes in opposite corners", 5, |rng| {
            let power = rng.random_range(1..=3);
            Input { power, ..drawn(rng, |x| x[0] * x[1] > 0) }
        });
        cases.edge("no cases", 1, |_| Input { cases: Vec::new(), power: 2, passes: 3 });
        cases.edge("no passes", 1, |rng| Input { passes: 0, ..drawn(rng, |x| x[0] > 0) });
        cases.edge("single case at the origin", 2, |rng| Input {
            cases: vec![(vec![0, 0], if rng.random_bool(0.5) { 1 } else { -1 })],
            power: 2,
            passes: 3,
        });
    }

    fn drawn(rng: &mut Rng, first: impl Fn(&[i64]) -> bool) -> Input {
        let n = rng.random_range(15..30);
        let mut case = || {
            let x: Vec<i64> = (0..3).map(|_| rng.random_range(-3..=3)).collect();
            let y = if first(&x) { 1 } else { -1 };
            (x, y)
        };
        Input { cases: (0..n).map(|_| case()).collect(), power: 1, passes: 5 }
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let _ = input;
        length("counts", expected, found)?;
        match expected.iter().zip(found).position(|(e, f)| e != f) {
            None => Ok(()),
            Some(i) => equal(&format!("the mistakes on case {i}"), &expected[i], &found[i]),
        }
    }
}

/// What the student sees and runs.
#[cfg(test)]
mod tests {
    use super::solution::kernel_perceptron;

    #[test]
    fn two_cases() {
        // K is 2 for a case with itself and 0 for one with the other. Both are mistakes once, since 0 is no answer.
        let cases = [(vec![1], 1), (vec![-1], -1)];
        assert_eq!(kernel_perceptron(&cases, 1, 3), [1, 1]);
    }

    #[test]
    fn the_counts_change_within_a_pass() {
        // The first case is a mistake. Then z = 1 · 1 · (1 + 2) = 3 at the second, which is right.
        assert_eq!(kernel_perceptron(&[(vec![1], 1), (vec![2], 1)], 1, 1), [1, 0]);
    }

    #[test]
    fn exactly_one_of_two() {
        // With products of two features the lamp is learned: more passes make no more mistakes.
        let lamp = [(vec![-1, -1], -1), (vec![-1, 1], 1), (vec![1, -1], 1), (vec![1, 1], -1)];
        let counts = kernel_perceptron(&lamp, 2, 50);
        assert_eq!(counts, kernel_perceptron(&lamp, 2, 51));
        assert_ne!(kernel_perceptron(&lamp, 1, 50), kernel_perceptron(&lamp, 1, 51));
    }
}

/// Takes a sum of 0 for a right answer.
///
/// # Feedback
///
/// You count nothing where the sum is 0. At 0 the unit has not decided, and that is a mistake; at the beginning it is the only one that there is.
pub mod mutant_accepts_zero {
    pub use super::solution::*;

    /// True below 0 only.
    pub fn wrong(signed: i64) -> bool {
        signed < 0
    }
}

/// Leaves the signs of the other cases out of the sum.
///
/// # Feedback
///
/// In your sum all cases pull in one direction. A count says how often, and the sign of its case says to which side.
pub mod mutant_forgets_the_signs {
    pub use super::solution::*;

    /// The sum without signs.
    pub fn sum(cases: &[(Vec<i64>, i64)], counts: &[i64], x: &[i64], power: u32) -> i64 {
        let all = cases.iter().zip(counts);
        all.map(|((other, _), count)| count * kernel(other, x, power)).sum()
    }
}

/// Raises the dot product to the power without adding 1.
///
/// # Feedback
///
/// Your measure of likeness lacks the 1. Without it there is no bias, and an input of zeros is like nothing, not even itself.
pub mod mutant_forgets_the_one {
    pub use super::solution::*;

    /// The power of the product alone.
    pub fn kernel(u: &[i64], v: &[i64], power: u32) -> i64 {
        u.iter().zip(v).map(|(u, v)| u * v).sum::<i64>().pow(power)
    }
}

/// Uses the counts from the beginning of the pass.
///
/// # Feedback
///
/// Your counts change only at the end of a pass. The perceptron learns from a mistake at once, and the next case meets what it has learned.
pub mod mutant_waits_for_the_pass {
    pub use super::solution::*;

    /// The counts, changed after each pass.
    pub fn kernel_perceptron(cases: &[(Vec<i64>, i64)], power: u32, passes: usize) -> Vec<i64> {
        let mut counts = vec![0; cases.len()];
        for _ in 0..passes {
            let before = counts.clone();
            for (i, (x, y)) in cases.iter().enumerate() {
                if wrong(y * sum(cases, &before, x, power)) {
                    counts[i] += 1;
                }
            }
        }
        counts
    }
}
