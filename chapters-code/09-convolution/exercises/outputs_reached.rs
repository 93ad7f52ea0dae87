//! # Who notices a dead pixel?
//!
//! - points: 6
//! - minutes: 25
//! - difficulty: warm-up
//! - section: pooling
//!
//! A receptive field looks back: which pixels can an output see? The maker of a camera asks the other way round. One pixel of the sensor is dead: which outputs of the network can be wrong
//! because of it? The answer also tells which outputs have to be computed anew when a small part of an image has changed.
//!
//! Take one dimension: a line of `length` pixels, numbered from 0, goes through layers one after another. Each is a convolution or a pool with a window of `kernel` places, `stride` from window to window, and `padding`
//! places of zeros at either end. With $`n`$ inputs, a layer has $`\lfloor (n + 2p - k) / s \rfloor + 1`$ outputs, and output $`i`$ reads the inputs from
//! $`i s - p`$ to $`i s - p + k - 1`$, as far as they exist.
//!
//! Write a function that gives the first and the last output of the last layer that `pixel` can reach, or `None` if it reaches none.
//!
//! - An output is reached if there is *some* choice of weights for which it depends on the pixel.
//! - `kernel` and `stride` are at least 1, `padding` is less than `kernel`, and every window fits its padded input. A stride may be larger than its kernel.
//! - Without layers, the pixel reaches itself.
//!
//! ## Hint 1
//!
//! Take one layer and one input $`j`$. Write the condition that output $`i`$ reads it as two inequalities, and solve both for $`i`$.
//!
//! ## Hint 2
//!
//! Which way must each of the two divisions be rounded? And behind the first layer it is no longer one place but a range: its first place decides about one
//! bound, its last about the other.
//!
//! ## Hint 3
//!
//! The first output is $`\lceil (a + p - k + 1) / s \rceil`$, but not below 0. The last is $`\lfloor (b + p) / s \rfloor`$, but not beyond the outputs that there are. If the first lies
//! behind the last, nothing is reached. Subtract with `saturating_sub`, so that an unsigned number does not fall below zero.
//!
//! ## Solution
//!
//! Windows move to the right with $`i`$, so those that meet a range of places are neighbours, and a range stays a range from layer to layer. The first window that
//! meets it is the first to *end* at or behind its first place; the last one is the last to *begin* at or before its last place.
//!
//! ## Notes
//!
//! **Time.** Twenty-five minutes. Whoever draws windows on paper needs less.
//!
//! **Misconceptions.** That the range can be had by taking the receptive field of an output and moving it: strides round, and the two ends round differently. That every pixel is seen: with a stride larger
//! than the kernel, or a line that does not come out even, some pixels are not read by anything.
//!
//! **Discussion.** The range says what *can* change. How would one find what does change, and why is it less behind a max pool?

/// What the exercise gives.
pub mod given {
    /// A convolution or a pool along a line.
    #[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
    pub struct Layer {
        /// Places that a window covers.
        pub kernel: usize,
        /// Places from one window to the next.
        pub stride: usize,
        /// Zeros at either end.
        pub padding: usize,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Layer;

