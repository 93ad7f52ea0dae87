//! # Shapes nobody wrote down
//!
//! - points: 10
//! - minutes: 40
//! - difficulty: medium
//! - section: anatomy
//!
//! In the chapter each layer is told how many channels it reads. People who design networks do not write that down, because it follows: a layer reads
//! what the one before it writes. Only what each layer *writes* is said, and the image at the start. Then the number of parameters follows as well,
//! and so does a fault, if a layer does not fit the one before it.
//!
//! Write a function that gets the shape of the input and a list of layers, and gives the number of parameters of the whole list and the shape of its
//! output, or the index of the first layer that does not fit.
//!
//! What passes between layers is either an image of $`C`$ channels, $`H`$ pixels high and $`W`$ wide, `Shape::Image { channels, height, width }`, or
//! a vector of $`n`$ numbers, `Shape::Vector(n)`. With $`k`$ for a kernel's side, $`s`$ for the stride and $`p`$ for the padding, a side of $`H`$
//! pixels becomes
//!
//! ```math
//! \left\lfloor \frac{H + 2p - k}{s} \right\rfloor + 1
//! ```
//!
//! pixels, and $`W`$ likewise.
//!
//! - `Convolution` reads an image and writes `outputs` channels, with a `kernel` of $`k \times k`$, `stride` and `padding`. Its channels are in
//!   `groups` that know nothing of each other, so that an output reads $`C / \text{groups}`$ of the inputs. The number of groups divides both the
//!   channels read and the channels written; otherwise the layer does not fit. There is no bias.
//! - `DepthwiseSeparable` stands for two layers. The first is a convolution with as many groups as there are channels, which writes as many as it
//!   reads, with a `kernel` of $`k \times k`$, `stride` and `padding`. The second has a kernel of one pixel, stride 1 and no padding, and writes
//!   `outputs` channels. Neither has a bias.
//! - `BatchNorm` reads an image and leaves its shape. It has two parameters for each channel.
//! - `Pool` reads an image and leaves the number of channels. It has a `kernel` of $`k \times k`$ and a `stride`, no padding and no parameters.
//! - `Flatten` makes a vector of an image, and leaves a vector as it is. It has no parameters.
//! - `Linear` reads a vector and writes one of `outputs` numbers. It has a matrix and a bias for each output.
//!
//! A layer that reads an image does not fit a vector, and `Linear` does not fit an image. A kernel does not fit where it is larger than the image
//! with its padding, in height or in width. All numbers in the input are at least 1, the padding at least 0, and nothing comes close to the limits of
//! `u64`. Without layers, the output is the input.
//!
//! ## Hint 1
//!
//! Write a function for one layer: it gets a shape and a layer, and gives parameters and a shape, or nothing where they do not fit. The rest is a
//! loop.
//!
//! ## Hint 2
//!
//! Convolution, both halves of the separable one, and pooling change a side in the same way. The only place where something could become negative is
//! $`H + 2p - k`$: `checked_sub`.
//!
//! ## Hint 3
//!
//! A depthwise separable convolution is two calls of what you have for a convolution, one with `groups` equal to the channels. The parameters of a
//! convolution are $`C_\text{out} \cdot (C / \text{groups}) \cdot k^2`$.
//!
//! ## Solution
//!
//! The shape goes through the layers as the data would. `step` says what one layer does to it, and every way of not fitting is a `None` there, so the
//! loop has only to say where it happened.
//!
//! ## Notes
//!
//! **Time.** Forty minutes.
//!
//! **Misconceptions.** That the image's size has a part in the parameters of a convolution. That it has none in the network's: behind a `Flatten` it
//! decides the largest matrix of all. That whole-number division reports a remainder. That $`H + 2p - k`$ with a large kernel is negative: in `u64`
//! it is a panic or a number with twenty digits.
//!
//! **Discussion.** Take one network with `Flatten` and `Linear` at its end, and the same with a pooling over the whole image before them. Which of
//! the two can read larger images than it was made for? What does a depthwise separable convolution save, for $`k = 3`$ and many channels? (Nearly a
//! factor of nine.)

