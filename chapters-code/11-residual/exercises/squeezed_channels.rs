//! # How many channels a gate has inside
//!
//! - points: 5
//! - minutes: 15
//! - difficulty: warm-up
//! - section: residual-programs
//!
//! The gate of MobileNetV3 squeezes $`c`$ channels to about a quarter and widens them again. Processors like numbers of channels that are multiples of eight, so the quarter is rounded. The rule has three parts, and a file of weights fits only where all three are right:
//!
//! 1. The share is $`v = c / r`$, rounded down; for the gates $`r`$ is 4.
//! 2. It is rounded to the nearest multiple of $`m`$, and to the larger one where it lies in the middle, but never to less than $`m`$.
//! 3. Where the result is more than a tenth below $`v`$, that is, where it is smaller than $`\frac{9}{10} v`$, one more $`m`$ is added.
//!
//! Write a function that gives the rounded number of channels. All three arguments are at least 1.
//!
//! ## Hint 1
//!
//! Take 72 channels, $`r = 4`$ and $`m = 8`$ on paper. What is $`v`$, which two multiples of eight lie beside it, and which of them does the third part of the rule allow?
//!
//! ## Hint 2
//!
//! With whole numbers, the multiple of $`m`$ nearest to $`v`$ is $`m`$ times the whole part of $`(v + \lfloor m/2 \rfloor) / m`$.
//!
//! ## Hint 3
//!
//! `(share + multiple / 2) / multiple * multiple`, then `.max(multiple)`. Compare `10 * rounded` with `9 * share`, so that no fraction is needed.
//!
//! ## Solution
//!
//! A quarter of 72 is 18. The nearest multiple of eight is 16, which is less than 16.2, so that the gate gets 24. A quarter of 120 is 30, and 32 lies nearest. The rule is the one of TensorFlow's models, which torchvision and timm took over to the letter, because the published weights have these shapes.
//!
//! ## Notes
//!
//! **Time.** A quarter of an hour.
//!
//! **Misconceptions.** That rounding to the nearest multiple is the whole rule: the third part changes 72 channels, and with them a tensor's shape. That the third part only matters for small numbers: with $`m = 8`$ it does, with a larger multiple it does not. That "never less than $`m`$" follows from rounding: a share of 3 is rounded to 0.
//!
//! **Discussion.** Why a rule at all, where any number of channels can be computed? What does a vector unit do with 18 channels?

