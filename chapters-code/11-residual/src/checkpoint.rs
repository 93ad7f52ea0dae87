//! Files of weights that others made: what they say of themselves is checked before anything is believed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use backprop::WeightsFile;

use crate::{Error, Result};

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

/// A file of weights whose header was read. Tensors are known by their names without what was wrapped around the network.
#[derive(Debug)]
pub struct Checkpoint {
    /// How the file is shown.
    shown: String,
    file: WeightsFile<File>,
    /// For each name without wrappers that in the file, and the shape.
    tensors: BTreeMap<String, (String, Vec<usize>)>,
}

impl Checkpoint {
    /// Opens a safetensors file, and reads its header.
    ///
    /// # Errors
    /// Where there is no such file, it is of another format or cut off, or it has a tensor twice.
    pub fn open(path: &Path) -> Result<Checkpoint> {
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
        Ok(Checkpoint { shown, file, tensors })
    }

    /// Checks that the file has these tensors, names and shapes, and no others.
    ///
    /// # Errors
    /// Where one is missing or of another shape, or there are more.
    pub fn fits<'a>(&self, wanted: impl IntoIterator<Item = (&'a str, &'a [usize])>) -> Result<()> {
        const FIX: &str = "give the weights of this network, or name the one they are of";
        let wanted: BTreeMap<&str, &[usize]> = wanted.into_iter().collect();
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
        for (name, expected) in wanted {
            let Some((_, shape)) = self.tensors.get(name) else { continue };
            if plain(shape, expected) != expected {
                let fault = format!("has {name} of {shape:?}, and the network of {expected:?}");
                return Err(fault_of(&self.shown, fault, FIX));
            }
        }
        Ok(())
    }

    /// The numbers of a tensor. Memory: that tensor.
    ///
    /// # Errors
    /// Where it is not there, cut off, or has a number that is none.
    pub fn numbers(&mut self, name: &str) -> Result<Vec<f32>> {
        let full = self.tensors.get(name).map_or(name, |(full, _)| full);
        let (_, numbers) = self.file.read(full).map_err(|error| told(&self.shown, error))?;
        Ok(numbers.to_vec())
    }

    /// A fault of the file, with what to do about it.
    pub fn fault(&self, fault: impl Into<String>, fix: impl Into<String>) -> Error {
        fault_of(&self.shown, fault, fix)
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
