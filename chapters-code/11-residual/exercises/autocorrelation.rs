//! # A series and itself, later
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: warm-up
//! - section: residual-shattered
//!
//! The slopes of a network at $`n`$ points of a line are a series $`x_0, x_1, \dots, x_{n-1}`$. Does a slope say anything about the slopes further on? Its *autocorrelation* at lag $`l`$ compares the series with itself, moved by $`l`$ places:
//!
//! ```math
//! r_l = \frac{\sum_{i=0}^{n-1-l} (x_i - m)(x_{i+l} - m)}{\sum_{i=0}^{n-1} (x_i - m)^2}
//! ```
//!
//! with the mean $`m`$ of the *whole* series in every factor. Programs differ in such things, and the conventions are part of the definition. The upper sum has fewer terms than the lower one and is *not* scaled up for that; this is called the biased estimate. And the series does not go round: behind its end there is nothing.
//!
//! Write a function that gives $`r_0, r_1, \dots, r_k`$ for the largest lag $`k`$ that is asked for.
//!
//! - A series all of whose numbers are equal has no autocorrelation: the answer is `None`.
//! - At a lag of $`n`$ or more the upper sum has no terms, and the answer there is 0.
//! - The series has at least one number. Everything is compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Subtract the mean once, and work with what is left. How many pairs of places are $`l`$ apart?
//!
//! ## Hint 2
//!
//! The pairs come from the list itself and the list without its first $`l`$ entries, side by side: `zip` stops at the end of the shorter one.
//!
//! ## Hint 3
//!
//! A series of equal numbers cannot be told from its sum of squares alone. The mean of ten times 0.1 need not be 0.1 to the last bit, and a tiny remainder divided by a tiny remainder is anything. Compare the numbers themselves.
//!
//! ## Solution
//!
//! One sum, used twice: at lag 0 it is the denominator. `skip` beyond the end gives an empty list, whose sum is 0, so large lags need no case of their own.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That the divisor hardly matters: at a lag near $`n`$ the unbiased estimate divides two or three products by two or three, and jumps about. That $`r_l`$ is the correlation of the two parts, each with its own mean: that is another number, and with it a straight line would have 1 at every lag. That white noise has $`r_l = 0`$: in a series of finite length the expected value is below zero, about $`-1/n`$, because the mean was taken from the same numbers.
//!
//! **Discussion.** Which of the two estimates would you plot for the slopes of a network, and for which lags? (With the biased one all $`r_l`$ together are those of some process: the matrix with entries $`r_{|i-j|}`$ has no negative eigenvalue. With the other it may have.)

/// What the student starts from.
pub mod starter {
    /// The autocorrelation at the lags 0 to `lags`, or `None` for a series that does not vary.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        todo!("mean, products, quotient")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The autocorrelation at the lags 0 to `lags`, or `None` for a series that does not vary.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        if !varies(series) {
            return None;
        }
        let x = centred(series);
        let whole = products(&x, 0);
        Some((0..=lags).map(|lag| products(&x, lag) / whole).collect())
    }

    /// True where two neighbours differ.
    pub fn varies(series: &[f64]) -> bool {
        series.windows(2).any(|pair| pair[0] != pair[1])
    }

    /// The series without its mean.
    pub fn centred(series: &[f64]) -> Vec<f64> {
        let mean = series.iter().sum::<f64>() / series.len() as f64;
        series.iter().map(|x| x - mean).collect()
    }

    /// The sum of the products of numbers so far apart.
    pub fn products(x: &[f64], lag: usize) -> f64 {
        x.iter().zip(x.iter().skip(lag)).map(|(a, b)| a * b).sum()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub series: Vec<f64>,
        pub lags: usize,
    }

    pub type Output = Option<Vec<f64>>;

    pub fn call(input: &Input) -> Output {
        super::solution::autocorrelation(&input.series, input.lags)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("independent numbers", 4, |rng| series(rng, 24, 0.0, 0.0, 8));
        cases.general("numbers that remember", 5, |rng| series(rng, 30, 0.9, 0.0, 10));
        cases.general("far from zero", 4, |rng| series(rng, 20, 0.5, 40.0, 6));
        cases.edge("lags up to the length and beyond", 3, |rng| series(rng, 7, 0.5, 1.0, 10));
        cases.edge("lag 0 alone", 2, |rng| series(rng, 9, 0.0, 2.0, 0));
        cases.edge("equal numbers", 3, |rng| {
            let n = rng.random_range(6..12);
            Input { series: vec![0.1; n], lags: 3 }
        });
        cases.edge("a single number", 2, |rng| series(rng, 1, 0.0, 3.0, 2));
        cases.edge("zeros", 1, |_| Input { series: vec![0.0; 6], lags: 2 });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (None, None) => Ok(()),
            (Some(expected), Some(found)) => {
                compare::length("lags", expected, found)?;
                compare::each(expected, found, 1e-9, |lag| format!("the value at lag {lag}"))
            }
            (Some(_), None) => Err("the series varies, and you say that it does not".into()),
            (None, Some(_)) => Err("all numbers are equal, and you give an autocorrelation".into()),
        }
    }

    /// A series each of whose numbers keeps a share of the one before it.
    fn series(rng: &mut Rng, n: usize, keep: f64, about: f64, lags: usize) -> Input {
        let mut last = 0.0;
        let mut next = || {
            last = keep * last + rng.random_range(-1.0..1.0);
            about + last
        };
        Input { series: (0..n).map(|_| next()).collect(), lags }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::autocorrelation;

    #[test]
    fn up_and_down() {
        // Less the mean of 3: −2, 0, 2, 0. The squares make 8, one apart 0, two apart −4.
        let found = autocorrelation(&[1.0, 3.0, 5.0, 3.0], 3).unwrap();
        assert_eq!(found, [1.0, 0.0, -0.5, 0.0]);
    }

    #[test]
    fn from_side_to_side() {
        // Less the mean of 2: −1, 1, −1, 1. Three products of −1 over four squares, then two of 1.
        let found = autocorrelation(&[1.0, 3.0, 1.0, 3.0], 2).unwrap();
        assert_eq!(found, [1.0, -0.75, 0.5]);
    }

    #[test]
    fn beyond_the_end() {
        assert_eq!(autocorrelation(&[0.0, 2.0], 3).unwrap(), [1.0, -0.5, 0.0, 0.0]);
    }

    #[test]
    fn nothing_varies() {
        assert_eq!(autocorrelation(&[0.1; 10], 2), None);
    }
}

