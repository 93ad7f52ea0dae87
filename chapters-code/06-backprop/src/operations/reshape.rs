//! Reshape: the same numbers under another shape, in the order `(C, H, W)`. Backward: the other way round.

use crate::error::shape;
use crate::operation::exactly;
use crate::{Backward, Forward, Layout, Operation, Outline, Place, Real, Result, Shape};

/// The same numbers under another shape.
#[derive(Clone, Copy, Debug)]
pub struct Reshape {
    shape: Shape,
}

impl Reshape {
    /// To `shape`, which must have as many numbers as the input.
    pub fn new(shape: Shape) -> Self {
        Reshape { shape }
    }
}

impl<T: Real> Operation<T> for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if input.elements() != self.shape.elements() {
            let fault = format!(
                "{input} has {} numbers and {} has {}",
                input.elements(),
                self.shape,
                self.shape.elements()
            );
            return shape("reshape", fault, "give a shape with as many");
        }
        Ok(self.shape.into())
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        copy(&place.input(), at.x[0], &place.output, at.y);
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let [dx, ..] = at.dx;
        copy(&place.output, at.dy, &place.input(), dx);
    }
}

// ANCHOR: copy
fn copy<T: Real>(from: &Layout, x: &[T], to: &Layout, y: &mut [T]) {
    for (x, y) in x.chunks_exact(from.stride).zip(y.chunks_exact_mut(to.stride)) {
        y.fill(T::ZERO);
        for i in 0..from.shape.elements() {
            y[to.index(i)] = x[from.index(i)];
        }
    }
}
// ANCHOR_END: copy
