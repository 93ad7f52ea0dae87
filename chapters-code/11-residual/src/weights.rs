//! The weights of a network, by torchvision's names or timm's. Each batch normalisation is folded into the convolution before it
//! when the weights are taken.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use backprop::WeightsFile;

use crate::description::{Model, Role, Tensor};
use crate::{Error, Result, timm};

/// The numbers of a network's layers: for each convolution, linear layer and layer of a gate, its weight and its bias.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    layers: BTreeMap<String, Layer>,
}

/// A layer's numbers.
#[derive(Clone, Debug)]
pub struct Layer {
    /// In the order of the tensor's shape.
    pub weight: Vec<f32>,
    /// One for each output.
    pub bias: Vec<f32>,
}

/// Whose names the tensors of a file have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// torchvision's, which the description has.
    Torchvision,
    /// timm's, for MobileNetV3; those of residual networks are torchvision's.
    Timm,
}

impl Names {
    /// The name in a file of each tensor whose name there is another one.
    fn of(self, model: &Model) -> BTreeMap<String, String> {
        if self == Names::Torchvision {
            return BTreeMap::new();
        }
        let layers = timm::layers(model);
        let renamed = |tensor: Tensor| {
            let (layer, part) = tensor.name.rsplit_once('.')?;
            Some((tensor.name.clone(), format!("{}.{part}", layers.get(layer)?)))
        };
        model.tensors().into_iter().filter_map(renamed).collect()
    }
}

/// What programs put before all names of a network: PyTorch where it distributes or compiles one, and trainers that hold one.
const WRAPPERS: [&str; 3] = ["module.", "_orig_mod.", "model."];

/// A name without what was wrapped around its network.
fn bare(mut name: &str) -> &str {
    while let Some(rest) = WRAPPERS.iter().find_map(|wrapper| name.strip_prefix(wrapper)) {
        name = rest;
    }
    name
}

/// A shape as the network has it: a convolution of 1 × 1 on a row of numbers is a linear layer.
fn plain(shape: &[usize], like: &[usize]) -> Vec<usize> {
    let mut shape = shape.to_vec();
    while shape.len() > like.len() && shape.last() == Some(&1) {
        shape.pop();
    }
    shape
}

/// A file of weights whose header was read.
struct Opened {
    /// How the file is shown.
    shown: String,
    file: WeightsFile<File>,
    /// For each name without wrappers that in the file, and the shape.
    tensors: BTreeMap<String, (String, Vec<usize>)>,
}

impl Opened {
    fn read(path: &Path) -> Result<Opened> {
        let shown = path.display().to_string();
        let shown: String = shown.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        if !path.exists() {
            return Err(fault_of(&shown, "there is no such file", "check the path"));
        }
        let file = WeightsFile::open(path).map_err(|error| match cut_off(path) {
            true => fault_of(&shown, "it is cut off within its header", WHOLE),
            false => told(&shown, error),
        })?;
        let mut tensors = BTreeMap::new();
        for (name, shape) in file.tensors().filter(|(name, _)| counts(name)) {
            let known = tensors.insert(bare(name).to_owned(), (name.to_owned(), shape.to_vec()));
            if let Some((other, _)) = known {
                let fault = format!("has {} twice, as {other} and as {name}", bare(name));
                return Err(fault_of(&shown, fault, "save the weights of one network"));
            }
        }
        Ok(Opened { shown, file, tensors })
    }

    /// Checks that the file has the tensors of the network, and no others.
    fn fits(&self, model: &Model, names: &BTreeMap<String, String>) -> Result<()> {
        const FIX: &str = "give the weights of this network, or name the one they are of";
        let tensors = model.tensors();
        let wanted: BTreeMap<&str, &Tensor> = tensors
            .iter()
            .map(|tensor| (names.get(&tensor.name).unwrap_or(&tensor.name).as_str(), tensor))
            .collect();
        let others = |n: usize| match n {
            0 => String::new(),
            1 => " and one more".to_owned(),
            n => format!(" and {n} more"),
        };
        let mut missing = wanted.keys().filter(|name| !self.tensors.contains_key(**name));
        if let Some(name) = missing.next() {
            let fault = format!("lacks the tensor {name}{}", others(missing.count()));
            return Err(fault_of(&self.shown, fault, FIX));
        }
        let mut extra = self.tensors.keys().filter(|name| !wanted.contains_key(name.as_str()));
        if let Some(name) = extra.next() {
            let name: String = name.chars().take(80).collect();
            let fault = format!(
                "has the tensor {name}{}, which the network has not",
                others(extra.count())
            );
            return Err(fault_of(&self.shown, fault, FIX));
        }
        for (name, tensor) in wanted {
            let Some((_, shape)) = self.tensors.get(name) else { continue };
            if plain(shape, &tensor.shape) != tensor.shape {
                let fault =
                    format!("has {name} of {shape:?}, and the network of {:?}", tensor.shape);
                return Err(fault_of(&self.shown, fault, FIX));
            }
        }
        Ok(())
    }

    /// The numbers of a tensor, by its name without wrappers.
    fn numbers(&mut self, name: &str, tensor: &Tensor) -> Result<Vec<f32>> {
        let full = self.tensors.get(name).map_or(name, |(full, _)| full);
        let (_, numbers) = self.file.read(full).map_err(|error| told(&self.shown, error))?;
        if tensor.role == Role::Variance && numbers.iter().any(|&variance| variance < 0.0) {
            let fault = format!("has a negative variance in {name}");
            return Err(fault_of(&self.shown, fault, "save the file again"));
        }
        Ok(numbers.to_vec())
    }
}

