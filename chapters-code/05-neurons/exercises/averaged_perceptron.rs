//! # The average of all that it was
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: medium
//! - section: logistic
//!
//! Where no line separates the classes, the last weights of a perceptron depend on which garments came last. An old remedy is to answer with the *average* of all
//! weights that it has had, each counted for as long as it lasted.
//!
//! Train a perceptron as in the chapter: weights begin at 0, cases come in the order given, `passes` times over. If $`y\,(w \cdot x) \le 0`$, then $`w`$ becomes $`w + y x`$. After
//! *every* case, whether or not it was a mistake, the weights as they then are enter the average once. Give the average.
//!
//! - All passes are made, also those without a mistake.
//! - Each case has `d` features; there is no bias apart. With no cases or no passes the answer is `d` zeros.
//! - Answers count as right within $`10^{-9}`$.
//!
//! ## Hint 1
//!
//! Keep two vectors: the weights, and the sum of all weights so far.
//!
//! ## Hint 2
//!
//! When does a vector of weights enter the sum? Once for each case that it survives, and the case that made it counts.
//!
//! ## Hint 3
//!
//! At the end, divide by the number of cases times the number of passes, unless that is 0.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That one averages over mistakes: then weights that were right for a thousand cases count as much as weights that lasted for one. That the weights must be
//! those before the case.
//!
//! **Discussion.** The sum can be kept without adding all weights at each case. (Give each correction the number of cases that are still to come.)

/// What the student starts from.
pub mod starter {
    /// The average of the weights after each case, `(d,)`.
    pub fn averaged_perceptron(cases: &[(Vec<f64>, f64)], d: usize, passes: usize) -> Vec<f64> {
        todo!("train, and add up the weights on the way")
    }
}

/// What is right.
pub mod solution {
    /// The average of the weights after each case, `(d,)`.
    pub fn averaged_perceptron(cases: &[(Vec<f64>, f64)], d: usize, passes: usize) -> Vec<f64> {
        let (mut weights, mut sum) = (vec![0.0; d], vec![0.0; d]);
        for _ in 0..passes {
            for (x, y) in cases {
                correct(&mut weights, x, *y);
                sum.iter_mut().zip(&weights).for_each(|(sum, w)| *sum += w);
            }
        }
        let steps = (cases.len() * passes).max(1) as f64;
        sum.into_iter().map(|sum| sum / steps).collect()
    }

    /// Corrects the weights if they are wrong about a case, and says whether they were.
    pub fn correct(weights: &mut [f64], x: &[f64], y: f64) -> bool {
        let z: f64 = weights.iter().zip(x).map(|(w, x)| w * x).sum();
        let wrong = y * z <= 0.0;
        if wrong {
            weights.iter_mut().zip(x).for_each(|(w, x)| *w += y * x);
        }
        wrong
    }
}

/// How a case reaches the answer.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, Debug, Clone)]
    pub struct Input {
        pub cases: Vec<(Vec<f64>, f64)>,
        pub d: usize,
        pub passes: usize,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::averaged_perceptron(&input.cases, input.d, input.passes)
    }
}

/// What the judge knows.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare::{each, length};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("classes that overlap", 8, |rng| {
            let n = rng.random_range(12..30);
            drawn(rng, n, 3)
        });
        cases.edge("no cases", 1, |_| Input { cases: Vec::new(), d: 3, passes: 2 });
        cases.edge("no passes", 1, |rng| Input { passes: 0, ..drawn(rng, 5, 1) });
        cases.edge("single case, several passes", 2, |rng| drawn(rng, 1, 4));
    }

    /// Whole coordinates, so that no sum is rounded, and a sign that follows the first two of them loosely.
    fn drawn(rng: &mut Rng, n: usize, passes: usize) -> Input {
        let mut case = || {
            let x: Vec<f64> = (0..4).map(|_| f64::from(rng.random_range(-5..=5_i32))).collect();
            let noise = f64::from(rng.random_range(-3..=3_i32));
            let y = if x[0] - x[1] + noise > 0.5 { 1.0 } else { -1.0 };
            ([x, vec![1.0]].concat(), y)
        };
        Input { cases: (0..n).map(|_| case()).collect(), d: 5, passes }
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let _ = input;
        length("weights", expected, found)?;
        each(expected, found, 1e-9, |i| format!("average weight {i}"))
    }
}

