//! # A curve that may bend
//!
//! - points: 12
//! - minutes: 45
//! - difficulty: medium
//! - section: calibration
//!
//! One temperature turns the whole reliability curve and cannot bend it. What if any shape were allowed, as long as a case of greater confidence never gets a smaller probability? Then nothing has to be chosen, neither a formula nor a
//! number of bins.
//!
//! You get validation cases, each with the rule's confidence $`q_i`$ and whether its answer was right: $`r_i = 1`$ if it was and 0 if not. Find the probabilities $`g_i`$ that make
//!
//! ```math
//! \sum_{i=1}^{n} (g_i - r_i)^2
//! ```
//!
//! smallest, if cases are only allowed
//!
//! - $`g_i \le g_j`$ where $`q_i < q_j`$, and
//! - $`g_i = g_j`$ where $`q_i = q_j`$.
//!
//! There is one solution. It is called the *isotonic regression* of $`r`$ on $`q`$. Write a function that gives $`g_1, \ldots, g_n`$ in the order in which the cases are given.
//!
//! - The confidences lie between 0 and 1, ends included. They come in any order, and many may be equal.
//! - There may be no cases.
//! - There may be 100,000 cases. Sorting them is quick enough, and a number of steps that grows with $`n^2`$ is not.
//!
//! The probabilities are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Sort the cases by confidence. If the shares of right answers rise from one confidence to the next, they are the solution. What is to be done with two neighbours whose shares fall?
//!
//! ## Hint 2
//!
//! Two neighbours that fall get one probability in common: the share of right answers of both together. Think of the cases as blocks, each with its number of cases and of right ones.
//!
//! ## Hint 3
//!
//! Keep a stack of blocks whose shares rise. Push the cases of the next confidence as one block. As long as the block below has a larger share than the one on top, make one of the two: the new one may be smaller than
//! the block that is now below it, so look again.
//!
//! ## Solution
//!
//! This is the algorithm of pool adjacent violators. Every confidence is pushed once and every block is merged into another at most once, so that after sorting the work grows with $`n`$. Shares are never averaged: a block keeps counts, and counts
//! add up.
//!
//! ## Notes
//!
//! **Time.** Forty-five minutes. The stack is found quickly by those who have seen the convex hull of sorted points; others rescan from the start after each merger, which is right and too slow.
//!
//! **Misconceptions.** That one look back is enough. That the mean of two shares is the share of both. That it is enough to never let the curve fall: the running maximum does not fall either, and lies far too high, as one
//! lucky case at the left lifts everything to its right.
//!
//! **Discussion.** On the cases it was fitted on, the result is calibrated without any error: among all cases with the same $`g`$, the share that was right is $`g`$. What does that say of new cases? (Nothing; with few cases it
//! fits the luck. Compare with one temperature by a learning curve.) Does accuracy change? (Not the answers. But several cases now have the same confidence, so their order is lost.)

