//! # The flattery of a search
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: search
//!
//! A search tries pipelines, one after the other, and believes in the one that does best on validation cases. Its record has two numbers for each trial: the accuracy on validation cases, which the search saw, and that on test cases, which it did not. You
//! get the records of several searches. How much did the best of the first `n` trials flatter?
//!
//! Write a function that gives the mean over the searches of validation accuracy minus test accuracy of what each of them chose.
//!
//! - A search chooses the trial with the highest validation accuracy among its first `n`; of several, the first.
//! - A pipeline that could not be fitted has `None` in place of its two numbers. It counts as a trial and is never chosen.
//! - A search that has fewer than `n` trials, or none among the first `n` that could be fitted, is left out.
//! - If no search is left, the answer is `None`. `n` is at least 1.
//!
//! The answer is compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Write the choice of one search first. What does it look at, and what must it not look at?
//!
//! ## Hint 2
//!
//! `searches.iter().filter_map(…)` with a function that gives `Option<f64>` leaves out what has to be left out.
//!
//! ## Solution
//!
//! The choice sees validation accuracies alone. The test accuracy is that of the same trial: the two numbers of a trial stay together.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That the best validation accuracy is compared with the best test accuracy: those may be of different pipelines, and a search that could see the second would not need the first. That a search with two trials tells something about the best of eight.
//!
//! **Discussion.** The flattery of a single trial is zero in the mean, and may be negative in one search. Why is that of the best of many not?

