//! The families of networks of chapters 11 to 13, of any size.

use backprop::{Activation, Addition, Linear, Network, Real, Result, Shape};
use convolution::{BatchNorm, Convolution, Pool};

use super::attention::Attention;
use super::class_token::ClassToken;
use super::curve::Curve;
use super::embedding::Embedding;
use super::gate::Gate;
use super::norm::Norm;
use super::positions::Positions;
use super::rotary::Rotary;
use super::token::Token;

/// The sizes of a language model.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    pub words: usize,
    pub width: usize,
    pub heads: usize,
    /// Heads of keys and values.
    pub groups: usize,
    pub layers: usize,
    pub longest: usize,
}

impl Language {
    fn norm(&self, centred: bool) -> Norm {
        Norm { width: self.width, epsilon: 1e-5, centred }
    }

    fn attention(&self, groups: usize) -> Attention {
        let Language { heads, longest, .. } = *self;
        Attention { heads, groups, head: self.width / heads, causal: true, longest }
    }

    /// GPT-2, with its names, its transposed matrices and its tied head. The input is a sequence of ids, or one id where
    /// a cache holds those before.
    pub fn gpt<T: Real>(&self, input: Shape) -> Result<Network<T>> {
        let (words, c) = (self.words, self.width);
        let mut n = Network::new(input);
        let x = n.push("wte", Embedding { words, width: c }, &[Network::<T>::INPUT])?;
        let positions = Positions { longest: self.longest, width: c, as_torchvision: false };
        let mut x = n.push("wpe", positions, &[x])?;
        for layer in 0..self.layers {
            let name = |s: &str| format!("h.{layer}.{s}");
            let a = n.push(&name("ln_1"), self.norm(true), &[x])?;
            let a = n.push(&name("attn.c_attn"), Linear::new(c, 3 * c).transposed(), &[a])?;
            let a = n.push(&name("attn"), self.attention(self.heads), &[a])?;
            let a = n.push(&name("attn.c_proj"), Linear::new(c, c).transposed(), &[a])?;
            x = n.push(&name("add_1"), Addition::default(), &[x, a])?;
            let a = n.push(&name("ln_2"), self.norm(true), &[x])?;
            let a = n.push(&name("mlp.c_fc"), Linear::new(c, 4 * c).transposed(), &[a])?;
            let a = n.push(&name("mlp.act"), Curve::Gelu, &[a])?;
            let a = n.push(&name("mlp.c_proj"), Linear::new(4 * c, c).transposed(), &[a])?;
            x = n.push(&name("add_2"), Addition::default(), &[x, a])?;
        }
        let x = n.push("ln_f", self.norm(true), &[x])?;
        let head = Linear::new(c, words).without_bias();
        n.push_tied("lm_head", head, &[x], &[("weight", "wte.weight")])?;
        Ok(n)
    }

    /// Llama: rotary positions, grouped heads, RMS normalisation, SwiGLU, and no biases.
    pub fn llama<T: Real>(&self, input: Shape) -> Result<Network<T>> {
        let (words, c, d) = (self.words, self.width, self.width / self.heads);
        let linear = |inputs, outputs| Linear::new(inputs, outputs).without_bias();
        let rotary = Rotary { head: d, base: 1e4 };
        let mut n = Network::new(input);
        let embedding = Embedding { words, width: c };
        let mut x = n.push("model.embed_tokens", embedding, &[Network::<T>::INPUT])?;
        for layer in 0..self.layers {
            let name = |s: &str| format!("model.layers.{layer}.{s}");
            let a = n.push(&name("input_layernorm"), self.norm(false), &[x])?;
            let q = n.push(&name("self_attn.q_proj"), linear(c, c), &[a])?;
            let k = n.push(&name("self_attn.k_proj"), linear(c, self.groups * d), &[a])?;
            let v = n.push(&name("self_attn.v_proj"), linear(c, self.groups * d), &[a])?;
            let q = n.push(&name("q_rotated"), rotary, &[q])?;
            let k = n.push(&name("k_rotated"), rotary, &[k])?;
            let a = n.push(&name("self_attn"), self.attention(self.groups), &[q, k, v])?;
            let a = n.push(&name("self_attn.o_proj"), linear(c, c), &[a])?;
            x = n.push(&name("add_1"), Addition::default(), &[x, a])?;
            let a = n.push(&name("post_attention_layernorm"), self.norm(false), &[x])?;
            let gate = n.push(&name("mlp.gate_proj"), linear(c, 2 * c), &[a])?;
            let up = n.push(&name("mlp.up_proj"), linear(c, 2 * c), &[a])?;
            let a = n.push(&name("mlp.gated"), Gate, &[gate, up])?;
            let a = n.push(&name("mlp.down_proj"), linear(2 * c, c), &[a])?;
            x = n.push(&name("add_2"), Addition::default(), &[x, a])?;
        }
        let x = n.push("model.norm", self.norm(false), &[x])?;
        n.push("lm_head", linear(c, words), &[x])?;
        Ok(n)
    }
}

