//! A blur with a stride, as Zhang (2019) puts it before a smaller image: each channel by itself, with the fixed weights
//! 1 2 1 downwards times 1 2 1 to the right, over sixteen.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape, exactly};

use super::windowed::Window;

/// The blur, with padding 1.
#[derive(Clone, Copy, Debug)]
pub struct Blur {
    window: Window,
}

impl Blur {
    /// With a step from one output to the next.
    pub fn new(stride: usize) -> Self {
        Blur { window: Window { side: 3, stride: stride.max(1), padding: 1, dilation: 1 } }
    }
}

/// The weight of a place in the window.
// ANCHOR: blur
fn weight<T: Real>(place: usize) -> T {
    let one = [1.0, 2.0, 1.0];
    T::of(one[place / 3] * one[place % 3] / 16.0)
}
// ANCHOR_END: blur

impl<T: Real> Operation<T> for Blur {
    fn name(&self) -> &'static str {
        "blur"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        let side = |n| self.window.output(n).unwrap_or(1);
        let output = Shape::image(input.channels, side(input.height), side(input.width));
        Ok(Outline { multiply_adds: 9 * output.elements() as u64, ..output.into() })
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        for (x, y) in at.x[0].chunks_exact(a.stride).zip(at.y.chunks_exact_mut(b.stride)) {
            y.fill(T::ZERO);
            self.window.pairs(&a, &b, |from, to, k| {
                let w = weight::<T>(k);
                let pixels = y[to..].iter_mut().zip(&x[from..]).take(a.shape.channels);
                pixels.for_each(|(y, &x)| *y += w * x);
            });
        }
    }

    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (a, b) = (place.input(), place.output);
        let [dx, ..] = at.dx;
        for (dx, dy) in dx.chunks_exact_mut(a.stride).zip(at.dy.chunks_exact(b.stride)) {
            dx.fill(T::ZERO);
            self.window.pairs(&a, &b, |from, to, k| {
                let w = weight::<T>(k);
                let pixels = dx[from..].iter_mut().zip(&dy[to..]).take(a.shape.channels);
                pixels.for_each(|(dx, &dy)| *dx += w * dy);
            });
        }
    }
}
