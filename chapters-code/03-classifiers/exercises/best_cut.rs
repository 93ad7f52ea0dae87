//! # The best cut of one feature
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: medium
//! - section: trees
//!
//! A tree looks at one feature at a time: sort the samples by its value, and try each cut between two values that differ. A bootstrap brings weights into it, because a sample that was drawn three times counts three
//! times.
//!
//! Write a function that gets a feature's `value`, a `class` and a `weight` for each sample and gives the threshold of the cut whose two sides have the smallest Gini impurity, each side weighted by its share of the weight. With
//! $`w_c`$ the weight of class $`c`$ on a side and $`w`$ that of the whole side, the impurity of the side is
//!
//! ```math
//! 1 - \sum_c \left(\frac{w_c}{w}\right)^2
//! ```
//!
//! - The threshold is the middle of the two values beside the cut. Samples at most as large as it are on its left.
//! - Samples of weight 0 are not there: they neither count nor make a cut possible.
//! - Samples of one value are never parted.
//! - Of cuts whose impurities differ by less than 1e-12 the one with the smallest threshold is wanted.
//! - Where no cut is possible, the answer is `None`.
//!
//! Classes are numbers from 0. Values are finite, weights are whole numbers. The threshold is compared up to 1e-9. One kind of case has 100,000 samples.
//!
//! ## Hint 1
//!
//! Leave the samples of weight 0 out first. Then sort. What changes when the cut moves past one more sample?
//!
//! ## Hint 2
//!
//! Keep the weights of the classes on the left and on the right. A sample that changes sides changes one number on each. Only where the next value is larger is there a cut to judge.
//!
//! ## Hint 3
//!
//! The weighted impurity of both sides is $`1 - \frac{1}{W} \left(\frac{\sum_c l_c^2}{l} + \frac{\sum_c r_c^2}{r}\right)`$ with the weights $`l`$ and $`r`$ of the sides and $`W`$ of all. The two fractions have to be
//! as large as possible; compare them up to $`10^{-12} W`$.
//!
//! ## Solution
//!
//! Sorting costs the most. After it each sample changes sides once, and a cut is judged from the counts of two sides. Judging every threshold from scratch takes the square of that time.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes, ten of them for samples of equal value.
//!
//! **Misconceptions.** That a cut may lie between two samples of one value if their classes differ: no threshold parts them. That the mean of the impurities of both sides judges a cut: a side of one sample is
//! always pure, and would cut off sample after sample.
//!
//! **Discussion.** Why is a threshold in the middle, when any other between the two values has the same impurity? What would a new sample between them say?

