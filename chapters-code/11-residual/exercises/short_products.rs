//! # Two outputs from four products
//!
//! - points: 5
//! - minutes: 25
//! - difficulty: medium
//! - section: residual-fast
//!
//! A window of three weights $`g`$ moves along a line: output $`i`$ is $`d_i g_0 + d_{i+1} g_1 + d_{i+2} g_2`$. Two neighbouring outputs take six multiplications as sums, and four by short products. From four inputs $`d_0, \dots, d_3`$ make
//!
//! ```math
//! (d_0 - d_2,\; d_1 + d_2,\; d_2 - d_1,\; d_1 - d_3)
//! ```
//!
//! and from the weights
//!
//! ```math
//! \left(g_0,\; \tfrac{g_0 + g_1 + g_2}{2},\; \tfrac{g_0 - g_1 + g_2}{2},\; g_2\right)
//! ```
//!
//! Their products, place by place, are $`p_0, \dots, p_3`$, and the outputs $`p_0 + p_1 + p_2`$ and $`p_1 - p_2 - p_3`$.
//!
//! Write a function that runs along a line of any length in tiles of two outputs. It gives the four products of each tile, and all outputs.
//!
//! - A line of $`n`$ inputs has $`n - 2`$ outputs, and none where it is shorter than three.
//! - Where the number of outputs is odd, the last tile lacks an input. It reads a zero there, and its second output is dropped.
//!
//! ## Hint 1
//!
//! Tile $`t`$ begins at input $`2t`$. How many inputs do two neighbouring tiles share?
//!
//! ## Hint 2
//!
//! Write one function for the inputs, one for the weights, and one for the two outputs. The weights are transformed once, not for each tile.
//!
//! ## Hint 3
//!
//! There are `outputs.div_ceil(2)` tiles. `line.get(i).copied().unwrap_or(0.0)` reads a zero behind the end, and `truncate` drops an output.
//!
//! ## Solution
//!
//! Tiles of four inputs begin at every second input, so that neighbours share two. The products are four for every two outputs, and the transforms need additions only, besides the halves in that of the weights, which is made once.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes, a third of them for the end of the line.
//!
//! **Misconceptions.** That tiles do not overlap: outputs do not, inputs do. That a transform costs nothing: it costs additions, which pay because one transformed tile serves many output channels.
//!
//! **Discussion.** In which order are the terms added now, and in which before? Why do the two results differ in their last digits?

