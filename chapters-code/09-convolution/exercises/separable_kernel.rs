//! # Is this kernel two in one?
//!
//! - points: 10
//! - minutes: 30
//! - difficulty: medium
//! - section: filters
//!
//! To blur an image with a kernel of 15 × 15 numbers takes 225 multiplications for each pixel. If every number of the kernel is a product $`c_i r_j`$ of one that belongs to its row and one that
//! belongs to its column, then 30 are enough: go over the image with the row $`r`$ first, and over the result with the column $`c`$. Such a kernel is called *separable*. Sobel's kernels are, and so is a Gaussian.
//! Is a given kernel? And what are its column and its row?
//!
//! Write a function that gets a kernel row by row, with its width, and gives `Some((column, row))` with
//! $`k_{ij} = c_i r_j`$ for all $`i`$ and $`j`$, or `None` if there are no such numbers.
//!
//! - The kernel has at least one number and need not be square. `column` has as many numbers as the kernel has rows, `row` as many as it has columns.
//! - Many answers are right: $`c`$ can be doubled if $`r`$ is halved. Any of them is accepted.
//! - Numbers are rounded. A kernel is separable if no $`k_{ij}`$ differs from $`c_i r_j`$ by more than 1e-9 times the largest $`|k_{ij}|`$. No kernel of the cases is close to this limit.
//! - A kernel of zeros is separable.
//!
//! ## Hint 1
//!
//! In a separable kernel, how do two rows differ from each other? And one that holds nothing but zeros?
//!
//! ## Hint 2
//!
//! Every row is a multiple of one and the same row. Take a row of the kernel itself as $`r`$; then each $`c_i`$ follows from a single number of row $`i`$, by a division. Which column should that
//! number come from, so that the divisor cannot be zero?
//!
//! ## Hint 3
//!
//! Find the number with the largest amount, the *pivot*. Its row is $`r`$; its column, divided by the pivot, is $`c`$. Then multiply out and look at every number: until now
//! nothing was proved. If the pivot is 0, so is everything.
//!
//! ## Solution
//!
//! If $`k_{ij} = c_i r_j`$, then $`k_{iq}\, k_{pj} / k_{pq}`$ is $`c_i r_q c_p r_j / (c_p r_q) = c_i r_j`$ for any pivot $`k_{pq}`$ that is not zero. So one candidate is enough, and if it fails, no other can succeed. The
//! largest number is the safest divisor: no $`c_i`$ becomes larger than 1, and rounding is not blown up.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes. Those who know the singular value decomposition reach for it; it is right, and longer.
//!
//! **Misconceptions.** That a singular matrix is separable: a determinant of zero says that the rank is not full, while separable means that it is one (or zero). That sums of rows and columns will do as
//! factors, as they do for tables of probabilities: edge kernels sum to zero.
//!
//! **Discussion.** Would you expect a *learned* kernel to be separable? What does the sum of two separable kernels cost, and how many are needed for any 3 × 3 kernel? (Three at most: its rank.)

