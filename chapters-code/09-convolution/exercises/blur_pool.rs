//! # A pool that does not jump
//!
//! - points: 12
//! - minutes: 40
//! - difficulty: medium
//! - section: equivariance
//!
//! Shift an image by one pixel, and what comes out of a pool of 2 × 2 with stride 2 is not the old output shifted by half a pixel. It may be another image altogether: on a
//! line of pixels 0 0 1 1 0 0 1 1 the pool gives 0 1 0 1, and on the same line shifted by one, 0 0 0 1 1 0 0 1, it gives 0 1 1 1. The fault lies in the stride. To take every second number of a signal is safe only if the
//! signal hardly changes from one number to the next, and engineers of sound have long blurred a signal before they thinned it out.
//!
//! Write a max pool that does. It has three steps:
//!
//! 1. *Largest.* Each number becomes the largest of the 2 × 2 numbers of which it is the upper left, with stride 1. An image of H × W becomes one of (H − 1) × (W − 1).
//! 2. *Blur.* Each number $`m_{i,j}`$ of this becomes
//!    $`\sum_{u=-1}^{1} \sum_{v=-1}^{1} g_u\, g_v\, m_{i+u,\,j+v}`$ with $`g = (\tfrac14, \tfrac12, \tfrac14)`$. The size stays. Beyond the border, the image goes on as in a mirror that stands *on* the
//!    outermost numbers: the place −1 holds what is at 1, and with $`n`$ places, the place $`n`$ holds what is at $`n - 2`$. A side of a single number repeats that number.
//! 3. *Thin out.* Rows 0, 2, 4, … and of these the columns 0, 2, 4, … are kept.
//!
//! The image is one channel, row by row, at least 2 × 2. The result is the list of numbers, row by row; they are compared up to 1e-9. Numbers may be negative.
//!
//! ## Hint 1
//!
//! Three small functions, one for each step, are easier to get right than one with all the indices. The mirror deserves a function of its own, too.
//!
//! ## Hint 2
//!
//! Only the numbers that are kept need to be blurred: step 3 can be a stride in the loop of step 2. The mirrored place of a neighbour is to be found before the step's loop looks at the image.
//!
//! ## Hint 3
//!
//! Let the three neighbours of place $`i`$ be `[i.abs_diff(1), i, next]`: `abs_diff` makes 1 of the place before 0. `next` is $`i + 1`$, or $`i - 1`$ at the end. With a single place all three are 0.
//!
//! ## Solution
//!
//! The largest is taken without a stride, so it moves with the image exactly. What does not is the thinning, and the blur makes sure that the numbers that are left out differ little from those that
//! are kept. The cost is small: nine multiplications for each output, and channels do not mix.
//!
//! ## Notes
//!
//! **Time.** Forty minutes, half of them for borders.
//!
//! **Misconceptions.** That blur and pool can be exchanged: a blur behind the stride comes too late. That a border of zeros does no harm: it darkens the rim, and a network can learn from this where the rim is. That a mirror
//! repeats the outermost number; there are two kinds of mirror, and the statement chooses one.
//!
//! **Discussion.** Is the new pool exactly equivariant? (No: to shifts by two pixels, away from the border, as the old one. For one pixel it errs less.) How would you measure by how much less, on garments?

