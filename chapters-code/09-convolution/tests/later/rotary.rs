//! Rotary positions.
//!
//! Will move to chapter 13.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape, exactly};

use super::{each, position};

/// Rotary positions (Su et al., 2021), in the halves of each head, as Llama's files have them.
#[derive(Clone, Copy, Debug)]
pub struct Rotary {
    pub head: usize,
    pub base: f64,
}

impl Rotary {
    fn turn<T: Real>(&self, x: &[T], y: &mut [T], position: usize, back: bool) {
        let half = self.head / 2;
        for (x, y) in x.chunks_exact(self.head).zip(y.chunks_exact_mut(self.head)) {
            for i in 0..half {
                let angle = position as f64 * self.base.powf(-(i as f64) / half as f64);
                let (sin, cos) =
                    (T::of(if back { -angle.sin() } else { angle.sin() }), T::of(angle.cos()));
                let (a, b) = (x[i], x[half + i]);
                (y[i], y[half + i]) = (a * cos - b * sin, b * cos + a * sin);
            }
        }
    }
}

impl<T: Real> Operation<T> for Rotary {
    fn name(&self) -> &'static str {
        "rotary"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let c = place.input().shape.channels;
        at.y.fill(T::ZERO);
        each(place, at.rows, |n, from, to, p| {
            self.turn(
                &at.x[0][from..][..c],
                &mut at.y[to..][..c],
                position(&place.input(), at.moment, n, p),
                false,
            );
        });
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (c, [dx, ..]) = (place.input().shape.channels, at.dx);
        each(place, at.rows, |n, from, to, p| {
            self.turn(
                &at.dy[to..][..c],
                &mut dx[from..][..c],
                position(&place.input(), at.moment, n, p),
                true,
            );
        });
    }
}
