//! # A test set for nothing: out of the bag
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: forest
//!
//! Each tree of a forest sees a bootstrap draw of the samples. About a third of the samples are not in it, and for these the tree is an honest witness. Ask each sample's witnesses, let the class with most votes win, and
//! compare with the label: the share that is wrong is the out-of-bag error. It costs no test set.
//!
//! Write a function that gets, for each tree, how often it drew each sample (`drawn[tree][sample]`) and what it answers for each (`answers[tree][sample]`), and the `labels` of the samples, and gives the out-of-bag error.
//!
//! - A tree is asked about a sample only if it did not draw it.
//! - The class with the most votes is the answer; of several, the smallest label.
//! - A sample that every tree drew has no witness. It is left out: neither right nor wrong.
//! - If no sample has a witness, the answer is `None`.
//!
//! The error is compared up to 1e-9. Labels are below 256.
//!
//! ## Hint 1
//!
//! Go through the samples, not through the trees. What do you need for one sample?
//!
//! ## Hint 2
//!
//! Count votes for each class over the trees that did not draw it. If the sum is 0, skip the sample, and do not count it below the fraction.
//!
//! ## Solution
//!
//! One pass over samples and trees, and two counts: those with a witness, and those whose witnesses are wrong.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That a tree which drew a sample once is less of an insider than one that drew it three times. That samples without witnesses are right "by default": with few trees they are many, and the error
//! would look too small.
//!
//! **Discussion.** With how many trees does a thousandth of the samples have no witness? (A sample is drawn by a tree with a probability of about 0.632.)

