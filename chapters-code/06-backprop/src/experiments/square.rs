//! The smallest operation there can be, `y = x²`, with its backward or with a wrong one, for the checker to find.

use crate::operation::exactly;
use crate::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape};

// ANCHOR: square
/// `y = x²`, number by number. The right backward has `factor` 2.
#[derive(Clone, Copy, Debug)]
pub struct Square {
    /// The number before `x · dy`.
    pub factor: f64,
}

impl<T: Real> Operation<T> for Square {
    fn name(&self) -> &'static str {
        "square"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }

    fn forward(&self, _: &Place, at: Forward<'_, T>) {
        at.y.iter_mut().zip(at.x[0]).for_each(|(y, &x)| *y = x * x);
    }

    fn backward(&self, _: &Place, at: Backward<'_, T>) {
        let ([dx, ..], two) = (at.dx, T::of(self.factor));
        dx.iter_mut().zip(at.x[0]).zip(at.dy).for_each(|((dx, &x), dy)| *dx = two * x * *dy);
    }
}
// ANCHOR_END: square
