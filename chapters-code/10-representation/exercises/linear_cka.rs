//! # Alike, up to a turn
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: medium
//! - section: representation-alike
//!
//! Two networks have looked at the same $`n`$ pictures. One answers with $`p`$ features for each of them, the other with $`q`$. Which feature stands in which column is chance, and so is a turn of the whole space, so that columns cannot be compared. Linear *centred kernel alignment* compares what neither changes:
//!
//! ```math
//! \mathrm{CKA}(X, Y) = \frac{s(Y, X)}{\sqrt{s(X, X)\; s(Y, Y)}}, \qquad s(A, B) = \sum_{i,j} \Big( \sum_{r} A_{ri} B_{rj} \Big)^2
//! ```
//!
//! Here $`X`$, $`(n, p)`$, and $`Y`$, $`(n, q)`$, have been *centred*: of each column its mean over the pictures was subtracted. $`r`$ runs over pictures, $`i`$ and $`j`$ over features.
//!
//! Write a function that computes it.
//!
//! - Both lists have the same number of rows, at least 2. The rows of one list are of equal length, at least 1. They are *not* centred when you get them.
//! - If the features of one list do not vary at all, the answer is 0.
//! - Results are compared up to 1e-8. Features may be far from zero, and small.
//!
//! ## Hint 1
//!
//! Write two functions: one that centres, and one for $`s`$. The answer takes the second one three times.
//!
//! ## Hint 2
//!
//! Is $`s(X, X)`$ the sum of the squares of the features? Compute it by hand for two features that are equal.
//!
//! ## Hint 3
//!
//! For each pair of columns, multiply them picture by picture, add up, and square. The products of columns are in general *not* zero for two different columns, and their squares count. Where $`s(X, X)`$ or $`s(Y, Y)`$ is 0, answer 0 before you divide.
//!
//! ## Solution
//!
//! The same number comes from products of *rows*: with $`K = X X^\top`$ and $`L = Y Y^\top`$, both $`(n, n)`$, the numerator is the sum of all $`K_{rs} L_{rs}`$. The first form costs $`n p q`$ multiplications, the second $`n^2 (p + q)`$. With more pictures than features one takes the first, with fewer the second.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That centring is a detail: the mean is a direction that all rows share, and without centring any two sets of positive features look alike. That a row is to be centred. That CKA is invariant to every invertible map: it is to turns and to one factor for all features, not to a factor for each.
//!
//! **Discussion.** With $`n`$ much smaller than $`p`$ and $`q`$, two lists of noise have a CKA far from zero. Why? (Each Gram matrix is nearly a multiple of the unit matrix, and these are alike.) What does the unbiased estimate leave out?

