//! # Near neighbours have more to say
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: medium
//! - section: neighbours
//!
//! Five neighbours vote. One of them is nearly the same garment, four are of another class and far away. Should four beat one? Give each vote a weight: one over its distance.
//!
//! Write a function that gets the neighbours of a new sample, each with its *squared* distance and its label, and the number of classes. It gives the shares of the votes of all classes, which add up to one.
//!
//! - The weight of a neighbour is one over its distance, not over the squared distance.
//! - A neighbour at distance zero is the same sample. If there are such neighbours, only they vote, each with the same weight.
//! - There is at least one neighbour, and every label is below the number of classes.
//!
//! The shares are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! One over zero is infinite, and infinity over infinity is not a number. Look for zeros before you divide.
//!
//! ## Hint 2
//!
//! Compute a weight for each neighbour first. If any distance is zero, it is 1 for zeros and 0 for the others.
//!
//! ## Hint 3
//!
//! Add the weights up by label, then divide by their sum. Distances may be tiny: 1e-300 is not zero.
//!
//! ## Solution
//!
//! The weights are made first, in one place, where the zeros are caught. The rest is a vote: add up by label, divide by the total.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That an epsilon in the divisor solves it. It makes a neighbour at distance zero strong, and not the only one that counts; how strong depends on the unit of the features.
//!
//! **Discussion.** With weights, $`k`$ matters less. What happens for $`k = n`$? And what does a wrong label at distance zero do?

/// What the student starts from.
pub mod starter {
    /// The share of the votes of each class; a neighbour is a squared distance and a label.
    pub fn weighted_votes(neighbours: &[(f64, usize)], classes: usize) -> Vec<f64> {
        todo!("a weight for each neighbour, their sum by label, divided by their sum")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The share of the votes of each class; a neighbour is a squared distance and a label.
    pub fn weighted_votes(neighbours: &[(f64, usize)], classes: usize) -> Vec<f64> {
        let weights = weights(neighbours);
        let total: f64 = weights.iter().sum();
        let mut votes = vec![0.0; classes];
        for ((_, label), weight) in neighbours.iter().zip(weights) {
            votes[*label] += weight / total;
        }
        votes
    }

    /// One over each distance; where some are zero, 1 for them and 0 for the others.
    pub fn weights(neighbours: &[(f64, usize)]) -> Vec<f64> {
        let same = neighbours.iter().any(|(squared, _)| *squared == 0.0);
        let weight = |squared: f64| match same {
            true => f64::from(u8::from(squared == 0.0)),
            false => 1.0 / squared.sqrt(),
        };
        neighbours.iter().map(|(squared, _)| weight(*squared)).collect()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub neighbours: Vec<(f64, usize)>,
        pub classes: usize,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::weighted_votes(&input.neighbours, input.classes)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("five neighbours of three classes", 8, |rng| drawn(rng, 5, 3));
        cases.general("one neighbour of several classes", 2, |rng| drawn(rng, 1, 4));
        cases.edge("a neighbour at distance zero among near ones", 4, |rng| {
            let mut input = drawn(rng, 6, 3);
            input.neighbours.iter_mut().for_each(|n| n.0 *= 1e-12);
            input.neighbours[0].0 = 0.0;
            input
        });
        cases.edge("two at distance zero, of two classes", 3, |rng| {
            let mut input = drawn(rng, 5, 2);
            (input.neighbours[0], input.neighbours[1]) = ((0.0, 0), (0.0, 1));
            input.neighbours.push((0.0, 0));
            input
        });
        cases.edge("tiny distances that are not zero", 2, |rng| {
            let mut input = drawn(rng, 4, 2);
            input.neighbours.iter_mut().for_each(|n| n.0 *= 1e-200);
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("classes", expected, found)?;
        compare::each(expected, found, 1e-9, |class| format!("the share of class {class}"))
    }

    fn drawn(rng: &mut Rng, n: usize, classes: usize) -> Input {
        let neighbour = |_| (rng.random_range(0.1..9.0), rng.random_range(0..classes));
        Input { neighbours: (0..n).map(neighbour).collect(), classes }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::weighted_votes;

    #[test]
    fn twice_as_far_is_half_a_vote() {
        // Distances 1 and 2: weights 1 and 1/2.
        let votes = weighted_votes(&[(1.0, 0), (4.0, 1)], 2);
        assert!((votes[0] - 2.0 / 3.0).abs() < 1e-9, "{votes:?}");
    }

    #[test]
    fn the_same_sample_decides() {
        assert_eq!(weighted_votes(&[(0.0, 1), (0.25, 0), (0.25, 0)], 3), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn two_same_samples_share() {
        assert_eq!(weighted_votes(&[(0.0, 1), (0.0, 0), (0.5, 0)], 2), [0.5, 0.5]);
    }
}

/// Divides by the squared distance.
///
/// # Feedback
///
/// You get squared distances and divide by them. The weight is one over the distance: take the root first.
pub mod mutant_divides_by_squares {
    pub use super::solution::*;

    /// One over each squared distance; where some are zero, 1 for them.
    pub fn weights(neighbours: &[(f64, usize)]) -> Vec<f64> {
        let same = neighbours.iter().any(|(squared, _)| *squared == 0.0);
        let weight = |squared: f64| match same {
            true => f64::from(u8::from(squared == 0.0)),
            false => 1.0 / squared,
        };
        neighbours.iter().map(|(squared, _)| weight(*squared)).collect()
    }
}

/// Divides by zero.
///
/// # Feedback
///
/// Where a neighbour is at distance zero your shares are NaN: infinity divided by infinity. Say who votes then before you divide.
pub mod mutant_divides_by_zero {
    /// Votes without a look at zeros.
    pub fn weighted_votes(neighbours: &[(f64, usize)], classes: usize) -> Vec<f64> {
        let weights: Vec<f64> = neighbours.iter().map(|n| 1.0 / n.0.sqrt()).collect();
        let total: f64 = weights.iter().sum();
        let mut votes = vec![0.0; classes];
        neighbours.iter().zip(weights).for_each(|(n, weight)| votes[n.1] += weight / total);
        votes
    }
}

/// Adds a small number to each distance.
///
/// # Feedback
///
/// A small number in the divisor keeps it from zero and lets far neighbours vote beside the same sample. How much they count depends on the unit of the features. At distance zero only the same samples vote.
pub mod mutant_adds_an_epsilon {
    /// Votes over distances that are never zero.
    pub fn weighted_votes(neighbours: &[(f64, usize)], classes: usize) -> Vec<f64> {
        let weights: Vec<f64> = neighbours.iter().map(|n| 1.0 / (n.0.sqrt() + 1e-6)).collect();
        let total: f64 = weights.iter().sum();
        let mut votes = vec![0.0; classes];
        neighbours.iter().zip(weights).for_each(|(n, weight)| votes[n.1] += weight / total);
        votes
    }
}

/// Lets every neighbour count alike.
///
/// # Feedback
///
/// Your votes do not depend on the distances. That is the chapter's rule; here a neighbour that is twice as far has half a vote.
pub mod mutant_counts_alike {
    /// Plain votes.
    pub fn weighted_votes(neighbours: &[(f64, usize)], classes: usize) -> Vec<f64> {
        let mut votes = vec![0.0; classes];
        neighbours.iter().for_each(|n| votes[n.1] += 1.0 / neighbours.len() as f64);
        votes
    }
}
