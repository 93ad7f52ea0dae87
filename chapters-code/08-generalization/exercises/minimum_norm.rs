//! # The shortest weights that fit
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: descent
//!
//! There are $`n`$ samples of $`N \ge n`$ features, as rows of a matrix $`X`$, and a target for each. Where $`N > n`$, many weights $`w`$ have $`X w = y`$. Write a function that gives the shortest of them.
//!
//! - $`1 \le n \le N`$. The rows are independent, and no case comes near to dependence.
//! - Columns may be equal, or zero.
//!
//! The weights are compared up to 1e-6.
//!
//! ## Hint 1
//!
//! Take weights that fit, and split them into a part that is a combination of the rows and a part that is at right angles to every row. Which of the two does $`X w`$ not see?
//!
//! ## Hint 2
//!
//! So $`w = X^\top a`$ with a number $`a_i`$ for each sample. Put that into $`X w = y`$: how many equations are there, and how many unknowns?
//!
//! ## Hint 3
//!
//! $`X X^\top a = y`$ is a system of $`n`$ equations. Elimination solves it: take a multiple of one row from those below, and go back up at the end. A matrix $`X X^\top`$ of independent rows needs no exchange of rows.
//!
//! ## Solution
//!
//! The part of $`w`$ at right angles to all rows changes nothing in $`X w`$ and makes $`w`$ longer, so the shortest weights have none: $`w = X^\top a`$. The system $`X X^\top a = y`$ then has as many equations as unknowns.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes, most of it for the elimination.
//!
//! **Misconceptions.** That the features that are not needed get the weight nought: that fits, too, and is longer. That a tiny ridge is the same: it fits only nearly. That any start of gradient descent leads here: from weights that are not a combination of the rows, the part at right angles stays as it was.
//!
//! **Discussion.** Two features are copies of each other. What weights do they get, and what does a student conclude who reads one of the two as an importance?

/// What the student starts from.
pub mod starter {
    /// Of all weights with `x w = y`, the shortest. `x` has a row for each sample.
    pub fn minimum_norm(x: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
        let (samples, features) = (x.len(), x[0].len());
        todo!("the shortest weights that fit")
    }

    /// The scalar product of two vectors.
    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// Of all weights with `x w = y`, the shortest. `x` has a row for each sample.
    pub fn minimum_norm(x: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
        let gram: Vec<Vec<f64>> = x.iter().map(|a| x.iter().map(|b| dot(a, b)).collect()).collect();
        let shares = solve(with_ridge(gram), wanted(x, y));
        combined(x, &shares)
    }

    /// What is added to the diagonal: nothing.
    pub fn with_ridge(gram: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        gram
    }

    /// What the combination of the rows must say of each sample.
    pub fn wanted(_: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
        y.to_vec()
    }

    /// The rows, each times its share, added up.
    pub fn combined(x: &[Vec<f64>], shares: &[f64]) -> Vec<f64> {
        let mut w = vec![0.0; x[0].len()];
        for (row, share) in x.iter().zip(shares) {
            w.iter_mut().zip(row).for_each(|(w, x)| *w += share * x);
        }
        w
    }

