//! # What a group of columns is worth
//!
//! - points: 8
//! - minutes: 30
//! - difficulty: medium
//! - section: explanation
//!
//! Shuffle some columns of a table among the cases, ask the model again, and compare: what is lost is the permutation importance of these columns. Where two columns say the same, each alone seems to be worth little, and only shuffling them *together* shows what
//! both are worth.
//!
//! You get a linear model, `rows` with their `labels`, the `columns` to be shuffled, and `orders`: one permutation of the cases for each repeat. In a repeat with the order `o`, case `i` gets the columns' values of case `o[i]`, all from the same case. All other values stay. Write a function that gives the accuracy before
//! minus the mean accuracy over the repeats.
//!
//! - `given::answer` is the model's answer for a row.
//! - Every repeat starts from the rows as they were.
//! - The result may be negative: a shuffled column can help by luck.
//! - Without orders, or without rows, nothing is lost: the answer is 0.
//!
//! The answer is compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Write a function that gives the accuracy for any rows. Call it once before, and once in each repeat.
//!
//! ## Hint 2
//!
//! For a repeat copy all rows. Then, for each case and each column, copy one value from `rows[order[i]]`, not from the copy.
//!
//! ## Solution
//!
//! `shuffled` makes the rows of a repeat from the untouched ones. The model is only asked, never fitted again.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes.
//!
//! **Misconceptions.** That a second repeat may shuffle what the first has shuffled. It may, if nobody asks for these orders; but whoever shuffles the labels along measures nothing. That a negative importance is a mistake to be hidden: clipped at zero, pure noise seems to be worth something in the mean.
//!
//! **Discussion.** The shuffled rows may be cases that cannot exist: a passage without vowels, a boot with sleeves. What is the model's answer for them worth?

