//! The numbers that a network computes with: `f32` to train, `f64` to check gradients.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::kernels::{Kernel, run_f32, run_portable};

/// `f32` or `f64`. [`Real::vectorised`] is the one door to the fast loops.
pub trait Real:
    Copy
    + Debug
    + Display
    + Default
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Nought.
    const ZERO: Self;
    /// One.
    const ONE: Self;

    /// The nearest number to `x`.
    fn of(x: f64) -> Self;
    /// The same number as `f64`.
    fn to_f64(self) -> f64;
    /// `self · b + c`, rounded once.
    fn fused_mul_add(self, b: Self, c: Self) -> Self;
    /// `e` to the power of this.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// Runs a kernel: `f64` as compiled for any processor, `f32` as compiled for the best that this one is.
    fn vectorised<K: Kernel>(kernel: K) -> K::Output;

    /// The larger of two; the other where one is NaN.
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
}

macro_rules! real {
    ($type:ty, $run:ident) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline(always)]
            fn of(x: f64) -> Self {
                x as $type
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn fused_mul_add(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
            }

            #[inline(always)]
            fn exp(self) -> Self {
                self.exp()
            }

            #[inline(always)]
            fn ln(self) -> Self {
                self.ln()
            }

            #[inline(always)]
            fn tanh(self) -> Self {
                self.tanh()
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                self.sqrt()
            }

            #[inline(always)]
            fn is_finite(self) -> bool {
                self.is_finite()
            }

            #[inline(always)]
            fn vectorised<K: Kernel>(kernel: K) -> K::Output {
                $run(kernel)
            }
        }
    };
}

real!(f32, run_f32);
real!(f64, run_portable);
