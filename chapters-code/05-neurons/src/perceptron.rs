//! The perceptron (Rosenblatt, 1958) with error correction (Rosenblatt, 1962): where the answer is
//! wrong, add the input to the weights, or take it away.
//!
//! If some line has all points on their right side with margin `γ`, and no point is farther than `R` from the origin,
//! then it makes at most `(R/γ)²` mistakes in all, in whatever order the points come (Block,
//! 1962; Novikoff, 1962).

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
    /// All weights 0: it has not decided anything.
    pub fn new(features: usize) -> Self {
        Perceptron { weights: Array1::zeros(features) }
    }

    // ANCHOR: pass
    /// One pass over rows `x`, `(n, d)`, with signs `y`, `(n,)`, each −1 or 1.
    /// Returns the number of its mistakes.
    pub fn pass(&mut self, x: ArrayView2<'_, f64>, y: &[f64]) -> usize {
        let mut mistakes = 0;
        for (x, &y) in x.rows().into_iter().zip(y) {
            // At 0 it has not decided, which is a mistake, too.
            if y * self.weights.dot(&x) <= 0.0 {
                self.weights.scaled_add(y, &x);
                mistakes += 1;
            }
        }
        mistakes
    }
    // ANCHOR_END: pass

    /// Learns from rows `x`, `(n, d)`, and signs `y`, `(n,)`, for up to `passes` passes, or until one is without a mistake.
    ///
    /// # Panics
    /// If `x` and `y` differ in length.
    pub fn fit(x: ArrayView2<'_, f64>, y: &[f64], passes: usize) -> Run {
        assert_eq!(x.nrows(), y.len(), "rows of x and signs");
        let mut perceptron = Perceptron::new(x.ncols());
        let mut mistakes = 0;
        for pass in 1..=passes {
            let new = perceptron.pass(x, y);
            if new == 0 {
                return Run { perceptron, mistakes, passes: pass, converged: true };
            }
            mistakes += new;
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

/// A line with a wide margin, and how wide the margin of any line can be at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Widest {
    /// Its weights, `(d,)`.
    pub weights: Array1<f64>,
    /// Its margin; not above 0 where it does not separate.
    pub margin: f64,
    /// No line has a margin above this.
    pub most: f64,
}

// ANCHOR: widest
/// Looks for the line with the widest margin, until it is within the share
/// `near` of what is possible, or for `passes` passes. The perceptron again,
/// but each point has a share of the weights, and a share may shrink (Anlauf
/// and Biehl, 1989).
pub fn widest(x: ArrayView2<'_, f64>, y: &[f64], near: f64, passes: usize) -> Widest {
    let squares: Vec<f64> = x.rows().into_iter().map(|x| x.dot(&x)).collect();
    let mut shares = vec![0.0_f64; y.len()];
    let mut weights = Array1::zeros(x.ncols());
    let mut best =
        Widest { weights: weights.clone(), margin: f64::NEG_INFINITY, most: f64::INFINITY };
    for _ in 0..passes {
        for (i, x) in x.rows().into_iter().enumerate() {
            // What is missing until y (w · x) = 1. A share does not fall below
            // 0.
            let step = ((1.0 - y[i] * weights.dot(&x)) / squares[i]).max(-shares[i]);
            shares[i] += step;
            weights.scaled_add(step * y[i], &x);
        }
        let most = weights.dot(&weights).sqrt() / shares.iter().sum::<f64>();
        best.improve(&weights, margin(x, y, weights.view()), most);
        if best.margin >= near * best.most {
            break;
        }
    }
    best
}
// ANCHOR_END: widest

impl Widest {
    /// Keeps the wider of two margins and the smaller of two limits.
    fn improve(&mut self, weights: &Array1<f64>, margin: f64, most: f64) {
        self.most = self.most.min(most);
        if margin > self.margin {
            (self.margin, self.weights) = (margin, weights.clone());
        }
    }
}
