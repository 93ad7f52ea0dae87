//! What several experiments need.

use notebook::Rng;
use rand::RngExt as _;

/// `n` numbers between −1 and 1.
pub fn random(rng: &mut Rng, n: usize) -> Vec<f64> {
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}
