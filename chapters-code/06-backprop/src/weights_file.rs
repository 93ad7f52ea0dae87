//! Weights from a safetensors file, tensor by tensor: of any size, without a second copy.
//!
//! The file begins with the length of its header, eight bytes; then the header, JSON with name, type, shape and place of
//! each tensor; then the numbers. Only the header is read at once. A tensor goes through one buffer, which the next one
//! uses again, so the memory at the peak is that of the network and of its largest tensor.
//!
//! Nothing in a file is believed before it is checked against the length of the file: a header may promise anything.
//! Files are not mapped into memory, because one that another program shortens meanwhile would end this one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::Deserialize;

use crate::weights::fault;
use crate::{Engine, Error, Result};

/// The most bytes of a header: 16 MiB, more than a hundred thousand tensors.
const LARGEST_HEADER: u64 = 1 << 24;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;

/// What the header says of a tensor.
#[derive(Clone, Debug, Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

/// The header: tensors, and notes for readers under a name of their own.
#[derive(Debug, Deserialize)]
struct Header {
    #[serde(rename = "__metadata__", default)]
    notes: BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, Entry>,
}

/// What PyTorch puts before all names of a network in `DataParallel`, and of one that it compiled.
const WRAPPERS: [&str; 3] = ["", "module.", "_orig_mod."];

impl Header {
    /// The tensor of that name, whatever was wrapped around its network.
    fn entry(&self, name: &str) -> Option<&Entry> {
        WRAPPERS.iter().find_map(|wrapper| self.tensors.get(&format!("{wrapper}{name}")))
    }
}

/// A safetensors file that is open. Its tensors are `F32`, `F16` or `BF16`; those of other types are left alone.
///
/// ```
/// use std::io::Cursor;
/// use backprop::WeightsFile;
///
/// let header = r#"{"bias":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#;
/// let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
/// bytes.extend(header.as_bytes());
/// bytes.extend([0x80, 0x3f, 0x00, 0xc0]);
/// let mut file = WeightsFile::new(Cursor::new(bytes))?;
/// assert_eq!(file.read("bias")?, (&[2][..], &[1.0, -2.0][..]));
/// # Ok::<(), backprop::Error>(())
/// ```
#[derive(Debug)]
pub struct WeightsFile<R> {
    source: R,
    header: Header,
    /// Where the numbers begin.
    start: u64,
    bytes: Vec<u8>,
    numbers: Vec<f32>,
}

impl WeightsFile<File> {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// Where it cannot be read, or is no safetensors file.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(cannot_read)?;
        if !file.metadata().map_err(cannot_read)?.is_file() {
            return no_file("it is not a regular file");
        }
        WeightsFile::new(file)
    }
}

impl<R: Read + Seek> WeightsFile<R> {
    /// Reads the header of whatever can be read from any place.
    ///
    /// # Errors
    /// As [`WeightsFile::open`].
    pub fn new(mut source: R) -> Result<Self> {
        let length = source.seek(SeekFrom::End(0)).map_err(cannot_read)?;
        source.rewind().map_err(cannot_read)?;
        if length < 8 {
            return no_file("it is shorter than the length of its header");
        }
        // ANCHOR: header
        let mut first = [0; 8];
        source.read_exact(&mut first).map_err(cannot_read)?;
        let promised = u64::from_le_bytes(first);
        if promised > LARGEST_HEADER || promised > length - 8 {
            return Err(another_format(&first).unwrap_or_else(|| not_whole(format!(
                "it has {length} bytes and promises a header of {promised}, where {LARGEST_HEADER} are the most"
            ))));
        }
        let mut header = vec![0; promised as usize];
        source.read_exact(&mut header).map_err(cannot_read)?;
        // ANCHOR_END: header
        let header: Header = serde_json::from_slice(&header)
            .or_else(|e| no_file(format!("its header cannot be read: {e}")))?;
        let start = 8 + promised;
        check(&header, length - start)?;
        Ok(WeightsFile { source, header, start, bytes: Vec::new(), numbers: Vec::new() })
    }

    /// Name and shape of each tensor, in the order of their names.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.header.tensors.iter().map(|(name, entry)| (name.as_str(), entry.shape.as_slice()))
    }

    /// Anything else that the file says, as text.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.header.notes
    }

    /// Reads one tensor: its shape and its numbers, which stay until the next
    /// one is read. Halves become `f32` on the way, without loss.
    ///
    /// # Errors
    /// Where the file has no such tensor, or not of such a type, or cannot be
    /// read; where a number is infinite or none at all, for what is computed
    /// with it would be, too.
    pub fn read(&mut self, name: &str) -> Result<(&[usize], &[f32])> {
        let Some(entry) = self.header.entry(name) else {
            return fault(name, "are not in the file", "give the file of this network");
        };
        let Some((width, number)) = format(&entry.dtype) else {
            let what = format!("are of type {}", entry.dtype);
            return fault(name, what, "save them as F32, F16 or BF16");
        };
        let [from, to] = entry.data_offsets;
        self.source.seek(SeekFrom::Start(self.start + from)).map_err(cannot_read)?;
        self.numbers.clear();
        let mut left = (to - from) as usize;
        while left > 0 {
            self.bytes.resize(left.min(CHUNK), 0);
            self.source.read_exact(&mut self.bytes).map_err(cannot_read)?;
            let before = self.numbers.len();
            self.numbers.extend(self.bytes.chunks_exact(width).map(number));
            // While they are in the cache.
            if let Some(at) = self.numbers[before..].iter().position(|x| !x.is_finite()) {
                let what = format!("number {} is {}", before + at + 1, self.numbers[before + at]);
                return fault(name, what, "give weights of a training that did not diverge");
            }
            left -= self.bytes.len();
        }
        Ok((&entry.shape, &self.numbers))
    }
}

