//! The convolutions of EfficientNet-Lite0, from its table of stages.
//!
//! The network is that of Tan and Le, made for phones: without squeeze and excitation, with ReLU6 instead of swish. Its
//! blocks are inverted residuals: a 1 × 1 convolution to six times the channels, a convolution of each channel by itself, and a
//! 1 × 1 convolution back to few channels, without an activation.

/// Kinds of things that it tells apart.
pub const CLASSES: usize = 1000;
/// Channels of its last convolution, and so inputs of its last layer.
pub const HEAD: usize = 1280;
/// Side of the photographs that it was trained on, in pixels.
pub const SIDE: usize = 224;
/// Blocks.
pub const BLOCKS: usize = 16;
/// What batch normalisation adds to a variance.
pub const EPSILON: f64 = 1e-3;

/// Expansion, side of the window, stride, channels in and out, how many blocks.
const STAGES: [(usize, usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
];

/// How a convolution connects channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every output sees every input.
    Dense,
    /// Each channel by itself.
    Depthwise,
}

/// A convolution without a bias, and the batch normalisation behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// What its weight is called in the file.
    pub name: String,
    /// What its batch normalisation is called in the file.
    pub norm: String,
    /// How it connects channels.
    pub kind: Kind,
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Side of its window.
    pub window: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Whether ReLU6 comes behind it.
    pub relu6: bool,
}

impl Convolution {
    /// The shape of its weight, as PyTorch has it: `(outputs, inputs, K, K)`, or `(C, 1, K, K)`.
    pub fn shape(&self) -> [usize; 4] {
        let inputs = if self.kind == Kind::Depthwise { 1 } else { self.inputs };
        [self.outputs, inputs, self.window, self.window]
    }

    /// Side of the output for an input of `n` pixels: with TensorFlow's padding `SAME`, `n / stride`, rounded up.
    pub fn output(&self, n: usize) -> usize {
        n.div_ceil(self.stride)
    }

    /// Zeros before the first pixel for an input of `n` pixels. Where their number is odd, TensorFlow has one more behind the
    /// last.
    pub fn before(&self, n: usize) -> usize {
        let covered = (self.output(n) - 1) * self.stride + self.window;
        covered.saturating_sub(n) / 2
    }

    /// Multiply-adds for an input of `n` × `n` pixels.
    pub fn multiply_adds(&self, n: usize) -> u64 {
        let [o, i, k, _] = self.shape();
        (o * i * k * k * self.output(n).pow(2)) as u64
    }
}

/// One block: its convolutions, and whether its input is added to its output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Two or three convolutions.
    pub convolutions: Vec<Convolution>,
    /// Whether the input is added.
    pub skip: bool,
}

/// The convolution that reads the photograph.
pub fn stem() -> Convolution {
    convolution("_conv_stem", "_bn0", Kind::Dense, [3, 32, 3, 2], true)
}

/// The convolution behind the last block.
pub fn head() -> Convolution {
    convolution("_conv_head", "_bn1", Kind::Dense, [320, HEAD, 1, 1], true)
}

/// The blocks in order, [`BLOCKS`] of them.
pub fn blocks() -> Vec<Block> {
    let mut blocks = Vec::with_capacity(BLOCKS);
    for (expansion, window, stride, inputs, outputs, repeats) in STAGES {
        for i in 0..repeats {
            let (inputs, stride) = if i == 0 { (inputs, stride) } else { (outputs, 1) };
            blocks.push(block(blocks.len(), [expansion, window, stride, inputs, outputs]));
        }
    }
    blocks
}

/// Every convolution in the order of the pass.
pub fn convolutions() -> impl Iterator<Item = Convolution> {
    let inner = blocks().into_iter().flat_map(|block| block.convolutions);
    std::iter::once(stem()).chain(inner).chain(std::iter::once(head()))
}

/// Parameters: weights of convolutions, two numbers for each normalised channel, and the last layer with its bias.
pub fn parameters() -> usize {
    let convolutions: usize =
        convolutions().map(|c| c.shape().iter().product::<usize>() + 2 * c.outputs).sum();
    convolutions + HEAD * CLASSES + CLASSES
}

/// Multiply-adds for a photograph of `side` × `side` pixels.
pub fn multiply_adds(side: usize) -> u64 {
    let mut n = side;
    let convolutions: u64 = convolutions()
        .map(|c| {
            let count = c.multiply_adds(n);
            n = c.output(n);
            count
        })
        .sum();
    convolutions + (HEAD * CLASSES) as u64
}

fn block(i: usize, [expansion, window, stride, inputs, outputs]: [usize; 5]) -> Block {
    let inner = expansion * inputs;
    let name = |part: &str| format!("_blocks.{i}.{part}");
    let mut convolutions = Vec::with_capacity(3);
    if expansion > 1 {
        let sizes = [inputs, inner, 1, 1];
        convolutions.push(convolution(
            &name("_expand_conv"),
            &name("_bn0"),
            Kind::Dense,
            sizes,
            true,
        ));
    }
    let sizes = [inner, inner, window, stride];
    convolutions.push(convolution(
        &name("_depthwise_conv"),
        &name("_bn1"),
        Kind::Depthwise,
        sizes,
        true,
    ));
    let sizes = [inner, outputs, 1, 1];
    convolutions.push(convolution(
        &name("_project_conv"),
        &name("_bn2"),
        Kind::Dense,
        sizes,
        false,
    ));
    Block { convolutions, skip: stride == 1 && inputs == outputs }
}

fn convolution(
    name: &str,
    norm: &str,
    kind: Kind,
    [inputs, outputs, window, stride]: [usize; 4],
    relu6: bool,
) -> Convolution {
    let (name, norm) = (format!("{name}.weight"), norm.to_owned());
    Convolution { name, norm, kind, inputs, outputs, window, stride, relu6 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_as_many_blocks_and_parameters_as_the_original() {
        assert_eq!(blocks().len(), BLOCKS);
        assert_eq!(parameters(), 4_652_008);
    }

    #[test]
    fn an_odd_zero_comes_behind() {
        assert_eq!((stem().output(224), stem().before(224)), (112, 0));
        assert_eq!((stem().output(223), stem().before(223)), (112, 1));
    }
}
