//! Functions whose derivative needs what went in: GELU, SiLU, and their straight imitations.
//!
//! Will move to chapter 12.

use backprop::{Backward, Forward, Operation, Outline, Place, Real, Result, Shape, exactly};

use super::each;

/// A function of each number whose derivative needs what went in.
#[derive(Clone, Copy, Debug)]
pub enum Curve {
    Gelu,
    Silu,
    HardSwish,
    HardSigmoid,
    Relu,
}

impl Curve {
    /// Value and derivative.
    pub fn at<T: Real>(self, z: T) -> (T, T) {
        let of = T::of;
        match self {
            Curve::Gelu => {
                // By tanh, as GPT-2 has it.
                let (s, a) = (of((2.0 / std::f64::consts::PI).sqrt()), of(0.044715));
                let t = (s * (z + a * z * z * z)).tanh();
                let dt = (T::ONE - t * t) * s * (T::ONE + of(3.0) * a * z * z);
                (of(0.5) * z * (T::ONE + t), of(0.5) * (T::ONE + t) + of(0.5) * z * dt)
            }
            Curve::Silu => {
                let s = T::ONE / (T::ONE + (-z).exp());
                (z * s, s + z * s * (T::ONE - s))
            }
            Curve::HardSwish => {
                let (three, six) = (of(3.0), of(6.0));
                if z <= -three {
                    (T::ZERO, T::ZERO)
                } else if z >= three {
                    (z, T::ONE)
                } else {
                    (z * (z + three) / six, (of(2.0) * z + three) / six)
                }
            }
            Curve::HardSigmoid => {
                let (three, six) = (of(3.0), of(6.0));
                if z <= -three || z >= three {
                    (if z < T::ZERO { T::ZERO } else { T::ONE }, T::ZERO)
                } else {
                    ((z + three) / six, T::ONE / six)
                }
            }
            Curve::Relu => {
                if z > T::ZERO {
                    (z, T::ONE)
                } else {
                    (T::ZERO, T::ZERO)
                }
            }
        }
    }
}

impl<T: Real> Operation<T> for Curve {
    fn name(&self) -> &'static str {
        "curve"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        Ok(input.into())
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        at.y.fill(T::ZERO);
        each(place, at.rows, |_, from, to, _| {
            for i in 0..place.output.shape.channels {
                at.y[to + i] = self.at(at.x[0][from + i]).0;
            }
        });
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let [dx, ..] = at.dx;
        if dx.is_empty() {
            return;
        }
        each(place, at.rows, |_, from, to, _| {
            for i in 0..place.output.shape.channels {
                dx[from + i] = at.dy[to + i] * self.at(at.x[0][from + i]).1;
            }
        });
    }
}