/// What the student starts from.
pub mod starter {
    /// The threshold of the best cut, if there is one. A sample is a value, a class and a weight.
    pub fn best_cut(samples: &[(f64, usize, u32)]) -> Option<f64> {
        todo!("sort, move one sample after the other to the left, judge each cut")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The threshold of the best cut, if there is one. A sample is a value, a class and a weight.
    pub fn best_cut(samples: &[(f64, usize, u32)]) -> Option<f64> {
        let mut sorted: Vec<_> = samples.iter().copied().filter(|s| is_there(s.2)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let classes = sorted.iter().map(|sample| sample.1 + 1).max().unwrap_or(0);
        let mut left = vec![0.0; classes];
        let mut right = vec![0.0; classes];
        for &(_, class, weight) in &sorted {
            right[class] += counted(weight);
        }
        let all: f64 = right.iter().sum();
        let mut best = (None, f64::NEG_INFINITY);
        for pair in sorted.windows(2) {
            let [(value, class, weight), (next, ..)] = [pair[0], pair[1]];
            left[class] += counted(weight);
            right[class] -= counted(weight);
            let score = score(&left, &right);
            if may_part(value, next) && better(score, best.1, all) {
                best = (Some(threshold(value, next)), score);
            }
        }
        best.0
    }

    /// Does a sample of this weight take part?
    pub fn is_there(weight: u32) -> bool {
        weight > 0
    }

    /// What a sample of this weight counts.
    pub fn counted(weight: u32) -> f64 {
        f64::from(weight)
    }

    /// Can a threshold part these neighbours?
    pub fn may_part(value: f64, next: f64) -> bool {
        value < next
    }

    /// How pure both sides are, weighted.
    pub fn score(left: &[f64], right: &[f64]) -> f64 {
        purity(left) + purity(right)
    }

    /// The sum of the squares, divided by the sum.
    pub fn purity(side: &[f64]) -> f64 {
        side.iter().map(|w| w * w).sum::<f64>() / side.iter().sum::<f64>()
    }

    /// Is a later cut better than the best so far?
    pub fn better(score: f64, best: f64, all: f64) -> bool {
        score > best + 1e-12 * all
    }

    /// The middle.
    pub fn threshold(value: f64, next: f64) -> f64 {
        value / 2.0 + next / 2.0
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<(f64, usize, u32)>;

    pub type Output = Option<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::best_cut(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("values that all differ", 6, |rng| {
            let n = rng.random_range(20..60);
            drawn(rng, n, 3, |rng| rng.random_range(-1.0..1.0))
        });
        cases.general("few values, many samples of each", 6, |rng| {
            let n = rng.random_range(30..90);
            drawn(rng, n, 4, |rng| f64::from(rng.random_range(0..8_u8)))
        });
        cases.edge("a sample that stands out at one end", 3, |rng| {
            // One sample of another class is first; the clean cut is in the middle.
            let n = rng.random_range(10..20);
            let mut all: Input =
                (1..=2 * n).map(|i| (f64::from(i), usize::from(i > n), 1)).collect();
            for _ in 0..2 {
                let at = rng.random_range(1..n) as usize;
                all[at].1 = 1;
            }
            all.insert(0, (0.0, 1, 1));
            all
        });
        cases.edge("heavy samples", 3, |rng| {
            let n = rng.random_range(15..30);
            let mut all = drawn(rng, n, 2, |rng| rng.random_range(0.0..9.0));
            for sample in all.iter_mut().step_by(5) {
                sample.2 = rng.random_range(20..60);
            }
            all
        });
        cases.edge("samples that were not drawn lie between the classes", 3, |rng| {
            let gap = rng.random_range(2.0..5.0);
            let mut all: Input = (0..8).map(|i| (f64::from(i) / 9.0, 0, 2)).collect();
            all.extend((0..8).map(|i| (gap + f64::from(i), 1, 1)));
            all.push((1.0 + rng.random_range(0.1..0.9), 1, 0));
            all
        });
        cases.edge("two cuts that are equally good", 2, |rng| {
            let start = rng.random_range(-5.0..5.0);
            vec![(start + 2.0, 0, 1), (start, 0, 1), (start + 1.0, 1, 1)]
        });
        let mut turn = 0;
        cases.edge("nothing to cut", 3, |rng| {
            turn += 1;
            let value = rng.random_range(0.0..1.0);
            match turn {
                1 => Vec::new(),
                2 => vec![(value, 0, 1), (value, 1, 2), (value, 1, 3)],
                _ => vec![(value, 0, 1), (value + 1.0, 1, 0)],
            }
        });
        cases.edge("100,000 samples", 1, |rng| {
            drawn(rng, 100_000, 3, |rng| rng.random_range(0.0..1.0))
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let say = |answer: &Output| answer.map_or("None".to_owned(), |t| format!("Some({t})"));
        let same = match (expected, found) {
            (None, None) => true,
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9,
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(format!("the threshold: expected {}, found {}", say(expected), say(found)))
    }

    /// Samples whose class depends on their value, with weights as a bootstrap draws them.
    fn drawn(
        rng: &mut Rng,
        n: usize,
        classes: usize,
        mut value: impl FnMut(&mut Rng) -> f64,
    ) -> Input {
        let mut sample = || {
            let value = value(rng);
            let told = if rng.random_bool(0.7) {
                usize::from(value > 0.5)
            } else {
                rng.random_range(0..classes)
            };
            (value, told, [0, 1, 1, 1, 2, 3][rng.random_range(0..6)])
        };
        (0..n).map(|_| sample()).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::best_cut;

    #[test]
    fn a_clean_cut() {
        // Two of class 0 up to 2, two of class 1 from 5 on: the middle is 3.5.
        let samples = [(5.0, 1, 1), (1.0, 0, 1), (2.0, 0, 1), (9.0, 1, 1)];
        assert_eq!(best_cut(&samples), Some(3.5));
    }

    #[test]
    fn a_heavy_sample_decides() {
        // Cut at 1.5: the left is pure; the right has 1 and 9. Cut at 2.5: the left has 1 and 1, the right is pure.
        // (1 + (1 + 81) / 10) / 11 = 0.836 and ((1 + 1) / 2 + 9) / 11 = 0.909.
        let samples = [(1.0, 0, 1), (2.0, 1, 1), (3.0, 0, 9)];
        assert_eq!(best_cut(&samples), Some(2.5));
    }

    #[test]
    fn who_was_not_drawn_is_not_there() {
        assert_eq!(best_cut(&[(1.0, 0, 1), (2.0, 1, 0), (5.0, 1, 2)]), Some(3.0));
        assert_eq!(best_cut(&[(1.0, 0, 1), (2.0, 1, 0)]), None);
    }

    #[test]
    fn equal_values_stay_together() {
        assert_eq!(best_cut(&[(1.0, 0, 1), (1.0, 1, 1)]), None);
        assert_eq!(best_cut(&[]), None);
    }
}

/// Takes the plain mean of the two sides.
///
/// # Feedback
///
/// You judge a cut by the two impurities alone, whatever their sides weigh. A side of one sample is pure, and so the best cut of that kind cuts off a single sample. Weight each side by its share.
pub mod mutant_weighs_both_sides_equally {
    pub use super::solution::*;

    /// The purity of both sides, each as if it were as heavy as the other.
    pub fn score(left: &[f64], right: &[f64]) -> f64 {
        purity(left) / left.iter().sum::<f64>() + purity(right) / right.iter().sum::<f64>()
    }
}

/// Counts every drawn sample once.
///
/// # Feedback
///
/// You count samples, not weights. A sample that the bootstrap drew three times has to count three times.
pub mod mutant_forgets_the_weights {
    pub use super::solution::*;

    /// Each sample that is there is one.
    pub fn counted(_: u32) -> f64 {
        1.0
    }
}

/// Keeps samples of weight 0 as neighbours of a cut.
///
/// # Feedback
///
/// Your threshold lies beside a sample of weight 0, which is not there. Leave such samples out before you look for neighbours.
pub mod mutant_cuts_beside_absent_samples {
    pub use super::solution::*;

    /// Every sample.
    pub fn is_there(_: u32) -> bool {
        true
    }
}

/// Parts samples of one value.
///
/// # Feedback
///
/// You cut between two samples of the same value. No threshold parts them: judge a cut only where the next value is larger.
pub mod mutant_parts_equal_values {
    pub use super::solution::*;

    /// Any neighbours.
    pub fn may_part(_: f64, _: f64) -> bool {
        true
    }
}

/// Takes the last of equally good cuts.
///
/// # Feedback
///
/// Of two cuts that are equally good you take the one with the larger threshold; the smaller is wanted.
pub mod mutant_takes_the_last_of_equals {
    pub use super::solution::*;

    /// At least as good.
    pub fn better(score: f64, best: f64, all: f64) -> bool {
        score > best - 1e-12 * all
    }
}

/// Takes the left value for the threshold.
///
/// # Feedback
///
/// Your threshold is the value on the left of the cut. It parts the samples at hand in the same way, but the middle is wanted, so that a new sample goes to the nearer side.
pub mod mutant_takes_the_left_value {
    pub use super::solution::*;

    /// The largest value on the left.
    pub fn threshold(value: f64, _: f64) -> f64 {
        value
    }
}
