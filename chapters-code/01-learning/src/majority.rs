//! The poorest rule worth beating: the most frequent class, whatever the picture.

use crate::classes;

/// Always answers the class that was most frequent in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Majority {
    /// The answer.
    pub class: u8,
}

impl Majority {
    /// Finds the most frequent of `labels`; the lowest where several are.
    pub fn fit(labels: &[u8]) -> Self {
        let counts = classes::counts(labels);
        let most = counts.iter().copied().max().unwrap_or(0);
        Majority { class: counts.iter().position(|&c| c == most).unwrap_or(0) as u8 }
    }

    /// The answer, `n` times.
    pub fn predict(&self, n: usize) -> Vec<u8> {
        vec![self.class; n]
    }
}