/// What the exercise gives.
pub mod given {
    /// What passes between two layers.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    pub enum Shape {
        /// Channels, and pixels.
        Image { channels: u64, height: u64, width: u64 },
        /// So many numbers.
        Vector(u64),
    }

    /// A layer, by what it writes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    pub enum Layer {
        /// A convolution without bias.
        Convolution { outputs: u64, kernel: u64, stride: u64, padding: u64, groups: u64 },
        /// A convolution of each channel for itself, and one of a single pixel that mixes them.
        DepthwiseSeparable { outputs: u64, kernel: u64, stride: u64, padding: u64 },
        /// A gain and a shift for each channel.
        BatchNorm,
        /// The mean or the largest of each window.
        Pool { kernel: u64, stride: u64 },
        /// All numbers of an image in a row.
        Flatten,
        /// A matrix and a bias.
        Linear { outputs: u64 },
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::{Layer, Shape};

    /// Parameters and output of all layers, or the first layer that does not fit.
    pub fn infer_and_count(input: Shape, layers: &[Layer]) -> Result<(u64, Shape), usize> {
        todo!("let the shape go through the layers")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::{Layer, Shape};

    /// Parameters and output of all layers, or the first layer that does not fit.
    pub fn infer_and_count(input: Shape, layers: &[Layer]) -> Result<(u64, Shape), usize> {
        let (mut total, mut shape) = (0, input);
        for (index, &layer) in layers.iter().enumerate() {
            let (parameters, output) = step(shape, layer).ok_or(index)?;
            total += parameters;
            shape = output;
        }
        Ok((total, shape))
    }

    /// Parameters and output of one layer; nothing where it does not fit.
    pub fn step(input: Shape, layer: Layer) -> Option<(u64, Shape)> {
        let channels = if let Shape::Image { channels, .. } = input { channels } else { 0 };
        match (layer, input) {
            (Layer::Convolution { outputs, kernel, stride, padding, groups }, _) => {
                convolution(input, outputs, [kernel, stride, padding], groups)
            }
            (Layer::DepthwiseSeparable { outputs, kernel, stride, padding }, _) => {
                let (first, between) =
                    convolution(input, channels, [kernel, stride, padding], channels)?;
                let (second, output) = convolution(between, outputs, [1, 1, 0], 1)?;
                Some((first + second, output))
            }
            (Layer::BatchNorm, Shape::Image { .. }) => Some((2 * channels, input)),
            (Layer::Pool { kernel, stride }, _) => {
                Some((0, slide(input, channels, [kernel, stride, 0])?))
            }
            (Layer::Flatten, _) => Some((0, Shape::Vector(flat(input)))),
            (Layer::Linear { outputs }, Shape::Vector(n)) => {
                Some((outputs * n + outputs, Shape::Vector(outputs)))
            }
            _ => None,
        }
    }

    /// A convolution with `[kernel, stride, padding]`: its weights and its output.
    pub fn convolution(
        input: Shape,
        outputs: u64,
        window: [u64; 3],
        groups: u64,
    ) -> Option<(u64, Shape)> {
        let Shape::Image { channels, .. } = input else { return None };
        if !channels.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            return None;
        }
        let weights = outputs * (channels / groups) * window[0] * window[0];
        Some((weights, slide(input, outputs, window)?))
    }

    /// What a window of `[kernel, stride, padding]` makes of an image.
    pub fn slide(input: Shape, channels: u64, window: [u64; 3]) -> Option<Shape> {
        let Shape::Image { height, width, .. } = input else { return None };
        let (height, width) = (side(height, window)?, side(width, window)?);
        Some(Shape::Image { channels, height, width })
    }

    /// How often a window fits a side.
    pub fn side(length: u64, [kernel, stride, padding]: [u64; 3]) -> Option<u64> {
        Some((length + 2 * padding).checked_sub(kernel)? / stride + 1)
    }

    /// How many numbers a shape has.
    pub fn flat(shape: Shape) -> u64 {
        match shape {
            Shape::Image { channels, height, width } => channels * height * width,
            Shape::Vector(n) => n,
        }
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::{Layer, Shape};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub input: Shape,
        pub layers: Vec<Layer>,
    }

    pub type Output = Result<(u64, Shape), usize>;

    pub fn call(input: &Input) -> Output {
        super::solution::infer_and_count(input.input, &input.layers)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::{Layer, Shape};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("convolutions and normalisation, on images that are not square", 5, |rng| {
            let layers = (0..rng.random_range(2..4)).flat_map(|_| plain(rng, 1)).collect();
            Input { input: image(rng), layers }
        });
        cases.general("network with a classifier at its end", 4, |rng| {
            let mut layers = plain(rng, 1);
            layers.extend([pool(2, 2), Layer::Flatten, linear(rng), linear(rng)]);
            Input { input: image(rng), layers }
        });
        cases.general("depthwise separable convolutions and groups", 5, |rng| {
            let groups = [2, 4][rng.random_range(0..2)];
            let mut layers = plain(rng, 1);
            layers.push(separable(rng));
            layers.extend(plain(rng, groups));
            layers.push(separable(rng));
            Input { input: image(rng), layers }
        });
        cases.edge("strides that do not divide the image", 3, |rng| {
            let channels = rng.random_range(1..4);
            let (height, width) = (4 * rng.random_range(5..9), 4 * rng.random_range(5..9) + 2);
            let kernel = rng.random_range(2..5);
            let conv = convolution(8, [kernel, 3 + kernel % 2, 0], 1);
            let layers = vec![conv, pool(2, 3), Layer::Flatten, linear(rng)];
            Input { input: Shape::Image { channels, height, width }, layers }
        });
        let mut row = 0;
        cases.edge("kernel that is larger than the image, or just as large", 4, |rng| {
            let (k, channels) = (rng.random_range(3..8), rng.random_range(1..4));
            // As large; larger in height; larger in width; large enough with padding.
            let shapes = [(k, k + 2), (k - 1, k + 2), (k + 2, k - 2), (k - 2, k - 1)];
            let (height, width) = shapes[row % 4];
            row += 1;
            let first = match row % 4 {
                0 => convolution(8, [k, 2, 1], 1),
                _ => pool(k, 1),
            };
            let layers = vec![Layer::BatchNorm, first, Layer::Flatten, linear(rng)];
            Input { input: Shape::Image { channels, height, width }, layers }
        });
        let mut read = true;
        cases.edge("groups that do not divide the channels", 4, |rng| {
            let groups = rng.random_range(3..6);
            read = !read;
            let (inputs, outputs) = match read {
                true => (2 * groups + 1, 3 * groups),
                false => (2 * groups, 3 * groups + 1),
            };
            let layers = vec![
                convolution(inputs, [3, 1, 1], 1),
                Layer::BatchNorm,
                convolution(outputs, [3, 1, 1], groups),
            ];
            Input { input: image(rng), layers }
        });
        let mut which = 0;
        cases.edge("image where a vector is wanted, or the reverse", 5, |rng| {
            let wrong = [
                linear(rng),
                convolution(4, [1, 1, 0], 1),
                separable(rng),
                Layer::BatchNorm,
                pool(1, 1),
            ];
            which += 1;
            let mut layers = plain(rng, 1);
            if which > 1 {
                layers.push(Layer::Flatten);
            }
            layers.extend([wrong[which - 1], Layer::Flatten]);
            Input { input: image(rng), layers }
        });
        cases.edge("a vector at the start, and flattened twice", 2, |rng| Input {
            input: Shape::Vector(rng.random_range(1..90)),
            layers: vec![Layer::Flatten, linear(rng), Layer::Flatten, linear(rng)],
        });
        cases.edge("no layers", 1, |rng| Input { input: image(rng), layers: Vec::new() });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (Ok((parameters, shape)), Ok((other, found))) => {
                compare::equal("the shape of the output", shape, found)?;
                compare::equal("the number of parameters", parameters, other)
            }
            (Err(index), Err(found)) => {
                compare::equal("the index of the first layer that does not fit", index, found)
            }
            (Ok(_), Err(found)) => {
                Err(format!("all layers fit; found {found} as one that does not"))
            }
            (Err(index), Ok(_)) => {
                Err(format!("layer {index} does not fit, and that was not noticed"))
            }
        }
    }

    fn image(rng: &mut Rng) -> Shape {
        let height = rng.random_range(40..70);
        Shape::Image {
            channels: rng.random_range(1..5),
            height,
            width: height + rng.random_range(3..30),
        }
    }

    /// A convolution that reduces the image at most by half, and a normalisation.
    fn plain(rng: &mut Rng, groups: u64) -> Vec<Layer> {
        let (kernel, stride) = ([1, 3, 5][rng.random_range(0..3)], rng.random_range(1..=2));
        let outputs = 4 * rng.random_range(1..8);
        let window = [kernel, stride, rng.random_range(0..=kernel / 2)];
        vec![convolution(outputs, window, groups), Layer::BatchNorm]
    }

    fn convolution(outputs: u64, [kernel, stride, padding]: [u64; 3], groups: u64) -> Layer {
        Layer::Convolution { outputs, kernel, stride, padding, groups }
    }

    fn separable(rng: &mut Rng) -> Layer {
        let (kernel, stride) = ([3, 5][rng.random_range(0..2)], rng.random_range(1..=2));
        let outputs = 4 * rng.random_range(2..9);
        Layer::DepthwiseSeparable { outputs, kernel, stride, padding: kernel / 2 }
    }

    fn pool(kernel: u64, stride: u64) -> Layer {
        Layer::Pool { kernel, stride }
    }

    fn linear(rng: &mut Rng) -> Layer {
        Layer::Linear { outputs: rng.random_range(2..20) }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::{Layer, Shape};
    use super::solution::infer_and_count;

    fn image(channels: u64, height: u64, width: u64) -> Shape {
        Shape::Image { channels, height, width }
    }

    #[test]
    fn the_first_layers_of_resnet() {
        // 64 · 3 · 7 · 7 = 9408 weights, and 2 · 64 for the normalisation. (224 + 6 − 7) / 2 + 1 = 112, and then a half of it.
        let layers = [
            Layer::Convolution { outputs: 64, kernel: 7, stride: 2, padding: 3, groups: 1 },
            Layer::BatchNorm,
            Layer::Pool { kernel: 2, stride: 2 },
        ];
        let expected = Ok((9408 + 128, image(64, 56, 56)));
        assert_eq!(infer_and_count(image(3, 224, 224), &layers), expected);
    }

    #[test]
    fn a_classifier() {
        // 2 · 3 · 4 = 24 numbers, 24 · 5 weights and 5 biases.
        let layers = [Layer::Flatten, Layer::Linear { outputs: 5 }];
        assert_eq!(infer_and_count(image(2, 3, 4), &layers), Ok((125, Shape::Vector(5))));
    }

    #[test]
    fn depthwise_and_then_one_pixel() {
        // 6 channels with 9 weights each, and 10 · 6 that mix them: 114. A full convolution would have 540.
        let layer = Layer::DepthwiseSeparable { outputs: 10, kernel: 3, stride: 1, padding: 1 };
        assert_eq!(infer_and_count(image(6, 8, 9), &[layer]), Ok((114, image(10, 8, 9))));
    }

    #[test]
    fn what_does_not_fit() {
        let pool = Layer::Pool { kernel: 3, stride: 1 };
        // 5 × 4 becomes 3 × 2, and 3 is more than 2.
        assert_eq!(infer_and_count(image(1, 5, 4), &[pool, pool]), Err(1));
        assert_eq!(infer_and_count(image(1, 5, 4), &[Layer::Linear { outputs: 2 }]), Err(0));
        assert_eq!(infer_and_count(image(1, 5, 4), &[Layer::Flatten, pool]), Err(1));
        let groups = Layer::Convolution { outputs: 4, kernel: 1, stride: 1, padding: 0, groups: 2 };
        assert_eq!(infer_and_count(image(3, 5, 4), &[groups]), Err(0));
    }
}

