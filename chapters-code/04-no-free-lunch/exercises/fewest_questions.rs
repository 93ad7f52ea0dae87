//! # The fewest questions
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: prior
//!
//! The page on priors measures a target by the leaves of its smallest decision tree. Somebody who pays for each question counts otherwise: how many questions must be asked of an input at worst, if the tree is the best that there is?
//!
//! A target of $`n`$ bits is a number whose bit number $`i`$ is the label of input $`i`$; the inputs are the numbers from 0 to $`2^n - 1`$. A question asks for one binary digit of the input. Write a function that gets $`n`$, from 0 to 4, and a
//! target, and gives the number of questions that the best tree asks at worst.
//!
//! - A target that says the same of every input asks nothing.
//! - Which digit is asked may depend on the answers so far.
//!
//! ## Hint 1
//!
//! After one question two smaller targets are left, of $`n - 1`$ bits each. What are their labels, in which order?
//!
//! ## Hint 2
//!
//! The worst input lies in the worse half. The best tree asks the digit whose worse half is best.
//!
//! ## Hint 3
//!
//! To get the half in which digit `d` is `v`, go through the inputs in order, keep those with that digit, and write their labels to the bits 0, 1, 2 and so on.
//!
//! ## Solution
//!
//! A constant needs no question. Anything else tries each digit, cuts the target in two, and asks the same of both halves. With four bits that is at most $`4 \cdot 2 \cdot 3 \cdot 2 \cdot 2 \cdot 2 \cdot 1 \cdot 2 = 384`$ targets of no bits at the end.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes, most of them for the two halves.
//!
//! **Misconceptions.** That the digit that looks best at once, because its halves are purest, is the best. That all paths ask the same digits: the tree of "if x₁ then x₂ else x₃" has two questions on each path, and three digits.
//!
//! **Discussion.** Most targets of four bits ask four questions at worst, and few have sixteen leaves. Which of the two counts would you rather have in a prior, and why?

/// What the student starts from.
pub mod starter {
    /// The questions that the best tree for `target` asks at worst.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        todo!("nothing for a constant; else one, and the worse half of the best digit")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The questions that the best tree for `target` asks at worst.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        if is_constant(bits, target) {
            return 0;
        }
        digits(bits, target)
            .into_iter()
            .map(|digit| [0, 1].map(|value| half(bits, target, digit, value)))
            .map(|halves| halves.map(|half| fewest_questions(bits - 1, half)))
            .map(|[a, b]| 1 + a.max(b))
            .min()
            .unwrap_or(0)
    }

    /// Are all labels the same?
    pub fn is_constant(bits: u32, target: u32) -> bool {
        let ones = target.count_ones();
        ones == 0 || ones == 1 << bits
    }

    /// The digits that may be asked.
    pub fn digits(bits: u32, _target: u32) -> Vec<u32> {
        (0..bits).collect()
    }

    /// The labels of the inputs whose digit is `value`, in order.
    pub fn half(bits: u32, target: u32, digit: u32, value: u32) -> u32 {
        let inputs = (0..1_u32 << bits).filter(|input| input >> digit & 1 == value);
        inputs.zip(0..).fold(0, |half, (input, to)| half | (target >> input & 1) << to)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub bits: u32,
        pub targets: Vec<u32>,
    }

    pub type Output = Vec<u32>;

    pub fn call(input: &Input) -> Output {
        let of = |target: &u32| super::solution::fewest_questions(input.bits, *target);
        input.targets.iter().map(of).collect()
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("targets of four bits", 4, |rng| drawn(4, 30, rng));
        cases.general("targets of three bits", 3, |rng| drawn(3, 40, rng));
        cases.edge("targets of four bits that ask few questions", 3, |rng| {
            let targets = (0..30).map(|_| grown(4, 2, rng)).collect();
            Input { bits: 4, targets }
        });
        cases
            .edge("every target of two bits", 1, |_| Input { bits: 2, targets: (0..16).collect() });
        cases.edge("constants", 1, |_| Input { bits: 4, targets: vec![0, 0xffff] });
        cases.edge("no bits", 1, |_| Input { bits: 0, targets: vec![0, 1] });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("answers", expected, found)?;
        for ((target, expected), found) in input.targets.iter().zip(expected).zip(found) {
            let what = format!("the questions for target {target:b} of {} bits", input.bits);
            compare::equal(&what, expected, found)?;
        }
        Ok(())
    }

    fn drawn(bits: u32, n: usize, rng: &mut Rng) -> Input {
        let most = (1_u64 << (1 << bits)) as u32;
        Input { bits, targets: (0..n).map(|_| rng.random_range(0..most)).collect() }
    }

    /// A target that some tree of this depth computes.
    fn grown(bits: u32, depth: u32, rng: &mut Rng) -> u32 {
        let all = u32::MAX >> (32 - (1 << bits));
        if depth == 0 {
            return if rng.random_bool(0.5) { all } else { 0 };
        }
        let digit = rng.random_range(0..bits);
        let ones = (0..1_u32 << bits).filter(|i| i >> digit & 1 == 1).fold(0, |t, i| t | 1 << i);
        grown(bits, depth - 1, rng) & ones | grown(bits, depth - 1, rng) & all & !ones
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::fewest_questions;

    #[test]
    fn a_constant_asks_nothing() {
        assert_eq!([fewest_questions(3, 0), fewest_questions(3, 0xff)], [0, 0]);
        assert_eq!([fewest_questions(0, 0), fewest_questions(0, 1)], [0, 0]);
    }

    #[test]
    fn a_digit_asks_one() {
        // The inputs 2, 3, 6 and 7 have a 1 in the middle digit.
        assert_eq!(fewest_questions(3, 0b1100_1100), 1);
    }

    #[test]
    fn an_odd_number_of_ones_asks_for_all() {
        assert_eq!(fewest_questions(2, 0b0110), 2);
        assert_eq!(fewest_questions(3, 0b1001_0110), 3);
    }

    #[test]
    fn the_second_question_may_depend_on_the_first() {
        // The first digit is 0: the last digit, labels 0, 1, 0, 1. It is 1: the middle digit, labels 0, 0, 1, 1.
        assert_eq!(fewest_questions(3, 0b1100_1010), 2);
    }
}

