//! # Several answers at once
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: operations
//!
//! A softmax gives one answer: its probabilities add up to 1. A photograph from a shop may show a coat *and* a bag, and then each
//! class needs a yes or no of its own. The network gives a logit $`z_j`$ for each of its $`k`$ classes, and a sigmoid makes a probability of each,
//! on its own:
//!
//! ```math
//! p_j = \frac{1}{1 + e^{-z_j}}
//! ```
//!
//! The target $`t_j`$ is 1 where the thing is in the photograph and 0 where it is not. It may lie between where people did not agree. The loss is the
//! mean of the classes' cross-entropies:
//!
//! ```math
//! L = \frac{1}{k} \sum_{j=1}^{k} \bigl( -t_j \ln p_j - (1 - t_j) \ln (1 - p_j) \bigr)
//! ```
//!
//! Write a function that gives $`L`$ and its gradient with respect to the logits, $`\partial L / \partial z_j`$ for each class.
//!
//! - Logits are finite and may be large: 1000 and −1000 must work. A logit of 1000 for a thing that is not there costs 1000, not infinity.
//! - A tiny loss must be right as well. With one class, $`z = 40`$ and $`t = 1`$, the loss is about 4.2e-18, and not 0. The loss is compared
//!   relative to its own size, up to 1e-9.
//! - The gradient is compared up to 1e-9, absolute.
//! - There is at least one class, there are as many targets as logits, and targets lie from 0 to 1.
//!
//! ## Hint 1
//!
//! Do not compute $`p_j`$ and then its logarithm. Write $`-\ln p_j`$ and $`-\ln(1 - p_j)`$ with $`z_j`$ on paper first. Both are a logarithm of 1 plus an
//! exponential, and they differ by something short.
//!
//! ## Hint 2
//!
//! $`-\ln(1 - p) = \ln(1 + e^z)`$ and $`-\ln p = \ln(1 + e^z) - z`$. So one class costs $`\ln(1 + e^z) - t z`$. For a large $`z`$ take $`e^z`$ out of the
//! brackets, and only $`e^{-|z|}`$ is left, which cannot overflow.
//!
//! ## Hint 3
//!
//! $`\ln(1 + e^z) = \max(z, 0) + \ln(1 + e^{-|z|})`$. In floating point, 1 plus something tiny is 1; `f64::ln_1p` does not add first. The gradient
//! is short: differentiate $`\ln(1 + e^z) - t z`$.
//!
//! ## Solution
//!
//! Sigmoid and cross-entropy belong together, as softmax and cross-entropy do. Joined, one class costs $`\max(z, 0) - t z + \ln(1 + e^{-|z|})`$, whose
//! parts neither overflow nor lose what is small, and the derivative is $`p - t`$. Taken apart, $`1 - p`$ is rounded to 0 from $`z = 37`$ on, and its
//! logarithm is minus infinity.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes; ten of them on paper.
//!
//! **Misconceptions.** That a clamp such as `ln(p + 1e-12)` cures the loss: it replaces infinity by 27.6, whose gradient is 0, so that the worst mistakes are
//! not learned from. That the derivative of the sigmoid has to appear in the gradient: it cancels against that of the logarithm.
//!
//! **Discussion.** With squared error behind a sigmoid, how large is the gradient at $`z = 20`$ and $`t = 0`$? (About 2e-9: the unit is entirely wrong and
//! hardly moves.) What does the cross-entropy give there?

