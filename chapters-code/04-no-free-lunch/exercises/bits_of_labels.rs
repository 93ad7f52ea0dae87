//! # The price of a row of labels
//!
//! - points: 6
//! - minutes: 20
//! - difficulty: warm-up
//! - section: world
//!
//! A code that learns needs no garments. Take labels alone, and predict each by how often it came before. A row in which one label is frequent gets short; a row without any regularity gets no shorter than it was.
//!
//! Write a function that gets labels, each below the number of classes $`k`$, and gives the bits of this code: a label that came $`m`$ times among the $`i`$ labels before it has the probability
//!
//! ```math
//! p = \frac{m + 1}{i + k}
//! ```
//!
//! and costs $`-\log_2 p`$ bits. The bits are compared up to 1e-9 of themselves. One kind of case has 200,000 labels.
//!
//! ## Hint 1
//!
//! Keep a count for each class. Which counts may you look at when a label is predicted: before it is added, or after?
//!
//! ## Hint 2
//!
//! The first label has $`i = 0`$ and $`m = 0`$, and costs $`\log_2 k`$ bits, as a throw of a die of $`k`$ sides does.
//!
//! ## Solution
//!
//! One pass with a count for each class: first the price, from what came before, then the count. This rule is Laplace's.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes.
//!
//! **Misconceptions.** That the shares of the whole row may be used: who decodes does not have them yet. That a class that never came has probability zero: its first label would cost infinitely many bits.
//!
//! **Discussion.** How many bits does a row of $`n`$ equal labels take? (The product of the probabilities telescopes.) And how many does the order of a shuffled row take, at least?

/// What the student starts from.
pub mod starter {
    /// The bits of the labels, each predicted from those before it.
    pub fn bits_of_labels(labels: &[usize], classes: usize) -> f64 {
        todo!("the price of each label first, then its count")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The bits of the labels, each predicted from those before it.
    pub fn bits_of_labels(labels: &[usize], classes: usize) -> f64 {
        let mut counts = vec![0_u32; classes];
        let mut bits = 0.0;
        for (seen, &label) in labels.iter().enumerate() {
            let p = f64::from(counts[label] + 1) / (seen + classes) as f64;
            bits -= p.log2();
            counts[label] += 1;
        }
        bits
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub labels: Vec<usize>,
        pub classes: usize,
    }

    pub type Output = f64;

    pub fn call(input: &Input) -> Output {
        super::solution::bits_of_labels(&input.labels, input.classes)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("labels of which some are frequent", 8, |rng| {
            let n = rng.random_range(20..200);
            drawn(rng, n)
        });
        cases.edge("one label", 2, |rng| drawn(rng, 1));
        cases.edge("all labels the same", 2, |rng| {
            let n = rng.random_range(5..60);
            let input = drawn(rng, n);
            Input { labels: vec![1; n], ..input }
        });
        cases.edge("no labels", 1, |rng| drawn(rng, 0));
        cases.edge("200,000 labels", 1, |rng| drawn(rng, 200_000));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::number("the bits", *expected, *found, 1e-9)
    }

    fn drawn(rng: &mut Rng, n: usize) -> Input {
        let classes = rng.random_range(2..8);
        // The smaller of two draws: small labels are frequent.
        let label = |_| rng.random_range(0..classes).min(rng.random_range(0..classes));
        Input { labels: (0..n).map(label).collect(), classes }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::bits_of_labels;

    #[test]
    fn the_first_label_is_a_throw_of_a_die() {
        assert_eq!(bits_of_labels(&[3], 8), 3.0);
        assert_eq!(bits_of_labels(&[], 8), 0.0);
    }

    #[test]
    fn a_label_that_came_before_is_cheaper() {
        // 1/2 and then 2/3: one bit, and 0.585.
        let bits = bits_of_labels(&[0, 0], 2);
        assert!((bits - (1.0 + 1.5_f64.log2())).abs() < 1e-9, "{bits}");
        // 1/2 and then 1/3.
        let bits = bits_of_labels(&[0, 1], 2);
        assert!((bits - (1.0 + 3.0_f64.log2())).abs() < 1e-9, "{bits}");
    }

    #[test]
    fn the_order_of_the_labels_does_not_matter() {
        let (one, other) = (bits_of_labels(&[0, 1, 1, 2], 3), bits_of_labels(&[1, 2, 0, 1], 3));
        assert!((one - other).abs() < 1e-9, "{one}, {other}");
    }
}

/// Counts the label before it is predicted.
///
/// # Feedback
///
/// You count a label before you predict it, so that its price knows what it is. Who decodes does not: look at the counts first.
pub mod mutant_looks_ahead {
    /// The bits with counts that hold the label already.
    pub fn bits_of_labels(labels: &[usize], classes: usize) -> f64 {
        let mut counts = vec![0_u32; classes];
        let mut bits = 0.0;
        for (seen, &label) in labels.iter().enumerate() {
            counts[label] += 1;
            bits -= (f64::from(counts[label] + 1) / (seen + 1 + classes) as f64).log2();
        }
        bits
    }
}

/// Uses the shares of the whole row.
///
/// # Feedback
///
/// You predict each label by the shares of the whole row. They are known only when the row is: a code has to do with what came before.
pub mod mutant_knows_the_shares {
    /// The entropy of the row.
    pub fn bits_of_labels(labels: &[usize], classes: usize) -> f64 {
        let mut counts = vec![0.0; classes];
        labels.iter().for_each(|label| counts[*label] += 1.0);
        let n = labels.len() as f64;
        labels.iter().map(|label| -(counts[*label] / n).log2()).sum()
    }
}

/// Takes natural logarithms.
///
/// # Feedback
///
/// Your unit is the nat. Bits come from the logarithm to the base 2.
pub mod mutant_counts_nats {
    /// As nats.
    pub fn bits_of_labels(labels: &[usize], classes: usize) -> f64 {
        let mut counts = vec![0_u32; classes];
        let mut nats = 0.0;
        for (seen, &label) in labels.iter().enumerate() {
            nats -= (f64::from(counts[label] + 1) / (seen + classes) as f64).ln();
            counts[label] += 1;
        }
        nats
    }
}

/// Adds one to the label's count and forgets the other classes.
///
/// # Feedback
///
/// Your probabilities of the classes do not add up to one: with one added for each class, the divisor grows by the number of classes.
pub mod mutant_divides_by_one_more {
    /// The bits with a divisor that is too small.
    pub fn bits_of_labels(labels: &[usize], classes: usize) -> f64 {
        let mut counts = vec![0_u32; classes];
        let mut bits = 0.0;
        for (seen, &label) in labels.iter().enumerate() {
            bits -= (f64::from(counts[label] + 1) / (seen + 1) as f64).log2();
            counts[label] += 1;
        }
        bits
    }
}

/// Never learns.
///
/// # Feedback
///
/// Each of your labels costs as much as a throw of a die. A label that came often before is likely to come again, and should cost less.
pub mod mutant_never_learns {
    /// A die for every label.
    pub fn bits_of_labels(labels: &[usize], classes: usize) -> f64 {
        labels.len() as f64 * (classes as f64).log2()
    }
}
