//! # The way back up
//!
//! - points: 12
//! - minutes: 45
//! - difficulty: medium
//! - section: definition
//!
//! A network that paints, or that says of each pixel what it belongs to, must make large images of small ones. The layer that does this is a convolution run backwards: where a convolution with stride $`s`$ *reads* a window for each output, the
//! *transposed convolution* *writes* one for each input. It is the same sum that sends a gradient back through a convolution to its input, with weights of its own.
//!
//! An input image of shape (C, H, W) becomes one of shape (O, H′, W′) with
//!
//! ```math
//! H' = (H - 1)\,s + K - 2p \qquad W' = (W - 1)\,s + K - 2p
//! ```
//!
//! The weights $`w`$ have the shape (C, O, K, K): inputs first. Every output begins as its bias $`b_o`$. Then every input $`x_{c,i,j}`$ is multiplied by every weight
//! $`w_{c,o,u,v}`$, and the product is added to the output at channel $`o`$, row $`i s + u - p`$, column $`j s + v - p`$. What would come to lie outside of the output is left out. So padding, which makes the
//! output of a convolution larger, makes this one smaller.
//!
//! Write it. `Image` and `Layer` hold their numbers in one slice each, the last index running fastest.
//!
//! - There is at least one channel, one output, one row and one column. `kernel` and `stride` are at least 1.
//! - The stride may be larger than the kernel; then some outputs get nothing but the bias. The padding is so small that H′ and W′ are at least 1.
//!
//! The numbers are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! Do not look for what an output needs. Go over the inputs, and distribute.
//!
//! ## Hint 2
//!
//! Fill the output with the biases before anything else. Then there are six loops: over $`c`$, $`i`$, $`j`$, $`o`$, $`u`$ and $`v`$, and one line within them, with `+=`.
//!
//! ## Hint 3
//!
//! A row is $`i s + u`$ less $`p`$. `(i * stride + u).checked_sub(padding)` is `None` above the image, and `.filter(|&y| y < height)` makes it `None` below. Index of a weight:
//! `((c * outputs + o) * kernel + u) * kernel + v`.
//!
//! ## Solution
//!
//! Read and write have changed places; nothing else has. That is why the kernel is not flipped here, and why one does not have to find out which inputs reach a given output. Rows and columns are looked up once
//! for each $`u`$ and $`v`$, and `None` stands for what is cut off.
//!
//! ## Notes
//!
//! **Time.** Forty-five minutes. Those who write it as a gather, output by output, have to divide by the stride and often get it right after an hour.
//!
//! **Misconceptions.** That it undoes a convolution ("deconvolution"): it has the shape of an inverse and is not one. That windows do not overlap: where the stride is smaller than the kernel they do, and outputs
//! add up. That padding adds a border here, too.
//!
//! **Discussion.** With kernel 3 and stride 2, how many products does each output get? What does a constant input look like then? (A chequerboard. Kernels whose side is a multiple of the stride avoid it.)

/// What the exercise gives.
pub mod given {
    /// An image of several channels.
    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    pub struct Image {
        /// How many numbers each pixel has.
        pub channels: usize,
        /// Rows.
        pub height: usize,
        /// Columns.
        pub width: usize,
        /// Channel by channel, row by row.
        pub values: Vec<f64>,
    }

    /// A transposed convolution.
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
    pub struct Layer {
        /// Channels of the output.
        pub outputs: usize,
        /// Side of a window.
        pub kernel: usize,
        /// Outputs from one window to the next.
        pub stride: usize,
        /// What is cut off at each side.
        pub padding: usize,
        /// Of the shape (channels, outputs, kernel, kernel).
        pub weights: Vec<f64>,
        /// One for each output channel.
        pub bias: Vec<f64>,
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::{Image, Layer};

