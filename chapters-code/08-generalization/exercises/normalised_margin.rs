//! # By how much is it sure?
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: warm-up
//! - section: margins
//!
//! The *margin* of a sample is the output of its true class minus the largest of its other outputs. Multiply the last matrix of a network and its bias by ten, and every margin is ten times as large, though no answer has changed. So margins are compared after a division by the lengths of the matrices.
//!
//! You get the matrices of a network, its outputs for some samples, their classes, and a share $`q`$. Sort the margins from the smallest. Write a function that gives the margin at place $`\lfloor q n \rfloor`$, counted from 0, of $`n`$ samples, divided by the product of the matrices' lengths.
//!
//! - The length of a matrix is the root of the sum of the squares of all its numbers, its *Frobenius norm*.
//! - Where the place is beyond the last margin ($`q = 1`$), the last is meant. $`0 \le q \le 1`$.
//! - There is at least one sample, at least two classes and at least one matrix. If a matrix has the length nought, the answer is `None`.
//!
//! The answer is compared up to 1e-9 of its size.
//!
//! ## Hint 1
//!
//! Begin with the margin of one sample. It is below nought where the answer is wrong.
//!
//! ## Hint 2
//!
//! `f64::total_cmp` sorts. `(q * n as f64) as usize` rounds down.
//!
//! ## Solution
//!
//! Three small functions: a margin, a length, a place. The outputs are linear in each matrix where biases play no part, so both the margin and the product grow by the same factor.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That the largest of *all* outputs is subtracted: then no margin is above nought. That a wrong answer counts by its size without a sign. That lengths are added: a factor on one matrix would then not cancel.
//!
//! **Discussion.** The product of Frobenius norms is an upper bound on how far the network can stretch an input. Is it a good one for a wide layer? What else of a network grows with its width and changes no answer?

