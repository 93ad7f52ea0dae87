//! The layers that networks are made of: each tells a visitor its tensors and its work.
//!
//! Sizes in one alphabet: images are `(C, H, W)` with `H = W`, called `side` here; a layer that acts
//! on each of several positions alike (patches of an image, tokens of a text) says how many.

use crate::visitor::{Name, Role, Visitor, Work};

/// A two-dimensional convolution with a square kernel.
///
/// Weights: `(outputs, inputs / groups, kernel, kernel)`, and `(outputs)` for the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Channels read.
    pub inputs: u64,
    /// Channels written.
    pub outputs: u64,
    /// Side of the kernel, in pixels.
    pub kernel: u64,
    /// Pixels from one window to the next.
    pub stride: u64,
    /// Zeros around the image, in pixels.
    pub padding: u64,
    /// Independent groups of channels; as many as `inputs` makes it depthwise.
    pub groups: u64,
    /// Whether each output channel has a bias.
    pub bias: bool,
}

impl Convolution {
    /// A convolution as the image networks use it: padded so that stride 1 keeps the size (odd
    /// kernels), one group, no bias because a batch normalisation follows.
    pub const fn new(inputs: u64, outputs: u64, kernel: u64, stride: u64) -> Convolution {
        Convolution {
            inputs,
            outputs,
            kernel,
            stride,
            padding: (kernel - 1) / 2,
            groups: 1,
            bias: false,
        }
    }

    /// Side of the output for an input of the given side, in pixels.
    pub fn output_side(&self, side: u64) -> u64 {
        (side + 2 * self.padding - self.kernel) / self.stride + 1
    }
}

// ANCHOR: convolution_walk
/// A convolution over an image of `side` × `side` pixels. Returns the side of its output.
pub fn convolution<V: Visitor>(v: &mut V, name: impl Into<Name>, c: Convolution, side: u64) -> u64 {
    let output_side = c.output_side(side);
    let pixels = output_side * output_side;
    v.module(name, "convolution", |v| {
        let shape = [c.outputs, c.inputs / c.groups, c.kernel, c.kernel];
        v.tensor(Role::Parameter, "weight", &shape);
        if c.bias {
            v.tensor(Role::Parameter, "bias", &[c.outputs]);
        }
        v.work(Work {
            multiply_adds: pixels * shape.iter().product::<u64>(),
            input: side * side * c.inputs,
            output: pixels * c.outputs,
        });
    });
    output_side
}
// ANCHOR_END: convolution_walk

/// A linear layer, applied to each of `positions` vectors.
///
/// Weights: `(outputs, inputs)`, and `(outputs)` for the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Length of the vectors read.
    pub inputs: u64,
    /// Length of the vectors written.
    pub outputs: u64,
    /// Whether each output has a bias.
    pub bias: bool,
    /// How many vectors the layer is applied to.
    pub positions: u64,
}

impl Linear {
    /// The work of the layer; a bias is not counted as work.
    pub fn work(&self) -> Work {
        Work {
            multiply_adds: self.positions * self.inputs * self.outputs,
            input: self.positions * self.inputs,
            output: self.positions * self.outputs,
        }
    }
}

/// A linear layer as a module of its own.
pub fn linear<V: Visitor>(v: &mut V, name: impl Into<Name>, l: Linear) {
    v.module(name, "linear", |v| {
        v.tensor(Role::Parameter, "weight", &[l.outputs, l.inputs]);
        if l.bias {
            v.tensor(Role::Parameter, "bias", &[l.outputs]);
        }
        v.work(l.work());
    });
}

/// A linear layer as GPT-2's files store it: the weight is transposed, `(inputs, outputs)`, and a
/// bias is always there. The count does not change, the shape does.
pub fn transposed_linear<V: Visitor>(v: &mut V, name: impl Into<Name>, inputs: u64, outputs: u64) {
    v.module(name, "linear", |v| {
        v.tensor(Role::Parameter, "weight", &[inputs, outputs]);
        v.tensor(Role::Parameter, "bias", &[outputs]);
        v.work(Linear { inputs, outputs, bias: true, positions: 1 }.work());
    });
}

// ANCHOR: batch_norm
/// Batch normalisation of `channels` channels (Ioffe and Szegedy, 2015): a gain and a shift for
/// each are trained; a running mean and variance for each, and a counter of the batches seen, are
/// persistent buffers.
pub fn batch_norm<V: Visitor>(v: &mut V, name: impl Into<Name>, channels: u64, side: u64) {
    v.module(name, "batch norm", |v| {
        v.tensor(Role::Parameter, "weight", &[channels]);
        v.tensor(Role::Parameter, "bias", &[channels]);
        v.tensor(Role::Buffer, "running_mean", &[channels]);
        v.tensor(Role::Buffer, "running_var", &[channels]);
        v.tensor(Role::Buffer, "num_batches_tracked", &[]);
        elementwise(v, side * side * channels);
    });
}
// ANCHOR_END: batch_norm

/// Layer normalisation (Ba et al., 2016) of `positions` vectors of length `width`: a gain and a
/// shift.
pub fn layer_norm<V: Visitor>(v: &mut V, name: impl Into<Name>, width: u64, positions: u64) {
    v.module(name, "layer norm", |v| {
        v.tensor(Role::Parameter, "weight", &[width]);
        v.tensor(Role::Parameter, "bias", &[width]);
        elementwise(v, positions * width);
    });
}

/// Root-mean-square normalisation (Zhang and Sennrich, 2019) of `positions` vectors of length `width`: a
/// gain alone.
pub fn rms_norm<V: Visitor>(v: &mut V, name: impl Into<Name>, width: u64, positions: u64) {
    v.module(name, "RMS norm", |v| {
        v.tensor(Role::Parameter, "weight", &[width]);
        elementwise(v, positions * width);
    });
}

/// A table of `rows` vectors of length `width`. Looking a row up is not work, but the row is an
/// output.
pub fn embedding<V: Visitor>(v: &mut V, name: impl Into<Name>, rows: u64, width: u64) {
    v.module(name, "embedding", |v| {
        v.tensor(Role::Parameter, "weight", &[rows, width]);
        v.work(Work { multiply_adds: 0, input: 0, output: width });
    });
}

/// A function applied to each of `values` values: no parameters, no multiply-adds, one output for
/// each input.
pub fn elementwise<V: Visitor>(v: &mut V, values: u64) {
    v.work(Work { multiply_adds: 0, input: values, output: values });
}

/// Pooling of `channels` channels from `side` × `side` pixels to `output_side` × `output_side`: no
/// parameters, no multiply-adds.
pub fn pooling<V: Visitor>(v: &mut V, channels: u64, side: u64, output_side: u64) {
    let (input, output) = (side * side * channels, output_side * output_side * channels);
    v.work(Work { multiply_adds: 0, input, output });
}

/// The two products of attention: `queries` vectors are compared with `keys` vectors, and as many
/// values are averaged. `width` is heads × head width, so the number of heads does not matter.
///
/// No parameters; this is the quadratic part of a transformer when each position is a query.
pub fn attention<V: Visitor>(v: &mut V, queries: u64, keys: u64, width: u64) {
    attention_between(v, queries, keys, width, width);
}

/// As [`attention`], where values have another width than queries and keys.
pub fn attention_between<V: Visitor>(
    v: &mut V,
    queries: u64,
    keys: u64,
    width: u64,
    value_width: u64,
) {
    v.work(Work {
        multiply_adds: queries * keys * (width + value_width),
        input: queries * (2 * width + value_width),
        output: queries * value_width,
    });
}