/// What the student starts from.
pub mod starter {
    /// The four products of each tile, and the outputs of a window of three weights
    /// along a line.
    pub fn short_products(line: &[f64], weights: [f64; 3]) -> (Vec<[f64; 4]>, Vec<f64>) {
        todo!("transform, multiply, transform back")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The four products of each tile, and the outputs of a window of three weights
    /// along a line.
    pub fn short_products(line: &[f64], weights: [f64; 3]) -> (Vec<[f64; 4]>, Vec<f64>) {
        let count = line.len().saturating_sub(2);
        let there = transformed(weights);
        let (mut products, mut outputs) = (Vec::new(), Vec::new());
        for t in 0..count.div_ceil(2) {
            let at = |i: usize| line.get(first(t) + i).copied().unwrap_or(0.0);
            let d = tile([at(0), at(1), at(2), at(3)]);
            let p = [d[0] * there[0], d[1] * there[1], d[2] * there[2], d[3] * there[3]];
            products.push(p);
            outputs.extend(back(p));
        }
        outputs.truncate(count);
        (products, outputs)
    }

    /// Where a tile begins.
    pub fn first(tile: usize) -> usize {
        2 * tile
    }

    /// What is made of four inputs.
    pub fn tile([a, b, c, d]: [f64; 4]) -> [f64; 4] {
        [a - c, b + c, c - b, b - d]
    }

    /// What is made of three weights.
    pub fn transformed([u, v, w]: [f64; 3]) -> [f64; 4] {
        [u, (u + v + w) / 2.0, (u - v + w) / 2.0, w]
    }

    /// The two outputs of four products.
    pub fn back([p, q, r, s]: [f64; 4]) -> [f64; 2] {
        [p + q + r, q - r - s]
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub line: Vec<f64>,
        pub weights: [f64; 3],
    }

    pub type Output = (Vec<[f64; 4]>, Vec<f64>);

    pub fn call(input: &Input) -> Output {
        super::solution::short_products(&input.line, input.weights)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("a single tile", 3, |rng| line(rng, 4));
        cases.general("lines of even length", 5, |rng| {
            let n = 2 * rng.random_range(3..8usize);
            line(rng, n)
        });
        cases.edge("an odd number of outputs", 4, |rng| {
            let n = 2 * rng.random_range(2..7usize) + 1;
            line(rng, n)
        });
        cases.edge("a single output", 2, |rng| line(rng, 3));
        cases.edge("lines that are too short", 3, |rng| {
            let n = rng.random_range(0..3usize);
            line(rng, n)
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("outputs", &expected.1, &found.1)?;
        compare::each(&expected.1, &found.1, 1e-9, |i| format!("output {i}"))?;
        compare::length("tiles", &expected.0, &found.0)?;
        for (t, (expected, found)) in expected.0.iter().zip(&found.0).enumerate() {
            compare::each(expected, found, 1e-9, |i| format!("product {i} of tile {t}"))?;
        }
        Ok(())
    }

    /// A line of so many inputs, and three weights.
    fn line(rng: &mut Rng, n: usize) -> Input {
        let line = (0..n).map(|_| rng.random_range(0.5..3.0)).collect();
        let weight = |rng: &mut Rng| rng.random_range(0.25..2.0);
        Input { line, weights: [weight(rng), -weight(rng), weight(rng)] }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::short_products;

    #[test]
    fn the_example_of_the_page() {
        // (−2, 5, 1, −3) times (2, 2.5, 3.5, 4); the outputs are 12 and 21.
        let (products, outputs) = short_products(&[1.0, 2.0, 3.0, 5.0], [2.0, -1.0, 4.0]);
        assert_eq!(products, [[-4.0, 12.5, 3.5, -12.0]]);
        assert_eq!(outputs, [12.0, 21.0]);
    }

    #[test]
    fn an_odd_number_of_outputs() {
        // The second tile reads 3, 5, 4 and a zero; its first output is 3 · 2 − 5 + 4 · 4 = 17.
        let (products, outputs) = short_products(&[1.0, 2.0, 3.0, 5.0, 4.0], [2.0, -1.0, 4.0]);
        assert_eq!(products.len(), 2);
        assert_eq!(outputs, [12.0, 21.0, 17.0]);
    }

    #[test]
    fn a_line_without_an_output() {
        assert_eq!(short_products(&[1.0, 2.0], [2.0, -1.0, 4.0]), (vec![], vec![]));
    }
}

/// Moves by four inputs from tile to tile.
///
/// # Feedback
///
/// Your first tile is right and the others are not: a tile has two outputs, so the next one begins two inputs further. Neighbours share two inputs.
pub mod mutant_tiles_do_not_overlap {
    pub use super::solution::*;

    /// Four inputs further.
    pub fn first(tile: usize) -> usize {
        4 * tile
    }
}

/// Drops the last output of a line whose number of outputs is odd.
///
/// # Feedback
///
/// Your outputs are right where their number is even. Where it is odd, a last tile is needed that reads a zero behind the end.
pub mod mutant_leaves_out_the_rest {
    pub use super::solution::*;

    /// Whole tiles only.
    pub fn short_products(line: &[f64], weights: [f64; 3]) -> (Vec<[f64; 4]>, Vec<f64>) {
        let there = transformed(weights);
        let (mut products, mut outputs) = (Vec::new(), Vec::new());
        for t in 0..line.len().saturating_sub(2) / 2 {
            let d = tile([line[2 * t], line[2 * t + 1], line[2 * t + 2], line[2 * t + 3]]);
            let p = [d[0] * there[0], d[1] * there[1], d[2] * there[2], d[3] * there[3]];
            products.push(p);
            outputs.extend(back(p));
        }
        (products, outputs)
    }
}

/// Keeps the second output of a tile that lacks an input.
///
/// # Feedback
///
/// You have one output too many where their number is odd: the second output of the last tile would see an input that does not exist.
pub mod mutant_keeps_an_output_too_many {
    pub use super::solution::*;

    /// Both outputs of every tile.
    pub fn short_products(line: &[f64], weights: [f64; 3]) -> (Vec<[f64; 4]>, Vec<f64>) {
        let there = transformed(weights);
        let (mut products, mut outputs) = (Vec::new(), Vec::new());
        for t in 0..line.len().saturating_sub(2).div_ceil(2) {
            let at = |i: usize| line.get(2 * t + i).copied().unwrap_or(0.0);
            let d = tile([at(0), at(1), at(2), at(3)]);
            let p = [d[0] * there[0], d[1] * there[1], d[2] * there[2], d[3] * there[3]];
            products.push(p);
            outputs.extend(back(p));
        }
        (products, outputs)
    }
}

/// Forgets the halves.
///
/// # Feedback
///
/// The second and the third transformed weight are half of a sum. Without the halves, your outputs are too large by one of their parts.
pub mod mutant_forgets_the_halves {
    pub use super::solution::*;

    /// Sums, not halves of them.
    pub fn transformed([u, v, w]: [f64; 3]) -> [f64; 4] {
        [u, u + v + w, u - v + w, w]
    }
}

/// Turns the last difference round.
///
/// # Feedback
///
/// Your first output of each tile is right and the second is not: the last number made of the inputs is $`d_1 - d_3`$, and the last product is subtracted.
pub mod mutant_turns_the_last_difference {
    pub use super::solution::*;

    /// The last one with the other sign.
    pub fn tile([a, b, c, d]: [f64; 4]) -> [f64; 4] {
        [a - c, b + c, c - b, d - b]
    }
}
