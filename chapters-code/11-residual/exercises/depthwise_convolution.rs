//! # Each channel by itself
//!
//! - points: 10
//! - minutes: 30
//! - difficulty: medium
//! - section: residual-depthwise
//!
//! A depthwise convolution has one window for each channel, and no channel sees another. With $`x`$ a picture of $`C`$ channels, $`(C, H, W)`$, with $`w`$ of shape $`(C, K, K)`$, a stride of $`s`$ and a padding of $`p`$ zeros on each side,
//!
//! ```math
//! y_{cij} = \sum_{u=0}^{K-1} \sum_{v=0}^{K-1} w_{cuv}\, x_{c,\; i s + u - p,\; j s + v - p},
//! ```
//!
//! where whatever lies outside the picture is zero. The output has $`\lfloor (H + 2p - K) / s \rfloor + 1`$ rows, and columns by the same rule from $`W`$.
//!
//! Write the function. A picture is a list of channels, a channel a list of rows.
//!
//! - All channels of `x` have the same size, and all windows are square. There is at least one channel.
//! - The window fits the padded picture. `stride` is at least 1.
//! - Rows and columns may differ in number.
//!
//! ## Hint 1
//!
//! Take one channel and one output, and write down which pixels its window covers. Only then add loops over outputs and channels.
//!
//! ## Hint 2
//!
//! The row of the picture under row `u` of the window of output `i` is `i * stride + u - padding`. Counted without a sign this fails for the first rows: `checked_sub` says so, and `get` says whether a row beyond the last was asked for.
//!
//! ## Hint 3
//!
//! ```text
//! let pixel = |i: usize, u: usize| (i * stride + u).checked_sub(padding);
//! ```
//!
//! gives `None` before the picture. `channel.get(row).and_then(|row| row.get(column))` gives `None` behind it. Sum what is `Some`.
//!
//! ## Solution
//!
//! The channels do not meet, so that the whole is one function for one channel, called $`C`$ times. It takes $`K^2`$ multiply-adds for each output, where a full convolution takes $`K^2 C`$.
//!
//! ## Notes
//!
//! **Time.** Thirty minutes. Whoever has written a full convolution before takes ten.
//!
//! **Misconceptions.** That the sum goes over the channels. That convolution in deep learning turns the window round: it does not. That the padding only matters to the size of the output. That a picture is square.
//!
//! **Discussion.** How would you write the gradient of the picture? (Each output hands $`w_{cuv}`$ times its own gradient back to the pixel that it read.) And why does a depthwise convolution have no matrix product that it could be turned into, unless each channel gets its own?

/// What the student starts from.
pub mod starter {
    /// A channel: rows of pixels.
    pub type Channel = Vec<Vec<f64>>;

    /// The depthwise convolution of a picture `(C, H, W)` with windows `(C, K, K)`.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        todo!("one channel, then all of them")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// A channel: rows of pixels.
    pub type Channel = Vec<Vec<f64>>;

