//! # Never quite sure
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: medium
//! - section: smoothing
//!
//! The target of a garment is 1 for its class and 0 for the others, and no finite logits ever reach it. Label smoothing takes a share $`\varepsilon`$ of the target and gives it to all $`k`$ classes alike, the true one included.
//! With true class $`t`$, the target of class $`c`$ is
//!
//! ```math
//! q_c = (1 - \varepsilon)\,[c = t] + \frac{\varepsilon}{k},
//! ```
//!
//! and the loss is the cross-entropy $`-\sum_c q_c \ln p_c`$, where $`p`$ is the softmax of the logits $`z`$.
//!
//! Write a function that gets the logits, the true class and $`\varepsilon`$, and gives the loss and its gradient with respect to the logits.
//!
//! - There are at least two classes, and $`0 \le \varepsilon \le 1`$.
//! - Logits are finite and may be large: with logits of 1000 and −1000 the loss is a finite number, and so is the gradient.
//!
//! Loss and gradient are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Write $`-\ln p_c`$ as $`\ln \sum_j e^{z_j} - z_c`$. The logarithm is the same for every class, and the targets add up to 1.
//!
//! ## Hint 2
//!
//! Take the largest logit out of the sum before you take exponentials: $`\ln \sum_j e^{z_j} = m + \ln \sum_j e^{z_j - m}`$.
//!
//! ## Hint 3
//!
//! Then the loss is $`\ln \sum_j e^{z_j} - (1 - \varepsilon)\, z_t - \varepsilon \bar z`$, where $`\bar z`$ is the mean of the logits. Differentiate it: the first term gives $`p_c`$.
//!
//! ## Solution
//!
//! Only the logarithm of the sum needs care, and there is one of it, whatever the targets are. The gradient is $`p - q`$: what is answered minus what is asked for. It vanishes where $`p = q`$, which finite logits can reach if $`\varepsilon > 0`$.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes, ten of them on paper.
//!
//! **Misconceptions.** That the share goes to the *other* classes; then it is $`\varepsilon/(k-1)`$ for each, which is the form of this page with $`\varepsilon k/(k-1)`$. That one may add a small number inside the logarithm to save it: with a target above 0 for
//! every class, an answer of 0 then costs what the small number says.
//!
//! **Discussion.** What is the lowest loss? (The entropy of the target, so that losses with and without smoothing are not comparable.) By how much does the logit of the true class exceed the others there? ($`\ln \frac{1 - \varepsilon + \varepsilon/k}{\varepsilon/k}`$,
//! 4.5 for ten classes and a tenth.)

