//! Checkpoints: all that training needs to go on, bit for bit, in a safetensors file that PyTorch reads, too.
//!
//! The file is written beside the old one, forced to the disk, and takes its name at once: whenever the machine is
//! stopped, one of the two is there, whole. Tensors are written and read one after another, so a file may have any
//! size, and the memory at the peak is that of the network and of its largest tensor. What is read is believed only
//! after [`WeightsFile`] has checked it, which trusts no offset and no length.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Cursor, Read, Seek, Write};
use std::path::Path;

use backprop::{Engine, Tensor, WeightsFile};

use crate::{Error, Result};

/// What begins the name of what an optimizer keeps: `optimizer.0.3.weight` is slot 0 for `3.weight`.
const STATE: &str = "optimizer.";

/// Anything else than tensors, as text: the step, the settings, the data.
pub type Notes = BTreeMap<String, String>;

/// A whole checkpoint in memory: weights, what the optimizer keeps for them, and notes. For a large network see
/// [`crate::Trainer`], which writes and reads its file tensor by tensor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Weights by name.
    pub weights: Vec<Tensor<f32>>,
    /// What the optimizer keeps for each weight, under the names of the weights.
    pub state: [Vec<Tensor<f32>>; 2],
    /// Anything else.
    pub notes: Notes,
}

impl Checkpoint {
    /// True if no weight, and nothing that is kept for one, is infinite or not a number.
    pub fn is_finite(&self) -> bool {
        let mut all = self.weights.iter().chain(self.state.iter().flatten());
        all.all(|tensor| tensor.data.iter().all(|x| x.is_finite()))
    }

    /// All tensors, under their names in the file.
    fn tensors(&self) -> Vec<(String, &Tensor<f32>)> {
        let weights = self.weights.iter().map(|tensor| (tensor.name.clone(), tensor));
        let slots = self.state.iter().enumerate();
        let kept = slots.flat_map(|(slot, of)| of.iter().map(move |t| (state(slot, &t.name), t)));
        weights.chain(kept).collect()
    }

    fn put(&self, to: &mut dyn Write) -> std::io::Result<()> {
        let tensors = self.tensors();
        let about = |(name, tensor): &(String, &Tensor<f32>)| (name.clone(), tensor.shape.clone());
        put_header(&self.notes, &tensors.iter().map(about).collect::<Vec<_>>(), to)?;
        tensors.iter().try_for_each(|(_, tensor)| put_tensor(tensor, to))
    }

