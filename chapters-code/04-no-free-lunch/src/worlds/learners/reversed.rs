//! The same rule, with its ties settled the other way.

use super::{Learner, Lesson, Table};
use crate::worlds::Cube;

/// Reads the digits of every input from the other end, so that 011 becomes 110, asks a learner, and turns its answer
/// back. Distances and neighbours stay as they are. What follows from the order of inputs or of digits does not.
pub struct Reversed<L>(pub L);

impl<L: Learner> Learner for Reversed<L> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn answer(&self, lesson: &Lesson<'_>) -> Table {
        let Lesson { cube, set, labels } = *lesson;
        let turned = Lesson { cube, set: turn(cube, set), labels: turn(cube, labels) };
        turn(cube, self.0.answer(&turned))
    }
}

/// The set of the inputs with reversed digits.
fn turn(cube: &Cube, set: Table) -> Table {
    let reversed = |input: u32| input.reverse_bits() >> (u32::BITS - cube.bits());
    let inputs = (0..cube.inputs()).filter(|input| set >> input & 1 == 1);
    inputs.fold(0, |turned, input| turned | 1 << reversed(input))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worlds::learners::{Majority, Nearest};

    #[test]
    fn only_what_depends_on_the_order_changes() {
        let cube = Cube::new(2).unwrap();
        assert_eq!(turn(&cube, 0b0010), 0b0100);
        // 00 is 0; 01 and 10 are 1 and 0, and both are next to 11: the smaller number decides.
        let lesson = Lesson { cube: &cube, set: 0b0111, labels: 0b0010 };
        assert_eq!(Nearest.answer(&lesson), 0b1010);
        assert_eq!(Reversed(Nearest).answer(&lesson), 0b0010);
        assert_eq!(Reversed(Majority).answer(&lesson), Majority.answer(&lesson));
    }
}