    /// Elimination without an exchange of rows.
    pub fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
        let n = b.len();
        for i in 0..n {
            for j in i + 1..n {
                let factor = a[j][i] / a[i][i];
                let (above, below) = a.split_at_mut(j);
                let pairs = below[0].iter_mut().zip(&above[i]).skip(i);
                pairs.for_each(|(x, y)| *x -= factor * y);
                b[j] -= factor * b[i];
            }
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|c| a[i][c] * b[c]).sum();
            b[i] = (b[i] - known) / a[i][i];
        }
        b
    }

    /// The scalar product of two vectors.
    pub fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = (Vec<Vec<f64>>, Vec<f64>);

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::minimum_norm(&input.0, &input.1)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("more features than samples", 8, |rng| {
            let samples = rng.random_range(2..7);
            let features = samples + rng.random_range(1..9);
            problem(rng, samples, features)
        });
        cases.edge("as many features as samples", 4, |rng| {
            let samples = rng.random_range(1..6);
            problem(rng, samples, samples)
        });
        cases.edge("one sample", 3, |rng| problem(rng, 1, 4));
        cases.edge("a feature that comes twice", 4, |rng| {
            let (mut x, y) = problem(rng, 3, 5);
            x.iter_mut().for_each(|row| row.push(row[1]));
            (x, y)
        });
        cases.edge("a feature that is always nought", 3, |rng| {
            let (mut x, y) = problem(rng, 3, 5);
            x.iter_mut().for_each(|row| row.push(0.0));
            (x, y)
        });
        cases.edge("targets that are nought", 2, |rng| {
            let (x, y) = problem(rng, 4, 7);
            (x, vec![0.0; y.len()])
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("weights", expected, found)?;
        compare::each(expected, found, 1e-6, |i| format!("weight {i}"))
    }

    /// Rows with a larger number on the diagonal, so that none comes near to a combination of the others.
    fn problem(rng: &mut Rng, samples: usize, features: usize) -> Input {
        let mut row = |i: usize| {
            let mut row: Vec<f64> = (0..features).map(|_| rng.random_range(-1.0..1.0)).collect();
            row[i] += 3.0;
            row
        };
        let x: Vec<Vec<f64>> = (0..samples).map(&mut row).collect();
        let y = (0..samples).map(|_| rng.random_range(-5.0..5.0)).collect();
        (x, y)
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::minimum_norm;

    fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(close, "{found:?}, not {expected:?}");
    }

    #[test]
    fn one_sample_shares_its_target_in_proportion_to_its_features() {
        assert_close(&minimum_norm(&[vec![3.0, 4.0]], &[5.0]), &[0.6, 0.8]);
    }

    #[test]
    fn as_many_features_as_samples_leave_no_choice() {
        let x = [vec![2.0, 1.0], vec![1.0, 1.0]];
        assert_close(&minimum_norm(&x, &[5.0, 3.0]), &[2.0, 1.0]);
    }

    #[test]
    fn copies_share_a_weight_and_a_nought_gets_none() {
        let x = [vec![1.0, 1.0, 0.0, 0.0], vec![0.0, 0.0, 2.0, 0.0]];
        assert_close(&minimum_norm(&x, &[4.0, 6.0]), &[2.0, 2.0, 3.0, 0.0]);
    }
}

/// Uses the first features only.
///
/// # Feedback
///
/// Your weights fit, and they are not the shortest: features beyond the first few have the weight nought. The shortest weights are a combination of the rows, which spreads over all features.
pub mod mutant_uses_the_first_features {
    pub use super::solution::*;

    /// As many features as there are samples, and noughts.
    pub fn minimum_norm(x: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
        let n = x.len();
        let first: Vec<Vec<f64>> = x.iter().map(|row| row[..n].to_vec()).collect();
        let mut w = solve(first, y.to_vec());
        w.resize(x[0].len(), 0.0);
        w
    }
}

/// Adds a ridge.
///
/// # Feedback
///
/// Your weights are a little too short: they do not fit the samples any more. That is a ridge; here the fit must be exact.
pub mod mutant_adds_a_ridge {
    pub use super::solution::*;

    /// A hundredth on the diagonal.
    pub fn with_ridge(mut gram: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        (0..gram.len()).for_each(|i| gram[i][i] += 0.01);
        gram
    }
}

/// Starts from ones.
///
/// # Feedback
///
/// Your weights fit, and they are those nearest to some other weights than noughts. Of all weights that fit, give those that are nearest to nought.
pub mod mutant_starts_from_ones {
    pub use super::solution::*;

    /// The weights nearest to ones.
    pub fn minimum_norm(x: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
        let gram: Vec<Vec<f64>> = x.iter().map(|a| x.iter().map(|b| dot(a, b)).collect()).collect();
        let rest: Vec<f64> = x.iter().zip(y).map(|(row, y)| y - row.iter().sum::<f64>()).collect();
        let shares = solve(gram, rest);
        combined(x, &shares).iter().map(|w| 1.0 + w).collect()
    }
}

/// Gives each sample its own share.
///
/// # Feedback
///
/// You treat each sample as if it were alone. Rows are not at right angles to each other, so the share of one changes what the others say: the shares have to be found together, from $`X X^\top a = y`$.
pub mod mutant_takes_samples_one_by_one {
    pub use super::solution::*;

    /// As if the rows were at right angles.
    pub fn solve(a: Vec<Vec<f64>>, b: Vec<f64>) -> Vec<f64> {
        b.iter().enumerate().map(|(i, b)| b / a[i][i]).collect()
    }
}
