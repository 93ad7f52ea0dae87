//! # Textures that turn
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: texture
//!
//! The chapter's local binary patterns keep the number of ones of a uniform pattern and throw all other patterns into one
//! bin. Ojala, Pietikäinen and Mäenpää also describe a finer histogram, which keeps more of them apart and still does not care
//! how the image is turned.
//!
//! If an image turns by an eighth, the eight bits of a pattern move round by one place. So patterns that are
//! rotations of each other belong in one class. Let the *representative* of a pattern $`p`$ be the smallest of its eight rotations,
//! read as numbers from 0 to 255:
//!
//! ```math
//! r(p) = \min_{0 \le k < 8} \operatorname{rotate}(p, k)
//! ```
//!
//! There are 36 representatives. Write a function that finds the pattern of every pixel (call `features::lbp::pattern_at`), takes
//! its representative, and gives the share of the pixels that each of the 36 classes has. The classes are in
//! ascending order of their representatives: class 0 is $`r = 0`$, class 1 is $`r = 1`$, class 2 is $`r = 3`$, and class 35 is
//! $`r = 255`$. The shares add up to 1.
//!
//! The image has at least one pixel. Those at its border count like all others; `pattern_at` takes what is outside for black. The
//! shares are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! `u8::rotate_right` moves bits round; `>>` lets them fall off the end.
//!
//! ## Hint 2
//!
//! You need not know the 36 representatives by heart. A number is one if it is its own representative, and counting from 0 to 255 meets
//! them in ascending order.
//!
//! ## Hint 3
//!
//! Make a table with 256 entries first, the class of every pattern. The loop over the pixels is then three lines:
//! pattern, class, count. Divide by the number of pixels at the end.
//!
//! ## Solution
//!
//! The table is built once for an image. A pattern that is its own representative opens the next class; every other pattern
//! takes the class of its representative, which is smaller and so has its class already.
//!
//! ## Notes
//!
//! **Time.** Twenty minutes for students who know `u8::rotate_right`, forty for those who build rotations from shifts.
//!
//! **Misconceptions.** Many believe that the number of ones tells rotation classes apart; ask them for two patterns with two ones
//! that no rotation maps to each other (`0b11` and `0b101`). Some sort the classes in the order in which the image
//! shows them, which makes the histograms of two images incomparable.
//!
//! **Discussion.** Why does a turn by 45° of a real photograph still change the histogram a little? (Interpolation.)

/// What the student starts from.
pub mod starter {
    use features::View;
    use features::lbp::pattern_at;

    /// Classes of patterns under rotation.
    pub const CLASSES: usize = 36;