/// Rounds the number of windows up.
///
/// # Feedback
///
/// Your images are too large by one where the stride does not divide what is left for it. A window that would reach over the border is not taken: the
/// division is rounded down, and then one is added.
pub mod mutant_rounds_up {
    pub use super::solution::*;

    /// How many windows it takes to cover a side.
    pub fn side(length: u64, [kernel, stride, padding]: [u64; 3]) -> Option<u64> {
        Some((length + 2 * padding).checked_sub(kernel)?.div_ceil(stride) + 1)
    }
}

/// Takes a kernel that is larger than the image for one that fits once.
///
/// # Feedback
///
/// A kernel that is larger than the image with its padding fits nowhere. You cut the negative difference off at zero, and the formula then says
/// "once". The layer does not fit: say so.
pub mod mutant_lets_large_kernels_fit {
    pub use super::solution::*;

    /// How often a window fits a side, and at least once.
    pub fn side(length: u64, [kernel, stride, padding]: [u64; 3]) -> Option<u64> {
        Some((length + 2 * padding).saturating_sub(kernel) / stride + 1)
    }
}

/// Lets every output channel read every input channel, whatever the groups.
///
/// # Feedback
///
/// Your shapes are right, and layers with groups have too many parameters. An output channel reads the channels of its own group only. In a depthwise
/// convolution that is one.
pub mod mutant_forgets_the_groups {
    use super::given::{Layer, Shape};
    pub use super::solution::*;

