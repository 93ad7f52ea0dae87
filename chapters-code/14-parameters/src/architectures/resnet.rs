//! Residual networks (He et al., 2015), as torchvision builds them: the stride of a bottleneck
//! block is on its 3×3 convolution.
//!
//! Four stages of blocks; stage `i` is `64·2ⁱ` channels wide and, but for the first, halves the
//! image's side.

use super::Architecture;
use crate::count::Count;
use crate::layers::{Convolution, Linear, batch_norm, convolution, linear, pooling};
use crate::visitor::{Name, Visitor};

/// Channels of the first stage.
const WIDTH: u64 = 64;

/// The two kinds of residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Two 3×3 convolutions (18 and 34 layers).
    Basic,
    /// 1×1 down, 3×3, 1×1 up to four times the width (50 layers and more).
    Bottleneck,
}

impl BlockKind {
    /// Output channels for each channel of the stage's width.
    pub fn expansion(self) -> u64 {
        match self {
            BlockKind::Basic => 1,
            BlockKind::Bottleneck => 4,
        }
    }
}

/// The numbers that fix a residual network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResNet {
    /// The kind of block.
    pub block: BlockKind,
    /// Blocks in each of the four stages; at least one each.
    pub depths: [u64; 4],
    /// Classes of the head.
    pub classes: u64,
    /// Side of the input image, in pixels; at least 1.
    pub side: u64,
}

/// One stage, with what a block needs to know.
#[derive(Clone, Copy)]
struct Stage {
    inputs: u64,
    width: u64,
    depth: u64,
    stride: u64,
    /// Side of the image that enters the stage.
    side: u64,
}

impl ResNet {
    /// The networks of the paper: 1000 classes, images of 224 × 224.
    pub const fn imagenet(block: BlockKind, depths: [u64; 4]) -> ResNet {
        ResNet { block, depths, classes: 1000, side: 224 }
    }

    fn stages(&self) -> [Stage; 4] {
        let mut inputs = WIDTH;
        let mut side = self.side.div_ceil(2).div_ceil(2);
        std::array::from_fn(|i| {
            let width = WIDTH << i;
            let stride = if i == 0 { 1 } else { 2 };
            let stage = Stage { inputs, width, depth: self.depths[i], stride, side };
            inputs = width * self.block.expansion();
            side = side.div_ceil(stride);
            stage
        })
    }

    /// Weights of one stage of width `w` that reads `c` channels and holds `n` blocks. Returns the
    /// convolutions' weights at the stage's input size, those at its output size, the channels that
    /// are normalised, and the number of convolutions.
    ///
    /// | | first block | each further block |
    /// | --- | --- | --- |
    /// | basic | `9cw + 9w²` and, where `c ≠ w`, a projection `cw` | `18w²` |
    /// | bottleneck | `cw + 9w² + 4w²` and a projection `4cw` | `4w² + 9w² + 4w²` |
    fn stage_form(&self, stage: &Stage) -> [u64; 4] {
        let Stage { inputs: c, width: w, depth: n, .. } = *stage;
        match self.block {
            BlockKind::Basic => {
                let projection = u64::from(c != w);
                let weights = 9 * c * w + 9 * w * w + projection * c * w + (n - 1) * 18 * w * w;
                [0, weights, 2 * n * w + projection * w, 2 * n + projection]
            }
            BlockKind::Bottleneck => {
                let weights = 13 * w * w + 4 * c * w + (n - 1) * 17 * w * w;
                [c * w, weights, n * 6 * w + 4 * w, 3 * n + 1]
            }
        }
    }
}

