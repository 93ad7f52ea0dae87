//! # What a window of SAME sees
//!
//! - points: 5
//! - minutes: 20
//! - difficulty: warm-up
//! - section: representation-programs
//!
//! EfficientNet-Lite0 was trained with TensorFlow, whose padding `SAME` is a rule and not a number. A convolution with a window of $`k`$ places and a stride of $`s`$ over a line of $`n`$ inputs has
//! $`o = n / s`$ outputs, rounded up. So that this comes out right, zeros are laid around the line: as many in all as the windows reach over its end,
//!
//! ```math
//! z = (o - 1)\, s + k - n
//! ```
//!
//! or none where this is negative. Half of them stand before the first input and half behind the last. Where $`z`$ is odd, the one that is left over stands *behind*. Window $`i`$, counted from 0, begins $`i s`$ places from the first zero.
//!
//! Write a function that gives, for every window in order, the first and the last input that it reads. Zeros are not inputs; inputs are counted from 0.
//!
//! - `n`, `window` and `stride` are at least 1. A stride may be larger than its window, and a window larger than the line.
//! - Every window reads at least one input, so that there is always a first and a last.
//!
//! ## Hint 1
//!
//! Take 4 inputs, a window of 3 and a stride of 2, on paper. How many outputs, how many zeros, and on which side do they stand?
//!
//! ## Hint 2
//!
//! If you count from the first zero, window $`i`$ covers the places from $`i s`$ to $`i s + k - 1`$. An input $`j`$ stands at the place $`j`$ plus the zeros before it. Subtract them, and cut off what does not exist.
//!
//! ## Hint 3
//!
//! `n.div_ceil(stride)` rounds up. Zeros in all are `((o - 1) * stride + window).saturating_sub(n)`, those before are half of it, rounded down. The first input is `(i * stride).saturating_sub(before)`, the last
//! `(i * stride + window - 1 - before).min(n - 1)`.
//!
//! ## Solution
//!
//! The padding depends on the length of the line, and so on the size of the photograph. For 224 inputs, a window of 3 and a stride of 2, one zero is needed, and it stands behind. For 225 inputs two are needed, one on each side, and the rule agrees
//! with the padding of one that a PyTorch user would write.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes, most of them for the case of an odd number.
//!
//! **Misconceptions.** That SAME means $`k / 2`$ zeros on each side: it does for stride 1 and an odd window, and for stride 2 only where the length is odd. That the size of the output shows which rule was used. That the number of zeros belongs to the layer: it belongs to
//! the layer and the length of its input.
//!
//! **Discussion.** A network with five strides of two reads a picture of 224 pixels. By how many pixels of the picture have its windows moved in the end, if each layer is padded the other way? (Half a step is at stake in each, and steps double: one pixel, two, four, eight, sixteen.)