/// What the student starts from.
pub mod starter {
    /// The calibrated probability of each case, from its confidence and whether it was right.
    pub fn isotonic_calibration(cases: &[(f64, bool)]) -> Vec<f64> {
        // The places of the cases, in ascending order of confidence.
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by(|&a, &b| cases[a].0.total_cmp(&cases[b].0));
        todo!("blocks whose shares rise, and the share of its block for each case")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// Cases that get the same probability.
    pub struct Block {
        pub cases: usize,
        pub right: f64,
    }

    impl Block {
        /// The share of the cases that is right.
        pub fn share(&self) -> f64 {
            self.right / self.cases as f64
        }
    }

    /// The calibrated probability of each case, from its confidence and whether it was right.
    pub fn isotonic_calibration(cases: &[(f64, bool)]) -> Vec<f64> {
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by(|&a, &b| cases[a].0.total_cmp(&cases[b].0));
        let mut blocks: Vec<Block> = Vec::new();
        for tied in order.chunk_by(|&a, &b| together(cases[a].0, cases[b].0)) {
            let right = tied.iter().filter(|&&case| cases[case].1).count() as f64;
            blocks.push(Block { cases: tied.len(), right });
            pool(&mut blocks);
        }
        let shares = blocks.iter().flat_map(|block| vec![block.share(); block.cases]);
        in_order_of_cases(&order, shares)
    }

    /// Must two cases with these confidences get the same probability?
    pub fn together(q: f64, next: f64) -> bool {
        q == next
    }

    /// Merges the last blocks until their shares rise.
    pub fn pool(blocks: &mut Vec<Block>) {
        while let [.., below, top] = &blocks[..]
            && below.share() > top.share()
        {
            let joint = Block { cases: below.cases + top.cases, right: below.right + top.right };
            blocks.truncate(blocks.len() - 2);
            blocks.push(joint);
        }
    }

    /// Sorted values, put back where their cases are.
    pub fn in_order_of_cases(order: &[usize], sorted: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut values = vec![0.0; order.len()];
        order.iter().zip(sorted).for_each(|(&case, value)| values[case] = value);
        values
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<(f64, bool)>;

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::isotonic_calibration(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("rule that is too sure, no confidence twice", 6, |rng| {
            let n = rng.random_range(40..90);
            drawn(rng, n, |q| q * q)
        });
        cases.general("confidences in steps of five per cent", 6, |rng| {
            let n = rng.random_range(60..120);
            let mut step = || f64::from(rng.random_range(0..=20_u8)) / 20.0;
            let confidences: Vec<f64> = (0..n).map(|_| step()).collect();
            confidences.into_iter().map(|q| (q, rng.random_bool(0.2 + q / 2.0))).collect()
        });
        cases.edge("the more confident, the worse", 2, |rng| {
            let n = rng.random_range(5..30);
            let first = rng.random_range(1..n);
            (0..n).map(|i| (f64::from(i) / 30.0, i < first)).rev().collect()
        });
        cases.edge("no pair that falls", 2, |rng| {
            let n = rng.random_range(5..30);
            let wrong = rng.random_range(1..n);
            let mut cases: Input = (0..n).map(|i| (f64::from(i) / 29.0, i >= wrong)).collect();
            cases.rotate_left(3);
            cases
        });
        cases.edge("the same confidence for every case", 2, |rng| {
            let q = [0.0, 0.5, 1.0][rng.random_range(0..3)];
            let n = rng.random_range(6..30);
            (0..n).map(|i| (q, i % 3 == 0)).collect()
        });
        let mut none = false;
        cases.edge("one case, and none", 2, |rng| {
            none = !none;
            if none { Vec::new() } else { vec![(rng.random(), rng.random())] }
        });
        cases.edge("100,000 cases", 2, |rng| {
            drawn(rng, 100_000, |q| if q < 0.5 { 0.0 } else { 0.9 - 0.8 * q })
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("probabilities, one for each case", expected, found)?;
        compare::each(expected, found, 1e-9, |case| {
            format!("the probability of a case with confidence {:.4}", input[case].0)
        })
    }

    /// Cases that are right with a probability that depends on their confidence.
    fn drawn(rng: &mut Rng, n: usize, right: impl Fn(f64) -> f64) -> Input {
        let mut case = || {
            let q = rng.random();
            (q, rng.random_bool(right(q)))
        };
        (0..n).map(|_| case()).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::isotonic_calibration;

    fn assert_probabilities(cases: &[(f64, bool)], expected: &[f64]) {
        let found = isotonic_calibration(cases);
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
        let same = found.len() == expected.len() && found.iter().zip(expected).all(near);
        assert!(same, "expected {expected:?}, found {found:?}");
    }

    #[test]
    fn one_pair_that_falls() {
        // Wrong at 0.1, right at 0.3, wrong at 0.5, right at 0.9: the two in the middle get 1/2.
        let cases = [(0.1, false), (0.3, true), (0.5, false), (0.9, true)];
        assert_probabilities(&cases, &[0.0, 0.5, 0.5, 1.0]);
    }

    #[test]
    fn the_order_of_the_cases_is_kept() {
        let cases = [(0.9, true), (0.5, false), (0.1, false), (0.3, true)];
        assert_probabilities(&cases, &[1.0, 0.5, 0.0, 0.5]);
    }

    #[test]
    fn a_merged_block_may_have_to_merge_again() {
        // 1, then 1 and 0: the last two become 1/2, which is less than the first 1. All three become 2/3. Twice wrong: 2/5.
        let right_first = [(0.1, true), (0.2, true), (0.3, false), (0.4, false), (0.5, false)];
        assert_probabilities(&right_first, &[0.4; 5]);
    }

    #[test]
    fn equal_confidences_get_equal_probabilities() {
        // At 0.5 two of three are right, at 0.2 one of one: together 3 of 4. At 0.8, one of one.
        let cases = [(0.5, false), (0.2, true), (0.5, true), (0.8, true), (0.5, true)];
        assert_probabilities(&cases, &[0.75, 0.75, 0.75, 1.0, 0.75]);
    }

    #[test]
    fn no_cases() {
        assert_probabilities(&[], &[]);
    }
}

/// Looks back once after each new block.
///
/// # Feedback
///
/// Your probabilities fall in some places. When two blocks become one, its share is smaller than that of the block which was below, so it may now be too small for the block before that. Look again until nothing falls.
pub mod mutant_looks_back_once {
    pub use super::solution::*;

    /// Merges the last two blocks if their shares fall.
    pub fn pool(blocks: &mut Vec<Block>) {
        if let [.., below, top] = &blocks[..]
            && below.share() > top.share()
        {
            let joint = Block { cases: below.cases + top.cases, right: below.right + top.right };
            blocks.truncate(blocks.len() - 2);
            blocks.push(joint);
        }
    }
}

/// Lifts what falls to the largest share so far.
///
/// # Feedback
///
/// Your probabilities never fall, and they are too large: you lift a share to the largest one before it. The one before it may have been luck. Both have to give way, to the share of both together.
pub mod mutant_takes_the_running_maximum {
    pub use super::solution::*;

    /// Gives the last block the share of the one below, if that is larger.
    pub fn pool(blocks: &mut [Block]) {
        if let [.., below, top] = blocks {
            top.right = top.right.max(below.share() * top.cases as f64);
        }
    }
}

/// Takes the mean of two shares when blocks are merged, whatever their sizes.
///
/// # Feedback
///
/// You take the mean of two shares, as if both blocks were of one size. A block of fifty cases weighs more than a block of one: count cases and right answers.
pub mod mutant_averages_the_shares {
    pub use super::solution::*;

    /// Merges the last blocks until their shares rise, each with the same weight.
    pub fn pool(blocks: &mut Vec<Block>) {
        while let [.., below, top] = &blocks[..]
            && below.share() > top.share()
        {
            let cases = below.cases + top.cases;
            let right = (below.share() + top.share()) / 2.0 * cases as f64;
            blocks.truncate(blocks.len() - 2);
            blocks.push(Block { cases, right });
        }
    }
}

/// Treats cases of the same confidence one by one.
///
/// # Feedback
///
/// Cases of the same confidence get different probabilities, which depend on the order in which the cases came. Whoever applies the curve sees the confidence alone, so there can be but one answer for
/// each. Begin with one block for each *confidence*.
pub mod mutant_separates_ties {
    pub use super::solution::*;

    /// Every case is for itself.
    pub fn together(_: f64, _: f64) -> bool {
        false
    }
}

/// Gives the probabilities in ascending order.
///
/// # Feedback
///
/// Your probabilities are right, and stand in ascending order of confidence. They are wanted in the order in which the cases came: remember where each was before you sorted.
pub mod mutant_answers_in_sorted_order {
    pub use super::solution::*;

    /// Sorted values, left sorted.
    pub fn in_order_of_cases(_: &[usize], sorted: impl Iterator<Item = f64>) -> Vec<f64> {
        sorted.collect()
    }
}
