//! A share and its interval: the concept that the chapter's first section explains.

/// The share of `outcomes` that are true, between 0 and 1; of none it is 0.
///
/// Time `O(n)`.
// ANCHOR: share
pub fn share(outcomes: &[bool]) -> f64 {
    let heads = outcomes.iter().filter(|heads| **heads).count();
    heads as f64 / outcomes.len().max(1) as f64
}

/// The share of `outcomes` between the ends of its normal 95 per cent interval.
pub fn interval(outcomes: &[bool]) -> [f64; 3] {
    let p = share(outcomes);
    let half = 1.96 * (p * (1.0 - p) / outcomes.len().max(1) as f64).sqrt();
    [p - half, p, p + half]
}
// ANCHOR_END: share

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_mean() {
        assert_eq!(share(&[true, false, false, true]), 0.5);
        assert_eq!(interval(&[]), [0.0; 3]);
    }

    #[test]
    fn four_times_the_outcomes_halve_the_interval() {
        let width = |n| {
            let [low, _, high] = interval(&[true, false].repeat(n));
            high - low
        };
        assert!((width(100) / width(400) - 2.0).abs() < 1e-12);
    }
}