/// The sizes of a vision transformer.
#[derive(Clone, Copy, Debug)]
pub struct Vision {
    pub side: usize,
    pub patch: usize,
    pub width: usize,
    pub heads: usize,
    pub layers: usize,
    pub classes: usize,
}

impl Vision {
    /// With torchvision's names.
    pub fn network<T: Real>(&self) -> Result<Network<T>> {
        let Vision { side, patch, width: c, heads, layers, classes } = *self;
        let longest = 1 + (side / patch).pow(2);
        let norm = Norm { width: c, epsilon: 1e-6, centred: true };
        let attention = Attention { heads, groups: heads, head: c / heads, causal: false, longest };
        let mut n = Network::new(Shape::image(3, side, side));
        let patches = Convolution::new(3, c, patch).stride(patch);
        let x = n.push("conv_proj", patches, &[Network::<T>::INPUT])?;
        let x = n.push("", ClassToken, &[x])?;
        let positions = Positions { longest, width: c, as_torchvision: true };
        let mut x = n.push("encoder", positions, &[x])?;
        for layer in 0..layers {
            let name = |s: &str| format!("encoder.layers.encoder_layer_{layer}.{s}");
            let a = n.push(&name("ln_1"), norm, &[x])?;
            let qkv = Linear::new(c, 3 * c).named("in_proj_weight", "in_proj_bias");
            let a = n.push(&name("self_attention"), qkv, &[a])?;
            let a = n.push(&name("attend"), attention, &[a])?;
            let a = n.push(&name("self_attention.out_proj"), Linear::new(c, c), &[a])?;
            x = n.push(&name("add_1"), Addition::default(), &[x, a])?;
            let a = n.push(&name("ln_2"), norm, &[x])?;
            let a = n.push(&name("mlp.0"), Linear::new(c, 4 * c), &[a])?;
            let a = n.push(&name("gelu"), Curve::Gelu, &[a])?;
            let a = n.push(&name("mlp.3"), Linear::new(4 * c, c), &[a])?;
            x = n.push(&name("add_2"), Addition::default(), &[x, a])?;
        }
        let x = n.push("encoder.ln", norm, &[x])?;
        let x = n.push("first", Token(0), &[x])?;
        n.push("heads.head", Linear::new(c, classes), &[x])?;
        Ok(n)
    }
}

/// A ResNet with bottlenecks, torchvision's names and so many blocks in each of four stages: `[3, 8, 36, 3]` is
/// ResNet152.
pub fn resnet<T: Real>(depths: [usize; 4], side: usize, classes: usize) -> Result<Network<T>> {
    let plain =
        |c, o, kernel: usize| Convolution::new(c, o, kernel).padding(kernel / 2).without_bias();
    let mut n = Network::new(Shape::image(3, side, side));
    let x = n.push("conv1", plain(3, 64, 7).stride(2), &[Network::<T>::INPUT])?;
    let x = n.push("bn1", BatchNorm::new(64).with_relu(), &[x])?;
    let mut x = n.push("maxpool", Pool::max(3).stride(2).padding(1), &[x])?;
    let mut c = 64;
    for (stage, depth) in depths.into_iter().enumerate() {
        let w = 64 << stage;
        for block in 0..depth {
            let name = |s: &str| format!("layer{}.{block}.{s}", stage + 1);
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let h = n.push(&name("conv1"), plain(c, w, 1), &[x])?;
            let h = n.push(&name("bn1"), BatchNorm::new(w).with_relu(), &[h])?;
            let h = n.push(&name("conv2"), plain(w, w, 3).stride(stride), &[h])?;
            let h = n.push(&name("bn2"), BatchNorm::new(w).with_relu(), &[h])?;
            let h = n.push(&name("conv3"), plain(w, 4 * w, 1), &[h])?;
            let h = n.push(&name("bn3"), BatchNorm::new(4 * w), &[h])?;
            if block == 0 {
                let down = plain(c, 4 * w, 1).stride(stride);
                let down = n.push(&name("downsample.0"), down, &[x])?;
                x = n.push(&name("downsample.1"), BatchNorm::new(4 * w), &[down])?;
            }
            x = n.push(&name("add"), Addition(Activation::Relu), &[h, x])?;
            c = 4 * w;
        }
    }
    let x = n.push("avgpool", Pool::global(), &[x])?;
    n.push("fc", Linear::new(c, classes), &[x])?;
    Ok(n)
}
