//! A share and its interval: the concept that the chapter's first section explains.

/// The share of `outcomes` that are true, between 0 and 1; of none it is 0.
///
/// Time `O(n)`.
// ANCHOR: share
pub fn share(outcomes: &[bool]) -> f64 {
    let heads = outcomes.iter().filter(|heads| **heads).count();
    heads as f64 / outcomes.len().max(1) as f64
}

/// Half the width of the normal 95 per cent interval of a share `p` among `n` outcomes.
pub fn half_width(p: f64, n: usize) -> f64 {
    1.96 * (p * (1.0 - p) / n as f64).sqrt()
}
// ANCHOR_END: share

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_mean() {
        assert_eq!(share(&[true, false, false, true]), 0.5);
        assert_eq!(share(&[]), 0.0);
    }

    #[test]
    fn four_times_the_outcomes_halve_the_interval() {
        let ratio = half_width(0.3, 100) / half_width(0.3, 400);
        assert!((ratio - 2.0).abs() < 1e-12, "{ratio}");
    }
}
