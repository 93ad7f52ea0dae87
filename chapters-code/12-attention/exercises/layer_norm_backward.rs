//! # One mean, two sums
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: medium
//! - section: attention-train
//!
//! A token $`x`$ has $`C`$ numbers. Layer normalisation makes
//!
//! ```math
//! \hat x_i = \frac{x_i - \mu}{\sqrt{v + \varepsilon}}, \qquad y_i = g_i\, \hat x_i + b_i
//! ```
//!
//! of it, where $`\mu`$ is the mean of its numbers and $`v`$ the mean of their squared distances from $`\mu`$. The gain $`g`$ and the shift $`b`$ have $`C`$ numbers, too.
//!
//! Backward comes `dy`, the gradient of the loss with respect to $`y`$. Write a function that gives `dx`, the gradient with respect to $`x`$. It is given `x`, `gain`, `dy`, all of one length from 1, and $`\varepsilon`$, which is positive.
//!
//! Each $`x_j`$ moves $`\mu`$ and $`v`$, and through them every $`y_i`$. A loop over all pairs is right, and too slow for a test with a long token: you have time for a few passes over its numbers.
//!
//! ## Hint 1
//!
//! Let $`d_i = g_i\, dy_i`$, the gradient with respect to $`\hat x_i`$. The shift plays no part.
//!
//! ## Hint 2
//!
//! A gradient that is the same number for all $`\hat x_i`$ gives nothing: $`\hat x`$ does not change if all $`x_i`$ grow by the same. A gradient in proportion to $`\hat x`$ gives nearly nothing: $`\hat x`$ does not change if the token is stretched around its mean. So two things are taken away from $`d`$.
//!
//! ## Hint 3
//!
//! $`dx_i = (d_i - \text{mean}(d) - \hat x_i\, \text{mean}(d \circ \hat x)) / \sqrt{v + \varepsilon}`$, where the second mean is over the products $`d_i \hat x_i`$.
//!
//! ## Solution
//!
//! Three passes: one for the mean, one for the variance, one for the two means of $`d`$. Had you kept $`\hat x`$ and the root from the forward pass, one would do. The numbers of $`dx`$ add up to 0, whatever comes backward.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes, most of them for the derivative of the variance.
//!
//! **Misconceptions.** That $`\mu`$ and $`v`$ are constants: then $`dx_i = d_i / \sqrt{v + \varepsilon}`$. That the gain may be multiplied at the end, as in batch normalisation: there all numbers that share a mean share their gain, and here each has its own.
//!
//! **Discussion.** What is the gradient of a token of one number, and why? What would a network do that normalised it?

/// What the student starts from.
pub mod starter {
    /// The gradient with respect to the token `x`, from the gradient `dy` of its normalised form.
    pub fn layer_norm_backward(x: &[f64], gain: &[f64], dy: &[f64], epsilon: f64) -> Vec<f64> {
        todo!("take two things away from gain times dy")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The gradient with respect to the token `x`, from the gradient `dy` of its normalised form.
    pub fn layer_norm_backward(x: &[f64], gain: &[f64], dy: &[f64], epsilon: f64) -> Vec<f64> {
        let (normal, root) = normalised(x, epsilon);
        let d = product(gain, dy);
        let (level, slope) = (mean(&d), mean(&product(&d, &normal)));
        d.iter().zip(&normal).map(|(d, x)| (d - level - x * slope) / root).collect()
    }

    /// The token without its mean, over the root; and the root.
    pub fn normalised(x: &[f64], epsilon: f64) -> (Vec<f64>, f64) {
        let middle = mean(x);
        let from: Vec<f64> = x.iter().map(|x| x - middle).collect();
        let root = (mean(&product(&from, &from)) + epsilon).sqrt();
        (from.iter().map(|x| x / root).collect(), root)
    }

    /// Number by number.
    pub fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| a * b).collect()
    }

    /// The mean.
    pub fn mean(x: &[f64]) -> f64 {
        x.iter().sum::<f64>() / x.len() as f64
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    /// A token, its gain, what comes backward, and what is added to the variance.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub x: Vec<f64>,
        pub gain: Vec<f64>,
        pub dy: Vec<f64>,
        pub epsilon: f64,
    }

    /// The gradient.
    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        let Input { x, gain, dy, epsilon } = input;
        super::solution::layer_norm_backward(x, gain, dy, *epsilon)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("a token of a few numbers", 6, |rng| token(rng, 5, 1e-5));
        cases
            .general("a gain of one", 3, |rng| Input { gain: vec![1.0; 4], ..token(rng, 4, 1e-6) });
        cases.general("a large epsilon", 4, |rng| token(rng, 4, 0.5));
        cases.general("a token far from nought", 3, |rng| {
            let input = token(rng, 6, 1e-5);
            Input { x: input.x.iter().map(|x| x + 20.0).collect(), ..input }
        });
        cases.edge("one number", 2, |rng| token(rng, 1, 1e-5));
        cases.edge("all numbers equal", 2, |rng| Input { x: vec![2.0; 4], ..token(rng, 4, 0.25) });
        cases.edge("a long token", 2, |rng| token(rng, 768, 1e-6));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("numbers", expected, found)?;
        let largest = expected.iter().fold(1.0_f64, |most, e| most.max(e.abs()));
        for (i, (e, f)) in expected.iter().zip(found).enumerate() {
            // What is no number is near nothing.
            let near = (e - f).abs() <= 1e-8 * largest;
            if !near {
                return Err(format!("number {i} of the gradient is {e}, and you say {f}"));
            }
        }
        Ok(())
    }

    fn token(rng: &mut Rng, n: usize, epsilon: f64) -> Input {
        let mut numbers = |from: f64, to: f64| (0..n).map(|_| rng.random_range(from..to)).collect();
        Input { x: numbers(-2.0, 2.0), gain: numbers(0.3, 2.0), dy: numbers(-1.0, 1.0), epsilon }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::layer_norm_backward;

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() < 1e-6, "{found:?}, not {expected:?}");
        }
    }

    #[test]
    fn by_hand() {
        let found =
            layer_norm_backward(&[1.0, 3.0, 3.0, 5.0], &[1.0; 4], &[1.0, 0.0, 0.0, 0.0], 2.0);
        // The variance is 2, so the root of 2 + 2 is 2 and the token
        // −1, 0, 0, 1.
        // The two means are 1/4 and −1/4.
        close(&found, &[0.25, -0.125, -0.125, 0.0]);
    }

    #[test]
    fn the_same_for_all_gives_nothing() {
        close(&layer_norm_backward(&[1.0, 2.0, 6.0], &[2.0; 3], &[5.0; 3], 1e-5), &[0.0; 3]);
    }

    #[test]
    fn the_gain_is_inside() {
        // As above, with the gradient 1 made of a gain of 4 and a quarter.
        let gain = [4.0, 7.0, 7.0, 7.0];
        let found = layer_norm_backward(&[1.0, 3.0, 3.0, 5.0], &gain, &[0.25, 0.0, 0.0, 0.0], 2.0);
        close(&found, &[0.25, -0.125, -0.125, 0.0]);
    }

    #[test]
    fn one_number_has_no_gradient() {
        close(&layer_norm_backward(&[7.0], &[3.0], &[2.0], 0.5), &[0.0]);
    }
}

