//! Six samples of two features, which the chapter's pages compute by hand, and one new sample.

use ndarray::{Array2, array};

/// Three samples of class 0, then three of class 1.
pub fn samples() -> Array2<f32> {
    array![[1.0, 1.0], [1.0, 3.0], [2.0, 2.0], [4.0, 2.0], [5.0, 3.0], [5.0, 1.0]]
}

/// Their classes.
pub const LABELS: [u8; 6] = [0, 0, 0, 1, 1, 1];

/// The new sample.
pub const NEW: [f32; 2] = [3.2, 1.2];

/// A line between the classes: weights and intercept of class 1; class 0 has their opposites.
pub const LINE: [f32; 3] = [1.0, 0.0, -3.0];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Classifier as _, Fit as _, Inputs};
    use crate::{LinearSvm, NaiveBayes, neighbours};

    #[test]
    fn by_hand() {
        let x = samples();
        let near = neighbours::nearest_plain(x.view(), ndarray::aview1(&NEW), 3);
        let rows: Vec<usize> = near.iter().map(|n| n.row).collect();
        assert_eq!(rows, [3, 2, 5]);
        assert!((near[0].squared_distance - 1.28).abs() < 1e-6);
        let bayes = NaiveBayes { floor: 0.0 }.fit(Inputs::Reals(x.view()), &LABELS).unwrap();
        assert!((bayes.means[(0, 0)] - 4.0 / 3.0).abs() < 1e-12);
        assert!((bayes.variances[(0, 0)] - 2.0 / 9.0).abs() < 1e-12);
        assert!((bayes.variances[(1, 1)] - 2.0 / 3.0).abs() < 1e-12);
        let new = ndarray::arr2(&[NEW]);
        assert_eq!(bayes.predict(Inputs::Reals(new.view())).unwrap(), [1]);
        // The line is nearly that of a machine for which wrong samples weigh much.
        let hard = LinearSvm { c: 1e3, constant: 30.0, passes: 100_000, ..LinearSvm::default() };
        let hard = hard.fit(Inputs::Reals(x.view()), &LABELS).unwrap();
        for (found, expected) in hard.weights.row(1).iter().chain([&hard.intercepts[1]]).zip(LINE) {
            assert!((found - expected).abs() < 0.02, "{hard:?}");
        }
    }
}
