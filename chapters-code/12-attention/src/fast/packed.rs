//! The weights of a vision transformer in the order in which they are read.

use std::collections::BTreeMap;
use std::ops::Range;

use residual::fast::kernels::lane::{LANES, Lane};
use residual::fast::packed::Packed;
use residual::weights::Layer;

use crate::vit::{Tensor, Vit};
use crate::{Error, Result};

/// A layer normalisation: a scale and a shift for each number of a token.
#[derive(Clone, Debug)]
pub struct Norm {
    /// Numbers of a token.
    pub width: usize,
    /// What each is multiplied by.
    pub scale: Vec<Lane>,
    /// What is added to each then.
    pub shift: Vec<Lane>,
}

/// The weights of a block. A head's numbers begin at a lane of their own.
#[derive(Clone, Debug)]
pub struct Block {
    /// The normalisation before the attention.
    pub before: Norm,
    /// The layer of the queries, already divided by the root.
    pub queries: Packed,
    /// That of all keys, and behind them all values.
    pub keys_values: Packed,
    /// The layer behind the heads.
    pub out: Packed,
    /// The normalisation before the two layers.
    pub behind: Norm,
    /// The first of the two.
    pub up: Packed,
    /// The second.
    pub down: Packed,
}

impl Block {
    fn layers(&self) -> [&Packed; 5] {
        [&self.keys_values, &self.queries, &self.out, &self.up, &self.down]
    }
}

/// All weights, packed.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The class token with its position.
    pub class: Vec<Lane>,
    /// The layer that makes tokens of patches.
    pub patches: Packed,
    /// The positions of the patches: groups of sixteen numbers, in a group a lane for each patch.
    pub positions: Vec<Lane>,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// The last normalisation.
    pub last: Norm,
    /// The last layer.
    pub head: Packed,
}

impl Weights {
    /// Takes the tensors of a network, one at a time, and packs each before the next.
    ///
    /// # Errors
    /// What the function answers; where it gives another count of numbers.
    pub fn take(model: &Vit, numbers: impl FnMut(&Tensor) -> Result<Vec<f32>>) -> Result<Weights> {
        let tensors = model.tensors().into_iter().map(|tensor| (tensor.name.clone(), tensor));
        let mut from = Source { tensors: tensors.collect(), numbers };
        let class = from.take("class_token")?;
        let patches = Packed::rows(&from.layer("conv_proj.")?);
        let positions = from.take("encoder.pos_embedding")?;
        let (first, rest) = positions.split_at(model.width);
        let class: Vec<f32> = class.iter().zip(first).map(|(x, position)| x + position).collect();
        let block = |i| from.block(model, &format!("encoder.layers.encoder_layer_{i}"));
        let blocks = (0..model.layers).map(block).collect::<Result<_>>()?;
        Ok(Weights {
            class: lanes(&class),
            patches,
            positions: by_groups(rest, model.width),
            blocks,
            last: from.norm("encoder.ln")?,
            head: Packed::rows(&from.layer("heads.head.")?),
        })
    }

    /// Every packed layer, in the order in which a pass reads them.
    pub fn layers(&self) -> impl Iterator<Item = &Packed> {
        let blocks = self.blocks.iter().flat_map(Block::layers);
        std::iter::once(&self.patches).chain(blocks).chain([&self.head])
    }

    /// What they take in memory.
    pub fn bytes(&self) -> usize {
        let norms = self.blocks.iter().flat_map(|block| [&block.before, &block.behind]);
        let norms = norms.chain([&self.last]).map(|norm| norm.scale.len() + norm.shift.len());
        let lanes = self.class.len() + self.positions.len() + norms.sum::<usize>();
        self.layers().map(Packed::bytes).sum::<usize>() + lanes * size_of::<Lane>()
    }
}

/// Where tensors come from.
struct Source<F> {
    tensors: BTreeMap<String, Tensor>,
    numbers: F,
}

