//! The forward pass of a vision transformer for one photograph, made for the processor, with Chapter 11's loops: sixteen numbers of
//! a token side by side, weights in the order in which they are read, each read once for all tokens.
//!
//! | module | what |
//! | --- | --- |
//! | [`packed`] | the weights, packed tensor by tensor |
//! | [`kernels`] | the loops that Chapter 11 does not have |
//! | [`workspace`] | memory and threads |
//! | [`run`] | the pass |

pub mod kernels;
pub mod packed;
pub mod run;
pub mod workspace;

use std::path::Path;

use ndarray::ArrayView3;

use crate::vit::{Tensor, Vit};
use crate::weights::File;
use crate::{Error, Result};
use packed::Weights;
pub use workspace::{Way, Workspace};

/// A vision transformer, ready to run. Its weights are held once, packed; its conventions are torchvision's.
#[derive(Clone, Debug)]
pub struct Fast {
    model: Vit,
    weights: Weights,
}

impl Fast {
    /// Takes weights from a function that gives each tensor's numbers, one tensor at a time, and packs them.
    ///
    /// # Errors
    /// What the function answers; where it gives another count of numbers; where patches do not divide the picture, or heads a
    /// token.
    pub fn from(model: Vit, numbers: impl FnMut(&Tensor) -> Result<Vec<f32>>) -> Result<Fast> {
        model.check()?;
        Ok(Fast { model, weights: Weights::take(&model, numbers)? })
    }

    /// The weights of a safetensors file. Memory: the packed weights, and the largest tensor a few times.
    ///
    /// # Errors
    /// As [`File::open`]; where a number is none.
    pub fn read(model: Vit, path: &Path) -> Result<Fast> {
        let mut file = File::open(&model, path)?;
        Fast::from(model, |tensor| file.numbers(tensor))
    }

    /// Its description.
    pub fn model(&self) -> Vit {
        self.model
    }

    /// The logits of one picture `(3, side, side)`.
    ///
    /// # Errors
    /// Where the picture is not of the size that the positions are for.
    pub fn logits(&self, space: &mut Workspace, picture: ArrayView3<'_, f32>) -> Result<Vec<f32>> {
        let (found, expected) = (picture.dim().into(), [3, self.model.side, self.model.side]);
        if found != expected {
            return Err(Error::Picture { found, expected });
        }
        Ok(run::pass(space, &self.model, &self.weights, picture))
    }

    /// Reads every weight once and adds them up: what a pass would take if it had nothing to do but read.
    pub fn read_through(&self, space: &mut Workspace) -> f32 {
        run::read_through(space, &self.weights)
    }

    /// What the packed weights take in memory.
    pub fn bytes(&self) -> usize {
        self.weights.bytes()
    }
}
