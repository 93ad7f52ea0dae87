//! # The hinge without its square
//!
//! - points: 12
//! - minutes: 40
//! - difficulty: challenging
//! - section: svm
//!
//! The chapter's machine pays for the *square* of what is missing to the kerb. The machine of Cortes and Vapnik pays for what is missing itself:
//!
//! ```math
//! \frac{1}{2} \lVert w \rVert^2 + C \sum_i \max(0,\; 1 - y_i\, w \cdot x_i)
//! ```
//!
//! In the dual problem the weights $`\alpha_i`$ of the samples then lie between 0 and $`C`$, and nothing is added to the slope and the curvature: the best $`\alpha_i`$, while all others stay, is
//!
//! ```math
//! \alpha_i - \frac{y_i\, w \cdot x_i - 1}{x_i \cdot x_i}
//! ```
//!
//! cut off at 0 and at $`C`$. Write a function that goes once over the samples in their order, starting from $`w = 0`$ and all $`\alpha_i = 0`$, and gives the $`\alpha_i`$ after it. Keep $`w = \sum_i \alpha_i y_i x_i`$ up to date after every sample.
//!
//! - `x` has the samples, all with the same number of features, `signs` has +1 or −1 for each, and `c` is above zero.
//! - A sample of zeros has no curvature. Its objective is $`-\alpha_i`$, which is lowest at $`\alpha_i = C`$.
//! - There may be no samples.
//!
//! The weights are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Start from the chapter's plain descent and ask of each of its terms where it came from. Those with $`2C`$ came from the square.
//!
//! ## Hint 2
//!
//! After a step, $`w`$ changes by what $`\alpha_i`$ changed, times $`y_i x_i`$. All $`\alpha_i`$ begin at zero, so in the first pass that is $`\alpha_i y_i x_i`$.
//!
//! ## Hint 3
//!
//! Catch the sample of zeros before the division: its slope is −1 whatever $`w`$ is, and −1/0 is cut off to $`C`$ only if the sign of the zero is right.
//!
//! ## Solution
//!
//! One loop: the slope, the new weight, cut off on both sides, and $`w`$ moved by the difference. The sample of zeros goes to $`C`$ and moves nothing.
//!
//! ## Notes
//!
//! **Time.** Forty minutes, half of them for the first test by hand.
//!
//! **Misconceptions.** That $`w`$ may be computed once at the end. Every sample sees what the samples before it did; that is what makes the descent fast.
//!
//! **Discussion.** With the hinge, $`\alpha_i = C`$ for every sample in the street. What does that say about the influence of a sample with a wrong label, with and without the square?

/// What the student starts from.
pub mod starter {
    /// The weights of the samples after one pass over them, in their order.
    pub fn hinge_pass(x: &[Vec<f64>], signs: &[f64], c: f64) -> Vec<f64> {
        let mut w = vec![0.0; x.first().map_or(0, Vec::len)];
        let mut alpha = vec![0.0; x.len()];
        for i in 0..x.len() {
            todo!("the best weight of sample i, between 0 and c; then move w")
        }
        alpha
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The weights of the samples after one pass over them, in their order.
    pub fn hinge_pass(x: &[Vec<f64>], signs: &[f64], c: f64) -> Vec<f64> {
        let mut w = vec![0.0; x.first().map_or(0, Vec::len)];
        let mut alpha = vec![0.0; x.len()];
        for i in 0..x.len() {
            let better = best(&x[i], signs[i], alpha[i], c, &w);
            for (w, x) in w.iter_mut().zip(&x[i]) {
                *w += (better - alpha[i]) * signs[i] * x;
            }
            alpha[i] = better;
        }
        alpha
    }

    /// The best weight of a sample while all others stay.
    pub fn best(x: &[f64], sign: f64, alpha: f64, c: f64, w: &[f64]) -> f64 {
        let curvature = dot(x, x);
        if curvature == 0.0 {
            return c;
        }
        (alpha - (sign * dot(w, x) - 1.0) / curvature).clamp(0.0, c)
    }

    /// The sum of products.
    pub fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub x: Vec<Vec<f64>>,
        pub signs: Vec<f64>,
        pub c: f64,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::hinge_pass(&input.x, &input.signs, input.c)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("samples of two classes, room for every weight", 6, |rng| {
            drawn(rng, 12, 3, 50.0)
        });
        cases.general("weights that reach C", 6, |rng| drawn(rng, 12, 3, 0.1));
        cases.edge("the same sample again and again", 2, |rng| {
            let mut input = drawn(rng, 1, 2, 0.05);
            input.x = vec![input.x[0].clone(); 9];
            input.signs = vec![input.signs[0]; 9];
            input
        });
        cases.edge("samples that are far behind their kerb", 3, |rng| {
            // The first sample settles what the longer ones of the same direction want.
            let mut input = drawn(rng, 1, 2, 50.0);
            let longer = |s: f64| input.x[0].iter().map(|x| s * x).collect::<Vec<f64>>();
            input.x = vec![input.x[0].clone(), longer(3.0), longer(7.0)];
            input.signs = vec![input.signs[0]; 3];
            input
        });
        cases.edge("a sample of zeros", 2, |rng| {
            let mut input = drawn(rng, 5, 3, 2.0);
            input.x[2].fill(0.0);
            input
        });
        cases.edge("no samples", 1, |_| Input { x: Vec::new(), signs: Vec::new(), c: 1.0 });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("samples", expected, found)?;
        compare::each(expected, found, 1e-9, |i| format!("the weight of sample {i}"))
    }

