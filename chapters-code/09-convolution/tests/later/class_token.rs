//! An image as a sequence with a learned token before it.
//!
//! Will move to chapter 12.

use backprop::{
    Backward, Forward, Needs, Operation, Outline, Piece, Place, Real, Result, Shape, Weight, Whole,
    exactly,
};

/// An image as a sequence of its pixels, with a learned token before them.
#[derive(Debug)]
pub struct ClassToken;

impl<T: Real> Operation<T> for ClassToken {
    fn name(&self) -> &'static str {
        "class token"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [x] = exactly(inputs)?;
        Ok(Shape::sequence(1 + x.height * x.width, x.channels).into())
    }
    fn needs(&self, place: &Place) -> Needs<T> {
        let shape = vec![1, 1, place.input().shape.channels];
        Needs { weights: vec![Weight::plain("class_token", shape)], ..Needs::default() }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, y, c) = (place.input(), place.output, place.input().shape.channels);
        at.y.fill(T::ZERO);
        for n in 0..at.rows {
            at.y[n * y.stride..][..c].copy_from_slice(&at.weights.get(0)[0].weights[..c]);
            for p in 0..a.shape.height * a.shape.width {
                let from = n * a.stride + a.at(p / a.shape.width, p % a.shape.width);
                at.y[n * y.stride + y.at(0, p + 1)..][..c].copy_from_slice(&at.x[0][from..][..c]);
            }
        }
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, y, c) = (place.input(), place.output, place.input().shape.channels);
        let [dx, ..] = at.dx;
        for n in 0..at.rows {
            for p in 0..a.shape.height * a.shape.width {
                let to = n * a.stride + a.at(p / a.shape.width, p % a.shape.width);
                dx[to..][..c].copy_from_slice(&at.dy[n * y.stride + y.at(0, p + 1)..][..c]);
            }
        }
    }
    fn gradient(&self, place: &Place, _: Piece, whole: Whole<'_, T>, g: &mut [T]) {
        g.fill(T::ZERO);
        for n in 0..whole.rows {
            g.iter_mut().zip(&whole.dy[n * place.output.stride..]).for_each(|(g, &d)| *g += d);
        }
    }
}
