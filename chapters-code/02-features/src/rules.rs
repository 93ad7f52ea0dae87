//! The two rules under which extractors are compared.

use learning::{NearestMean, NearestNeighbour, standardise};
use ndarray::Array2;

/// Key and name of each rule.
pub const RULES: [(&str, &str); 2] = [("mean", "nearest mean"), ("neighbour", "nearest neighbour")];

/// What each rule answers for test rows, having learned from training rows; both standardised on the training rows.
pub fn answers(train: &Array2<f32>, labels: &[u8], test: &Array2<f32>) -> [Vec<u8>; 2] {
    let (train, test) = standardise(train.view(), test.view());
    [
        NearestMean::fit(train.view(), labels).predict(test.view()),
        NearestNeighbour::fit(train.view(), labels).predict(test.view()),
    ]
}
