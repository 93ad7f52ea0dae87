//! Activations: what makes a network more than one matrix.
//!
//! The derivative of each can be had from its value alone, so the pre-activation need not be kept.

use crate::Real;

/// A function that is applied to each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Activation {
    /// `a = z`.
    #[default]
    None,
    /// `a = max(z, 0)`. At 0 the derivative is taken to be 0, as PyTorch does.
    Relu,
    /// `a = tanh z`.
    Tanh,
    /// `a = 1 / (1 + e^-z)`.
    Sigmoid,
}

impl Activation {
    /// The activation of `z`.
    #[inline(always)]
    pub fn forward<T: Real>(self, z: T) -> T {
        match self {
            Activation::None => z,
            // A NaN stays one, so that the loss shows it.
            Activation::Relu => {
                if z < T::ZERO {
                    T::ZERO
                } else {
                    z
                }
            }
            Activation::Tanh => z.tanh(),
            Activation::Sigmoid => T::ONE / (T::ONE + (-z).exp()),
        }
    }

    /// The gradient with respect to `z`, from the activation `a` and the gradient `da` with respect to it.
    #[inline(always)]
    pub fn backward<T: Real>(self, a: T, da: T) -> T {
        match self {
            Activation::None => da,
            Activation::Relu => {
                if a > T::ZERO {
                    da
                } else {
                    T::ZERO
                }
            }
            Activation::Tanh => da * (T::ONE - a * a),
            Activation::Sigmoid => da * a * (T::ONE - a),
        }
    }
}