    /// A convolution in which all channels know each other.
    pub fn convolution(
        input: Shape,
        outputs: u64,
        window: [u64; 3],
        groups: u64,
    ) -> Option<(u64, Shape)> {
        let Shape::Image { channels, .. } = input else { return None };
        if !channels.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            return None;
        }
        let weights = outputs * channels * window[0] * window[0];
        Some((weights, slide(input, outputs, window)?))
    }
}

/// Divides the channels by the groups and does not look at the remainder.
///
/// # Feedback
///
/// You count layers whose groups do not divide their channels. Whole-number division drops the remainder without a word, so it has to be asked for,
/// of the channels that are read and of those that are written.
pub mod mutant_ignores_the_remainder {
    use super::given::{Layer, Shape};
    pub use super::solution::*;

    /// A convolution, with the channels that are left over left out.
    pub fn convolution(
        input: Shape,
        outputs: u64,
        window: [u64; 3],
        groups: u64,
    ) -> Option<(u64, Shape)> {
        let Shape::Image { channels, .. } = input else { return None };
        let weights = outputs * (channels / groups) * window[0] * window[0];
        Some((weights, slide(input, outputs, window)?))
    }
}

/// Takes every image for a square.
///
/// # Feedback
///
/// Behind a convolution or a pooling your images are square. Height and width change by the same formula, but each from its own number of pixels.
pub mod mutant_makes_images_square {
    use super::given::{Layer, Shape};
    pub use super::solution::*;

    /// What a window makes of the image's height, for both sides.
    pub fn slide(input: Shape, channels: u64, window: [u64; 3]) -> Option<Shape> {
        let Shape::Image { height, .. } = input else { return None };
        let height = side(height, window)?;
        Some(Shape::Image { channels, height, width: height })
    }
}

/// Makes a vector with one number for each channel.
///
/// # Feedback
///
/// Your vectors have one number for each channel, as if the image had been averaged before. `Flatten` keeps every pixel of every channel, and that is
/// why the matrix behind it is so large.
pub mod mutant_flattens_to_channels {
    use super::given::{Layer, Shape};
    pub use super::solution::*;

    /// One number for each channel.
    pub fn flat(shape: Shape) -> u64 {
        match shape {
            Shape::Image { channels, .. } => channels,
            Shape::Vector(n) => n,
        }
    }
}
