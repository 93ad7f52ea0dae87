//! # Through the mean and the spread
//!
//! - points: 12
//! - minutes: 45
//! - difficulty: medium
//! - section: operations
//!
//! Networks that read text bring every row of numbers to mean 0 and spread 1 before they go on. This is *layer normalisation*. A row $`x`$ of $`d`$ numbers becomes
//!
//! ```math
//! y_j = \gamma_j \hat{x}_j + \beta_j, \qquad \hat{x}_j = \frac{x_j - \mu}{\sqrt{v + \varepsilon}}, \qquad
//! \mu = \frac{1}{d} \sum_{j=1}^{d} x_j, \qquad v = \frac{1}{d} \sum_{j=1}^{d} (x_j - \mu)^2
//! ```
//!
//! with weights $`\gamma`$ and $`\beta`$ of $`d`$ numbers each, the same for all rows, and a small $`\varepsilon`$ against division by 0. The backward is a good test of who can read a graph: $`x_j`$ acts on every $`y_i`$
//! of its row, once directly and twice more through $`\mu`$ and $`v`$.
//!
//! Write the backward. It gets $`n`$ rows `x`, one after the other, $`\gamma`$, the gradient `dy` of the loss with respect to all $`y`$ (as many numbers as `x`, in the same order), and $`\varepsilon`$. It gives
//! the gradients with respect to `x`, $`\gamma`$ and $`\beta`$.
//!
//! - The forward has kept nothing: compute $`\mu`$ and $`v`$ again, from the distances to the mean. The numbers of a row may be near 100,000 with a spread of 1, and $`\overline{x^2} - \mu^2`$ would lose the spread in rounding.
//! - The number of rows may be 0: then `dx` is empty, and the other two are $`d`$ zeros. $`d`$ is at least 1.
//! - A row may be constant. $`\varepsilon`$ is above 0.
//!
//! All gradients are compared up to 1e-7 (relative to numbers above 1).
//!
//! ## Hint 1
//!
//! Two of the three are short: $`\beta_j`$ acts on the $`y_j`$ of every row with the factor 1, $`\gamma_j`$ with the factor $`\hat{x}_j`$. For `dx` look at one row alone; rows do not act on each other.
//!
//! ## Hint 2
//!
//! Let $`g_j = \gamma_j \, dy_j`$, the gradient with respect to $`\hat{x}_j`$, and $`s = \sqrt{v + \varepsilon}`$. Differentiate $`\hat{x}_i = (x_i - \mu)/s`$ with respect to $`x_j`$: one part where $`i = j`$, one from $`\mu`$, one from $`s`$. You need
//! $`\partial v / \partial x_j = 2 (x_j - \mu) / d`$, from which $`\mu`$ has dropped out.
//!
//! ## Hint 3
//!
//! $`\partial \hat{x}_i / \partial x_j = \frac{1}{s} \bigl( [i = j] - \frac{1}{d} - \frac{1}{d} \hat{x}_i \hat{x}_j \bigr)`$, where $`[i = j]`$ is 1 if they are equal and 0 if not. Multiply by $`g_i`$ and add up over $`i`$: two of the sums are means over the row, of $`g`$ and of $`g \hat{x}`$.
//!
//! ## Solution
//!
//! With $`g_j = \gamma_j \, dy_j`$ and bars for means over the row,
//!
//! ```math
//! dx_j = \frac{1}{s} \bigl( g_j - \bar{g} - \hat{x}_j \, \overline{g \hat{x}} \bigr)
//! ```
//!
//! The two parts that are taken off say what the forward cannot see. Adding a constant to the row changes nothing, so the gradient has mean 0. Stretching the row changes (nearly) nothing, so the gradient has no part along $`\hat{x}`$.
//!
//! ## Notes
//!
//! **Time.** Forty-five minutes, thirty of them for `dx` on paper.
//!
//! **Misconceptions.** That mean and spread are constants in the backward because they were "computed already": they are functions of every $`x_j`$. That the spread of a sample, with $`d - 1`$, is meant.
//! That means go over the rows, as in batch normalisation.
//!
//! **Discussion.** What is the sum of `dx` over a row, and why? In which direction may a weight before a layer normalisation grow without any change of the loss? How would a gradient checker show that the path through $`v`$ is missing, and is there a row on which it would not?

