//! Checkpoints: all that training needs to go on, bit for bit, in a safetensors file that PyTorch reads, too.
//!
//! The file is written beside the old one, forced to the disk, and takes its name at once: whenever the machine is
//! stopped, one of the two is there, whole. What is read is believed only after it is checked: the size of the
//! file before it is read, and its header by the library `safetensors`, which trusts no offset and no length.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use backprop::Tensor;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::{Error, Result};

/// The most bytes of a file: 1 GiB.
pub const LARGEST: u64 = 1 << 30;

/// The most bytes of a header: 1 MiB, more than ten thousand tensors.
const LARGEST_HEADER: u64 = 1 << 20;

/// What begins the name of what an optimizer keeps: `optimizer.0.3.weight` is slot 0 for `3.weight`.
const STATE: &str = "optimizer.";

/// Weights, what the optimizer keeps for them, and notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Weights by name.
    pub weights: Vec<Tensor<f32>>,
    /// What the optimizer keeps for each weight, under the names of the weights.
    pub state: [Vec<Tensor<f32>>; 2],
    /// Anything else, as text: the step, the settings.
    pub notes: BTreeMap<String, String>,
}

impl Checkpoint {
    /// True if no weight, and nothing that is kept for one, is infinite or not a number.
    pub fn is_finite(&self) -> bool {
        let mut all = self.weights.iter().chain(self.state.iter().flatten());
        all.all(|tensor| tensor.data.iter().all(|x| x.is_finite()))
    }

    /// The bytes of the file. The same checkpoint gives the same bytes.
    ///
    /// # Errors
    /// A message where a tensor's shape does not fit its numbers.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        let mut named: Vec<(String, &Tensor<f32>)> =
            self.weights.iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        for (slot, tensors) in self.state.iter().enumerate() {
            named.extend(tensors.iter().map(|t| (format!("{STATE}{slot}.{}", t.name), t)));
        }
        let bytes: Vec<Vec<u8>> = named
            .iter()
            .map(|(_, t)| t.data.iter().flat_map(|x| x.to_le_bytes()).collect())
            .collect();
        let view = |((name, tensor), bytes): (&(String, &Tensor<f32>), _)| {
            TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
                .map(|view| (name.clone(), view))
                .map_err(|e| format!("tensor {name:?}: {e}"))
        };
        let views =
            named.iter().zip(&bytes).map(|(n, b)| view((n, b))).collect::<Result<Vec<_>, _>>()?;
        // One line of notes, so that their order, and with it the bytes, is always the same.
        let notes = self.notes.iter().map(|(key, value)| format!("{key}={value}"));
        let notes = notes.collect::<Vec<_>>().join("\n");
        let notes = HashMap::from([("notes".to_owned(), notes)]);
        safetensors::serialize(views, Some(notes)).map_err(|e| e.to_string())
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// A message where they are not a safetensors file of `f32` tensors.
    pub fn decode(bytes: &[u8]) -> Result<Checkpoint, String> {
        // ANCHOR: header
        let header = bytes.first_chunk().map(|n| u64::from_le_bytes(*n));
        match header {
            None => return Err("is shorter than the length of its header".into()),
            Some(n) if n > LARGEST_HEADER => {
                return Err(format!("promises a header of {n} bytes, more than {LARGEST_HEADER}"));
            }
            Some(_) => {}
        }
        // ANCHOR_END: header
        let (_, about) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
        let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
        let mut checkpoint = Checkpoint::default();
        if let Some(notes) = about.metadata().as_ref().and_then(|notes| notes.get("notes")) {
            let notes = notes.lines().filter_map(|line| line.split_once('='));
            checkpoint.notes = notes.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        }
        let mut tensors = file.tensors();
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, view) in tensors {
            let rest = name.strip_prefix(STATE).and_then(|rest| rest.split_once('.'));
            match rest {
                Some(("0", name)) => checkpoint.state[0].push(tensor(name, &view)?),
                Some(("1", name)) => checkpoint.state[1].push(tensor(name, &view)?),
                _ if name.ends_with(".num_batches_tracked") => {}
                _ => checkpoint.weights.push(tensor(&name, &view)?),
            }
        }
        Ok(checkpoint)
    }

    /// Writes the file: beside the old one, to the disk, and then under its name.
    ///
    /// # Errors
    /// Where it cannot be written; the old file is as it was.
    pub fn write(&self, path: &Path) -> Result<()> {
        let bytes = self.encode().map_err(|e| cannot_write(path, &e))?;
        let folder = folder(path);
        // ANCHOR: write
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|e| e.error)?;
            // The name is on the disk when the folder is. Not every system can do this to a folder.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
            Ok(())
        };
        // ANCHOR_END: write
        write().map_err(|e: std::io::Error| cannot_write(path, &e))
    }

    /// Tries whether a file of this name could be written, before hours of work rest on it. Leaves nothing.
    ///
    /// # Errors
    /// Where the folder does not exist or takes no file, or the name is that of a folder.
    pub fn try_path(path: &Path) -> Result<()> {
        if path.is_dir() {
            return Err(cannot_write(path, &"it is a folder"));
        }
        tempfile::NamedTempFile::new_in(folder(path))
            .map(drop)
            .map_err(|e| cannot_write(path, &e.kind()))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, is too large, or is not a checkpoint.
    pub fn read(path: &Path) -> Result<Checkpoint> {
        let fault = |fault: String, fix| Error::File { path: path.into(), fault, fix };
        let cannot =
            |e: std::io::Error| fault(format!("cannot be read: {e}"), "check its path and rights");
        let about = std::fs::metadata(path).map_err(cannot)?;
        if !about.is_file() {
            return Err(fault("is not a regular file".into(), "give the file itself"));
        }
        let too_large = || fault("is larger than 1 GiB".into(), "give a model of this book");
        if about.len() > LARGEST {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        // It may grow while it is read.
        let file = File::open(path).map_err(cannot)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
        if bytes.len() as u64 > LARGEST {
            return Err(too_large());
        }
        Checkpoint::decode(&bytes).map_err(|e| {
            fault(
                format!("is not a whole safetensors file of f32: {e}"),
                "save it again, or give another",
            )
        })
    }
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn cannot_write(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::File {
        path: path.into(),
        fault: format!("cannot be written: {why}"),
        fix: "see to the folder, its rights and room on the disk",
    }
}

/// The numbers of a tensor, whose shape and bytes the library has compared.
fn tensor(name: &str, view: &TensorView<'_>) -> Result<Tensor<f32>, String> {
    if view.dtype() != Dtype::F32 {
        return Err(format!("tensor {name:?} is of type {:?} and not F32", view.dtype()));
    }
    let (numbers, rest) = view.data().as_chunks::<4>();
    if !rest.is_empty() {
        return Err(format!("tensor {name:?} ends within a number"));
    }
    let data = numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    Ok(Tensor { name: name.into(), shape: view.shape().to_vec(), data })
}
