//! # Two columns that cannot both be right
//!
//! - points: 12
//! - minutes: 40
//! - difficulty: medium
//! - section: lecture
//!
//! The slide that opens the chapter says of ResNet-152: 6 M parameters, 0.22 GB. One can see that this is wrong without knowing what a ResNet is,
//! because the second column follows from the first. Let a program see it. For a row of such a table it is to say which numbers of parameters could
//! stand behind *both* figures. If there is none, the row contradicts itself.
//!
//! A printed figure is a decimal number and a unit. It is given as `digits`, `decimals` and `unit`: 0.22 GB is 22, 2 and $`10^9`$; 6 M is 6, 0 and
//! $`10^6`$. Whoever printed it may have *rounded* the true amount to that many decimals, a half upwards, or may have *cut off* the decimals that
//! were too many. We do not know which, and it may differ between the two figures. So the figure $`0.22`$ can stand for any amount from $`0.215`$ up
//! to but not including $`0.23`$ of its unit.
//!
//! A parameter takes `bits` bits, and memory is counted in bytes of eight bits. Write a function that gets the printed count, the printed memory and
//! the number of bits, and gives the smallest and the largest whole number of parameters that both figures can stand for, or `None` where there is no
//! such number.
//!
//! - The memory of $`n`$ parameters is $`n \cdot \text{bits} / 8`$ bytes. It need not be whole.
//! - No amount is negative: the figure 0.0 stands for amounts from 0, and 0 parameters are a possible answer.
//! - Units are whole numbers from 1 to $`2^{40}`$. The unit of the count is such a number, too: one million, or one.
//! - There are at most 9 decimals. `digits` is at most $`10^{15}`$ and `bits` lies between 1 and 64.
//! - The answer is exact. Products fit `u128`, but not always `u64`, and the answer fits `u64`.
//!
//! ## Hint 1
//!
//! Turn each of the two figures into a range of numbers of parameters. What is then left to do?
//!
//! ## Hint 2
//!
//! With $`D`$ for the digits, $`d`$ for the decimals, $`U`$ for the unit and $`b`$ for the bits, the memory asks for
//!
//! ```math
//! \frac{(2D - 1)\, U}{2 \cdot 10^d} \le \frac{n\, b}{8} < \frac{(D + 1)\, U}{10^d} .
//! ```
//!
//! The count asks for the same with $`b = 8`$.
//!
//! ## Hint 3
//!
//! Solve for $`n`$ and stay with whole numbers. The smallest $`n`$ that is at least $`p/q`$ is `p.div_ceil(q)`. So is the smallest that is *too
//! large*, since the upper bound does not belong to the range. A range is empty where the smallest that fits is also too large.
//!
//! ## Solution
//!
//! Both figures become half-open ranges of whole numbers by the same function, and half-open ranges are easy to intersect: the larger of the two
//! starts, the smaller of the two ends. The two divisions round upwards, one because the lower bound belongs to the range and the other because the
//! upper one does not.
//!
//! On the slide's rows this finds what the chapter found. For 6 M and 0.22 there is no number, neither in GB nor in GiB. For 60 M and 0.22 there are
//! some in GiB and none in GB.
//!
//! ## Notes
//!
//! **Time.** Forty minutes. Half of it goes into the ends of the ranges.
//!
//! **Misconceptions.** That one multiplies the printed count by four and compares: the count is rounded as well, and to fewer digits. That a
//! tolerance of so many per cent does the same: it depends on the figure, and 0.02 GB may be off by 50 per cent at its end. That intervals are
//! closed, so that 6.5 could have been printed as 6.
//!
//! **Discussion.** The chapter finds the memory of Llama 3 8B wrong, 27. Why does this check find it only in GB and not in GiB? (8 B may be 7.5
//! billion, rounded, and 27 GiB may hold 7.516 billion. The check finds contradictions, the chapter knows the count.) Which other rows can it not
//! find? (Those where both figures were derived from the same wrong count.) A wider range finds less: why is it still right to allow cutting off?

/// What the exercise gives.
pub mod given {
    /// A printed figure: 0.22 GB is 22 digits, with 2 decimals, of a unit of 10⁹.
    #[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
    pub struct Printed {
        /// The digits, read as a whole number.
        pub digits: u64,
        /// How many of them stand behind the point.
        pub decimals: u32,
        /// What is counted: 1,000,000 for M, 10⁹ for GB, 2³⁰ for GiB.
        pub unit: u64,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Printed;

