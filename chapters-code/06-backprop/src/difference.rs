//! Finite differences: move the input a little and see what happens. Easy to believe, never exact: with a step `h`
//! the formula is wrong by about `h` (forward) or `h²` (central), and rounding by about `10⁻¹⁶ / h`.

/// `(f(x + h) − f(x)) / h`.
pub fn forward(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x + h) - f(x)) / h
}

/// `(f(x + h) − f(x − h)) / 2h`.
pub fn central(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x + h) - f(x - h)) / (2.0 * h)
}

// ANCHOR: gradient
/// The gradient of a function of many inputs by central differences: two
/// evaluations for each input.
pub fn gradient(f: impl Fn(&[f64]) -> f64, x: &[f64], h: f64) -> Vec<f64> {
    let mut moved = x.to_vec();
    let mut slope = |i: usize| {
        moved[i] = x[i] + h;
        let above = f(&moved);
        moved[i] = x[i] - h;
        let below = f(&moved);
        moved[i] = x[i];
        (above - below) / (2.0 * h)
    };
    (0..x.len()).map(&mut slope).collect()
}
// ANCHOR_END: gradient

#[cfg(test)]
mod tests {
    use super::*;

    type Way = fn(fn(f64) -> f64, f64, f64) -> f64;

    #[test]
    fn central_is_better_until_rounding_wins() {
        let error = |way: Way, h| (way(f64::exp, 1.0, h) - 1_f64.exp()).abs();
        assert!(error(central, 1e-5) < error(forward, 1e-5) / 1000.0);
        // Smaller steps make it better, and then worse.
        assert!(error(central, 1e-5) < error(central, 1e-2));
        assert!(error(central, 1e-5) < error(central, 1e-12));
    }

    #[test]
    fn gradient_of_a_product() {
        let g = gradient(|x| x[0] * x[1] * x[2], &[2.0, 3.0, 5.0], 1e-5);
        for (g, true_slope) in g.iter().zip([15.0, 10.0, 6.0]) {
            assert!((g - true_slope).abs() < 1e-8);
        }
    }
}
