//! Where curves of accuracy by labels cross, and how well a few runs on a few thousand cases know it.

use learning::bootstrap::{mean, quantile};
use notebook::{Estimate, Rng};
use rand::RngExt as _;

/// What some methods answered: on the same cases, after learning from the same draws of labels.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Labels learned from.
    pub sizes: Vec<usize>,
    /// 1 for each case that is right, else 0: `[method][size][draw][case]`.
    pub right: Vec<Vec<Vec<Vec<f64>>>>,
}

/// The mean accuracy of each method at each size: `[method][size]`.
pub type Means = Vec<Vec<f64>>;

/// A number of labels, with an interval that does not leave the range that was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labels {
    /// The number; `None` where it lies outside of the range.
    pub value: Option<f64>,
    /// Lower end; 0 where the interval is open to below the range.
    pub low: f64,
    /// Upper end; infinite where the interval is open to above the range.
    pub high: f64,
}

impl Answers {
    /// The accuracy of `method` after learning from `sizes[size]` labels; the interval speaks of other draws and of other cases.
    pub fn accuracy(&self, method: usize, size: usize) -> Estimate {
        Estimate::over_runs_and_cases(&self.right[method][size])
    }

    /// How far `ahead` is before `behind` at one size, draw by draw and case by case.
    pub fn gap(&self, ahead: usize, behind: usize, size: usize) -> Estimate {
        let [a, b] = [ahead, behind].map(|method| &self.right[method][size]);
        Estimate::over_runs_and_cases(&learning::bootstrap::paired_runs(a, b))
    }

    /// The means of what was answered.
    pub fn means(&self) -> Means {
        let of = |runs: &Vec<Vec<f64>>| mean(&runs.iter().map(|run| mean(run)).collect::<Vec<_>>());
        self.right.iter().map(|sizes| sizes.iter().map(of).collect()).collect()
    }

    // ANCHOR: resample
    /// The means of other cases and other draws, drawn with replacement. All
    /// methods see the same ones, so that what is paired stays paired.
    pub fn resample(&self, rng: &mut Rng) -> Means {
        let cases = self.right[0][0][0].len();
        let mut times = vec![0.0; cases];
        (0..cases).for_each(|_| times[rng.random_range(0..cases)] += 1.0);
        let mut means = vec![Vec::new(); self.right.len()];
        for size in 0..self.sizes.len() {
            let draws = self.right[0][size].len();
            let drawn: Vec<usize> = (0..draws).map(|_| rng.random_range(0..draws)).collect();
            for (method, means) in self.right.iter().zip(&mut means) {
                let of = |&draw: &usize| weighted(&method[size][draw], &times);
                means.push(mean(&drawn.iter().map(of).collect::<Vec<_>>()));
            }
        }
        means
    }
    // ANCHOR_END: resample

    /// The number of labels at which `ahead` overtakes `behind` for good.
    pub fn crossing(&self, resamples: &[Means], ahead: usize, behind: usize) -> Labels {
        self.labels(resamples, |x, means| {
            let gaps: Vec<f64> =
                means[ahead].iter().zip(&means[behind]).map(|(a, b)| a - b).collect();
            overtakes(x, &gaps)
        })
    }

    /// The number of labels with which `method` reaches an accuracy.
    pub fn needed(&self, resamples: &[Means], method: usize, accuracy: f64) -> Labels {
        self.labels(resamples, |x, means| reaches(x, &means[method], accuracy))
    }

