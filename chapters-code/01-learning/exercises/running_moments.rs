//! # Mean and deviation in one pass, in parts
//!
//! - points: 9
//! - minutes: 35
//! - difficulty: medium
//! - section: leakage
//!
//! To scale its features, the chapter reads the training rows twice: once for the mean and once for the squared distances from it. That takes all rows at hand. If they come from a disk that holds a
//! hundred times as many as memory does, or are spread over eight threads, one pass has to be enough, and two halves that were read apart must give what the whole gives.
//!
//! Complete the type `RunningMoments`:
//!
//! - `RunningMoments::default()` has seen nothing.
//! - `push(x)` sees one more value.
//! - `merge(&other)` sees all that `other` has seen. Either of them may have seen nothing.
//! - `mean()` is the mean of all values seen; 0 if there are none.
//! - `deviation()` is their standard deviation with $`n`$ below the fraction, as in the chapter; 0 if there are none:
//!
//! ```math
//! \sqrt{\frac{1}{n} \sum_{i=1}^{n} (x_i - \bar{x})^2}
//! ```
//!
//! The values are not kept: the type holds a fixed number of numbers. `push` and `merge` may follow each other in any order.
//!
//! One kind of case has values near $`1.7 \cdot 10^9`$ that differ by a few units, such as times in seconds. A square of such a value needs more digits than an `f64` has. The means are compared up to a relative
//! 1e-9 and the deviations up to a relative 1e-6; both tolerances are absolute for numbers below 1.
//!
//! ## Hint 1
//!
//! Keep three numbers: how many values were seen, their mean, and the sum $`S`$ of their squared distances *from that mean*. What does one more value change in each of them?
//!
//! ## Hint 2
//!
//! A new value $`x`$ is $`\delta = x - \bar{x}`$ away from the old mean and moves the mean by $`\delta / n`$. It adds to $`S`$ the product of its distances from the old mean and from the new one.
//!
//! ## Hint 3
//!
//! Two parts of $`a`$ and $`b`$ values, whose means are $`\delta`$ apart, have together $`S = S_a + S_b + \delta^2\, \frac{a\,b}{a + b}`$, and the mean moves from that of the first part by
//! $`\delta\, \frac{b}{a + b}`$. A single value is a part, too, with $`b = 1`$ and $`S_b = 0`$.
//!
//! ## Solution
//!
//! A value is a part of one, so `push` is `merge` with such a part. The last term of the sum is what lies *between* the parts: what all their values have in common and no value inside a part can
//! show. Only distances are ever squared, never the values, and so it does not matter how far from zero they lie.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes. The formulas for one value are in many books (Welford's), those for two parts are found by expanding squares, which takes most of the time.
//!
//! **Misconceptions.** That $`\overline{x^2} - \bar{x}^2`$ is the same thing: on paper, yes. But near $`3 \cdot 10^{18}`$ two neighbouring numbers of type `f64` are 512 apart, and their difference says nothing about a variance of 8. That the deviation of two parts
//! is some mean of their deviations: two constant parts of different value have deviation 0 each.
//!
//! **Discussion.** The book promises the same bits for any number of threads. Does merging keep this? (Only if the parts are cut in the same places and merged in the same order, as the chapter's blocks are.) Could
//! a median be merged like this? (Not from a fixed number of numbers.)

/// What the student starts from.
pub mod starter {
    /// Number, mean and deviation of the values seen, without the values.
    #[derive(Debug, Clone, Default)]
    pub struct RunningMoments {
        n: f64,
        // What else is to be kept?
    }

    impl RunningMoments {
        /// Sees one more value.
        pub fn push(&mut self, x: f64) {
            todo!("what one value changes")
        }

        /// Sees all that `other` has seen.
        pub fn merge(&mut self, other: &RunningMoments) {
            todo!("what another part changes")
        }

        /// The mean of all values; 0 of none.
        pub fn mean(&self) -> f64 {
            todo!("the mean")
        }

        /// The standard deviation of all values, with their number below the fraction; 0 of none.
        pub fn deviation(&self) -> f64 {
            todo!("the deviation")
        }
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// Number, mean and deviation of the values seen, without the values.
    #[derive(Debug, Clone, Default)]
    pub struct RunningMoments {
        n: f64,
        mean: f64,
        /// The sum of the squared distances from the mean.
        squares: f64,
    }

