//! # First weights that stretch nothing
//!
//! - points: 16
//! - minutes: 60
//! - difficulty: challenging
//! - section: start
//!
//! Glorot's and He's first weights keep the length of a signal from layer to layer *on average*. A matrix of random numbers still stretches some directions and crushes others, and twenty of them in a row do so
//! twenty times. Saxe, McClelland and Ganguli start from matrices that do neither: their rows, or their columns, are of length 1 and at right angles. Such matrices are made from random ones.
//!
//! You get a matrix $`A`$ with $`r`$ rows and $`c`$ columns. Write a function that gives a matrix $`Q`$ of the same shape.
//!
//! - If $`r \le c`$, it works on the rows. The rows $`q_1, \ldots, q_r`$ of $`Q`$ have the length 1 and are at right angles to each other. For each $`i`$, $`q_i`$ is a combination of the rows $`a_1, \ldots, a_i`$ of $`A`$, and
//!   $`q_i \cdot a_i > 0`$. There is only one such $`Q`$.
//! - If $`r > c`$, it does the same to the columns.
//! - A row (or column) of $`A`$ may be a combination of those before it. Nothing is left of it then, but for rounding, and the answer is `None`. Take it for one if what is left of it is no longer than
//!   $`10^{-10}`$ times its own length; no case comes near this bound from either side. A row of zeros is such a combination, even if it is the first.
//! - A row may also be *nearly* a combination of those before it, with a rest of only $`10^{-7}`$ of its length. Right angles must be right there, too.
//! - $`r`$ and $`c`$ are at least 1. The numbers of $`A`$ are 0 or between $`10^{-100}`$ and $`10^{100}`$ in size.
//!
//! Of rows (or columns) of $`Q`$, the products with each other and with themselves must be 0 and 1 up to 1e-12. The numbers of $`Q`$ are compared up to 1e-7.
//!
//! ## Hint 1
//!
//! The first row only needs another length. What must be taken away from the second, so that the rest is at right angles to the first?
//!
//! ## Hint 2
//!
//! For a vector $`u`$ of length 1, the part of $`v`$ along $`u`$ is $`(v \cdot u)\,u`$. Take away the parts along all $`q_j`$ that are done, not along the rows of $`A`$. A tall matrix becomes a wide one if
//! its rows are written as columns.
//!
//! ## Hint 3
//!
//! If almost all of a row is taken away, the rounding of what was there remains, and looks large beside the little that is left. Take the parts along the $`q_j`$ away a second time, from what is left. And compare what
//! is left with the length that the row had.
//!
//! ## Solution
//!
//! This is the method of Gram and Schmidt, with a second pass. The first pass leaves a rest whose angles are wrong by about the rounding error over the length of the rest: $`10^{-16}/10^{-7}`$. In the second pass
//! next to nothing is taken away, so what is left does not become shorter, and its angles are right to the last digits. Two passes are always enough, as long as a rest is there at all.
//!
//! ## Notes
//!
//! **Time.** An hour. The method takes half of it, rounding and dependence the other half.
//!
//! **Misconceptions.** That parts may be taken away along the rows of $`A`$, which are not at right angles among themselves. That a formula which is right on paper gives right angles in `f64`. That "nothing is left" can be
//! asked as `== 0.0`, or with a bound that does not know how long the row was.
//!
//! **Discussion.** If $`r > c`$, $`Qx`$ is as long as $`x`$ for *every* $`x`$. What holds for $`r < c`$? (Some $`x`$ are sent to 0, and none becomes longer.) A layer with ReLU loses half of what comes. Which factor makes up for it, and does the argument of right angles survive
//! the ReLU? Put such weights into the chapter's experiment on variance, with tanh.

/// What the student starts from.
pub mod starter {
    /// Rows, or columns in a tall matrix, of length 1 and at right angles; nothing if they are not independent.
    pub fn orthogonal_weights(drawn: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        let (rows, columns) = (drawn.len(), drawn[0].len());
        todo!("make the rows, or the columns, orthonormal")
    }