    /// How many times as many labels `more` needs as `less`; only where both reach the accuracy within the range.
    pub fn ratio(
        &self,
        resamples: &[Means],
        [more, less]: [usize; 2],
        accuracy: f64,
    ) -> Option<Estimate> {
        let x = self.places();
        let of = |means: &Means| {
            let [a, b] = [more, less].map(|method| reaches(&x, &means[method], accuracy));
            (a.is_finite() && b.is_finite()).then(|| (a - b).exp())
        };
        let value = of(&self.means())?;
        let mut found: Vec<f64> = resamples.iter().filter_map(of).collect();
        // What cannot be told in one of forty worlds cannot be told.
        if 40 * found.len() < 39 * resamples.len() || found.is_empty() {
            return None;
        }
        found.sort_by(f64::total_cmp);
        Some(Estimate { low: quantile(&found, 0.025), value, high: quantile(&found, 0.975) })
    }

    fn places(&self) -> Vec<f64> {
        self.sizes.iter().map(|&n| (n as f64).ln()).collect()
    }

    fn labels(&self, resamples: &[Means], of: impl Fn(&[f64], &Means) -> f64) -> Labels {
        let x = self.places();
        let value = of(&x, &self.means());
        let mut found: Vec<f64> = resamples.iter().map(|means| of(&x, means)).collect();
        found.sort_by(f64::total_cmp);
        // Ends are numbers that were found, for between a number and infinity there is none.
        let end = |share: f64| {
            let place = (share * found.len().saturating_sub(1) as f64).round() as usize;
            found.get(place).map_or(f64::NAN, |ln| ln.exp())
        };
        let value = value.is_finite().then(|| value.exp());
        Labels { value, low: end(0.025), high: end(0.975) }
    }
}

impl Labels {
    /// Whether value and interval lie within the range.
    pub fn is_inside(&self) -> bool {
        self.value.is_some() && self.low > 0.0 && self.high.is_finite()
    }

    /// As a table has it, to two digits.
    pub fn in_words(&self, sizes: &[usize]) -> String {
        let [least, most] =
            [sizes.first(), sizes.last()].map(|n| number(n.map_or(0.0, |&n| n as f64)));
        let end = |x: f64| match x {
            x if x <= 0.0 => format!("below {least}"),
            x if x.is_infinite() => format!("beyond {most}"),
            x => number(x),
        };
        match self.value {
            Some(value) => format!("{} ({} to {})", number(value), end(self.low), end(self.high)),
            None if self.high.is_infinite() && self.low.is_infinite() => format!("beyond {most}"),
            None if self.high <= 0.0 => format!("below {least}"),
            None => format!("{} to {}", end(self.low), end(self.high)),
        }
    }
}

/// To two digits, with separators.
fn number(x: f64) -> String {
    let unit = 10_f64.powf(x.max(1.0).log10().floor() - 1.0);
    notebook::Format::Int.number((x / unit).round() * unit)
}

fn weighted(right: &[f64], times: &[f64]) -> f64 {
    right.iter().zip(times).map(|(right, times)| right * times).sum::<f64>() / right.len() as f64
}

// ANCHOR: overtakes
/// Where on the axis `x` the last change from behind to ahead lies, on a
/// straight line between the two sizes around it: −∞ where `gaps` are above
/// zero everywhere, ∞ where the last of them is not.
pub fn overtakes(x: &[f64], gaps: &[f64]) -> f64 {
    match gaps.iter().rposition(|&gap| gap <= 0.0) {
        None => f64::NEG_INFINITY,
        Some(i) if i + 1 == gaps.len() => f64::INFINITY,
        Some(i) => x[i] + (x[i + 1] - x[i]) * gaps[i] / (gaps[i] - gaps[i + 1]),
    }
}
// ANCHOR_END: overtakes

/// Where on the axis `x` the accuracy first reaches `level`: −∞ where it begins there, ∞ where it never does.
pub fn reaches(x: &[f64], accuracy: &[f64], level: f64) -> f64 {
    match accuracy.iter().position(|&a| a >= level) {
        None => f64::INFINITY,
        Some(0) => f64::NEG_INFINITY,
        Some(i) => {
            let (from, to) = (accuracy[i - 1], accuracy[i]);
            x[i - 1] + (x[i] - x[i - 1]) * (level - from) / (to - from)
        }
    }
}
