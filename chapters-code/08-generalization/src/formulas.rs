//! Formulas that the experiments are held to.

// ANCHOR: noise
/// The mean square of the length of the weights of least norm that fit noise
/// of variance 1, from `n` samples of so many independent normal features of
/// variance 1: from the mean of the inverse of a Wishart matrix. Where the two
/// numbers differ by less than 2 there is no mean.
pub fn noise(n: usize, features: usize) -> f64 {
    let (least, most) = (n.min(features) as f64, n.max(features) as f64);
    least / (most - least - 1.0)
}
// ANCHOR_END: noise

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_is_the_same_seen_from_both_sides() {
        assert_eq!(noise(40, 20), noise(20, 40));
        assert_eq!(noise(40, 20), 20.0 / 19.0);
    }
}
