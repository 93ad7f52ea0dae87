//! # A normalisation that costs nothing
//!
//! - points: 5
//! - minutes: 20
//! - difficulty: warm-up
//! - section: batch-norm
//!
//! In prediction, batch normalisation knows its mean and its variance beforehand: they are the running ones, and do not change any more. Each channel is then multiplied by a number, and another
//! number is added. A convolution just before it multiplies and adds as well. So there must be one convolution that does what the two do, and the network that is shipped needs no
//! normalisation at all.
//!
//! A convolution gives for output channel $`o`$ the number $`z_o = b_o + \sum_i w_{oi} x_i`$, where $`i`$ runs over all channels and pixels under the kernel. The normalisation
//! makes of it
//!
//! ```math
//! y_o = \gamma_o \frac{z_o - \mu_o}{\sqrt{\sigma_o^2 + \varepsilon}} + \beta_o
//! ```
//!
//! Write a function that gets both and gives the weights and the bias of the one convolution.
//!
//! - `weights` has the shape (O, C, K, K) and lies in one slice: first all numbers of output 0, then those of output 1, and so on.
//! - `bias` has O numbers, or is `None`: many networks leave it out in front of a normalisation.
//! - `Norm` holds $`\gamma`$ (`scale`), $`\beta`$ (`shift`), $`\mu`$ (`mean`) and $`\sigma^2`$ (`variance`), O numbers each, and $`\varepsilon > 0`$.
//! - There is at least one output. A variance may be 0, a scale may be 0 or negative.
//!
//! The results, weights in the order of `weights` and then the bias, are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Put the first equation into the second and sort: what stands in front of $`x_i`$, and what is left?
//!
//! ## Hint 2
//!
//! Call $`f_o = \gamma_o / \sqrt{\sigma_o^2 + \varepsilon}`$. Every weight of output $`o`$ is multiplied by it. The bias goes through the same line as everything else.
//!
//! ## Hint 3
//!
//! The new bias is $`\beta_o + f_o (b_o - \mu_o)`$. Cut `weights` into O chunks of equal length, and zip them with the factors.
//!
//! ## Solution
//!
//! A linear map after a linear map is a linear map. The factor belongs to the *output*, for this is what the normalisation sees; so a whole kernel, over all its
//! input channels, is multiplied by one number.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes, ten of them on paper.
//!
//! **Misconceptions.** That the bias stays as it is, since the normalisation "has its own". That ε is a detail: a channel that hardly varies is multiplied by hundreds, and ε decides by how many. That the factor
//! goes with the input channel.
//!
//! **Discussion.** In training this does not work: why? (The mean and variance depend on the mini-batch, and gradients pass through them.) And what if a ReLU stands between the two?

/// What the exercise gives.
pub mod given {
    /// A batch normalisation with what it has learned and counted, a number for each channel.
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
    pub struct Norm {
        /// γ, by which the normalised channel is multiplied.
        pub scale: Vec<f64>,
        /// β, which is added at the end.
        pub shift: Vec<f64>,
        /// The running mean.
        pub mean: Vec<f64>,
        /// The running variance.
        pub variance: Vec<f64>,
        /// ε, which is added to the variance.
        pub epsilon: f64,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Norm;