/// Adds up both halves.
///
/// # Feedback
///
/// You add the questions of both halves. An input goes into one half only, so the worse of the two counts.
pub mod mutant_adds_both_halves {
    pub use super::solution::*;

    /// The questions of all inputs together.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        if is_constant(bits, target) {
            return 0;
        }
        digits(bits, target)
            .into_iter()
            .map(|digit| [0, 1].map(|value| half(bits, target, digit, value)))
            .map(|halves| halves.map(|half| fewest_questions(bits - 1, half)))
            .map(|[a, b]| 1 + a + b)
            .min()
            .unwrap_or(0)
    }
}

/// Takes the better half.
///
/// # Feedback
///
/// You count the half with fewer questions. At worst an input lies in the other one.
pub mod mutant_hopes_for_the_better_half {
    pub use super::solution::*;

    /// The questions of the luckiest input.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        if is_constant(bits, target) {
            return 0;
        }
        digits(bits, target)
            .into_iter()
            .map(|digit| [0, 1].map(|value| half(bits, target, digit, value)))
            .map(|halves| halves.map(|half| fewest_questions(bits - 1, half)))
            .map(|[a, b]| 1 + a.min(b))
            .min()
            .unwrap_or(0)
    }
}

/// Asks the digits in their order.
///
/// # Feedback
///
/// You ask the last digit first, whatever the target is. The best tree may begin with another digit: try all of them.
pub mod mutant_asks_in_order {
    pub use super::solution::*;

    /// The questions of a tree that begins with the last digit.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        if is_constant(bits, target) {
            return 0;
        }
        let halves = [0, 1].map(|value| half(bits, target, 0, value));
        let [a, b] = halves.map(|half| fewest_questions(bits - 1, half));
        1 + a.max(b)
    }
}

/// Knows only one of the constants.
///
/// # Feedback
///
/// A target that says 1 of every input is a constant, too. It asks nothing, and so does a half that is all ones.
pub mod mutant_knows_one_constant {
    pub use super::solution::*;

    /// The questions where ones are asked until the end.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        if target == 0 || bits == 0 {
            return 0;
        }
        digits(bits, target)
            .into_iter()
            .map(|digit| [0, 1].map(|value| half(bits, target, digit, value)))
            .map(|halves| halves.map(|half| fewest_questions(bits - 1, half)))
            .map(|[a, b]| 1 + a.max(b))
            .min()
            .unwrap_or(0)
    }
}

/// Counts the digits that matter.
///
/// # Feedback
///
/// You count the digits on which the target depends at all. A tree may ask for some of them on one path and for others on another, so fewer questions can be enough.
pub mod mutant_counts_the_digits_that_matter {
    pub use super::solution::*;

    /// The digits whose two halves differ.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        let matters = |digit: &u32| half(bits, target, *digit, 0) != half(bits, target, *digit, 1);
        digits(bits, target).iter().filter(|digit| matters(digit)).count() as u32
    }
}

/// Asks the digit first whose halves are purest.
///
/// # Feedback
///
/// You ask the digit that leaves the fewest labels on the smaller side, and never look back. The purest halves now need not be the quickest tree: try every digit to the end.
pub mod mutant_is_greedy {
    pub use super::solution::*;

    /// The questions of a tree that takes the purest halves.
    pub fn fewest_questions(bits: u32, target: u32) -> u32 {
        if is_constant(bits, target) {
            return 0;
        }
        let rare = |digit: u32, value: u32| {
            let ones = half(bits, target, digit, value).count_ones();
            ones.min((1 << (bits - 1)) - ones)
        };
        let best = (0..bits).min_by_key(|digit| rare(*digit, 0) + rare(*digit, 1)).unwrap_or(0);
        let halves = [0, 1].map(|value| half(bits, target, best, value));
        let [a, b] = halves.map(|half| fewest_questions(bits - 1, half));
        1 + a.max(b)
    }
}