/// What the student sees and runs.
#[cfg(test)]
mod tests {
    use super::solution::averaged_perceptron;

    #[test]
    fn two_cases() {
        // After the first case 2, which is right about the second and stays: (2 + 2) / 2.
        assert_eq!(averaged_perceptron(&[(vec![2.0], 1.0), (vec![1.0], 1.0)], 1, 1), [2.0]);
    }

    #[test]
    fn two_cases_that_disagree() {
        // First 1, a mistake at 0. Then 1 is wrong about the second: 1 − 1 = 0. Average ½.
        assert_eq!(averaged_perceptron(&[(vec![1.0], 1.0), (vec![1.0], -1.0)], 1, 1), [0.5]);
    }

    #[test]
    fn nothing_to_learn_from() {
        assert_eq!(averaged_perceptron(&[], 2, 3), [0.0, 0.0]);
    }
}

/// Lets the weights enter the average after mistakes only.
///
/// # Feedback
///
/// Your average counts each vector of weights once, however long it lasted. Weights that were right for many cases should count for each of them.
pub mod mutant_averages_mistakes {
    pub use super::solution::*;

    /// The mean over the mistakes.
    pub fn averaged_perceptron(cases: &[(Vec<f64>, f64)], d: usize, passes: usize) -> Vec<f64> {
        let (mut weights, mut sum, mut mistakes) = (vec![0.0; d], vec![0.0; d], 0);
        for _ in 0..passes {
            for (x, y) in cases {
                if correct(&mut weights, x, *y) {
                    sum.iter_mut().zip(&weights).for_each(|(sum, w)| *sum += w);
                    mistakes += 1;
                }
            }
        }
        sum.into_iter().map(|sum| sum / f64::from(mistakes.max(1))).collect()
    }
}

/// Lets the weights enter before the case instead of after it.
///
/// # Feedback
///
/// Your average includes the zeros of the beginning and misses the weights of the end. The weights enter after a case has had its say.
pub mod mutant_one_case_late {
    pub use super::solution::*;

    /// The mean of the weights before each case.
    pub fn averaged_perceptron(cases: &[(Vec<f64>, f64)], d: usize, passes: usize) -> Vec<f64> {
        let (mut weights, mut sum) = (vec![0.0; d], vec![0.0; d]);
        for _ in 0..passes {
            for (x, y) in cases {
                sum.iter_mut().zip(&weights).for_each(|(sum, w)| *sum += w);
                correct(&mut weights, x, *y);
            }
        }
        let steps = (cases.len() * passes).max(1) as f64;
        sum.into_iter().map(|sum| sum / steps).collect()
    }
}

/// Gives the weights of the end.
///
/// # Feedback
///
/// These are the weights after the last case. They are what the average is meant to replace.
pub mod mutant_gives_the_last {
    pub use super::solution::*;

    /// The last weights.
    pub fn averaged_perceptron(cases: &[(Vec<f64>, f64)], d: usize, passes: usize) -> Vec<f64> {
        let mut weights = vec![0.0; d];
        for (x, y) in (0..passes).flat_map(|_| cases) {
            correct(&mut weights, x, *y);
        }
        weights
    }
}

/// Divides by the cases of one pass.
///
/// # Feedback
///
/// Your weights are too large, by the number of passes. Every case of every pass enters the sum.
pub mod mutant_divides_by_one_pass {
    pub use super::solution::*;

    /// The sum over all passes by the cases of one.
    pub fn averaged_perceptron(cases: &[(Vec<f64>, f64)], d: usize, passes: usize) -> Vec<f64> {
        let (mut weights, mut sum) = (vec![0.0; d], vec![0.0; d]);
        for (x, y) in (0..passes).flat_map(|_| cases) {
            correct(&mut weights, x, *y);
            sum.iter_mut().zip(&weights).for_each(|(sum, w)| *sum += w);
        }
        sum.into_iter().map(|sum| sum / cases.len().max(1) as f64).collect()
    }
}