    /// The share of the pixels that each of the 36 classes of patterns has.
    pub fn rotation_invariant_lbp(image: View<'_>) -> [f64; CLASSES] {
        // The pattern of the first pixel, to show the call.
        let _first = pattern_at(image, 0, 0);
        todo!("the shares of the classes, in ascending order of the representatives")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use features::View;
    use features::lbp::pattern_at;

    /// Classes of patterns under rotation.
    pub const CLASSES: usize = 36;

    /// The share of the pixels that each of the 36 classes of patterns has.
    pub fn rotation_invariant_lbp(image: View<'_>) -> [f64; CLASSES] {
        let classes = class_of_each();
        let mut shares = [0.0; CLASSES];
        for row in 0..image.height() {
            for column in 0..image.width() {
                let pattern = pattern_at(image, row, column);
                shares[classes[usize::from(pattern)]] += 1.0;
            }
        }
        shares.map(|count| count / image.pixels() as f64)
    }

    /// The class of each of the 256 patterns.
    pub fn class_of_each() -> [usize; 256] {
        let mut classes = [0; 256];
        let mut next = 0;
        for pattern in 0..=255 {
            let smallest = representative(pattern);
            if smallest == pattern {
                classes[usize::from(pattern)] = next;
                next += 1;
            } else {
                classes[usize::from(pattern)] = classes[usize::from(smallest)];
            }
        }
        classes
    }

    /// The smallest of the eight rotations.
    pub fn representative(pattern: u8) -> u8 {
        (0..8).map(|k| pattern.rotate_right(k)).min().unwrap_or(pattern)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use features::View;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub width: usize,
        pub height: usize,
        pub levels: Vec<u8>,
    }

    pub type Output = Vec<f64>;

    pub fn call(input: &Input) -> Output {
        let image = View::of_levels(input.width, input.height, &input.levels);
        super::solution::rotation_invariant_lbp(image).to_vec()
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("random texture", 6, |rng| {
            let (width, height) = (rng.random_range(5..20), rng.random_range(5..20));
            image(width, height, |_, _| rng.random())
        });
        cases.general("stripes", 4, |rng| {
            let (period, slope) = (rng.random_range(2..6), rng.random_range(0..3));
            let bright = rng.random_range(100..=255);
            image(16, 12, |x, y| if (x + slope * y) % period == 0 { bright } else { 20 })
        });
        cases.edge("constant image", 2, |rng| {
            let level = rng.random_range(1..=255);
            image(9, 7, |_, _| level)
        });
        cases.edge("image of one row", 2, |rng| image(11, 1, |_, _| rng.random()));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        compare::length("classes", expected, found)?;
        compare::each(expected, found, 1e-9, |class| format!("the share of class {class}"))
    }

    fn image(width: usize, height: usize, mut level: impl FnMut(usize, usize) -> u8) -> Input {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Input { width, height, levels: places.map(|(x, y)| level(x, y)).collect() }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::rotation_invariant_lbp;
    use features::View;

    #[test]
    fn a_black_image_has_one_class() {
        // Outside is black as well, so every neighbour is as bright as the pixel: all bits are 1.
        let shares = rotation_invariant_lbp(View::of_levels(4, 3, &[0; 12]));
        assert_eq!(shares[35], 1.0);
    }

    #[test]
    fn the_shares_add_up_to_one() {
        let levels: Vec<u8> = (0..35).map(|i: u32| (i * i * 37 % 251) as u8).collect();
        let shares = rotation_invariant_lbp(View::of_levels(7, 5, &levels));
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{shares:?}");
    }

    #[test]
    fn a_bright_pixel_alone() {
        // Nothing around it is as bright: no bit is 1. Seen from its eight neighbours, everything is.
        let mut levels = [0; 9];
        levels[4] = 200;
        let shares = rotation_invariant_lbp(View::of_levels(3, 3, &levels));
        assert_eq!((shares[0], shares[35]), (1.0 / 9.0, 8.0 / 9.0));
    }
}

/// Takes the patterns that have the same number of ones for one class.
///
/// # Feedback
///
/// Two patterns can have as many ones and still not be rotations of each other: `00000011` and `00000101`. Compare the
/// eight rotations, not the number of ones.
pub mod mutant_counts_ones {
    pub use super::solution::*;

    /// The smallest pattern with as many ones.
    pub fn representative(pattern: u8) -> u8 {
        ((1_u16 << pattern.count_ones()) - 1) as u8
    }
}

/// Shifts instead of rotating: bits that leave on the right do not come back on the left.
///
/// # Feedback
///
/// A shift loses the bits that fall off the end, so that the smallest value is always 0 or 1. Bits have to come
/// back on the other side: `rotate_right`.
pub mod mutant_shifts {
    pub use super::solution::*;

    /// The smallest of eight shifts.
    pub fn representative(pattern: u8) -> u8 {
        (0..8).map(|k| pattern >> k).filter(|&p| p > 0).min().unwrap_or(0)
    }
}

/// Gives numbers of pixels, not shares.
///
/// # Feedback
///
/// The numbers grow with the image. Divide each by the number of pixels, so that images of different sizes can be compared.
pub mod mutant_counts {
    pub use super::solution::*;

    /// The number of the pixels in each class.
    pub fn rotation_invariant_lbp(image: features::View<'_>) -> [f64; CLASSES] {
        let classes = class_of_each();
        let mut counts = [0.0; CLASSES];
        for row in 0..image.height() {
            for column in 0..image.width() {
                counts[classes[usize::from(features::lbp::pattern_at(image, row, column))]] += 1.0;
            }
        }
        counts
    }
}

/// Leaves out the pixels at the border, whose circle reaches outside the image.
///
/// # Feedback
///
/// Every pixel has a pattern, those at the border too: `pattern_at` takes everything outside for black. The smallest images have nothing
/// but a border.
pub mod mutant_skips_the_border {
    pub use super::solution::*;

    /// The shares among the pixels inside.
    pub fn rotation_invariant_lbp(image: features::View<'_>) -> [f64; CLASSES] {
        let classes = class_of_each();
        let mut shares = [0.0; CLASSES];
        let mut pixels = 0.0_f64;
        for row in 1..image.height().saturating_sub(1) {
            for column in 1..image.width().saturating_sub(1) {
                shares[classes[usize::from(features::lbp::pattern_at(image, row, column))]] += 1.0;
                pixels += 1.0;
            }
        }
        shares.map(|count| count / pixels.max(1.0))
    }
}
