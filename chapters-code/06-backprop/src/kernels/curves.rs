//! `exp`, `tanh` and `erf` of many numbers at once.
//!
//! The library's functions take one number at a time, and the compiler makes no vector instructions of a call. Those here
//! are nothing but sums, products, one division and a choice, so that eight numbers take the way of one.
//!
//! - **`exp`**: `x = n ln 2 + r` with a whole `n` and `|r| ≤ ln 2 / 2`, so `eˣ = 2ⁿ eʳ`. The first factor is a pattern of
//!   bits, the second a polynomial. `n ln 2` is subtracted in two parts, of which the first has so few bits that its product
//!   is exact (Cody and Waite, Software Manual for the Elementary Functions, 1980, chapter 6).
//! - **`tanh`**: `e / (e + 2)` with `e = e^(2|x|) − 1`. The polynomial gives `eʳ − 1`, so nothing is lost near nought.
//! - **`erf`**: for `|x| < 1` a polynomial in `x²`; beyond, `1 − e^(−x²) t Q(t)` with `t = 2 / (2 + |x|)`. The two forms are
//!   those of Cody, Rational Chebyshev Approximations for the Error Function (1969,
//!   doi:10.1090/S0025-5718-1969-0247736-4), with polynomials in place of his fractions.
//!
//! `tests/peers/06-backprop-curves.py` finds the coefficients; `tests/curves.rs` holds each function to another way to compute it.
//!
//! | largest error found, in units in the last place | `f32` | `f64` |
//! | --- | ---: | ---: |
//! | `exp` | 1.0 | 1.0 |
//! | `tanh` | 2.3 | 4.1 |
//! | `erf` | 1.2 | 5.1 |
//!
//! NaN gives NaN, infinities their limits, and numbers too small for a full mantissa are treated like all others.

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

use super::{Arithmetic, Kernel};
use crate::Real;

/// A function of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// `eˣ`.
    Exp,
    /// `tanh x`.
    Tanh,
    /// `erf x = 2 / √π · ∫₀ˣ e^(−t²) dt`.
    Erf,
}

/// Puts the curve's value into the place of each number.
#[derive(Debug)]
pub struct Each<'a, T> {
    /// Which function.
    pub curve: Curve,
    /// Its arguments, then its values.
    pub numbers: &'a mut [T],
}

impl<T: Real> Kernel for Each<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // With the curve known, the loop becomes vector instructions.
        match self.curve {
            Curve::Exp => self.numbers.iter_mut().for_each(|x| *x = exp::<A, T>(*x)),
            Curve::Tanh => self.numbers.iter_mut().for_each(|x| *x = tanh::<A, T>(*x)),
            Curve::Erf => self.numbers.iter_mut().for_each(|x| *x = erf::<A, T>(*x)),
        }
    }
}

/// What the curves need to know of a type of number.
#[derive(Debug)]
pub struct Coefficients<T: 'static> {
    /// `1 / ln 2`.
    log2_e: T,
    /// `ln 2` in two parts, of which the first has few bits.
    ln_2: (T, T),
    /// Added and subtracted again, it rounds to a whole number: 1.5 times the first number whose neighbours are whole.
    rounder: T,
    /// Below, `exp` is nought; above, infinite.
    exp_range: (T, T),
    /// `(eʳ − 1 − r) / r²`, the constant first, as all polynomials here.
    exp: &'static [T],
    /// Twice a number whose `tanh` is one.
    tanh_top: T,
    /// A number whose `erf` is one.
    erf_top: T,
    /// `(erf x − x) / x`, in `x²`.
    erf_near: &'static [T],
    /// `e^(z²) erfc z / t`, in `t = 2 / (2 + z)`.
    erf_far: &'static [T],
}

// ANCHOR: exp
/// `eˣ`. For use in a [`Kernel`]; slices are for [`Each`].
#[inline(always)]
pub fn exp<A: Arithmetic, T: Real>(x: T) -> T {
    let c = T::CURVES;
    let x = if x < c.exp_range.0 { c.exp_range.0 } else { x };
    let x = if x > c.exp_range.1 { c.exp_range.1 } else { x };
    let (p, n) = reduce::<A, T>(x);
    // 2ⁿ alone may be too small or too large for a number, where the result is
    // not.
    let half = A::mul_add(n, T::of(0.5), c.rounder) - c.rounder;
    (T::ONE + p) * half.power_of_two() * (n - half).power_of_two()
}

