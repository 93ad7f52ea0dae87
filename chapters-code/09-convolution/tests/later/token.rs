//! One token of a sequence.
//!
//! Will move to chapter 12.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape, exactly};

use super::bad;

/// One token of a sequence, as a row.
#[derive(Debug)]
pub struct Token(pub usize);

impl<T: Real> Operation<T> for Token {
    fn name(&self) -> &'static str {
        "token"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        if !input.tokens || self.0 >= input.width {
            return bad(
                "token",
                format!("it takes a sequence with a token {} and its input is {input}", self.0),
            );
        }
        Ok(Shape::row(input.channels).into())
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, y, c) = (place.input(), place.output, place.input().shape.channels);
        at.y.fill(T::ZERO);
        for n in 0..at.rows {
            at.y[n * y.stride..][..c]
                .copy_from_slice(&at.x[0][n * a.stride + a.at(0, self.0)..][..c]);
        }
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, y, c) = (place.input(), place.output, place.input().shape.channels);
        let [dx, ..] = at.dx;
        dx.fill(T::ZERO);
        for n in 0..at.rows {
            dx[n * a.stride + a.at(0, self.0)..][..c].copy_from_slice(&at.dy[n * y.stride..][..c]);
        }
    }
}
