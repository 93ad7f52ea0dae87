//! What the tape can do besides: a difference, a sign, and telling its length.

use std::ops::{Neg, Sub};

use super::{Line, Tape, Var};

impl Tape {
    /// An empty tape.
    pub fn new() -> Self {
        Tape::default()
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// True without lines.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the tape: one line for each operation of the forward.
    pub fn bytes(&self) -> usize {
        self.len() * size_of::<Line>()
    }
}

impl<'t> Sub for Var<'t> {
    type Output = Var<'t>;

    fn sub(self, b: Var<'t>) -> Var<'t> {
        self.two(b, self.value - b.value, [1.0, -1.0])
    }
}

impl<'t> Neg for Var<'t> {
    type Output = Var<'t>;

    fn neg(self) -> Var<'t> {
        self.one(-self.value, -1.0)
    }
}