    /// What a transposed convolution makes of an image.
    pub fn transposed_convolution(image: &Image, layer: &Layer) -> Image {
        todo!("every input writes a window")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::{Image, Layer};

    /// What a transposed convolution makes of an image.
    pub fn transposed_convolution(image: &Image, layer: &Layer) -> Image {
        let mut output = biases(image, layer);
        add_windows(image, layer, &mut output);
        output
    }

    /// Adds the window of every input.
    pub fn add_windows(image: &Image, layer: &Layer, output: &mut Image) {
        let pixels = image.height * image.width;
        for (at, &x) in image.values.iter().enumerate() {
            let (c, i, j) = (at / pixels, at % pixels / image.width, at % image.width);
            for u in 0..layer.kernel {
                for v in 0..layer.kernel {
                    let y = place(i, u, layer, output.height);
                    let z = place(j, v, layer, output.width);
                    let (Some(y), Some(z)) = (y, z) else { continue };
                    for o in 0..layer.outputs {
                        let to = (o * output.height + y) * output.width + z;
                        output.values[to] += x * layer.weights[weight(c, o, u, v, layer)];
                    }
                }
            }
        }
    }

    /// The output before anything is added.
    pub fn biases(image: &Image, layer: &Layer) -> Image {
        let side = |n: usize| (n - 1) * layer.stride + layer.kernel - 2 * layer.padding;
        let (height, width) = (side(image.height), side(image.width));
        let values = layer.bias.iter().flat_map(|&b| vec![b; height * width]).collect();
        Image { channels: layer.outputs, height, width, values }
    }

    /// The row (or column) that row `u` of the window of input row `i` lies on, if the output has it.
    pub fn place(i: usize, u: usize, layer: &Layer, side: usize) -> Option<usize> {
        (i * layer.stride + u).checked_sub(layer.padding).filter(|&place| place < side)
    }

    /// Where a weight is.
    pub fn weight(c: usize, o: usize, u: usize, v: usize, layer: &Layer) -> usize {
        ((c * layer.outputs + o) * layer.kernel + u) * layer.kernel + v
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::{Image, Layer};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub image: Image,
        pub layer: Layer,
    }

    pub type Output = Image;

    pub fn call(input: &Input) -> Output {
        super::solution::transposed_convolution(&input.image, &input.layer)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::{Image, Layer};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("windows that overlap", 5, |rng| {
            let shape = [rng.random_range(2..4), rng.random_range(3..6), rng.random_range(3..6)];
            let (outputs, stride) = (rng.random_range(4..6), rng.random_range(1..3));
            input(rng, shape, outputs, [4, stride, 0])
        });
        cases.general("overlap and padding", 5, |rng| {
            let shape = [rng.random_range(1..4), rng.random_range(3..5), rng.random_range(4..6)];
            let (kernel, padding) = (rng.random_range(3..5), rng.random_range(1..3));
            input(rng, shape, 2, [kernel, 2, padding])
        });
        cases.edge("windows side by side", 2, |rng| {
            let kernel = rng.random_range(2..4);
            input(rng, [2, 2, 3], 2, [kernel, kernel, 0])
        });
        cases.edge("a stride larger than the kernel", 3, |rng| {
            let (kernel, more) = (rng.random_range(1..3), rng.random_range(1..3));
            input(rng, [1, 3, 4], 2, [kernel, kernel + more, 0])
        });
        cases.edge("an image of one pixel", 2, |rng| {
            let (kernel, padding) = (rng.random_range(3..5), rng.random_range(0..2));
            input(rng, [3, 1, 1], 2, [kernel, 2, padding])
        });
        cases.edge("a kernel of one pixel", 2, |rng| input(rng, [3, 2, 4], 2, [1, 1, 0]));
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let shape = |image: &Image| (image.channels, image.height, image.width);
        compare::equal("the shape (channels, height, width)", &shape(expected), &shape(found))?;
        let (height, width) = (expected.height, expected.width);
        compare::each(&expected.values, &found.values, 1e-9, |at| {
            let (o, i, j) = (at / (height * width), at / width % height, at % width);
            format!("channel {o}, row {i}, column {j}")
        })
    }

    fn input(
        rng: &mut Rng,
        [channels, height, width]: [usize; 3],
        outputs: usize,
        [kernel, stride, padding]: [usize; 3],
    ) -> Input {
        let mut draw =
            |n: usize| -> Vec<f64> { (0..n).map(|_| rng.random_range(0.2..1.0)).collect() };
        let values = draw(channels * height * width);
        let weights = draw(channels * outputs * kernel * kernel);
        let bias = draw(outputs);
        let layer = Layer { outputs, kernel, stride, padding, weights, bias };
        Input { image: Image { channels, height, width, values }, layer }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::{Image, Layer};
    use super::solution::transposed_convolution;

    fn image(channels: usize, height: usize, width: usize, values: &[f64]) -> Image {
        Image { channels, height, width, values: values.to_vec() }
    }

    #[test]
    fn one_pixel_writes_its_window() {
        // 3 times the kernel, and the bias 1 on everything: 3 · (1, 2, 3, 4) + 1.
        let (weights, bias) = (vec![1.0, 2.0, 3.0, 4.0], vec![1.0]);
        let layer = Layer { outputs: 1, kernel: 2, stride: 2, padding: 0, weights, bias };
        let found = transposed_convolution(&image(1, 1, 1, &[3.0]), &layer);
        assert_eq!(found, image(1, 2, 2, &[4.0, 7.0, 10.0, 13.0]));
    }

    #[test]
    fn two_windows_overlap() {
        // Row 0: 1·(1, 2) from column 0 and 10·(1, 2) from column 1 are 1, 2 + 10, 20. Row 1 in the same way.
        let (weights, bias) = (vec![1.0, 2.0, 3.0, 4.0], vec![0.0]);
        let layer = Layer { outputs: 1, kernel: 2, stride: 1, padding: 0, weights, bias };
        let found = transposed_convolution(&image(1, 1, 2, &[1.0, 10.0]), &layer);
        assert_eq!(found, image(1, 2, 3, &[1.0, 12.0, 20.0, 3.0, 34.0, 40.0]));
    }

    #[test]
    fn padding_cuts_off() {
        // A window of 3 × 3 without its rim: the middle weight alone, times 2.
        let weights: Vec<f64> = (0..9).map(f64::from).collect();
        let layer =
            Layer { outputs: 1, kernel: 3, stride: 1, padding: 1, weights, bias: vec![0.0] };
        let found = transposed_convolution(&image(1, 1, 1, &[2.0]), &layer);
        assert_eq!(found, image(1, 1, 1, &[8.0]));
    }

    #[test]
    fn inputs_come_first_in_the_weights() {
        // One pixel, two channels 1 and 10, three outputs: 1·1 + 10·4, 1·2 + 10·5, 1·3 + 10·6.
        let weights = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let layer =
            Layer { outputs: 3, kernel: 1, stride: 1, padding: 0, weights, bias: vec![0.0; 3] };
        let found = transposed_convolution(&image(2, 1, 1, &[1.0, 10.0]), &layer);
        assert_eq!(found, image(3, 1, 1, &[41.0, 52.0, 63.0]));
    }
}

/// Writes over what is there.
///
/// # Feedback
///
/// Where windows overlap, or where several channels contribute, only the last product is left in your output. All of them are added, and the bias with them.
pub mod mutant_overwrites {
    pub use super::solution::*;

    /// The last product of each output, with the bias.
    pub fn transposed_convolution(
        image: &super::given::Image,
        layer: &super::given::Layer,
    ) -> super::given::Image {
        let mut output = biases(image, layer);
        let pixels = image.height * image.width;
        for (at, &x) in image.values.iter().enumerate() {
            let (c, i, j) = (at / pixels, at % pixels / image.width, at % image.width);
            for w in 0..layer.outputs * layer.kernel * layer.kernel {
                let (u, v) = (w / layer.kernel % layer.kernel, w % layer.kernel);
                let o = w / (layer.kernel * layer.kernel);
                let (y, z) = (place(i, u, layer, output.height), place(j, v, layer, output.width));
                let (Some(y), Some(z)) = (y, z) else { continue };
                let to = (o * output.height + y) * output.width + z;
                output.values[to] = layer.bias[o] + x * layer.weights[weight(c, o, u, v, layer)];
            }
        }
        output
    }
}

/// Flips the kernel.
///
/// # Feedback
///
/// Your windows are turned by half a turn. A transposed convolution that *gathers* its inputs has to flip the kernel; one that distributes them writes the kernel as it is.
pub mod mutant_flips_the_kernel {
    pub use super::solution::*;

    /// Where the weight on the other side of the kernel is.
    pub fn weight(c: usize, o: usize, u: usize, v: usize, layer: &super::given::Layer) -> usize {
        let turned = (layer.kernel - 1 - u) * layer.kernel + layer.kernel - 1 - v;
        (c * layer.outputs + o) * layer.kernel * layer.kernel + turned
    }
}

/// Reads the weights with the outputs first.
///
/// # Feedback
///
/// Your answers are right for one channel, and wrong for several: you read the weights as those of a convolution, with the outputs first. Here the shape is (C, O, K, K).
pub mod mutant_reads_outputs_first {
    pub use super::solution::*;

    /// Where the weight would be if outputs came first.
    pub fn weight(c: usize, o: usize, u: usize, v: usize, layer: &super::given::Layer) -> usize {
        let channels = layer.weights.len() / (layer.outputs * layer.kernel * layer.kernel);
        ((o * channels + c) * layer.kernel + u) * layer.kernel + v
    }
}

/// Cuts all of the padding off at the bottom and at the right.
///
/// # Feedback
///
/// The size of your output is right, but with padding the image in it lies too far down and to the right: nothing is cut off above and to the left. The padding is taken from each side.
pub mod mutant_cuts_one_side {
    pub use super::solution::*;

    /// The place in an output from which nothing is cut off above and to the left.
    pub fn place(i: usize, u: usize, layer: &super::given::Layer, side: usize) -> Option<usize> {
        Some(i * layer.stride + u).filter(|&place| place < side)
    }
}

/// Adds the bias with every product.
///
/// # Feedback
///
/// The bias is in your output many times: once for each product. An output has one bias, and also where no window reaches it.
pub mod mutant_adds_the_bias_every_time {
    pub use super::solution::*;

    /// The output, with a bias in each product and none before the first.
    pub fn transposed_convolution(
        image: &super::given::Image,
        layer: &super::given::Layer,
    ) -> super::given::Image {
        let ones = super::given::Image { values: vec![1.0; image.values.len()], ..image.clone() };
        let area = layer.kernel * layer.kernel;
        let weights = (0..layer.weights.len()).map(|w| layer.bias[w / area % layer.outputs]);
        let biased = super::given::Layer { weights: weights.collect(), ..layer.clone() };
        let mut output = biases(image, layer);
        output.values.fill(0.0);
        add_windows(image, layer, &mut output);
        add_windows(&ones, &biased, &mut output);
        output
    }
}