    /// The depthwise convolution of a picture `(C, H, W)` with windows `(C, K, K)`.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        x.iter().zip(w).map(|(x, w)| one(x, w, stride, padding)).collect()
    }

    /// One channel.
    pub fn one(x: &Channel, w: &Channel, stride: usize, padding: usize) -> Channel {
        let k = w.len();
        let rows = outputs(x.len(), k, stride, padding);
        let columns = outputs(x[0].len(), k, stride, padding);
        let sum = |i: usize, j: usize| window(x, w, (i * stride, j * stride), padding);
        (0..rows).map(|i| (0..columns).map(|j| sum(i, j)).collect()).collect()
    }

    /// How many windows fit into a line of `n` pixels.
    pub fn outputs(n: usize, k: usize, stride: usize, padding: usize) -> usize {
        (n + 2 * padding - k) / stride + 1
    }

    /// The sum of a window that begins at a row and a column of the padded picture.
    pub fn window(x: &Channel, w: &Channel, at: (usize, usize), padding: usize) -> f64 {
        let mut sum = 0.0;
        for (u, w) in w.iter().enumerate() {
            for (v, w) in w.iter().enumerate() {
                sum += w * pixel(x, (at.0 + u, at.1 + v), padding);
            }
        }
        sum
    }

    /// The pixel at a row and a column of the padded picture.
    pub fn pixel(x: &Channel, at: (usize, usize), padding: usize) -> f64 {
        let inside = |i: usize| i.checked_sub(padding);
        let found = inside(at.0).and_then(|i| x.get(i)?.get(inside(at.1)?));
        found.copied().unwrap_or(0.0)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub x: Vec<Vec<Vec<f64>>>,
        pub w: Vec<Vec<Vec<f64>>>,
        pub stride: usize,
        pub padding: usize,
    }

    pub type Output = Vec<Vec<Vec<f64>>>;

    pub fn call(input: &Input) -> Output {
        super::solution::depthwise_convolution(&input.x, &input.w, input.stride, input.padding)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    fn picture(rng: &mut Rng, channels: usize, rows: usize, columns: usize) -> Vec<Vec<Vec<f64>>> {
        let mut row = |_| (0..columns).map(|_| f64::from(rng.random_range(-9..10_i32))).collect();
        (0..channels).map(|_| (0..rows).map(&mut row).collect()).collect()
    }

    fn input(
        rng: &mut Rng,
        [c, h, w]: [usize; 3],
        k: usize,
        stride: usize,
        padding: usize,
    ) -> Input {
        Input { x: picture(rng, c, h, w), w: picture(rng, c, k, k), stride, padding }
    }

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("square pictures, stride 1, no padding", 4, |rng| {
            let (c, n, k) =
                (rng.random_range(2..5), rng.random_range(4..8), rng.random_range(2..4));
            input(rng, [c, n, n], k, 1, 0)
        });
        cases.general("a padding that keeps the size", 4, |rng| {
            let (c, n) = (rng.random_range(2..5), rng.random_range(3..7));
            input(rng, [c, n, n], 3, 1, 1)
        });
        cases.general("any stride and padding", 6, |rng| {
            let (c, h, w) =
                (rng.random_range(2..4), rng.random_range(5..9), rng.random_range(5..9));
            let (stride, padding) = (rng.random_range(2..4), rng.random_range(0..3));
            input(rng, [c, h, w], 3, stride, padding)
        });
        cases.edge("more columns than rows", 3, |rng| input(rng, [2, 3, 7], 2, 1, 0));
        cases.edge("one channel", 2, |rng| input(rng, [1, 5, 5], 3, 1, 1));
        cases.edge("a window of one pixel", 2, |rng| input(rng, [3, 4, 4], 1, 1, 0));
        cases.edge("a window as large as the padded picture", 2, |rng| {
            input(rng, [2, 3, 3], 5, 1, 1)
        });
        cases.edge("a stride after which pixels are left over", 3, |rng| {
            input(rng, [2, 6, 8], 3, 2, 0)
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("channels", expected, found)?;
        for (c, (expected, found)) in expected.iter().zip(found).enumerate() {
            compare::length(&format!("rows of channel {c}"), expected, found)?;
            for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare::length(&format!("columns of row {i} of channel {c}"), expected, found)?;
                for (j, (expected, found)) in expected.iter().zip(found).enumerate() {
                    if !compare::close(*expected, *found, 1e-9) {
                        return Err(format!(
                            "row {i}, column {j} of channel {c} is {expected}, and you say {found}"
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::depthwise_convolution;

    fn pictures() -> [Vec<Vec<Vec<f64>>>; 2] {
        let first = vec![vec![1.0, 0.0, 2.0], vec![0.0, 1.0, 0.0], vec![3.0, 0.0, 1.0]];
        let second = vec![vec![0.0, 1.0, 0.0], vec![1.0, 0.0, 1.0], vec![0.0, 1.0, 0.0]];
        let windows =
            vec![vec![vec![1.0, 2.0], vec![3.0, 4.0]], vec![vec![1.0, -1.0], vec![-1.0, 1.0]]];
        [vec![first, second], windows]
    }

    #[test]
    fn the_example_of_the_chapter() {
        let [x, w] = pictures();
        let y = depthwise_convolution(&x, &w, 1, 0);
        assert_eq!(y[0], [[5.0, 7.0], [11.0, 5.0]]);
        assert_eq!(y[1], [[-2.0, 2.0], [2.0, -2.0]]);
    }

    #[test]
    fn a_stride_of_two_with_padding() {
        // (3 + 2 − 2) / 2 + 1 = 2 rows. The first window of channel 0 has only its last weight in the picture: 4 · 1.
        let [x, w] = pictures();
        let y = depthwise_convolution(&x, &w, 2, 1);
        assert_eq!(y[0], [[4.0, 8.0], [12.0, 5.0]]);
    }

    #[test]
    fn a_window_of_one_pixel_scales() {
        let [x, _] = pictures();
        let w = vec![vec![vec![2.0]], vec![vec![-1.0]]];
        let y = depthwise_convolution(&x, &w, 1, 0);
        assert_eq!(y[0][0], [2.0, 0.0, 4.0]);
        assert_eq!(y[1][1], [-1.0, 0.0, -1.0]);
    }
}

/// Sums over all channels, as a full convolution does.
///
/// # Feedback
///
/// Each of your outputs sees all channels. In a depthwise convolution output channel `c` sees input channel `c` and no other.
pub mod mutant_mixes_channels {
    pub use super::solution::*;

    /// Every output is the sum over the channels.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        let all: Vec<Channel> = x.iter().zip(w).map(|(x, w)| one(x, w, stride, padding)).collect();
        let sum = |i: usize, j: usize| all.iter().map(|channel| channel[i][j]).sum();
        let rows = 0..all[0].len();
        let mixed: Channel =
            rows.map(|i| (0..all[0][0].len()).map(|j| sum(i, j)).collect()).collect();
        vec![mixed; x.len()]
    }
}

/// Uses the first window for every channel.
///
/// # Feedback
///
/// Your first channel is right and the others are not: you use the window of channel 0 for all. Each channel has its own.
pub mod mutant_has_one_window_for_all {
    pub use super::solution::*;

    /// Every channel with the first window.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        x.iter().map(|x| one(x, &w[0], stride, padding)).collect()
    }
}

/// Turns the window round.
///
/// # Feedback
///
/// You turn the window round, as convolution in mathematics does. Deep learning does not: weight `(u, v)` meets the pixel `u` rows below and `v` columns right of where the window begins.
pub mod mutant_turns_the_window {
    pub use super::solution::*;

    /// One channel, with the window from its end.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        let turn = |w: &Channel| -> Channel {
            w.iter().rev().map(|row| row.iter().rev().copied().collect()).collect()
        };
        x.iter().zip(w).map(|(x, w)| one(x, &turn(w), stride, padding)).collect()
    }
}

/// Moves by one pixel whatever the stride.
///
/// # Feedback
///
/// The size of your output is right, but with a stride above 1 your windows lie too close together: output `i` begins at row `i * stride` of the padded picture.
pub mod mutant_steps_by_one {
    pub use super::solution::*;

    /// Windows side by side.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        let close = |x: &Channel, w: &Channel| -> Channel {
            let k = w.len();
            let rows = outputs(x.len(), k, stride, padding);
            let columns = outputs(x[0].len(), k, stride, padding);
            let sum = |i: usize, j: usize| window(x, w, (i, j), padding);
            (0..rows).map(|i| (0..columns).map(|j| sum(i, j)).collect()).collect()
        };
        x.iter().zip(w).map(|(x, w)| close(x, w)).collect()
    }
}

/// Repeats the pixels at the rim where zeros are asked for.
///
/// # Feedback
///
/// At the rim you repeat the nearest pixel. The padding is zeros: what lies outside the picture adds nothing.
pub mod mutant_repeats_the_rim {
    pub use super::solution::*;

    /// The nearest pixel of the picture.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        let widen = |x: &Channel| -> Channel {
            let near = |i: usize, n: usize| i.saturating_sub(padding).min(n - 1);
            let row = |row: &Vec<f64>| -> Vec<f64> {
                (0..row.len() + 2 * padding).map(|j| row[near(j, row.len())]).collect()
            };
            (0..x.len() + 2 * padding).map(|i| row(&x[near(i, x.len())])).collect()
        };
        x.iter().zip(w).map(|(x, w)| one(&widen(x), w, stride, 0)).collect()
    }
}

/// Takes the number of rows for the number of columns.
///
/// # Feedback
///
/// You give as many columns as rows. Both follow the same rule, the columns from the width of the picture.
pub mod mutant_takes_pictures_for_square {
    pub use super::solution::*;

    /// As many columns as rows.
    pub fn depthwise_convolution(
        x: &[Channel],
        w: &[Channel],
        stride: usize,
        padding: usize,
    ) -> Vec<Channel> {
        let square = |x: &Channel, w: &Channel| -> Channel {
            let n = outputs(x.len(), w.len(), stride, padding);
            let sum = |i: usize, j: usize| window(x, w, (i * stride, j * stride), padding);
            (0..n).map(|i| (0..n).map(|j| sum(i, j)).collect()).collect()
        };
        x.iter().zip(w).map(|(x, w)| square(x, w)).collect()
    }
}