    /// The matrix with rows and columns exchanged.
    fn transposed(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
        (0..matrix[0].len()).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
    }

    /// The scalar product of two vectors.
    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// Rows, or columns in a tall matrix, of length 1 and at right angles; nothing if they are not independent.
    pub fn orthogonal_weights(drawn: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        if is_tall(drawn) {
            return orthonormal(&transposed(drawn)).map(|columns| transposed(&columns));
        }
        orthonormal(drawn)
    }

    /// Is it the columns that can be at right angles?
    pub fn is_tall(matrix: &[Vec<f64>]) -> bool {
        matrix.len() > matrix[0].len()
    }

    /// The rows by Gram and Schmidt.
    pub fn orthonormal(rows: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        let mut done: Vec<Vec<f64>> = Vec::with_capacity(rows.len());
        for row in rows {
            let mut rest = rest_of(row, &done);
            let left = length(&rest);
            if is_nothing(left, length(row)) {
                return None;
            }
            rest.iter_mut().for_each(|x| *x /= left);
            done.push(rest);
        }
        Some(done)
    }

    /// What is left of a row without its parts along those that are done. The second pass takes away what the
    /// rounding of the first has left.
    pub fn rest_of(row: &[f64], done: &[Vec<f64>]) -> Vec<f64> {
        let mut rest = row.to_vec();
        for unit in done.iter().chain(done) {
            let along = dot(&rest, unit);
            rest.iter_mut().zip(unit).for_each(|(x, u)| *x -= along * u);
        }
        rest
    }

    /// Is what is left only rounding, beside the length that it comes from?
    pub fn is_nothing(left: f64, length: f64) -> bool {
        left <= 1e-10 * length
    }

    /// The matrix with rows and columns exchanged.
    pub fn transposed(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
        (0..matrix[0].len()).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
    }

