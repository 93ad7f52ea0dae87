//! # A large batch in small parts
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: warm-up
//! - section: trainer
//!
//! A mini-batch of 500 garments is wanted, and the engine has room for 128. The way out is to take it in parts: 128, 128, 128 and 116. The
//! backward pass of a part gives the gradient of the *mean* loss over the samples of that part. One step is taken at the end, with a gradient that is put
//! together from those of the parts. If this is done right, the step is the one of the large batch.
//!
//! Write a function that gets the parts and gives the gradient $`g`$ of the mean loss over the samples of *all* parts. It is then clipped: where its length
//! $`\lVert g \rVert = \sqrt{g_1^2 + \dots + g_d^2}`$ is greater than $`c`$, it is shortened to the length $`c`$ and keeps its direction.
//!
//! - There is at least one part, and the gradients of all parts are equally long vectors of at least one number.
//! - A part may have no samples. The mean over nothing is not a number, so its gradient may hold anything, NaN and infinities too. It counts for nothing.
//! - If no part has any sample, all numbers of the result are 0.
//! - The gradients of parts that have samples are finite. They may be zero.
//! - $`c`$ is greater than 0 and may be infinite. Then nothing is clipped.
//!
//! The numbers are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! How do you get the mean weight of all apples from the mean weight in each basket and the number of apples in it?
//!
//! ## Hint 2
//!
//! The gradient of a sum is the sum of the gradients. So the mean gradient of a part, times its samples, is the sum of the gradients of its samples.
//! Add these, divide once, and only then look at the length.
//!
//! ## Hint 3
//!
//! Zero times NaN is NaN. A part without samples has to be left out, not multiplied away.
//!
//! ## Solution
//!
//! Each part has a share of the samples, and the shares add up to 1. The whole gradient is the mean of the parts' gradients with these shares as weights. Clipping comes
//! last, as it is not linear: the sum of shortened vectors is not the shortened sum.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That the mean of means is the mean. That it does not matter when clipping takes place. That a part without samples is harmless because its share is zero.
//!
//! **Discussion.** In a language model, the loss is a mean over words, and the parts have different numbers of words even where they have the same number of sentences. What does the
//! mean of means do to the words of short parts? And what about batch normalisation: why is a large batch in parts not the same as a large batch there?