impl<F: FnMut(&Tensor) -> Result<Vec<f32>>> Source<F> {
    /// The numbers of a tensor of the description.
    fn take(&mut self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.tensors.get(name);
        let tensor = tensor.unwrap_or_else(|| unreachable!("{name}: every network has it"));
        let found = (self.numbers)(tensor)?;
        if found.len() != tensor.numbers() {
            let Tensor { name, shape: expected, .. } = tensor.clone();
            return Err(Error::Tensor { name, found: vec![found.len()], expected });
        }
        Ok(found)
    }

    fn layer(&mut self, name: &str) -> Result<Layer> {
        let weight = self.take(&format!("{name}weight"))?;
        Ok(Layer { weight, bias: self.take(&format!("{name}bias"))? })
    }

    fn norm(&mut self, name: &str) -> Result<Norm> {
        let scale = self.take(&format!("{name}.weight"))?;
        let shift = self.take(&format!("{name}.bias"))?;
        Ok(Norm { width: scale.len(), scale: lanes(&scale), shift: lanes(&shift) })
    }

    /// The weights of a block, in the order of its tensors.
    fn block(&mut self, model: &Vit, name: &str) -> Result<Block> {
        let before = self.norm(&format!("{name}.ln_1"))?;
        let [queries, keys_values] = self.queries(model, name)?;
        let out = self.layer(&format!("{name}.self_attention.out_proj."))?;
        let d = model.width / model.heads;
        let weight = spaced(&out.weight, d, d.next_multiple_of(LANES));
        let out = Packed::rows(&Layer { weight, bias: out.bias });
        let behind = self.norm(&format!("{name}.ln_2"))?;
        let up = Packed::rows(&self.layer(&format!("{name}.mlp.0."))?);
        let down = Packed::rows(&self.layer(&format!("{name}.mlp.3."))?);
        Ok(Block { before, queries, keys_values, out, behind, up, down })
    }

    /// The layer of the queries, and that of the keys and values. Scores are
    /// divided by the root here, once for all photographs.
    fn queries(&mut self, model: &Vit, name: &str) -> Result<[Packed; 2]> {
        let name = format!("{name}.self_attention.in_proj_");
        let mut all = self.layer(&name)?;
        let (c, d) = (model.width, model.width / model.heads);
        let root = (d as f32).sqrt();
        all.weight[..c * c].iter_mut().for_each(|w| *w /= root);
        all.bias[..c].iter_mut().for_each(|b| *b /= root);
        let wide = d.next_multiple_of(LANES);
        let rows = |rows: Range<usize>| {
            let weight = &all.weight[rows.start * c..rows.end * c];
            let weight = spaced(weight, d * c, wide * c);
            Packed::rows(&Layer { weight, bias: spaced(&all.bias[rows], d, wide) })
        };
        Ok([rows(0..c), rows(c..3 * c)])
    }
}

/// Numbers with zeros behind each `n` of them, up to `wide`.
fn spaced(x: &[f32], n: usize, wide: usize) -> Vec<f32> {
    let mut spaced = Vec::with_capacity(x.len().div_ceil(n.max(1)) * wide);
    for part in x.chunks(n.max(1)) {
        spaced.extend(part);
        spaced.extend(std::iter::repeat_n(0.0, wide - part.len()));
    }
    spaced
}

/// Numbers in lanes, with zeros behind the last.
fn lanes(x: &[f32]) -> Vec<Lane> {
    let mut lanes = vec![Lane::default(); x.len().div_ceil(LANES)];
    x.iter().enumerate().for_each(|(i, &x)| lanes[i / LANES].0[i % LANES] = x);
    lanes
}

/// Rows of `width` numbers: groups of sixteen numbers, in a group a lane for each row.
fn by_groups(x: &[f32], width: usize) -> Vec<Lane> {
    let rows = x.len() / width.max(1);
    let mut lanes = vec![Lane::default(); width.div_ceil(LANES) * rows];
    for (t, row) in x.chunks(width.max(1)).enumerate() {
        for (c, &x) in row.iter().enumerate() {
            lanes[c / LANES * rows + t].0[c % LANES] = x;
        }
    }
    lanes
}
