//! # Right among the first five
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: metrics
//!
//! A shop does not need *one* name for a garment. It shows the customer the five likeliest, and is content if the right one is among them. The share of cases for which that is so is called top-5
//! accuracy; with $`m`$ names it is top-$`m`$ accuracy.
//!
//! A rule gives each class of a case a score, and a larger score is better. The list is filled with the classes of the largest scores until it has $`m`$ names. But what if scores are equal?
//! A rule that gives every class the same score knows nothing, and whoever writes `>=` at the wrong place finds that it is always right. So let chance decide: where classes with the same score do not all fit into
//! the list, those that get in are drawn among them, each with the same probability. A case then counts with the *probability* that its true class is in the list, and the accuracy is the mean over the cases.
//!
//! An example: the scores 7, 4, 4, 4, 1 and lists of two. A case of the first class counts 1, one of the second class counts $`\tfrac13`$, one of the last counts 0.
//!
//! Write a function that gets the scores of each case, the true class of each case and $`m`$, and gives the top-$`m`$ accuracy.
//!
//! - `scores` has one list for each case, and all are equally long; there is at least one class. `truth` has as many entries, each a place in that list.
//! - $`m`$ may be 0: then nothing is in the list. It may be as large as the number of classes, or larger: then everything is.
//! - A score may be infinite: $`-\infty`$ says that the rule excludes the class. Infinite scores are equal to each other if they have the same sign. No score is NaN.
//! - There may be no cases. Their accuracy is 0, as everywhere in this book.
//!
//! The result is compared up to 1e-9.
//!
//! ## Hint 1
//!
//! You need not sort. What do you have to know of the other scores in order to say whether a class is in the list for certain, by chance, or not at all?
//!
//! ## Hint 2
//!
//! Count the classes with a larger score than the true class, and those with the same score, the true class among them.
//!
//! ## Hint 3
//!
//! If $`a`$ classes are above and $`t`$ are equal, $`m - a`$ places are left for $`t`$ classes. A probability is not below 0 and not above 1: `clamp`.
//!
//! ## Solution
//!
//! Two counts decide. The subtraction may be negative and the ratio above 1, and both mean what they say: no place left, places enough. The formula needs no special case for an $`m`$ of 0 or for one that is too
//! large.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes. The code has ten lines; the time goes into ties.
//!
//! **Misconceptions.** That ties do not occur with floating-point scores: a vote among neighbours, a saturated softmax, a quantised network and `f16` scores are full of them. That `sort` decides ties
//! neutrally: a stable sort prefers the classes of low number, so a constant rule looks perfect on data sorted by class.
//!
//! **Discussion.** With this definition a rule that gives all classes the same score has the accuracy $`m / k`$ on $`k`$ classes: the baseline falls out of the measure. Which of the usual libraries breaks ties how, and
//! how would you find out with one call?

/// What the student starts from.
pub mod starter {
    /// The share of the cases whose true class is among the `m` of the largest scores, ties drawn by lot.
    pub fn top_k_accuracy(scores: &[Vec<f64>], truth: &[usize], m: usize) -> f64 {
        todo!("the mean of the probabilities that the true class is in the list")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The share of the cases whose true class is among the `m` of the largest scores, ties drawn by lot.
    pub fn top_k_accuracy(scores: &[Vec<f64>], truth: &[usize], m: usize) -> f64 {
        let cases = scores.iter().zip(truth);
        let sum: f64 = cases.map(|(scores, &class)| in_the_list(scores, class, m)).sum();
        mean(sum, truth.len())
    }

    /// The probability that a class is among the first `m`.
    pub fn in_the_list(scores: &[f64], class: usize, m: usize) -> f64 {
        let above = scores.iter().filter(|&&score| score > scores[class]).count();
        let equal = scores.iter().filter(|&&score| score == scores[class]).count();
        ((m as f64 - above as f64) / equal as f64).clamp(0.0, 1.0)
    }

    /// A sum over cases as a mean; 0 of none.
    pub fn mean(sum: f64, cases: usize) -> f64 {
        sum / cases.max(1) as f64
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub scores: Vec<Vec<f64>>,
        pub truth: Vec<usize>,
        pub m: usize,
    }

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        super::solution::top_k_accuracy(&input.scores, &input.truth, input.m)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("scores that all differ", 5, |rng| {
            let m = rng.random_range(2..5);
            draw(rng, 80, 9, m, |rng| rng.random_range(-1.0..1.0))
        });
        cases.general("votes, with many ties", 6, |rng| {
            let m = rng.random_range(2..5);
            draw(rng, 80, 9, m, |rng| f64::from(rng.random_range(0..5_u8)))
        });
        cases.edge("rule that gives every class the same score", 2, |rng| {
            let m = rng.random_range(2..4);
            draw(rng, 20, 6, m, |_| 0.25)
        });
        cases.edge("lists of one", 2, |rng| {
            draw(rng, 60, 4, 1, |rng| f64::from(rng.random_range(0..3_u8)))
        });
        let mut m = 4;
        cases.edge("lists for all classes, and longer ones", 2, |rng| {
            m += 1;
            draw(rng, 30, 5, m, |rng| f64::from(rng.random_range(0..3_u8)))
        });
        cases.edge("lists of none", 1, |rng| {
            draw(rng, 30, 5, 0, |rng| f64::from(rng.random_range(0..3_u8)))
        });
        cases.edge("excluded classes", 3, |rng| {
            let m = rng.random_range(3..6);
            draw(rng, 60, 8, m, |rng| {
                if rng.random_bool(0.7) { f64::NEG_INFINITY } else { rng.random_range(-9.0..0.0) }
            })
        });
        cases.edge("no cases", 1, |_| Input { scores: Vec::new(), truth: Vec::new(), m: 5 });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::number("the accuracy", *expected, *found, 1e-9)
    }

