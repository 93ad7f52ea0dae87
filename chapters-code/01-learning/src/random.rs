//! What the chapters draw beside uniform numbers.

use notebook::Rng;
use rand::RngExt as _;

/// A number from the normal distribution with mean 0 and deviation 1, from two uniform ones (Box and
/// Muller, 1958).
pub fn normal(rng: &mut Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    // 1 − u is never 0, whose logarithm is infinite.
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
