//! A network that a reader names, with the weights of a file that a reader has.

use std::path::{Path, PathBuf};

use clap::Args;
use notebook::fault::Usage;
use residual::preprocess::{self, Kernel, SIDE};

use crate::fast::{Fast, Workspace};
use crate::vit::{NAMES, Vit, vit};
use crate::weights::File;
use crate::{Error, Result};

/// The most pixels that a shorter side may be asked to have.
const LONGEST: usize = 2048;

/// Which network, which weights, and how a photograph is prepared for them.
#[derive(Args, Debug)]
pub(super) struct Which {
    /// The network: vit_b_16, vit_b_32, vit_l_16 or vit_l_32
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Its weights, a safetensors file
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// What the shorter side of a photograph becomes before the square of 224 in the middle is cut out; torchvision's is 242 for
    /// vit_l_16, and 256 for the others
    #[arg(long, value_name = "PIXELS")]
    resize: Option<usize>,
    /// Make pixels by bicubic interpolation, as the weights called SWAG were measured
    #[arg(long)]
    bicubic: bool,
}

/// A network that can be asked.
#[derive(Debug)]
pub(super) struct Network {
    fast: Fast,
    space: Workspace,
    way: preprocess::Way,
    /// The file, as faults name it.
    file: String,
}

impl Network {
    /// Describes the network and reads its weights.
    pub(super) fn read(which: &Which, threads: usize) -> anyhow::Result<Network> {
        let usual = if which.model == "vit_l_16" { 242 } else { 256 };
        let shorter = which.resize.unwrap_or(usual);
        if !(SIDE..=LONGEST).contains(&shorter) {
            return Err(Usage("--resize takes 224 to 2048 pixels; give 256 or 242").into());
        }
        let model = vit(&which.model)?;
        let fast = Fast::read(model, &which.weights).map_err(|error| {
            match File::open(&model, &which.weights) {
                // The tensors are the network's own, so the fault is in their numbers.
                Ok(_) => error,
                Err(_) => with_a_name(error, &which.weights),
            }
        })?;
        let kernel = if which.bicubic { Kernel::Bicubic } else { Kernel::Bilinear };
        let way = preprocess::Way { shorter, kernel };
        Ok(Network { fast, space: Workspace::new(threads), way, file: shown(&which.weights) })
    }

    /// What it says of a photograph, a number for each class.
    pub(super) fn logits(&mut self, photograph: &Path) -> Result<Vec<f32>> {
        let picture = preprocess::read(photograph, self.way)?;
        let logits = self.fast.logits(&mut self.space, picture.view())?;
        if logits.iter().any(|z| !z.is_finite()) {
            return Err(Error::File(residual::Error::Weights {
                file: self.file.clone(),
                fault: "with these weights the numbers grow beyond all bounds".into(),
                fix: "give weights of a training that did not diverge".into(),
            }));
        }
        Ok(logits)
    }
}

/// Where a file has the tensors of another network, the fault says of which.
fn with_a_name(error: Error, path: &Path) -> Error {
    let Error::File(residual::Error::Weights { file, fault, .. }) = &error else { return error };
    let models = NAMES.iter().filter_map(|name| Some((name, vit(name).ok()?)));
    let mut fit = models.filter(|(_, model): &(_, Vit)| File::open(model, path).is_ok());
    match fit.next() {
        Some((name, _)) => Error::File(residual::Error::Weights {
            file: file.clone(),
            fault: fault.clone(),
            fix: format!("it has the tensors of {name}: give --model {name}"),
        }),
        None => error,
    }
}

/// A path as it can be printed: without line breaks and the like.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
