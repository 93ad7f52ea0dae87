//! What an answer takes, counted from definitions: numbers learned, multiply-adds, bytes moved, and the least of joules.
//!
//! A multiply-add is a multiplication with its addition. For gradients a comparison or a value of a function, such as a root,
//! counts as one, too. A fast program does fewer; the count stays the same.

use classifiers::Description;
use convolution::networks;
use learning::fashion::PIXELS;
use notebook::Estimate;

use crate::lite0::description::{self, blocks, stem};

/// Joules of a multiplication of two numbers of 32 bits and of an addition, at 45 nm and 0.9 V (Horowitz 2014).
pub const MULTIPLY_ADD: f64 = (3.7 + 0.9) * 1e-12;
/// Joules to fetch 32 bits from the memory beside the processor, in the same table.
pub const WORD: f64 = 640e-12;
/// Watts of one busy core, from a small board to a server's share: assumed, not measured.
pub const WATTS: [f64; 2] = [5.0, 20.0];
/// Photographs that EfficientNet-Lite0 learned from.
pub const PHOTOGRAPHS: u64 = 1_281_167;
/// How often it saw each of them: assumed, since its authors do not say.
pub const EPOCHS: [u64; 2] = [100, 350];
/// Bytes of a number.
const NUMBER: u64 = 4;
/// Classes of garments.
const CLASSES: u64 = networks::CLASSES as u64;

// ANCHOR: count
/// What one answer takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Numbers that were learned, by whomever.
    pub parameters: u64,
    /// Multiply-adds.
    pub multiply_adds: u64,
    /// Numbers that a layer hands on, those of the picture among them.
    pub handed_on: u64,
}

impl Count {
    /// Bytes moved if every parameter and everything handed on travels once.
    pub fn bytes(self) -> u64 {
        NUMBER * (self.parameters + self.handed_on)
    }

    /// The least of joules: Horowitz's for the operations and the journeys.
    pub fn joules(self) -> f64 {
        let words = (self.parameters + self.handed_on) as f64;
        self.multiply_adds as f64 * MULTIPLY_ADD + words * WORD
    }
}
// ANCHOR_END: count

impl Count {
    fn and(self, other: Count) -> Count {
        Count {
            parameters: self.parameters + other.parameters,
            multiply_adds: self.multiply_adds + other.multiply_adds,
            handed_on: self.handed_on + other.handed_on,
        }
    }
}

/// Gradients of both sizes with pixels, and the planes of a linear machine behind them.
pub fn gradients() -> Count {
    description_of(Description::Hog)
        .and(description_of(Description::FineHog))
        .and(scores(Description::All.length() as u64))
        .and(Count { handed_on: PIXELS as u64, ..Count::default() })
}

/// Pixels and the softmax head behind them.
pub fn pixels() -> Count {
    scores(PIXELS as u64).and(Count { handed_on: PIXELS as u64, ..Count::default() })
}

/// Gradients of one size: for each pixel two differences, two squares, a root, an angle, a bin and a vote, and six for each
/// feature, since a block is divided by its length twice.
pub fn description_of(hog: Description) -> Count {
    let (pixels, features) = (PIXELS as u64, hog.length() as u64);
    let (multiply_adds, handed_on) = (8 * pixels + 6 * features, 2 * pixels + features);
    Count { parameters: 0, multiply_adds, handed_on }
}

/// A linear score with its intercept for each class.
pub fn scores(features: u64) -> Count {
    let parameters = CLASSES * (features + 1);
    Count { parameters, multiply_adds: CLASSES * features, handed_on: CLASSES }
}

