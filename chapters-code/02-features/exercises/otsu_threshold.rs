//! # Where does the figure begin?
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: medium
//! - section: shape
//!
//! To Hu moments all brightness is weight. A disc on a grey ground is to them mostly ground. So one cuts first: everything up to
//! a *threshold* becomes black, everything above it white, and the moments are taken of that. But where to cut? A threshold fixed by hand is wrong when the light
//! changes. Otsu's method takes the one at which the two sides differ most.
//!
//! A threshold $`t`$ divides the pixels into the *ground*, of level at most $`t`$, and the *figure*, of level above $`t`$. With
//! $`n_0`$ and $`n_1`$ for the numbers of pixels of the two, and $`m_0`$ and $`m_1`$ for their mean levels, choose the $`t`$ for which
//!
//! ```math
//! n_0\, n_1\, (m_0 - m_1)^2
//! ```
//!
//! is largest. Write a function that gets the levels of an image and gives this threshold.
//!
//! - Neither ground nor figure may be empty. Where no threshold divides the pixels, as in an image of one level or in an image without pixels,
//!   the answer is `None`.
//! - Between two levels that occur in the image, all thresholds divide the pixels in the same way. Take the smallest of them: the
//!   highest level of the ground.
//! - The order of the pixels does not matter.
//!
//! The cases have no two different divisions that are equally good.
//!
//! ## Hint 1
//!
//! There are only 256 levels. What do you have to know of the image, other than how often each occurs?
//!
//! ## Hint 2
//!
//! Let the threshold rise by one level. The pixels of that level go from the figure to the ground, and nothing else happens: a number of
//! pixels and a sum of levels move over.
//!
//! ## Hint 3
//!
//! Keep the best value so far, starting from 0, and replace it only by a *larger* one. In a gap between two levels nothing changes, so the first of
//! equal thresholds stays.
//!
//! ## Solution
//!
//! One pass over the pixels makes the histogram, and one pass over its 256 bins keeps the number and the sum of levels of the ground; those of
//! the figure are what is left. The comparison is strict, so an image that cannot be divided never gets a threshold.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes. Those who compute both means from the pixels for each threshold get the same answer 256
//! times more slowly, and their answers are accepted if they are in time.
//!
//! **Misconceptions.** That the best cut is where the means are furthest apart: then a single bright pixel is a figure, because nothing weighs
//! how many pixels stand behind a mean. That a threshold belongs to the figure: levels *up to* the threshold are ground here, and
//! books differ, so a statement has to say it.
//!
//! **Discussion.** What does the method do with an image that has no figure but noise? (It cuts the noise in two. The value that is maximised,
//! divided by the variance of the levels, says how good the cut is.)

