//! Files of a vision transformer's weights, and what tensors are called in them.

use std::path::Path;

use residual::checkpoint::Checkpoint;

use crate::vit::{Tensor, Vit};
use crate::{Error, Result};

/// Whose names the tensors of a file have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// torchvision's, which the description has.
    Now,
    /// torchvision's when it published its files; it renames two layers of each block when it reads one.
    Former,
    /// timm's.
    Timm,
}

/// What two layers of a block are called in torchvision's published files.
const FORMER: [(&str, &str); 2] = [(".mlp.0.", ".mlp.linear_1."), (".mlp.3.", ".mlp.linear_2.")];

/// What timm calls the parts of a name.
const TIMM: [(&str, &str); 12] = [
    ("class_token", "cls_token"),
    ("conv_proj.", "patch_embed.proj."),
    ("encoder.pos_embedding", "pos_embed"),
    ("encoder.layers.encoder_layer_", "blocks."),
    (".ln_1.", ".norm1."),
    (".ln_2.", ".norm2."),
    (".self_attention.in_proj_", ".attn.qkv."),
    (".self_attention.out_proj.", ".attn.proj."),
    (".mlp.0.", ".mlp.fc1."),
    (".mlp.3.", ".mlp.fc2."),
    ("encoder.ln.", "norm."),
    ("heads.head.", "head."),
];

impl Names {
    /// The name of a tensor in the file.
    pub fn of(self, tensor: &Tensor) -> String {
        let renamed = |table: &[(&str, &str)]| {
            table
                .iter()
                .fold(tensor.name.clone(), |name, (ours, theirs)| name.replace(ours, theirs))
        };
        match self {
            Names::Now => tensor.name.clone(),
            Names::Former => renamed(&FORMER),
            Names::Timm => renamed(&TIMM),
        }
    }
}

/// A file that has the tensors of a network, names and shapes, and no others. Its numbers are read tensor by tensor.
#[derive(Debug)]
pub struct File {
    checkpoint: Checkpoint,
    names: Names,
}

impl File {
    /// Opens a safetensors file and reads its header.
    ///
    /// # Errors
    /// Where patches do not divide the picture, or heads a token; where the file cannot be read, a tensor is missing or of
    /// another shape, or there are more than the network has; where the names are timm's.
    pub fn open(model: &Vit, path: &Path) -> Result<File> {
        model.check()?;
        let checkpoint = Checkpoint::open(path)?;
        let fits = |names: Names| {
            let tensors = model.tensors();
            let tensors: Vec<_> =
                tensors.iter().map(|x| (names.of(x), x.shape.as_slice())).collect();
            checkpoint.fits(tensors.iter().map(|(name, shape)| (name.as_str(), *shape)))
        };
        if fits(Names::Timm).is_ok() {
            let fault = "has timm's tensors, whose networks were trained on pixels from −1 to 1";
            let fix = "give torchvision's weights of this network";
            return Err(Error::File(checkpoint.fault(fault, fix)));
        }
        let names = if fits(Names::Former).is_ok() { Names::Former } else { Names::Now };
        fits(names)?;
        Ok(File { checkpoint, names })
    }

    /// The numbers of a tensor. Memory: that tensor, twice while it is handed over.
    ///
    /// # Errors
    /// Where it is cut off, or has a number that is none.
    pub fn numbers(&mut self, tensor: &Tensor) -> Result<Vec<f32>> {
        Ok(self.checkpoint.numbers(&self.names.of(tensor))?)
    }
}