/// What the student starts from.
pub mod starter {
    /// The mean cross-entropy of a sigmoid for each class, and its gradient for the logits.
    pub fn sigmoid_cross_entropy(logits: &[f64], targets: &[f64]) -> (f64, Vec<f64>) {
        let k = logits.len() as f64;
        todo!("the loss without overflow, and its gradient")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The mean cross-entropy of a sigmoid for each class, and its gradient for the logits.
    pub fn sigmoid_cross_entropy(logits: &[f64], targets: &[f64]) -> (f64, Vec<f64>) {
        let k = logits.len() as f64;
        let pairs = || logits.iter().zip(targets);
        let loss = pairs().map(|(&z, &t)| cost(z, t)).sum::<f64>() / k;
        (loss, pairs().map(|(&z, &t)| slope(z, t) / k).collect())
    }

    /// What one class costs.
    pub fn cost(z: f64, t: f64) -> f64 {
        z.max(0.0) - t * z + (-z.abs()).exp().ln_1p()
    }

    /// How that changes with its logit.
    pub fn slope(z: f64, t: f64) -> f64 {
        1.0 / (1.0 + (-z).exp()) - t
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub logits: Vec<f64>,
        pub targets: Vec<f64>,
    }

    pub type Output = (f64, Vec<f64>);

    pub fn call(input: &Input) -> Output {
        super::solution::sigmoid_cross_entropy(&input.logits, &input.targets)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("several classes, there or not", 6, |rng| {
            let k = rng.random_range(2..12);
            draw(rng, k, 6.0, |rng| f64::from(u8::from(rng.random_bool(0.4))))
        });
        cases.general("targets between 0 and 1", 5, |rng| {
            let k = rng.random_range(3..9);
            draw(rng, k, 5.0, |rng| rng.random_range(0.05..0.95))
        });
        cases.edge("logits of hundreds, on either side", 4, |rng| {
            let mut input = draw(rng, 4, 3.0, |rng| f64::from(u8::from(rng.random_bool(0.5))));
            let large = rng.random_range(300.0..600.0);
            (input.logits[0], input.targets[0]) = (large, 0.0);
            (input.logits[1], input.targets[1]) = (-1000.0, 1.0);
            input.logits[2] = 1000.0;
            input
        });
        cases.edge("one class that is right and sure, with a tiny loss", 4, |rng| {
            let (sure, there) = (rng.random_range(38.0..300.0), rng.random_bool(0.5));
            if there { one(sure, 1.0) } else { one(-sure, 0.0) }
        });
        cases.edge("one class with a logit of 0", 2, |rng| one(0.0, rng.random_range(0.0..1.0)));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let (loss, gradient) = expected;
        let scale = if *loss == 0.0 { 1.0 } else { loss.abs() };
        if !compare::close(loss / scale, found.0 / scale, 1e-9) {
            return Err(format!("the loss should be {loss:e}, and is {:e}", found.0));
        }
        compare::length("gradients", gradient, &found.1)?;
        for (j, (expected, found)) in gradient.iter().zip(&found.1).enumerate() {
            compare::number(&format!("the gradient of logit {j}"), *expected, *found, 1e-9)?;
        }
        Ok(())
    }

    fn one(logit: f64, target: f64) -> Input {
        Input { logits: vec![logit], targets: vec![target] }
    }

    fn draw(rng: &mut Rng, k: usize, range: f64, target: impl Fn(&mut Rng) -> f64) -> Input {
        let logits = (0..k).map(|_| rng.random_range(-range..range)).collect();
        Input { logits, targets: (0..k).map(|_| target(rng)).collect() }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::sigmoid_cross_entropy;

    #[test]
    fn who_knows_nothing_pays_ln_2() {
        // z = 0 means p = ½. For the first class that is ½ too little, for the second ½ too much.
        // There are two classes, so divide by 2.
        let (loss, gradient) = sigmoid_cross_entropy(&[0.0, 0.0], &[1.0, 0.0]);
        assert!((loss - 2_f64.ln()).abs() < 1e-12, "{loss}");
        assert!((gradient[0] + 0.25).abs() < 1e-12 && (gradient[1] - 0.25).abs() < 1e-12);
    }

    #[test]
    fn three_to_one() {
        // z = ln 3 means p = 3/4. With t = 1 the loss is −ln(3/4) and the gradient 3/4 − 1.
        let (loss, gradient) = sigmoid_cross_entropy(&[3_f64.ln()], &[1.0]);
        assert!((loss - (4.0_f64 / 3.0).ln()).abs() < 1e-12, "{loss}");
        assert!((gradient[0] + 0.25).abs() < 1e-12, "{gradient:?}");
    }

    #[test]
    fn a_sure_mistake_costs_its_logit() {
        // −ln(1 − p) = ln(1 + e¹⁰⁰⁰), which is 1000 to the last digit; p is 1.
        assert_eq!(sigmoid_cross_entropy(&[1000.0], &[0.0]), (1000.0, vec![1.0]));
    }

    #[test]
    fn a_tiny_loss_is_not_nothing() {
        // −ln p = ln(1 + e⁻⁴⁰), which is e⁻⁴⁰ to sixteen digits.
        let (loss, _) = sigmoid_cross_entropy(&[40.0], &[1.0]);
        assert!((loss / (-40_f64).exp() - 1.0).abs() < 1e-9, "{loss:e}");
    }
}

/// Computes the probability, and then its logarithm.
///
/// # Feedback
///
/// For large logits the loss is infinite or NaN. The probability is rounded to exactly 1 or 0 there, and its logarithm has lost everything. Join sigmoid
/// and logarithm on paper, before anything is computed.
pub mod mutant_takes_logarithms_of_probabilities {
    pub use super::solution::*;

    /// What one class costs, by way of its probability.
    pub fn cost(z: f64, t: f64) -> f64 {
        let p = 1.0 / (1.0 + (-z).exp());
        -t * p.ln() - (1.0 - t) * (1.0 - p).ln()
    }
}

/// Adds 1 to a tiny number before the logarithm.
///
/// # Feedback
///
/// Nothing overflows, but a tiny loss comes out as 0: 1 plus a number below 1e-16 is 1 in floating point. There is a function for the logarithm of 1 plus something.
pub mod mutant_loses_tiny_losses {
    pub use super::solution::*;

    /// What one class costs, with a sum that is rounded to 1.
    pub fn cost(z: f64, t: f64) -> f64 {
        z.max(0.0) - t * z + (1.0 + (-z.abs()).exp()).ln()
    }
}

/// Takes the exponential of the logit itself.
///
/// # Feedback
///
/// Large positive logits overflow, and large negative ones do not. Take $`e^z`$ out of the brackets where $`z`$ is positive, so that the exponent is never above 0.
pub mod mutant_overflows_on_one_side {
    pub use super::solution::*;

    /// What one class costs; infinite from 710 on.
    pub fn cost(z: f64, t: f64) -> f64 {
        z.exp().ln_1p() - t * z
    }
}

/// Gives the sum over the classes.
///
/// # Feedback
///
/// Your loss and your gradient are too large by the number of classes: the loss is the mean over the classes, and so is its gradient.
pub mod mutant_adds_up {
    pub use super::solution::*;

    /// Sums of costs, and their gradient.
    pub fn sigmoid_cross_entropy(logits: &[f64], targets: &[f64]) -> (f64, Vec<f64>) {
        let pairs = || logits.iter().zip(targets);
        let loss = pairs().map(|(&z, &t)| cost(z, t)).sum();
        (loss, pairs().map(|(&z, &t)| slope(z, t)).collect())
    }
}

/// Multiplies the gradient by the slope of the sigmoid once more.
///
/// # Feedback
///
/// Your loss is right and your gradient is too small. The slope of the sigmoid, $`p(1 - p)`$, is there twice in the chain rule: once as it is, and once in the denominator
/// from the derivative of the logarithm. They cancel.
pub mod mutant_keeps_the_slope_of_the_sigmoid {
    pub use super::solution::*;

    /// The slope as behind squared error.
    pub fn slope(z: f64, t: f64) -> f64 {
        let p = 1.0 / (1.0 + (-z).exp());
        (p - t) * p * (1.0 - p)
    }
}
