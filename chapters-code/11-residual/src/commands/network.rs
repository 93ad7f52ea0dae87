//! A network that a reader names, with the weights of a file that a reader has.

use std::path::{Path, PathBuf};

use clap::Args;
use ndarray::Array3;
use notebook::fault::Usage;

use crate::description::Model;
use crate::fast::{Fast, Workspace};
use crate::preprocess::{self, Kernel, SIDE, Way};
use crate::weights::{Names, Weights};
use crate::{Error, Result, timm};

/// The most pixels that a shorter side may be asked to have.
const LONGEST: usize = 2048;

/// Which network, which weights, and how a photograph is prepared for them.
#[derive(Args, Debug)]
pub(super) struct Which {
    /// The network: resnet18, 34, 50, 101 or 152, mobilenet_v3_large or _small; timm's mobilenetv3_large_100 or _small_100
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Its weights, a safetensors file
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// What the shorter side of a photograph becomes before the square of 224 in the middle is cut out: 256 for torchvision's
    /// first weights, 232 for IMAGENET1K_V2
    #[arg(long, value_name = "PIXELS", default_value_t = 256)]
    resize: usize,
    /// Make pixels by bicubic interpolation, as most weights of timm were measured
    #[arg(long)]
    bicubic: bool,
}

/// A network that can be asked.
#[derive(Debug)]
pub(super) struct Network {
    fast: Fast,
    space: Workspace,
    way: Way,
    /// The file, as faults name it.
    file: String,
}

impl Network {
    /// Describes the network and reads its weights.
    pub(super) fn read(which: &Which, threads: usize) -> anyhow::Result<Network> {
        if !(SIDE..=LONGEST).contains(&which.resize) {
            return Err(Usage("--resize takes 224 to 2048 pixels; give 256 or 232").into());
        }
        let (model, names) = described(&which.model)?;
        let weights =
            Weights::read_as(&model, names, &which.weights).map_err(|error| match Weights::fit(
                &model,
                names,
                &which.weights,
            ) {
                // The tensors are the network's own, so the fault is in their numbers.
                true => error,
                false => with_a_name(error, &which.weights),
            })?;
        let kernel = if which.bicubic { Kernel::Bicubic } else { Kernel::Bilinear };
        let way = Way { shorter: which.resize, kernel };
        let (fast, space) = (Fast::new(&model, &weights), Workspace::new(threads));
        Ok(Network { fast, space, way, file: shown(&which.weights) })
    }

    /// What it says of a photograph, a number for each class.
    pub(super) fn logits(&mut self, photograph: &Path) -> Result<Vec<f32>> {
        let picture: Array3<f32> = preprocess::read(photograph, self.way)?;
        let logits = self.fast.logits(&mut self.space, picture.view());
        if logits.iter().any(|z| !z.is_finite()) {
            return Err(Error::Weights {
                file: self.file.clone(),
                fault: "with these weights the numbers grow beyond all bounds".into(),
                fix: "give weights of a training that did not diverge".into(),
            });
        }
        Ok(logits)
    }
}

/// The network of that name, torchvision's or timm's.
pub(super) fn described(name: &str) -> Result<(Model, Names)> {
    match timm::model(name)? {
        Some(model) => Ok((model, Names::Timm)),
        None => Ok((crate::model(name)?, Names::Torchvision)),
    }
}

/// Where a file has the tensors of another network, the fault says of which.
fn with_a_name(error: Error, path: &Path) -> Error {
    let Error::Weights { file, fault, .. } = &error else { return error };
    let names = crate::NAMES.into_iter().chain(timm::NAMES);
    let fits =
        |name: &&str| described(name).is_ok_and(|(model, names)| Weights::fit(&model, names, path));
    match names.filter(fits).collect::<Vec<_>>().first() {
        Some(&name) => Error::Weights {
            file: file.clone(),
            fault: fault.clone(),
            fix: format!("it has the tensors of {name}: give --model {name}"),
        },
        None => error,
    }
}

/// A path as it can be printed: without line breaks and the like.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