/// What the student starts from.
pub mod starter {
    /// A max pool of 2 × 2 with stride 2 that blurs before it thins out; an image row by row.
    pub fn blur_pool(image: &[f64], width: usize) -> Vec<f64> {
        todo!("largest, blur, thin out")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// A max pool of 2 × 2 with stride 2 that blurs before it thins out; an image row by row.
    pub fn blur_pool(image: &[f64], width: usize) -> Vec<f64> {
        let largest = largest(image, width);
        let width = width - 1;
        let height = largest.len() / width;
        let kept = |side: usize| (0..side).step_by(2);
        let places = kept(height).flat_map(|i| kept(width).map(move |j| (i, j)));
        places
            .map(|(i, j)| blur(&largest, width, neighbours(i, height), neighbours(j, width)))
            .collect()
    }

    /// The largest of each 2 × 2 numbers, stride 1.
    pub fn largest(image: &[f64], width: usize) -> Vec<f64> {
        let of_rows = |above: &[f64], below: &[f64]| -> Vec<f64> {
            let both: Vec<f64> = above.iter().zip(below).map(|(a, b)| a.max(*b)).collect();
            both.windows(2).map(|pair| pair[0].max(pair[1])).collect()
        };
        let rows = image.chunks(width).zip(image.chunks(width).skip(1));
        rows.flat_map(|(above, below)| of_rows(above, below)).collect()
    }

    /// The place before, the place itself and the place behind, in a mirror at both ends.
    pub fn neighbours(i: usize, side: usize) -> [usize; 3] {
        let last = side - 1;
        let before = i.abs_diff(1).min(last);
        let behind = if i < last { i + 1 } else { last.saturating_sub(1) };
        [before, i, behind]
    }

    /// The blurred number at the middle of three rows and three columns.
    pub fn blur(image: &[f64], width: usize, rows: [usize; 3], columns: [usize; 3]) -> f64 {
        let weights = [0.25, 0.5, 0.25];
        let row = |i: usize| -> f64 {
            columns.iter().zip(weights).map(|(j, g)| g * image[i * width + j]).sum()
        };
        rows.iter().zip(weights).map(|(&i, g)| g * row(i)).sum()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub image: Vec<f64>,
        pub width: usize,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        super::solution::blur_pool(&input.image, input.width)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("images with an even number of rows and columns", 5, |rng| {
            let (height, width) = (2 * rng.random_range(3..7), 2 * rng.random_range(3..7));
            image(rng, height, width, 0.0)
        });
        cases.general("images with an odd number of rows or columns", 5, |rng| {
            let (height, width) = (2 * rng.random_range(2..6) + 1, rng.random_range(5..12));
            image(rng, height, width, 0.0)
        });
        cases.edge("images of one grey", 2, |rng| {
            let (grey, width) = (rng.random_range(0.2..1.0), rng.random_range(3..9));
            Input { image: vec![grey; 7 * width], width }
        });
        cases.edge("images of negative numbers", 2, |rng| image(rng, 6, 5, -2.0));
        cases.edge("two rows, or two columns", 4, |rng| {
            let long = rng.random_range(3..9);
            if rng.random_bool(0.5) { image(rng, 2, long, 0.0) } else { image(rng, long, 2, 0.0) }
        });
        cases.edge("images of 2 × 2 and of 3 × 3", 2, |rng| {
            let side = rng.random_range(2..=3);
            image(rng, side, side, 0.0)
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let width = input.width / 2;
        compare::length("numbers", expected, found)?;
        compare::each(expected, found, 1e-9, |at| {
            format!("row {}, column {}", at / width, at % width)
        })
    }

    fn image(rng: &mut Rng, height: usize, width: usize, from: f64) -> Input {
        let image = (0..height * width).map(|_| from + rng.random_range(0.0..1.0)).collect();
        Input { image, width }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::blur_pool;

    #[test]
    fn two_rows() {
        // Largest of pairs: 0 1 1 1 0 1 1. Blurred at 0, in the mirror: (1 + 2·0 + 1) / 4 = 0.5. At 2: (1 + 2 + 1) / 4 = 1.
        // At 4: (1 + 2·0 + 1) / 4 = 0.5. At 6, in the mirror: (1 + 2 + 1) / 4 = 1. Down, the only row repeats.
        let line = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0];
        assert_eq!(blur_pool(&[line, line].concat(), 8), [0.5, 1.0, 0.5, 1.0]);
    }

    #[test]
    fn the_same_two_rows_shifted() {
        // Largest of pairs: 0 0 1 1 1 0 1. At 0: (0 + 0 + 0) / 4. At 2: (0 + 2 + 1) / 4. At 4: (1 + 2 + 0) / 4. At 6: (0 + 2 + 0) / 4.
        let line = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0];
        assert_eq!(blur_pool(&[line, line].concat(), 8), [0.0, 0.75, 0.75, 0.5]);
    }

    #[test]
    fn one_bright_corner() {
        // Largest: 16 at the upper left of 2 × 2 and 0 elsewhere. In the mirror both neighbours of place 0 are place 1, so a half of a half of 16 is left.
        let image = [16.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(blur_pool(&image, 3), [4.0]);
    }

    #[test]
    fn the_smallest_image() {
        // One number is the largest, it is its own mirror image, and it is kept.
        assert_eq!(blur_pool(&[1.0, -3.0, 2.0, 0.5], 2), [2.0]);
    }
}

/// Takes the place beyond the border for zero.
///
/// # Feedback
///
/// Your output is too dark along the border: there you blur with zeros. A picture of one grey must stay what it is.
pub mod mutant_blurs_with_zeros {
    pub use super::solution::*;

    /// The places that exist; one that does not is far away.
    pub fn neighbours(i: usize, side: usize) -> [usize; 3] {
        let exists = |place: usize| if place < side { place } else { usize::MAX };
        [exists(i.wrapping_sub(1)), i, exists(i + 1)]
    }

    /// The blurred number, with zeros for what does not exist.
    pub fn blur(image: &[f64], width: usize, rows: [usize; 3], columns: [usize; 3]) -> f64 {
        let mut sum = 0.0;
        for (&i, g) in rows.iter().zip([0.25, 0.5, 0.25]) {
            for (&j, h) in columns.iter().zip([0.25, 0.5, 0.25]) {
                if i != usize::MAX && j != usize::MAX {
                    sum += g * h * image[i * width + j];
                }
            }
        }
        sum
    }
}

/// Repeats the outermost number in the mirror.
///
/// # Feedback
///
/// Your answers differ along the border alone. Your mirror stands behind the outermost number, and shows it twice; the one that is asked for stands on it, so that the place −1 holds what is at 1.
pub mod mutant_repeats_the_outermost {
    pub use super::solution::*;

    /// The neighbours, the outermost place beside itself.
    pub fn neighbours(i: usize, side: usize) -> [usize; 3] {
        [i.saturating_sub(1), i, (i + 1).min(side - 1)]
    }
}

/// Thins out before it blurs.
///
/// # Feedback
///
/// You blur what the stride has left. Then what was lost by leaving out is lost already, and the output is only less sharp. The blur comes before the stride.
pub mod mutant_blurs_too_late {
    pub use super::solution::*;

    /// The blurred numbers of those that are kept.
    pub fn blur_pool(image: &[f64], width: usize) -> Vec<f64> {
        let largest = largest(image, width);
        let kept: Vec<f64> = largest
            .chunks(width - 1)
            .step_by(2)
            .flat_map(|row| row.iter().copied().step_by(2))
            .collect();
        let width = width / 2;
        let height = kept.len() / width;
        let places = (0..kept.len()).map(|at| (at / width, at % width));
        places
            .map(|(i, j)| blur(&kept, width, neighbours(i, height), neighbours(j, width)))
            .collect()
    }
}

/// Keeps what the largest was taken for, and leaves the blur out.
///
/// # Feedback
///
/// Your output is that of an ordinary max pool: nothing has been blurred.
pub mod mutant_does_not_blur {
    pub use super::solution::*;

    /// The number in the middle.
    pub fn blur(image: &[f64], width: usize, rows: [usize; 3], columns: [usize; 3]) -> f64 {
        image[rows[1] * width + columns[1]]
    }
}

/// Begins the largest with zero.
///
/// # Feedback
///
/// Where all numbers are negative you find 0 for the largest. A search for the largest begins with one of the numbers, or with negative infinity.
pub mod mutant_begins_with_zero {
    pub use super::solution::*;

    /// The largest of each 2 × 2 numbers and zero.
    pub fn largest(image: &[f64], width: usize) -> Vec<f64> {
        let height = image.len() / width;
        let corners = (0..height - 1).flat_map(|i| (0..width - 1).map(move |j| i * width + j));
        corners
            .map(|at| {
                [at, at + 1, at + width, at + width + 1]
                    .iter()
                    .fold(0.0, |most: f64, &k| most.max(image[k]))
            })
            .collect()
    }
}
