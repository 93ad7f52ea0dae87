//! What is fused into the store, as passes of their own: there to be timed.

use backprop::kernels::{Arithmetic, Kernel};

use super::lane::{Finish, LANES, Lane};

/// A pass over what a convolution has stored of sixteen channels.
#[derive(Debug)]
pub enum After<'a> {
    /// A normalisation that was not folded: a multiplication and an addition for each number.
    Norm {
        /// What is multiplied with.
        scale: Lane,
        /// What is added.
        shift: Lane,
        /// The numbers.
        y: &'a mut [Lane],
    },
    /// An addition or an activation.
    Finish {
        /// Which.
        finish: Finish<'a>,
        /// The numbers.
        y: &'a mut [Lane],
    },
}

impl Kernel for After<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        match self {
            After::Norm { scale, shift, y } => {
                for y in y {
                    for j in 0..LANES {
                        y.0[j] = A::mul_add(y.0[j], scale.0[j], shift.0[j]);
                    }
                }
            }
            After::Finish { finish, y } => finish.apply(0, y),
        }
    }
}

/// Sixteen channels, each multiplied by a number of its own.
#[derive(Debug)]
pub struct Scale<'a> {
    /// The numbers.
    pub by: Lane,
    /// The channels.
    pub y: &'a mut [Lane],
}

impl Kernel for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for y in self.y {
            for j in 0..LANES {
                y.0[j] *= self.by.0[j];
            }
        }
    }
}