/// What the student starts from.
pub mod starter {
    /// A column and a row whose products are the numbers of a kernel; nothing if there are none.
    pub fn separable_kernel(kernel: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        todo!("propose a column and a row, then multiply out")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// A column and a row whose products are the numbers of a kernel; nothing if there are none.
    pub fn separable_kernel(kernel: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        let at = pivot(kernel);
        let (p, q) = (at / width, at % width);
        let divisor = if kernel[at] == 0.0 { 1.0 } else { kernel[at] };
        let row = kernel[p * width..][..width].to_vec();
        let column: Vec<f64> = kernel.chunks(width).map(|row| row[q] / divisor).collect();
        let products = column.iter().flat_map(|c| row.iter().map(move |r| c * r));
        let limit = 1e-9 * kernel[at].abs();
        let all = kernel.iter().zip(products).all(|(k, product)| (k - product).abs() <= limit);
        all.then_some((column, row))
    }

    /// Where the number with the largest amount is.
    pub fn pivot(kernel: &[f64]) -> usize {
        let larger = |&a: &usize, &b: &usize| kernel[a].abs().total_cmp(&kernel[b].abs());
        (0..kernel.len()).max_by(larger).unwrap_or(0)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub kernel: Vec<f64>,
        pub width: usize,
    }

    pub type Output = Option<(Vec<f64>, Vec<f64>)>;

    pub fn call(input: &Input) -> Output {
        super::solution::separable_kernel(&input.kernel, input.width)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("products of a random column and a random row", 5, |rng| {
            let (height, width) = (rng.random_range(3..9), rng.random_range(3..9));
            outer(&numbers(rng, height), &numbers(rng, width))
        });
        cases.general("one number of a separable kernel changed", 6, |rng| {
            let (height, width) = (rng.random_range(3..7), rng.random_range(3..7));
            let mut input = outer(&numbers(rng, height), &numbers(rng, width));
            // Not in the first two rows, where one would look first.
            let at = rng.random_range(2 * width..height * width);
            input.kernel[at] += rng.random_range(0.1..0.5);
            input
        });
        cases.edge("edge kernels, whose numbers sum to zero", 3, |rng| {
            let smooth = [1.0, rng.random_range(1.0..4.0), 1.0];
            let edge = [rng.random_range(0.5..2.0), 0.0];
            let edge = [-edge[0], edge[1], edge[0]];
            if rng.random_bool(0.5) { outer(&smooth, &edge) } else { outer(&edge, &smooth) }
        });
        cases.edge("separable kernels with zeros in the first row and column", 3, |rng| {
            let (mut column, mut row) = (numbers(rng, 4), numbers(rng, 5));
            (column[0], row[0]) = (0.0, 0.0);
            outer(&column, &row)
        });
        cases.edge("kernels that are singular and not separable", 3, |rng| {
            // A sum of two products in four rows: rank two.
            let (a, b) = (numbers(rng, 4), numbers(rng, 4));
            let (c, d) = ([1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]);
            let (first, second) = (outer(&c, &a), outer(&d, &b));
            let kernel = first.kernel.iter().zip(&second.kernel).map(|(x, y)| x + y).collect();
            Input { kernel, width: 4 }
        });
        cases.edge("kernels of zeros", 2, |rng| {
            let (height, width) = (rng.random_range(1..5), rng.random_range(1..5));
            Input { kernel: vec![0.0; height * width], width }
        });
        cases.edge("a single row, column or number", 3, |rng| {
            let (n, shape) = (rng.random_range(2..6), rng.random_range(0..3));
            let (height, width) = [(1, n), (n, 1), (1, 1)][shape];
            outer(&numbers(rng, height), &numbers(rng, width))
        });
        cases.edge("kernels of large and of small numbers", 2, |rng| {
            let (mut column, row) = (numbers(rng, 3), numbers(rng, 3));
            let unit = if rng.random_bool(0.5) { 1e12 } else { 1e-12 };
            column.iter_mut().for_each(|c| *c *= unit);
            outer(&column, &row)
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let (Some(_), Some((column, row))) = (expected, found) else {
            return match (expected, found) {
                (None, Some(_)) => Err("the kernel is not separable, found Some".into()),
                (Some(_), None) => Err("the kernel is separable, found None".into()),
                _ => Ok(()),
            };
        };
        let height = input.kernel.len() / input.width;
        compare::equal("the length of the column", &height, &column.len())?;
        compare::equal("the length of the row", &input.width, &row.len())?;
        let largest = input.kernel.iter().fold(0.0_f64, |most, k| most.max(k.abs()));
        for (at, k) in input.kernel.iter().enumerate() {
            let (i, j) = (at / input.width, at % input.width);
            let product = column[i] * row[j];
            // Not `>`: a product that is not a number is wrong as well.
            if (k - product).abs() <= 1e-9 * largest {
                continue;
            }
            return Err(format!(
                "row {i}, column {j}: the kernel has {k:.6}, the product is {product:.6}"
            ));
        }
        Ok(())
    }

    fn outer(column: &[f64], row: &[f64]) -> Input {
        let kernel = column.iter().flat_map(|c| row.iter().map(move |r| c * r)).collect();
        Input { kernel, width: row.len() }
    }

    /// Numbers that are not close to zero, of both signs.
    fn numbers(rng: &mut Rng, n: usize) -> Vec<f64> {
        let mut draw = || {
            let amount = rng.random_range(0.5..2.0);
            if rng.random_bool(0.3) { -amount } else { amount }
        };
        (0..n).map(|_| draw()).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::separable_kernel;

    /// The kernel that a column and a row make.
    fn products((column, row): (Vec<f64>, Vec<f64>)) -> Vec<f64> {
        column.iter().flat_map(|c| row.iter().map(move |r| c * r)).collect()
    }

    #[test]
    fn sobel() {
        // The column 1, 2, 1 and the row −1, 0, 1; its sum is 0, and so is the number in the middle.
        let kernel = [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0];
        assert_eq!(products(separable_kernel(&kernel, 3).unwrap()), kernel);
    }

    #[test]
    fn laplace() {
        // The second row is no multiple of the first, whose ends are 0.
        let kernel = [0.0, 1.0, 0.0, 1.0, -4.0, 1.0, 0.0, 1.0, 0.0];
        assert_eq!(separable_kernel(&kernel, 3), None);
    }

    #[test]
    fn two_rows_of_three() {
        // The second row is three times the first.
        let kernel = [1.0, -2.0, 4.0, 3.0, -6.0, 12.0];
        let (column, row) = separable_kernel(&kernel, 3).unwrap();
        assert_eq!((column.len(), row.len()), (2, 3));
        assert_eq!(products((column, row)), kernel);
    }

    #[test]
    fn nothing_is_a_product_too() {
        assert_eq!(products(separable_kernel(&[0.0; 4], 2).unwrap()), [0.0; 4]);
    }
}

/// Takes the upper left number for the pivot.
///
/// # Feedback
///
/// You divide by the number in the upper left corner. Many separable kernels have a zero there, and then nothing comes of it.
pub mod mutant_divides_by_the_corner {
    pub use super::solution::*;

    /// The upper left corner, with the limit that the largest number gives.
    pub fn separable_kernel(kernel: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        let largest = kernel[pivot(kernel)].abs();
        let divisor = if largest == 0.0 { 1.0 } else { kernel[0] };
        let row = kernel[..width].to_vec();
        let column: Vec<f64> = kernel.chunks(width).map(|row| row[0] / divisor).collect();
        let products = column.iter().flat_map(|c| row.iter().map(move |r| c * r));
        let all = kernel.iter().zip(products).all(|(k, p)| (k - p).abs() <= 1e-9 * largest);
        all.then_some((column, row))
    }
}

/// Takes sums of rows and of columns for the factors.
///
/// # Feedback
///
/// Your factors are the sums of rows and columns. Where the numbers of a kernel sum to zero, as those of edge kernels do, the sums say nothing about its factors.
pub mod mutant_sums_rows_and_columns {
    /// Sums of rows and sums of columns, divided by the sum of all.
    pub fn separable_kernel(kernel: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        let largest = kernel.iter().fold(0.0_f64, |most, k| most.max(k.abs()));
        let total: f64 = kernel.iter().sum();
        let divisor = if largest == 0.0 { 1.0 } else { total };
        let of_column = |j: usize| kernel.iter().skip(j).step_by(width).sum::<f64>();
        let row: Vec<f64> = (0..width).map(of_column).collect();
        let column: Vec<f64> =
            kernel.chunks(width).map(|row| row.iter().sum::<f64>() / divisor).collect();
        let products = column.iter().flat_map(|c| row.iter().map(move |r| c * r));
        let all = kernel.iter().zip(products).all(|(k, p)| (k - p).abs() <= 1e-9 * largest);
        all.then_some((column, row))
    }
}

/// Takes every proposal for the answer.
///
/// # Feedback
///
/// You give a column and a row for every kernel. A row and a column through one number agree with the kernel there; whether their products agree with all the other numbers has to be
/// looked at.
pub mod mutant_never_multiplies_out {
    pub use super::solution::*;

    /// The proposal.
    pub fn separable_kernel(kernel: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        let at = pivot(kernel);
        let divisor = if kernel[at] == 0.0 { 1.0 } else { kernel[at] };
        let row = kernel[at / width * width..][..width].to_vec();
        let column = kernel.chunks(width).map(|row| row[at % width] / divisor).collect();
        Some((column, row))
    }
}

/// Asks for products that agree to the last bit.
///
/// # Feedback
///
/// You compare for equality. A quotient is rounded, and so is a product: most separable kernels fail by the last bit. The statement says how large a difference may be.
pub mod mutant_wants_every_bit {
    pub use super::solution::*;

    /// The column and the row if nothing was rounded.
    pub fn separable_kernel(kernel: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        let at = pivot(kernel);
        let divisor = if kernel[at] == 0.0 { 1.0 } else { kernel[at] };
        let row = kernel[at / width * width..][..width].to_vec();
        let column: Vec<f64> = kernel.chunks(width).map(|row| row[at % width] / divisor).collect();
        let products = column.iter().flat_map(|c| row.iter().map(move |r| c * r));
        kernel.iter().copied().eq(products).then_some((column, row))
    }
}

/// Has no answer for a kernel of zeros.
///
/// # Feedback
///
/// A kernel of zeros is a product: a column of zeros times any row. You say that it is none, perhaps because its largest number cannot be divided by.
pub mod mutant_has_no_zeros {
    pub use super::solution::*;

    /// The column and the row of a kernel that has a number to divide by.
    pub fn separable_kernel(kernel: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        let at = pivot(kernel);
        if kernel[at] == 0.0 {
            return None;
        }
        let row = kernel[at / width * width..][..width].to_vec();
        let column: Vec<f64> =
            kernel.chunks(width).map(|row| row[at % width] / kernel[at]).collect();
        let products = column.iter().flat_map(|c| row.iter().map(move |r| c * r));
        let limit = 1e-9 * kernel[at].abs();
        let all = kernel.iter().zip(products).all(|(k, product)| (k - product).abs() <= limit);
        all.then_some((column, row))
    }
}
