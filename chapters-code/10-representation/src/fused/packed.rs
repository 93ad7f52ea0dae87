//! Weights in the order in which the kernels read them.

use super::kernels::{LANES, Lane};
use crate::lite0::Weights;
use crate::lite0::weights::Folded;

/// The weights of a convolution or of a linear layer in panels of sixteen outputs, in a panel a lane for each input. Outputs that
/// do not fill a panel are followed by zeros.
#[derive(Clone, Debug)]
pub struct Packed {
    each: usize,
    weights: Vec<Lane>,
    bias: Vec<Lane>,
}

impl Packed {
    /// `weight` is `(outputs, each)`.
    pub fn new(weight: &[f32], bias: &[f32]) -> Packed {
        let each = weight.len() / bias.len().max(1);
        let panels = bias.len().div_ceil(LANES);
        let mut packed = Packed {
            each,
            weights: vec![Lane::default(); panels * each],
            bias: vec![Lane::default(); panels],
        };
        for (o, (row, &b)) in weight.chunks(each.max(1)).zip(bias).enumerate() {
            let (q, j) = (o / LANES, o % LANES);
            packed.bias[q].0[j] = b;
            for (lane, &w) in packed.weights[q * each..].iter_mut().zip(row) {
                lane.0[j] = w;
            }
        }
        packed
    }

    /// Panels of sixteen outputs.
    pub fn panels(&self) -> usize {
        self.bias.len()
    }

    /// The weights of panel `q`.
    pub fn weights(&self, q: usize) -> &[Lane] {
        &self.weights[q * self.each..][..self.each]
    }

    /// The numbers at which the sums of panel `q` begin.
    pub fn bias(&self, q: usize) -> Lane {
        self.bias[q]
    }
}

/// A layer: what it is, and its weights.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What it is.
    pub is: crate::lite0::Convolution,
    /// Its weights.
    pub packed: Packed,
}

impl From<&Folded> for Layer {
    fn from(folded: &Folded) -> Layer {
        Layer { is: folded.convolution.clone(), packed: Packed::new(&folded.weight, &folded.bias) }
    }
}

/// Three convolutions that are computed together. The first block's first is the stem, because the block has no expansion.
#[derive(Clone, Debug)]
pub struct Block {
    /// To many channels.
    pub expand: Layer,
    /// Each by itself.
    pub depthwise: Layer,
    /// Back to few.
    pub project: Layer,
    /// Whether the input is added.
    pub skip: bool,
}

/// The blocks and the last convolution.
pub fn layers(weights: &Weights) -> (Vec<Block>, Option<Layer>) {
    let mut layers = weights.convolutions.iter().map(Layer::from);
    let mut blocks = Vec::with_capacity(crate::lite0::BLOCKS);
    for block in crate::lite0::description::blocks() {
        if let (Some(expand), Some(depthwise), Some(project)) =
            (layers.next(), layers.next(), layers.next())
        {
            blocks.push(Block { expand, depthwise, project, skip: block.skip });
        }
    }
    (blocks, layers.next())
}