// ANCHOR: lite0
/// EfficientNet-Lite0 up to its block `after`, on a picture of
/// `side` × `side` pixels; each convolution has one bias an output, its
/// normalisation folded in.
pub fn lite0(after: usize, side: usize) -> Count {
    let inner = blocks().into_iter().take(after).flat_map(|block| block.convolutions);
    let mut count = Count { handed_on: 3 * (side * side) as u64, ..Count::default() };
    let mut n = side;
    for convolution in std::iter::once(stem()).chain(inner) {
        let weights: usize = convolution.shape().iter().product();
        let multiply_adds = convolution.multiply_adds(n);
        n = convolution.output(n);
        count = count.and(Count {
            parameters: (weights + convolution.outputs) as u64,
            multiply_adds,
            handed_on: (convolution.outputs * n * n) as u64,
        });
    }
    count
}
// ANCHOR_END: lite0

/// The middle of EfficientNet-Lite0 with a softmax head on `features` numbers.
pub fn borrowed(after: usize, side: usize, features: usize) -> Count {
    let features = features as u64;
    lite0(after, side).and(scores(features)).and(Count { handed_on: features, ..Count::default() })
}

/// Chapter 9's normalised network.
///
/// # Errors
/// Never: its shapes fit.
pub fn cnn() -> backprop::Result<Count> {
    let network = networks::normalised::<f32>()?;
    // Behind each pool and its normalisation, and behind the linear layers.
    let handed_on = PIXELS + 2 * 32 * 14 * 14 + 2 * 64 * 7 * 7 + 128 + networks::CLASSES;
    Ok(Count {
        parameters: network.parameters() as u64,
        multiply_adds: network.multiply_adds().forward,
        handed_on: handed_on as u64,
    })
}

/// Multiply-adds of a step of the network's training for each sample of it: forward and both gradients.
///
/// # Errors
/// Never: its shapes fit.
pub fn cnn_step() -> backprop::Result<u64> {
    let counted = networks::normalised::<f32>()?.multiply_adds();
    Ok(counted.forward + counted.weights + counted.inputs)
}

/// Multiply-adds of the training that others paid: every photograph forward and back, three times a forward pass, at the least and
/// at the most of [`EPOCHS`].
pub fn pretraining() -> [f64; 2] {
    let forward = description::multiply_adds(description::SIDE);
    EPOCHS.map(|epochs| 3.0 * forward as f64 * PHOTOGRAPHS as f64 * epochs as f64)
}

/// The joules of `seconds` of `cores` busy cores, at the least and at the most of [`WATTS`].
pub fn joules(seconds: f64, cores: usize) -> [f64; 2] {
    WATTS.map(|watts| watts * cores as f64 * seconds)
}

/// The joules of `seconds` of busy cores: both ends, and their geometric mean between them.
pub fn joules_within(seconds: f64, cores: usize) -> Estimate {
    let [low, high] = joules(seconds, cores);
    Estimate { low, value: (low * high).sqrt(), high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lite0::description::{BLOCKS, HEAD};

    #[test]
    fn the_whole_of_lite0_is_its_parts() {
        let body = lite0(BLOCKS, 224);
        let last = 320 * HEAD * 7 * 7 + HEAD * description::CLASSES;
        assert_eq!(body.multiply_adds + last as u64, description::multiply_adds(224));
    }

    #[test]
    fn counts_by_hand() {
        assert_eq!(scores(3), Count { parameters: 40, multiply_adds: 30, handed_on: 10 });
        // The stem alone: 32 filters of 3 × 3 × 3, at 2 × 2 places.
        let stem = lite0(0, 4);
        assert_eq!(stem.parameters, 32 * 27 + 32);
        assert_eq!(stem.multiply_adds, 32 * 27 * 4);
        assert_eq!(stem.handed_on, 48 + 32 * 4);
        assert_eq!(stem.bytes(), 4 * (32 * 28 + 48 + 128));
        let one = Count { parameters: 1, multiply_adds: 1, handed_on: 0 };
        assert!((one.joules() - 644.6e-12).abs() < 1e-15);
    }

    #[test]
    fn energy_is_a_range() {
        assert_eq!(joules(3.0, 2), [30.0, 120.0]);
    }
}
