//! # What would a coin have found?
//!
//! - points: 16
//! - minutes: 60
//! - difficulty: challenging
//! - section: interval
//!
//! Two rules were tested on the same patches, and the patches were cut from photographs. Patches of one photograph are alike, so they are not independent cases: only the photographs are. In photograph $`i`$ the first rule was right for $`a_i`$
//! patches and the second for $`b_i`$, a difference of $`d_i = a_i - b_i`$. Over all $`m`$ photographs the first rule is ahead by $`D = d_1 + \ldots + d_m`$. Could that be luck?
//!
//! Suppose that neither rule is better. Then it is as if a coin had been tossed for each photograph to decide which of the two rules is called the first: $`d_i`$ might as well have been $`-d_i`$, independently of the other photographs. There are
//! $`2^m`$ ways for the coins to fall, and all are equally likely. The *p-value* is the share of them that favour either rule at least as much as what was seen:
//!
//! ```math
//! \frac{1}{2^m} \, \bigl| \{\, s \in \{-1, 1\}^m : |s_1 d_1 + \ldots + s_m d_m| \ge |D| \,\} \bigr|
//! ```
//!
//! Write a function that gets the pairs $`(a_i, b_i)`$ and gives this number, exactly and not from a sample of the coins.
//!
//! - There are at most 1000 photographs, and the distances $`|d_i|`$ add up to at most 20,000.
//! - There may be no photographs, or only such as have $`d_i = 0`$. Then every way for the coins to fall is as extreme as what was seen, and the p-value is 1.
//! - The result may be as small as $`2^{-999}`$, which an `f64` can hold. It is compared up to a *relative* 1e-6.
//!
//! ## Hint 1
//!
//! For twenty photographs you could try all ways. For two hundred there are more than $`10^{60}`$, but how many different *sums* are there?
//!
//! ## Hint 2
//!
//! Keep, for every possible sum, the probability that the coins tossed so far have given it. What happens to this list when one more coin is tossed?
//!
//! ## Hint 3
//!
//! Half of the probability of each sum moves up by $`|d_i|`$ and half moves down. It is convenient to move the sums that go down not at all, and those that go up by $`2|d_i|`$, or by $`|d_i|`$ in units of two: then place $`j`$ of the list stands for
//! the sum $`2j - T`$, where $`T = |d_1| + \ldots + |d_m|`$. Write into a new list, or go through the old one from its end.
//!
//! ## Solution
//!
//! Many ways for the coins to fall give the same sum, and nothing but the sum matters. So the probabilities of $`T + 1`$ sums are kept instead of $`2^m`$ ways, and a toss costs $`T`$ steps. Only positive numbers are added, so no digits
//! cancel, and even the smallest probability is right to nearly all its digits.
//!
//! With one patch per photograph, each $`d_i`$ is 1, 0 or −1, the zeros do not matter, and this is McNemar's exact test.
//!
//! ## Notes
//!
//! **Time.** One hour. The list of sums is the idea, and it comes quickly to those who have filled a knapsack. The rest goes into the indices.
//!
//! **Misconceptions.** That each *patch* has a coin: that is the test for independent patches, and its p-values are too small. That only the sign of $`d_i`$ matters; that is the sign test, which is right about luck and blind to sizes. That a result
//! exactly as extreme as the one that was seen does not count.
//!
//! **Discussion.** What is the smallest p-value that five photographs can give, whatever the patches say? (1/16: with five photographs, nothing can be found at 5 per cent.) The block bootstrap of the chapter gives an interval and this a p-value; which of the two would you
//! print? How would you get an interval out of this test? (All shifts of $`d_i`$ that it does not reject.)