/// The model.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// A row of weights for each class.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Linear {
        pub weights: Vec<Vec<f64>>,
    }

    /// The class with the largest score, the first of several.
    pub fn answer(model: &Linear, row: &[f64]) -> usize {
        let score = |weights: &Vec<f64>| weights.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
        let scores: Vec<f64> = model.weights.iter().map(score).collect();
        (1..scores.len())
            .fold(0, |best, class| if scores[class] > scores[best] { class } else { best })
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::{Linear, answer};

    /// The accuracy that is lost, in the mean of the orders, when `columns` are shuffled.
    pub fn worth(
        model: &Linear,
        rows: &[Vec<f64>],
        labels: &[usize],
        columns: &[usize],
        orders: &[Vec<usize>],
    ) -> f64 {
        todo!("the accuracy before, and that of each order")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::{Linear, answer};

    /// The accuracy that is lost, in the mean of the orders, when `columns` are shuffled.
    pub fn worth(
        model: &Linear,
        rows: &[Vec<f64>],
        labels: &[usize],
        columns: &[usize],
        orders: &[Vec<usize>],
    ) -> f64 {
        if rows.is_empty() || orders.is_empty() {
            return 0.0;
        }
        let mut after = 0.0;
        let mut last = rows.to_vec();
        for order in orders {
            last = shuffled(rows, &last, columns, order);
            after += accuracy(model, &last, labels) / orders.len() as f64;
        }
        lost(accuracy(model, rows, labels), after)
    }

    /// The rows of a repeat; `rows` are untouched, `last` are those of the repeat before.
    pub fn shuffled(
        rows: &[Vec<f64>],
        last: &[Vec<f64>],
        columns: &[usize],
        order: &[usize],
    ) -> Vec<Vec<f64>> {
        let mut new = rows.to_vec();
        for (row, &other) in new.iter_mut().zip(order) {
            columns.iter().for_each(|&j| row[j] = rows[other][j]);
        }
        new
    }

    /// The share of right answers.
    pub fn accuracy(model: &Linear, rows: &[Vec<f64>], labels: &[usize]) -> f64 {
        let right = rows.iter().zip(labels).filter(|(row, label)| answer(model, row) == **label);
        right.count() as f64 / rows.len() as f64
    }

    /// What is lost.
    pub fn lost(before: f64, after: f64) -> f64 {
        before - after
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    use super::given::Linear;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub model: Linear,
        pub rows: Vec<Vec<f64>>,
        pub labels: Vec<usize>,
        pub columns: Vec<usize>,
        pub orders: Vec<Vec<usize>>,
    }

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        let Input { model, rows, labels, columns, orders } = input;
        super::solution::worth(model, rows, labels, columns, orders)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};
    use super::given::{Linear, answer};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("one column of six", 5, |rng| draw(rng, 60, 6, 1, 8, 0.1));
        cases.general("three columns together", 5, |rng| draw(rng, 60, 6, 3, 8, 0.1));
        cases.edge("labels by lot, so that luck may help", 5, |rng| draw(rng, 30, 4, 2, 3, 1.0));
        cases.edge("two columns that say the same", 3, |rng| {
            let mut input = draw(rng, 50, 4, 0, 6, 0.0);
            input.rows.iter_mut().for_each(|row| row[1] = row[0]);
            let own = |row: &Vec<f64>| answer(&input.model, row);
            input.labels = input.rows.iter().map(own).collect();
            input.columns = vec![0, 1];
            input
        });
        let mut turn = 0;
        cases.edge("nothing to shuffle", 3, |rng| {
            turn += 1;
            match turn {
                1 => draw(rng, 20, 3, 1, 0, 0.2),
                2 => draw(rng, 0, 3, 1, 4, 0.2),
                _ => draw(rng, 20, 3, 0, 4, 0.2),
            }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        if (expected - found).abs() <= 1e-9 {
            return Ok(());
        }
        Err(format!("the accuracy lost: expected {expected}, found {found}"))
    }

    /// A model, cases that it has right but for a share of noise, some columns and some orders.
    fn draw(rng: &mut Rng, n: usize, d: usize, some: usize, repeats: usize, noise: f64) -> Input {
        let number = |rng: &mut Rng| f64::from(rng.random_range(-9..=9_i32));
        let row = |rng: &mut Rng| (0..d).map(|_| number(rng)).collect::<Vec<f64>>();
        let model = Linear { weights: (0..3).map(|_| row(rng)).collect() };
        let rows: Vec<Vec<f64>> = (0..n).map(|_| row(rng)).collect();
        let label = |row: &Vec<f64>| match rng.random_bool(noise) {
            true => rng.random_range(0..3),
            false => answer(&model, row),
        };
        let labels = rows.iter().map(label).collect();
        let orders = (0..repeats).map(|_| permutation(rng, n)).collect();
        let first = rng.random_range(0..=d - some);
        Input { model, rows, labels, columns: (first..first + some).collect(), orders }
    }

    fn permutation(rng: &mut Rng, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        (1..n).for_each(|i| order.swap(i, rng.random_range(0..=i)));
        order
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Linear;
    use super::solution::worth;

    /// Class 1 where the first two numbers sum to more than 0; the third is not looked at.
    fn model() -> Linear {
        Linear { weights: vec![vec![0.0; 3], vec![1.0, 1.0, 0.0]] }
    }

    #[test]
    fn a_column_that_is_not_looked_at_is_worth_nothing() {
        let rows = [vec![1.0, 1.0, 5.0], vec![-1.0, -1.0, 7.0]];
        assert_eq!(worth(&model(), &rows, &[1, 0], &[2], &[vec![1, 0]]), 0.0);
        assert_eq!(worth(&model(), &rows, &[1, 0], &[0], &[]), 0.0);
    }

    #[test]
    fn copies_are_worth_more_together() {
        let rows = [vec![2.0, 2.0, 0.0], vec![-1.0, -1.0, 0.0]];
        // One copy shuffled: sums of 1 and 1, so that one of two is wrong.
        assert_eq!(worth(&model(), &rows, &[1, 0], &[0], &[vec![1, 0]]), 0.5);
        assert_eq!(worth(&model(), &rows, &[1, 0], &[0, 1], &[vec![1, 0]]), 1.0);
    }

    #[test]
    fn every_repeat_starts_anew() {
        let rows = [vec![2.0, 2.0, 0.0], vec![-1.0, -1.0, 0.0]];
        let orders = vec![vec![1, 0]; 2];
        assert_eq!(worth(&model(), &rows, &[1, 0], &[0, 1], &orders), 1.0);
    }

    #[test]
    fn luck_may_help() {
        let rows = [vec![1.0, 0.0, 0.0], vec![-1.0, 0.0, 0.0]];
        assert_eq!(worth(&model(), &rows, &[0, 1], &[0], &[vec![1, 0]]), -1.0);
    }
}

/// Shuffles the first of the columns alone.
///
/// # Feedback
///
/// You shuffle one of several columns. They have to move together, each case getting all of them from the same other case; otherwise a copy that stayed still tells the model what was shuffled away.
pub mod mutant_shuffles_the_first_column {
    use super::given::{Linear, answer};
    pub use super::solution::*;

    /// One column.
    pub fn shuffled(
        rows: &[Vec<f64>],
        last: &[Vec<f64>],
        columns: &[usize],
        order: &[usize],
    ) -> Vec<Vec<f64>> {
        let mut new = rows.to_vec();
        for (row, &other) in new.iter_mut().zip(order) {
            columns.iter().take(1).for_each(|&j| row[j] = rows[other][j]);
        }
        new
    }
}

/// Moves whole rows.
///
/// # Feedback
///
/// You move whole rows, away from their labels. Then everything is lost that the model knows. Only the columns asked about are taken from the other case.
pub mod mutant_moves_whole_rows {
    use super::given::{Linear, answer};
    pub use super::solution::*;

    /// All columns.
    pub fn shuffled(
        rows: &[Vec<f64>],
        last: &[Vec<f64>],
        columns: &[usize],
        order: &[usize],
    ) -> Vec<Vec<f64>> {
        order.iter().map(|&other| rows[other].clone()).collect()
    }
}

/// Shuffles what is shuffled already.
///
/// # Feedback
///
/// Your first repeat is right, and the next ones shuffle what it has shuffled. Every repeat starts from the rows as they were.
pub mod mutant_shuffles_again {
    use super::given::{Linear, answer};
    pub use super::solution::*;

    /// The rows of the repeat before, shuffled.
    pub fn shuffled(
        rows: &[Vec<f64>],
        last: &[Vec<f64>],
        columns: &[usize],
        order: &[usize],
    ) -> Vec<Vec<f64>> {
        let mut new = last.to_vec();
        for (row, &other) in new.iter_mut().zip(order) {
            columns.iter().for_each(|&j| row[j] = last[other][j]);
        }
        new
    }
}

/// Hides what luck has helped.
///
/// # Feedback
///
/// You give 0 where shuffling helped. A column of noise helps about as often as it hurts; if only the hurt is counted, noise seems to be worth something.
pub mod mutant_hides_what_helps {
    use super::given::{Linear, answer};
    pub use super::solution::*;

    /// Not below 0.
    pub fn lost(before: f64, after: f64) -> f64 {
        (before - after).max(0.0)
    }
}
