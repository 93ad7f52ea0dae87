//! The first token of a sequence, as a row. Backward: its gradient is that of the row, and that of all others is nought.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape, exactly};

use super::refusal::refuse;

/// Takes the first token, `(T, C)` to `C`.
#[derive(Clone, Copy, Debug, Default)]
pub struct First;

impl<T: Real> Operation<T> for First {
    fn name(&self) -> &'static str {
        "first token"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if !input.tokens || input.width == 0 {
            return refuse(format!("it takes a sequence, not {input}"), "give it tokens");
        }
        Ok(Shape::row(input.channels).into())
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        for (x, y) in at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride)) {
            y.fill(T::ZERO);
            y[..a.shape.channels].copy_from_slice(&x[..a.shape.channels]);
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let [dx, ..] = at.dx;
        for (dx, dy) in dx.chunks_exact_mut(a.stride).zip(at.dy.chunks_exact(b.stride)) {
            dx.fill(T::ZERO);
            dx[..a.shape.channels].copy_from_slice(&dy[..a.shape.channels]);
        }
    }
}
