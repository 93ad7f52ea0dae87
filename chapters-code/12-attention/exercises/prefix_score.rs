//! # Does this head look for what came next?
//!
//! - points: 6
//! - minutes: 25
//! - difficulty: medium
//! - section: attention-induction
//!
//! A trained transformer has hundreds of heads, and you want to know which of them copy. So you give it a sequence, read the map of each head, and measure how much it looks where a copying head would look.
//!
//! The map is $`P`$, $`(T, T)`$: row $`i`$ has the weights that the token at place $`i`$ gives to the places $`0`$ to $`T - 1`$. The sequence is a list of $`T`$ numbers of words. For place $`i`$ look for the places $`j \le i`$ whose *previous* word, at $`j - 1`$, is the word at $`i`$. A copying head looks there. The **prefix score** of place $`i`$ is the sum of the weights of these places, and that of the map is the mean over all places that have at least one.
//!
//! Write a function that gives the prefix score of a map.
//!
//! - The weights of a row need not add up to one, and a row may have weights behind its own place. Those do not count.
//! - If no place has an earlier occurrence, the score is 0.
//! - Results are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Take the sequence 7, 3, 7 by hand. Which places have an earlier occurrence of their word, and where would a copying head look from there?
//!
//! ## Hint 2
//!
//! The place that counts is not that of the earlier occurrence but the one after it. From place 2 in 7, 3, 7 that is place 1.
//!
//! ## Hint 3
//!
//! For each $`i`$ run $`j`$ from 1 to $`i`$, and compare the word at $`j - 1`$ with that at $`i`$. Sum the weights of those that agree, and count $`i`$ if there was one. Divide the sum of all by the count.
//!
//! ## Solution
//!
//! Where a word came twice before, both places after it count. If their next words differ, the head cannot know which of them comes now, and to look at both is the best it can do. That the previous word of $`j`$ may stand at $`i - 1`$ and never at $`i`$ follows from $`j \le i`$. With $`j = i`$ a word follows itself, as in 3, 3.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes, most of them for which place is meant.
//!
//! **Misconceptions.** That the earlier occurrence itself is looked at: that is a head that finds the same word again, and it cannot copy what came next. That places without an earlier occurrence count as 0: then the score says how often words repeat, and not where the head looks.
//!
//! **Discussion.** A head looks at all places evenly. What is its score on a sequence of two equal halves? How would you choose the sequence so that chance scores little?

