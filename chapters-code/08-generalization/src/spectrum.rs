//! The discrete Fourier transform of a short row of numbers, by definition: how much of it is each wave.

use std::f64::consts::TAU;

// ANCHOR: power
/// The power of a row of `p` numbers at each whole frequency from 0 to
/// `p / 2`: the squared length of `Σ x_a e^(−2πi k a / p)`. `O(p²)`.
pub fn power(x: &[f64]) -> Vec<f64> {
    let p = x.len();
    let at = |k: usize| {
        let [mut cosine, mut sine] = [0.0; 2];
        for (a, x) in x.iter().enumerate() {
            let angle = TAU * (k * a % p) as f64 / p as f64;
            cosine += x * angle.cos();
            sine += x * angle.sin();
        }
        cosine * cosine + sine * sine
    };
    (0..=p / 2).map(at).collect()
}

/// The share of the power, without that of frequency 0, that each of the
/// frequencies from 1 on has; all 0 for a level row.
pub fn shares(x: &[f64]) -> Vec<f64> {
    let is_level = x.iter().all(|number| *number == x[0]);
    let power = power(x);
    let whole: f64 = power[1..].iter().sum();
    power[1..].iter().map(|power| if is_level { 0.0 } else { power / whole }).collect()
}
// ANCHOR_END: power

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_has_all_its_power_at_its_frequency() {
        let x: Vec<f64> =
            (0..31).map(|a| 2.0 + (TAU * 4.0 * f64::from(a) / 31.0 + 0.3).cos()).collect();
        let shares = shares(&x);
        assert_eq!(shares.len(), 15);
        assert!((shares[3] - 1.0).abs() < 1e-9, "{shares:?}");
        assert_eq!(super::shares(&[1.0; 5]), [0.0; 2]);
    }
}
