//! SwiGLU's product.
//!
//! Will move to chapter 13.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape};

use super::curve::Curve;
use super::{bad, each};

/// `silu(gate) · up`.
#[derive(Debug)]
pub struct Gate;

impl<T: Real> Operation<T> for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        match inputs {
            [a, b] if a == b => Ok((*a).into()),
            _ => bad("gate", "it takes two values of one shape"),
        }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        at.y.fill(T::ZERO);
        each(place, at.rows, |_, from, to, _| {
            for i in 0..place.output.shape.channels {
                at.y[to + i] = Curve::Silu.at(at.x[0][from + i]).0 * at.x[1][from + i];
            }
        });
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let [da, db, ..] = at.dx;
        each(place, at.rows, |_, from, to, _| {
            for i in 0..place.output.shape.channels {
                let (value, slope) = Curve::Silu.at(at.x[0][from + i]);
                da[from + i] = at.dy[to + i] * slope * at.x[1][from + i];
                db[from + i] = at.dy[to + i] * value;
            }
        });
    }
}