/// What the student starts from.
pub mod starter {
    /// Channels inside a gate: `channels / ratio`, rounded to a multiple.
    pub fn squeezed_channels(channels: usize, ratio: usize, multiple: usize) -> usize {
        todo!("round the share, and look whether too much was lost")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// Channels inside a gate: `channels / ratio`, rounded to a multiple.
    pub fn squeezed_channels(channels: usize, ratio: usize, multiple: usize) -> usize {
        let share = channels / ratio;
        let rounded = nearest(share, multiple);
        if too_few(rounded, share) { rounded + multiple } else { rounded }
    }

    /// The nearest multiple, the larger of two that are equally near, and at least one.
    pub fn nearest(share: usize, multiple: usize) -> usize {
        ((share + multiple / 2) / multiple * multiple).max(multiple)
    }

    /// More than a tenth below.
    pub fn too_few(rounded: usize, share: usize) -> bool {
        10 * rounded < 9 * share
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub channels: usize,
        pub ratio: usize,
        pub multiple: usize,
    }

    pub type Output = usize;

    pub fn call(input: &Input) -> Output {
        super::solution::squeezed_channels(input.channels, input.ratio, input.multiple)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, RngExt as _};

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("gates of any width", 5, |rng| Input {
            channels: 8 * rng.random_range(30..200usize),
            ratio: 4,
            multiple: 8,
        });
        cases.general("other shares and multiples", 5, |rng| Input {
            channels: rng.random_range(200..900usize),
            ratio: rng.random_range(2..7usize),
            multiple: 2 * rng.random_range(2..9usize),
        });
        cases.edge("a share of which rounding takes more than a tenth", 4, |rng| {
            let share = [11, 18, 19][rng.random_range(0..3usize)];
            Input { channels: 4 * share + rng.random_range(0..4usize), ratio: 4, multiple: 8 }
        });
        cases.edge("a share in the middle between two multiples", 3, |rng| {
            let share = 8 * rng.random_range(6..20usize) + 4;
            Input { channels: 4 * share, ratio: 4, multiple: 8 }
        });
        cases.edge("a share smaller than half a multiple", 3, |rng| Input {
            channels: rng.random_range(1..12usize),
            ratio: 4,
            multiple: 8,
        });
        cases.edge("exactly a tenth below", 2, |rng| {
            // A share of 40 with multiples of 36: nine tenths are allowed.
            let ratio = rng.random_range(2..6usize);
            Input { channels: 40 * ratio, ratio, multiple: 36 }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match expected == found {
            true => Ok(()),
            false => Err(format!("there are {expected} channels, and you say {found}")),
        }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::squeezed_channels;

    #[test]
    fn a_quarter_that_is_a_multiple_stays() {
        assert_eq!(squeezed_channels(960, 4, 8), 240);
    }

    #[test]
    fn the_nearest_multiple() {
        // A quarter of 120 is 30; 32 is nearer than 24.
        assert_eq!(squeezed_channels(120, 4, 8), 32);
    }

    #[test]
    fn not_more_than_a_tenth_is_lost() {
        // A quarter of 72 is 18; 16 is nearest, and smaller than 16.2.
        assert_eq!(squeezed_channels(72, 4, 8), 24);
    }

    #[test]
    fn one_multiple_at_least() {
        assert_eq!(squeezed_channels(8, 4, 8), 8);
    }
}

/// Rounds down.
///
/// # Feedback
///
/// You take the multiple below the share. The nearest one may lie above: a quarter of 120 channels is 30, and the gate has 32.
pub mod mutant_rounds_down {
    pub use super::solution::*;

    /// The share, as `solution` has it, with the multiple below.
    pub fn squeezed_channels(channels: usize, ratio: usize, multiple: usize) -> usize {
        let share = channels / ratio;
        let rounded = (share / multiple * multiple).max(multiple);
        if too_few(rounded, share) { rounded + multiple } else { rounded }
    }
}

/// Stops after rounding.
///
/// # Feedback
///
/// Your number is the nearest multiple, whatever was lost. Where it is less than nine tenths of the share, the rule adds one multiple: 72 channels give 24 and not 16.
pub mod mutant_never_looks_back {
    pub use super::solution::*;

    /// The nearest multiple and no more.
    pub fn squeezed_channels(channels: usize, ratio: usize, multiple: usize) -> usize {
        nearest(channels / ratio, multiple)
    }
}

/// Allows nothing.
///
/// # Feedback
///
/// A small share is rounded to nothing, and a gate without channels lets nothing through. There is one multiple at least.
pub mod mutant_allows_nothing {
    pub use super::solution::*;

    /// The nearest multiple, which may be 0.
    pub fn squeezed_channels(channels: usize, ratio: usize, multiple: usize) -> usize {
        let share = channels / ratio;
        let rounded = (share + multiple / 2) / multiple * multiple;
        if rounded > 0 && too_few(rounded, share) { rounded + multiple } else { rounded }
    }
}

/// Adds a multiple at exactly a tenth.
///
/// # Feedback
///
/// You add a multiple also where the result is exactly a tenth below the share. The rule adds it where the result is smaller than nine tenths.
pub mod mutant_counts_the_tenth {
    pub use super::solution::*;

    /// With at least a tenth lost.
    pub fn squeezed_channels(channels: usize, ratio: usize, multiple: usize) -> usize {
        let share = channels / ratio;
        let rounded = nearest(share, multiple);
        if 10 * rounded <= 9 * share { rounded + multiple } else { rounded }
    }
}

/// Rounds a share in the middle down.
///
/// # Feedback
///
/// Where the share lies in the middle between two multiples you take the smaller one. The rule takes the larger.
pub mod mutant_rounds_the_middle_down {
    pub use super::solution::*;

    /// The nearest multiple, the smaller of two that are equally near.
    pub fn squeezed_channels(channels: usize, ratio: usize, multiple: usize) -> usize {
        let share = channels / ratio;
        let rounded = ((share + (multiple - 1) / 2) / multiple * multiple).max(multiple);
        if too_few(rounded, share) { rounded + multiple } else { rounded }
    }
}