    /// The scalar product of two vectors.
    pub fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// The length of a vector.
    pub fn length(a: &[f64]) -> f64 {
        dot(a, a).sqrt()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<Vec<f64>>;

    pub type Output = Option<Vec<Vec<f64>>>;

    pub fn call(input: &Input) -> Output {
        super::solution::orthogonal_weights(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("wide or square matrix", 6, |rng| {
            let rows = rng.random_range(2..9);
            let columns = rows + rng.random_range(0..8);
            matrix(rng, rows, columns)
        });
        cases.general("tall matrix", 4, |rng| {
            let columns = rng.random_range(2..7);
            let rows = columns + rng.random_range(1..9);
            matrix(rng, rows, columns)
        });
        cases.edge("rows that are nearly combinations of those before", 4, |rng| {
            let mut rows = matrix(rng, 3, 12);
            for _ in 0..3 {
                let mut next = combination(rng, &rows);
                next.iter_mut().for_each(|x| *x += 1e-7 * rng.random_range(-1.0..1.0));
                rows.push(next);
            }
            rows
        });
        let mut turn = 0;
        cases.edge("row or column that is a combination of those before", 4, |rng| {
            let mut rows = matrix(rng, 4, 9);
            let last = combination(rng, &rows);
            rows.push(last);
            turn += 1;
            if turn % 2 == 0 { rows } else { columns_of(&rows) }
        });
        cases.edge("row of zeros", 2, |rng| {
            let mut rows = matrix(rng, 3, 5);
            rows[rng.random_range(0..3)].fill(0.0);
            rows
        });
        cases.edge("very small or very large numbers", 4, |rng| {
            let size = [1e-70, 1e-20, 1e20, 1e70][rng.random_range(0..4)];
            let mut rows = matrix(rng, 3, 6);
            rows.iter_mut().flatten().for_each(|x| *x *= size);
            rows
        });
        cases.edge("rows of very different sizes", 2, |rng| {
            let mut rows = matrix(rng, 4, 6);
            for (row, size) in rows.iter_mut().zip([1.0, 1e-15, 1e15, 1e-30]) {
                row.iter_mut().for_each(|x| *x *= size);
            }
            rows
        });
        let mut rows = 0;
        cases.edge("a single row or column", 3, |rng| {
            rows += 1;
            if rows == 1 { matrix(rng, 1, 5) } else { matrix(rng, rows, 1) }
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let (expected, found) = match (expected, found) {
            (Some(expected), Some(found)) => (expected, found),
            (None, None) => return Ok(()),
            (Some(_), None) => return Err("expected a matrix, found none".into()),
            (None, Some(_)) => return Err("expected none, found a matrix".into()),
        };
        compare::length("rows", expected, found)?;
        for (expected, found) in expected.iter().zip(found) {
            compare::length("numbers in a row", expected, found)?;
        }
        let tall = input.len() > input[0].len();
        let (vectors, what) =
            if tall { (columns_of(found), "column") } else { (found.clone(), "row") };
        right_angles(&vectors, what)?;
        for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
            compare::each(expected, found, 1e-7, |j| format!("number {j} of row {i}"))?;
        }
        Ok(())
    }

    /// The products of all pairs are 0, and those of each with itself are 1.
    fn right_angles(vectors: &[Vec<f64>], what: &str) -> Result<(), String> {
        for (i, a) in vectors.iter().enumerate() {
            for (j, b) in vectors.iter().enumerate().take(i + 1) {
                let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                let wanted = f64::from(u8::from(i == j));
                let name = format!("the product of {what} {i} with {what} {j}");
                compare::number(&name, wanted, product, 1e-12)?;
            }
        }
        Ok(())
    }

    /// Numbers with a larger one on the diagonal, so that no row comes near to a combination of the others.
    fn matrix(rng: &mut Rng, rows: usize, columns: usize) -> Input {
        let mut drawn: Input = (0..rows)
            .map(|_| (0..columns).map(|_| rng.random_range(-1.0..1.0)).collect())
            .collect();
        drawn
            .iter_mut()
            .enumerate()
            .filter(|(i, _)| *i < columns)
            .for_each(|(i, row)| row[i] += 1.5);
        drawn
    }

    /// A random combination of rows.
    fn combination(rng: &mut Rng, rows: &[Vec<f64>]) -> Vec<f64> {
        let mut sum = vec![0.0; rows[0].len()];
        for row in rows {
            let share = rng.random_range(0.3..1.0);
            sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += share * x);
        }
        sum
    }

    fn columns_of(matrix: &Input) -> Input {
        (0..matrix[0].len()).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::orthogonal_weights;

    fn assert_matrix(drawn: &[&[f64]], expected: &[&[f64]]) {
        let drawn: Vec<Vec<f64>> = drawn.iter().map(|row| row.to_vec()).collect();
        let found = orthogonal_weights(&drawn).expect("the rows or columns are independent");
        let near = |a: &[f64], b: &[f64]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
        };
        let same = found.len() == expected.len()
            && found.iter().zip(expected).all(|(found, expected)| near(found, expected));
        assert!(same, "expected {expected:?}, found {found:?}");
    }

    #[test]
    fn two_rows() {
        // (3, 4) has the length 5. (2, 11) has 2 · 0.6 + 11 · 0.8 = 10 along it, and (2, 11) − (6, 8) = (−4, 3) is left.
        assert_matrix(&[&[3.0, 4.0], &[2.0, 11.0]], &[&[0.6, 0.8], &[-0.8, 0.6]]);
    }

    #[test]
    fn a_tall_matrix_by_its_columns() {
        // Columns (2, 0, 0) and (1, 3, 4): what is left of the second is (0, 3, 4).
        let drawn: [&[f64]; 3] = [&[2.0, 1.0], &[0.0, 3.0], &[0.0, 4.0]];
        assert_matrix(&drawn, &[&[1.0, 0.0], &[0.0, 0.6], &[0.0, 0.8]]);
    }

    #[test]
    fn a_single_row_keeps_its_direction() {
        assert_matrix(&[&[0.0, -3e-20, 4e-20]], &[&[0.0, -0.6, 0.8]]);
    }

    #[test]
    fn dependent_rows() {
        let rows = vec![vec![1.0, 2.0, 3.0], vec![0.1, 0.2, 0.3]];
        assert_eq!(orthogonal_weights(&rows), None);
        assert_eq!(orthogonal_weights(&[vec![0.0, 0.0]]), None);
    }

    #[test]
    fn nearly_dependent_rows() {
        let rows = vec![vec![1.0, 2.0, 3.0], vec![0.1, 0.2, 0.3 + 1e-8]];
        let q = orthogonal_weights(&rows).expect("the rows are independent");
        let product: f64 = q[0].iter().zip(&q[1]).map(|(a, b)| a * b).sum();
        assert!(product.abs() < 1e-12, "the product of the rows is {product:e}");
    }
}

/// Gives every row the length 1, and leaves the angles.
///
/// # Feedback
///
/// Your rows have the right length and stand at any angle. Before you divide by the length, take away what a row has in common with those that are done.
pub mod mutant_leaves_the_angles {
    pub use super::solution::*;

    /// All of a row.
    pub fn rest_of(row: &[f64], _: &[Vec<f64>]) -> Vec<f64> {
        row.to_vec()
    }
}

/// Takes the parts away once.
///
/// # Feedback
///
/// Your method is right, and its angles are wrong where a row is nearly a combination of others. Almost everything is taken away there, and the rounding error, which was small beside the row, is not small beside the rest. What can you do with that
/// rest?
pub mod mutant_takes_parts_away_once {
    pub use super::solution::*;

    /// What is left of a row after one pass.
    pub fn rest_of(row: &[f64], done: &[Vec<f64>]) -> Vec<f64> {
        let mut rest = row.to_vec();
        for unit in done {
            let along = dot(&rest, unit);
            rest.iter_mut().zip(unit).for_each(|(x, u)| *x -= along * u);
        }
        rest
    }
}

/// Works on the rows of every matrix.
///
/// # Feedback
///
/// You find no answer for tall matrices. Five rows of three numbers cannot be at right angles: there is no room for a fourth direction. It is the columns that can.
pub mod mutant_always_takes_rows {
    pub use super::solution::*;

    /// Never.
    pub fn is_tall(_: &[Vec<f64>]) -> bool {
        false
    }
}

/// Takes away the parts along the rows that were drawn.
///
/// # Feedback
///
/// From the third row on your angles are wrong. You take away the parts along the rows of the given matrix. These are not at right angles, so that one part holds some of another, which goes twice. Use the rows that are
/// done.
pub mod mutant_projects_on_what_was_drawn {
    pub use super::solution::*;

    /// The rows without their parts along the drawn ones.
    pub fn orthonormal(rows: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        let mut done: Vec<Vec<f64>> = Vec::with_capacity(rows.len());
        for (i, row) in rows.iter().enumerate() {
            let mut rest = row.clone();
            for drawn in &rows[..i] {
                let along = dot(row, drawn) / dot(drawn, drawn);
                rest.iter_mut().zip(drawn).for_each(|(x, a)| *x -= along * a);
            }
            let left = length(&rest);
            if is_nothing(left, length(row)) {
                return None;
            }
            rest.iter_mut().for_each(|x| *x /= left);
            done.push(rest);
        }
        Some(done)
    }
}

/// Compares what is left with a bound of its own.
///
/// # Feedback
///
/// You find no answer where all numbers are very small, or very large dependent rows to be independent. How much is little depends on how much there was: compare what is left of a row with the length of that row.
pub mod mutant_has_an_absolute_bound {
    pub use super::solution::*;

    /// Is what is left short?
    pub fn is_nothing(left: f64, _: f64) -> bool {
        left <= 1e-10
    }
}

/// Waits for a rest of exactly zero.
///
/// # Feedback
///
/// For dependent rows you give a matrix. What is left of such a row is seldom exactly zero: it is rounding, brought to the length 1. Ask whether it is small beside the row that it comes from.
pub mod mutant_waits_for_exact_zero {
    pub use super::solution::*;

    /// Is nothing left at all?
    pub fn is_nothing(left: f64, _: f64) -> bool {
        left == 0.0
    }
}
