//! Intervals by the bootstrap (Efron, 1979): draw from the sample, with replacement, as many as it has;
//! compute the statistic anew; repeat; the middle 95 per cent of what comes out is the interval (Efron, 1981).

use notebook::{Estimate, Rng};
use rand::RngExt as _;

/// An estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// The statistic of the sample itself.
    pub estimate: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Lower end, estimate, upper end: a point of a banded curve.
    pub fn band(self) -> [f64; 3] {
        [self.low, self.estimate, self.high]
    }

    /// True if `x` lies within, ends included.
    pub fn contains(self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }
}

impl From<Interval> for Estimate {
    fn from(found: Interval) -> Self {
        Estimate { low: found.low, value: found.estimate, high: found.high }
    }
}

/// How often to draw, and how much of the middle to keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Resamples.
    pub resamples: usize,
    /// Share of the resamples inside the interval.
    pub level: f64,
}

impl Default for Bootstrap {
    /// A thousand resamples at 95 per cent.
    fn default() -> Self {
        Bootstrap { resamples: 1000, level: 0.95 }
    }
}

impl Bootstrap {
    /// The percentile interval of any statistic of a sample of `n`: `statistic` gets the places drawn.
    ///
    /// # Panics
    /// If the sample is empty.
    // ANCHOR: statistic
    pub fn statistic(
        &self,
        n: usize,
        rng: &mut Rng,
        statistic: impl Fn(&[usize]) -> f64,
    ) -> Interval {
        assert!(n > 0, "a sample of nothing has no interval");
        let mut drawn: Vec<usize> = (0..n).collect();
        let estimate = statistic(&drawn);
        let resample = |_| {
            drawn.fill_with(|| rng.random_range(0..n));
            statistic(&drawn)
        };
        let mut values: Vec<f64> = (0..self.resamples).map(resample).collect();
        values.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        Interval { low: quantile(&values, tail), estimate, high: quantile(&values, 1.0 - tail) }
    }
    // ANCHOR_END: statistic

    /// The interval of the mean of `values`; of an accuracy, where these are 1 and 0.
    pub fn mean(&self, values: &[f64], rng: &mut Rng) -> Interval {
        self.statistic(values.len(), rng, |drawn| {
            drawn.iter().map(|&i| values[i]).sum::<f64>() / drawn.len() as f64
        })
    }

    /// The interval of the mean where values of one block belong together (patches of one
    /// photograph): whole blocks are drawn. `blocks` names the block of each value.
    ///
    /// # Panics
    /// If there are not as many blocks as values, or none.
    // ANCHOR: blocks
    pub fn mean_by_block(&self, values: &[f64], blocks: &[usize], rng: &mut Rng) -> Interval {
        assert_eq!(
            values.len(),
            blocks.len(),
            "{} values for {} blocks",
            values.len(),
            blocks.len()
        );
        let mut sums = std::collections::BTreeMap::<usize, (f64, f64)>::new();
        for (value, block) in values.iter().zip(blocks) {
            let (sum, count) = sums.entry(*block).or_default();
            *sum += value;
            *count += 1.0;
        }
        let sums: Vec<(f64, f64)> = sums.into_values().collect();
        self.statistic(sums.len(), rng, |drawn| {
            let (sum, count) =
                drawn.iter().fold((0.0, 0.0), |(s, c), &i| (s + sums[i].0, c + sums[i].1));
            sum / count
        })
    }
    // ANCHOR_END: blocks

    /// The interval of `mean(a) − mean(b)`, where both were measured on the same cases: the
    /// cases are drawn, and both values of a case go together.
    ///
    /// # Panics
    /// If there are not as many of one as of the other, or none.
    // ANCHOR: paired
    pub fn paired(&self, a: &[f64], b: &[f64], rng: &mut Rng) -> Interval {
        self.mean(&differences(a, b), rng)
    }
    // ANCHOR_END: paired

    /// As [`paired`](Self::paired), drawing whole blocks of cases.
    ///
    /// # Panics
    /// If the lengths differ, or are zero.
    pub fn paired_by_block(
        &self,
        a: &[f64],
        b: &[f64],
        blocks: &[usize],
        rng: &mut Rng,
    ) -> Interval {
        self.mean_by_block(&differences(a, b), blocks, rng)
    }
}

/// The mean of `[run][case]` over all runs and cases, and an interval that draws both with
/// replacement, a thousand times: it speaks of other cases and of other runs. A run is a training
/// with a seed of its own.
///
/// # Panics
/// If there is no run, or a run lacks cases that the first has.
// ANCHOR: over_seeds
pub fn over_seeds(runs: &[impl AsRef<[f64]>], rng: &mut Rng) -> Interval {
    let runs: Vec<&[f64]> = runs.iter().map(AsRef::as_ref).collect();
    let (seeds, cases) = (runs.len(), runs[0].len());
    let draw = |_| {
        let drawn: Vec<&[f64]> = runs.iter().map(|_| runs[rng.random_range(0..seeds)]).collect();
        let mut sum = 0.0;
        for _ in 0..cases {
            let case = rng.random_range(0..cases);
            sum += drawn.iter().map(|run| run[case]).sum::<f64>();
        }
        sum / (cases * seeds) as f64
    };
    let mut means: Vec<f64> = (0..1000).map(draw).collect();
    means.sort_by(f64::total_cmp);
    let estimate = mean(&runs.iter().map(|run| mean(run)).collect::<Vec<_>>());
    Interval { low: quantile(&means, 0.025), estimate, high: quantile(&means, 0.975) }
}
// ANCHOR_END: over_seeds

/// `a − b`, run by run and case by case, for [`over_seeds`].
///
/// # Panics
/// If two runs differ in their number of cases.
pub fn paired_runs(a: &[impl AsRef<[f64]>], b: &[impl AsRef<[f64]>]) -> Vec<Vec<f64>> {
    a.iter().zip(b).map(|(a, b)| differences(a.as_ref(), b.as_ref())).collect()
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), b.len(), "{} values cannot be paired with {}", a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The mean of `values`; 0 of none.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The value below which a share `q` of the sorted `values` lies, by linear interpolation.
///
/// # Panics
/// If there are no values.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let last = values.len() - 1;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let (low, share) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(last);
    values[low] * (1.0 - share) + values[high] * share
}
