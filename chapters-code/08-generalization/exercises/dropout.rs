//! # Forward with holes
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: dropout
//!
//! In training, dropout sets some numbers to nought, and makes those that it keeps larger, so that the mean of each is what it was. In prediction it does nothing.
//!
//! Write a function that does both ways of it, for one sample. It gets the numbers `x` that go in, the gradients `dy` of the loss with respect to what goes out, a draw from $`[0, 1)`$ for each number, the
//! share $`p`$ that is dropped, and whether this is training. It gives what goes out, $`y`$, and the gradients with respect to what went in, $`dx`$.
//!
//! - In training a number is dropped if its draw is below $`p`$, and is otherwise divided by the share that is kept, $`1 - p`$.
//! - In prediction nothing is dropped and nothing is scaled. The gradient is asked for there as well: somebody may want to know which pixels an answer depends on.
//! - $`0 \le p \le 1`$. For $`p = 1`$ everything is dropped, and $`y`$ and $`dx`$ are 0 and not "not a number".
//! - `x`, `dy` and the draws have the same length, which may be 0.
//!
//! The numbers are compared up to 1e-12.
//!
//! ## Hint 1
//!
//! In training each number is multiplied by a factor: either 0 or $`1/(1-p)`$. What is the derivative of $`y = r x`$ with respect to $`x`$?
//!
//! ## Hint 2
//!
//! The factor that a number had on its way forward is the factor of its gradient on the way back. In prediction every factor is 1.
//!
//! ## Hint 3
//!
//! A draw from $`[0, 1)`$ is always below 1, so for $`p = 1`$ no number is kept. Do you divide by $`1 - p`$ before you know whether the number is kept?
//!
//! ## Solution
//!
//! One factor for each number serves both ways, since $`y`$ is linear in $`x`$. The quotient is only formed for what is kept, so that $`p = 1`$ divides nothing by nought.
//!
//! That the mean stays is a line: $`(1 - p) \cdot \frac{x}{1 - p} + p \cdot 0 = x`$.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That the gradient is not dropped: then a unit is told how to change an answer to which it contributed nothing. That the mask may be drawn anew on the way back. That prediction multiplies by $`1 - p`$: so it does
//! in the paper of 2014, where training does not scale; a program does one of the two.
//!
//! **Discussion.** What does $`p = 0.5`$ do to the *variance* of a number? (With $`x`$ fixed it was 0 and becomes $`x^2`$.) Why does that matter for a batch normalisation that stands behind it?

