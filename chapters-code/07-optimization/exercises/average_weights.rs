//! # Weights that remember
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: warm-up
//! - section: schedules
//!
//! Near the bottom of a valley the weights of stochastic gradient descent do not come to rest. Each mini-batch pulls them to another side. The place that we want is in the
//! middle, so why not take the mean of where the weights have been? Old weights are worse than new ones, so let us forget them by and by.
//!
//! After step $`t`$ the weights are the vector $`w_t`$. The *moving average* after step $`t`$ is a mean of all weights up to then, in which those of $`a`$ steps ago count
//! $`\beta^a`$ times as much as the newest:
//!
//! ```math
//! \bar w_t = \frac{\sum_{i=1}^{t} \beta^{\,t-i}\, w_i}{\sum_{i=1}^{t} \beta^{\,t-i}}
//! ```
//!
//! Write a function that gets the weights after each step and $`\beta`$, and gives the averages $`\bar w_1, \bar w_2, \ldots`$ after each step.
//!
//! - $`0 \le \beta \le 1`$. For $`\beta = 0`$ only the newest weights count ($`0^0 = 1`$). For $`\beta = 1`$ nothing is forgotten, and all weights so far count alike.
//! - All steps have the same number of weights, at least one. There may be no steps; then there are no averages.
//! - There may be 50,000 steps. A network cannot keep all its past weights, and the function should not need them: the work for a step must not grow with the number of steps before it.
//!
//! The averages are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! What happens to the sum above the line when a step is added? And to the one below?
//!
//! ## Hint 2
//!
//! From one step to the next everything that is in a sum is multiplied by $`\beta`$, and one thing is added.
//!
//! ## Hint 3
//!
//! The sum below the line has a closed form, $`(1 - \beta^t)/(1 - \beta)`$, and Adam uses it. What is it for $`\beta = 1`$? A sum that is carried along needs no such question.
//!
//! ## Solution
//!
//! One vector and one number are carried along, and both follow the same rule: times $`\beta`$, plus the new. The first average is $`w_1`$ without any special case, since both sums hold only the
//! first step, and the plain mean needs none either. Adam's correction of its means by $`1 - \beta^t`$ is the same idea, written with the closed form.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That $`(1 - \beta)`$ in the usual rule is needed for the result to be a mean; it makes the shares add up to 1 only after infinitely many steps. That starting from $`w_1`$ is a correction: it
//! is a mean, but one in which the first weights have far too large a share.
//!
//! **Discussion.** How many steps does the average remember? ($`1/(1-\beta)`$, as the shares of a geometric series say.) Why is the averaged network only tested, and not trained further? Polyak and Juditsky
//! forget nothing; when is that better, and what does it do to a training that begins far from the bottom?