/// Does not subtract the mean.
///
/// # Feedback
///
/// For a series far from zero you find nearly 1 at every lag: most of each product is the mean times itself. Subtract it first.
pub mod mutant_does_not_centre {
    pub use super::solution::*;

    /// The autocorrelation of the numbers as they are.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        let whole = products(series, 0);
        varies(series).then(|| (0..=lags).map(|lag| products(series, lag) / whole).collect())
    }
}

/// Takes the unbiased estimate.
///
/// # Feedback
///
/// Your values are too large, and the more so the larger the lag: you divide each sum by the number of its terms. Here the sum is divided by the sum of squares alone.
pub mod mutant_divides_by_the_terms {
    pub use super::solution::*;

    /// With means of products instead of sums.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        let (x, n) = (centred(series), series.len());
        let mean = |lag: usize| match n.saturating_sub(lag) {
            0 => 0.0,
            terms => products(&x, lag) / terms as f64,
        };
        varies(series).then(|| (0..=lags).map(|lag| mean(lag) / mean(0)).collect())
    }
}

/// Goes round.
///
/// # Feedback
///
/// You compare the end of the series with its beginning, as if it went round. Behind the last number there is nothing.
pub mod mutant_goes_round {
    pub use super::solution::*;

    /// With as many products at every lag.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        let (x, n) = (centred(series), series.len());
        let round = |lag: usize| (0..n).map(|i| x[i] * x[(i + lag) % n]).sum::<f64>();
        varies(series).then(|| (0..=lags).map(|lag| round(lag) / round(0)).collect())
    }
}

/// Gives covariances.
///
/// # Feedback
///
/// Your value at lag 0 is not 1. You give the autocovariance; divide by its value at lag 0.
pub mod mutant_gives_covariances {
    pub use super::solution::*;

    /// Means of products, over the whole length.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        let (x, n) = (centred(series), series.len() as f64);
        varies(series).then(|| (0..=lags).map(|lag| products(&x, lag) / n).collect())
    }
}

/// Begins at lag 1.
///
/// # Feedback
///
/// Your list is one short, and everything in it stands one place too early: it begins with lag 0, where the value is 1.
pub mod mutant_begins_at_one {
    pub use super::solution::*;

    /// The lags from 1.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        let x = centred(series);
        let whole = products(&x, 0);
        varies(series).then(|| (1..=lags).map(|lag| products(&x, lag) / whole).collect())
    }
}

/// Tells equal numbers by the sum of squares.
///
/// # Feedback
///
/// For a series of equal numbers you divide one rounding error by another. That the sum of squares is 0 cannot be relied on: compare the numbers.
pub mod mutant_divides_by_rounding {
    pub use super::solution::*;

    /// True where something is left behind the mean.
    pub fn varies(series: &[f64]) -> bool {
        products(&centred(series), 0) > 0.0
    }

    /// The autocorrelation, or `None` where nothing is left.
    pub fn autocorrelation(series: &[f64], lags: usize) -> Option<Vec<f64>> {
        let x = centred(series);
        let whole = products(&x, 0);
        varies(series).then(|| (0..=lags).map(|lag| products(&x, lag) / whole).collect())
    }
}
