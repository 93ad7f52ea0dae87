//! # Pieces without running
//!
//! - points: 8
//! - minutes: 25
//! - difficulty: medium
//! - section: depth
//!
//! The chapter counts pieces by walking along a line. For one hidden layer with one input there is no need to walk: the weights say where it bends.
//!
//! A layer of rectified units computes $`\sum_i v_i \max(w_i x + b_i, 0)`$ of a number $`x`$. You get $`(w_i, b_i, v_i)`$ for each unit, all whole numbers between $`-1000`$ and 1000.
//! Of how many straight pieces is this function, on the whole line of real numbers? Two stretches that meet without a bend are one piece.
//!
//! - The count is exact. Two units may bend at the same place, and then their bends add up, possibly to nothing.
//! - A unit with $`w_i = 0`$ never bends. Without units the function is one piece.
//!
//! ## Hint 1
//!
//! Where does a single unit bend, and by how much does the slope of the sum change there, going from left to right? Draw a unit with a positive $`w`$ and one with a negative.
//!
//! ## Hint 2
//!
//! The place is $`-b/w`$. The change is $`v\,|w|`$ for either sign of $`w`$: one begins to rise, the other ceases to fall.
//!
//! ## Hint 3
//!
//! Two places $`-b/w`$ are the same fraction or they are not. Bring them to lowest terms with a positive denominator, and collect the changes in a map.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes.
//!
//! **Misconceptions.** That $`m`$ units make $`m + 1`$ pieces: that is the most. That the slope changes by $`v w`$: for a negative $`w`$ the unit is on at the left and goes off.
//!
//! **Discussion.** With random real weights, how likely are two units to bend at one place? And in the second layer?

/// What the student starts from.
pub mod starter {
    /// How many straight pieces the sum of `(w, b, v)` units has.
    pub fn pieces_of_layer(units: &[(i64, i64, i64)]) -> usize {
        todo!("one more than the bends")
    }
}

/// What is right.
pub mod solution {
    use std::collections::BTreeMap;

    /// How many straight pieces the sum of `(w, b, v)` units has.
    pub fn pieces_of_layer(units: &[(i64, i64, i64)]) -> usize {
        let mut bends = BTreeMap::new();
        for &(w, b, v) in units.iter().filter(|unit| unit.0 != 0) {
            *bends.entry(place(w, b)).or_insert(0) += change(w, v);
        }
        1 + bends.values().filter(|&&change| change != 0).count()
    }

    /// Where a unit bends: `−b / w` in lowest terms, the denominator positive.
    pub fn place(w: i64, b: i64) -> (i64, i64) {
        let common = divisor(w.abs(), b.abs()) * w.signum();
        (-b / common, w / common)
    }

    /// By how much the slope changes there.
    pub fn change(w: i64, v: i64) -> i64 {
        v * w.abs()
    }

    /// The greatest common divisor.
    pub fn divisor(a: i64, b: i64) -> i64 {
        if b == 0 { a } else { divisor(b, a % b) }
    }
}

/// How a case reaches the answer.
pub mod call {
    pub type Input = Vec<(i64, i64, i64)>;

    pub type Output = usize;

    pub fn call(input: &Input) -> Output {
        super::solution::pieces_of_layer(input)
    }
}

