//! The Gaussian error linear unit, in its two forms (Hendrycks and Gimpel, 2016).

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

// ANCHOR: gelu
/// Which form of the activation: `z` times the chance that a normal number lies
/// below `z`, or what resembles it and has no error function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Gelu {
    /// `z · (1 + erf(z / √2)) / 2`.
    #[default]
    Erf,
    /// `z · (1 + tanh(√(2/π) · (z + 0.044715 z³))) / 2`.
    Tanh,
}

impl Gelu {
    /// The activation of `z`.
    pub fn of(self, z: f64) -> f64 {
        match self {
            Gelu::Erf => 0.5 * z * (1.0 + erf(z * FRAC_1_SQRT_2)),
            Gelu::Tanh => {
                let inner = (2.0 / PI).sqrt() * (z + 0.044715 * z.powi(3));
                0.5 * z * (1.0 + inner.tanh())
            }
        }
    }
}

/// The error function, by a series whose terms all have the sign of `x`.
pub fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > 1e-16 * sum.abs() {
        n += 2.0;
        term *= 2.0 * x * x / n;
        sum += term;
    }
    FRAC_2_SQRT_PI * (-x * x).exp() * sum
}
// ANCHOR_END: gelu
