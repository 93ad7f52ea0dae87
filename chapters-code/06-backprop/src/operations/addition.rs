//! Residual addition: `y = a + b`. Backward: `da = dy`, `db = dy`.

use crate::error::shape;
use crate::{Backward, Forward, Operation, Place, Real, Result, Shape};

/// The sum of two values of one shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Addition;

impl<T: Real> Operation<T> for Addition {
    fn name(&self) -> &'static str {
        "addition"
    }

    fn arity(&self) -> usize {
        2
    }

    fn shape(&self, [a, b]: [Shape; 2]) -> Result<Shape> {
        if a != b {
            return shape(
                "addition",
                format!("its inputs are {a} and {b}"),
                "give it one shape twice",
            );
        }
        Ok(a)
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let ([a, b], y) = (place.inputs, place.output);
        let samples = at.x[0].chunks_exact(a.stride).zip(at.x[1].chunks_exact(b.stride));
        for ((xa, xb), to) in samples.zip(at.y.chunks_exact_mut(y.stride)) {
            y.clear_border(to);
            for ((from_a, from_b), at) in a.lines().zip(b.lines()).zip(y.lines()) {
                for pixel in 0..y.shape.width {
                    let of = |x: &[T], from: usize, step: usize, c| x[from + pixel * step + c];
                    for c in 0..y.shape.channels {
                        to[at + pixel * y.pixel + c] =
                            of(xa, from_a, a.pixel, c) + of(xb, from_b, b.pixel, c);
                    }
                }
            }
        }
    }

    // ANCHOR: backward
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let from = place.output;
        for (dx, to) in at.dx.into_iter().zip(place.inputs) {
            for (dx, dy) in dx.chunks_exact_mut(to.stride).zip(at.dy.chunks_exact(from.stride)) {
                for (dx_line, dy_line) in to.lines().zip(from.lines()) {
                    for pixel in 0..to.shape.width {
                        let c = to.shape.channels;
                        dx[dx_line + pixel * to.pixel..][..c]
                            .copy_from_slice(&dy[dy_line + pixel * from.pixel..][..c]);
                    }
                }
            }
        }
    }
    // ANCHOR_END: backward
}