/// What the judge knows.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare::equal;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("layer of units, some of which bend together", 8, |rng| {
            let n = rng.random_range(10..20);
            let mut units: Input = (0..n).map(|_| unit(rng)).collect();
            // One unit more at the place of the first, twice as steep, and two places between two whole numbers.
            let (w, b, _) = units[0];
            units.extend([(2 * w, 2 * b, 5), (30, 7, 1), (30, 11, 1)]);
            units
        });
        cases.edge("bends that cancel", 4, |rng| {
            let (w, b, v) = unit(rng);
            vec![(w, b, 2 * v), (40, 1, 1), (2 * w, 2 * b, -v)]
        });
        cases.edge("hinge from both sides", 4, |rng| {
            let (w, b, v) = unit(rng);
            vec![(w, b, v), (-w, -b, v)]
        });
        cases.edge("units without a weight", 3, |rng| {
            let b = rng.random_range(1..9);
            vec![(0, b, 3), (0, -b, 2), (1, b, 1)]
        });
        cases.edge("no units", 1, |_| Vec::new());
    }

    fn unit(rng: &mut Rng) -> (i64, i64, i64) {
        let mut number =
            |most: i64| rng.random_range(1..=most) * if rng.random_bool(0.5) { 1 } else { -1 };
        (number(4), number(9), number(3))
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let _ = input;
        equal("the number of pieces", expected, found)
    }
}

/// What the student sees and runs.
#[cfg(test)]
mod tests {
    use super::solution::pieces_of_layer;

    #[test]
    fn a_tooth() {
        // 2 max(x, 0) − 4 max(x − ½, 0), the second written with 2x − 1: flat, up, down.
        assert_eq!(pieces_of_layer(&[(1, 0, 2), (2, -1, -2)]), 3);
    }

    #[test]
    fn the_absolute_value() {
        // max(x, 0) + max(−x, 0) = |x| bends once, though two units do.
        assert_eq!(pieces_of_layer(&[(1, 0, 1), (-1, 0, 1)]), 2);
    }

    #[test]
    fn a_straight_line() {
        // max(x, 0) − max(−x, 0) = x.
        assert_eq!(pieces_of_layer(&[(1, 0, 1), (-1, 0, -1)]), 1);
        assert_eq!(pieces_of_layer(&[(0, 5, 1)]), 1);
    }
}

/// Counts a bend for each unit.
///
/// # Feedback
///
/// You count each unit's bend, also where several units bend at the same place. What is asked for is the bends of their sum.
pub mod mutant_counts_units {
    /// One more than the units with a weight.
    pub fn pieces_of_layer(units: &[(i64, i64, i64)]) -> usize {
        1 + units.iter().filter(|unit| unit.0 != 0 && unit.2 != 0).count()
    }
}

/// Counts places and forgets that bends can cancel.
///
/// # Feedback
///
/// You count the places where some unit bends. Two bends at one place may add up to nothing, and then the sum goes straight on.
pub mod mutant_counts_places {
    pub use super::solution::*;

    /// One for each, so that nothing cancels.
    pub fn change(_w: i64, _v: i64) -> i64 {
        1
    }
}

/// Takes v · w for the change of slope.
///
/// # Feedback
///
/// Your count goes wrong where units with weights of opposite signs bend together. Draw a unit with a negative weight: it is on at the left. How does the slope change, from left to right, where it goes off?
pub mod mutant_forgets_the_side {
    pub use super::solution::*;

    /// The slope where the unit is on.
    pub fn change(w: i64, v: i64) -> i64 {
        v * w
    }
}

/// Divides whole numbers.
///
/// # Feedback
///
/// You take two places for the same that lie between the same two whole numbers. A division of whole numbers drops what is left over.
pub mod mutant_divides_whole_numbers {
    pub use super::solution::*;

    /// The place, cut to a whole number.
    pub fn place(w: i64, b: i64) -> (i64, i64) {
        (-b / w, 1)
    }
}

/// Counts bends and not pieces.
///
/// # Feedback
///
/// Your count is one too small: it is the number of bends. A line with one bend has two pieces.
pub mod mutant_counts_bends {
    pub use super::solution::*;

    /// The bends.
    pub fn pieces_of_layer(units: &[(i64, i64, i64)]) -> usize {
        let mut bends = std::collections::BTreeMap::new();
        for &(w, b, v) in units.iter().filter(|unit| unit.0 != 0) {
            *bends.entry(place(w, b)).or_insert(0) += change(w, v);
        }
        bends.values().filter(|&&change| change != 0).count()
    }
}