/// What the student starts from.
pub mod starter {
    /// The mean weight on the places after earlier occurrences.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        todo!("which places follow an earlier occurrence?")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The mean weight on the places after earlier occurrences.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        mean((0..words.len()).filter_map(|i| of_place(&map[i], words, i, after)))
    }

    /// Is `j` a place after an earlier occurrence of the word at `i`?
    pub fn after(words: &[usize], i: usize, j: usize) -> bool {
        (1..=i).contains(&j) && words[j - 1] == words[i]
    }

    /// The sum of the weights that count, or nothing where none does.
    pub fn of_place(
        row: &[f64],
        words: &[usize],
        i: usize,
        counts: fn(&[usize], usize, usize) -> bool,
    ) -> Option<f64> {
        let places: Vec<usize> = (0..words.len()).filter(|&j| counts(words, i, j)).collect();
        (!places.is_empty()).then(|| places.iter().map(|&j| row[j]).sum())
    }

    /// The mean, or 0 of nothing.
    pub fn mean(scores: impl Iterator<Item = f64>) -> f64 {
        let (sum, count) = scores.fold((0.0, 0), |(sum, count), score| (sum + score, count + 1));
        if count > 0 { sum / f64::from(count) } else { 0.0 }
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub map: Vec<Vec<f64>>,
        pub words: Vec<usize>,
    }

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        super::solution::prefix_score(&input.map, &input.words)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("two equal halves", 5, |rng| {
            let half: Vec<usize> = (0..4).map(|i| 10 * i + rng.random_range(0..10)).collect();
            of(half.iter().chain(&half).copied().collect(), rng)
        });
        cases.general("words of a small vocabulary", 5, |rng| {
            let words = (0..9).map(|_| rng.random_range(0..4)).collect();
            of(words, rng)
        });
        cases.general("few words come again", 4, |rng| {
            let mut words: Vec<usize> = (0..8).collect();
            words[6] = rng.random_range(0..5);
            of(words, rng)
        });
        cases.edge("all different", 2, |rng| of((0..5).collect(), rng));
        cases.edge("the same word throughout", 2, |rng| of(vec![3; 5], rng));
        cases.edge("one word", 2, |rng| of(vec![1], rng));
        cases.edge("no word", 1, |_| Input { map: Vec::new(), words: Vec::new() });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected - found).abs() <= 1e-9 {
            true => Ok(()),
            false => Err(format!("the score is {expected}, and you say {found}")),
        }
    }

    /// Any weights, behind the place, too.
    fn of(words: Vec<usize>, rng: &mut Rng) -> Input {
        let n = words.len();
        let map = (0..n).map(|_| (0..n).map(|_| rng.random_range(0.0..1.0)).collect()).collect();
        Input { map, words }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::prefix_score;

    #[test]
    fn a_head_that_copies() {
        // 7, 3, 7: only the last has an earlier occurrence, and looks at the 3.
        let map = [vec![1.0, 0.0, 0.0], vec![1.0, 0.0, 0.0], vec![0.1, 0.8, 0.1]];
        assert!((prefix_score(&map, &[7, 3, 7]) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn a_word_that_follows_itself() {
        let map = [vec![1.0, 0.0], vec![0.25, 0.75]];
        assert!((prefix_score(&map, &[3, 3]) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn nothing_comes_again() {
        let map = [vec![1.0, 0.0], vec![0.5, 0.5]];
        assert_eq!(prefix_score(&map, &[1, 2]), 0.0);
    }
}

/// Looks at the earlier occurrence itself.
///
/// # Feedback
///
/// You sum the weights on the places where the word itself stood. A copying head looks one place further, at what came *next*.
pub mod mutant_looks_at_the_occurrence {
    pub use super::solution::*;

    /// The score.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        let same = |words: &[usize], i: usize, j: usize| j < i && words[j] == words[i];
        mean((0..words.len()).filter_map(|i| of_place(&map[i], words, i, same)))
    }
}

/// Counts places that have nothing to find.
///
/// # Feedback
///
/// You divide by the number of all places. Those whose word has not been there before have nowhere to look, and do not count.
pub mod mutant_counts_every_place {
    pub use super::solution::*;

    /// The score.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        mean((0..words.len()).map(|i| of_place(&map[i], words, i, after).unwrap_or(0.0)))
    }
}

/// Takes the last occurrence alone.
///
/// # Feedback
///
/// You take one earlier occurrence and leave the others out. Where the word came several times before, the weights of all places after it are summed.
pub mod mutant_takes_the_last_only {
    pub use super::solution::*;

    /// The score.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        let last = |i: usize| (1..=i).rev().find(|&j| after(words, i, j)).map(|j| map[i][j]);
        mean((0..words.len()).filter_map(last))
    }
}

/// Averages where it should sum.
///
/// # Feedback
///
/// Where a word came several times before, you take the mean of the weights. A head that looks at two such places with a half each looks nowhere else, and its score is 1: take the sum.
pub mod mutant_averages_the_places {
    pub use super::solution::*;

    /// The score.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        let of = |i: usize| {
            let count = (0..words.len()).filter(|&j| after(words, i, j)).count();
            of_place(&map[i], words, i, after).map(|sum| sum / count as f64)
        };
        mean((0..words.len()).filter_map(of))
    }
}

/// Looks ahead.
///
/// # Feedback
///
/// You count places behind the one that looks. What comes later cannot have come before: let $`j`$ run up to $`i`$.
pub mod mutant_looks_ahead {
    pub use super::solution::*;

    /// The score.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        let any =
            |words: &[usize], i: usize, j: usize| j > 0 && j != i + 1 && words[j - 1] == words[i];
        mean((0..words.len()).filter_map(|i| of_place(&map[i], words, i, any)))
    }
}

/// Divides nothing by nothing.
///
/// # Feedback
///
/// Where no word comes again you divide 0 by 0, which is not a number. The score is 0 then.
pub mod mutant_divides_by_nothing {
    pub use super::solution::*;

    /// The score.
    pub fn prefix_score(map: &[Vec<f64>], words: &[usize]) -> f64 {
        let scores: Vec<f64> =
            (0..words.len()).filter_map(|i| of_place(&map[i], words, i, after)).collect();
        scores.iter().sum::<f64>() / scores.len() as f64
    }
}
