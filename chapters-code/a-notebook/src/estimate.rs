//! An estimate with its interval, whatever method found it: what experiments record, and what claims
//! are asserted of.

use std::f64::consts::FRAC_PI_2;

use crate::Format;
use crate::scalar::Value;

/// A quantity with the interval that it is known to. Ends and quantity have one unit; a share is
/// recorded as a share, and written as points where it is a difference of shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Lower end.
    pub low: f64,
    /// The quantity.
    pub value: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// The estimate as a sentence has it: `1.25 points (0.80 to 1.71)` as [`Format::Points`].
    ///
    /// ```
    /// # use notebook::{Estimate, Format};
    /// let gain = Estimate { low: 0.008, value: 0.0125, high: 0.0171 };
    /// assert_eq!(gain.in_words(Format::Points(2)), "1.25 points (0.80 to 1.71)");
    /// ```
    pub fn in_words(self, format: Format) -> String {
        let mut value = Value::from(self.value);
        value.interval(self.low, self.high);
        // Numbers and an interval can always be written.
        format.apply_interval(&value).unwrap_or_default().replace('\u{a0}', " ")
    }
}

impl Estimate {
    /// The mean of a few runs, two to five, with the interval of Student's t (1908) at 95 per cent: it
    /// speaks of other runs. A bootstrap over so few would be too narrow. For arms that are
    /// paired, give the differences.
    ///
    /// ```
    /// # use notebook::{Estimate, Format};
    /// let gain = Estimate::over_runs(&[0.01, 0.02, 0.03]);
    /// assert_eq!(gain.in_words(Format::Points(1)), "2.0 points (−0.5 to 4.5)");
    /// ```
    ///
    /// # Panics
    /// If there are fewer than two runs.
    pub fn over_runs(runs: &[f64]) -> Self {
        let n = runs.len() as f64;
        Estimate::around(mean(runs), variance(runs) / n, n - 1.0)
    }

    /// The mean of `[run][case]`, over a few runs that were asked the same cases, with an interval that
    /// speaks of other runs and of other cases: their variances are added, and Student's t takes the
    /// degrees of freedom of the sum (Satterthwaite, 1946). What belongs to one run on one case alone is
    /// counted in both, so that the interval is wide rather than narrow.
    ///
    /// # Panics
    /// If there are fewer than two runs or cases, or a run lacks cases that the first has.
    // ANCHOR: over_runs_and_cases
    pub fn over_runs_and_cases(runs: &[impl AsRef<[f64]>]) -> Self {
        let of_runs: Vec<f64> = runs.iter().map(|run| mean(run.as_ref())).collect();
        let cases = runs[0].as_ref().len();
        let of_case = |i| mean(&runs.iter().map(|run| run.as_ref()[i]).collect::<Vec<_>>());
        let of_cases: Vec<f64> = (0..cases).map(of_case).collect();
        let [(a, n), (b, m)] = [&of_runs, &of_cases].map(|means| {
            let n = means.len() as f64;
            (variance(means) / n, n)
        });
        let freedom = (a + b).powi(2) / (a * a / (n - 1.0) + b * b / (m - 1.0));
        Estimate::around(mean(&of_runs), a + b, freedom)
    }
    // ANCHOR_END: over_runs_and_cases

    /// An interval around a mean whose variance was estimated with so many degrees of freedom.
    fn around(value: f64, variance: f64, freedom: f64) -> Self {
        // Where nothing varied there is nothing to multiply, and no degrees of freedom.
        let half = if variance > 0.0 { student(freedom) * variance.sqrt() } else { 0.0 };
        Estimate { low: value - half, value, high: value + half }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The variance of what `values` are a sample of.
fn variance(values: &[f64]) -> f64 {
    assert!(values.len() > 1, "a single value does not vary; give at least two");
    let middle = mean(values);
    values.iter().map(|x| (x - middle).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// What Student's t with so many degrees of freedom stays within, in 95 of 100 cases.
fn student(freedom: f64) -> f64 {
    // With t = √ν tan θ the density is in proportion to cos θ to the power ν − 1, for θ from 0 to π/2.
    let freedom = freedom.clamp(1.0, 1e4);
    let width = FRAC_PI_2 / 20_000.0;
    let density = |i: u32| ((f64::from(i) + 0.5) * width).cos().powf(freedom - 1.0);
    let mut missing = 0.95 * (0..20_000).map(density).sum::<f64>();
    let mut i = 0;
    while missing > density(i) {
        missing -= density(i);
        i += 1;
    }
    freedom.sqrt() * ((f64::from(i) + missing / density(i)) * width).tan()
}

impl From<[f64; 3]> for Estimate {
    /// From a point of a banded curve: low, value, high.
    fn from([low, value, high]: [f64; 3]) -> Self {
        Estimate { low, value, high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_of_student_are_those_of_the_tables() {
        let table = [(1.0, 12.706), (2.0, 4.303), (4.0, 2.776), (10.0, 2.228), (1e9, 1.960)];
        for (freedom, t) in table {
            assert!((student(freedom) - t).abs() < 1e-3, "{freedom}: {}", student(freedom));
        }
    }

    #[test]
    fn cases_that_do_not_differ_leave_the_interval_of_the_runs_and_the_other_way_round() {
        let [a, b] = [[1.0, 2.0, 4.0], [0.0, 1.0, 1.0]];
        let runs: Vec<[f64; 2]> = a.iter().map(|&x| [x, x]).collect();
        let (both, one) = (Estimate::over_runs_and_cases(&runs), Estimate::over_runs(&a));
        assert!((both.low - one.low).abs() < 1e-9 && (both.high - one.high).abs() < 1e-9);
        let (both, one) = (Estimate::over_runs_and_cases(&[b, b]), Estimate::over_runs(&b));
        assert!((both.low - one.low).abs() < 1e-9 && (both.high - one.high).abs() < 1e-9);
        let none = Estimate::over_runs_and_cases(&[[1.0, 1.0], [1.0, 1.0]]);
        assert_eq!((none.low, none.high), (1.0, 1.0));
    }
}
