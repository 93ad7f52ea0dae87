//! # How wide is the street?
//!
//! - points: 4
//! - minutes: 15
//! - difficulty: warm-up
//! - section: perceptron
//!
//! A line $`w \cdot x + b = 0`$ is to separate points $`x`$ with signs $`y`$, each $`+1`$ or $`-1`$. Its margin is the distance of the nearest point from the line, and it counts as
//! negative if a point is on its wrong side: the smallest of all $`y\,(w \cdot x + b) / \lVert w \rVert`$, where $`\lVert w \rVert`$ is the length of $`w`$.
//!
//! In the chapter the bias hides among the weights, as the weight of a feature that is always 1, and so it takes part in the length. Here it stands apart, and the margin is the
//! distance that you would measure with a ruler.
//!
//! Write a function that gets the points, a row each, their signs, the weights and the bias, and gives the margin.
//!
//! - Without points, or where all weights are 0, there is no margin: `None`.
//! - All points have as many coordinates as there are weights. Answers count as right within $`10^{-9}`$.
//!
//! ## Hint 1
//!
//! What does $`w \cdot x + b`$ become if you double $`w`$ and $`b`$? Does the line move?
//!
//! ## Hint 2
//!
//! The length of $`w`$ is the square root of $`w \cdot w`$, without the bias. Divide by it once, at the end.
//!
//! ## Notes
//!
//! **Time.** Fifteen minutes.
//!
//! **Misconceptions.** That $`w \cdot x + b`$ is a distance. That a point on the wrong side has a margin like any other: the sign tells whether the line separates at all.
//!
//! **Discussion.** Why does the bound of the perceptron need the other length, with the bias in it?

/// What the student starts from.
pub mod starter {
    /// The distance of the nearest point, negative on the wrong side; nothing where there is none.
    pub fn margin_of_line(
        points: &[Vec<f64>],
        signs: &[f64],
        weights: &[f64],
        bias: f64,
    ) -> Option<f64> {
        todo!("the smallest signed distance")
    }
}

/// What is right.
pub mod solution {
    /// The distance of the nearest point, negative on the wrong side; nothing where there is none.
    pub fn margin_of_line(
        points: &[Vec<f64>],
        signs: &[f64],
        weights: &[f64],
        bias: f64,
    ) -> Option<f64> {
        let length = length(weights, bias);
        if length == 0.0 {
            return None;
        }
        let distance = |(x, y): (&Vec<f64>, &f64)| signed(y * (dot(weights, x) + bias) / length);
        points.iter().zip(signs).map(distance).reduce(f64::min)
    }

    /// The sum of products.
    pub fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// The length of the weights.
    pub fn length(weights: &[f64], _bias: f64) -> f64 {
        dot(weights, weights).sqrt()
    }

    /// The distance with its sign.
    pub fn signed(distance: f64) -> f64 {
        distance
    }
}

/// How a case reaches the answer.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, Debug, Clone)]
    pub struct Input {
        pub points: Vec<Vec<f64>>,
        pub signs: Vec<f64>,
        pub weights: Vec<f64>,
        pub bias: f64,
    }

    pub type Output = Option<f64>;

    pub fn call(input: &Input) -> Output {
        let Input { points, signs, weights, bias } = input;
        super::solution::margin_of_line(points, signs, weights, *bias)
    }
}

