//! MobileNetV3 (Howard et al., 2019), as torchvision builds it: a table of bottlenecks, each a 1×1
//! expansion, a depthwise convolution, perhaps a squeeze and excitation, and a 1×1 projection.

use std::borrow::Cow;

use super::Architecture;
use crate::count::Count;
use crate::layers::{Convolution, Linear, batch_norm, convolution, elementwise, linear, pooling};
use crate::visitor::{Name, Visitor};

/// One row of the paper's tables 1 and 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bottleneck {
    /// Side of the depthwise kernel, in pixels; odd.
    pub kernel: u64,
    /// Channels between expansion and projection.
    pub expanded: u64,
    /// Channels written.
    pub outputs: u64,
    /// Whether the expanded channels are squeezed and excited.
    pub squeeze: bool,
    /// Stride of the depthwise convolution.
    pub stride: u64,
}

/// The numbers that fix a MobileNetV3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MobileNetV3 {
    /// Channels of the first convolution, which the first bottleneck reads.
    pub stem: u64,
    /// The bottlenecks, in order; at least one.
    pub bottlenecks: Cow<'static, [Bottleneck]>,
    /// Width of the hidden layer of the classifier.
    pub hidden: u64,
    /// Classes of the head.
    pub classes: u64,
    /// Side of the input image, in pixels; at least 1.
    pub side: u64,
}

const fn row(kernel: u64, expanded: u64, outputs: u64, squeeze: bool, stride: u64) -> Bottleneck {
    Bottleneck { kernel, expanded, outputs, squeeze, stride }
}

const LARGE: &[Bottleneck] = &[
    row(3, 16, 16, false, 1),
    row(3, 64, 24, false, 2),
    row(3, 72, 24, false, 1),
    row(5, 72, 40, true, 2),
    row(5, 120, 40, true, 1),
    row(5, 120, 40, true, 1),
    row(3, 240, 80, false, 2),
    row(3, 200, 80, false, 1),
    row(3, 184, 80, false, 1),
    row(3, 184, 80, false, 1),
    row(3, 480, 112, true, 1),
    row(3, 672, 112, true, 1),
    row(5, 672, 160, true, 2),
    row(5, 960, 160, true, 1),
    row(5, 960, 160, true, 1),
];

const SMALL: &[Bottleneck] = &[
    row(3, 16, 16, true, 2),
    row(3, 72, 24, false, 2),
    row(3, 88, 24, false, 1),
    row(5, 96, 40, true, 2),
    row(5, 240, 40, true, 1),
    row(5, 240, 40, true, 1),
    row(5, 120, 48, true, 1),
    row(5, 144, 48, true, 1),
    row(5, 288, 96, true, 2),
    row(5, 576, 96, true, 1),
    row(5, 576, 96, true, 1),
];

/// Channels of the squeezed layer: a quarter of `expanded`, rounded to a multiple of eight, at
/// least eight, and never more than a tenth below the quarter.
pub fn squeezed(expanded: u64) -> u64 {
    let quarter = expanded / 4;
    let rounded = ((quarter + 4) / 8 * 8).max(8);
    if 10 * rounded < 9 * quarter { rounded + 8 } else { rounded }
}

impl MobileNetV3 {
    /// The large network of the paper: 1000 classes, images of 224 × 224.
    pub const fn large() -> MobileNetV3 {
        MobileNetV3 {
            stem: 16,
            bottlenecks: Cow::Borrowed(LARGE),
            hidden: 1280,
            classes: 1000,
            side: 224,
        }
    }

    /// The small network of the paper: 1000 classes, images of 224 × 224.
    pub const fn small() -> MobileNetV3 {
        MobileNetV3 {
            stem: 16,
            bottlenecks: Cow::Borrowed(SMALL),
            hidden: 1024,
            classes: 1000,
            side: 224,
        }
    }

    /// Channels of the last bottleneck; six times as many enter the classifier.
    fn last(&self) -> u64 {
        self.bottlenecks.last().map_or(self.stem, |row| row.outputs)
    }
}

impl Bottleneck {
    /// The count of a bottleneck that reads `c` channels of `side` × `side` pixels: with `e`
    /// expanded and `o` output channels, kernel `k` and `s` squeezed channels,
    /// `ce + 2e` to expand (left out where `e = c`), `k²e + 2e` depthwise, `2es + s + e` to squeeze
    /// and excite, and `eo + 2o` to project.
    fn closed_form(&self, c: u64, side: u64) -> Count {
        let &Bottleneck { kernel: k, expanded: e, outputs: o, .. } = self;
        let (area, half) = (side.pow(2), side.div_ceil(self.stride).pow(2));
        let expands = u64::from(e != c);
        let s = if self.squeeze { squeezed(e) } else { 0 };
        let biases = if self.squeeze { s + e } else { 0 };
        let normalised = expands * e + e + o;
        Count {
            parameters: expands * c * e + k * k * e + 2 * e * s + biases + e * o + 2 * normalised,
            resting: 0,
            tensors: 3 * expands + 6 + 4 * u64::from(self.squeeze),
            buffers: 2 * normalised + expands + 2,
            multiply_adds: expands * c * e * area + (k * k * e + e * o) * half + 2 * e * s,
        }
    }

