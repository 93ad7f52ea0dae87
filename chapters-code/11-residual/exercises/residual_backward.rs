//! # The way back through a stack of blocks
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: residual-depth
//!
//! A stack has $`L`$ blocks on $`d`$ numbers. Block $`l`$ has a matrix $`A_l`$, $`(d, d)`$, and a number $`\alpha`$ that all blocks share:
//!
//! ```math
//! y = \max(0,\; x + \alpha A_l x)
//! ```
//!
//! What one block gives is what the next one reads. Write a function that takes the blocks, $`\alpha`$, the input of the first block and the gradient of a loss with respect to the output of the last one. It gives the output of the last block, and the gradient of the loss with respect to the input of the first.
//!
//! - `blocks[l][i][j]` is row $`i`$, column $`j`$ of $`A_l`$. There may be no blocks at all.
//! - Where the sum under the maximum is 0 or less, ReLU passes no gradient on.
//! - Results are compared up to 1e-9 relative. Stacks have up to 60 blocks.
//!
//! ## Hint 1
//!
//! Two loops: one forward over the blocks, which keeps the output of each, and one backward, from the last block to the first. What does the second need of the first?
//!
//! ## Hint 2
//!
//! In one block, let $`z = x + \alpha A x`$. First $`\partial L / \partial z`$ from $`\partial L / \partial y`$. The input $`x`$ reaches $`z`$ on two ways, and what comes back on both is added.
//!
//! ## Hint 3
//!
//! With $`\delta_i = \partial L / \partial y_i`$ where $`y_i > 0`$, and 0 elsewhere, $`\partial L / \partial x = \delta + \alpha A^\top \delta`$. The matrix is transposed: $`x_j`$ goes to $`z_i`$ with the weight $`A_{ij}`$.
//!
//! ## Solution
//!
//! The derivative of one block without its ReLU is $`I + \alpha A`$. Its transpose times $`\delta`$ is $`\delta`$ itself plus a correction by the branch. With $`\alpha = 0`$ the gradient goes through any number of blocks as it came, except where a ReLU is closed. Without the way around, it would be multiplied by $`L`$ matrices, and nothing else.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes; ten of them for the transpose.
//!
//! **Misconceptions.** That the gradient is divided among the two ways: each of them gets all of it. That α = 0 stops the gradient: it stops that of the branch's weights, and lets that of the input pass. That the ReLU behind the sum does no harm: a feature that it closes once gets no gradient from above in any block below, on either way.
//!
//! **Discussion.** Let every matrix be the same symmetric one, with eigenvalues from −1 to 1. For which α do 60 blocks shrink a gradient by at most a half, for which do they double it? (Along an eigenvector with eigenvalue λ the factor is $`(1 + \alpha \lambda)^{60}`$.)