    /// The bytes of the file. The same checkpoint gives the same bytes.
    ///
    /// # Errors
    /// A message where a tensor's shape does not fit its numbers, or one of these is not finite.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        self.put(&mut bytes).map_err(|e| e.to_string())?;
        Ok(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Where they are not a safetensors file of finite numbers.
    pub fn decode(bytes: &[u8]) -> backprop::Result<Checkpoint> {
        Checkpoint::take(&mut WeightsFile::new(Cursor::new(bytes))?)
    }

    fn take<R: Read + Seek>(file: &mut WeightsFile<R>) -> backprop::Result<Checkpoint> {
        let mut checkpoint = Checkpoint { notes: file.notes().clone(), ..Checkpoint::default() };
        let names: Vec<String> = file.tensors().map(|(name, _)| name.to_owned()).collect();
        for full in names.iter().filter(|name| !name.ends_with(".num_batches_tracked")) {
            let (shape, data) = file.read(full)?;
            let (name, list) = match full.strip_prefix(STATE).and_then(|rest| rest.split_once('.'))
            {
                Some(("0", name)) => (name, &mut checkpoint.state[0]),
                Some(("1", name)) => (name, &mut checkpoint.state[1]),
                _ => (full.as_str(), &mut checkpoint.weights),
            };
            list.push(Tensor { name: name.into(), shape: shape.into(), data: data.into() });
        }
        Ok(checkpoint)
    }

    /// Writes the file: beside the old one, to the disk, and then under its name.
    ///
    /// # Errors
    /// Where it cannot be written, or a number is not finite; the old file is as it was.
    pub fn write(&self, path: &Path) -> Result<()> {
        replace(path, |file| self.put(file))
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

    /// Reads a file, all of it into memory.
    ///
    /// # Errors
    /// Where it cannot be read or is not a checkpoint.
    pub fn read(path: &Path) -> Result<Checkpoint> {
        let fault = |source| Error::Weights { path: path.into(), source };
        Checkpoint::take(&mut open(path)?).map_err(fault)
    }
}

/// Opens the file of a network and reads its header.
///
/// # Errors
/// Where it cannot be read or is not a safetensors file.
pub fn open(path: &Path) -> Result<WeightsFile<File>> {
    WeightsFile::open(path).map_err(|source| Error::Weights { path: path.into(), source })
}

/// Writes a network and what a rule keeps in its first `slots`, tensor by tensor.
///
/// # Errors
/// Where it cannot be written, or a number is not finite; the old file is as it was.
pub(crate) fn save(path: &Path, engine: &Engine<f32>, slots: usize, notes: &Notes) -> Result<()> {
    let weights = || engine.parameters().map(|(name, weight)| (name, weight.shape.clone()));
    let mut about: Vec<_> = weights().map(|(name, shape)| (name.to_owned(), shape)).collect();
    for slot in 0..slots {
        about.extend(weights().map(|(name, shape)| (state(slot, name), shape)));
    }
    let other = |e: backprop::Error| std::io::Error::other(e.to_string());
    // ANCHOR: stream
    replace(path, |file| {
        put_header(notes, &about, file)?;
        for (name, _) in weights() {
            put_tensor(&engine.get(name).map_err(other)?, file)?;
        }
        for slot in 0..slots {
            for (name, _) in weights() {
                put_tensor(&engine.get_state(slot, name).map_err(other)?, file)?;
            }
        }
        Ok(())
    })
    // ANCHOR_END: stream
}

/// Reads what [`save`] wrote into a network, tensor by tensor.
pub(crate) fn load(
    file: &mut WeightsFile<File>,
    engine: &mut Engine<f32>,
    slots: usize,
) -> backprop::Result<()> {
    engine.load(file)?;
    let names: Vec<String> = engine.parameters().map(|(name, _)| name.to_owned()).collect();
    for slot in 0..slots {
        for name in &names {
            let (shape, data) = file.read(&state(slot, name))?;
            engine.set_state_of(slot, name, shape, data)?;
        }
    }
    Ok(())
}

fn state(slot: usize, name: &str) -> String {
    format!("{STATE}{slot}.{name}")
}

/// The length of the header, and the header: notes, and name, type, shape and place of each tensor.
fn put_header(
    notes: &Notes,
    tensors: &[(String, Vec<usize>)],
    to: &mut dyn Write,
) -> std::io::Result<()> {
    let mut header = serde_json::Map::new();
    if !notes.is_empty() {
        header.insert("__metadata__".into(), serde_json::json!(notes));
    }
    let mut end = 0;
    for (name, shape) in tensors {
        let (start, bytes) = (end, 4 * shape.iter().product::<usize>());
        end += bytes;
        let entry =
            serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, end] });
        header.insert(name.clone(), entry);
    }
    let mut header = serde_json::to_vec(&header)?;
    // Spaces, so that the numbers begin at a multiple of eight.
    header.resize(header.len().next_multiple_of(8), b' ');
    to.write_all(&(header.len() as u64).to_le_bytes())?;
    to.write_all(&header)
}

fn put_tensor(tensor: &Tensor<f32>, to: &mut dyn Write) -> std::io::Result<()> {
    let Tensor { name, shape, data } = tensor;
    if shape.iter().product::<usize>() != data.len() {
        let fault = format!("tensor {name:?} has {} numbers for the shape {shape:?}", data.len());
        return Err(std::io::Error::other(fault));
    }
    if !data.iter().all(|x| x.is_finite()) {
        // What the trainer tells apart from a full disk.
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, Error::NotFinite));
    }
    data.iter().try_for_each(|x| to.write_all(&x.to_le_bytes()))
}

/// Replaces a file in one piece by what `put` writes.
fn replace(path: &Path, put: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let folder = folder(path);
    // ANCHOR: write
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let mut buffer = BufWriter::with_capacity(1 << 16, &mut file);
        put(&mut buffer)?;
        buffer.flush()?;
        drop(buffer);
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        // The name is on the disk when the folder is. Not every system can
        // do this to a folder.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    };
    // ANCHOR_END: write
    write().map_err(|e: std::io::Error| match e.kind() {
        std::io::ErrorKind::InvalidData => Error::NotFinite,
        _ => cannot_write(path, &e),
    })
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
