//! # The longest direction of a cloud
//!
//! - points: 10
//! - minutes: 40
//! - difficulty: medium
//! - section: components-plane
//!
//! A cloud of $`n`$ samples with $`d`$ features is to be shown on a line. Along which direction does it vary most? Let $`S`$, $`(d, d)`$, be the covariance of the features,
//!
//! ```math
//! S_{ij} = \frac{1}{n - 1} \sum_{r} (x_{ri} - m_i)(x_{rj} - m_j)
//! ```
//!
//! with the means $`m_i`$. The first principal component is the vector $`v`$ of length 1 for which $`v^\top S v`$ is largest, and this largest number is the variance along it. It is also the eigenvector of $`S`$ with the largest eigenvalue: if one multiplies almost any vector by $`S`$ again and
//! again and brings it to length 1 each time, it turns into $`v`$. This is called *power iteration*.
//!
//! Write a function that gives $`v`$, the variance along it, and the share that this is of the whole variance, $`\sum_i S_{ii}`$.
//!
//! - If $`v`$ is a component, so is $`-v`$. Give the one whose entry of largest size is positive; where two entries are equally large, the first of them decides.
//! - There are at least two samples, not all equal. The variance along the second component is at most nine tenths of that along the first.
//! - Everything is compared up to 1e-6, relative to its size where it is larger than 1.
//!
//! ## Hint 1
//!
//! Power iteration fails for one kind of start only. Which one? Try to find a cloud for which $`(1, 1)`$ is a bad start.
//!
//! ## Hint 2
//!
//! A start at right angles to the component stays there for ever. But of the $`d`$ columns of $`S`$ one at least is not at right angles to it. And one that has variance itself is a good candidate.
//!
//! ## Hint 3
//!
//! The matrix $`S`$, divided by the sum of its diagonal, and multiplied by itself ten times over, is its 1,024th power. Hardly anything is left of it but $`v v^\top`$ times a number. Each of its columns is a multiple of $`v`$; take the one with the largest diagonal entry. Divide by the sum of the diagonal after each product, so that
//! nothing becomes too small.
//!
//! ## Solution
//!
//! Squaring replaces the start: the power of the matrix contains the answers to all starts at once, and the largest one is taken. For many features this is too much work, $`d^3`$ a product; there one starts at random, where a start at right angles has probability zero.
//!
//! ## Notes
//!
//! **Time.** Forty minutes, half of them for the tests that fail by a sign.
//!
//! **Misconceptions.** That the sign means something. That a start of ones is safe: in centred data with two opposite features it is at right angles to the component. That the share is one of standard deviations. That centring may be left out: then the first component points at the mean.
//!
//! **Discussion.** What does power iteration do if two eigenvalues are equal? (It stays in the plane of both, wherever it came from: no direction in it is longer than another, and a component "first" is an accident of the start.) How would you get the second component?

/// What the student starts from.
pub mod starter {
    /// The first principal component, the variance along it, and its share of the whole.
    pub fn first_component(samples: &[Vec<f64>]) -> (Vec<f64>, f64, f64) {
        todo!("covariance, powers, sign")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The first principal component, the variance along it, and its share of the whole.
    pub fn first_component(samples: &[Vec<f64>]) -> (Vec<f64>, f64, f64) {
        let covariance = covariance(&centred(samples));
        let component = signed(unit(&dominant(&covariance)));
        let variance = along(&covariance, &component);
        let share = share(variance, trace(&covariance));
        (component, variance, share)
    }

    /// The samples without the mean of each feature.
    pub fn centred(samples: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let n = samples.len() as f64;
        let mean = |j: usize| samples.iter().map(|x| x[j]).sum::<f64>() / n;
        let means: Vec<f64> = (0..samples[0].len()).map(mean).collect();
        samples.iter().map(|x| x.iter().zip(&means).map(|(x, m)| x - m).collect()).collect()
    }

    /// The covariance of centred samples.
    pub fn covariance(samples: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| {
            samples.iter().map(|x| x[i] * x[j]).sum::<f64>() / divisor(samples.len())
        };
        let d = samples[0].len();
        (0..d).map(|i| (0..d).map(|j| entry(i, j)).collect()).collect()
    }

    /// What the sum of squares of so many samples is divided by.
    pub fn divisor(n: usize) -> f64 {
        n as f64 - 1.0
    }

    /// A vector along the component: a column of a high power.
    pub fn dominant(matrix: &[Vec<f64>]) -> Vec<f64> {
        let mut power = matrix.to_vec();
        for _ in 0..12 {
            let sum = trace(&power);
            power.iter_mut().flatten().for_each(|x| *x /= sum);
            power = (0..power.len()).map(|i| times(&power, &power[i])).collect();
        }
        let largest = (0..power.len()).max_by(|&i, &j| power[i][i].total_cmp(&power[j][j]));
        power[largest.unwrap_or(0)].clone()
    }

    /// A matrix times a vector.
    pub fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
        matrix.iter().map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
    }