/// What the student starts from.
pub mod starter {
    /// Linear CKA of two lists of features, a row for each picture.
    pub fn linear_cka(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
        todo!("centre, then three sums")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// Linear CKA of two lists of features, a row for each picture.
    pub fn linear_cka(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
        let (x, y) = (centred(x), centred(y));
        let sizes = alignment(&x, &x) * alignment(&y, &y);
        if sizes > 0.0 { alignment(&y, &x) / sizes.sqrt() } else { 0.0 }
    }

    /// The columns, each without its mean. What rounding leaves of a constant one is nothing.
    pub fn centred(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let centre = |j: usize| -> Vec<f64> {
            let column: Vec<f64> = rows.iter().map(|row| row[j]).collect();
            if column.iter().all(|&value| value == column[0]) {
                return vec![0.0; column.len()];
            }
            let mean = column.iter().sum::<f64>() / column.len() as f64;
            column.iter().map(|value| value - mean).collect()
        };
        (0..rows[0].len()).map(centre).collect()
    }

    /// The squares of the products of all columns of one with all of the other, added up.
    pub fn alignment(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
        a.iter().flat_map(|a| b.iter().map(move |b| product(a, b).powi(2))).sum()
    }

    /// The product of two columns.
    pub fn product(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub x: Vec<Vec<f64>>,
        pub y: Vec<Vec<f64>>,
    }

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        super::solution::linear_cka(&input.x, &input.y)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("two lists of features", 6, |rng| {
            let n = rng.random_range(5..10);
            let (p, q) = (rng.random_range(2..5), rng.random_range(2..5));
            Input { x: features(rng, n, p, 1.0), y: features(rng, n, q, 1.0) }
        });
        cases.general("features far from zero", 4, |rng| Input {
            x: features(rng, 7, 3, 1e4),
            y: features(rng, 7, 2, 1e3),
        });
        cases.edge("the same features, turned and enlarged", 3, |rng| {
            let x = features(rng, 6, 2, 0.5);
            let (sine, cosine) = rng.random_range(0.2..1.4f64).sin_cos();
            let turn = |row: &Vec<f64>| {
                vec![
                    3.0 * (cosine * row[0] - sine * row[1]),
                    3.0 * (sine * row[0] + cosine * row[1]),
                ]
            };
            Input { y: x.iter().map(turn).collect(), x }
        });
        cases.edge("features that do not vary", 2, |rng| {
            let row: Vec<f64> = (0..3).map(|_| rng.random_range(-1.0..1.0)).collect();
            Input { x: vec![row; 5], y: features(rng, 5, 2, 0.0) }
        });
        cases.edge("more features than pictures", 2, |rng| Input {
            x: features(rng, 3, 6, 0.0),
            y: features(rng, 3, 5, 1.0),
        });
        cases.edge("one feature each", 2, |rng| Input {
            x: features(rng, 6, 1, 1.0),
            y: features(rng, 6, 1, -2.0),
        });
        cases.edge("small features", 2, |rng| {
            let small = |rows: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
                rows.into_iter().map(|row| row.iter().map(|x| 1e-6 * x).collect()).collect()
            };
            Input { x: small(features(rng, 6, 3, 1.0)), y: small(features(rng, 6, 2, 0.0)) }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        if (expected - found).abs() <= 1e-8 {
            Ok(())
        } else {
            Err(format!("CKA is {expected}, and you say {found}"))
        }
    }

    fn features(rng: &mut Rng, n: usize, d: usize, from: f64) -> Vec<Vec<f64>> {
        let mut row =
            || (0..d).map(|j| from + (j + 1) as f64 * rng.random_range(-1.0..1.0)).collect();
        (0..n).map(|_| row()).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::linear_cka;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    }

    #[test]
    fn by_hand() {
        // Both are centred. Products of columns: x with itself 2, y with itself 2, 0, 0 and 2, x with y 2 and 0.
        // So 4 over the root of 4 · (4 + 4).
        let x = [vec![1.0], vec![-1.0], vec![0.0], vec![0.0]];
        let y = [vec![1.0, 0.0], vec![-1.0, 0.0], vec![0.0, 1.0], vec![0.0, -1.0]];
        close(linear_cka(&x, &y), 4.0 / 32f64.sqrt());
    }

    #[test]
    fn columns_exchanged() {
        let x = [vec![1.0, 5.0], vec![2.0, 3.0], vec![4.0, 4.0]];
        let y = [vec![5.0, 1.0], vec![3.0, 2.0], vec![4.0, 4.0]];
        close(linear_cka(&x, &y), 1.0);
    }

    #[test]
    fn a_number_added_to_all() {
        let x = [vec![1.0], vec![2.0], vec![4.0]];
        let y = [vec![100.0], vec![102.0], vec![106.0]];
        close(linear_cka(&x, &y), 1.0);
    }

    #[test]
    fn nothing_varies() {
        close(
            linear_cka(&[vec![0.1], vec![0.1], vec![0.1]], &[vec![1.0], vec![2.0], vec![0.0]]),
            0.0,
        );
    }
}

/// Does not centre.
///
/// # Feedback
///
/// Your answer changes when the same number is added to a feature of every picture. The mean of each column is to be subtracted first.
pub mod mutant_does_not_centre {
    pub use super::solution::*;

    /// The columns as they are.
    pub fn centred(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        (0..rows[0].len()).map(|j| rows.iter().map(|row| row[j]).collect()).collect()
    }
}

/// Centres rows.
///
/// # Feedback
///
/// You subtract from each picture the mean of *its* features. What is to vanish is the mean of each *feature* over the pictures.
pub mod mutant_centres_rows {
    pub use super::solution::*;

    /// The columns of rows without their means.
    pub fn centred(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mean = |row: &Vec<f64>| row.iter().sum::<f64>() / row.len() as f64;
        let column = |j: usize| rows.iter().map(|row| row[j] - mean(row)).collect();
        (0..rows[0].len()).map(column).collect()
    }
}

/// Leaves out the products of different columns.
///
/// # Feedback
///
/// You multiply each column with the column of the same number only. Column 2 of one network has nothing to do with column 2 of the other: all pairs count.
pub mod mutant_pairs_columns_by_number {
    pub use super::solution::*;

    /// The squares of the products of columns with the same number.
    pub fn alignment(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
        a.iter().zip(b).map(|(a, b)| product(a, b).powi(2)).sum()
    }
}

/// Forgets the root.
///
/// # Feedback
///
/// Your answer depends on the scale of the features: below the bar stands the *root* of the product of both.
pub mod mutant_forgets_the_root {
    pub use super::solution::*;

    /// The numerator over the product.
    pub fn linear_cka(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
        let (x, y) = (centred(x), centred(y));
        let sizes = alignment(&x, &x) * alignment(&y, &y);
        if sizes > 0.0 { alignment(&y, &x) / sizes } else { 0.0 }
    }
}

/// Adds before it squares.
///
/// # Feedback
///
/// You add the products of all pairs of columns and square the sum. Then a positive product and a negative one cancel. Each is squared, and then they are added.
pub mod mutant_squares_the_sum {
    pub use super::solution::*;

    /// The square of the sum.
    pub fn alignment(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
        let products = a.iter().flat_map(|a| b.iter().map(move |b| product(a, b)));
        products.sum::<f64>().powi(2)
    }
}

/// Divides by zero.
///
/// # Feedback
///
/// Where the features of one list do not vary, you divide zero by zero. The answer is 0 there.
pub mod mutant_divides_by_zero {
    pub use super::solution::*;

    /// The quotient, whatever it is.
    pub fn linear_cka(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
        let (x, y) = (centred(x), centred(y));
        alignment(&y, &x) / (alignment(&x, &x) * alignment(&y, &y)).sqrt()
    }
}
