//! A learned vector for each position.
//!
//! Will move to chapter 12.

use backprop::{
    Backward, First, Forward, Needs, Operation, Outline, Piece, Place, Real, Result, Shape, Weight,
    Whole, exactly,
};

use super::{each, position};

/// A vector for each position, added.
#[derive(Debug)]
pub struct Positions {
    pub longest: usize,
    pub width: usize,
    /// With the name and the shape that torchvision's vision transformer gives them.
    pub as_torchvision: bool,
}

impl<T: Real> Operation<T> for Positions {
    fn name(&self) -> &'static str {
        "positions"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }
    fn needs(&self, _: &Place) -> Needs<T> {
        let (name, shape) = match self.as_torchvision {
            true => ("pos_embedding", vec![1, self.longest, self.width]),
            false => ("weight", vec![self.longest, self.width]),
        };
        Needs {
            weights: vec![Weight::plain(name, shape).first(First::Normal(0.02))],
            ..Needs::default()
        }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let table = &at.weights.get(0)[0].weights;
        at.y.fill(T::ZERO);
        each(place, at.rows, |n, from, to, p| {
            let row = position(&place.input(), at.moment, n, p) * self.width;
            (0..self.width).for_each(|i| at.y[to + i] = at.x[0][from + i] + table[row + i]);
        });
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let [dx, ..] = at.dx;
        if !dx.is_empty() {
            each(place, at.rows, |_, from, to, _| {
                dx[from..][..self.width].copy_from_slice(&at.dy[to..][..self.width])
            });
        }
    }
    fn gradient(&self, place: &Place, _: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        g.fill(T::ZERO);
        each(place, whole.rows, |_, _, to, p| {
            (0..self.width).for_each(|i| g[p * self.width + i] += whole.dy[to + i]);
        });
    }
}
