//! What a count consists of, and how counts add up.

use std::ops::{Add, Mul};

/// The size of a network, or of a part of one.
///
/// Numbers are `u64`: [`config`](crate::config) bounds every field it reads so that the largest
/// network it accepts stays below 10¹⁸ parameters and 10¹⁸ multiply-adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Elements of trainable tensors; a tensor with two names counts once.
    pub parameters: u64,
    /// Those of them that rest while a token passes: experts that were not chosen for it.
    pub resting: u64,
    /// How many trainable tensors there are; a tensor with two names counts once.
    pub tensors: u64,
    /// Elements of persistent buffers: batch normalisation's running means and variances, and its
    /// counter of batches.
    pub buffers: u64,
    /// Multiply-adds of one forward pass: an image, or one token at a stated context.
    pub multiply_adds: u64,
}

impl Count {
    /// Parameters that one token meets: all but those that rest. The table of words is among them,
    /// though a token reads one row.
    pub fn active(&self) -> u64 {
        self.parameters - self.resting
    }

    /// Operations of one forward pass: a multiply-add is one multiplication and one addition.
    pub fn operations(&self) -> u64 {
        2 * self.multiply_adds
    }

    /// Operations of one training step on the same input: the backward pass computes two matrix
    /// products for each of the forward's, one for the gradient of the input and one for the
    /// gradient of the weights. Three times the forward pass.
    pub fn training_operations(&self) -> u64 {
        3 * self.operations()
    }
}

impl Add for Count {
    type Output = Count;

    fn add(self, other: Count) -> Count {
        Count {
            parameters: self.parameters + other.parameters,
            resting: self.resting + other.resting,
            tensors: self.tensors + other.tensors,
            buffers: self.buffers + other.buffers,
            multiply_adds: self.multiply_adds + other.multiply_adds,
        }
    }
}

impl Mul<u64> for Count {
    type Output = Count;

    fn mul(self, times: u64) -> Count {
        Count {
            parameters: self.parameters * times,
            resting: self.resting * times,
            tensors: self.tensors * times,
            buffers: self.buffers * times,
            multiply_adds: self.multiply_adds * times,
        }
    }
}

/// The values that layers pass to each other, for one image or one token.
///
/// The convention, chosen because it can be read off the layers:
///
/// - Training *keeps* the output of every layer (convolution, linear layer, embedding,
///   normalisation, pooling, attention, GELU, the gate of SwiGLU), since the backward pass needs it.
///   An activation function that works in place (every ReLU and hard-swish of the image networks)
///   keeps nothing of its own. Attention's scores are not kept: fused kernels compute them again.
/// - Inference holds, at its *peak*, the input and the output of one layer; a skip connection's
///   copy is left out.
///
/// For GPT's block this is 16 values of width `C` a token, 32 bytes in bf16: the 34 of Korthikanti
/// et al. (2022) less the two bytes of their dropout masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activations {
    /// Values that training keeps for the backward pass.
    pub kept: u64,
    /// The largest input plus output of any one layer.
    pub peak: u64,
}

/// All that one walk of a network learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Parameters, tensors, buffers and multiply-adds.
    pub count: Count,
    /// Values that pass between layers.
    pub activations: Activations,
}

impl Add for Totals {
    type Output = Totals;

    fn add(self, other: Totals) -> Totals {
        Totals {
            count: self.count + other.count,
            activations: Activations {
                kept: self.activations.kept + other.activations.kept,
                peak: self.activations.peak.max(other.activations.peak),
            },
        }
    }
}

impl Mul<u64> for Totals {
    type Output = Totals;

    /// `times` such parts in a row: everything adds up but the peak, which is the peak of one.
    fn mul(self, times: u64) -> Totals {
        Totals {
            count: self.count * times,
            activations: Activations {
                kept: self.activations.kept * times,
                peak: self.activations.peak,
            },
        }
    }
}
