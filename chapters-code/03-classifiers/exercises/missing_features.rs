//! # A sensor that is silent
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: bayes
//!
//! A weighted sum needs every feature. Naive Bayes does not: its formula is a sum with one term for each feature, and what was not measured has no term. Build that.
//!
//! Each class has a share $`P(c)`$ and, for each feature $`j`$, a mean $`\mu_{cj}`$ and a variance $`\sigma_{cj}^2`$. For the features that were measured the class has
//!
//! ```math
//! \ln P(c) - \frac{1}{2} \sum_{j} \left( \ln 2\pi\sigma_{cj}^2 + \frac{(x_j - \mu_{cj})^2}{\sigma_{cj}^2} \right)
//! ```
//!
//! Write a function that gets the classes and a sample, and gives the number of the class for which this is largest.
//!
//! - A sample is a list of `Option<f64>`; `None` was not measured.
//! - Shares and variances are above zero. There is at least one class. All classes have as many features as the sample, and that may be none.
//! - Of classes with the same number the first wins.
//!
//! ## Hint 1
//!
//! Which parts of the term of a feature may stay when the feature is missing? None: also the logarithm belongs to it.
//!
//! ## Hint 2
//!
//! `Iterator::flatten` and `filter_map` leave out what is `None`. Go over means, variances and features together with `zip`.
//!
//! ## Hint 3
//!
//! Walk over the classes with the best so far, and replace it only where the new number is larger. `max_by` would give you the last of equal ones.
//!
//! ## Solution
//!
//! The density of a missing feature, summed over all values that it could have, is one, and the logarithm of one is zero. So its whole term goes, the logarithm of the variance with it. What is left is the formula with fewer features.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That a missing feature is a zero, or is best replaced by the mean of the class. The mean makes the squared term vanish and leaves the logarithm, so that a class with narrow bells is preferred for features that nobody saw.
//!
//! **Discussion.** Is a value missing by chance? If a sensor is silent because it is too hot, then its silence is a feature.

/// What the student starts from.
pub mod starter {
    /// What a class is described by: its share, and the mean and the variance of each feature.
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
    pub struct Class {
        pub share: f64,
        pub means: Vec<f64>,
        pub variances: Vec<f64>,
    }