/// What both sides know.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// Gradients of the loss.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Gradients {
        /// With respect to the input: rows of `d` numbers.
        pub dx: Vec<f64>,
        /// With respect to the factors: `d` numbers.
        pub dgamma: Vec<f64>,
        /// With respect to the offsets: `d` numbers.
        pub dbeta: Vec<f64>,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Gradients;

    /// The backward of layer normalisation over rows of as many numbers as `gamma` has.
    pub fn layer_norm_gradients(x: &[f64], gamma: &[f64], dy: &[f64], epsilon: f64) -> Gradients {
        let d = gamma.len();
        let mut dx = Vec::with_capacity(x.len());
        let (mut dgamma, mut dbeta) = (vec![0.0; d], vec![0.0; d]);
        for (x, dy) in x.chunks_exact(d).zip(dy.chunks_exact(d)) {
            todo!("the row's part of all three gradients")
        }
        Gradients { dx, dgamma, dbeta }
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Gradients;

    /// The backward of layer normalisation over rows of as many numbers as `gamma` has.
    pub fn layer_norm_gradients(x: &[f64], gamma: &[f64], dy: &[f64], epsilon: f64) -> Gradients {
        let d = gamma.len();
        let mut dx = Vec::with_capacity(x.len());
        let (mut dgamma, mut dbeta) = (vec![0.0; d], vec![0.0; d]);
        for (x, dy) in x.chunks_exact(d).zip(dy.chunks_exact(d)) {
            let (normal, s) = normalised(x, epsilon);
            for j in 0..d {
                dbeta[j] += dy[j];
                dgamma[j] += dy[j] * normal[j];
            }
            let g: Vec<f64> = dy.iter().zip(gamma).map(|(dy, gamma)| dy * gamma).collect();
            dx.extend(through(&g, &normal, s));
        }
        Gradients { dx, dgamma, dbeta }
    }

    /// A row with mean 0 and spread 1, and by what it was divided.
    pub fn normalised(x: &[f64], epsilon: f64) -> (Vec<f64>, f64) {
        let mu = mean(x);
        let from_mean: Vec<f64> = x.iter().map(|x| x - mu).collect();
        let squares: Vec<f64> = from_mean.iter().map(|x| x * x).collect();
        let s = (mean(&squares) + epsilon).sqrt();
        (from_mean.iter().map(|x| x / s).collect(), s)
    }

    /// The gradient with respect to a row, from that with respect to the normalised row.
    pub fn through(g: &[f64], normal: &[f64], s: f64) -> Vec<f64> {
        let products: Vec<f64> = g.iter().zip(normal).map(|(g, x)| g * x).collect();
        let (of_g, of_products) = (mean(g), mean(&products));
        g.iter().zip(normal).map(|(g, x)| (g - of_g - x * of_products) / s).collect()
    }

    /// The mean of a row.
    pub fn mean(row: &[f64]) -> f64 {
        row.iter().sum::<f64>() / row.len() as f64
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::Gradients;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub x: Vec<f64>,
        pub gamma: Vec<f64>,
        pub dy: Vec<f64>,
        pub epsilon: f64,
    }

    pub type Output = Gradients;

    pub fn call(input: &Input) -> Output {
        let Input { x, gamma, dy, epsilon } = input;
        super::solution::layer_norm_gradients(x, gamma, dy, *epsilon)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("one row", 4, |rng| {
            let d = rng.random_range(3..9);
            draw(rng, 1, d)
        });
        cases.general("several rows", 5, |rng| {
            let (n, d) = (rng.random_range(2..7), rng.random_range(3..9));
            draw(rng, n, d)
        });
        cases.general("large epsilon", 3, |rng| {
            let mut input = draw(rng, 3, 5);
            input.epsilon = rng.random_range(0.5..2.0);
            input
        });
        cases.edge("row of equal numbers among others", 3, |rng| {
            let mut input = draw(rng, 3, 4);
            // Multiples of ¼, so that the mean is exact.
            let level = f64::from(rng.random_range(-8..8)) * 0.25;
            input.x[4..8].iter_mut().for_each(|x| *x = level);
            input.epsilon = 0.01;
            input
        });
        cases.edge("numbers near 100,000 with a spread of 1", 3, |rng| {
            let mut input = draw(rng, 2, 6);
            input.x.iter_mut().for_each(|x| *x += 1e5);
            input
        });
        cases.edge("rows of one number", 2, |rng| {
            let n = rng.random_range(1..4);
            draw(rng, n, 1)
        });
        cases.edge("no rows", 1, |rng| draw(rng, 0, 3));
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let d = input.gamma.len();
        compare::length("numbers of dx", &expected.dx, &found.dx)?;
        compare::length("numbers of dgamma", &expected.dgamma, &found.dgamma)?;
        compare::length("numbers of dbeta", &expected.dbeta, &found.dbeta)?;
        compare::each(&expected.dbeta, &found.dbeta, 1e-7, |j| format!("dbeta[{j}]"))?;
        compare::each(&expected.dgamma, &found.dgamma, 1e-7, |j| format!("dgamma[{j}]"))?;
        let name = |i: usize| format!("dx of row {}, number {}", i / d, i % d);
        compare::each(&expected.dx, &found.dx, 1e-7, name)
    }

    fn draw(rng: &mut Rng, n: usize, d: usize) -> Input {
        let mut numbers = |count: usize, low: f64, high: f64| -> Vec<f64> {
            (0..count).map(|_| rng.random_range(low..high)).collect()
        };
        let (x, dy) = (numbers(n * d, -1.0, 3.0), numbers(n * d, -1.0, 1.0));
        Input { x, gamma: numbers(d, 0.5, 2.0), dy, epsilon: 1e-3 }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::layer_norm_gradients;

    #[test]
    fn a_pair_by_hand() {
        // Mean 0, v = 1 and ε = 3 make s = 2 and the normalised row (−½, ½). With dy = (0, 1) and
        // γ = 1 the mean of g is ½, and that of g times the normalised row ¼.
        // dx₀ = (0 − ½ + ½ · ¼) / 2 = −0.1875, and dx₁ = (1 − ½ − ½ · ¼) / 2 = 0.1875.
        let found = layer_norm_gradients(&[-1.0, 1.0], &[1.0, 1.0], &[0.0, 1.0], 3.0);
        assert!((found.dx[0] + 0.1875).abs() < 1e-12 && (found.dx[1] - 0.1875).abs() < 1e-12);
        assert_eq!((found.dgamma, found.dbeta), (vec![0.0, 0.5], vec![0.0, 1.0]));
    }

    #[test]
    fn a_constant_added_to_the_row_changes_nothing() {
        let x = [0.3, -1.2, 2.0, 0.7];
        let found = layer_norm_gradients(&x, &[1.0, 0.5, 2.0, 1.5], &[0.2, -0.9, 0.4, 1.0], 1e-3);
        // So the gradient along (1, 1, 1, 1), which is its sum, is 0.
        assert!(found.dx.iter().sum::<f64>().abs() < 1e-12, "{:?}", found.dx);
    }

    #[test]
    fn rows_add_up_in_the_weights() {
        // Both rows are normalised to (−½, ½), as above.
        let x = [-1.0, 1.0, 4.0, 6.0];
        let found = layer_norm_gradients(&x, &[1.0, 1.0], &[1.0, 2.0, 3.0, 4.0], 3.0);
        assert_eq!(found.dbeta, [4.0, 6.0]);
        assert_eq!(found.dgamma, [-2.0, 3.0]);
    }

    #[test]
    fn agrees_with_a_difference() {
        let (x, gamma, dy) = ([0.3, -1.2, 2.0], [1.0, 0.5, 2.0], [0.2, -0.9, 0.4]);
        // What the forward makes of a row, weighed with dy; β does not matter.
        let loss = |x: [f64; 3]| {
            let mu = x.iter().sum::<f64>() / 3.0;
            let v = x.iter().map(|x| (x - mu) * (x - mu)).sum::<f64>() / 3.0;
            (0..3).map(|j| dy[j] * gamma[j] * (x[j] - mu) / (v + 0.1).sqrt()).sum::<f64>()
        };
        let found = layer_norm_gradients(&x, &gamma, &dy, 0.1);
        for j in 0..3 {
            let (mut above, mut below) = (x, x);
            above[j] += 1e-5;
            below[j] -= 1e-5;
            let slope = (loss(above) - loss(below)) / 2e-5;
            assert!((found.dx[j] - slope).abs() < 1e-8, "{} and {slope}", found.dx[j]);
        }
    }
}

/// Takes mean and spread for constants.
///
/// # Feedback
///
/// The gradients of the weights are right, and `dx` takes mean and spread for constants. But every number of a row moves the mean and the spread of its row, and through them all the others. Follow these two paths as well.
pub mod mutant_takes_statistics_for_constants {
    pub use super::solution::*;

    /// The direct path alone.
    pub fn through(g: &[f64], _: &[f64], s: f64) -> Vec<f64> {
        g.iter().map(|g| g / s).collect()
    }
}

/// Follows the path through the mean, and not the one through the spread.
///
/// # Feedback
///
/// Your `dx` adds up to 0 in each row, as it should, so that the path through the mean is there. The path through the spread is missing: moving one number changes what all are divided by.
pub mod mutant_forgets_the_spread {
    pub use super::solution::*;

    /// Two paths of three.
    pub fn through(g: &[f64], _: &[f64], s: f64) -> Vec<f64> {
        let of_g = mean(g);
        g.iter().map(|g| (g - of_g) / s).collect()
    }
}

/// Divides the squares by one less than their number.
///
/// # Feedback
///
/// Your spread is divided by $`d - 1`$, as one does to estimate the variance behind a sample. Here nothing is estimated: the definition divides by $`d`$.
pub mod mutant_divides_by_one_less {
    pub use super::solution::*;

    /// A row with mean 0 and the spread of a sample.
    pub fn normalised(x: &[f64], epsilon: f64) -> (Vec<f64>, f64) {
        let mu = mean(x);
        let squares: f64 = x.iter().map(|x| (x - mu) * (x - mu)).sum();
        let s = (squares / (x.len() as f64 - 1.0).max(1.0) + epsilon).sqrt();
        (x.iter().map(|x| (x - mu) / s).collect(), s)
    }
}

/// Computes the variance as the mean of the squares less the square of the mean.
///
/// # Feedback
///
/// Your formulas are right, and lose their digits where numbers are large and close together: $`\overline{x^2}`$ and $`\mu^2`$ then agree in nearly all their digits. Take the distances to the mean first, then their squares.
pub mod mutant_subtracts_large_squares {
    pub use super::solution::*;

    /// A row with mean 0 and a spread from two large numbers.
    pub fn normalised(x: &[f64], epsilon: f64) -> (Vec<f64>, f64) {
        let mu = mean(x);
        let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
        let s = ((mean(&squares) - mu * mu).max(0.0) + epsilon).sqrt();
        (x.iter().map(|x| (x - mu) / s).collect(), s)
    }
}

/// Uses the gradient of the output where that of the normalised row belongs.
///
/// # Feedback
///
/// In `dx`, the factors $`\gamma`$ are missing, or they come too late. What goes back into the normalisation is the gradient with respect to $`\hat{x}`$, and $`\gamma`$ stands between it and `dy`. The means are taken of that.
pub mod mutant_multiplies_by_gamma_last {
    use super::given::Gradients;

    pub use super::solution::*;

    /// The backward, with the factors applied after the means.
    pub fn layer_norm_gradients(x: &[f64], gamma: &[f64], dy: &[f64], epsilon: f64) -> Gradients {
        let d = gamma.len();
        let mut dx = Vec::with_capacity(x.len());
        let (mut dgamma, mut dbeta) = (vec![0.0; d], vec![0.0; d]);
        for (x, dy) in x.chunks_exact(d).zip(dy.chunks_exact(d)) {
            let (normal, s) = normalised(x, epsilon);
            for j in 0..d {
                dbeta[j] += dy[j];
                dgamma[j] += dy[j] * normal[j];
            }
            dx.extend(through(dy, &normal, s).iter().zip(gamma).map(|(dx, gamma)| dx * gamma));
        }
        Gradients { dx, dgamma, dbeta }
    }
}
