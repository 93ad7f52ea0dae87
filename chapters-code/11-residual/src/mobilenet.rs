//! MobileNetV3, as Howard and others (2019) made it and as torchvision builds it.

use crate::description::{Activation, Convolution, Gate, Linear, Model, Norm, Part, Residual};

/// What batch normalisation adds to a variance.
pub const EPSILON: f64 = 1e-3;

/// One row of the paper's tables 1 and 2: window, channels in the middle, channels out, whether there is a gate, the
/// activation, the stride.
pub type Row = (usize, usize, usize, bool, Activation, usize);

const RE: Activation = Activation::Relu;
const HS: Activation = Activation::HardSwish;

/// The rows of the large network.
pub const LARGE: [Row; 15] = [
    (3, 16, 16, false, RE, 1),
    (3, 64, 24, false, RE, 2),
    (3, 72, 24, false, RE, 1),
    (5, 72, 40, true, RE, 2),
    (5, 120, 40, true, RE, 1),
    (5, 120, 40, true, RE, 1),
    (3, 240, 80, false, HS, 2),
    (3, 200, 80, false, HS, 1),
    (3, 184, 80, false, HS, 1),
    (3, 184, 80, false, HS, 1),
    (3, 480, 112, true, HS, 1),
    (3, 672, 112, true, HS, 1),
    (5, 672, 160, true, HS, 2),
    (5, 960, 160, true, HS, 1),
    (5, 960, 160, true, HS, 1),
];

/// The rows of the small network.
pub const SMALL: [Row; 11] = [
    (3, 16, 16, true, RE, 2),
    (3, 72, 24, false, RE, 2),
    (3, 88, 24, false, RE, 1),
    (5, 96, 40, true, HS, 2),
    (5, 240, 40, true, HS, 1),
    (5, 240, 40, true, HS, 1),
    (5, 120, 48, true, HS, 1),
    (5, 144, 48, true, HS, 1),
    (5, 288, 96, true, HS, 2),
    (5, 576, 96, true, HS, 1),
    (5, 576, 96, true, HS, 1),
];

/// The large network.
pub fn large() -> Model {
    mobilenet(&LARGE, 1280)
}

/// The small network.
pub fn small() -> Model {
    mobilenet(&SMALL, 1024)
}

/// Numbers between the two layers of a gate: a quarter of the channels, rounded to a multiple of eight, and never more than a
/// tenth below the quarter.
pub const fn squeezed(channels: usize) -> usize {
    let quarter = channels / 4;
    let rounded = (quarter + 4) / 8 * 8;
    let rounded = if rounded < 8 { 8 } else { rounded };
    if 10 * rounded < 9 * quarter { rounded + 8 } else { rounded }
}

/// The network of these rows, with so many numbers in the hidden layer behind the mean.
fn mobilenet(rows: &[Row], hidden: usize) -> Model {
    let mut parts = vec![convolution("features.0", [3, 16, 3, 2, 1], HS)];
    let mut inputs = 16;
    for (i, row) in rows.iter().enumerate() {
        block(&mut parts, &format!("features.{}.block", i + 1), inputs, *row);
        inputs = row.2;
    }
    let wide = 6 * inputs;
    parts.push(convolution(&format!("features.{}", rows.len() + 1), [inputs, wide, 1, 1, 1], HS));
    parts.push(Part::Mean);
    for (name, inputs, outputs, activation) in
        [("classifier.0", wide, hidden, HS), ("classifier.3", hidden, 1000, Activation::None)]
    {
        parts.push(Part::Linear(Linear { name: name.into(), inputs, outputs, activation }));
    }
    Model { parts }
}

// ANCHOR: block
/// One inverted residual: 1 × 1 to many channels, each channel by itself, a
/// gate, 1 × 1 to few channels. The input is added where the shapes agree.
fn block(parts: &mut Vec<Part>, name: &str, inputs: usize, row: Row) {
    let (window, middle, outputs, gate, activation, stride) = row;
    let mut branch = Vec::with_capacity(4);
    if middle != inputs {
        branch.push(convolution(&format!("{name}.0"), [inputs, middle, 1, 1, 1], activation));
    }
    let depthwise = [middle, middle, window, stride, middle];
    branch.push(convolution(&format!("{name}.{}", branch.len()), depthwise, activation));
    if gate {
        let name = format!("{name}.{}", branch.len());
        branch.push(Part::Gate(Gate { name, channels: middle, squeezed: squeezed(middle) }));
    }
    let project = [middle, outputs, 1, 1, 1];
    branch.push(convolution(&format!("{name}.{}", branch.len()), project, Activation::None));
    if stride == 1 && inputs == outputs {
        let (shortcut, activation) = (Vec::new(), Activation::None);
        parts.push(Part::Residual(Residual { branch, shortcut, activation }));
    } else {
        parts.append(&mut branch);
    }
}
// ANCHOR_END: block

fn convolution(
    name: &str,
    [inputs, outputs, window, stride, groups]: [usize; 5],
    activation: Activation,
) -> Part {
    let norm = Norm { name: format!("{name}.1"), epsilon: EPSILON };
    let name = format!("{name}.0");
    Part::Convolution(Convolution {
        name,
        norm,
        inputs,
        outputs,
        window,
        stride,
        groups,
        activation,
    })
}