impl Engine<f32> {
    /// Packs all tensors of the network from a file, one after another. What else is in the file is left alone.
    ///
    /// # Errors
    /// Where a tensor is absent or of another shape, before any changes; where the file cannot be read or a number is not
    /// finite, and then those before it have changed.
    pub fn load<R: Read + Seek>(&mut self, file: &mut WeightsFile<R>) -> Result<()> {
        for (name, weight) in self.parameters() {
            match file.header.entry(name) {
                Some(entry) => {
                    crate::weights::fits(name, &entry.shape, weight.len(), weight)?;
                }
                None => return fault(name, "are not in the file", "give the file of this network"),
            }
        }
        let names: Vec<String> = self.parameters().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let (shape, numbers) = file.read(&name)?;
            self.set(&name, shape, numbers)?;
        }
        Ok(())
    }
}

/// Checks that tensors lie one after another, without gaps, up to the end of the file, each as long as its shape says.
fn check(header: &Header, length: u64) -> Result<()> {
    let mut entries: Vec<(&String, &Entry)> = header.tensors.iter().collect();
    entries.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut end = 0;
    for (name, entry) in entries {
        let [from, to] = entry.data_offsets;
        if from != end || to < from || to > length {
            let what = format!("lie from byte {from} to {to}, where {end} is the next of {length}");
            return fault(name, what, "save the file again");
        }
        let numbers = entry.shape.iter().try_fold(1_u64, |n, &d| n.checked_mul(d as u64));
        if let Some((width, _)) = format(&entry.dtype)
            && numbers.and_then(|n| n.checked_mul(width as u64)) != Some(to - from)
        {
            let what = format!("have {} bytes for the shape {:?}", to - from, entry.shape);
            return fault(name, what, "save the file again");
        }
        end = to;
    }
    if end != length {
        return no_file(format!("its tensors have {end} bytes and {length} follow the header"));
    }
    Ok(())
}

/// Reads a number from its bytes, of which there are as many as its type has.
type Number = fn(&[u8]) -> f32;

/// The width of a type in bytes, and how its numbers are read.
fn format(dtype: &str) -> Option<(usize, Number)> {
    match dtype {
        "F32" => Some((4, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))),
        "F16" => Some((2, |b| half(u16::from_le_bytes([b[0], b[1]])))),
        // The upper half of an `f32`.
        "BF16" => Some((2, |b| f32::from_bits(u32::from(u16::from_le_bytes([b[0], b[1]])) << 16))),
        _ => None,
    }
}

/// A number of 16 bits, as IEEE 754 has them: sign, 5 bits of exponent, 10 of mantissa.
fn half(bits: u16) -> f32 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023) / 1024.0);
    let size = match exponent {
        0 => mantissa * 2_f32.powi(-14),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + mantissa) * 2_f32.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

fn cannot_read(e: std::io::Error) -> Error {
    Error::File { fault: format!("it cannot be read: {e}"), fix: "check its path and rights" }
}

fn no_file<T>(fault: impl Into<String>) -> Result<T> {
    Err(not_whole(fault))
}

fn not_whole(fault: impl Into<String>) -> Error {
    Error::File { fault: fault.into(), fix: "give a whole safetensors file" }
}

/// What else people have under the name of weights, by how it begins.
fn another_format(first: &[u8; 8]) -> Option<Error> {
    let (fault, fix) = match first {
        [b'P', b'K', ..] | [0x80, ..] => (
            "it is a pickle of PyTorch (.pt, .pth, .bin)",
            "save the weights anew with save_file of safetensors.torch",
        ),
        b"version " => ("it is a pointer of Git LFS, without the weights", "run `git lfs pull`"),
        [b'G', b'G', b'U', b'F', ..] => {
            ("it is a GGUF file", "give the safetensors file of the same network")
        }
        [0x89, b'H', b'D', b'F', ..] => {
            ("it is an HDF5 file", "save the weights anew as safetensors")
        }
        [b'{', ..] => (
            "it is JSON, such as the index of weights in several files",
            "give the .safetensors file; where there are several, join them into one",
        ),
        _ => return None,
    };
    Some(Error::File { fault: fault.into(), fix })
}
