//! A vision transformer with its weights, and its forward pass.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayView3, Axis, s};

use crate::gelu::Gelu;
use crate::head::{Head, Mask};
use crate::vit::{Tensor, Vit};
use crate::weights::File;
use crate::{Error, Result};

/// How the rows of the packed weight of queries, keys and values follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Packing {
    /// All queries, then all keys, then all values.
    #[default]
    Blocks,
    /// The queries, keys and values of the first head, then those of the next.
    ByHead,
}

/// What a file of weights does not say. The defaults are torchvision's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conventions {
    /// What layer normalisation adds to a variance.
    pub epsilon: f64,
    /// The form of the activation.
    pub gelu: Gelu,
    /// How queries, keys and values are packed.
    pub packing: Packing,
    /// Whether scores are divided by the root of a head's width, and not of a token's.
    pub scale_by_head: bool,
    /// Whether the class token has a position, too.
    pub class_has_position: bool,
}

impl Default for Conventions {
    fn default() -> Self {
        Conventions {
            epsilon: 1e-6,
            gelu: Gelu::Erf,
            packing: Packing::Blocks,
            scale_by_head: true,
            class_has_position: true,
        }
    }
}

/// A vision transformer and the numbers of its tensors, each held once.
#[derive(Clone, Debug)]
pub struct Network {
    model: Vit,
    tensors: BTreeMap<String, Vec<f32>>,
    /// What the file did not say.
    pub conventions: Conventions,
}

impl Network {
    /// Takes weights from a function that gives each tensor's numbers, one tensor at a time.
    ///
    /// # Errors
    /// What the function answers; where it gives another count of numbers; where patches do not divide the picture, or heads a
    /// token.
    pub fn from(
        model: Vit,
        mut numbers: impl FnMut(&Tensor) -> Result<Vec<f32>>,
    ) -> Result<Network> {
        model.check()?;
        let mut tensors = BTreeMap::new();
        for tensor in model.tensors() {
            let found = numbers(&tensor)?;
            if found.len() != tensor.numbers() {
                let Tensor { name, shape: expected, .. } = tensor;
                return Err(Error::Tensor { name, found: vec![found.len()], expected });
            }
            tensors.insert(tensor.name, found);
        }
        Ok(Network { model, tensors, conventions: Conventions::default() })
    }

    /// The weights of a safetensors file.
    ///
    /// # Errors
    /// Where the file cannot be read, a tensor is missing or of another shape, or there are more than the network has.
    pub fn read(model: Vit, path: &Path) -> Result<Network> {
        let mut file = File::open(&model, path)?;
        Network::from(model, |tensor| file.numbers(tensor))
    }

    /// Its description.
    pub fn model(&self) -> Vit {
        self.model
    }

    /// The numbers of a tensor, to change them.
    pub fn tensor_mut(&mut self, name: &str) -> Option<&mut [f32]> {
        self.tensors.get_mut(name).map(Vec::as_mut_slice)
    }

    /// The numbers of a tensor of the description.
    fn tensor(&self, name: &str) -> &[f32] {
        let found = self.tensors.get(name);
        found.unwrap_or_else(|| unreachable!("{name}: every tensor was taken"))
    }