    /// Weights (O, C, K, K) and bias (O) of the one convolution that does the work of both.
    pub fn fold_batch_norm(
        weights: &[f64],
        bias: Option<&[f64]>,
        norm: &Norm,
    ) -> (Vec<f64>, Vec<f64>) {
        todo!("multiply the kernels, move the bias")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Norm;

    /// Weights (O, C, K, K) and bias (O) of the one convolution that does the work of both.
    pub fn fold_batch_norm(
        weights: &[f64],
        bias: Option<&[f64]>,
        norm: &Norm,
    ) -> (Vec<f64>, Vec<f64>) {
        let outputs = norm.scale.len();
        let kernels = weights.chunks_exact(weights.len() / outputs).enumerate();
        let folded =
            kernels.flat_map(|(o, kernel)| kernel.iter().map(move |w| w * factor(norm, o)));
        let old = |o: usize| bias.map_or(0.0, |bias| bias[o]);
        let moved = (0..outputs).map(|o| new_bias(norm, o, old(o)));
        (folded.collect(), moved.collect())
    }

    /// What the normalisation multiplies channel `o` by.
    pub fn factor(norm: &Norm, o: usize) -> f64 {
        norm.scale[o] / (norm.variance[o] + norm.epsilon).sqrt()
    }

    /// What the normalisation makes of a bias.
    pub fn new_bias(norm: &Norm, o: usize, old: f64) -> f64 {
        norm.shift[o] + factor(norm, o) * (old - norm.mean[o])
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::Norm;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub weights: Vec<f64>,
        pub bias: Option<Vec<f64>>,
        pub norm: Norm,
    }

    pub type Output = (Vec<f64>, Vec<f64>);

    pub fn call(input: &Input) -> Output {
        super::solution::fold_batch_norm(&input.weights, input.bias.as_deref(), &input.norm)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Norm;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("convolution with a bias", 5, |rng| {
            let (outputs, channels) = (rng.random_range(2..7), rng.random_range(1..5));
            layers(rng, outputs, channels, 3)
        });
        cases.general("convolution without a bias", 4, |rng| {
            let outputs = rng.random_range(2..9);
            Input { bias: None, ..layers(rng, outputs, 3, 2) }
        });
        cases.edge("channels that hardly vary, or not at all", 3, |rng| {
            let mut input = layers(rng, 4, 2, 3);
            input.norm.variance = vec![0.0, rng.random_range(1e-6..1e-4), 1e-9, 0.0];
            input
        });
        cases.edge("scales that are negative or zero", 3, |rng| {
            let mut input = layers(rng, 3, 2, 3);
            input.norm.scale =
                vec![rng.random_range(-2.0..-0.5), 0.0, rng.random_range(-1.0..-0.1)];
            input
        });
        cases.edge("one output, kernel of one pixel", 2, |rng| layers(rng, 1, 1, 1));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("weights", &expected.0, &found.0)?;
        compare::length("numbers in the bias", &expected.1, &found.1)?;
        let per_output = expected.0.len() / expected.1.len();
        let weight = |i: usize| format!("weight {} of output {}", i % per_output, i / per_output);
        compare::each(&expected.0, &found.0, 1e-9, weight)?;
        compare::each(&expected.1, &found.1, 1e-9, |o| format!("the bias of output {o}"))
    }

    fn layers(rng: &mut Rng, outputs: usize, channels: usize, kernel: usize) -> Input {
        let mut draw = |n: usize, low: f64, high: f64| -> Vec<f64> {
            (0..n).map(|_| rng.random_range(low..high)).collect()
        };
        Input {
            weights: draw(outputs * channels * kernel * kernel, -1.0, 1.0),
            bias: Some(draw(outputs, 0.5, 2.0)),
            norm: Norm {
                scale: draw(outputs, 0.3, 0.9),
                shift: draw(outputs, -1.0, 1.0),
                mean: draw(outputs, -3.0, -1.0),
                variance: draw(outputs, 0.05, 0.6),
                epsilon: draw(1, 1e-5, 1e-3)[0],
            },
        }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Norm;
    use super::solution::fold_batch_norm;

    fn norm(scale: &[f64], shift: &[f64], mean: &[f64], variance: &[f64], epsilon: f64) -> Norm {
        let [scale, shift, mean, variance] = [scale, shift, mean, variance].map(<[f64]>::to_vec);
        Norm { scale, shift, mean, variance, epsilon }
    }

    #[test]
    fn two_outputs() {
        // Factors: 6 / √(3 + 1) = 3 and 1 / √(15 + 1) = 1/4.
        // Biases: 10 + 3 (5 − 1) = 22 and −1 + (2 − 6) / 4 = −2.
        let norm = norm(&[6.0, 1.0], &[10.0, -1.0], &[1.0, 6.0], &[3.0, 15.0], 1.0);
        let (weights, bias) = fold_batch_norm(&[1.0, 2.0, 4.0, 8.0], Some(&[5.0, 2.0]), &norm);
        assert_eq!((weights, bias), (vec![3.0, 6.0, 1.0, 2.0], vec![22.0, -2.0]));
    }

    #[test]
    fn no_bias_is_a_bias_of_zero() {
        // Factor 2 / √(0.75 + 0.25) = 2; bias 1 + 2 (0 − 3) = −5.
        let norm = norm(&[2.0], &[1.0], &[3.0], &[0.75], 0.25);
        let (weights, bias) = fold_batch_norm(&[0.5; 9], None, &norm);
        assert_eq!((weights, bias), (vec![1.0; 9], vec![-5.0]));
    }

    #[test]
    fn a_constant_channel_is_divided_by_the_root_of_epsilon() {
        // Factor 1 / √(0 + 1/16) = 4; bias 0 + 4 (0.5 − 0.5) = 0.
        let norm = norm(&[1.0], &[0.0], &[0.5], &[0.0], 0.0625);
        let (weights, bias) = fold_batch_norm(&[-1.0], Some(&[0.5]), &norm);
        assert_eq!((weights, bias), (vec![-4.0], vec![0.0]));
    }

    #[test]
    fn the_same_answer_as_both_in_turn() {
        let (w, x, b) = ([0.3, -0.2, 0.7], [1.5, 4.0, -2.0], 0.4);
        let norm = norm(&[-1.2], &[0.3], &[2.0], &[0.81], 1e-5);
        let dot = |w: &[f64]| -> f64 { w.iter().zip(x).map(|(w, x)| w * x).sum() };
        let both = -1.2 * (dot(&w) + b - 2.0) / (0.81_f64 + 1e-5).sqrt() + 0.3;
        let (folded, bias) = fold_batch_norm(&w, Some(&[b]), &norm);
        assert!((dot(&folded) + bias[0] - both).abs() < 1e-12);
    }
}

/// Adds the old bias to the new one as it is.
///
/// # Feedback
///
/// The bias of the convolution is added before the normalisation, and so the normalisation multiplies it, too. You add it afterwards.
pub mod mutant_adds_the_old_bias_unscaled {
    pub use super::solution::*;

    /// The bias, with the old one behind the normalisation.
    pub fn new_bias(norm: &super::given::Norm, o: usize, old: f64) -> f64 {
        norm.shift[o] - factor(norm, o) * norm.mean[o] + old
    }
}

/// Leaves the bias of the convolution out.
///
/// # Feedback
///
/// Where the convolution has a bias of its own, it is lost in your answer. It is a part of what is normalised.
pub mod mutant_drops_the_old_bias {
    pub use super::solution::*;

    /// The bias of a convolution that had none.
    pub fn new_bias(norm: &super::given::Norm, o: usize, _: f64) -> f64 {
        norm.shift[o] - factor(norm, o) * norm.mean[o]
    }
}

/// Divides by the variance.
///
/// # Feedback
///
/// You divide by the variance. A channel is brought to the spread 1 by its standard deviation, which is the root of it.
pub mod mutant_divides_by_the_variance {
    pub use super::solution::*;

    /// The factor without the root.
    pub fn factor(norm: &super::given::Norm, o: usize) -> f64 {
        norm.scale[o] / (norm.variance[o] + norm.epsilon)
    }
}

/// Adds epsilon to the standard deviation.
///
/// # Feedback
///
/// You take the root of the variance and add ε to that. Here ε stands under the root, beside the variance; the difference is large where a channel hardly varies.
pub mod mutant_adds_epsilon_outside_the_root {
    pub use super::solution::*;

    /// The factor with ε beside the root.
    pub fn factor(norm: &super::given::Norm, o: usize) -> f64 {
        norm.scale[o] / (norm.variance[o].sqrt() + norm.epsilon)
    }
}

/// Takes the factor of an input's place for that of an output.
///
/// # Feedback
///
/// Your bias is right, but the weights are multiplied by the wrong numbers: the factor changes from one weight to the next. All weights that lead to one output are neighbours
/// in the slice and share its factor.
pub mod mutant_scales_the_wrong_axis {
    pub use super::solution::*;

    /// Both layers in one, with the outputs last.
    pub fn fold_batch_norm(
        weights: &[f64],
        bias: Option<&[f64]>,
        norm: &super::given::Norm,
    ) -> (Vec<f64>, Vec<f64>) {
        let outputs = norm.scale.len();
        let folded = weights.iter().enumerate().map(|(i, w)| w * factor(norm, i % outputs));
        let old = |o: usize| bias.map_or(0.0, |bias| bias[o]);
        let moved = (0..outputs).map(|o| new_bias(norm, o, old(o)));
        (folded.collect(), moved.collect())
    }
}
