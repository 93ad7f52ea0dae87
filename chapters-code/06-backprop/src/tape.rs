//! Reverse mode on one page: every operation writes a line on a tape, and the tape is played backwards.
//!
//! After Wengert (1964) and Linnainmaa (1970); small engines of this kind are Karpathy's micrograd (2020). A line holds, for each
//! operand, where it stands and the derivative of the result with respect to it. That is all that the chain rule needs.

mod rest;

use std::cell::RefCell;
use std::ops::{Add, Mul};

// ANCHOR: types
/// One operation: for each of its two operands, its line, and the derivative
/// of the result with respect to it.
type Line = [(usize, f64); 2];

/// What was computed, in order.
#[derive(Debug, Default)]
pub struct Tape(RefCell<Vec<Line>>);

/// A number that remembers where on the tape it was computed.
#[derive(Clone, Copy, Debug)]
pub struct Var<'t> {
    tape: &'t Tape,
    line: usize,
    /// Its value.
    pub value: f64,
}
// ANCHOR_END: types

impl Tape {
    // ANCHOR: write
    /// A number to differentiate with respect to: a line without effect.
    pub fn var(&self, value: f64) -> Var<'_> {
        self.write(value, [(0, 0.0); 2])
    }

    fn write(&self, value: f64, line: Line) -> Var<'_> {
        let mut lines = self.0.borrow_mut();
        lines.push(line);
        Var { tape: self, line: lines.len() - 1, value }
    }
    // ANCHOR_END: write
}

// ANCHOR: operators
impl<'t> Var<'t> {
    fn one(self, value: f64, derivative: f64) -> Var<'t> {
        self.tape.write(value, [(self.line, derivative), (self.line, 0.0)])
    }

    fn two(self, other: Var<'t>, value: f64, [da, db]: [f64; 2]) -> Var<'t> {
        self.tape.write(value, [(self.line, da), (other.line, db)])
    }
}

impl<'t> Add for Var<'t> {
    type Output = Var<'t>;

    fn add(self, b: Var<'t>) -> Var<'t> {
        self.two(b, self.value + b.value, [1.0, 1.0])
    }
}

impl<'t> Mul for Var<'t> {
    type Output = Var<'t>;

    fn mul(self, b: Var<'t>) -> Var<'t> {
        self.two(b, self.value * b.value, [b.value, self.value])
    }
}
// ANCHOR_END: operators

// ANCHOR: functions
impl<'t> Var<'t> {
    /// `e` to this power.
    pub fn exp(self) -> Var<'t> {
        self.one(self.value.exp(), self.value.exp())
    }

    /// Natural logarithm.
    pub fn ln(self) -> Var<'t> {
        self.one(self.value.ln(), 1.0 / self.value)
    }

    /// Hyperbolic tangent.
    pub fn tanh(self) -> Var<'t> {
        let a = self.value.tanh();
        self.one(a, 1.0 - a * a)
    }

    /// The larger of this and 0.
    pub fn relu(self) -> Var<'t> {
        self.one(self.value.max(0.0), f64::from(u8::from(self.value > 0.0)))
    }
    // ANCHOR_END: functions

    // ANCHOR: backward
    /// Derivatives of this number with respect to every line of the tape, in
    /// one pass from the last to the first. Costs a small multiple of the
    /// forward, however many inputs there are.
    pub fn backward(self) -> Gradient {
        let lines = self.tape.0.borrow();
        let mut derivatives = vec![0.0; lines.len()];
        derivatives[self.line] = 1.0;
        for (i, line) in lines.iter().enumerate().rev() {
            for &(operand, local) in line {
                derivatives[operand] += derivatives[i] * local;
            }
        }
        Gradient(derivatives)
    }
}

/// The derivatives of one number with respect to all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient(Vec<f64>);

impl Gradient {
    /// The derivative with respect to `var`.
    pub fn of(&self, var: Var<'_>) -> f64 {
        self.0[var.line]
    }
}
// ANCHOR_END: backward

#[cfg(test)]
mod tests {
    use super::*;

    type OnTape = fn(Var<'_>) -> Var<'_>;
    type Plain = fn(f64) -> f64;

    #[test]
    fn a_number_used_twice_gets_both_gradients() {
        // ANCHOR: twice
        let tape = Tape::new();
        let (a, b) = (tape.var(3.0), tape.var(4.0));
        let y = a * b + a;
        let g = y.backward();
        assert_eq!((y.value, g.of(a), g.of(b)), (15.0, 5.0, 3.0));
        assert_eq!(tape.len(), 4);
        // ANCHOR_END: twice
    }

    /// "On one page" is meant: code without comments and blank lines, as many lines as A4 holds.
    #[test]
    fn the_tape_fits_on_a_page() {
        let file = include_str!("tape.rs");
        let (code, _) = file.split_once("#[cfg(test)]").unwrap();
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        let lines = code.lines().filter(is_code).count();
        assert!((40..=76).contains(&lines), "{lines} lines");
    }

    #[test]
    fn every_function_agrees_with_a_difference() {
        let functions: [(&str, OnTape, Plain); 5] = [
            ("exp", |x| x.exp(), f64::exp),
            ("ln", |x| x.ln(), f64::ln),
            ("tanh", |x| x.tanh(), f64::tanh),
            ("relu", |x| x.relu(), |x| x.max(0.0)),
            ("−x²", |x| -(x * x) - x, |x| -(x * x) - x),
        ];
        for (name, on_tape, plain) in functions {
            let tape = Tape::new();
            let x = tape.var(0.7);
            let y = on_tape(x);
            let difference = crate::difference::central(plain, 0.7, 1e-5);
            assert_eq!(y.value, plain(0.7), "{name}");
            assert!((y.backward().of(x) - difference).abs() < 1e-9, "{name}");
        }
    }
}
