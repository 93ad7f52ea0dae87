//! An image times a number for each channel, as in squeeze and excitation.
//!
//! Will move to chapter 11.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape};

use super::{bad, each};

/// Each channel of an image times a number: `y[c, h, w] = x[c, h, w] · s[c]`.
#[derive(Debug)]
pub struct Scale;

impl<T: Real> Operation<T> for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        match inputs {
            [x, s] if s.height * s.width == 1 && s.channels == x.channels => Ok((*x).into()),
            _ => bad("scale", "it takes an image and a number for each of its channels"),
        }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (s, from_s) = (place.inputs[1], place.inputs[1].at(0, 0));
        at.y.fill(T::ZERO);
        each(place, at.rows, |n, from, to, _| {
            for i in 0..s.shape.channels {
                at.y[to + i] = at.x[0][from + i] * at.x[1][n * s.stride + from_s + i];
            }
        });
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (s, from_s) = (place.inputs[1], place.inputs[1].at(0, 0));
        let [dx, ds, ..] = at.dx;
        ds.fill(T::ZERO);
        each(place, at.rows, |n, from, to, _| {
            for i in 0..s.shape.channels {
                let at_s = n * s.stride + from_s + i;
                ds[at_s] += at.dy[to + i] * at.x[0][from + i];
                dx[from + i] = at.dy[to + i] * at.x[1][at_s];
            }
        });
    }
}
