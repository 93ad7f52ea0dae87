//! The perceptron (Rosenblatt, 1958): where the answer is wrong, add the input to the weights, or take it away.
//!
//! If some line has all points on their right side with margin `γ`, and no point is farther than `R` from the origin,
//! then it makes at most `(R/γ)²` mistakes in all, in whatever order the points come (Novikoff, 1962).

use ndarray::{Array1, ArrayView1, ArrayView2};

/// `sign(w · x)`. For a threshold, give every input a feature that is always 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron {
    /// Weights, `(d,)`.
    pub weights: Array1<f64>,
}

/// What learning has come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The perceptron.
    pub perceptron: Perceptron,
    /// How many mistakes it made, over all passes.
    pub mistakes: usize,
    /// How many passes over the data it took, the last one without a mistake if it converged.
    pub passes: usize,
    /// True if the last pass was without a mistake.
    pub converged: bool,
}

impl Perceptron {
    /// Learns from rows `x`, `(n, d)`, and signs `y`, `(n,)`, each −1 or 1, for up to `passes` passes.
    ///
    /// # Panics
    /// If `x` and `y` differ in length.
    pub fn fit(x: ArrayView2<'_, f64>, y: &[f64], passes: usize) -> Run {
        assert_eq!(x.nrows(), y.len(), "rows of x and signs");
        let mut perceptron = Perceptron { weights: Array1::zeros(x.ncols()) };
        let mut mistakes = 0;
        for pass in 1..=passes {
            let before = mistakes;
            for (x, &y) in x.rows().into_iter().zip(y) {
                // At 0 it has not decided, which is a mistake, too.
                if y * perceptron.weights.dot(&x) <= 0.0 {
                    perceptron.weights.scaled_add(y, &x);
                    mistakes += 1;
                }
            }
            if mistakes == before {
                return Run { perceptron, mistakes, passes: pass, converged: true };
            }
        }
        Run { perceptron, mistakes, passes, converged: false }
    }

    /// −1 or 1.
    pub fn predict(&self, x: ArrayView1<'_, f64>) -> f64 {
        if self.weights.dot(&x) > 0.0 { 1.0 } else { -1.0 }
    }
}

/// The distance of the nearest point from the line `w · x = 0`, negative if a point is on the wrong side.
pub fn margin(x: ArrayView2<'_, f64>, y: &[f64], w: ArrayView1<'_, f64>) -> f64 {
    let length = w.dot(&w).sqrt();
    let distances = x.rows().into_iter().zip(y).map(|(x, &y)| y * w.dot(&x) / length);
    distances.fold(f64::INFINITY, f64::min)
}

/// The distance of the farthest point from the origin.
pub fn radius(x: ArrayView2<'_, f64>) -> f64 {
    x.rows().into_iter().map(|x| x.dot(&x).sqrt()).fold(0.0, f64::max)
}

/// The most mistakes that are possible, `(R/γ)²`.
pub fn most_mistakes(radius: f64, margin: f64) -> f64 {
    (radius / margin).powi(2)
}