/// What the student starts from.
pub mod starter {
    /// The margin at the share `q` of the samples, over the product of the lengths of `matrices`.
    pub fn normalised_margin(
        matrices: &[Vec<Vec<f64>>],
        outputs: &[Vec<f64>],
        classes: &[usize],
        q: f64,
    ) -> Option<f64> {
        todo!("margins, sorted, and a division")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The margin at the share `q` of the samples, over the product of the lengths of `matrices`.
    pub fn normalised_margin(
        matrices: &[Vec<Vec<f64>>],
        outputs: &[Vec<f64>],
        classes: &[usize],
        q: f64,
    ) -> Option<f64> {
        let whole = together(matrices);
        if whole == 0.0 {
            return None;
        }
        let mut margins: Vec<f64> =
            outputs.iter().zip(classes).map(|(row, &class)| margin(row, class)).collect();
        margins.sort_by(f64::total_cmp);
        Some(chosen(&margins, q) / whole)
    }

    /// The output of the class minus the largest of the others.
    pub fn margin(outputs: &[f64], class: usize) -> f64 {
        let others = outputs.iter().enumerate().filter(|(c, _)| *c != class).map(|(_, z)| *z);
        outputs[class] - others.fold(f64::NEG_INFINITY, f64::max)
    }

    /// The product of the lengths.
    pub fn together(matrices: &[Vec<Vec<f64>>]) -> f64 {
        matrices.iter().map(|matrix| length(matrix)).product()
    }

    /// The root of the sum of the squares.
    pub fn length(matrix: &[Vec<f64>]) -> f64 {
        matrix.iter().flatten().map(|w| w * w).sum::<f64>().sqrt()
    }

    /// The margin at a share of the samples, of those that are sorted.
    pub fn chosen(margins: &[f64], q: f64) -> f64 {
        let place = (q * margins.len() as f64) as usize;
        margins[place.min(margins.len() - 1)]
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = (Vec<Vec<Vec<f64>>>, Vec<Vec<f64>>, Vec<usize>, f64);

    pub type Output = Option<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::normalised_margin(&input.0, &input.1, &input.2, input.3)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("a tenth of the samples", 6, |rng| {
            let samples = rng.random_range(11..60);
            network(rng, samples, 5, 0.1)
        });
        cases.edge("the smallest and the largest margin", 4, |rng| {
            let q = f64::from(rng.random_range(0..2_u8));
            network(rng, 9, 4, q)
        });
        cases.edge("two classes", 3, |rng| network(rng, 20, 2, 0.5));
        cases.edge("all answers wrong", 3, |rng| {
            let mut input = network(rng, 12, 3, 0.25);
            for (row, &class) in input.1.iter_mut().zip(&input.2) {
                row[class] -= 10.0;
            }
            input
        });
        cases.edge("a matrix of noughts", 2, |rng| {
            let mut input = network(rng, 5, 3, 0.2);
            input.0[1].iter_mut().flatten().for_each(|w| *w = 0.0);
            input
        });
        cases.edge("one sample", 2, |rng| network(rng, 1, 3, 0.9));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let say = |answer: &Output| answer.map_or("None".to_owned(), |x| format!("Some({x})"));
        let same = match (expected, found) {
            (None, None) => true,
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs(),
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(format!("the margin: expected {}, found {}", say(expected), say(found)))
    }

    fn matrix(rng: &mut Rng, rows: usize, columns: usize) -> Vec<Vec<f64>> {
        let mut row = |_| (0..columns).map(|_| rng.random_range(-2.0..2.0)).collect();
        (0..rows).map(&mut row).collect()
    }

    /// Two or three matrices, and outputs that a network might have.
    fn network(rng: &mut Rng, samples: usize, classes: usize, q: f64) -> Input {
        let layers = rng.random_range(2..4);
        let matrices = (0..layers).map(|_| matrix(rng, 4, 6)).collect();
        let outputs = matrix(rng, samples, classes);
        let labels = (0..samples).map(|_| rng.random_range(0..classes)).collect();
        (matrices, outputs, labels, q)
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::normalised_margin;

    #[test]
    fn the_smallest_margin_over_one_matrix() {
        let matrix = vec![vec![3.0, 4.0]];
        let outputs = [vec![2.0, 0.5, 1.0], vec![0.0, 3.0, 1.0]];
        let found = normalised_margin(std::slice::from_ref(&matrix), &outputs, &[0, 1], 0.0);
        assert_eq!(found, Some(0.2));
        // The second sample is now answered wrongly.
        let found = normalised_margin(&[matrix], &outputs, &[0, 2], 0.0);
        assert_eq!(found, Some(-0.4));
    }

    #[test]
    fn a_factor_on_the_last_matrix_cancels() {
        let first = vec![vec![1.0, 2.0], vec![2.0, 0.0]];
        let last = |by: f64| vec![vec![by, 0.0], vec![0.0, by]];
        let outputs =
            |by: f64| vec![vec![3.0 * by, by], vec![2.0 * by, 5.0 * by], vec![by, 0.5 * by]];
        let of = |by: f64| {
            normalised_margin(&[first.clone(), last(by)], &outputs(by), &[0, 1, 0], 0.5).unwrap()
        };
        assert!((of(1.0) - of(8.0)).abs() < 1e-12);
    }

    #[test]
    fn the_share_of_one_is_the_last_and_noughts_give_none() {
        let matrix = vec![vec![1.0]];
        let outputs = [vec![1.0, 0.0], vec![4.0, 0.0]];
        assert_eq!(normalised_margin(&[matrix], &outputs, &[0, 0], 1.0), Some(4.0));
        assert_eq!(normalised_margin(&[vec![vec![0.0]]], &outputs, &[0, 0], 1.0), None);
    }
}

/// Compares with the largest of all outputs.
///
/// # Feedback
///
/// None of your margins is above nought. The output of the true class must be compared with the largest of the *others*.
pub mod mutant_compares_with_all {
    pub use super::solution::*;

    /// Minus the largest of all.
    pub fn margin(outputs: &[f64], class: usize) -> f64 {
        outputs[class] - outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Leaves out the sign.
///
/// # Feedback
///
/// A wrong answer counts as a good one, if it is wrong by much: you leave out the sign of the margin.
pub mod mutant_leaves_out_the_sign {
    pub use super::solution::*;

    /// Its size.
    pub fn margin(outputs: &[f64], class: usize) -> f64 {
        let others = outputs.iter().enumerate().filter(|(c, _)| *c != class).map(|(_, z)| *z);
        (outputs[class] - others.fold(f64::NEG_INFINITY, f64::max)).abs()
    }
}

/// Adds the lengths.
///
/// # Feedback
///
/// You divide by the sum of the lengths. A factor on one matrix is a factor on the margins, and only a product of the lengths has it, too.
pub mod mutant_adds_the_lengths {
    pub use super::solution::*;

    /// The sum.
    pub fn together(matrices: &[Vec<Vec<f64>>]) -> f64 {
        if matrices.iter().any(|matrix| length(matrix) == 0.0) {
            return 0.0;
        }
        matrices.iter().map(|matrix| length(matrix)).sum()
    }
}

/// Takes the mean.
///
/// # Feedback
///
/// You give the mean of the margins. A few samples of which the network is sure hide those of which it is not: the margin at a share of the samples is wanted.
pub mod mutant_takes_the_mean {
    pub use super::solution::*;

    /// The mean.
    pub fn chosen(margins: &[f64], _: f64) -> f64 {
        margins.iter().sum::<f64>() / margins.len() as f64
    }
}

/// Counts from the largest.
///
/// # Feedback
///
/// You count from the largest margin. The share of the samples with *smaller* margins is what `q` says.
pub mod mutant_counts_from_the_largest {
    pub use super::solution::*;

    /// From the end.
    pub fn chosen(margins: &[f64], q: f64) -> f64 {
        let place = (q * margins.len() as f64) as usize;
        margins[margins.len() - 1 - place.min(margins.len() - 1)]
    }
}
