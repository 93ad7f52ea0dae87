//! Residual addition, and an activation if wanted: `y = f(a + b)`. Backward: `dz = dy · f′`, then `da = dz`, `db = dz`.

use std::ops::Range;

use crate::error::shape;
use crate::kernels::{Arithmetic, Kernel};
use crate::operation::exactly;
use crate::{
    Activation, Backward, Forward, Layout, Needs, Operation, Outline, Place, Real, Result, Shape,
};

/// The sum of two values of one shape, and a function of it: `Addition::default()` is the sum alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Addition(pub Activation);

impl<T: Real> Operation<T> for Addition {
    fn name(&self) -> &'static str {
        "addition"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [a, b] = exactly(inputs)?;
        if a != b {
            return shape(
                "addition",
                format!("its inputs are {a} and {b}"),
                "give it one shape twice",
            );
        }
        Ok(a.into())
    }

    fn needs(&self, place: &Place) -> Needs<T> {
        Needs { cut: place.output.shape.is_image(), ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let ([a, b], y) = ([place.inputs[0], place.inputs[1]], place.output);
        let samples = at.x[0].chunks_exact(a.stride).zip(at.x[1].chunks_exact(b.stride));
        let length = if at.lines.len() == y.cuts() { y.stride } else { at.y.len() };
        for ((xa, xb), to) in samples.zip(at.y.chunks_exact_mut(length)) {
            let (lines, start) = (at.lines.clone(), at.start);
            T::vectorised(Sum { a, xa, b, xb, y, to, lines, start, activation: self.0 });
        }
    }

    // ANCHOR: backward
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let from = place.output;
        let samples = at.y.chunks_exact(from.stride).zip(at.dy.chunks_exact_mut(from.stride));
        for (y, dy) in samples {
            for line in from.lines() {
                let inside = line..line + from.line_inside();
                self.0.unfinish(&y[inside.clone()], &mut dy[inside]);
            }
        }
        for (dx, to) in at.dx.into_iter().zip(&place.inputs) {
            for (dx, dy) in dx.chunks_exact_mut(to.stride).zip(at.dy.chunks_exact(from.stride)) {
                // What is outside the shape, too: the slot may have held another
                // value.
                dx.fill(T::ZERO);
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

/// Some lines of the sum of one sample.
struct Sum<'a, T> {
    a: Layout,
    xa: &'a [T],
    b: Layout,
    xb: &'a [T],
    y: Layout,
    to: &'a mut [T],
    lines: Range<usize>,
    start: usize,
    activation: Activation,
}

impl<T: Real> Kernel for Sum<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Sum { a, xa, b, xb, y, to, lines, start, activation } = self;
        to.fill(T::ZERO);
        let c = y.shape.channels;
        let lines = if y.shape.is_image() { lines } else { 0..1 };
        for line in lines {
            for pixel in 0..y.shape.width {
                let (xa, xb) = (&xa[a.at(line, pixel)..][..c], &xb[b.at(line, pixel)..][..c]);
                let to = &mut to[y.at(line, pixel) - start..][..c];
                let sums = to.iter_mut().zip(xa).zip(xb);
                // With the activation known, the loop becomes vector instructions.
                match activation {
                    Activation::None => sums.for_each(|((to, &a), &b)| *to = a + b),
                    Activation::Relu => {
                        sums.for_each(|((to, &a), &b)| *to = Activation::Relu.forward(a + b));
                    }
                    other => sums.for_each(|((to, &a), &b)| *to = other.forward(a + b)),
                }
            }
        }
    }
}
