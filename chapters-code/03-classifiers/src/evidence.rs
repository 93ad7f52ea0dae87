//! Is one classifier better than another? McNemar's test (1947) asks only the samples on which they differ.

/// What two classifiers did on the same samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct McNemar {
    /// Samples that only the first had right.
    pub first: usize,
    /// Samples that only the second had right.
    pub second: usize,
}

impl McNemar {
    // ANCHOR: mcnemar
    /// Counts the samples that one of two predictions has right and the other
    /// has not.
    ///
    /// # Panics
    /// If there are not as many predictions as truths.
    pub fn of(truth: &[u8], first: &[u8], second: &[u8]) -> McNemar {
        assert!(
            truth.len() == first.len() && truth.len() == second.len(),
            "{} and {} predictions for {} cases",
            first.len(),
            second.len(),
            truth.len()
        );
        let cases = || truth.iter().zip(first.iter().zip(second));
        McNemar {
            first: cases().filter(|(t, (a, b))| a == t && b != t).count(),
            second: cases().filter(|(t, (a, b))| a != t && b == t).count(),
        }
    }

    /// The chance that coins thrown for the samples on which the two differ
    /// would favour one side as clearly as these do, or more: exact,
    /// two-sided, at most 1. `O(first + second)`.
    pub fn p_value(self) -> f64 {
        let (n, least) = (self.first + self.second, self.first.min(self.second));
        let mut log_choose = -(n as f64) * std::f64::consts::LN_2;
        let mut tail = log_choose.exp();
        for k in 0..least {
            log_choose += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
            tail += log_choose.exp();
        }
        (2.0 * tail).min(1.0)
    }
    // ANCHOR_END: mcnemar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_by_hand() {
        let p = |first, second| McNemar { first, second }.p_value();
        assert_eq!(p(0, 0), 1.0);
        assert_eq!(p(3, 3), 1.0);
        // Nought or one head of six: 7 of 64 ways, and as many on the other side.
        assert!((p(1, 5) - 14.0 / 64.0).abs() < 1e-12);
        assert!((p(5, 1) - 14.0 / 64.0).abs() < 1e-12);
        assert!(p(1000, 1300) < 1e-9);
    }

    #[test]
    fn only_differences_count() {
        let counted = McNemar::of(&[0, 1, 2, 3], &[0, 1, 0, 0], &[0, 0, 2, 1]);
        assert_eq!(counted, McNemar { first: 1, second: 1 });
    }
}