    impl RunningMoments {
        /// Sees one more value.
        pub fn push(&mut self, x: f64) {
            self.merge(&RunningMoments { n: 1.0, mean: x, squares: 0.0 });
        }

        /// Sees all that `other` has seen.
        pub fn merge(&mut self, other: &RunningMoments) {
            let n = self.n + other.n;
            if n > 0.0 {
                let apart = other.mean - self.mean;
                self.squares += other.squares + apart * apart * self.n * other.n / n;
                self.mean += apart * other.n / n;
                self.n = n;
            }
        }

        /// The mean of all values; 0 of none.
        pub fn mean(&self) -> f64 {
            self.mean
        }

        /// The standard deviation of all values, with their number below the fraction; 0 of none.
        pub fn deviation(&self) -> f64 {
            mean_of(self.squares, self.n).sqrt()
        }
    }

    /// A sum over `n` values as a mean; 0 of none.
    pub fn mean_of(sum: f64, n: f64) -> f64 {
        sum / n.max(1.0)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    use super::solution::RunningMoments;

    /// Each part is read apart. Then all are merged into the first of them, in order, and `more` is pushed.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub parts: Vec<Vec<f64>>,
        pub more: Vec<f64>,
    }

    /// Mean and deviation: of each part, of all parts together, and with what was pushed after that.
    pub type Output = Vec<(f64, f64)>;

