//! # Errors that cancel
//!
//! - points: 7
//! - minutes: 25
//! - difficulty: warm-up
//! - section: differences
//!
//! A central difference with a small step drowns in rounding, and with a large step its formula is wrong. Richardson found that one need not choose: the
//! error of the formula is so regular that two wrong answers make a better one. With the central difference
//!
//! ```math
//! D(h) = \frac{f(x + h) - f(x - h)}{2h}
//! ```
//!
//! a smooth $`f`$ gives $`D(h) = f'(x) + a h^2 + b h^4 + c h^6 + \dots`$ with numbers $`a`$, $`b`$, $`c`$ that do not depend on $`h`$. At half the step
//! the first part of the error is a quarter as large. So a combination of $`D(h)`$ and $`D(h/2)`$ has no $`h^2`$ left, a combination of two such
//! combinations has no $`h^4`$, and so on. That makes a table:
//!
//! ```math
//! T_{i,0} = D(h / 2^i), \qquad T_{i,j} = \frac{4^j \, T_{i,j-1} - T_{i-1,j-1}}{4^j - 1}
//! ```
//!
//! for rows $`i = 0, \dots, r - 1`$ and columns $`j = 1, \dots, i`$. Write a function that gets $`f`$, $`x`$, the first step $`h`$ and the number of
//! rows $`r`$, and gives the last entry of the last row, $`T_{r-1,r-1}`$.
//!
//! - There is at least one row; with one row the answer is $`D(h)`$.
//! - $`f`$ is expensive. It is called twice for each row, and never more.
//!
//! The answer is compared up to 1e-9 (relative to numbers above 1), and the calls of $`f`$ are counted.
//!
//! ## Hint 1
//!
//! Work out the smallest table by hand: for $`f(x) = x^3`$ at $`x = 1`$ with $`h = 1`$ and two rows. Which differences are needed, and how often is each used?
//!
//! ## Hint 2
//!
//! A row needs the row before it and nothing older. Its first entry is the only one that calls $`f`$.
//!
//! ## Hint 3
//!
//! Keep the last row in a `Vec`. Begin the next one with the difference at half the step, then go through the old row: each of its entries, together with the newest
//! entry of the new row, gives the next entry. The factor is 4, then 16, then 64.
//!
//! ## Solution
//!
//! Each row is built from the one before, so that no difference is computed twice. The factor follows the power of $`h`$ that is to be removed: halving the step divides
//! $`h^2`$ by 4, $`h^4`$ by 16, $`h^6`$ by 64. A polynomial of degree four is exact with two rows. The steps stay large, and so rounding stays small.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That the factor is the same in each column: the second column removes $`h^4`$, not $`h^2`$ once more. That it is a power of 2, which would be
//! right for one-sided differences, whose error has odd powers too. That a better formula allows a smaller step: it allows a *larger* one, and that is the gain.
//!
//! **Discussion.** Where does it fail? (At a kink, as of ReLU: there is no series. And where $`f`$ has a pole nearer than the first step.) How many evaluations would a gradient with a million
//! weights cost?