    /// The class that fits best what was measured of a sample.
    pub fn best_class(classes: &[Class], sample: &[Option<f64>]) -> usize {
        todo!(
            "the sum of each class over the features that are there, and the first largest of them"
        )
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// What a class is described by: its share, and the mean and the variance of each feature.
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
    pub struct Class {
        pub share: f64,
        pub means: Vec<f64>,
        pub variances: Vec<f64>,
    }

    /// The class that fits best what was measured of a sample.
    pub fn best_class(classes: &[Class], sample: &[Option<f64>]) -> usize {
        let scores = classes.iter().map(|class| score(class, sample));
        first_largest(scores)
    }

    /// The logarithm of the share times the densities of what was measured.
    pub fn score(class: &Class, sample: &[Option<f64>]) -> f64 {
        let bells = class.means.iter().zip(&class.variances).zip(sample);
        let terms = bells.filter_map(|((mean, variance), x)| x.map(|x| term(x, *mean, *variance)));
        class.share.ln() - 0.5 * terms.sum::<f64>()
    }

    /// What a measured feature adds.
    pub fn term(x: f64, mean: f64, variance: f64) -> f64 {
        (std::f64::consts::TAU * variance).ln() + (x - mean).powi(2) / variance
    }

    /// The place of the largest number, the first of several.
    pub fn first_largest(scores: impl Iterator<Item = f64>) -> usize {
        let mut best = (0, f64::NEG_INFINITY);
        for (class, score) in scores.enumerate() {
            if score > best.1 {
                best = (class, score);
            }
        }
        best.0
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub classes: Vec<(f64, Vec<f64>, Vec<f64>)>,
        pub sample: Vec<Option<f64>>,
    }

    pub type Output = usize;

    pub fn call(input: &Input) -> Output {
        let class =
            |(share, means, variances): &(f64, Vec<f64>, Vec<f64>)| super::solution::Class {
                share: *share,
                means: means.clone(),
                variances: variances.clone(),
            };
        let classes: Vec<_> = input.classes.iter().map(class).collect();
        super::solution::best_class(&classes, &input.sample)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("everything was measured", 6, |rng| problem(rng, 3, 5, 0.0));
        cases.general("half of the features are missing", 8, |rng| problem(rng, 4, 8, 0.5));
        cases.edge("a missing feature with narrow bells in one class", 4, |rng| {
            // Without the feature both classes are equally far; the second is more frequent.
            let x = rng.random_range(-1.0..1.0);
            Input {
                classes: vec![
                    (0.3, vec![x - 1.0, 5.0], vec![1.0, 1e-6]),
                    (0.7, vec![x + 1.0, 0.0], vec![1.0, 1.0]),
                ],
                sample: vec![Some(x), None],
            }
        });
        cases.edge("a missing feature far from nought in one class", 4, |rng| {
            let x = rng.random_range(-1.0..1.0);
            Input {
                classes: vec![
                    (0.4, vec![x - 1.0, 0.0], vec![1.0, 1.0]),
                    (0.6, vec![x + 1.0, 30.0], vec![1.0, 1.0]),
                ],
                sample: vec![Some(x), None],
            }
        });
        cases.edge("nothing was measured", 2, |rng| {
            let mut input = problem(rng, 3, 2, 1.0);
            input.classes[1].0 = 3.0;
            input
        });
        cases.edge("classes that fit equally well", 2, |rng| {
            let mut input = problem(rng, 1, 3, 0.3);
            input.classes = vec![input.classes[0].clone(); 3];
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        if expected == found {
            return Ok(());
        }
        Err(format!("expected class {expected}, found {found}"))
    }

    fn problem(rng: &mut Rng, classes: usize, features: usize, missing: f64) -> Input {
        let class = |rng: &mut Rng| {
            let means = (0..features).map(|_| rng.random_range(-2.0..2.0)).collect();
            let variances = (0..features).map(|_| rng.random_range(0.1..3.0)).collect();
            (rng.random_range(0.1..1.0), means, variances)
        };
        let classes = (0..classes).map(|_| class(rng)).collect();
        let feature = |_| (!rng.random_bool(missing)).then(|| rng.random_range(-2.0..2.0));
        Input { classes, sample: (0..features).map(feature).collect() }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::{Class, best_class};

    fn class(share: f64, means: &[f64], variances: &[f64]) -> Class {
        Class { share, means: means.to_vec(), variances: variances.to_vec() }
    }

    #[test]
    fn the_nearer_mean_wins() {
        let classes = [class(0.5, &[0.0], &[1.0]), class(0.5, &[4.0], &[1.0])];
        assert_eq!(best_class(&classes, &[Some(3.0)]), 1);
    }

    #[test]
    fn with_nothing_measured_the_share_decides() {
        let classes = [class(0.2, &[0.0], &[0.01]), class(0.8, &[4.0], &[9.0])];
        assert_eq!(best_class(&classes, &[None]), 1);
    }

    #[test]
    fn of_equals_the_first() {
        let classes = [class(0.5, &[1.0], &[1.0]), class(0.5, &[1.0], &[1.0])];
        assert_eq!(best_class(&classes, &[Some(0.3)]), 0);
    }
}

/// Takes a missing feature for a zero.
///
/// # Feedback
///
/// A feature that was not measured counts as 0 in your sum. Zero is a measurement like any other, and it favours classes whose mean is near it. Leave the term out.
pub mod mutant_takes_zero {
    pub use super::solution::*;

    /// The class that fits best, with zeros for what is missing.
    pub fn best_class(classes: &[Class], sample: &[Option<f64>]) -> usize {
        let filled: Vec<_> = sample.iter().map(|x| Some(x.unwrap_or(0.0))).collect();
        first_largest(classes.iter().map(|class| score(class, &filled)))
    }
}

/// Puts the mean of the class in place of a missing feature.
///
/// # Feedback
///
/// You fill in the mean of the class. That makes the squared part vanish and leaves the logarithm of the variance, so a class with a narrow bell wins by features that nobody saw.
pub mod mutant_takes_the_mean {
    pub use super::solution::*;

    /// The class that fits best, with its own means for what is missing.
    pub fn best_class(classes: &[Class], sample: &[Option<f64>]) -> usize {
        first_largest(classes.iter().map(|class| {
            let filled: Vec<_> =
                sample.iter().zip(&class.means).map(|(x, mean)| x.or(Some(*mean))).collect();
            score(class, &filled)
        }))
    }
}

/// Forgets that classes have shares.
///
/// # Feedback
///
/// Your classes are all equally frequent. $`\ln P(c)`$ belongs to the sum, and where nothing was measured it is all there is.
pub mod mutant_forgets_the_share {
    pub use super::solution::*;

    /// The class whose bells fit best.
    pub fn best_class(classes: &[Class], sample: &[Option<f64>]) -> usize {
        first_largest(classes.iter().map(|class| score(class, sample) - class.share.ln()))
    }
}

/// Gives the last of classes that fit equally well.
///
/// # Feedback
///
/// Of classes with the same number you take the last. `max_by` does that; the task asks for the first.
pub mod mutant_takes_the_last {
    pub use super::solution::*;

    /// The class that fits best, the last of several.
    pub fn best_class(classes: &[Class], sample: &[Option<f64>]) -> usize {
        let scores = classes.iter().map(|class| score(class, sample)).enumerate();
        scores.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |best| best.0)
    }
}