/// What the student starts from.
pub mod starter {
    /// The mean flattery of the best of the first `n` trials. A trial is its validation and its test accuracy.
    pub fn flattery(searches: &[Vec<Option<(f64, f64)>>], n: usize) -> Option<f64> {
        todo!("the choice of each search, and what it is worth")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The mean flattery of the best of the first `n` trials. A trial is its validation and its test accuracy.
    pub fn flattery(searches: &[Vec<Option<(f64, f64)>>], n: usize) -> Option<f64> {
        let of_search = |trials: &Vec<Option<(f64, f64)>>| {
            let seen = &trials[..n.min(trials.len())];
            enough(trials.len(), n).then(|| chosen(seen).map(flatters)).flatten()
        };
        let found: Vec<f64> = searches.iter().filter_map(of_search).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    }

    /// Does a search of so many trials say anything about the best of `n`?
    pub fn enough(trials: usize, n: usize) -> bool {
        trials >= n
    }

    /// The trial with the highest validation accuracy, the first of several.
    pub fn chosen(trials: &[Option<(f64, f64)>]) -> Option<(f64, f64)> {
        let fitted = trials.iter().flatten().copied();
        fitted.reduce(|best, trial| if trial.0 > best.0 { trial } else { best })
    }

    /// How much better it looks than it is.
    pub fn flatters((validation, test): (f64, f64)) -> f64 {
        validation - test
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = (Vec<Vec<Option<(f64, f64)>>>, usize);

    pub type Output = Option<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::flattery(&input.0, input.1)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("twenty searches of forty trials", 5, |rng| {
            let n = rng.random_range(2..=40);
            (draw(rng, 20, 40..=40, 1000, 0.0), n)
        });
        cases.edge("few validation cases, so that many are equal", 5, |rng| {
            (draw(rng, 12, 20..=20, 5, 0.0), 20)
        });
        cases.edge("pipelines that could not be fitted", 4, |rng| {
            (draw(rng, 12, 10..=10, 1000, 0.6), rng.random_range(1..=6))
        });
        cases
            .edge("searches of different lengths", 4, |rng| (draw(rng, 12, 1..=20, 1000, 0.1), 10));
        let mut turn = 0;
        cases.edge("nothing to tell", 3, |rng| {
            turn += 1;
            match turn {
                1 => (Vec::new(), 3),
                2 => (draw(rng, 4, 2..=2, 10, 0.0), 3),
                _ => (vec![vec![None; 5]; 3], 4),
            }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let say = |answer: &Output| answer.map_or("None".to_owned(), |x| format!("Some({x})"));
        let same = match (expected, found) {
            (None, None) => true,
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9,
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(format!("the flattery: expected {}, found {}", say(expected), say(found)))
    }

    /// Searches whose validation accuracies are shares of `cases`, some trials lost.
    fn draw(
        rng: &mut Rng,
        searches: usize,
        trials: std::ops::RangeInclusive<usize>,
        cases: u32,
        lost: f64,
    ) -> Vec<Vec<Option<(f64, f64)>>> {
        let trial = |rng: &mut Rng| {
            let validation = f64::from(rng.random_range(0..=cases)) / f64::from(cases);
            let test = f64::from(rng.random_range(0..=10_000_u32)) / 10_000.0;
            (!rng.random_bool(lost)).then_some((validation, test))
        };
        let search = |rng: &mut Rng| {
            let trials = rng.random_range(trials.clone());
            (0..trials).map(|_| trial(rng)).collect()
        };
        (0..searches).map(|_| search(rng)).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::flattery;

    #[test]
    fn one_search_by_hand() {
        let search = vec![Some((0.5, 0.6)), None, Some((0.8, 0.7)), Some((0.9, 0.5))];
        let of = |n| flattery(std::slice::from_ref(&search), n).map(|x| (x * 10.0).round());
        assert_eq!(of(1), Some(-1.0));
        assert_eq!(of(2), Some(-1.0));
        assert_eq!(of(3), Some(1.0));
        assert_eq!(of(4), Some(4.0));
        assert_eq!(of(5), None);
    }

    #[test]
    fn the_first_of_equals_is_chosen_and_searches_are_averaged() {
        let searches = [vec![Some((0.5, 0.25)), Some((0.5, 0.75))], vec![Some((0.5, 0.0)); 2]];
        assert_eq!(flattery(&searches, 2), Some(0.375));
    }

    #[test]
    fn searches_that_say_nothing_are_left_out() {
        let searches = [vec![Some((0.5, 0.25))], vec![None, None], vec![None, Some((0.75, 0.25))]];
        assert_eq!(flattery(&searches, 2), Some(0.5));
        assert_eq!(flattery(&[], 1), None);
    }
}

/// Chooses by test accuracy.
///
/// # Feedback
///
/// You choose by the test accuracy. A search does not see it: it chooses by validation cases alone, and that is where the flattery comes from.
pub mod mutant_chooses_by_the_test {
    pub use super::solution::*;

    /// The highest test accuracy.
    pub fn chosen(trials: &[Option<(f64, f64)>]) -> Option<(f64, f64)> {
        let fitted = trials.iter().flatten().copied();
        fitted.reduce(|best, trial| if trial.1 > best.1 { trial } else { best })
    }
}

/// Takes the best of each.
///
/// # Feedback
///
/// You subtract the best test accuracy from the best validation accuracy. They may belong to different pipelines: the test accuracy that counts is that of the pipeline that was chosen.
pub mod mutant_takes_the_best_of_each {
    pub use super::solution::*;

    /// The best validation accuracy beside the best test accuracy.
    pub fn chosen(trials: &[Option<(f64, f64)>]) -> Option<(f64, f64)> {
        let fitted = trials.iter().flatten().copied();
        fitted.reduce(|best, trial| (best.0.max(trial.0), best.1.max(trial.1)))
    }
}

/// Chooses the last of equals.
///
/// # Feedback
///
/// Of trials with the same validation accuracy you choose the last; the first is wanted.
pub mod mutant_chooses_the_last_of_equals {
    pub use super::solution::*;

    /// The last with the highest validation accuracy.
    pub fn chosen(trials: &[Option<(f64, f64)>]) -> Option<(f64, f64)> {
        let fitted = trials.iter().flatten().copied();
        fitted.reduce(|best, trial| if trial.0 >= best.0 { trial } else { best })
    }
}

/// Takes short searches, too.
///
/// # Feedback
///
/// You let searches count that have fewer than `n` trials. The best of two says nothing about the best of ten: leave them out.
pub mod mutant_takes_short_searches {
    pub use super::solution::*;

    /// All of them.
    pub fn enough(_: usize, _: usize) -> bool {
        true
    }
}