/// What the student starts from.
pub mod starter {
    /// How often coins would favour one of two rules as much, from what both have right in each photograph.
    pub fn flip_test(photographs: &[(u32, u32)]) -> f64 {
        let differences: Vec<i64> =
            photographs.iter().map(|&(a, b)| i64::from(a) - i64::from(b)).collect();
        todo!("the share of all ways for the coins to fall")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// How often coins would favour one of two rules as much, from what both have right in each photograph.
    pub fn flip_test(photographs: &[(u32, u32)]) -> f64 {
        let differences = differences(photographs);
        let seen = differences.iter().sum::<i64>();
        let start = vec![1.0];
        let chances = differences.iter().fold(start, |chances, d| toss(chances, d.unsigned_abs()));
        let total = chances.len() as i64 - 1;
        let sums = (0..).map(|place| 2 * place - total);
        let extreme = sums.zip(&chances).filter(|&(sum, _)| counts(sum, seen));
        extreme.map(|(_, chance)| chance).sum()
    }

    /// What the coins are tossed for.
    pub fn differences(photographs: &[(u32, u32)]) -> Vec<i64> {
        photographs.iter().map(|&(a, b)| i64::from(a) - i64::from(b)).collect()
    }

    /// The probabilities of all sums after one more coin: each stays, or moves up by `step` places.
    pub fn toss(chances: Vec<f64>, step: u64) -> Vec<f64> {
        let step = step as usize;
        let mut after = vec![0.0; chances.len() + step];
        for (place, chance) in chances.into_iter().enumerate() {
            after[place] += chance / 2.0;
            after[place + step] += chance / 2.0;
        }
        after
    }

    /// Is a sum as extreme as what was seen?
    pub fn counts(sum: i64, seen: i64) -> bool {
        sum.abs() >= seen.abs()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<(u32, u32)>;

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        super::solution::flip_test(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("twelve photographs with a few patches each", 6, |rng| {
            (0..12).map(|_| (rng.random_range(0..12), rng.random_range(0..9))).collect()
        });
        cases.general("two hundred photographs", 5, |rng| {
            let better = rng.random_range(0..6);
            (0..200).map(|_| (rng.random_range(0..40) + better, rng.random_range(0..40))).collect()
        });
        cases.edge("one patch a photograph", 4, |rng| {
            let n = rng.random_range(20..400);
            (0..n).map(|_| (rng.random_range(0..=1), rng.random_range(0..=1))).collect()
        });
        cases.edge("rules that are level over all", 2, |rng| {
            let pairs = rng.random_range(3..12);
            let half: Vec<(u32, u32)> =
                (0..pairs).map(|_| (rng.random_range(5..20), rng.random_range(0..5))).collect();
            half.iter().copied().chain(half.iter().map(|&(a, b)| (b, a))).collect()
        });
        cases.edge("one rule ahead in every photograph", 3, |rng| {
            let n = rng.random_range(10..900);
            let second = rng.random_bool(0.5);
            let pair = |ahead: u32| if second { (3, 3 + ahead) } else { (3 + ahead, 3) };
            (0..n).map(|_| pair(rng.random_range(1..=9))).collect()
        });
        cases.edge("a single photograph", 2, |rng| vec![(rng.random_range(5..9), 2)]);
        let mut none = false;
        cases.edge("no photographs, or none with a difference", 2, |rng| {
            none = !none;
            let n = rng.random_range(2..9);
            if none { Vec::new() } else { (0..n).map(|i| (i, i)).collect() }
        });
        cases.edge("a thousand photographs", 1, thousand);
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        if (found - expected).abs() <= 1e-6 * expected {
            return Ok(());
        }
        Err(format!("the p-value: expected {expected:.7e}, found {found:.7e}"))
    }

    fn thousand(rng: &mut Rng) -> Input {
        (0..1000).map(|_| (rng.random_range(0..20), rng.random_range(0..20))).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::flip_test;

    fn assert_p(photographs: &[(u32, u32)], expected: f64) {
        let found = flip_test(photographs);
        assert!((found / expected - 1.0).abs() < 1e-6, "expected {expected}, found {found}");
    }

    #[test]
    fn three_photographs() {
        // Differences 3, 1, −1, together 3. The sums are ±5, ±3, ±3, ±1: six of eight are as extreme.
        assert_p(&[(4, 1), (1, 0), (2, 3)], 6.0 / 8.0);
    }

    #[test]
    fn five_photographs_cannot_convince() {
        // Only all heads and all tails are as extreme as five wins, and they are two ways of 32.
        assert_p(&[(9, 2), (8, 0), (7, 1), (9, 5), (6, 0)], 2.0 / 32.0);
    }

    #[test]
    fn mcnemar_by_hand() {
        // One patch a photograph: the first rule alone is right four times, the second once, both twice. Of five coins, four or five on one
        // side: 2 (5 + 1) of 32.
        let mut photographs = vec![(1, 0); 4];
        photographs.extend([(0, 1), (1, 1), (1, 1)]);
        assert_p(&photographs, 12.0 / 32.0);
    }

    #[test]
    fn nothing_to_toss_for() {
        assert_p(&[], 1.0);
        assert_p(&[(3, 3), (0, 0)], 1.0);
    }

    #[test]
    fn many_photographs_and_few_ways() {
        assert_p(&[(2, 1); 600], 0.5_f64.powi(599));
    }
}

/// Counts only what favours the same rule as was seen.
///
/// # Feedback
///
/// Your p-value is one-sided: you count the ways that favour the rule which was ahead. Before the test nobody knew which of the two that would be. What favours the other rule as much is as extreme.
pub mod mutant_looks_at_one_side {
    pub use super::solution::*;

    /// On the same side, and as far out.
    pub fn counts(sum: i64, seen: i64) -> bool {
        sum >= seen.abs()
    }
}

/// Leaves out the ways that are exactly as extreme as what was seen.
///
/// # Feedback
///
/// You count only what is *more* extreme than what was seen. What was seen is itself one of the ways in which the coins can fall, so the p-value is never 0, and 1 where both rules are level.
pub mod mutant_leaves_out_what_was_seen {
    pub use super::solution::*;

    /// Further out.
    pub fn counts(sum: i64, seen: i64) -> bool {
        sum.abs() > seen.abs()
    }
}

/// Tosses a coin for each patch.
///
/// # Feedback
///
/// You toss a coin for every patch on which the rules differ. Patches of one photograph fall together: the coin decides about the photograph, and turns its whole difference. Your p-values are too small, because you count more
/// independent cases than there are.
pub mod mutant_tosses_for_every_patch {
    pub use super::solution::*;

    /// A difference of one for each patch.
    pub fn differences(photographs: &[(u32, u32)]) -> Vec<i64> {
        let patches = |&(a, b): &(u32, u32)| {
            let d = i64::from(a) - i64::from(b);
            vec![d.signum(); d.unsigned_abs() as usize]
        };
        photographs.iter().flat_map(patches).collect()
    }
}

/// Looks at the sign of each difference alone.
///
/// # Feedback
///
/// You count photographs won and lost. A photograph in which one rule is ahead by nine patches has then no more to say than one in which it is ahead by a single patch. The sums of the differences are to be compared, sizes included.
pub mod mutant_counts_photographs_won {
    pub use super::solution::*;

    /// Which rule was ahead.
    pub fn differences(photographs: &[(u32, u32)]) -> Vec<i64> {
        photographs.iter().map(|&(a, b)| (i64::from(a) - i64::from(b)).signum()).collect()
    }
}

/// Overwrites the list while it is read, from its beginning.
///
/// # Feedback
///
/// You toss the same coin several times: what has just moved up by $`|d_i|`$ is met again further on in the same list, and moves once more. Write into a new list, or begin at the end.
pub mod mutant_meets_its_own_writing {
    pub use super::solution::*;

    /// The list after one more coin, in place, from the front.
    pub fn toss(mut chances: Vec<f64>, step: u64) -> Vec<f64> {
        let before = chances.len();
        chances.resize(before + step as usize, 0.0);
        for place in 0..before {
            let half = chances[place] / 2.0;
            chances[place] = half;
            chances[place + step as usize] += half;
        }
        chances
    }
}
