//! Dropout: some numbers become nought in training, and the others larger.
//!
//! Will move to chapter 8.

use backprop::{
    Backward, Forward, Moment, Operation, Outline, Place, Real, Result, Shape, exactly,
};

use super::each;

/// A small generator that counts: what it gives depends on its key alone.
pub fn random(key: [u64; 4]) -> f64 {
    let mut h = 0x9e37_79b9_7f4a_7c15_u64;
    for k in key {
        h = (h ^ k).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h ^= h >> 31;
        h = h.wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^= h >> 29;
    }
    (h >> 11) as f64 / (1_u64 << 53) as f64
}

/// Sets a share of the numbers to nought, in training, and makes the others larger.
#[derive(Debug)]
pub struct Dropout {
    pub share: f64,
    /// Keeps the draws of several apart.
    pub stream: u64,
}

impl Dropout {
    fn factor<T: Real>(&self, m: Moment, n: usize, i: usize) -> T {
        let kept = random([m.seed ^ self.stream << 32, m.step, (m.first + n) as u64, i as u64])
            >= self.share;
        if kept { T::of(1.0 / (1.0 - self.share)) } else { T::ZERO }
    }
}

impl<T: Real> Operation<T> for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let c = place.output.shape.channels;
        at.y.fill(T::ZERO);
        each(place, at.rows, |n, from, to, p| {
            for i in 0..c {
                let f =
                    if at.moment.training { self.factor(at.moment, n, p * c + i) } else { T::ONE };
                at.y[to + i] = at.x[0][from + i] * f;
            }
        });
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let c = place.output.shape.channels;
        let [dx, ..] = at.dx;
        if dx.is_empty() {
            return;
        }
        each(place, at.rows, |n, from, to, p| {
            for i in 0..c {
                dx[from + i] = at.dy[to + i] * self.factor::<T>(at.moment, n, p * c + i);
            }
        });
    }
}