impl Architecture for ResNet {
    fn closed_form(&self, _context: u64) -> Count {
        let stem = 3 * 49 * WIDTH;
        let features = 8 * WIDTH * self.block.expansion();
        let (mut weights, mut normalised, mut convolutions) = (stem, WIDTH, 1);
        let mut multiply_adds = stem * self.side.div_ceil(2).pow(2) + features * self.classes;
        for stage in self.stages() {
            let [before, after, channels, count] = self.stage_form(&stage);
            weights += before + after;
            normalised += channels;
            convolutions += count;
            multiply_adds += before * stage.side.pow(2);
            multiply_adds += after * stage.side.div_ceil(stage.stride).pow(2);
        }
        Count {
            parameters: weights + 2 * normalised + (features + 1) * self.classes,
            resting: 0,
            tensors: 3 * convolutions + 2,
            buffers: 2 * normalised + convolutions,
            multiply_adds,
        }
    }

    fn describe<V: Visitor>(&self, v: &mut V, _context: u64) {
        let mut side = convolution(v, "conv1", Convolution::new(3, WIDTH, 7, 2), self.side);
        batch_norm(v, "bn1", WIDTH, side);
        pooling(v, WIDTH, side, side.div_ceil(2));
        for (number, stage) in (1..).zip(self.stages()) {
            let first = BlockShape::first(self.block, &stage);
            let other = first.following();
            v.module(Name::Numbered("layer", number), "stage", |v| {
                v.module("0", "residual block", |v| first.describe(v));
                v.repeat(1..stage.depth, |v, i| {
                    v.module(i, "residual block", |v| other.describe(v))
                });
            });
            side = stage.side.div_ceil(stage.stride);
        }
        let features = 8 * WIDTH * self.block.expansion();
        pooling(v, features, side, 1);
        linear(
            v,
            "fc",
            Linear { inputs: features, outputs: self.classes, bias: true, positions: 1 },
        );
    }
}

/// What fixes one residual block.
#[derive(Clone, Copy)]
struct BlockShape {
    block: BlockKind,
    inputs: u64,
    width: u64,
    stride: u64,
    side: u64,
}

impl BlockShape {
    fn first(block: BlockKind, stage: &Stage) -> BlockShape {
        let Stage { inputs, width, stride, side, .. } = *stage;
        BlockShape { block, inputs, width, stride, side }
    }

    fn outputs(&self) -> u64 {
        self.width * self.block.expansion()
    }

    /// The blocks after the first: same size in as out.
    fn following(&self) -> BlockShape {
        BlockShape {
            inputs: self.outputs(),
            stride: 1,
            side: self.side.div_ceil(self.stride),
            ..*self
        }
    }

    fn describe<V: Visitor>(&self, v: &mut V) {
        let &BlockShape { inputs, width, stride, side, .. } = self;
        let half = match self.block {
            BlockKind::Basic => {
                let half =
                    convolution(v, "conv1", Convolution::new(inputs, width, 3, stride), side);
                batch_norm(v, "bn1", width, half);
                convolution(v, "conv2", Convolution::new(width, width, 3, 1), half);
                batch_norm(v, "bn2", width, half);
                half
            }
            BlockKind::Bottleneck => {
                convolution(v, "conv1", Convolution::new(inputs, width, 1, 1), side);
                batch_norm(v, "bn1", width, side);
                let half = convolution(v, "conv2", Convolution::new(width, width, 3, stride), side);
                batch_norm(v, "bn2", width, half);
                convolution(v, "conv3", Convolution::new(width, self.outputs(), 1, 1), half);
                batch_norm(v, "bn3", self.outputs(), half);
                half
            }
        };
        self.projection(v, half);
    }

    /// The skip connection needs a 1×1 convolution where the block changes the image's size or the
    /// number of channels.
    fn projection<V: Visitor>(&self, v: &mut V, half: u64) {
        if self.stride != 1 || self.inputs != self.outputs() {
            v.module("downsample", "projection", |v| {
                convolution(
                    v,
                    "0",
                    Convolution::new(self.inputs, self.outputs(), 1, self.stride),
                    self.side,
                );
                batch_norm(v, "1", self.outputs(), half);
            });
        }
    }
}