    fn drawn(rng: &mut Rng, n: usize, d: usize, c: f64) -> Input {
        let signs: Vec<f64> =
            (0..n).map(|_| if rng.random_bool(0.5) { 1.0 } else { -1.0 }).collect();
        let row = |sign: &f64| (0..d).map(|_| 0.5 * sign + rng.random_range(-1.0..1.0)).collect();
        Input { x: signs.iter().map(row).collect(), signs, c }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::hinge_pass;

    #[test]
    fn one_sample_goes_to_its_kerb() {
        // w = α x, and w · x = 1 at α = 1 / 5.
        assert_eq!(hinge_pass(&[vec![1.0, 2.0]], &[1.0], 10.0), [0.2]);
    }

    #[test]
    fn no_weight_is_above_c() {
        assert_eq!(hinge_pass(&[vec![1.0, 2.0]], &[1.0], 0.1), [0.1]);
    }

    #[test]
    fn the_second_sample_sees_what_the_first_did() {
        // After the first, w = (0.5). The second has −0.5 · 2 − 1 = −2 and curvature 4: α = 0.5.
        assert_eq!(hinge_pass(&[vec![1.0], vec![2.0]], &[1.0, -1.0], 0.5), [0.5, 0.5]);
    }

    #[test]
    fn nothing_can_be_learned_from_zeros() {
        assert_eq!(hinge_pass(&[vec![0.0], vec![2.0]], &[1.0, 1.0], 3.0), [3.0, 0.25]);
    }
}

/// Keeps the terms of the square.
///
/// # Feedback
///
/// Your slope and curvature still have the terms with $`2C`$. They came from squaring what is missing; here nothing is squared, and $`C`$ is a limit instead.
pub mod mutant_keeps_the_square {
    pub use super::solution::*;

    /// A pass of the squared hinge.
    pub fn hinge_pass(x: &[Vec<f64>], signs: &[f64], c: f64) -> Vec<f64> {
        let mut w = vec![0.0; x.first().map_or(0, Vec::len)];
        let weight = |(x, sign): (&Vec<f64>, &f64)| {
            let alpha = ((1.0 - sign * dot(&w, x)) / (dot(x, x) + 0.5 / c)).max(0.0);
            w.iter_mut().zip(x).for_each(|(w, x)| *w += alpha * sign * x);
            alpha
        };
        x.iter().zip(signs).map(weight).collect()
    }
}

/// Forgets the upper limit.
///
/// # Feedback
///
/// Some of your weights are above $`C`$. The hinge costs $`C`$ for each unit that is missing and never more, so no sample may pull harder than that.
pub mod mutant_forgets_the_limit {
    pub use super::solution::*;

    /// The best weight without an upper limit, except for samples of zeros.
    pub fn best(x: &[f64], sign: f64, alpha: f64, c: f64, w: &[f64]) -> f64 {
        let curvature = dot(x, x);
        if curvature == 0.0 {
            return c;
        }
        (alpha - (sign * dot(w, x) - 1.0) / curvature).max(0.0)
    }
}

/// Allows weights below zero.
///
/// # Feedback
///
/// A sample that is far behind its kerb gets a negative weight from you: it pushes back. Weights end at zero; such a sample has no say.
pub mod mutant_goes_below_zero {
    pub use super::solution::*;

    /// A pass without a lower limit.
    pub fn hinge_pass(x: &[Vec<f64>], signs: &[f64], c: f64) -> Vec<f64> {
        let mut w = vec![0.0; x.first().map_or(0, Vec::len)];
        let weight = |(x, sign): (&Vec<f64>, &f64)| {
            let curvature = dot(x, x);
            let alpha =
                if curvature == 0.0 { c } else { ((1.0 - sign * dot(&w, x)) / curvature).min(c) };
            w.iter_mut().zip(x).for_each(|(w, x)| *w += alpha * sign * x);
            alpha
        };
        x.iter().zip(signs).map(weight).collect()
    }
}

/// Lets every sample see `w = 0`.
///
/// # Feedback
///
/// Each of your samples steps as if it were the first. $`w`$ has to be moved after every sample, so that the next one sees what was done.
pub mod mutant_moves_w_too_late {
    pub use super::solution::*;

    /// Every sample alone.
    pub fn hinge_pass(x: &[Vec<f64>], signs: &[f64], c: f64) -> Vec<f64> {
        let w = vec![0.0; x.first().map_or(0, Vec::len)];
        x.iter().zip(signs).map(|(x, sign)| best(x, *sign, 0.0, c, &w)).collect()
    }
}

/// Divides by the curvature of a sample of zeros.
///
/// # Feedback
///
/// A sample of zeros leaves its weight at zero, or makes it NaN. Its objective is $`-\alpha_i`$: the larger the better, up to $`C`$.
pub mod mutant_skips_zeros {
    pub use super::solution::*;

    /// The best weight, where samples of zeros stay as they are.
    pub fn best(x: &[f64], sign: f64, alpha: f64, c: f64, w: &[f64]) -> f64 {
        let curvature = dot(x, x);
        if curvature == 0.0 {
            return alpha;
        }
        (alpha - (sign * dot(w, x) - 1.0) / curvature).clamp(0.0, c)
    }
}