/// What the student starts from.
pub mod starter {
    /// The smoothed cross-entropy of logits, and its gradient.
    pub fn label_smoothing(logits: &[f64], class: usize, share: f64) -> (f64, Vec<f64>) {
        let k = logits.len() as f64;
        todo!("the loss without overflow, and its gradient")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The smoothed cross-entropy of logits, and its gradient.
    pub fn label_smoothing(logits: &[f64], class: usize, share: f64) -> (f64, Vec<f64>) {
        let k = logits.len();
        let log_sum = log_sum(logits);
        let mut loss = 0.0;
        let mut gradient = Vec::with_capacity(k);
        for (c, z) in logits.iter().enumerate() {
            let target = target(c == class, share, k);
            loss += target * (log_sum - z);
            gradient.push((z - log_sum).exp() - target);
        }
        (loss, gradient)
    }

    /// What is asked for of a class.
    pub fn target(is_true: bool, share: f64, k: usize) -> f64 {
        let own = if is_true { 1.0 - share } else { 0.0 };
        own + share / k as f64
    }

    /// The logarithm of the sum of exponentials, without overflow.
    pub fn log_sum(logits: &[f64]) -> f64 {
        let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most + logits.iter().map(|z| (z - most).exp()).sum::<f64>().ln()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub logits: Vec<f64>,
        pub class: usize,
        pub share: f64,
    }

    pub type Output = (f64, Vec<f64>);

    pub fn call(input: &Input) -> Output {
        super::solution::label_smoothing(&input.logits, input.class, input.share)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("several classes", 6, |rng| {
            let (k, share) = (rng.random_range(3..12), rng.random_range(0.05..0.5));
            draw(rng, k, share)
        });
        cases.general("two classes", 3, |rng| {
            let share = rng.random_range(0.1..0.6);
            draw(rng, 2, share)
        });
        cases.edge("logits of a thousand", 3, |rng| {
            let mut input = draw(rng, 4, 0.2);
            input.logits[input.class] = -1000.0;
            input.logits[(input.class + 1) % 4] = 1000.0;
            input
        });
        cases.edge("nothing is smoothed", 2, |rng| draw(rng, 5, 0.0));
        cases.edge("all classes are asked for alike", 2, |rng| draw(rng, 5, 1.0));
        cases.edge("equal logits", 2, |rng| {
            let (k, z) = (rng.random_range(2..9), rng.random_range(-3.0..3.0));
            Input { logits: vec![z; k], class: rng.random_range(0..k), share: 0.3 }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::number("the loss", expected.0, found.0, 1e-9)?;
        compare::each(&expected.1, &found.1, 1e-9, |c| format!("the gradient of logit {c}"))
    }

    fn draw(rng: &mut Rng, k: usize, share: f64) -> Input {
        let logits = (0..k).map(|_| rng.random_range(-4.0..4.0)).collect();
        Input { logits, class: rng.random_range(0..k), share }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::label_smoothing;

    fn assert_near(found: (f64, Vec<f64>), loss: f64, gradient: &[f64]) {
        assert!((found.0 - loss).abs() < 1e-9, "the loss is {}, not {loss}", found.0);
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
        let same = found.1.len() == gradient.len() && found.1.iter().zip(gradient).all(near);
        assert!(same, "the gradient is {:?}, not {gradient:?}", found.1);
    }

    #[test]
    fn two_classes_by_hand() {
        // p is 1/4 and 3/4; a share of 0.2 makes the target 0.1 and 0.9.
        let loss = 0.1 * 4_f64.ln() + 0.9 * (4.0 / 3.0_f64).ln();
        assert_near(label_smoothing(&[0.0, 3_f64.ln()], 1, 0.2), loss, &[0.15, -0.15]);
    }

    #[test]
    fn without_a_share_it_is_cross_entropy() {
        assert_near(label_smoothing(&[0.0, 3_f64.ln()], 0, 0.0), 4_f64.ln(), &[-0.75, 0.75]);
    }

    #[test]
    fn equal_logits_cost_the_logarithm_of_the_classes() {
        assert_near(label_smoothing(&[2.0; 4], 3, 0.4), 4_f64.ln(), &[0.15, 0.15, 0.15, -0.45]);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        let (loss, gradient) = label_smoothing(&[1000.0, -1000.0], 1, 0.5);
        assert!((loss - 1500.0).abs() < 1e-6, "the loss is {loss}");
        assert!(gradient.iter().all(|g| g.is_finite()));
    }
}

/// Gives the share to the other classes alone.
///
/// # Feedback
///
/// You share $`\varepsilon`$ among the other classes. Here it goes to all of them, so the true class keeps $`1 - \varepsilon + \varepsilon/k`$, and each of the others has $`\varepsilon/k`$.
pub mod mutant_leaves_the_true_class_out {
    pub use super::solution::*;

    /// The cross-entropy against a target that shares among the other classes.
    pub fn label_smoothing(logits: &[f64], class: usize, share: f64) -> (f64, Vec<f64>) {
        let k = logits.len();
        let log_sum = log_sum(logits);
        let mut loss = 0.0;
        let mut gradient = Vec::with_capacity(k);
        for (c, z) in logits.iter().enumerate() {
            let target = if c == class { 1.0 - share } else { share / (k - 1) as f64 };
            loss += target * (log_sum - z);
            gradient.push((z - log_sum).exp() - target);
        }
        (loss, gradient)
    }
}

/// Keeps all of the true class and adds the share.
///
/// # Feedback
///
/// Your targets add up to more than 1: the true class keeps all that it had. Take $`\varepsilon`$ from it before you share it out.
pub mod mutant_adds_to_a_whole {
    pub use super::solution::*;

    /// The cross-entropy against a target that is too large.
    pub fn label_smoothing(logits: &[f64], class: usize, share: f64) -> (f64, Vec<f64>) {
        let k = logits.len();
        let log_sum = log_sum(logits);
        let mut loss = 0.0;
        let mut gradient = Vec::with_capacity(k);
        for (c, z) in logits.iter().enumerate() {
            let target = f64::from(u8::from(c == class)) + share / k as f64;
            loss += target * (log_sum - z);
            gradient.push((z - log_sum).exp() - target);
        }
        (loss, gradient)
    }
}

/// Smooths the loss, and not its gradient.
///
/// # Feedback
///
/// Your loss is right, and your gradient is that of plain cross-entropy. A training follows the gradient alone, so nothing would be smoothed. The gradient is $`p - q`$ with the smoothed target $`q`$.
pub mod mutant_smooths_the_loss_alone {
    pub use super::solution::*;

    /// The smoothed loss with the gradient of the plain one.
    pub fn label_smoothing(logits: &[f64], class: usize, share: f64) -> (f64, Vec<f64>) {
        let log_sum = log_sum(logits);
        let each = || logits.iter().enumerate();
        let of = |(c, z): (usize, &f64)| target(c == class, share, logits.len()) * (log_sum - z);
        let loss = each().map(of).sum();
        let plain = |(c, z): (usize, &f64)| (z - log_sum).exp() - target(c == class, 0.0, 1);
        (loss, each().map(plain).collect())
    }
}

/// Takes exponentials of large numbers.
///
/// # Feedback
///
/// With logits of a thousand your loss is infinite or not a number. Subtract the largest logit before you take exponentials, and do not take the logarithm of a probability that was rounded to 0.
pub mod mutant_overflows {
    pub use super::solution::*;

    /// The same with plain probabilities.
    pub fn label_smoothing(logits: &[f64], class: usize, share: f64) -> (f64, Vec<f64>) {
        let sum: f64 = logits.iter().map(|z| z.exp()).sum();
        let of = |c: usize| target(c == class, share, logits.len());
        let p = |c: usize| logits[c].exp() / sum;
        let loss = (0..logits.len()).map(|c| -of(c) * p(c).ln()).sum();
        (loss, (0..logits.len()).map(|c| p(c) - of(c)).collect())
    }
}

/// Divides the share by ten, whatever the classes are.
///
/// # Feedback
///
/// Your answer is right for ten classes. The share is divided by the number of classes that there are.
pub mod mutant_knows_ten_classes {
    pub use super::solution::*;

    /// What is asked for of a class of ten.
    pub fn target(is_true: bool, share: f64, _: usize) -> f64 {
        let own = if is_true { 1.0 - share } else { 0.0 };
        own + share / 10.0
    }
}
