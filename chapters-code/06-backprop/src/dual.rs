//! Forward mode: numbers that carry their derivative (Clifford, 1873; for programs Wengert, 1964).
//!
//! `x + x′ε` with `ε² = 0`. What is computed with such numbers gives value and derivative at once, exact and without a
//! tape, with respect to *one* input; for `P` inputs it must run `P` times.

use std::ops::{Add, Mul, Neg, Sub};

// ANCHOR: dual
/// A number and its derivative with respect to the one input that was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual {
    /// The number.
    pub value: f64,
    /// Its derivative.
    pub derivative: f64,
}
// ANCHOR_END: dual

impl Dual {
    /// A number that does not depend on the input.
    pub const fn constant(value: f64) -> Self {
        Dual { value, derivative: 0.0 }
    }

    /// The input itself.
    pub const fn input(value: f64) -> Self {
        Dual { value, derivative: 1.0 }
    }

    // ANCHOR: chain
    fn chain(self, value: f64, derivative: f64) -> Self {
        Dual { value, derivative: derivative * self.derivative }
    }
    // ANCHOR_END: chain

    /// `e` to this power.
    pub fn exp(self) -> Self {
        self.chain(self.value.exp(), self.value.exp())
    }

    /// Natural logarithm.
    pub fn ln(self) -> Self {
        self.chain(self.value.ln(), 1.0 / self.value)
    }

    /// Hyperbolic tangent.
    pub fn tanh(self) -> Self {
        let a = self.value.tanh();
        self.chain(a, 1.0 - a * a)
    }

    /// The larger of this and 0.
    pub fn relu(self) -> Self {
        self.chain(self.value.max(0.0), f64::from(u8::from(self.value > 0.0)))
    }
}

impl Add for Dual {
    type Output = Dual;

    fn add(self, other: Dual) -> Dual {
        Dual { value: self.value + other.value, derivative: self.derivative + other.derivative }
    }
}

impl Sub for Dual {
    type Output = Dual;

    fn sub(self, other: Dual) -> Dual {
        self + -other
    }
}

// ANCHOR: mul
impl Mul for Dual {
    type Output = Dual;

    fn mul(self, other: Dual) -> Dual {
        let derivative = self.derivative * other.value + self.value * other.derivative;
        Dual { value: self.value * other.value, derivative }
    }
}
// ANCHOR_END: mul

impl Neg for Dual {
    type Output = Dual;

    fn neg(self) -> Dual {
        Dual { value: -self.value, derivative: -self.derivative }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_inputs_take_two_runs() {
        // ANCHOR: twice
        let y = |a: Dual, b: Dual| a * b + a;
        let in_a = y(Dual::input(3.0), Dual::constant(4.0));
        let in_b = y(Dual::constant(3.0), Dual::input(4.0));
        assert_eq!((in_a.value, in_a.derivative), (15.0, 5.0));
        assert_eq!((in_b.value, in_b.derivative), (15.0, 3.0));
        // ANCHOR_END: twice
    }

    #[test]
    fn agrees_with_the_tape() {
        let tape = crate::tape::Tape::new();
        let (a, b) = (tape.var(0.3), tape.var(-1.2));
        let loss = ((a * b).tanh() - a.exp() + (b * b).ln()).relu() - a * b;
        let gradient = loss.backward();
        let at = |a: Dual, b: Dual| ((a * b).tanh() - a.exp() + (b * b).ln()).relu() - a * b;
        let da = at(Dual::input(0.3), Dual::constant(-1.2));
        let db = at(Dual::constant(0.3), Dual::input(-1.2));
        assert_eq!((da.value, db.value), (loss.value, loss.value));
        assert!((da.derivative - gradient.of(a)).abs() < 1e-15);
        assert!((db.derivative - gradient.of(b)).abs() < 1e-15);
    }
}