/// `p` and a whole `n` with `eˣ = (1 + p) 2ⁿ`.
#[inline(always)]
fn reduce<A: Arithmetic, T: Real>(x: T) -> (T, T) {
    let c = T::CURVES;
    let n = A::mul_add(x, c.log2_e, c.rounder) - c.rounder;
    let r = A::mul_add(n, -c.ln_2.0, x);
    let r = A::mul_add(n, -c.ln_2.1, r);
    (A::mul_add(r * r, polynomial::<A, T>(c.exp, r), r), n)
}

/// `c₀ + c₁ x + c₂ x² + …`, by Horner's rule.
#[inline(always)]
fn polynomial<A: Arithmetic, T: Real>(c: &[T], x: T) -> T {
    let mut sum = c[c.len() - 1];
    for k in (0..c.len() - 1).rev() {
        sum = A::mul_add(sum, x, c[k]);
    }
    sum
}
// ANCHOR_END: exp

/// `tanh x`. For use in a [`Kernel`]; slices are for [`Each`].
#[inline(always)]
pub fn tanh<A: Arithmetic, T: Real>(x: T) -> T {
    let twice = x.abs() + x.abs();
    let top = T::CURVES.tanh_top;
    let (p, n) = reduce::<A, T>(if twice > top { top } else { twice });
    let scale = n.power_of_two();
    let e = A::mul_add(p, scale, scale - T::ONE);
    (e / (e + T::of(2.0))).copysign(x)
}

/// `erf x`. For use in a [`Kernel`]; slices are for [`Each`].
#[inline(always)]
pub fn erf<A: Arithmetic, T: Real>(x: T) -> T {
    let c = T::CURVES;
    let z = x.abs();
    let z = if z > c.erf_top { c.erf_top } else { z };
    let square = z * z;
    let near = A::mul_add(z, polynomial::<A, T>(c.erf_near, square), z);
    let t = T::of(2.0) / (z + T::of(2.0));
    let (p, n) = reduce::<A, T>(-square);
    let bell = (T::ONE + p) * n.power_of_two();
    let far = A::mul_add(-bell, t * polynomial::<A, T>(c.erf_far, t), T::ONE);
    (if z < T::ONE { near } else { far }).copysign(x)
}

/// For `f32`.
pub(crate) const F32: Coefficients<f32> = Coefficients {
    log2_e: std::f32::consts::LOG2_E,
    ln_2: (6.9314575e-1, 1.4286068e-6),
    rounder: 12_582_912.0,
    exp_range: (-104.0, 89.0),
    exp: &[5.0e-1, 1.6666667e-1, 4.1666463e-2, 8.3333107e-3, 1.3933881e-3, 1.9891247e-4],
    tanh_top: 20.0,
    erf_top: 4.0,
    erf_near: &[
        1.2837917e-1,
        -3.7612627e-1,
        1.128_359_4e-1,
        -2.6854212e-2,
        5.1890874e-3,
        -8.0168643e-4,
        7.875875e-5,
    ],
    erf_far: &[
        2.826199e-1,
        2.7415157e-1,
        2.976127e-1,
        -1.4390887e-4,
        4.3652759e-1,
        -3.8576763e-1,
        9.489_635e-2,
    ],
};

/// For `f64`.
pub(crate) const F64: Coefficients<f64> = Coefficients {
    log2_e: std::f64::consts::LOG2_E,
    ln_2: (0.6931471805598903, 5.497923018708371e-14),
    rounder: 6_755_399_441_055_744.0,
    exp_range: (-746.0, 710.0),
    exp: &[
        0.5,
        0.1666666666666667,
        0.04166666666666667,
        0.008333333333325985,
        0.0013888888888883642,
        0.00019841269875342141,
        2.4801587325920163e-5,
        2.7557254740405416e-6,
        2.7557273171941026e-7,
        2.5105490906986696e-8,
        2.091488256348507e-9,
    ],
    tanh_top: 40.0,
    erf_top: 6.0,
    erf_near: &[
        0.1283791670955126,
        -0.37612638903183754,
        0.1128379167095512,
        -0.02686617064512984,
        0.0052239776254232985,
        -0.000854832702193483,
        0.00012055332902888736,
        -1.4925647567519332e-5,
        1.6462045441468418e-6,
        -1.6364642158167616e-7,
        1.4792401209404813e-8,
        -1.216456005728345e-9,
        8.709045129053106e-11,
        -4.230945824295338e-12,
    ],
    erf_far: &[
        0.28209486762112,
        0.28209163224665396,
        0.24689428108956782,
        0.1755728252604423,
        0.08986306885087147,
        -0.04163179510110588,
        0.1147116153292139,
        -0.6615902120599745,
        1.667676529707274,
        -3.49704154940459,
        5.776473630657898,
        -6.81445515986897,
        5.565023073135318,
        -3.0759000060720783,
        1.0939232364813136,
        -0.22274557559165956,
        0.01903897708982235,
    ],
};