/// Whether a tensor of a file is of the network: how many batches were seen is not.
fn counts(name: &str) -> bool {
    !name.ends_with("num_batches_tracked")
}

fn fault_of(file: &str, fault: impl Into<String>, fix: impl Into<String>) -> Error {
    // A file may say anything, also where a fault quotes it.
    let line = |c: char| if c.is_control() { '?' } else { c };
    let fault = fault.into().chars().map(line).collect();
    Error::Weights { file: file.into(), fault, fix: fix.into() }
}

/// A fault of the reader, with the file in which it was found.
fn told(file: &str, error: backprop::Error) -> Error {
    match error {
        backprop::Error::File { fault, .. } if fault.starts_with("it is a pickle") => {
            fault_of(file, fault, conversion(file))
        }
        backprop::Error::File { fault, fix } => fault_of(file, fault, fix),
        backprop::Error::Weights { name, fault, fix } => {
            let name: String = name.chars().take(80).collect();
            fault_of(file, format!("weights {name:?} {fault}"), fix)
        }
        other => fault_of(file, other.to_string(), WHOLE),
    }
}

/// What to do about half a file.
const WHOLE: &str = "give a whole safetensors file";

/// Whether a file is shorter than a header of a size that is usual. The length may begin as a pickle does.
fn cut_off(path: &Path) -> bool {
    let mut first = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    let length = path.metadata().map_or(0, |meta| meta.len());
    let promised = u64::from_le_bytes(first);
    read.is_ok() && promised < 1 << 24 && promised > length.saturating_sub(8)
}

/// The line that makes a safetensors file of a pickle.
fn conversion(shown: &str) -> String {
    let plain = shown.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let from = if plain { shown } else { "FILE.pth" };
    let to = Path::new(from).with_extension("safetensors");
    let to = to.display();
    format!(
        "convert it: python -c \"import torch, safetensors.torch as s; s.save_file({{k: v.contiguous() for k, v in \
         torch.load('{from}', map_location='cpu', weights_only=True).items()}}, '{to}')\""
    )
}

impl Weights {
    /// Takes weights from a function that gives each tensor's numbers, one tensor at a time.
    ///
    /// # Errors
    /// What the function answers.
    pub fn from(
        model: &Model,
        mut numbers: impl FnMut(&Tensor) -> Result<Vec<f32>>,
    ) -> Result<Weights> {
        let (mut layers, mut scale) = (BTreeMap::new(), Vec::new());
        // A layer's tensors follow one another: weight, then its bias or the four of its normalisation.
        let mut last: Option<(String, Layer)> = None;
        for (tensor, epsilon) in model.tensors().iter().zip(model.epsilons()) {
            let found = numbers(tensor)?;
            let name = tensor.name.trim_end_matches(".weight");
            match (tensor.role, &mut last) {
                (Role::Weight { .. }, last) => {
                    if let Some((name, layer)) = last.take() {
                        layers.insert(name, layer);
                    }
                    *last = Some((name.to_owned(), Layer { weight: found, bias: Vec::new() }));
                }
                (Role::Scale, _) => scale = found,
                (Role::Bias, Some((_, layer))) => layer.bias = found,
                // Kept in the bias until the variance is known: β − s · mean needs both.
                (Role::Mean, Some((_, layer))) => {
                    layer.bias.extend(found);
                }
                (Role::Variance, Some((_, layer))) => fold(layer, &scale, &found, epsilon),
                _ => {}
            }
        }
        layers.extend(last);
        Ok(Weights { layers })
    }

    /// The weights of a safetensors file, by torchvision's names.
    ///
    /// # Errors
    /// Where the file cannot be read, a tensor is missing or of another shape, or there are more than the network has.
    pub fn read(model: &Model, path: &Path) -> Result<Weights> {
        Weights::read_as(model, Names::Torchvision, path)
    }

    /// The weights of a safetensors file by whose names one will.
    ///
    /// # Errors
    /// As [`Weights::read`].
    pub fn read_as(model: &Model, names: Names, path: &Path) -> Result<Weights> {
        let mut file = Opened::read(path)?;
        let names = names.of(model);
        file.fits(model, &names)?;
        Weights::from(model, |tensor| {
            let name = names.get(&tensor.name).unwrap_or(&tensor.name);
            file.numbers(name, tensor)
        })
    }

    /// Whether a file has the tensors of a network. Only its header is read.
    pub fn fit(model: &Model, names: Names, path: &Path) -> bool {
        let fits = |file: Opened| file.fits(model, &names.of(model));
        Opened::read(path).and_then(fits).is_ok()
    }

    /// The numbers of a layer.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.get(name)
    }
}

// ANCHOR: fold
/// One layer that does what a convolution and the batch normalisation behind
/// it do: with `s = γ / √(variance + ε)` its weights are `s w`, and its bias is
/// `β − s · mean`. The layer's bias holds β, and behind it the means.
fn fold(layer: &mut Layer, gamma: &[f32], variance: &[f32], epsilon: f64) {
    let each = layer.weight.len() / gamma.len();
    let means = layer.bias.split_off(gamma.len());
    for (o, row) in layer.weight.chunks_mut(each).enumerate() {
        let s = f64::from(gamma[o]) / (f64::from(variance[o]) + epsilon).sqrt();
        row.iter_mut().for_each(|w| *w = (f64::from(*w) * s) as f32);
        layer.bias[o] = (f64::from(layer.bias[o]) - s * f64::from(means[o])) as f32;
    }
}
// ANCHOR_END: fold