/// What the student starts from.
pub mod starter {
    /// The share of the samples with a witness whose witnesses are wrong.
    pub fn out_of_bag_error(drawn: &[Vec<u32>], answers: &[Vec<u8>], labels: &[u8]) -> Option<f64> {
        todo!("votes of the trees that did not draw a sample")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The share of the samples with a witness whose witnesses are wrong.
    pub fn out_of_bag_error(drawn: &[Vec<u32>], answers: &[Vec<u8>], labels: &[u8]) -> Option<f64> {
        let (mut asked, mut wrong) = (0, 0);
        for (sample, &label) in labels.iter().enumerate() {
            let mut votes = [0_usize; 256];
            for (drawn, answers) in drawn.iter().zip(answers) {
                if may_be_asked(drawn[sample]) {
                    votes[usize::from(answers[sample])] += 1;
                }
            }
            if counts(&votes) {
                asked += 1;
                wrong += usize::from(winner(&votes) != label);
            }
        }
        (asked > 0).then(|| wrong as f64 / asked as f64)
    }

    /// Is a tree that drew a sample so often a witness?
    pub fn may_be_asked(times: u32) -> bool {
        times == 0
    }

    /// Does a sample with these votes count?
    pub fn counts(votes: &[usize; 256]) -> bool {
        votes.iter().sum::<usize>() > 0
    }

    /// The class with the most votes; of several, the smallest.
    pub fn winner(votes: &[usize; 256]) -> u8 {
        let most = votes.iter().max().copied().unwrap_or(0);
        votes.iter().position(|count| *count == most).unwrap_or(0) as u8
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub drawn: Vec<Vec<u32>>,
        pub answers: Vec<Vec<u8>>,
        pub labels: Vec<u8>,
    }

    pub type Output = Option<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::out_of_bag_error(&input.drawn, &input.answers, &input.labels)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("thirty trees, each a bootstrap", 6, |rng| draw(rng, 30, 80, 5, 0.6));
        cases.general("three trees, and samples that all of them drew", 6, |rng| {
            draw(rng, 3, 60, 3, 0.6)
        });
        cases.edge("votes that are equal", 3, |rng| draw(rng, 4, 60, 6, 0.2));
        cases.edge("trees that know what they drew", 2, |rng| {
            let mut input = draw(rng, 9, 60, 4, 0.3);
            for (drawn, answers) in input.drawn.iter().zip(&mut input.answers) {
                for sample in 0..60 {
                    if drawn[sample] > 0 {
                        answers[sample] = input.labels[sample];
                    }
                }
            }
            input
        });
        cases.edge("labels up to 255", 1, |rng| draw(rng, 12, 40, 256, 0.7));
        let mut turn = 0;
        cases.edge("nobody to ask", 3, |rng| {
            turn += 1;
            let mut input = draw(rng, 4, 10, 3, 0.5);
            match turn {
                1 => input.drawn.iter_mut().for_each(|drawn| drawn.fill(1)),
                2 => (input.drawn, input.answers) = (Vec::new(), Vec::new()),
                _ => input = draw(rng, 4, 0, 3, 0.5),
            }
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let say = |answer: &Output| answer.map_or("None".to_owned(), |e| format!("Some({e})"));
        let same = match (expected, found) {
            (None, None) => true,
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9,
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(format!("the error: expected {}, found {}", say(expected), say(found)))
    }

    /// Trees that answer right with some probability, and a bootstrap for each.
    fn draw(rng: &mut Rng, trees: usize, n: usize, classes: u16, right: f64) -> Input {
        let mut class = |rng: &mut Rng| rng.random_range(0..classes) as u8;
        let labels: Vec<u8> = (0..n).map(|_| class(rng)).collect();
        let (mut drawn, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..trees {
            let mut times = vec![0; n];
            (0..n).for_each(|_| times[rng.random_range(0..n)] += 1);
            drawn.push(times);
            let answer = |label: &u8| if rng.random_bool(right) { *label } else { class(rng) };
            answers.push(labels.iter().map(answer).collect());
        }
        Input { drawn, answers, labels }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::out_of_bag_error;

    #[test]
    fn two_trees_and_three_samples() {
        // Sample 0: the second tree alone is asked, and is right. Sample 1: the first alone, wrong. Sample 2: both drew it.
        let drawn = [vec![1, 0, 2], vec![0, 2, 1]];
        let answers = [vec![1, 1, 0], vec![0, 0, 1]];
        assert_eq!(out_of_bag_error(&drawn, &answers, &[0, 0, 1]), Some(0.5));
    }

    #[test]
    fn equal_votes_fall_to_the_smallest_label() {
        let drawn = [vec![0], vec![0]];
        let answers = [vec![7], vec![3]];
        assert_eq!(out_of_bag_error(&drawn, &answers, &[3]), Some(0.0));
        assert_eq!(out_of_bag_error(&drawn, &answers, &[7]), Some(1.0));
    }

    #[test]
    fn nobody_to_ask() {
        assert_eq!(out_of_bag_error(&[vec![1]], &[vec![0]], &[0]), None);
        assert_eq!(out_of_bag_error(&[], &[], &[0, 1]), None);
    }
}

/// Asks every tree.
///
/// # Feedback
///
/// You ask trees about samples that they have learned from, so the error is far too small. Only a tree that did not draw a sample is a witness.
pub mod mutant_asks_every_tree {
    pub use super::solution::*;

    /// All of them.
    pub fn may_be_asked(_: u32) -> bool {
        true
    }
}

/// Asks trees that drew a sample once.
///
/// # Feedback
///
/// You take a tree that drew a sample once for a witness. Once is enough to know it by heart: only a tree that did not draw it at all may be asked.
pub mod mutant_asks_trees_that_drew_it_once {
    pub use super::solution::*;

    /// Those that drew it at most once.
    pub fn may_be_asked(times: u32) -> bool {
        times < 2
    }
}

/// Lets a sample without a witness count, with the smallest label for an answer.
///
/// # Feedback
///
/// You count samples that nobody can be asked about. One that every tree drew has no witness and says nothing of the error: leave it out, below the fraction too.
pub mod mutant_counts_samples_without_a_witness {
    pub use super::solution::*;

    /// All of them.
    pub fn counts(_: &[usize; 256]) -> bool {
        true
    }
}

/// Takes the largest label of equal votes.
///
/// # Feedback
///
/// Where votes are equal you answer with the largest label; the smallest is wanted.
pub mod mutant_takes_the_largest_of_equals {
    pub use super::solution::*;

    /// The last class with the most votes.
    pub fn winner(votes: &[usize; 256]) -> u8 {
        let most = votes.iter().max().copied().unwrap_or(0);
        votes.iter().rposition(|count| *count == most).unwrap_or(0) as u8
    }
}
