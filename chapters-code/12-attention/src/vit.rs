//! Vision transformers (Dosovitskiy and others, 2021), described: tensors by torchvision's names, and what is counted of them.

use crate::{Error, Result};

pub use crate::names::NAMES;

/// A vision transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vit {
    /// Side of a picture, in pixels.
    pub side: usize,
    /// Side of a patch, in pixels.
    pub patch: usize,
    /// Blocks of the encoder.
    pub layers: usize,
    /// Heads of a block.
    pub heads: usize,
    /// Numbers of a token.
    pub width: usize,
    /// Numbers between the two layers behind the attention.
    pub hidden: usize,
    /// Kinds of things that are told apart.
    pub classes: usize,
}

impl Vit {
    /// Whether patches divide the picture, and heads a token.
    pub(crate) fn check(&self) -> Result<()> {
        let divides =
            |what, whole: usize, parts: usize| match parts > 0 && whole.is_multiple_of(parts) {
                true => Ok(()),
                false => Err(Error::Description { what, whole, parts }),
            };
        divides("side", self.side, self.patch)?;
        divides("token", self.width, self.heads)
    }

    /// Tokens: one for each patch, and one for the class.
    pub fn tokens(&self) -> usize {
        (self.side / self.patch).pow(2) + 1
    }
}

/// What a tensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A weight of a layer that sums so many terms.
    Weight {
        /// Terms of a sum.
        terms: usize,
    },
    /// A bias, or the shift of a normalisation.
    Bias,
    /// The scale of a normalisation.
    Scale,
    /// Numbers that are a token, or are added to one.
    Embedding,
}

/// The part of the network that a tensor belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Patches, the class token and positions.
    Tokens,
    /// The attention of the blocks.
    Attention,
    /// The two layers behind it.
    Mlp,
    /// Normalisations.
    Norm,
    /// The last layer.
    Head,
}

/// A tensor's name, shape, role and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name in a file.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it is.
    pub role: Role,
    /// Where it is.
    pub place: Place,
}

impl Tensor {
    /// How many numbers it has.
    pub fn numbers(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The network of that name, as torchvision calls it.
///
/// # Errors
/// Where there is none.
pub fn vit(name: &str) -> Result<Vit> {
    let base = Vit {
        side: 224,
        patch: 16,
        layers: 12,
        heads: 12,
        width: 768,
        hidden: 3072,
        classes: 1000,
    };
    let large = Vit { layers: 24, heads: 16, width: 1024, hidden: 4096, ..base };
    match name {
        "vit_b_16" => Ok(base),
        "vit_b_32" => Ok(Vit { patch: 32, ..base }),
        "vit_l_16" => Ok(large),
        "vit_l_32" => Ok(Vit { patch: 32, ..large }),
        _ => Err(Error::Model { name: name.into() }),
    }
}

impl Vit {
    /// Every tensor, in the order of the forward pass.
    pub fn tensors(&self) -> Vec<Tensor> {
        let (c, pixels) = (self.width, 3 * self.patch.pow(2));
        let mut list = List(Vec::new());
        list.add("class_token", &[1, 1, c], Role::Embedding, Place::Tokens);
        let kernel = [c, 3, self.patch, self.patch];
        list.add("conv_proj.weight", &kernel, Role::Weight { terms: pixels }, Place::Tokens);
        list.add("conv_proj.bias", &[c], Role::Bias, Place::Tokens);
        let positions = [1, self.tokens(), c];
        list.add("encoder.pos_embedding", &positions, Role::Embedding, Place::Tokens);
        for i in 0..self.layers {
            self.block(&format!("encoder.layers.encoder_layer_{i}"), &mut list);
        }
        list.norm("encoder.ln", c);
        list.linear("heads.head", [c, self.classes], Place::Head);
        list.0
    }

    // ANCHOR: block
    /// The tensors of one block.
    fn block(&self, name: &str, list: &mut List) {
        let (c, attention) = (self.width, Place::Attention);
        list.norm(&format!("{name}.ln_1"), c);
        let packed = format!("{name}.self_attention.in_proj_");
        let terms = Role::Weight { terms: c };
        list.add(&format!("{packed}weight"), &[3 * c, c], terms, attention);
        list.add(&format!("{packed}bias"), &[3 * c], Role::Bias, attention);
        list.linear(&format!("{name}.self_attention.out_proj"), [c, c], attention);
        list.norm(&format!("{name}.ln_2"), c);
        list.linear(&format!("{name}.mlp.0"), [c, self.hidden], Place::Mlp);
        list.linear(&format!("{name}.mlp.3"), [self.hidden, c], Place::Mlp);
    }
    // ANCHOR_END: block

    /// Numbers that training changes.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(Tensor::numbers).sum()
    }

    /// Those of one part.
    pub fn parameters_of(&self, place: Place) -> usize {
        let tensors = self.tensors().into_iter().filter(|tensor| tensor.place == place);
        tensors.map(|tensor| tensor.numbers()).sum()
    }

    /// Multiply-adds for one picture: products with weights, and products of
    /// tokens with tokens.
    pub fn multiply_adds(&self) -> [u64; 2] {
        let (t, c) = (self.tokens(), self.width);
        let patches = (t - 1) * c * 3 * self.patch.pow(2);
        let block = t * (4 * c * c + 2 * c * self.hidden);
        let weights = patches + self.layers * block + c * self.classes;
        let tokens = self.layers * 2 * t * t * c;
        [weights as u64, tokens as u64]
    }
}

/// Tensors, as they are listed.
struct List(Vec<Tensor>);

impl List {
    fn add(&mut self, name: &str, shape: &[usize], role: Role, place: Place) {
        self.0.push(Tensor { name: name.into(), shape: shape.to_vec(), role, place });
    }

    fn linear(&mut self, name: &str, [inputs, outputs]: [usize; 2], place: Place) {
        let weight = Role::Weight { terms: inputs };
        self.add(&format!("{name}.weight"), &[outputs, inputs], weight, place);
        self.add(&format!("{name}.bias"), &[outputs], Role::Bias, place);
    }

    fn norm(&mut self, name: &str, width: usize) {
        self.add(&format!("{name}.weight"), &[width], Role::Scale, Place::Norm);
        self.add(&format!("{name}.bias"), &[width], Role::Bias, Place::Norm);
    }
}