/// What the student starts from.
pub mod starter {
    /// The output of the stack, and the gradient with respect to its input.
    pub fn residual_backward(
        blocks: &[Vec<Vec<f64>>],
        alpha: f64,
        x: &[f64],
        dy: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        todo!("forward, and keep the outputs; then backward")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The output of the stack, and the gradient with respect to its input.
    pub fn residual_backward(
        blocks: &[Vec<Vec<f64>>],
        alpha: f64,
        x: &[f64],
        dy: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let mut values = vec![x.to_vec()];
        for block in blocks {
            let last = &values[values.len() - 1];
            values.push(forward(block, alpha, last));
        }
        let mut gradient = dy.to_vec();
        for (block, y) in blocks.iter().zip(&values[1..]).rev() {
            let dz = open(y, &gradient);
            gradient = both_ways(&dz, alpha, &transposed_times(block, &dz));
        }
        (values.pop().unwrap_or_default(), gradient)
    }

    /// One block.
    pub fn forward(block: &[Vec<f64>], alpha: f64, x: &[f64]) -> Vec<f64> {
        let branch = |row: &Vec<f64>| row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>();
        block.iter().zip(x).map(|(row, x)| relu(x + alpha * branch(row))).collect()
    }

    /// The function behind the sum.
    pub fn relu(z: f64) -> f64 {
        z.max(0.0)
    }

    /// The gradient where ReLU lets it pass.
    pub fn open(y: &[f64], dy: &[f64]) -> Vec<f64> {
        y.iter().zip(dy).map(|(&y, &dy)| if y > 0.0 { dy } else { 0.0 }).collect()
    }

    /// What comes back on the way around, and what comes back through the branch.
    pub fn both_ways(dz: &[f64], alpha: f64, through: &[f64]) -> Vec<f64> {
        dz.iter().zip(through).map(|(dz, through)| dz + alpha * through).collect()
    }

    /// `Aᵀ δ`.
    pub fn transposed_times(block: &[Vec<f64>], dz: &[f64]) -> Vec<f64> {
        let column = |j: usize| block.iter().zip(dz).map(|(row, dz)| row[j] * dz).sum();
        (0..dz.len()).map(column).collect()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub blocks: Vec<Vec<Vec<f64>>>,
        pub alpha: f64,
        pub x: Vec<f64>,
        pub dy: Vec<f64>,
    }

    pub type Output = (Vec<f64>, Vec<f64>);

    pub fn call(input: &Input) -> Output {
        super::solution::residual_backward(&input.blocks, input.alpha, &input.x, &input.dy)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("one block", 5, |rng| stack(rng, 1, 3, 0.7));
        cases.general("a few blocks, of which some close", 6, |rng| {
            let blocks = rng.random_range(2..6usize);
            stack(rng, blocks, 4, 1.0)
        });
        cases.general("a deep stack with small branches", 4, |rng| {
            let blocks = rng.random_range(40..=60usize);
            stack(rng, blocks, 5, 0.02)
        });
        cases.edge("branches times nought: the gradient passes as it came", 3, |rng| {
            stack(rng, 50, 4, 0.0)
        });
        cases.edge("no block", 2, |rng| stack(rng, 0, 3, 0.5));
        cases.edge("a sum of exactly nought", 2, |rng| {
            let mut input = stack(rng, 1, 2, 1.0);
            // The first number meets its own opposite.
            input.blocks[0][0] = vec![-1.0, 0.0];
            input
        });
        cases.edge("a negative input", 2, |rng| {
            let mut input = stack(rng, 2, 3, 0.3);
            input.x[0] = -2.0;
            input
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        for (what, expected, found) in
            [("output", &expected.0, &found.0), ("gradient", &expected.1, &found.1)]
        {
            compare::length("numbers", expected, found)?;
            for (i, (&e, &f)) in expected.iter().zip(found).enumerate() {
                compare::number(&format!("number {i} of the {what}"), e, f, 1e-9)?;
            }
        }
        Ok(())
    }

    fn stack(rng: &mut Rng, blocks: usize, d: usize, alpha: f64) -> Input {
        let mut number = |low: f64| f64::from(rng.random_range((64.0 * low) as i32..=64)) / 64.0;
        let mut block = || (0..d).map(|_| (0..d).map(|_| number(-1.0)).collect()).collect();
        let blocks = (0..blocks).map(|_| block()).collect();
        let x = (0..d).map(|_| number(0.25)).collect();
        let dy = (0..d).map(|_| number(-1.0)).collect();
        Input { blocks, alpha, x, dy }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::residual_backward;

    fn close(found: &[f64], expected: &[f64]) {
        let far = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-12;
        assert!(!found.iter().zip(expected).any(far), "{found:?} is not {expected:?}");
    }

    /// The block of the page.
    const A: [[f64; 2]; 2] = [[0.1, -0.4], [0.3, -0.1]];

    fn block() -> Vec<Vec<f64>> {
        A.map(|row| row.to_vec()).to_vec()
    }

    #[test]
    fn the_block_of_the_page() {
        // A x = (−0.2, 0.5), so y = (1.8, 1.5), and (1, 1) + Aᵀ (1, 1) = (1 + 0.4, 1 − 0.5).
        let (y, dx) = residual_backward(&[block()], 1.0, &[2.0, 1.0], &[1.0, 1.0]);
        close(&y, &[1.8, 1.5]);
        close(&dx, &[1.4, 0.5]);
    }

    #[test]
    fn the_identity_passes_the_gradient_on() {
        // Fifty blocks, and branches that count for nothing.
        let (y, dx) = residual_backward(&vec![block(); 50], 0.0, &[2.0, 1.0], &[3.0, -5.0]);
        close(&y, &[2.0, 1.0]);
        close(&dx, &[3.0, -5.0]);
    }

    #[test]
    fn a_closed_relu_stops_both_ways() {
        // x₂ + (A x)₂ = 1 − 3 < 0: nothing comes back from the second number.
        let closing = vec![vec![0.5, 0.0], vec![0.0, -3.0]];
        let (y, dx) = residual_backward(&[closing], 1.0, &[2.0, 1.0], &[1.0, 1.0]);
        close(&y, &[3.0, 0.0]);
        close(&dx, &[1.5, 0.0]);
    }

    #[test]
    fn without_blocks() {
        let (y, dx) = residual_backward(&[], 1.0, &[2.0, 1.0], &[0.5, 4.0]);
        close(&y, &[2.0, 1.0]);
        close(&dx, &[0.5, 4.0]);
    }
}

/// Lets the gradient back through the branches alone.
///
/// # Feedback
///
/// Your gradient comes back through the branch and not on the way around it. That is the gradient of a plain stack: with a small α hardly anything of it is left after a few blocks.
pub mod mutant_forgets_the_way_around {
    pub use super::solution::*;

    /// The branch alone.
    pub fn both_ways(_: &[f64], alpha: f64, through: &[f64]) -> Vec<f64> {
        through.iter().map(|through| alpha * through).collect()
    }
}

/// Multiplies by the matrix where its transpose belongs.
///
/// # Feedback
///
/// You multiply the gradient by A. It goes back against the arrows: from output i to input j with the weight in row i and column j, so that the matrix is transposed.
pub mod mutant_does_not_transpose {
    pub use super::solution::*;

    /// `A δ`.
    pub fn transposed_times(block: &[Vec<f64>], dz: &[f64]) -> Vec<f64> {
        block.iter().map(|row| row.iter().zip(dz).map(|(a, dz)| a * dz).sum()).collect()
    }
}

/// Forgets α on the way back.
///
/// # Feedback
///
/// Your output is right and your gradient is not: what comes back through the branch has to be multiplied by α, as what went forward was.
pub mod mutant_forgets_alpha_on_the_way_back {
    pub use super::solution::*;

    /// Both ways in full.
    pub fn both_ways(dz: &[f64], _: f64, through: &[f64]) -> Vec<f64> {
        dz.iter().zip(through).map(|(dz, through)| dz + through).collect()
    }
}

/// Takes ReLU for the identity on the way back.
///
/// # Feedback
///
/// You let the gradient pass where ReLU has given 0. There the output does not depend on the input, on neither of the two ways.
pub mod mutant_ignores_closed_relus {
    pub use super::solution::*;

    /// All of it.
    pub fn open(_: &[f64], dy: &[f64]) -> Vec<f64> {
        dy.to_vec()
    }
}

/// Shares the gradient among the two ways.
///
/// # Feedback
///
/// You give each of the two ways half of the gradient. A sum hands the whole of it to each of its terms.
pub mod mutant_halves_the_gradient {
    pub use super::solution::*;

    /// A half each.
    pub fn both_ways(dz: &[f64], alpha: f64, through: &[f64]) -> Vec<f64> {
        dz.iter().zip(through).map(|(dz, through)| 0.5 * (dz + alpha * through)).collect()
    }
}