    /// The modules of a bottleneck; returns the side of its output. Their names are numbers that
    /// depend on which of them are there.
    fn describe<V: Visitor>(&self, v: &mut V, inputs: u64, side: u64) -> u64 {
        let expanded = self.expanded;
        let mut names = (0..).map(Name::Index);
        let mut next = || names.next().unwrap_or(Name::Index(0));
        if expanded != inputs {
            normalised(v, next(), "expansion", Convolution::new(inputs, expanded, 1, 1), side);
        }
        let depthwise = Convolution {
            groups: expanded,
            ..Convolution::new(expanded, expanded, self.kernel, self.stride)
        };
        let half = normalised(v, next(), "depthwise", depthwise, side);
        if self.squeeze {
            squeeze_and_excitation(v, next(), expanded, half);
        }
        normalised(v, next(), "projection", Convolution::new(expanded, self.outputs, 1, 1), half)
    }
}

/// A convolution and its batch normalisation. Returns the side of the output.
fn normalised<V: Visitor>(
    v: &mut V,
    name: Name,
    kind: &'static str,
    c: Convolution,
    side: u64,
) -> u64 {
    let mut output_side = side;
    v.module(name, kind, |v| {
        output_side = convolution(v, "0", c, side);
        batch_norm(v, "1", c.outputs, output_side);
    });
    output_side
}

/// Squeeze and excitation (Hu et al., 2018): the mean of each channel passes through two 1×1
/// convolutions with biases, and what comes out scales the channel.
fn squeeze_and_excitation<V: Visitor>(v: &mut V, name: Name, channels: u64, side: u64) {
    let squeezed = squeezed(channels);
    v.module(name, "squeeze and excite", |v| {
        pooling(v, channels, side, 1);
        convolution(
            v,
            "fc1",
            Convolution { bias: true, ..Convolution::new(channels, squeezed, 1, 1) },
            1,
        );
        convolution(
            v,
            "fc2",
            Convolution { bias: true, ..Convolution::new(squeezed, channels, 1, 1) },
            1,
        );
        elementwise(v, side * side * channels);
    });
}

impl Architecture for MobileNetV3 {
    fn closed_form(&self, _context: u64) -> Count {
        let mut side = self.side.div_ceil(2);
        let mut inputs = self.stem;
        let mut blocks = Count::default();
        for row in self.bottlenecks.iter() {
            blocks = blocks + row.closed_form(inputs, side);
            (inputs, side) = (row.outputs, side.div_ceil(row.stride));
        }
        let (stem, last, hidden, classes) =
            (27 * self.stem, self.last(), self.hidden, self.classes);
        let wide = 6 * last;
        let normalised = self.stem + wide;
        let classifier = wide * hidden + hidden * classes;
        let ends = Count {
            parameters: stem + last * wide + 2 * normalised + classifier + hidden + classes,
            resting: 0,
            tensors: 10,
            buffers: 2 * normalised + 2,
            multiply_adds: stem * self.side.div_ceil(2).pow(2)
                + last * wide * side.pow(2)
                + classifier,
        };
        blocks + ends
    }

    fn describe<V: Visitor>(&self, v: &mut V, _context: u64) {
        let wide = 6 * self.last();
        let mut side = self.side;
        v.module("features", "sequence", |v| {
            side =
                normalised(v, Name::Index(0), "stem", Convolution::new(3, self.stem, 3, 2), side);
            let mut inputs = self.stem;
            for (place, row) in (1..).zip(self.bottlenecks.iter()) {
                v.module(Name::Index(place), "bottleneck", |v| {
                    v.module("block", "sequence", |v| side = row.describe(v, inputs, side));
                });
                inputs = row.outputs;
            }
            let place = Name::Index(self.bottlenecks.len() as u64 + 1);
            normalised(v, place, "convolution", Convolution::new(inputs, wide, 1, 1), side);
        });
        pooling(v, wide, side, 1);
        v.module("classifier", "sequence", |v| {
            linear(v, "0", Linear { inputs: wide, outputs: self.hidden, bias: true, positions: 1 });
            linear(
                v,
                "3",
                Linear { inputs: self.hidden, outputs: self.classes, bias: true, positions: 1 },
            );
        });
    }
}
