//! What becomes of a gradient: the rule by which weights change.

use std::ops::Range;

use crate::Real;
use crate::kernels::buffer::Buffer;
use crate::kernels::{Arithmetic, Kernel};

/// Weights that change together, as the engine stores them.
#[derive(Debug)]
pub struct Block<T> {
    /// The weights, as their packing has them.
    pub weights: Buffer<T>,
    /// A second copy in another order, where the packing wants one.
    pub second: Buffer<T>,
    /// Equal pieces in which the gradient is computed.
    pub pieces: usize,
    /// The gradient: of all weights, or of the piece in work.
    pub gradient: Buffer<T>,
    /// What the rule keeps for each weight.
    pub state: [Buffer<T>; 2],
}

impl<T: Real> Block<T> {
    /// Sees to room for a rule with `slots` numbers for each weight, and for the whole gradient or a piece.
    pub(crate) fn make_room(&mut self, slots: usize, whole_gradient: bool) {
        let n = self.weights.len();
        let length = if whole_gradient { n } else { n / self.pieces };
        if self.gradient.len() != length {
            self.gradient = Buffer::zeros(length);
        }
        for state in &mut self.state[..slots.min(2)] {
            if state.len() != n {
                *state = Buffer::zeros(n);
            }
        }
    }

    /// Applies a rule to the weights of `part`, whose gradient is in `gradient`.
    pub(crate) fn update(&mut self, part: Range<usize>, rule: &dyn Rule<T>, decays: bool) {
        let state = self.state.each_mut().map(|state| match state.len() {
            0 => &mut [][..],
            _ => &mut state[part.clone()],
        });
        rule.update(&mut self.weights[part.clone()], &self.gradient, state, decays);
    }
}

/// How weights change, given their gradient.
///
/// Panels are filled up with numbers that are no weights. They are 0 and so is their gradient, and a rule must leave
/// such a number at 0.
pub trait Rule<T>: Sync {
    /// How many numbers it keeps for each weight, 0 to 2.
    fn slots(&self) -> usize;

    /// Changes some weights of one tensor. All slices have one length; those of `state` beyond [`Rule::slots`] are
    /// empty. `decays` is what the tensor says of itself: false for biases and gains.
    fn update(&self, weights: &mut [T], gradient: &[T], state: [&mut [T]; 2], decays: bool);
}

/// Stochastic gradient descent: `w ← w − η g`.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// The learning rate `η`.
    pub rate: f64,
}

impl<T: Real> Rule<T> for Sgd {
    fn slots(&self) -> usize {
        0
    }

    fn update(&self, weights: &mut [T], gradient: &[T], _: [&mut [T]; 2], _: bool) {
        T::vectorised(Step { weights, gradient, rate: T::of(self.rate) });
    }
}

struct Step<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    rate: T,
}

impl<T: Real> Kernel for Step<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // ANCHOR: sgd
        for (w, &g) in self.weights.iter_mut().zip(self.gradient) {
            *w = A::mul_add(-self.rate, g, *w);
        }
        // ANCHOR_END: sgd
    }
}