/// What the student starts from.
pub mod starter {
    /// What goes out, and the gradients for what went in.
    pub fn dropout(
        x: &[f64],
        dy: &[f64],
        draws: &[f64],
        share: f64,
        training: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        todo!("the factor of each number, and both ways of it")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// What goes out, and the gradients for what went in.
    pub fn dropout(
        x: &[f64],
        dy: &[f64],
        draws: &[f64],
        share: f64,
        training: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let factor = |&draw: &f64| if training { kept(draw, share) } else { 1.0 };
        let times = |numbers: &[f64]| -> Vec<f64> {
            numbers.iter().zip(draws.iter().map(factor)).map(|(x, r)| x * r).collect()
        };
        (times(x), times(dy))
    }

    /// The factor of a number in training.
    pub fn kept(draw: f64, share: f64) -> f64 {
        if draw < share { 0.0 } else { 1.0 / (1.0 - share) }
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub x: Vec<f64>,
        pub dy: Vec<f64>,
        pub draws: Vec<f64>,
        pub share: f64,
        pub training: bool,
    }

    pub type Output = (Vec<f64>, Vec<f64>);

    pub fn call(input: &Input) -> Output {
        let Input { x, dy, draws, share, training } = input;
        super::solution::dropout(x, dy, draws, *share, *training)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("in training", 6, |rng| {
            let (n, share) = (rng.random_range(4..20), rng.random_range(0.1..0.8));
            draw(rng, n, share, true)
        });
        cases.general("in prediction", 4, |rng| {
            let (n, share) = (rng.random_range(4..12), rng.random_range(0.2..0.8));
            draw(rng, n, share, false)
        });
        cases.edge("everything is dropped", 3, |rng| draw(rng, 5, 1.0, true));
        cases.edge("nothing is dropped", 2, |rng| draw(rng, 5, 0.0, true));
        cases.edge("a draw that is just the share", 2, |rng| {
            let mut input = draw(rng, 4, 0.25, true);
            input.draws = vec![0.25, 0.25 - 1e-9, 0.0, 0.75];
            input
        });
        cases.edge("no numbers", 1, |rng| draw(rng, 0, 0.5, true));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let what = |name: &'static str| move |i| format!("{name} of number {i}");
        compare::each(&expected.0, &found.0, 1e-12, what("what goes out"))?;
        compare::each(&expected.1, &found.1, 1e-12, what("the gradient"))
    }

    fn draw(rng: &mut Rng, n: usize, share: f64, training: bool) -> Input {
        let mut numbers = |low: f64, high: f64| -> Vec<f64> {
            (0..n).map(|_| rng.random_range(low..high)).collect()
        };
        let (x, dy, draws) = (numbers(-3.0, 3.0), numbers(-1.0, 1.0), numbers(0.0, 1.0));
        Input { x, dy, draws, share, training }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::dropout;

    const X: [f64; 4] = [1.0, -2.0, 3.0, 0.5];
    const DY: [f64; 4] = [1.0, 1.0, -1.0, 2.0];
    const DRAWS: [f64; 4] = [0.1, 0.6, 0.9, 0.2];

    #[test]
    fn half_are_dropped_and_the_others_doubled() {
        let (y, _) = dropout(&X, &DY, &DRAWS, 0.5, true);
        assert_eq!(y, [0.0, -4.0, 6.0, 0.0]);
    }

    #[test]
    fn gradients_pass_where_numbers_passed() {
        let (_, dx) = dropout(&X, &DY, &DRAWS, 0.5, true);
        assert_eq!(dx, [0.0, 2.0, -2.0, 0.0]);
    }

    #[test]
    fn another_share() {
        let (y, dx) = dropout(&[3.0, 3.0], &[1.0, 1.0], &[0.3, 0.2], 0.25, true);
        assert_eq!((y, dx), (vec![4.0, 0.0], vec![4.0 / 3.0, 0.0]));
    }

    #[test]
    fn prediction_changes_nothing() {
        assert_eq!(dropout(&X, &DY, &DRAWS, 0.5, false), (X.to_vec(), DY.to_vec()));
    }

    #[test]
    fn all_may_be_dropped() {
        assert_eq!(dropout(&X, &DY, &DRAWS, 1.0, true), (vec![0.0; 4], vec![0.0; 4]));
    }
}

/// Does not scale what is kept.
///
/// # Feedback
///
/// You drop, and what is kept stays as large as it was. Then the mean of a number in training is smaller than in prediction, by the share that is kept. Divide by it.
pub mod mutant_does_not_scale {
    pub use super::solution::*;

    /// What goes out, and the gradients for what went in.
    pub fn dropout(
        x: &[f64],
        dy: &[f64],
        draws: &[f64],
        share: f64,
        training: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let factor = |&draw: &f64| if training && draw < share { 0.0 } else { 1.0 };
        let times = |numbers: &[f64]| -> Vec<f64> {
            numbers.iter().zip(draws.iter().map(factor)).map(|(x, r)| x * r).collect()
        };
        (times(x), times(dy))
    }
}

/// Divides by the share that is dropped.
///
/// # Feedback
///
/// You divide by the share that is *dropped*. For a share of one half nobody sees it. Take a share of 0.1: nearly everything is kept, so the numbers must become only a little larger.
pub mod mutant_divides_by_the_dropped {
    /// What goes out, and the gradients for what went in.
    pub fn dropout(
        x: &[f64],
        dy: &[f64],
        draws: &[f64],
        share: f64,
        training: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let kept = |draw: f64| if draw < share { 0.0 } else { 1.0 / share.max(1e-300) };
        let factor = |&draw: &f64| if training { kept(draw) } else { 1.0 };
        let times = |numbers: &[f64]| -> Vec<f64> {
            numbers.iter().zip(draws.iter().map(factor)).map(|(x, r)| x * r).collect()
        };
        (times(x), times(dy))
    }
}

/// Lets every gradient pass.
///
/// # Feedback
///
/// What goes out is right, and the gradient passes the numbers that were dropped as well. Move such a number a little: what goes out stays 0, so its gradient is 0.
pub mod mutant_lets_gradients_pass {
    pub use super::solution::*;

    /// What goes out, and the gradients as they came.
    pub fn dropout(
        x: &[f64],
        dy: &[f64],
        draws: &[f64],
        share: f64,
        training: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let factor = |&draw: &f64| if training { kept(draw, share) } else { 1.0 };
        (x.iter().zip(draws.iter().map(factor)).map(|(x, r)| x * r).collect(), dy.to_vec())
    }
}

/// Scales in prediction, too.
///
/// # Feedback
///
/// In prediction you multiply by the share that is kept. That is the other convention, which belongs to a training that does not scale. One of the two is enough.
pub mod mutant_scales_in_prediction {
    pub use super::solution::*;

    /// What goes out, and the gradients for what went in.
    pub fn dropout(
        x: &[f64],
        dy: &[f64],
        draws: &[f64],
        share: f64,
        training: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let factor = |&draw: &f64| if training { kept(draw, share) } else { 1.0 - share };
        let times = |numbers: &[f64]| -> Vec<f64> {
            numbers.iter().zip(draws.iter().map(factor)).map(|(x, r)| x * r).collect()
        };
        (times(x), times(dy))
    }
}

/// Multiplies nought by infinity where everything is dropped.
///
/// # Feedback
///
/// For a share of 1 your answer is not a number: you multiply a mask of 0 by $`1/0`$. Form the quotient only for what is kept.
pub mod mutant_divides_first {
    /// What goes out, and the gradients for what went in.
    pub fn dropout(
        x: &[f64],
        dy: &[f64],
        draws: &[f64],
        share: f64,
        training: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let scale = 1.0 / (1.0 - share);
        let mask = |&draw: &f64| f64::from(u8::from(draw >= share)) * scale;
        let factor = |draw: &f64| if training { mask(draw) } else { 1.0 };
        let times = |numbers: &[f64]| -> Vec<f64> {
            numbers.iter().zip(draws.iter().map(factor)).map(|(x, r)| x * r).collect()
        };
        (times(x), times(dy))
    }
}
