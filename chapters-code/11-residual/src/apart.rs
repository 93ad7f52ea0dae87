//! How far two programs, or two ways of one, are apart.

/// The largest difference of two rows, over the largest number of the second: 0 where they are equal, and infinite where they
/// are not of one length or where a number of either is none. Cost: one pass.
pub fn apart(found: &[f32], expected: &[f32]) -> f64 {
    let largest = expected.iter().fold(0_f64, |most, &z| most.max(f64::from(z).abs()));
    let differences = found.iter().zip(expected).map(|(a, b)| f64::from((a - b).abs()));
    // What is no number stays: it is not below any other, and nothing is above it.
    let larger = |most: f64, x: f64| if most.is_nan() || x <= most { most } else { x };
    let most = differences.fold(0_f64, larger);
    match found.len() == expected.len() && most.is_finite() && largest.is_finite() {
        true if most == 0.0 => 0.0,
        true => most / largest,
        false => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn what_is_no_number_is_far_away() {
        assert_eq!(apart(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
        assert_eq!(apart(&[1.0, 3.0], &[1.0, -4.0]), 7.0 / 4.0);
        assert_eq!(apart(&[0.0], &[0.0]), 0.0);
        for (found, expected) in [
            (vec![f32::NAN, 1.0], vec![1.0, 1.0]),
            (vec![1.0, f32::NAN, 1.0], vec![1.0, 1.0, 1.0]),
            (vec![1.0, 1.0], vec![1.0, f32::NAN]),
            (vec![1.0], vec![1.0, 1.0]),
            (vec![1.0], vec![0.0]),
        ] {
            assert_eq!(apart(&found, &expected), f64::INFINITY, "{found:?} and {expected:?}");
        }
    }
}