    /// First and last output that a pixel of a line of `length` can reach through all layers.
    pub fn outputs_reached(
        length: usize,
        pixel: usize,
        layers: &[Layer],
    ) -> Option<(usize, usize)> {
        todo!("follow the range of places from layer to layer")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Layer;

    /// First and last output that a pixel of a line of `length` can reach through all layers.
    pub fn outputs_reached(
        length: usize,
        pixel: usize,
        layers: &[Layer],
    ) -> Option<(usize, usize)> {
        let (mut places, mut reached) = (length, (pixel, pixel));
        for layer in layers {
            places = outputs(places, layer);
            reached = through(reached, layer, places);
            if reached.0 > reached.1 {
                return None;
            }
        }
        Some(reached)
    }

    /// How many outputs a layer has.
    pub fn outputs(inputs: usize, layer: &Layer) -> usize {
        (inputs + 2 * layer.padding - layer.kernel) / layer.stride + 1
    }

    /// The first and the last of `outputs` whose windows meet a range; the first lies behind the last if none does.
    pub fn through((a, b): (usize, usize), layer: &Layer, outputs: usize) -> (usize, usize) {
        let Layer { kernel, stride, padding } = *layer;
        let first = (a + padding).saturating_sub(kernel - 1).div_ceil(stride);
        let last = (b + padding) / stride;
        (first, last.min(outputs - 1))
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::Layer;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub length: usize,
        pub layers: Vec<Layer>,
    }

    /// For each pixel of the line, in order.
    pub type Output = Vec<Option<(usize, usize)>>;

    pub fn call(input: &Input) -> Output {
        let reached = |pixel| super::solution::outputs_reached(input.length, pixel, &input.layers);
        (0..input.length).map(reached).collect()
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};

    use super::call::{Input, Output};
    use super::given::Layer;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("convolutions with padding, and pools of two", 5, |rng| {
            let mut layers = Vec::new();
            for _ in 0..rng.random_range(2..=3) {
                layers.push(Layer { kernel: 3, stride: 1, padding: 1 });
                layers.push(Layer { kernel: 2, stride: 2, padding: 0 });
            }
            Input { length: rng.random_range(20..60), layers }
        });
        cases.general("layers of several kernels and strides", 6, |rng| {
            let mut layers = vec![Layer { kernel: 5, stride: 3, padding: 2 }];
            layers.extend((0..rng.random_range(1..=2)).map(|_| any(rng, 2)));
            Input { length: rng.random_range(60..110), layers }
        });
        cases.edge("one layer, no padding", 2, |rng| {
            let (kernel, stride) = (rng.random_range(2..6), rng.random_range(1..3));
            let layers = vec![Layer { kernel, stride, padding: 0 }];
            Input { length: rng.random_range(10..20), layers }
        });
        cases.edge("strides larger than their kernels", 3, |rng| {
            let (kernel, padding) = (rng.random_range(2..4), rng.random_range(0..2));
            let wide = Layer { kernel, stride: kernel + rng.random_range(1..3), padding };
            let layers = vec![wide, any(rng, 1), Layer { kernel: 1, stride: 2, padding: 0 }];
            Input { length: rng.random_range(50..70), layers }
        });
        cases.edge("a line whose end no window reads", 2, |rng| {
            let stride = rng.random_range(3..6);
            let layers = vec![Layer { kernel: stride, stride, padding: 0 }];
            Input { length: stride * rng.random_range(2..5) + stride - 1, layers }
        });
        cases.edge("no layers", 1, |rng| Input {
            length: rng.random_range(2..9),
            layers: Vec::new(),
        });
        cases.edge("a single pixel, or a single output", 2, |rng| {
            let length = [1, 7][rng.random_range(0..2)];
            Input {
                length,
                layers: vec![Layer { kernel: 7, stride: 2, padding: (7 - length) / 2 }],
            }
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        gradebook::compare::length("answers", expected, found)?;
        for (pixel, (expected, found)) in expected.iter().zip(found).enumerate() {
            if expected != found {
                let line = format!("pixel {pixel} of {}", input.length);
                return Err(format!("{line}: expected {}, found {}", text(expected), text(found)));
            }
        }
        Ok(())
    }

    fn text(reached: &Option<(usize, usize)>) -> String {
        reached.map_or("None".into(), |(first, last)| format!("{first} to {last}"))
    }

    fn any(rng: &mut Rng, most: usize) -> Layer {
        let kernel = rng.random_range(2..=4);
        Layer { kernel, stride: rng.random_range(1..=most), padding: rng.random_range(0..kernel) }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Layer;
    use super::solution::outputs_reached;

    const CONVOLUTION: Layer = Layer { kernel: 3, stride: 1, padding: 1 };
    const POOL: Layer = Layer { kernel: 2, stride: 2, padding: 0 };

    #[test]
    fn one_convolution() {
        // Output i reads i − 1, i and i + 1, so pixel 4 reaches outputs 3, 4 and 5, and pixel 0 reaches 0 and 1.
        assert_eq!(outputs_reached(9, 4, &[CONVOLUTION]), Some((3, 5)));
        assert_eq!(outputs_reached(9, 0, &[CONVOLUTION]), Some((0, 1)));
        assert_eq!(outputs_reached(9, 8, &[CONVOLUTION]), Some((7, 8)));
    }

    #[test]
    fn a_convolution_and_a_pool() {
        // Pixel 4 reaches 3 to 5; the pool's windows are (2, 3) and (4, 5), which are outputs 1 and 2.
        assert_eq!(outputs_reached(10, 4, &[CONVOLUTION, POOL]), Some((1, 2)));
        // Pixel 6 reaches 5 to 7, which lie in (4, 5) and (6, 7).
        assert_eq!(outputs_reached(10, 6, &[CONVOLUTION, POOL]), Some((2, 3)));
    }

    #[test]
    fn some_pixels_reach_nothing() {
        // Nine pixels make four windows of two; the ninth is in none.
        assert_eq!(outputs_reached(9, 8, &[POOL]), None);
        // Windows are (0, 1), (3, 4), (6, 7).
        let sparse = Layer { kernel: 2, stride: 3, padding: 0 };
        assert_eq!(outputs_reached(9, 4, &[sparse]), Some((1, 1)));
        assert_eq!(outputs_reached(9, 5, &[sparse]), None);
    }

    #[test]
    fn without_layers() {
        assert_eq!(outputs_reached(5, 3, &[]), Some((3, 3)));
    }
}

/// Counts places from the first window instead of the line's first pixel.
///
/// # Feedback
///
/// Your outputs lie too far to the left where there is padding: the first window begins before the line does, so pixel 0 is not the first place that it covers.
pub mod mutant_forgets_the_padding {
    pub use super::solution::*;

    /// The range, through a layer that has padding only where outputs are counted.
    pub fn outputs_reached(
        length: usize,
        pixel: usize,
        layers: &[super::given::Layer],
    ) -> Option<(usize, usize)> {
        let (mut places, mut reached) = (length, (pixel, pixel));
        for layer in layers {
            places = outputs(places, layer);
            reached = through(reached, &super::given::Layer { padding: 0, ..*layer }, places);
            if reached.0 > reached.1 {
                return None;
            }
        }
        Some(reached)
    }
}

/// Names outputs behind the last.
///
/// # Feedback
///
/// At the right end you name outputs that do not exist. A window that would begin within the line may not fit any more.
pub mod mutant_goes_beyond_the_last_output {
    pub use super::solution::*;

    /// The range, as if the line went on.
    pub fn outputs_reached(
        length: usize,
        pixel: usize,
        layers: &[super::given::Layer],
    ) -> Option<(usize, usize)> {
        let mut reached = (pixel, pixel);
        for layer in layers {
            reached = through(reached, layer, usize::MAX);
            if reached.0 > reached.1 {
                return None;
            }
        }
        Some(reached)
    }
}

/// Rounds the first output down.
///
/// # Feedback
///
/// Your first output is sometimes one too early: its window ends before the range begins. Both bounds come from a division; think about which way each of them must be rounded.
pub mod mutant_rounds_the_first_down {
    pub use super::solution::*;

    /// The range, with both divisions rounded down.
    pub fn outputs_reached(
        length: usize,
        pixel: usize,
        layers: &[super::given::Layer],
    ) -> Option<(usize, usize)> {
        let (mut places, mut reached) = (length, (pixel, pixel));
        for layer in layers {
            places = outputs(places, layer);
            let last = through(reached, layer, places).1;
            let first = (reached.0 + layer.padding).saturating_sub(layer.kernel - 1) / layer.stride;
            reached = (first, last);
            if reached.0 > reached.1 {
                return None;
            }
        }
        Some(reached)
    }
}

/// Follows one place from layer to layer, and spreads it in the last layer alone.
///
/// # Feedback
///
/// With several layers your range is too narrow. Behind the first layer several places are reached, and each of them reaches several in the next.
pub mod mutant_follows_a_single_place {
    pub use super::solution::*;

    /// The range of the first place that was reached in the layer before.
    pub fn outputs_reached(
        length: usize,
        pixel: usize,
        layers: &[super::given::Layer],
    ) -> Option<(usize, usize)> {
        let (mut places, mut reached) = (length, (pixel, pixel));
        for layer in layers {
            places = outputs(places, layer);
            reached = through((reached.0, reached.0), layer, places);
            if reached.0 > reached.1 {
                return None;
            }
        }
        Some(reached)
    }
}

/// Gives a pixel that no window reads to the window before it.
///
/// # Feedback
///
/// Some pixels lie between two windows, or behind the last, and reach nothing. You give them the nearest window. Where the first output lies behind the last, the answer is `None`.
pub mod mutant_finds_a_window_for_every_pixel {
    pub use super::solution::*;

    /// The range, which is never empty.
    pub fn outputs_reached(
        length: usize,
        pixel: usize,
        layers: &[super::given::Layer],
    ) -> Option<(usize, usize)> {
        let (mut places, mut reached) = (length, (pixel, pixel));
        for layer in layers {
            places = outputs(places, layer);
            let (first, last) = through(reached, layer, places);
            reached = (first.min(last), last);
        }
        Some(reached)
    }
}