/// What the exercise gives and does not change.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// What the backward pass of a part of the mini-batch has left.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Part {
        /// How many samples the part has.
        pub samples: usize,
        /// The gradient of the mean loss over these samples.
        pub gradient: Vec<f64>,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Part;

    /// The gradient of the mean loss over the samples of all parts, no longer than `longest`.
    pub fn accumulate_gradients(parts: &[Part], longest: f64) -> Vec<f64> {
        let mut gradient = vec![0.0; parts[0].gradient.len()];
        todo!("bring the parts together, then clip")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Part;

    /// The gradient of the mean loss over the samples of all parts, no longer than `longest`.
    pub fn accumulate_gradients(parts: &[Part], longest: f64) -> Vec<f64> {
        let mut gradient = mean(parts);
        clip(&mut gradient, longest);
        gradient
    }

    /// The mean over all samples.
    pub fn mean(parts: &[Part]) -> Vec<f64> {
        let samples: usize = parts.iter().map(|part| part.samples).sum();
        let mut mean = vec![0.0; parts[0].gradient.len()];
        for part in parts.iter().filter(|part| part.samples > 0) {
            let share = part.samples as f64 / samples as f64;
            mean.iter_mut().zip(&part.gradient).for_each(|(mean, g)| *mean += share * g);
        }
        mean
    }

    /// Shortens what is too long, and turns nothing.
    pub fn clip(gradient: &mut [f64], longest: f64) {
        let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        if length > longest {
            gradient.iter_mut().for_each(|g| *g *= longest / length);
        }
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    use super::given::Part;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub parts: Vec<Part>,
        pub longest: f64,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::accumulate_gradients(&input.parts, input.longest)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Part;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("parts of one size and a smaller last one, short gradient", 5, |rng| Input {
            parts: parts(rng),
            longest: 1000.0,
        });
        cases.general(
            "parts of one size and a smaller last one, gradient to be clipped",
            5,
            |rng| Input { parts: parts(rng), longest: rng.random_range(0.1..0.3) },
        );
        cases.edge("a single part", 2, |rng| Input {
            parts: vec![part(rng, 7, 3)],
            longest: rng.random_range(0.05..0.3),
        });
        cases.edge("a part without samples", 4, |rng| {
            let mut parts = parts(rng);
            let size = parts[0].gradient.len();
            let nothing = [f64::NAN, f64::INFINITY, 1e9, 0.0][rng.random_range(0..4)];
            let at = rng.random_range(0..=parts.len());
            parts.insert(at, Part { samples: 0, gradient: vec![nothing; size] });
            Input { parts, longest: [0.2, 1000.0][rng.random_range(0..2)] }
        });
        cases.edge("parts that cancel, so that the gradient is zero", 2, |rng| {
            let samples = rng.random_range(1..20);
            let one = part(rng, samples, 4);
            let gradient = one.gradient.iter().map(|g| -g).collect();
            let other = Part { samples: one.samples, gradient };
            Input { parts: vec![one, other], longest: 0.01 }
        });
        cases.edge("no samples at all", 2, |rng| {
            let gradient = vec![f64::NAN; rng.random_range(1..5)];
            Input { parts: vec![Part { samples: 0, gradient }; 2], longest: 1.0 }
        });
        cases.edge("nothing may be clipped, as the greatest length is infinite", 2, |rng| Input {
            parts: parts(rng),
            longest: f64::INFINITY,
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("numbers in the gradient", expected, found)?;
        compare::each(expected, found, 1e-9, |i| format!("number {i} of the gradient"))
    }

    /// Equal parts of at least 8 samples, and a last one of less than half of that.
    fn parts(rng: &mut Rng) -> Vec<Part> {
        let (size, samples) = (rng.random_range(3..9), rng.random_range(8..130));
        let mut parts: Vec<Part> =
            (0..rng.random_range(2..5)).map(|_| part(rng, samples, size)).collect();
        let few = rng.random_range(1..samples / 2);
        parts.push(part(rng, few, size));
        parts
    }

    /// A part whose gradient is some way from 0, so that the parts do not cancel.
    fn part(rng: &mut Rng, samples: usize, size: usize) -> Part {
        Part { samples, gradient: (0..size).map(|_| rng.random_range(0.2..3.0)).collect() }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Part;
    use super::solution::accumulate_gradients;

    fn assert_gradient(parts: &[(usize, &[f64])], longest: f64, expected: &[f64]) {
        let part = |&(samples, g): &(usize, &[f64])| Part { samples, gradient: g.to_vec() };
        let parts: Vec<Part> = parts.iter().map(part).collect();
        let found = accumulate_gradients(&parts, longest);
        let near = |(f, e): (&f64, &f64)| (f - e).abs() < 1e-9;
        let same = found.len() == expected.len() && found.iter().zip(expected).all(near);
        assert!(same, "expected {expected:?}, found {found:?}");
    }

    #[test]
    fn a_smaller_part_counts_for_less() {
        // Three samples sum to (3, 6) and one to (5, 2). Four samples: (8, 8) / 4.
        assert_gradient(&[(3, &[1.0, 2.0]), (1, &[5.0, 2.0])], 100.0, &[2.0, 2.0]);
    }

    #[test]
    fn too_long_is_shortened() {
        // The mean is (3, 4), of length 5, and may have 1.
        assert_gradient(&[(2, &[6.0, 0.0]), (2, &[0.0, 8.0])], 1.0, &[0.6, 0.8]);
    }

    #[test]
    fn long_parts_may_make_a_short_gradient() {
        // Both parts have the length 10, and their mean is (0, 0).
        assert_gradient(&[(4, &[6.0, 8.0]), (4, &[-6.0, -8.0])], 1.0, &[0.0, 0.0]);
        // (9, 0) three times and (−27, 4) once: the mean is (0, 1), which is not too long.
        assert_gradient(&[(3, &[9.0, 0.0]), (1, &[-27.0, 4.0])], 1.0, &[0.0, 1.0]);
    }

    #[test]
    fn a_part_without_samples_counts_for_nothing() {
        assert_gradient(&[(0, &[f64::NAN, 1.0]), (2, &[0.5, 0.25])], 9.0, &[0.5, 0.25]);
        assert_gradient(&[(0, &[f64::NAN, 1.0])], 9.0, &[0.0, 0.0]);
    }
}

/// Gives every part the same weight.
///
/// # Feedback
///
/// You take the mean of the means, so that a sample in the small last part counts for more than one in the others. Each part stands for as many samples as it has.
pub mod mutant_takes_the_mean_of_means {
    pub use super::solution::*;

    use super::given::Part;

    /// The mean over the parts that have samples.
    pub fn mean(parts: &[Part]) -> Vec<f64> {
        let full: Vec<&Part> = parts.iter().filter(|part| part.samples > 0).collect();
        let mut mean = vec![0.0; parts[0].gradient.len()];
        for part in &full {
            let share = 1.0 / full.len() as f64;
            mean.iter_mut().zip(&part.gradient).for_each(|(mean, g)| *mean += share * g);
        }
        mean
    }
}

/// Clips the gradient of each part before they are brought together.
///
/// # Feedback
///
/// You clip each part by itself. A long part then loses against a short one, and the direction of the sum changes. Parts are an accident of memory: the result must not show them. Clip once, at the
/// end.
pub mod mutant_clips_each_part {
    pub use super::solution::*;

    use super::given::Part;

    /// The mean over all samples, of parts that were clipped.
    pub fn accumulate_gradients(parts: &[Part], longest: f64) -> Vec<f64> {
        let mut parts = parts.to_vec();
        parts.iter_mut().for_each(|part| clip(&mut part.gradient, longest));
        mean(&parts)
    }
}

/// Clips number by number.
///
/// # Feedback
///
/// You limit each number of the gradient by itself. That turns the gradient, since large numbers lose and small ones do not. What may not be greater than the limit is the
/// length of the whole vector, and all its numbers shrink by the same factor.
pub mod mutant_clips_each_number {
    pub use super::solution::*;

    /// Brings every number between the limits.
    pub fn clip(gradient: &mut [f64], longest: f64) {
        gradient.iter_mut().for_each(|g| *g = g.clamp(-longest, longest));
    }
}

/// Lets a part without samples take part, with the weight 0.
///
/// # Feedback
///
/// Your result is not a number where a part has no samples. A weight of zero does not help, since zero times NaN is NaN. Leave such a part out, and think of the case where all are like
/// that.
pub mod mutant_multiplies_nothing_by_zero {
    pub use super::solution::*;

    use super::given::Part;

    /// The mean over all samples, with all parts.
    pub fn mean(parts: &[Part]) -> Vec<f64> {
        let samples: usize = parts.iter().map(|part| part.samples).sum();
        let mut mean = vec![0.0; parts[0].gradient.len()];
        for part in parts {
            let share = part.samples as f64 / samples as f64;
            mean.iter_mut().zip(&part.gradient).for_each(|(mean, g)| *mean += share * g);
        }
        mean
    }
}

/// Brings every gradient to the greatest length, short ones too.
///
/// # Feedback
///
/// Your gradients all have the same length. Clipping shortens what is too long and leaves the rest alone; a short gradient says that the bottom is near.
pub mod mutant_stretches_short_ones {
    pub use super::solution::*;

    /// Gives the gradient the greatest length.
    pub fn clip(gradient: &mut [f64], longest: f64) {
        let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        if length > 0.0 && longest.is_finite() {
            gradient.iter_mut().for_each(|g| *g *= longest / length);
        }
    }
}