/// What the student starts from.
pub mod starter {
    /// The moving average of the weights after each step.
    pub fn average_weights(steps: &[Vec<f64>], keep: f64) -> Vec<Vec<f64>> {
        let mut averages = Vec::with_capacity(steps.len());
        for weights in steps {
            todo!("the average after this step, from what was kept of those before")
        }
        averages
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The moving average of the weights after each step.
    pub fn average_weights(steps: &[Vec<f64>], keep: f64) -> Vec<Vec<f64>> {
        let Some(first) = steps.first() else { return Vec::new() };
        let (mut sum, mut shares) = (vec![0.0; first.len()], 0.0);
        let mut averages = Vec::with_capacity(steps.len());
        for weights in steps {
            sum.iter_mut().zip(weights).for_each(|(sum, &w)| *sum = carried(*sum, w, keep));
            shares = carried(shares, 1.0, keep);
            averages.push(sum.iter().map(|sum| sum / shares).collect());
        }
        averages
    }

    /// A sum of the past, one step later.
    pub fn carried(sum: f64, new: f64, keep: f64) -> f64 {
        keep * sum + new
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub steps: Vec<Vec<f64>>,
        pub keep: f64,
    }

    pub type Output = Vec<Vec<f64>>;

    pub fn call(input: &Input) -> Output {
        super::solution::average_weights(&input.steps, input.keep)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("weights that wander", 6, |rng| {
            let (steps, size) = (rng.random_range(6..40), rng.random_range(1..6));
            Input { steps: wander(rng, steps, size), keep: rng.random_range(0.6..0.97) }
        });
        cases.general("weights that swing from side to side", 4, |rng| {
            let side = rng.random_range(0.5..2.0);
            let steps = (0..rng.random_range(8..30)).map(|t| vec![1.0, side * sign(t)]).collect();
            Input { steps, keep: rng.random_range(0.7..0.95) }
        });
        cases.edge("a share of zero for all but the newest weights", 2, |rng| Input {
            steps: wander(rng, 5, 3),
            keep: 0.0,
        });
        cases.edge("a single step", 2, |rng| Input {
            steps: wander(rng, 1, 4),
            keep: rng.random_range(0.8..0.999),
        });
        cases.edge("no steps", 1, |_| Input { steps: Vec::new(), keep: 0.9 });
        cases.edge("nothing is forgotten", 2, |rng| Input { steps: wander(rng, 20, 3), keep: 1.0 });
        cases.edge("50,000 steps", 1, |rng| Input { steps: wander(rng, 50_000, 2), keep: 0.9999 });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("averages, one after each step", expected, found)?;
        for (t, (expected, found)) in expected.iter().zip(found).enumerate() {
            let what = |i| format!("weight {i} of the average after step {}", t + 1);
            compare::length("numbers in an average", expected, found)?;
            compare::each(expected, found, 1e-9, what)?;
        }
        Ok(())
    }

    /// Weights that begin away from 0 and take random steps.
    fn wander(rng: &mut Rng, steps: usize, size: usize) -> Vec<Vec<f64>> {
        let mut weights: Vec<f64> = (0..size).map(|_| rng.random_range(1.0..3.0)).collect();
        let mut next = || {
            weights.iter_mut().for_each(|w| *w += rng.random_range(-0.5..0.4));
            weights.clone()
        };
        (0..steps).map(|_| next()).collect()
    }

    fn sign(t: usize) -> f64 {
        if t.is_multiple_of(2) { 1.0 } else { -1.0 }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::average_weights;

    fn assert_averages(steps: &[f64], keep: f64, expected: &[f64]) {
        let steps: Vec<Vec<f64>> = steps.iter().map(|&w| vec![w]).collect();
        let found = average_weights(&steps, keep);
        let near = |(f, e): (&Vec<f64>, &f64)| f.len() == 1 && (f[0] - e).abs() < 1e-9;
        let same = found.len() == expected.len() && found.iter().zip(expected).all(near);
        assert!(same, "expected {expected:?}, found {found:?}");
    }

    #[test]
    fn half_is_kept() {
        // 4; then (4/2 + 1) / (1/2 + 1) = 2; then (4/4 + 1/2 + 2) / (1/4 + 1/2 + 1) = 2.
        assert_averages(&[4.0, 1.0, 2.0], 0.5, &[4.0, 2.0, 2.0]);
    }

    #[test]
    fn weights_that_stay_are_their_own_average() {
        assert_averages(&[3.0; 5], 0.9, &[3.0; 5]);
    }

    #[test]
    fn nothing_is_kept() {
        assert_averages(&[1.0, -2.0, 5.0], 0.0, &[1.0, -2.0, 5.0]);
    }

    #[test]
    fn all_is_kept() {
        // The plain mean: 1, then 3 / 2, then 9 / 3.
        assert_averages(&[1.0, 2.0, 6.0], 1.0, &[1.0, 1.5, 3.0]);
    }

    #[test]
    fn every_weight_has_its_own_average() {
        let found = average_weights(&[vec![4.0, 1.0], vec![1.0, 1.0]], 0.5);
        assert_eq!(found, [[4.0, 1.0], [2.0, 1.0]]);
        assert!(average_weights(&[], 0.5).is_empty());
    }
}

/// Starts from zero and leaves it at that.
///
/// # Feedback
///
/// Your first averages are too near to zero: you start from a sum of nothing, and its shares do not yet add up to 1. Divide by what they do add up to.
pub mod mutant_stays_near_zero {
    /// The moving average, which begins at 0.
    pub fn average_weights(steps: &[Vec<f64>], keep: f64) -> Vec<Vec<f64>> {
        let mut average = vec![0.0; steps.first().map_or(0, Vec::len)];
        let next = |weights: &Vec<f64>| {
            average.iter_mut().zip(weights).for_each(|(a, w)| *a = keep * *a + (1.0 - keep) * w);
            average.clone()
        };
        steps.iter().map(next).collect()
    }
}

/// Starts from the first weights.
///
/// # Feedback
///
/// Your first average is right, and the next ones hold too much of it. If the average simply begins at the first weights, these count as if they had been there for ever. They
/// have the share of one step, as all others.
pub mod mutant_starts_from_the_first {
    /// The moving average, which begins at the first weights.
    pub fn average_weights(steps: &[Vec<f64>], keep: f64) -> Vec<Vec<f64>> {
        let mut average = steps.first().cloned().unwrap_or_default();
        let next = |weights: &Vec<f64>| {
            average.iter_mut().zip(weights).for_each(|(a, w)| *a = keep * *a + (1.0 - keep) * w);
            average.clone()
        };
        steps.iter().map(next).collect()
    }
}

/// Gives the new weights the share that is meant for the old.
///
/// # Feedback
///
/// You exchanged old and new: in your averages the past fades at the rate $`1 - \beta`$. A large $`\beta`$ means a long memory. The case of $`\beta = 0`$ shows it, where only the newest weights count.
pub mod mutant_exchanges_old_and_new {
    pub use super::solution::*;

    /// A sum of the past, of which little is kept where much should be.
    pub fn carried(sum: f64, new: f64, keep: f64) -> f64 {
        (1.0 - keep) * sum + new
    }
}

/// Divides by the closed form of the shares, which is 0 / 0 where nothing is forgotten.
///
/// # Feedback
///
/// Your formula is right below $`\beta = 1`$, and there it divides zero by zero. The average is a mean of all weights then, and nothing is wrong with it. Find the sum of the shares without
/// the formula for the sum of a series.
pub mod mutant_divides_zero_by_zero {
    /// The moving average, corrected as Adam corrects its means.
    pub fn average_weights(steps: &[Vec<f64>], keep: f64) -> Vec<Vec<f64>> {
        let mut average = vec![0.0; steps.first().map_or(0, Vec::len)];
        let mut kept = 1.0;
        let next = |weights: &Vec<f64>| {
            average.iter_mut().zip(weights).for_each(|(a, w)| *a = keep * *a + (1.0 - keep) * w);
            kept *= keep;
            average.iter().map(|a| a / (1.0 - kept)).collect()
        };
        steps.iter().map(next).collect()
    }
}

/// Counts steps from 0 in the correction.
///
/// # Feedback
///
/// Your correction is one step late, so the first averages are wrong and later ones nearly right. After the first step there is one share, not two.
pub mod mutant_counts_one_step_too_many {
    /// The moving average, corrected with the shares of one more step.
    pub fn average_weights(steps: &[Vec<f64>], keep: f64) -> Vec<Vec<f64>> {
        let mut sum = vec![0.0; steps.first().map_or(0, Vec::len)];
        let mut shares = 1.0;
        let next = |weights: &Vec<f64>| {
            sum.iter_mut().zip(weights).for_each(|(sum, w)| *sum = keep * *sum + w);
            shares = keep * shares + 1.0;
            sum.iter().map(|sum| sum / shares).collect()
        };
        steps.iter().map(next).collect()
    }
}