/// What the student starts from.
pub mod starter {
    /// The first and the last input that each window reads, under TensorFlow's `SAME`.
    pub fn same_padding(n: usize, window: usize, stride: usize) -> Vec<(usize, usize)> {
        todo!("count outputs, then zeros, then cut")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The first and the last input that each window reads, under TensorFlow's `SAME`.
    pub fn same_padding(n: usize, window: usize, stride: usize) -> Vec<(usize, usize)> {
        let outputs = outputs(n, stride);
        let before = before(n, window, stride, outputs);
        (0..outputs).map(|i| reads(n, window, i * stride, before)).collect()
    }

    /// How many windows there are.
    pub fn outputs(n: usize, stride: usize) -> usize {
        n.div_ceil(stride)
    }

    /// Zeros before the first input.
    pub fn before(n: usize, window: usize, stride: usize, outputs: usize) -> usize {
        ((outputs - 1) * stride + window).saturating_sub(n) / 2
    }

    /// What a window reads that begins at a place, counted from the first zero.
    pub fn reads(n: usize, window: usize, begins: usize, before: usize) -> (usize, usize) {
        (begins.saturating_sub(before), (begins + window - 1).saturating_sub(before).min(n - 1))
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub n: usize,
        pub window: usize,
        pub stride: usize,
    }

    pub type Output = Vec<(usize, usize)>;

    pub fn call(input: &Input) -> Output {
        super::solution::same_padding(input.n, input.window, input.stride)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("odd windows with stride 1", 4, |rng| Input {
            n: rng.random_range(6..20usize),
            window: 2 * rng.random_range(1..3usize) + 1,
            stride: 1,
        });
        cases.general("odd windows with stride 2, on lines of even length", 5, |rng| Input {
            n: 2 * rng.random_range(4..12usize),
            window: 2 * rng.random_range(1..3usize) + 1,
            stride: 2,
        });
        cases.general("any window, any stride up to it", 5, |rng| {
            let window = rng.random_range(2..7usize);
            Input { n: rng.random_range(8..25usize), window, stride: rng.random_range(2..=window) }
        });
        cases.edge("lines of odd length with stride 2", 3, |rng| Input {
            n: 2 * rng.random_range(4..12usize) + 1,
            window: 3,
            stride: 2,
        });
        cases.edge("a stride larger than its window", 4, |rng| {
            let window = rng.random_range(1..4usize);
            let stride = window + rng.random_range(2..5usize);
            // The last window ends before the line does.
            let n = stride * rng.random_range(2..4usize) + stride - rng.random_range(0..=1usize);
            Input { n, window, stride }
        });
        cases.edge("a window larger than the line", 3, |rng| {
            let n = rng.random_range(1..4usize);
            Input { n, window: n + rng.random_range(1..5usize), stride: rng.random_range(1..3) }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("windows", expected, found)?;
        match expected.iter().zip(found).position(|(expected, found)| expected != found) {
            None => Ok(()),
            Some(i) => Err(format!(
                "window {i} reads the inputs {} to {}, and you say {} to {}",
                expected[i].0, expected[i].1, found[i].0, found[i].1
            )),
        }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::same_padding;

    #[test]
    fn one_zero_stands_behind() {
        // Two outputs; (2 − 1) · 2 + 3 − 4 = 1 zero. It stands behind, so window 0 reads 0 to 2, and window 1 what is left from 2 on.
        assert_eq!(same_padding(4, 3, 2), [(0, 2), (2, 3)]);
    }

    #[test]
    fn two_zeros_stand_on_both_sides() {
        // Three outputs; (3 − 1) · 2 + 3 − 5 = 2 zeros, one on each side.
        assert_eq!(same_padding(5, 3, 2), [(0, 1), (1, 3), (3, 4)]);
    }

    #[test]
    fn without_a_stride() {
        // Three outputs and two zeros.
        assert_eq!(same_padding(3, 3, 1), [(0, 1), (0, 2), (1, 2)]);
    }

    #[test]
    fn a_step_over_an_input() {
        // Two outputs; 3 + 1 − 6 is negative, so there are no zeros. The inputs 1, 2, 4 and 5 are read by nobody.
        assert_eq!(same_padding(6, 1, 3), [(0, 0), (3, 3)]);
    }
}

/// Lays half a window of zeros before the line, as in PyTorch.
///
/// # Feedback
///
/// You put half a window of zeros on each side, whatever the length. Under SAME the number of zeros follows from the length of the line and the stride: with 4 inputs, a window of 3 and a stride of 2 there is one, and none stands before the first input.
pub mod mutant_pads_both_sides_alike {
    pub use super::solution::*;

    /// Half a window.
    pub fn before(_: usize, window: usize, _: usize, _: usize) -> usize {
        (window - 1) / 2
    }
}

/// Puts the odd zero before the line.
///
/// # Feedback
///
/// Where the number of zeros is odd, you put the one that is left over in front. TensorFlow puts it behind, so that your windows begin one place too early.
pub mod mutant_puts_the_odd_zero_before {
    pub use super::solution::*;

    /// Half of the zeros, rounded up.
    pub fn before(n: usize, window: usize, stride: usize, outputs: usize) -> usize {
        ((outputs - 1) * stride + window).saturating_sub(n).div_ceil(2)
    }
}

/// Rounds the number of windows down.
///
/// # Feedback
///
/// You have too few windows where the stride does not divide the length of the line. The number of outputs is rounded up.
pub mod mutant_rounds_outputs_down {
    pub use super::solution::*;

    /// Windows, rounded down, and at least one.
    pub fn outputs(n: usize, stride: usize) -> usize {
        (n / stride).max(1)
    }
}

/// Counts the zeros behind the line as inputs.
///
/// # Feedback
///
/// Your last windows read inputs that do not exist: a place behind the line holds a zero. The last input is `n - 1`.
pub mod mutant_reads_beyond_the_end {
    pub use super::solution::*;

    /// The last place, whether or not it exists.
    pub fn reads(_: usize, window: usize, begins: usize, before: usize) -> (usize, usize) {
        (begins.saturating_sub(before), begins + window - 1 - before)
    }
}

/// Centres the windows where they do not cover the line.
///
/// # Feedback
///
/// Where the windows do not reach the end of the line, the number of zeros comes out negative, and you move the windows inwards by half of it. Then there are no zeros, and window 0 begins at input 0.
pub mod mutant_centres_short_windows {
    pub use super::solution::*;

    /// Every window, from a place that may lie inside the line.
    pub fn same_padding(n: usize, window: usize, stride: usize) -> Vec<(usize, usize)> {
        let outputs = outputs(n, stride);
        let covered = (outputs - 1) * stride + window;
        let inwards = n.saturating_sub(covered) / 2;
        let before = before(n, window, stride, outputs);
        (0..outputs).map(|i| reads(n, window, i * stride + inwards, before)).collect()
    }
}
