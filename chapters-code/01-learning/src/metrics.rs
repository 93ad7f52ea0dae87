//! What a prediction is worth: accuracy, and what accuracy hides.

use notebook::Table;

use crate::classes;

/// 1 where the prediction is right and 0 where it is not, one for each case: what the bootstrap draws.
///
/// # Panics
/// If there are not as many predictions as truths.
pub fn correct(truth: &[u8], predicted: &[u8]) -> Vec<f64> {
    assert_eq!(
        truth.len(),
        predicted.len(),
        "{} predictions for {} cases",
        predicted.len(),
        truth.len()
    );
    truth.iter().zip(predicted).map(|(t, p)| f64::from(u8::from(t == p))).collect()
}

/// Share of the cases that are predicted right, in [0, 1].
///
/// # Panics
/// If there are not as many predictions as truths.
pub fn accuracy(truth: &[u8], predicted: &[u8]) -> f64 {
    correct(truth, predicted).iter().sum::<f64>() / truth.len().max(1) as f64
}

/// How often each class was taken for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// `counts[t][p]`: cases of class `t` that were taken for `p`, `k × k`.
    pub counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// Counts the pairs of truth and prediction.
    ///
    /// # Panics
    /// If there are not as many predictions as truths.
    pub fn of(truth: &[u8], predicted: &[u8]) -> Self {
        assert_eq!(
            truth.len(),
            predicted.len(),
            "{} predictions for {} cases",
            predicted.len(),
            truth.len()
        );
        let k = classes::count(truth).max(classes::count(predicted));
        let mut counts = vec![vec![0; k]; k];
        for (&t, &p) in truth.iter().zip(predicted) {
            counts[usize::from(t)][usize::from(p)] += 1;
        }
        Confusion { counts }
    }

    // ANCHOR: precision
    /// Of the cases taken for `class`, the share that are; 0 where none was.
    pub fn precision(&self, class: usize) -> f64 {
        let taken: usize = self.counts.iter().map(|row| row[class]).sum();
        share(self.counts[class][class], taken)
    }

    /// Of the cases of `class`, the share taken for it; 0 where there are none.
    pub fn recall(&self, class: usize) -> f64 {
        share(self.counts[class][class], self.counts[class].iter().sum())
    }
    // ANCHOR_END: precision

    /// Harmonic mean of precision and recall; 0 where both are.
    pub fn f1(&self, class: usize) -> f64 {
        let (p, r) = (self.precision(class), self.recall(class));
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }

    /// Precision, recall and F1 of each class, a row a class; `names` by label.
    pub fn by_class(&self, names: &[&str]) -> Table {
        let mut table =
            Table::new(["Class", "Precision | fixed 3", "Recall | fixed 3", "F1 | fixed 3"]);
        for (class, &name) in names.iter().enumerate() {
            let [p, r, f] = [self.precision(class), self.recall(class), self.f1(class)];
            table.row([name.into(), p.into(), r.into(), f.into()]);
        }
        table
    }

    /// The classes by recall, the one that is found least often first.
    pub fn worst_first(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.counts.len()).collect();
        order.sort_by(|&a, &b| self.recall(a).total_cmp(&self.recall(b)));
        order
    }

    /// Mean of the F1 of all classes, each with the same weight.
    pub fn macro_f1(&self) -> f64 {
        let k = self.counts.len();
        (0..k).map(|class| self.f1(class)).sum::<f64>() / k.max(1) as f64
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
