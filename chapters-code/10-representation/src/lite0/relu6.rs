//! ReLU6 behind another operation: `y = min(max(z, 0), 6)`. Backward: `dz = dy` where `0 < y < 6`, and 0 elsewhere, as PyTorch has
//! it at both corners too.
//!
//! Its derivative can be had from the value alone, so `z` is not kept.

use backprop::{Backward, Forward, Needs, Operation, Outline, Piece, Place, Real, Result};
use backprop::{
    Shape, Whole,
    kernels::{Arithmetic, Kernel},
};

/// The largest value behind it.
pub const CAP: f64 = 6.0;

/// An operation, and ReLU6 behind it.
#[derive(Clone, Copy, Debug)]
pub struct Relu6<O>(pub O);

impl<T: Real, O: Operation<T>> Operation<T> for Relu6<O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        self.0.shape(inputs)
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        self.0.needs(place)
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let Forward { y, saved, lines, .. } = at;
        self.0.forward(place, Forward { y: &mut *y, saved, lines, ..at });
        // Zeros around the image stay zeros.
        T::vectorised(Cap(y));
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        T::vectorised(Uncap { y: at.y, dy: at.dy });
        self.0.backward(place, at);
    }

    fn gradient(&self, place: &Place, piece: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        self.0.gradient(place, piece, whole, gradient);
    }
}

/// `y ← min(max(y, 0), 6)`.
struct Cap<'a, T>(&'a mut [T]);

impl<T: Real> Kernel for Cap<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let six = T::of(CAP);
        for y in self.0 {
            // A NaN stays one, so that it is seen.
            let z = if *y < T::ZERO { T::ZERO } else { *y };
            *y = if z > six { six } else { z };
        }
    }
}

/// `dy ← dy` where `0 < y < 6`, and 0 elsewhere.
struct Uncap<'a, T> {
    y: &'a [T],
    dy: &'a mut [T],
}

impl<T: Real> Kernel for Uncap<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let six = T::of(CAP);
        for (dy, &y) in self.dy.iter_mut().zip(self.y) {
            *dy = if y > T::ZERO && y < six { *dy } else { T::ZERO };
        }
    }
}