/// What the judge knows.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare::number;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("line that separates", 6, |rng| drawn(rng, 1.0));
        cases.general("points on the wrong side", 6, |rng| drawn(rng, -1.0));
        cases.edge("no points", 1, |_| Input {
            points: Vec::new(),
            signs: Vec::new(),
            weights: vec![1.0],
            bias: 0.5,
        });
        cases.edge("weights of 0", 2, |rng| Input {
            weights: vec![0.0; 3],
            bias: 0.0,
            ..sized(rng, 3)
        });
        cases.edge("weights of 0 and a bias", 2, |rng| Input {
            weights: vec![0.0; 3],
            bias: 2.0,
            ..sized(rng, 3)
        });
    }

    /// Points and a line with the given share of rightness: 1 for all, −1 for one point that is wrong.
    fn drawn(rng: &mut Rng, last: f64) -> Input {
        let d = rng.random_range(2..=5);
        let mut input = sized(rng, d);
        for (x, y) in input.points.iter().zip(&mut input.signs) {
            let z: f64 = x.iter().zip(&input.weights).map(|(x, w)| x * w).sum();
            *y = if z + input.bias < 0.0 { -1.0 } else { 1.0 };
        }
        // The wrong point is not the nearest of all.
        if let Some(sign) = input.signs.last_mut() {
            *sign *= last;
        }
        input
    }

    fn sized(rng: &mut Rng, d: usize) -> Input {
        let n = rng.random_range(6..12);
        let mut vector =
            |reach: f64| -> Vec<f64> { (0..d).map(|_| rng.random_range(-reach..reach)).collect() };
        let points = (0..n).map(|_| vector(3.0)).collect();
        let weights = vector(2.0);
        let bias = rng.random_range(0.5..2.0);
        Input { points, signs: vec![1.0; n], weights, bias }
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let _ = input;
        match (expected, found) {
            (Some(e), Some(f)) => number("the margin", *e, *f, 1e-9),
            (None, None) => Ok(()),
            (None, Some(f)) => Err(format!("there is no margin: expected None, found Some({f})")),
            (Some(e), None) => Err(format!("the margin: expected {e}, found None")),
        }
    }
}

/// What the student sees and runs.
#[cfg(test)]
mod tests {
    use super::solution::margin_of_line;

    #[test]
    fn three_and_four() {
        // (3 · 1 + 4 · 1 − 2) / 5 = 1 and (3 · 2 + 4 · 1 − 2) / 5 = 1.6.
        let margin =
            margin_of_line(&[vec![1.0, 1.0], vec![2.0, 1.0]], &[1.0, 1.0], &[3.0, 4.0], -2.0);
        assert!((margin.expect("there are points") - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_wrong_side_is_negative() {
        // The point 2 is 1 to the right of the line x = 1 and should be to its left.
        assert_eq!(margin_of_line(&[vec![2.0]], &[-1.0], &[1.0], -1.0), Some(-1.0));
    }

    #[test]
    fn nothing_to_measure() {
        assert_eq!(margin_of_line(&[], &[], &[1.0], 0.0), None);
        assert_eq!(margin_of_line(&[vec![2.0]], &[1.0], &[0.0], 1.0), None);
    }
}

/// Does not divide by the length of the weights.
///
/// # Feedback
///
/// Your margin grows when the weights and the bias are doubled, though the line stays where it is. What you have is the weighted sum and not yet a distance.
pub mod mutant_forgets_the_length {
    pub use super::solution::*;

    /// One, except where there are no weights.
    pub fn length(weights: &[f64], _bias: f64) -> f64 {
        if weights.iter().all(|&w| w == 0.0) { 0.0 } else { 1.0 }
    }
}

/// Counts the bias into the length.
///
/// # Feedback
///
/// Your margin is too small by a factor that depends on the bias. The direction of the line is in the weights alone; the bias moves the line and does not turn it.
pub mod mutant_counts_the_bias {
    pub use super::solution::*;

    /// The length of weights and bias.
    pub fn length(weights: &[f64], bias: f64) -> f64 {
        dot(weights, weights).sqrt().hypot(bias)
    }
}

/// Takes distances without their sign.
///
/// # Feedback
///
/// Your margin is never negative. A point on the wrong side has a negative distance, and then the smallest of all is negative.
pub mod mutant_ignores_the_side {
    pub use super::solution::*;

    /// The distance without its sign.
    pub fn signed(distance: f64) -> f64 {
        distance.abs()
    }
}