    /// The smallest and the largest number that may have been printed so.
    pub fn numbers_behind(count: Printed, memory: Printed, bits: u64) -> Option<(u64, u64)> {
        todo!("the numbers behind each figure, and those behind both")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Printed;

    /// The smallest and the largest number that may have been printed so.
    pub fn numbers_behind(count: Printed, memory: Printed, bits: u64) -> Option<(u64, u64)> {
        let ((start, end), (from, to)) = (range(count, 8), range(memory, bits));
        let (start, end) = (start.max(from), end.min(to));
        (start < end).then_some((start, end - 1))
    }

    /// The first number behind a figure, and the first that is too large, if each counts for
    /// so many eighths of what is printed.
    pub fn range(printed: Printed, eighths: u64) -> (u64, u64) {
        let [digits, unit, eighths] = [printed.digits, printed.unit, eighths].map(u128::from);
        // Halves of the last printed place, in eighths: 2D − 1 to 2D + 2.
        let divisor = 2 * 10_u128.pow(printed.decimals) * eighths;
        let first = |halves: u128| (8 * halves * unit).div_ceil(divisor);
        // What u64 does not hold may become its largest value: the other figure ends before.
        let number = |halves| u64::try_from(first(halves)).unwrap_or(u64::MAX);
        (number((2 * digits).saturating_sub(1)), number(2 * digits + 2))
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::Printed;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub count: Printed,
        pub memory: Printed,
        pub bits: u64,
    }

    pub type Output = Option<(u64, u64)>;

    pub fn call(input: &Input) -> Output {
        super::solution::numbers_behind(input.count, input.memory, input.bits)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Printed;

    const GB: u64 = 1_000_000_000;
    const GIB: u64 = 1 << 30;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("rows that agree, rounded or cut off", 6, |rng| {
            let n = rng.random_range(20_000_000..900_000_000);
            let unit = if rng.random_bool(0.5) { GB } else { GIB };
            row(rng, n, n, unit, [4, 8, 16, 32])
        });
        cases.general("rows whose count is finer than their memory, or coarser", 5, |rng| {
            let n = rng.random_range(1_000_000_000..900_000_000_000);
            let (fine, coarse) = (rng.random_range(2..5), rng.random_range(0..2));
            let finer = rng.random_bool(0.5);
            let (a, b) = if finer { (fine, coarse) } else { (coarse, fine) };
            Input {
                count: print(rng, n, 1, a, 1_000_000_000),
                memory: print(rng, 2 * n, 1, b, GIB),
                bits: 16,
            }
        });
        cases.edge("rows that contradict themselves", 5, |rng| {
            let n = rng.random_range(20_000_000..900_000_000);
            let other = match rng.random_range(0..3) {
                0 => n * 10,
                1 => n / 10,
                _ => n / 100 * 125,
            };
            row(rng, n, other, GIB, [8, 16, 32, 32])
        });
        cases.edge("figures with many digits", 3, |rng| {
            let digits = rng.random_range(100_000_000_000_000..900_000_000_000_000);
            let memory = Printed { digits, decimals: 3, unit: 4_000_000 };
            Input { count: Printed { digits, decimals: 0, unit: 1000 }, memory, bits: 32 }
        });
        let mut same = true;
        cases.edge("ranges that start or end at the same number", 4, |rng| {
            let digits = rng.random_range(3..60);
            let count = Printed { digits, decimals: 0, unit: 1_000_000 };
            // From D − 1/2 to D + 1 as the count, or to D + 2 with the start at D + 1/2.
            same = !same;
            let memory = match same {
                true => Printed { digits, decimals: 0, unit: 2_000_000 },
                false => Printed { digits: digits + 1, decimals: 0, unit: 2_000_000 },
            };
            Input { count, memory, bits: 16 }
        });
        let mut before = true;
        cases.edge("ranges that touch and have nothing in common", 4, |rng| {
            let half = rng.random_range(3..60);
            let count = Printed { digits: 2 * half, decimals: 0, unit: 1_000_000 };
            before = !before;
            let memory = match before {
                // From (2(h + 1) − 1) millions, where the count's 2h + 1 millions end.
                true => Printed { digits: half + 1, decimals: 0, unit: 2_000_000 },
                // Up to (4h − 2 + 1) half millions, where the count's 2h − 1/2 millions start.
                false => Printed { digits: 4 * half - 2, decimals: 0, unit: 500_000 },
            };
            Input { count, memory, bits: 8 }
        });
        cases.edge("a figure of zero", 3, |rng| {
            let count = Printed { digits: 0, decimals: rng.random_range(0..2), unit: 1_000_000 };
            let memory = Printed { digits: rng.random_range(0..2), decimals: 3, unit: GB };
            Input { count, memory, bits: 32 }
        });
        cases.edge("ranges without a whole number", 2, |rng| {
            // From 2.5 to 4 bytes behind a multiple of eight, for parameters of eight bytes.
            let digits = 8 * rng.random_range(1000..9000_u64) + 3;
            let memory = Printed { digits, decimals: 0, unit: 1 };
            Input { count: Printed { digits: digits / 8, decimals: 0, unit: 1 }, memory, bits: 64 }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (Some((a, b)), Some((c, d))) => {
                compare::equal("the smallest number of parameters", a, c)?;
                compare::equal("the largest number of parameters", b, d)
            }
            (None, Some((c, d))) => {
                Err(format!("the figures contradict each other: expected None, found {c} to {d}"))
            }
            (Some((a, b)), None) => Err(format!("expected {a} to {b}, found None")),
            (None, None) => Ok(()),
        }
    }

    /// A row with the count of `n` parameters and the memory of `other` parameters.
    fn row(rng: &mut Rng, n: u64, other: u64, unit: u64, widths: [u64; 4]) -> Input {
        let bits = widths[rng.random_range(0..4)];
        let decimals = rng.random_range(0..=1);
        let count = print(rng, n, 1, decimals, 1_000_000);
        let decimals = rng.random_range(2..=4);
        Input { count, memory: print(rng, other * bits, 8, decimals, unit), bits }
    }

    /// `amount / divisor` in units, rounded or cut off.
    fn print(rng: &mut Rng, amount: u64, divisor: u64, decimals: u32, unit: u64) -> Printed {
        let [amount, divisor, whole] = [amount, divisor, unit].map(u128::from);
        let twice = 2 * amount * 10_u128.pow(decimals) / (divisor * whole);
        let digits = if rng.random_bool(0.5) { twice.div_ceil(2) } else { twice / 2 };
        Printed { digits: digits as u64, decimals, unit }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Printed;
    use super::solution::numbers_behind;

    const fn printed(digits: u64, decimals: u32, unit: u64) -> Printed {
        Printed { digits, decimals, unit }
    }

    #[test]
    fn in_small_numbers() {
        // 0.1 K: from 50 to below 200. 0.5 kB: from 450 to below 600 bytes, so from 56.25 to below 75 numbers of 64 bits.
        let (count, memory) = (printed(1, 1, 1000), printed(5, 1, 1000));
        assert_eq!(numbers_behind(count, memory, 64), Some((57, 74)));
    }

    #[test]
    fn the_row_of_the_slide() {
        let count = printed(6, 0, 1_000_000);
        assert_eq!(numbers_behind(count, printed(22, 2, 1_000_000_000), 32), None);
        assert_eq!(numbers_behind(count, printed(22, 2, 1 << 30), 32), None);
    }

    #[test]
    fn the_row_with_its_zero() {
        // 0.22 GiB hold from 57.7 to 61.7 million numbers of four bytes, and 0.22 GB fewer than 57.5 million.
        let count = printed(60, 0, 1_000_000);
        let gib = numbers_behind(count, printed(22, 2, 1 << 30), 32);
        assert_eq!(gib, Some((59_500_000, 60_999_999)));
        assert_eq!(numbers_behind(count, printed(22, 2, 1_000_000_000), 32), None);
    }

    #[test]
    fn a_coarse_figure_says_little() {
        // 8 B may be 7.5 billion, rounded. 27 GiB may be nearly 28, cut off: 28 · 2³⁰ / 4 is 7,516,192,768.
        let count = printed(8, 0, 1_000_000_000);
        let gib = numbers_behind(count, printed(27, 0, 1 << 30), 32);
        assert_eq!(gib, Some((7_500_000_000, 7_516_192_767)));
        assert_eq!(numbers_behind(count, printed(27, 0, 1_000_000_000), 32), None);
    }

    #[test]
    fn nothing_is_negative() {
        let (count, memory) = (printed(0, 0, 1_000_000), printed(0, 2, 1_000_000_000));
        assert_eq!(numbers_behind(count, memory, 8), Some((0, 999_999)));
    }
}

/// Takes every figure for rounded.
///
/// # Feedback
///
/// Your ranges end half a printed place above the figure. That is right for figures that were rounded. One that was cut off stands for amounts up to
/// the next printed number.
pub mod mutant_knows_only_rounding {
    use super::given::Printed;
    pub use super::solution::*;

    /// From half a place below to half a place above.
    pub fn range(printed: Printed, eighths: u64) -> (u64, u64) {
        let [digits, unit, eighths] = [printed.digits, printed.unit, eighths].map(u128::from);
        let divisor = 2 * 10_u128.pow(printed.decimals) * eighths;
        let number = |halves: u128| (8 * halves * unit).div_ceil(divisor) as u64;
        (number((2 * digits).saturating_sub(1)), number(2 * digits + 1))
    }
}

/// Takes every figure for cut off.
///
/// # Feedback
///
/// Your ranges start at the printed figure. A figure that was rounded upwards stands for an amount that is up to half a printed place smaller.
pub mod mutant_knows_only_cutting_off {
    use super::given::Printed;
    pub use super::solution::*;

    /// From the figure to the next one.
    pub fn range(printed: Printed, eighths: u64) -> (u64, u64) {
        let [digits, unit, eighths] = [printed.digits, printed.unit, eighths].map(u128::from);
        let divisor = 2 * 10_u128.pow(printed.decimals) * eighths;
        let number = |halves: u128| (8 * halves * unit).div_ceil(divisor) as u64;
        (number(2 * digits), number(2 * digits + 2))
    }
}

/// Lets the upper bound belong to the range.
///
/// # Feedback
///
/// Where the upper bound of a range is a whole number, you take it in. That number would have been printed as the next figure. "Up to but not
/// including" asks for the last whole number *before* the bound.
pub mod mutant_includes_the_upper_bound {
    use super::given::Printed;
    pub use super::solution::*;

    /// A closed range, with the number behind its end.
    pub fn range(printed: Printed, eighths: u64) -> (u64, u64) {
        let [digits, unit, eighths] = [printed.digits, printed.unit, eighths].map(u128::from);
        let divisor = 2 * 10_u128.pow(printed.decimals) * eighths;
        let start = (8 * (2 * digits).saturating_sub(1) * unit).div_ceil(divisor);
        let last = 8 * (2 * digits + 2) * unit / divisor;
        (start as u64, last as u64 + 1)
    }
}

/// Takes the printed count for the true one.
///
/// # Feedback
///
/// You multiply the printed count out and look whether its memory is the printed one. But the count is rounded or cut off, too, often to fewer digits
/// than the memory. Each figure stands for a range of numbers.
pub mod mutant_trusts_the_count {
    use super::given::Printed;
    pub use super::solution::*;

    /// The printed count, if its memory is what is printed.
    pub fn numbers_behind(count: Printed, memory: Printed, bits: u64) -> Option<(u64, u64)> {
        let number =
            u128::from(count.digits) * u128::from(count.unit) / 10_u128.pow(count.decimals);
        let (start, end) = range(memory, bits);
        (start..end).contains(&(number as u64)).then_some((number as u64, number as u64))
    }
}

/// Computes with `f64`.
///
/// # Feedback
///
/// For figures with many digits your numbers are off by a few: products beyond $`2^{53}`$ are rounded in an `f64`. Multiply everything out in `u128`
/// and divide once.
pub mod mutant_computes_with_floats {
    use super::given::Printed;
    pub use super::solution::*;

    /// The range, by floating-point numbers.
    pub fn range(printed: Printed, eighths: u64) -> (u64, u64) {
        let place = printed.unit as f64 / 10_f64.powi(printed.decimals as i32);
        let number = |digits: f64| (digits * place * 8.0 / eighths as f64).ceil() as u64;
        let digits = printed.digits as f64;
        (number((digits - 0.5).max(0.0)), number(digits + 1.0))
    }
}

/// Gives the larger start and the smaller end, even where they have passed each other.
///
/// # Feedback
///
/// For a row that contradicts itself you give a smallest number that is larger than the largest. Then no number is behind both figures: say so with
/// `None`.
pub mod mutant_never_finds_a_contradiction {
    use super::given::Printed;
    pub use super::solution::*;

    /// The larger start and the smaller end.
    pub fn numbers_behind(count: Printed, memory: Printed, bits: u64) -> Option<(u64, u64)> {
        let ((start, end), (from, to)) = (range(count, 8), range(memory, bits));
        Some((start.max(from), end.min(to).saturating_sub(1)))
    }
}
