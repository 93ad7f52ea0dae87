//! Softmax as an operation of a network. The loss of the book takes logits and has a softmax of its own; to put another in
//! front of it is a fault that many have made, and [one of the experiments](crate::experiments) plants it.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape, exactly};

/// `y = softmax(x)` over the numbers of a row.
#[derive(Clone, Copy, Debug)]
pub struct Softmax;

impl<T: Real> Operation<T> for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let k = a.shape.elements();
        for (x, y) in at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride)) {
            y.fill(T::ZERO);
            let largest = x[..k].iter().fold(x[0], |most, &x| if x > most { x } else { most });
            let mut sum = T::ZERO;
            for (y, &x) in y[..k].iter_mut().zip(x) {
                *y = (x - largest).exp();
                sum += *y;
            }
            y[..k].iter_mut().for_each(|y| *y = *y / sum);
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let (k, [dx, ..]) = (a.shape.elements(), at.dx);
        let rows = dx.chunks_exact_mut(a.stride).zip(at.y.chunks_exact(b.stride));
        for ((dx, y), dy) in rows.zip(at.dy.chunks_exact(b.stride)) {
            dx.fill(T::ZERO);
            let shared = y[..k].iter().zip(dy).fold(T::ZERO, |sum, (&y, &dy)| sum + y * dy);
            for ((dx, &y), &dy) in dx[..k].iter_mut().zip(y).zip(dy) {
                *dx = y * (dy - shared);
            }
        }
    }
}