    fn draw(
        rng: &mut Rng,
        n: usize,
        classes: usize,
        m: usize,
        mut score: impl FnMut(&mut Rng) -> f64,
    ) -> Input {
        let mut scores = Vec::new();
        let mut truth = Vec::new();
        for _ in 0..n {
            scores.push((0..classes).map(|_| score(rng)).collect());
            truth.push(rng.random_range(0..classes));
        }
        Input { scores, truth, m }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::top_k_accuracy;

    fn assert_accuracy(scores: &[Vec<f64>], truth: &[usize], m: usize, expected: f64) {
        let found = top_k_accuracy(scores, truth, m);
        assert!((found - expected).abs() < 1e-9, "expected {expected}, found {found}");
    }

    #[test]
    fn two_of_three_cases() {
        // First: 0.5 and 0.3 are in the list, and 0.3 is the truth. Second: 0.1 is not. Third: the largest.
        let scores = [vec![0.3, 0.5, 0.2], vec![0.4, 0.1, 0.5], vec![0.9, 0.0, 0.1]];
        assert_accuracy(&scores, &[0, 1, 0], 2, 2.0 / 3.0);
    }

    #[test]
    fn three_classes_for_one_place() {
        // The example of the statement, a case of each class: 1 + 1/3 + 1/3 + 1/3 + 0 of 5.
        let scores = vec![vec![7.0, 4.0, 4.0, 4.0, 1.0]; 5];
        assert_accuracy(&scores, &[0, 1, 2, 3, 4], 2, 2.0 / 5.0);
    }

    #[test]
    fn who_knows_nothing_is_right_by_chance() {
        // Three of four places, for four equal classes.
        assert_accuracy(&[vec![1.0; 4]], &[2], 3, 0.75);
    }

    #[test]
    fn long_lists_and_no_cases() {
        assert_accuracy(&[vec![2.0, 2.0, 1.0]], &[2], 100, 1.0);
        assert_accuracy(&[], &[], 5, 0.0);
    }
}

/// Counts a case as right if fewer than `m` classes are above its own.
///
/// # Feedback
///
/// You decide every tie for the rule: whoever gives all classes the same score is always right. Equal classes have to share the places that are left.
pub mod mutant_decides_ties_for_the_rule {
    pub use super::solution::*;

    /// 1 if fewer than `m` are above.
    pub fn in_the_list(scores: &[f64], class: usize, m: usize) -> f64 {
        let above = scores.iter().filter(|&&score| score > scores[class]).count();
        if above < m { 1.0 } else { 0.0 }
    }
}

/// Counts a case as right only if all classes of the same score fit into the list.
///
/// # Feedback
///
/// You decide every tie against the rule. Where three classes compete for two places, each of them gets one in two cases of three.
pub mod mutant_decides_ties_against_the_rule {
    pub use super::solution::*;

    /// 1 if all that are equal fit in.
    pub fn in_the_list(scores: &[f64], class: usize, m: usize) -> f64 {
        let at_least = scores.iter().filter(|&&score| score >= scores[class]).count();
        if at_least <= m { 1.0 } else { 0.0 }
    }
}

/// Sorts the classes and takes the first `m`, so that ties fall to the classes of low number.
///
/// # Feedback
///
/// Your ties are decided by the place that a class has in the list of scores, because a stable sort leaves equal ones as they were. Which class has a low number is nobody's merit. Count, and
/// you need not sort.
pub mod mutant_sorts {
    pub use super::solution::*;

    /// 1 if the class is among the first `m` after a stable sort.
    pub fn in_the_list(scores: &[f64], class: usize, m: usize) -> f64 {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        if order.iter().take(m).any(|&place| place == class) { 1.0 } else { 0.0 }
    }
}

/// Counts one half wherever a tie crosses the end of the list.
///
/// # Feedback
///
/// You count a tie that does not fit in as one half. That is right for two classes that compete for one place. For three, or for two places, the probability is another: places that are left,
/// divided by the classes that compete.
pub mod mutant_halves_every_tie {
    pub use super::solution::*;

    /// 1, one half or 0.
    pub fn in_the_list(scores: &[f64], class: usize, m: usize) -> f64 {
        let above = scores.iter().filter(|&&score| score > scores[class]).count();
        let equal = scores.iter().filter(|&&score| score == scores[class]).count();
        match (above < m, above + equal <= m) {
            (true, true) => 1.0,
            (true, false) => 0.5,
            (false, _) => 0.0,
        }
    }
}

/// Divides by zero where there are no cases.
///
/// # Feedback
///
/// Without cases your accuracy is NaN, and whatever is computed from it will be NaN, too. The statement says what it has to be.
pub mod mutant_divides_by_no_cases {
    pub use super::solution::*;

    /// The sum, divided by the cases.
    pub fn mean(sum: f64, cases: usize) -> f64 {
        sum / cases as f64
    }
}