    pub fn call(input: &Input) -> Output {
        let read = |values: &Vec<f64>| {
            let mut moments = RunningMoments::default();
            values.iter().for_each(|&x| moments.push(x));
            moments
        };
        let parts: Vec<RunningMoments> = input.parts.iter().map(read).collect();
        let mut answers: Vec<(f64, f64)> =
            parts.iter().map(|p| (p.mean(), p.deviation())).collect();
        let mut all = parts.first().cloned().unwrap_or_default();
        parts.iter().skip(1).for_each(|part| all.merge(part));
        answers.push((all.mean(), all.deviation()));
        input.more.iter().for_each(|&x| all.push(x));
        answers.push((all.mean(), all.deviation()));
        answers
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("one part, value by value", 5, |rng| {
            let (n, middle) = (rng.random_range(3..200), rng.random_range(-9.0..9.0));
            Input { parts: vec![values(rng, n, middle, 5.0)], more: values(rng, 4, 0.0, 20.0) }
        });
        cases.general("parts of different size", 6, |rng| {
            let parts = (0..rng.random_range(2..6)).map(|_| {
                let (n, middle) = (rng.random_range(2..60), rng.random_range(-30.0..30.0));
                values(rng, n, middle, 4.0)
            });
            let parts = parts.collect();
            Input { parts, more: values(rng, 5, 0.0, 9.0) }
        });
        cases.edge("large values that differ little", 4, |rng| {
            let middle = rng.random_range(1.6e9_f64..1.8e9).round();
            let parts = (0..4).map(|_| values(rng, 50, middle, 5.0)).collect();
            Input { parts, more: values(rng, 20, middle, 5.0) }
        });
        let mut turn = 0;
        cases.edge("parts that have seen nothing", 4, |rng| {
            let mut parts = vec![values(rng, 8, 3.0, 2.0), values(rng, 5, -7.0, 2.0)];
            match turn {
                0 => parts.insert(0, Vec::new()),
                1 => parts.insert(1, Vec::new()),
                2 => parts.push(Vec::new()),
                _ => parts.splice(0..0, [Vec::new(), Vec::new()]).for_each(drop),
            }
            turn += 1;
            Input { parts, more: values(rng, 3, 0.0, 9.0) }
        });
        cases.edge("nothing at all", 2, |rng| Input {
            parts: vec![Vec::new(); rng.random_range(1..4)],
            more: Vec::new(),
        });
        cases.edge("single values, and parts that are constant", 3, |rng| {
            let level = rng.random_range(-5.0..5.0);
            let parts =
                vec![vec![level], vec![level; 7], vec![level + 2.0; rng.random_range(1..5)]];
            Input { parts, more: vec![level] }
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("pairs of mean and deviation", expected, found)?;
        let parts = input.parts.len();
        for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
            let of = match i {
                _ if i < parts => format!("part {i} alone"),
                _ if i == parts => format!("{parts} parts merged"),
                _ => "merged parts with more values pushed".to_owned(),
            };
            compare::number(&format!("the mean of {of}"), expected.0, found.0, 1e-9)?;
            compare::number(&format!("the deviation of {of}"), expected.1, found.1, 1e-6)?;
        }
        Ok(())
    }

    fn values(rng: &mut Rng, n: usize, middle: f64, width: f64) -> Vec<f64> {
        (0..n).map(|_| middle + rng.random_range(-width..width)).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::RunningMoments;

    fn seen(values: &[f64]) -> RunningMoments {
        let mut moments = RunningMoments::default();
        values.iter().for_each(|&x| moments.push(x));
        moments
    }

    fn assert_moments(moments: &RunningMoments, mean: f64, deviation: f64) {
        let found = (moments.mean(), moments.deviation());
        let near = (found.0 - mean).abs() < 1e-9 && (found.1 - deviation).abs() < 1e-6;
        assert!(near, "expected mean {mean} and deviation {deviation}, found {found:?}");
    }

    #[test]
    fn four_values() {
        // Distances from the mean 5: −3, −1, 1, 3. The mean of 9, 1, 1, 9 is 5.
        assert_moments(&seen(&[2.0, 4.0, 6.0, 8.0]), 5.0, 5.0_f64.sqrt());
    }

    #[test]
    fn two_constant_parts() {
        // 1, 1, 1 and 5: mean 2; squared distances 1, 1, 1, 9, whose mean is 3.
        let mut moments = seen(&[1.0, 1.0, 1.0]);
        moments.merge(&seen(&[5.0]));
        assert_moments(&moments, 2.0, 3.0_f64.sqrt());
    }

    #[test]
    fn nothing_adds_nothing() {
        let mut moments = RunningMoments::default();
        moments.merge(&RunningMoments::default());
        assert_moments(&moments, 0.0, 0.0);
        moments.merge(&seen(&[3.0, 5.0]));
        moments.merge(&RunningMoments::default());
        assert_moments(&moments, 4.0, 1.0);
    }

    #[test]
    fn far_from_zero() {
        // The first example, moved by 2³¹, in two parts.
        let far = 2_147_483_648.0;
        let mut moments = seen(&[far + 2.0, far + 8.0]);
        moments.merge(&seen(&[far + 4.0, far + 6.0]));
        assert_moments(&moments, far + 5.0, 5.0_f64.sqrt());
    }
}

/// Adds up values and squares, and subtracts the square of the mean at the end.
///
/// # Feedback
///
/// You keep the sum of the squares and subtract the square of the mean. On paper that is right. Far from zero, both are huge and nearly equal, and the digits in which they differ are no longer there.
/// Square distances from the mean, not values.
pub mod mutant_subtracts_huge_squares {
    /// Number, sum and sum of squares.
    #[derive(Debug, Clone, Default)]
    pub struct RunningMoments {
        n: f64,
        sum: f64,
        squares: f64,
    }

    impl RunningMoments {
        /// One more value.
        pub fn push(&mut self, x: f64) {
            self.n += 1.0;
            self.sum += x;
            self.squares += x * x;
        }

        /// All three add up.
        pub fn merge(&mut self, other: &RunningMoments) {
            self.n += other.n;
            self.sum += other.sum;
            self.squares += other.squares;
        }

        /// The mean.
        pub fn mean(&self) -> f64 {
            self.sum / self.n.max(1.0)
        }

        /// The mean of the squares less the square of the mean.
        pub fn deviation(&self) -> f64 {
            (self.squares / self.n.max(1.0) - self.mean().powi(2)).max(0.0).sqrt()
        }
    }
}

/// Adds up what lies inside the parts, and forgets what lies between them.
///
/// # Feedback
///
/// A part alone comes out right, several merged ones with too small a deviation. You add up the squared distances of each value from the mean of *its part*. If the means of the parts differ, every value is
/// further from the common mean than that.
pub mod mutant_forgets_what_lies_between_the_parts {
    /// Number, mean and sum of squared distances.
    #[derive(Debug, Clone, Default)]
    pub struct RunningMoments {
        n: f64,
        mean: f64,
        squares: f64,
    }

    impl RunningMoments {
        /// One more value.
        pub fn push(&mut self, x: f64) {
            let apart = x - self.mean;
            self.n += 1.0;
            self.mean += apart / self.n;
            self.squares += apart * (x - self.mean);
        }

        /// The sums add up.
        pub fn merge(&mut self, other: &RunningMoments) {
            let n = self.n + other.n;
            if n > 0.0 {
                self.mean = (self.mean * self.n + other.mean * other.n) / n;
                self.squares += other.squares;
                self.n = n;
            }
        }

        /// The mean.
        pub fn mean(&self) -> f64 {
            self.mean
        }

        /// From the sum of the parts' own squares.
        pub fn deviation(&self) -> f64 {
            (self.squares / self.n.max(1.0)).sqrt()
        }
    }
}

/// Adds the squared distance of a new value from the old mean.
///
/// # Feedback
///
/// Your deviation is too large even for one part. A new value draws the mean towards itself, so its distance from the old mean, squared, is more than it adds. What does it add if the second factor is its distance
/// from the new mean?
pub mod mutant_squares_the_distance_from_the_old_mean {
    /// Number, mean and sum of squared distances.
    #[derive(Debug, Clone, Default)]
    pub struct RunningMoments {
        n: f64,
        mean: f64,
        squares: f64,
    }

    impl RunningMoments {
        /// One more value.
        pub fn push(&mut self, x: f64) {
            let apart = x - self.mean;
            self.n += 1.0;
            self.mean += apart / self.n;
            if self.n > 1.0 {
                self.squares += apart * apart;
            }
        }

        /// Two parts.
        pub fn merge(&mut self, other: &RunningMoments) {
            let n = self.n + other.n;
            if n > 0.0 {
                let apart = other.mean - self.mean;
                self.squares += other.squares + apart * apart * self.n * other.n / n;
                self.mean += apart * other.n / n;
                self.n = n;
            }
        }

        /// The mean.
        pub fn mean(&self) -> f64 {
            self.mean
        }

        /// From sums that are too large.
        pub fn deviation(&self) -> f64 {
            (self.squares / self.n.max(1.0)).sqrt()
        }
    }
}

/// Divides by one less than the number of values.
///
/// # Feedback
///
/// You divide by $`n - 1`$. That estimates the deviation of a population from a sample. Here the deviation *of the values seen* is wanted, with $`n`$ below the fraction, as scaling uses it; a single value has the deviation 0.
pub mod mutant_divides_by_one_less {
    pub use super::solution::*;

    /// A sum over `n` values, divided by one less.
    pub fn mean_of(sum: f64, n: f64) -> f64 {
        sum / (n - 1.0).max(1.0)
    }
}

/// Divides by zero where nothing is merged with nothing.
///
/// # Feedback
///
/// Two parts that have seen nothing give 0/0 when they are merged, and the NaN stays for ever. A thread that got no rows is such a part.
pub mod mutant_merges_nothing_with_nothing {
    /// Number, mean and sum of squared distances.
    #[derive(Debug, Clone, Default)]
    pub struct RunningMoments {
        n: f64,
        mean: f64,
        squares: f64,
    }

    impl RunningMoments {
        /// One more value.
        pub fn push(&mut self, x: f64) {
            self.merge(&RunningMoments { n: 1.0, mean: x, squares: 0.0 });
        }

        /// Two parts, whatever they hold.
        pub fn merge(&mut self, other: &RunningMoments) {
            let n = self.n + other.n;
            let apart = other.mean - self.mean;
            self.squares += other.squares + apart * apart * self.n * other.n / n;
            self.mean += apart * other.n / n;
            self.n = n;
        }

        /// The mean.
        pub fn mean(&self) -> f64 {
            self.mean
        }

        /// The deviation.
        pub fn deviation(&self) -> f64 {
            (self.squares / self.n.max(1.0)).sqrt()
        }
    }
}