/// What the student starts from.
pub mod starter {
    /// The threshold at which ground and figure differ most; nothing where they cannot be divided.
    pub fn otsu_threshold(levels: &[u8]) -> Option<u8> {
        todo!("the best of all thresholds")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The threshold at which ground and figure differ most; nothing where they cannot be divided.
    pub fn otsu_threshold(levels: &[u8]) -> Option<u8> {
        let mut histogram = [0.0_f64; 256];
        levels.iter().for_each(|&level| histogram[usize::from(level)] += 1.0);
        let n = levels.len() as f64;
        let sum: f64 = levels.iter().map(|&level| f64::from(level)).sum();
        let (mut ground, mut ground_sum) = (0.0, 0.0);
        let (mut best, mut threshold) = (0.0, None);
        for (level, count) in (0..=255).zip(histogram) {
            ground += count;
            ground_sum += count * f64::from(level);
            let value = difference(ground, ground_sum, n - ground, sum - ground_sum);
            if value > best {
                (best, threshold) = (value, Some(level));
            }
        }
        threshold
    }

    /// How much two groups of pixels differ, from their numbers and the sums of their levels.
    pub fn difference(n0: f64, sum0: f64, n1: f64, sum1: f64) -> f64 {
        if n0 == 0.0 || n1 == 0.0 {
            return 0.0;
        }
        n0 * n1 * (sum0 / n0 - sum1 / n1).powi(2)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<u8>;

    pub type Output = Option<u8>;

    pub fn call(input: &Input) -> Output {
        super::solution::otsu_threshold(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("figure on a grey ground, with noise", 6, |rng| {
            let (n, share) = (rng.random_range(200..900), rng.random_range(0.2..0.6));
            let (ground, figure) = (rng.random_range(30..90), rng.random_range(140..220));
            pixels(n, |_| around(if rng.random_bool(share) { figure } else { ground }, 25, rng))
        });
        cases.general("small figure", 5, |rng| {
            let (n, ground) = (rng.random_range(300..900), rng.random_range(40..70));
            // Some noise in the ground reaches further than the figure is wide.
            pixels(n, |i| match i % 100 {
                0 => rng.random_range(240..=250),
                1..8 => rng.random_range(170..=190),
                _ => around(ground, 20, rng),
            })
        });
        cases.edge("constant image", 2, |rng| vec![rng.random_range(0..=255); 40]);
        cases.edge("no pixels", 1, |_| Vec::new());
        cases.edge("only two levels", 3, |rng| {
            let (low, high) = (rng.random_range(0..100), rng.random_range(110..=255));
            let first = rng.random_range(1..20);
            pixels(30, |i| if i < first { high } else { low })
        });
        cases.edge("figure of level 255 alone, ground up to 254", 2, |rng| {
            pixels(
                rng.random_range(50..90),
                |i| if i % 3 == 0 { 255 } else { 254 - u8::from(i == 1) },
            )
        });
        cases.edge("ground of level 0 alone, figure from 1", 2, |rng| {
            pixels(rng.random_range(50..90), |i| if i % 3 == 0 { 0 } else { 1 + u8::from(i == 1) })
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let (Some(right), Some(found)) = (expected, found) else {
            return match (expected, found) {
                (None, None) => Ok(()),
                (None, Some(t)) => {
                    Err(format!("the pixels cannot be divided: expected None, found Some({t})"))
                }
                _ => Err("expected a threshold, found None".into()),
            };
        };
        let figure = |t: u8| input.iter().filter(|&&level| level > t).count();
        if right == found {
            Ok(())
        } else if figure(*right) == figure(*found) {
            Err(format!(
                "{found} divides the pixels as it should, but is not the smallest such one"
            ))
        } else {
            Err(format!("the threshold: expected {right}, found {found}"))
        }
    }

    fn pixels(n: usize, level: impl FnMut(usize) -> u8) -> Input {
        (0..n).map(level).collect()
    }

    fn around(level: u8, noise: u8, rng: &mut Rng) -> u8 {
        rng.random_range(level - noise..=level + noise)
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::otsu_threshold;
    use features::{Hu, View, features};

    #[test]
    fn one_bright_pixel() {
        // The only division is 10, 10, 10 from 200, and 10 is the smallest threshold that makes it.
        assert_eq!(otsu_threshold(&[10, 10, 200, 10]), Some(10));
    }

    #[test]
    fn two_against_two_is_better_than_three_against_one() {
        // At 0: 2 · 2 · (0 − 95)² = 36100. At 90: 3 · 1 · (30 − 100)² = 14700.
        assert_eq!(otsu_threshold(&[0, 100, 90, 0]), Some(0));
    }

    #[test]
    fn one_level_cannot_be_divided() {
        assert_eq!((otsu_threshold(&[77; 9]), otsu_threshold(&[])), (None, None));
    }

    #[test]
    fn a_square_on_grey_has_the_moments_of_a_square_after_the_cut() {
        let square = |ground: u8, figure: u8| -> Vec<u8> {
            let inside = |i: usize| (4..9).contains(&(i / 16)) && (5..10).contains(&(i % 16));
            (0..256).map(|i| if inside(i) { figure } else { ground }).collect()
        };
        let grey = square(60, 180);
        let threshold = otsu_threshold(&grey).expect("two levels");
        let cut: Vec<u8> = grey.iter().map(|&v| if v > threshold { 255 } else { 0 }).collect();
        let moments =
            |levels: &[u8]| features(&Hu::GREYSCALE, View::of_levels(16, 16, levels)).unwrap();
        assert_eq!(moments(&cut), moments(&square(0, 255)));
        assert_ne!(moments(&grey), moments(&square(0, 255)));
    }
}

/// Looks at the distance of the two means and forgets how many pixels stand behind each.
///
/// # Feedback
///
/// Your threshold cuts off a few extreme pixels, because their mean is furthest from the mean of the rest. The numbers of pixels of both
/// sides belong to the value that is made largest.
pub mod mutant_forgets_the_numbers {
    pub use super::solution::*;

    /// The squared distance of the two means.
    pub fn difference(n0: f64, sum0: f64, n1: f64, sum1: f64) -> f64 {
        if n0 == 0.0 || n1 == 0.0 {
            return 0.0;
        }
        (sum0 / n0 - sum1 / n1).powi(2)
    }
}

/// Takes the mean level of the image.
///
/// # Feedback
///
/// Your threshold follows the mean of all pixels. The mean lies between the two groups only if they are about equally large; beside a small figure
/// it lies in the middle of the ground.
pub mod mutant_takes_the_mean {
    /// The mean level, cut to a whole number.
    pub fn otsu_threshold(levels: &[u8]) -> Option<u8> {
        let sum: f64 = levels.iter().map(|&level| f64::from(level)).sum();
        let first = levels.first()?;
        let threshold = (sum / levels.len() as f64) as u8;
        levels.iter().any(|level| level != first).then_some(threshold)
    }
}

/// Takes the last of several equal thresholds.
///
/// # Feedback
///
/// Your division is right, but where several thresholds make the same one you take the largest. The smallest is asked for: the highest
/// level of the ground. A comparison decides that, by being strict or not.
pub mod mutant_takes_the_last {
    pub use super::solution::*;

    /// The threshold, the largest of equal ones.
    pub fn otsu_threshold(levels: &[u8]) -> Option<u8> {
        let mut best = (0.0, None);
        for threshold in 0..=255 {
            let side = |above: bool| {
                let of_side = levels.iter().filter(move |&&v| (v > threshold) == above);
                of_side.fold((0.0, 0.0), |(n, sum), &v| (n + 1.0, sum + f64::from(v)))
            };
            let ((n0, sum0), (n1, sum1)) = (side(false), side(true));
            let value = difference(n0, sum0, n1, sum1);
            if value > 0.0 && value >= best.0 {
                best = (value, Some(threshold));
            }
        }
        best.1
    }
}

/// Counts the level of the threshold as part of the figure.
///
/// # Feedback
///
/// Your threshold is the lowest level of the figure. Here a threshold belongs to the ground: levels up to it are black, levels above it
/// white.
pub mod mutant_gives_the_figure_its_threshold {
    pub use super::solution::*;

    /// The lowest level of the figure.
    pub fn otsu_threshold(levels: &[u8]) -> Option<u8> {
        let mut best = (0.0, None);
        for threshold in 0..=255 {
            let side = |above: bool| {
                let of_side = levels.iter().filter(move |&&v| (v >= threshold) == above);
                of_side.fold((0.0, 0.0), |(n, sum), &v| (n + 1.0, sum + f64::from(v)))
            };
            let ((n0, sum0), (n1, sum1)) = (side(false), side(true));
            let value = difference(n0, sum0, n1, sum1);
            if value > 0.0 && value >= best.0 {
                best = (value, Some(threshold));
            }
        }
        best.1
    }
}

/// Gives a threshold to an image that has only one level.
///
/// # Feedback
///
/// You give a threshold even where the pixels cannot be divided. An image of one level, and one without pixels, has no figure: say so
/// with `None`.
pub mod mutant_always_divides {
    pub use super::solution::*;

    /// The threshold, or 0 where there is none.
    pub fn otsu_threshold(levels: &[u8]) -> Option<u8> {
        let (mut best, mut threshold) = (0.0, 0);
        for level in 0..=255 {
            let side = |above: bool| {
                let of_side = levels.iter().filter(move |&&v| (v > level) == above);
                of_side.fold((0.0, 0.0), |(n, sum), &v| (n + 1.0, sum + f64::from(v)))
            };
            let ((n0, sum0), (n1, sum1)) = (side(false), side(true));
            let value = difference(n0, sum0, n1, sum1);
            if value > best {
                (best, threshold) = (value, level);
            }
        }
        Some(threshold)
    }
}