/// Takes mean and variance for constants.
///
/// # Feedback
///
/// You divide what comes backward by the root, and nothing else: as if mean and variance did not move with the token. They do, and so two means have to be taken away first.
pub mod mutant_constants {
    pub use super::solution::*;

    /// The gradient.
    pub fn layer_norm_backward(x: &[f64], gain: &[f64], dy: &[f64], epsilon: f64) -> Vec<f64> {
        let (_, root) = normalised(x, epsilon);
        product(gain, dy).iter().map(|d| d / root).collect()
    }
}

/// Takes the variance for a constant.
///
/// # Feedback
///
/// You took away the mean of $`d`$, which is what the mean of the token asks for. Its variance asks for something, too: $`\hat x_i`$ times the mean of $`d \circ \hat x`$.
pub mod mutant_constant_variance {
    pub use super::solution::*;

    /// The gradient.
    pub fn layer_norm_backward(x: &[f64], gain: &[f64], dy: &[f64], epsilon: f64) -> Vec<f64> {
        let (_, root) = normalised(x, epsilon);
        let d = product(gain, dy);
        d.iter().map(|x| (x - mean(&d)) / root).collect()
    }
}

/// Multiplies the gain at the end.
///
/// # Feedback
///
/// You take the two means of `dy` and multiply by the gain afterwards. Numbers of a token share a mean and have gains of their own, so the gain must be multiplied *before* the means are taken.
pub mod mutant_gain_at_the_end {
    pub use super::solution::*;

    /// The gradient.
    pub fn layer_norm_backward(x: &[f64], gain: &[f64], dy: &[f64], epsilon: f64) -> Vec<f64> {
        let (normal, root) = normalised(x, epsilon);
        let (level, slope) = (mean(dy), mean(&product(dy, &normal)));
        let plain: Vec<f64> =
            dy.iter().zip(&normal).map(|(d, x)| (d - level - x * slope) / root).collect();
        product(gain, &plain)
    }
}

/// Divides by one number fewer.
///
/// # Feedback
///
/// Your variance divides by $`C - 1`$. Layer normalisation divides by $`C`$; with one number yours is not a number at all.
pub mod mutant_one_fewer {
    pub use super::solution::*;

    /// The gradient.
    pub fn layer_norm_backward(x: &[f64], gain: &[f64], dy: &[f64], epsilon: f64) -> Vec<f64> {
        let n = x.len() as f64;
        let middle = mean(x);
        let squares: f64 = x.iter().map(|x| (x - middle).powi(2)).sum();
        let root = (squares / (n - 1.0) + epsilon).sqrt();
        let normal: Vec<f64> = x.iter().map(|x| (x - middle) / root).collect();
        let d = product(gain, dy);
        let (level, slope) = (mean(&d), mean(&product(&d, &normal)));
        d.iter().zip(&normal).map(|(d, x)| (d - level - x * slope) / root).collect()
    }
}

/// Forgets epsilon.
///
/// # Feedback
///
/// You divide by the root of the variance alone. Where all numbers of a token are equal it is 0. $`\varepsilon`$ is added before the root is taken.
pub mod mutant_forgets_epsilon {
    pub use super::solution::*;

    /// The gradient.
    pub fn layer_norm_backward(x: &[f64], gain: &[f64], dy: &[f64], _: f64) -> Vec<f64> {
        let (normal, root) = normalised(x, 0.0);
        let d = product(gain, dy);
        let (level, slope) = (mean(&d), mean(&product(&d, &normal)));
        d.iter().zip(&normal).map(|(d, x)| (d - level - x * slope) / root).collect()
    }
}
