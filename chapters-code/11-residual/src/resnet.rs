//! Residual networks, as He, Zhang, Ren and Sun (2016) made them and as torchvision builds them: the stride of a bottleneck is
//! on its 3 × 3 convolution.

use crate::description::{Activation, Convolution, Linear, Model, Norm, Part, Residual};

/// What batch normalisation adds to a variance.
pub const EPSILON: f64 = 1e-5;

/// The two kinds of residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Two convolutions of 3 × 3.
    Basic,
    /// 1 × 1 to few channels, 3 × 3, 1 × 1 to four times as many.
    Bottleneck,
}

impl Block {
    /// Channels of a block's output for each channel of its 3 × 3 convolution.
    pub const fn expansion(self) -> usize {
        match self {
            Block::Basic => 1,
            Block::Bottleneck => 4,
        }
    }
}

/// The network with so many blocks in each of its four stages, for photographs of a thousand kinds of things.
pub fn resnet(block: Block, depths: [usize; 4]) -> Model {
    let mut parts =
        vec![convolution("conv1", "bn1", [3, 64, 7, 2], Activation::Relu), Part::MaxPool];
    let mut inputs = 64;
    for (stage, blocks) in depths.into_iter().enumerate() {
        let width = 64 << stage;
        for i in 0..blocks {
            let stride = if stage > 0 && i == 0 { 2 } else { 1 };
            let name = format!("layer{}.{i}", stage + 1);
            parts.push(Part::Residual(residual(&name, block, [inputs, width, stride])));
            inputs = width * block.expansion();
        }
    }
    let activation = Activation::None;
    parts.push(Part::Mean);
    parts.push(Part::Linear(Linear { name: "fc".into(), inputs, outputs: 1000, activation }));
    Model { parts }
}

// ANCHOR: residual
/// One block. Where its input has another shape than its output, the way
/// around has a convolution of 1 × 1, and else nothing.
fn residual(name: &str, block: Block, [inputs, width, stride]: [usize; 3]) -> Residual {
    let (relu, none) = (Activation::Relu, Activation::None);
    let outputs = width * block.expansion();
    let layer = |i: usize, sizes: [usize; 4], activation| {
        convolution(&format!("{name}.conv{i}"), &format!("{name}.bn{i}"), sizes, activation)
    };
    let branch = match block {
        Block::Basic => {
            vec![layer(1, [inputs, width, 3, stride], relu), layer(2, [width, width, 3, 1], none)]
        }
        Block::Bottleneck => vec![
            layer(1, [inputs, width, 1, 1], relu),
            layer(2, [width, width, 3, stride], relu),
            layer(3, [width, outputs, 1, 1], none),
        ],
    };
    let mut shortcut = Vec::new();
    if inputs != outputs || stride > 1 {
        let (c, n) = (format!("{name}.downsample.0"), format!("{name}.downsample.1"));
        shortcut.push(convolution(&c, &n, [inputs, outputs, 1, stride], none));
    }
    Residual { branch, shortcut, activation: relu }
}
// ANCHOR_END: residual

fn convolution(
    name: &str,
    norm: &str,
    [inputs, outputs, window, stride]: [usize; 4],
    activation: Activation,
) -> Part {
    let (name, norm) = (name.into(), Norm { name: norm.into(), epsilon: EPSILON });
    Part::Convolution(Convolution {
        name,
        norm,
        inputs,
        outputs,
        window,
        stride,
        groups: 1,
        activation,
    })
}