    /// The sum of the diagonal.
    pub fn trace(matrix: &[Vec<f64>]) -> f64 {
        matrix.iter().enumerate().map(|(i, row)| row[i]).sum()
    }

    /// A vector of length 1 in the same direction.
    pub fn unit(vector: &[f64]) -> Vec<f64> {
        let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        vector.iter().map(|x| x / length).collect()
    }

    /// The vector or its opposite: its entry of largest size is positive.
    pub fn signed(vector: Vec<f64>) -> Vec<f64> {
        // Rounding must not decide which of two equal entries is the larger one.
        let most = vector.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let decides = vector.iter().find(|x| x.abs() > most - 1e-9).copied().unwrap_or(1.0);
        vector.into_iter().map(|x| x * decides.signum()).collect()
    }

    /// The variance along a vector of length 1.
    pub fn along(covariance: &[Vec<f64>], vector: &[f64]) -> f64 {
        times(covariance, vector).iter().zip(vector).map(|(a, b)| a * b).sum()
    }

    /// The share of the whole variance.
    pub fn share(variance: f64, whole: f64) -> f64 {
        variance / whole
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub samples: Vec<Vec<f64>>,
    }

    pub type Output = (Vec<f64>, f64, f64);

    pub fn call(input: &Input) -> Output {
        super::solution::first_component(&input.samples)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("clouds in the plane", 5, |rng| {
            let direction = [rng.random_range(0.3..0.9), rng.random_range(-1.0..1.0)];
            cloud(rng, 12, &direction, 0.3, 0.0)
        });
        cases.general("clouds with several features", 5, |rng| {
            let d = rng.random_range(3..6);
            let direction: Vec<f64> = (0..d).map(|_| rng.random_range(-1.0..1.0)).collect();
            cloud(rng, 15, &direction, 0.15, 0.0)
        });
        cases
            .general("clouds far from zero", 3, |rng| cloud(rng, 12, &[0.9, -0.4, 0.2], 0.2, 50.0));
        cases.edge("two opposite features", 3, |rng| {
            let mut input = cloud(rng, 8, &[1.0, 0.0], 0.0, 0.0);
            input.samples.iter_mut().for_each(|x| x[1] = -x[0]);
            input
        });
        cases.edge("a feature that does not vary", 2, |rng| {
            let mut input = cloud(rng, 9, &[0.2, 1.0, 0.5], 0.1, 0.0);
            input.samples.iter_mut().for_each(|x| x[0] = 3.0);
            input
        });
        cases.edge("two samples", 2, |rng| cloud(rng, 2, &[0.3, -0.8, 0.5], 0.1, 1.0));
        cases.edge("a single feature", 2, |rng| cloud(rng, 6, &[1.0], 0.0, 2.0));
        cases.edge("the largest entry is negative at first", 3, |rng| {
            cloud(rng, 10, &[0.4, -1.0], 0.1, 0.0)
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("entries", &expected.0, &found.0)?;
        compare::each(&expected.0, &found.0, 1e-6, |at| format!("entry {at} of the component"))?;
        let close = |e: f64, f: f64| (e - f).abs() <= 1e-6 * e.abs().max(1.0);
        if !close(expected.1, found.1) {
            return Err(format!("the variance is {}, and you say {}", expected.1, found.1));
        }
        if !close(expected.2, found.2) {
            return Err(format!("the share is {}, and you say {}", expected.2, found.2));
        }
        Ok(())
    }

    /// Samples along a direction, evenly and by chance, with a little of everything beside it.
    fn cloud(rng: &mut Rng, n: usize, direction: &[f64], beside: f64, from: f64) -> Input {
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt().max(0.1);
        let sample = |i: usize, rng: &mut Rng| {
            let along = 4.0 * (i as f64 / (n - 1) as f64 - 0.5) + rng.random_range(-0.3..0.3);
            let place = |x: &f64| from + along * x / length + beside * rng.random_range(-1.0..1.0);
            direction.iter().map(place).collect()
        };
        Input { samples: (0..n).map(|i| sample(i, rng)).collect() }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::first_component;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }

    #[test]
    fn a_cross() {
        // Along the first feature −2, 0, 0, 2, along the second 0, −1, 1, 0: sums of squares 8 and 2, divided by 3.
        let samples = [[-2.0, 0.0], [0.0, -1.0], [0.0, 1.0], [2.0, 0.0]].map(Vec::from);
        let (component, variance, share) = first_component(&samples);
        close(component[0], 1.0);
        close(component[1], 0.0);
        close(variance, 8.0 / 3.0);
        close(share, 0.8);
    }

    #[test]
    fn opposite_features() {
        // All variance lies along (1, −1); both entries are equally large, so the first is positive.
        let samples = [[11.0, 9.0], [10.0, 10.0], [9.0, 11.0]].map(Vec::from);
        let (component, variance, share) = first_component(&samples);
        close(component[0], 0.5f64.sqrt());
        close(component[1], -(0.5f64.sqrt()));
        close(variance, 2.0);
        close(share, 1.0);
    }

    #[test]
    fn the_larger_entry_is_positive() {
        let samples = [[3.0, -4.0], [-3.0, 4.0]].map(Vec::from);
        let (component, ..) = first_component(&samples);
        close(component[0], -0.6);
        close(component[1], 0.8);
    }
}

/// Does not centre.
///
/// # Feedback
///
/// For a cloud far from zero your component points at its mean. Subtract the mean of each feature first.
pub mod mutant_does_not_centre {
    pub use super::solution::*;

    /// The samples as they are.
    pub fn centred(samples: &[Vec<f64>]) -> Vec<Vec<f64>> {
        samples.to_vec()
    }
}

/// Divides by the number of samples.
///
/// # Feedback
///
/// Your component and its share are right, and the variance is too small: the sum of squares is divided by $`n - 1`$.
pub mod mutant_divides_by_n {
    pub use super::solution::*;

    /// The number of samples.
    pub fn divisor(n: usize) -> f64 {
        n as f64
    }
}

/// Starts with ones.
///
/// # Feedback
///
/// You start power iteration with a vector of ones. Where two features are opposite, it stands at right angles to the component, and multiplying by the covariance never turns it.
pub mod mutant_starts_with_ones {
    pub use super::solution::*;

    /// A thousand multiplications, from ones.
    pub fn dominant(matrix: &[Vec<f64>]) -> Vec<f64> {
        let mut vector = vec![1.0; matrix.len()];
        for _ in 0..1_000 {
            let next = times(matrix, &vector);
            if next.iter().all(|x| x.abs() < 1e-12) {
                return vector;
            }
            vector = unit(&next);
        }
        vector
    }
}

/// Multiplies a few times only.
///
/// # Feedback
///
/// Your component is nearly right. Power iteration comes nearer by the ratio of the second eigenvalue to the first in each step, and you stop too early.
pub mod mutant_stops_early {
    pub use super::solution::*;

    /// Two multiplications from the column with the largest variance.
    pub fn dominant(matrix: &[Vec<f64>]) -> Vec<f64> {
        let largest = (0..matrix.len()).max_by(|&i, &j| matrix[i][i].total_cmp(&matrix[j][j]));
        times(matrix, &matrix[largest.unwrap_or(0)])
    }
}

/// Makes the first entry positive.
///
/// # Feedback
///
/// Your components are right up to their sign: it is the entry of largest size that is to be positive, and not the first one.
pub mod mutant_makes_the_first_positive {
    pub use super::solution::*;

    /// The vector or its opposite: its first entry is positive.
    pub fn signed(vector: Vec<f64>) -> Vec<f64> {
        let sign = vector[0].signum();
        vector.into_iter().map(|x| x * sign).collect()
    }
}

/// Takes the share of deviations.
///
/// # Feedback
///
/// Your share is that of standard deviations. Variances add up to the whole variance, and deviations do not.
pub mod mutant_takes_deviations {
    pub use super::solution::*;

    /// A share of roots.
    pub fn share(variance: f64, whole: f64) -> f64 {
        (variance / whole).sqrt()
    }
}
