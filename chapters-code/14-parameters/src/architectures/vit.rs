//! Vision transformers (Dosovitskiy et al., 2020), as torchvision builds them: an image is cut into
//! patches, each patch becomes a vector, and a transformer encoder reads the vectors.

use super::Architecture;
use crate::count::Count;
use crate::layers::{Convolution, Linear, attention, convolution, elementwise, layer_norm, linear};
use crate::visitor::{Name, Role, Visitor};

/// The numbers that fix a vision transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisionTransformer {
    /// Side of a patch, in pixels.
    pub patch: u64,
    /// Encoder blocks, `L`.
    pub layers: u64,
    /// Length of the vector of each patch, `C`.
    pub width: u64,
    /// Heads of attention; they share the width and do not change any count.
    pub heads: u64,
    /// Width of the hidden layer of each block's two-layer network.
    pub inner: u64,
    /// Classes of the head.
    pub classes: u64,
    /// Side of the input image, in pixels; a multiple of `patch`.
    pub side: u64,
}

impl VisionTransformer {
    /// The networks of the paper: 1000 classes, images of 224 × 224, an inner layer four times as
    /// wide.
    pub const fn imagenet(patch: u64, layers: u64, width: u64, heads: u64) -> VisionTransformer {
        VisionTransformer {
            patch,
            layers,
            width,
            heads,
            inner: 4 * width,
            classes: 1000,
            side: 224,
        }
    }

    /// Patches of one image.
    pub fn patches(&self) -> u64 {
        (self.side / self.patch).pow(2)
    }

    /// Vectors the encoder reads: one a patch, and the class token.
    pub fn positions(&self) -> u64 {
        self.patches() + 1
    }
}

impl Architecture for VisionTransformer {
    /// With `p` for the patch, `t` positions, `C` the width, `F` the inner width and `K` classes:
    /// `3p²C + C` for the patches, `C + tC` for class token and positions,
    /// `4C² + 2CF + 9C + F` a block, `2C` for the last norm and `CK + K` for the head.
    fn closed_form(&self, _context: u64) -> Count {
        let (c, f, k) = (self.width, self.inner, self.classes);
        let t = self.positions();
        let patch = 3 * self.patch.pow(2) * c;
        let block = 4 * c * c + 2 * c * f;
        Count {
            parameters: patch
                + c
                + c
                + t * c
                + self.layers * (block + 9 * c + f)
                + 2 * c
                + (c + 1) * k,
            tensors: 12 * self.layers + 8,
            multiply_adds: patch * (t - 1) + self.layers * (t * block + 2 * t * t * c) + c * k,
            ..Count::default()
        }
    }

    fn describe<V: Visitor>(&self, v: &mut V, _context: u64) {
        let (c, t) = (self.width, self.positions());
        v.tensor(Role::Parameter, "class_token", &[1, 1, c]);
        let patches = Convolution {
            padding: 0,
            bias: true,
            ..Convolution::new(3, c, self.patch, self.patch)
        };
        convolution(v, "conv_proj", patches, self.side);
        v.module("encoder", "encoder", |v| {
            v.tensor(Role::Parameter, "pos_embedding", &[1, t, c]);
            v.module("layers", "sequence", |v| {
                v.repeat(0..self.layers, |v, i| {
                    v.module(Name::Numbered("encoder_layer_", i), "block", |v| self.block(v));
                });
            });
            layer_norm(v, "ln", c, t);
        });
        v.module("heads", "sequence", |v| {
            linear(
                v,
                "head",
                Linear { inputs: c, outputs: self.classes, bias: true, positions: 1 },
            );
        });
    }
}

impl VisionTransformer {
    /// One block. The three input projections of attention are one tensor of `3C` rows.
    fn block<V: Visitor>(&self, v: &mut V) {
        let (c, f, t) = (self.width, self.inner, self.positions());
        layer_norm(v, "ln_1", c, t);
        v.module("self_attention", "attention", |v| {
            v.tensor(Role::Parameter, "in_proj_weight", &[3 * c, c]);
            v.tensor(Role::Parameter, "in_proj_bias", &[3 * c]);
            v.work(Linear { inputs: c, outputs: 3 * c, bias: true, positions: t }.work());
            attention(v, t, t, c);
            linear(v, "out_proj", Linear { inputs: c, outputs: c, bias: true, positions: t });
        });
        layer_norm(v, "ln_2", c, t);
        v.module("mlp", "two-layer network", |v| {
            linear(v, "0", Linear { inputs: c, outputs: f, bias: true, positions: t });
            elementwise(v, t * f);
            linear(v, "3", Linear { inputs: f, outputs: c, bias: true, positions: t });
        });
    }
}