    /// A tensor as rows of so many numbers: no copy.
    fn matrix(&self, name: &str, columns: usize) -> ArrayView2<'_, f32> {
        let numbers = self.tensor(name);
        let shape = (numbers.len() / columns, columns);
        ArrayView2::from_shape(shape, numbers)
            .unwrap_or_else(|_| unreachable!("{name}: its count was checked"))
    }

    /// A tensor as one row.
    fn vector(&self, name: &str) -> ArrayView1<'_, f32> {
        ArrayView1::from(self.tensor(name))
    }

    // ANCHOR: forward
    /// The logits of one picture `(3, side, side)`.
    ///
    /// # Errors
    /// Where the picture is not of the size that the positions are for.
    pub fn forward(&self, picture: ArrayView3<'_, f32>) -> Result<Vec<f32>> {
        let mut x = self.tokens(picture)?;
        for i in 0..self.model.layers {
            let name = format!("encoder.layers.encoder_layer_{i}");
            x += &self.attend(&name, self.norm(&format!("{name}.ln_1"), &x))?;
            x += &self.mlp(&name, self.norm(&format!("{name}.ln_2"), &x));
        }
        let class = self.norm("encoder.ln", &x.slice(s![..1, ..]).to_owned());
        Ok(self.linear("heads.head.", &class).into_raw_vec_and_offset().0)
    }
    // ANCHOR_END: forward

    // ANCHOR: tokens
    /// The tokens `(T, C)`: the class token, then a product for each patch, row
    /// by row; then positions are added.
    pub fn tokens(&self, picture: ArrayView3<'_, f32>) -> Result<Array2<f32>> {
        let Vit { side, patch, width, .. } = self.model;
        let (found, expected) = (picture.dim().into(), [3, side, side]);
        if found != expected {
            return Err(Error::Picture { found, expected });
        }
        let across = side / patch;
        let pixels = Array2::from_shape_fn((across * across, 3 * patch * patch), |(t, p)| {
            let (channel, u, v) = (p / (patch * patch), p / patch % patch, p % patch);
            picture[[channel, t / across * patch + u, t % across * patch + v]]
        });
        let mut x = Array2::zeros((self.model.tokens(), width));
        x.row_mut(0).assign(&self.vector("class_token"));
        x.slice_mut(s![1.., ..]).assign(&self.linear("conv_proj.", &pixels));
        let from = usize::from(!self.conventions.class_has_position);
        let positions = self.matrix("encoder.pos_embedding", width);
        x.slice_mut(s![from.., ..]).scaled_add(1.0, &positions.slice(s![from.., ..]));
        Ok(x)
    }
    // ANCHOR_END: tokens

    /// `X Wᵀ + b` with `{name}weight` and `{name}bias`.
    fn linear(&self, name: &str, x: &Array2<f32>) -> Array2<f32> {
        let w = self.matrix(&format!("{name}weight"), x.ncols());
        x.dot(&w.t()) + self.vector(&format!("{name}bias"))
    }

    /// Each token without its mean, over its deviation; then a scale and a shift
    /// for each of its numbers.
    fn norm(&self, name: &str, x: &Array2<f32>) -> Array2<f32> {
        let (scale, shift) =
            (self.tensor(&format!("{name}.weight")), self.tensor(&format!("{name}.bias")));
        let mut y = x.clone();
        for mut row in y.outer_iter_mut() {
            let n = row.len() as f64;
            let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            let variance = row.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
            let factor = 1.0 / (variance + self.conventions.epsilon).sqrt();
            for ((x, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
                *x = ((f64::from(*x) - mean) * factor) as f32 * scale + shift;
            }
        }
        y
    }

    // ANCHOR: attend
    /// All heads of a block: each reads its own columns of queries, keys and
    /// values; what they answer stands side by side and goes through a layer.
    fn attend(&self, name: &str, x: Array2<f32>) -> Result<Array2<f32>> {
        let Vit { heads, width, .. } = self.model;
        let d = width / heads;
        let packed = self.linear(&format!("{name}.self_attention.in_proj_"), &x);
        let mut y = Array2::zeros(x.raw_dim());
        for (h, mut y) in y.axis_chunks_iter_mut(Axis(1), d).enumerate() {
            let part = |i: usize| {
                let from = match self.conventions.packing {
                    Packing::Blocks => i * width + h * d,
                    Packing::ByHead => (3 * h + i) * d,
                };
                packed.slice(s![.., from..from + d])
            };
            let mut head = Head::new(part(0), part(1), part(2), &Mask::None)?;
            if !self.conventions.scale_by_head {
                head = head.scaled(1.0 / (width as f32).sqrt());
            }
            y.assign(&head.in_matrices());
        }
        Ok(self.linear(&format!("{name}.self_attention.out_proj."), &y))
    }
    // ANCHOR_END: attend

    /// Two layers with GELU between them, on each token by itself.
    fn mlp(&self, name: &str, x: Array2<f32>) -> Array2<f32> {
        let mut hidden = self.linear(&format!("{name}.mlp.0."), &x);
        hidden.mapv_inplace(|z| self.conventions.gelu.of(f64::from(z)) as f32);
        self.linear(&format!("{name}.mlp.3."), &hidden)
    }
}