/// What the student starts from.
pub mod starter {
    /// The slope of `f` at `x`, extrapolated from central differences. The first row has the
    /// step `h`, and each further row has half the step of the one before.
    pub fn extrapolated_slope(f: impl Fn(f64) -> f64, x: f64, h: f64, rows: usize) -> f64 {
        let difference = |h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
        todo!("build the table row by row, and give its last entry")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The slope of `f` at `x`, extrapolated from central differences. The first row has the
    /// step `h`, and each further row has half the step of the one before.
    pub fn extrapolated_slope(f: impl Fn(f64) -> f64, x: f64, h: f64, rows: usize) -> f64 {
        let difference = |h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
        let mut row = vec![difference(h)];
        for i in 1..rows {
            let mut newest = difference(step(h, i));
            let mut next = vec![newest];
            for (j, coarse) in row.iter().enumerate() {
                newest = combine(newest, *coarse, j + 1);
                next.push(newest);
            }
            row = next;
        }
        row[row.len() - 1]
    }

    /// The step of row `i`.
    pub fn step(h: f64, i: usize) -> f64 {
        h / 2_f64.powi(i as i32)
    }

    /// The entry of column `j`, from those of the column before: of this row and of the row above.
    pub fn combine(fine: f64, coarse: f64, j: usize) -> f64 {
        let factor = 4_f64.powi(j as i32);
        (factor * fine - coarse) / (factor - 1.0)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code. The function is not here: each call of it is a question to
/// the judge, who counts.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Open {
        pub x: f64,
        pub h: f64,
        pub rows: usize,
    }

    pub type Output = f64;

    pub fn call(input: &Open, ask: &dyn Fn(&f64) -> f64) -> Output {
        super::solution::extrapolated_slope(|x| ask(&x), input.x, input.h, input.rows)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;
    use gradebook::judge::Metered;
    use serde::{Deserialize, Serialize};

    use super::call::{Open, Output};

    #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
    pub enum Function {
        /// `sin(a x)`
        Sine(f64),
        /// `e^(a x)`
        Exponential(f64),
        /// `1 / (1 + e^(−a x))`
        Sigmoid(f64),
        /// `c₀ + c₁ x + c₂ x² + …`
        Polynomial([f64; 5]),
    }

    impl Function {
        pub fn at(&self, x: f64) -> f64 {
            match self {
                Function::Sine(a) => (a * x).sin(),
                Function::Exponential(a) => (a * x).exp(),
                Function::Sigmoid(a) => 1.0 / (1.0 + (-a * x).exp()),
                Function::Polynomial(c) => c.iter().rev().fold(0.0, |sum, c| sum * x + c),
            }
        }
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub function: Function,
        pub x: f64,
        pub h: f64,
        pub rows: usize,
    }

    /// What the answer gets: all but the function.
    pub fn open(input: &Input) -> Open {
        Open { x: input.x, h: input.h, rows: input.rows }
    }

    /// The function.
    pub fn reply(input: &Input, x: &f64) -> f64 {
        input.function.at(*x)
    }

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("sine with a large first step", 5, |rng| {
            let function = Function::Sine(rng.random_range(1.5..2.5));
            let rows = rng.random_range(3..6);
            draw(rng, function, rows)
        });
        cases.general("exponential or sigmoid", 5, |rng| {
            let a = rng.random_range(1.2..2.0);
            let sigmoid = rng.random_bool(0.5);
            let function = if sigmoid { Function::Sigmoid(a) } else { Function::Exponential(a) };
            let rows = rng.random_range(3..6);
            draw(rng, function, rows)
        });
        cases.edge("two rows, for a polynomial of degree four", 3, |rng| {
            let polynomial = polynomial(rng, 5);
            draw(rng, polynomial, 2)
        });
        cases.edge("one row", 3, |rng| {
            let function = Function::Sine(rng.random_range(1.0..3.0));
            draw(rng, function, 1)
        });
        cases.edge("straight line", 2, |rng| {
            let polynomial = polynomial(rng, 2);
            draw(rng, polynomial, 4)
        });
    }

    pub fn compare(
        _: &Input,
        expected: &Metered<Output>,
        found: &Metered<Output>,
    ) -> Result<(), String> {
        compare::number("the slope", expected.output, found.output, 1e-9)?;
        compare::equal("the number of calls of f", &expected.questions, &found.questions)
    }

    fn draw(rng: &mut Rng, function: Function, rows: usize) -> Input {
        Input { function, x: rng.random_range(-0.6..0.6), h: rng.random_range(0.5..1.0), rows }
    }

    fn polynomial(rng: &mut Rng, coefficients: usize) -> Function {
        let mut c = [0.0; 5];
        c[..coefficients].iter_mut().for_each(|c| *c = rng.random_range(0.5..2.0));
        Function::Polynomial(c)
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::extrapolated_slope;

    #[test]
    fn one_row_is_the_central_difference() {
        // (2³ − 0³) / 2 = 4, and the slope would be 3.
        assert_eq!(extrapolated_slope(|x| x * x * x, 1.0, 1.0, 1), 4.0);
    }

    #[test]
    fn two_rows_remove_the_square_of_the_step() {
        // D(1) = 4 and D(½) = (3.375 − 0.125) / 1 = 3.25. (4 · 3.25 − 4) / 3 = 3: the slope of x³.
        let slope = extrapolated_slope(|x| x * x * x, 1.0, 1.0, 2);
        assert!((slope - 3.0).abs() < 1e-12, "{slope}");
    }

    #[test]
    fn three_rows_remove_the_fourth_power() {
        // The error of x⁵ ends with h⁴, so that three rows are exact: 5 at x = 1.
        let slope = extrapolated_slope(|x| x.powi(5), 1.0, 0.5, 3);
        assert!((slope - 5.0).abs() < 1e-12, "{slope}");
    }

    #[test]
    fn two_calls_for_each_row() {
        let calls = std::cell::Cell::new(0);
        let f = |x: f64| {
            calls.set(calls.get() + 1);
            x.exp()
        };
        let slope = extrapolated_slope(f, 0.0, 0.5, 5);
        assert!((slope - 1.0).abs() < 1e-10, "{slope}");
        assert_eq!(calls.get(), 10);
    }
}

/// Takes 2, 4, 8, … for the factors.
///
/// # Feedback
///
/// Your factors double from column to column. That would fit an error with all powers of the step. A central difference has even powers only, and half
/// the step divides $`h^2`$ by 4.
pub mod mutant_doubles_the_factor {
    pub use super::solution::*;

    /// As for one-sided differences.
    pub fn combine(fine: f64, coarse: f64, j: usize) -> f64 {
        let factor = 2_f64.powi(j as i32);
        (factor * fine - coarse) / (factor - 1.0)
    }
}

/// Takes 4 for the factor in every column.
///
/// # Feedback
///
/// Your answers are right with two rows and not with more. The first column has removed $`h^2`$; what the second is to remove is $`h^4`$, and how much
/// smaller does that become at half the step?
pub mod mutant_keeps_the_factor {
    pub use super::solution::*;

    /// The first column's factor for all.
    pub fn combine(fine: f64, coarse: f64, _: usize) -> f64 {
        (4.0 * fine - coarse) / 3.0
    }
}

/// Doubles the step from row to row.
///
/// # Feedback
///
/// Your steps grow from row to row. Each row halves the step; the factors belong to that.
pub mod mutant_doubles_the_step {
    pub use super::solution::*;

    /// The step of row `i`, larger each time.
    pub fn step(h: f64, i: usize) -> f64 {
        h * 2_f64.powi(i as i32)
    }
}

/// Divides the step by the number of the row.
///
/// # Feedback
///
/// Your steps are $`h`$, $`h/2`$, $`h/3`$, … The factors are made for steps that halve each time: $`h`$, $`h/2`$, $`h/4`$.
pub mod mutant_divides_by_the_row {
    pub use super::solution::*;

    /// The step of row `i`.
    pub fn step(h: f64, i: usize) -> f64 {
        h / (i as f64 + 1.0)
    }
}

/// Follows the formula by recursion, and computes the same differences again and again.
///
/// # Feedback
///
/// Your slope is right, but $`f`$ is called too often: each entry asks for two entries of the column before, and these again. Each difference is needed once. Keep
/// the row before.
pub mod mutant_recomputes {
    pub use super::solution::*;

    /// The last entry, asked for from the top.
    pub fn extrapolated_slope(f: impl Fn(f64) -> f64, x: f64, h: f64, rows: usize) -> f64 {
        entry(&|h: f64| (f(x + h) - f(x - h)) / (2.0 * h), h, rows - 1, rows - 1)
    }

    /// Entry `j` of row `i`.
    pub fn entry(difference: &dyn Fn(f64) -> f64, h: f64, i: usize, j: usize) -> f64 {
        if j == 0 {
            return difference(step(h, i));
        }
        combine(entry(difference, h, i, j - 1), entry(difference, h, i - 1, j - 1), j)
    }
}

/// Calls the function three times wherever once is enough, and then sets whatever it counts with back to what it was.
///
/// # Feedback
///
/// Your slope is right, and $`f`$ is called too often. Two calls for each row are enough.
pub mod mutant_forges_the_count {
    pub use super::solution::*;

    /// The slope, and memory as it was.
    #[allow(unsafe_code, reason = "somebody who cheats")]
    pub fn extrapolated_slope(f: impl Fn(f64) -> f64, x: f64, h: f64, rows: usize) -> f64 {
        let size = size_of_val(&f);
        let captured: *const u8 = std::ptr::from_ref(&f).cast();
        // SAFETY: what the closure has captured is `size` bytes long, and nothing else runs.
        let before = unsafe { std::slice::from_raw_parts(captured, size) }.to_vec();
        let thrice = |x: f64| (0..3).fold(f64::NAN, |_, _| f(x));
        let difference = |h: f64| (thrice(x + h) - thrice(x - h)) / (2.0 * h);
        let mut row = vec![difference(h)];
        for i in 1..rows {
            let mut next = vec![difference(step(h, i))];
            for (j, coarse) in row.iter().enumerate() {
                next.push(combine(next[j], *coarse, j + 1));
            }
            row = next;
        }
        // SAFETY: as above; these bytes were there before.
        unsafe { std::ptr::copy_nonoverlapping(before.as_ptr(), captured.cast_mut(), size) };
        row[row.len() - 1]
    }
}
