//! IDX, the file format of MNIST and its kin (LeCun, Cortes and Burges): a few bytes of header that
//! say the type and the lengths of an array, then the array, row by row, all compressed by gzip.
//!
//! The file may come from anywhere, so nothing it says is believed before it is checked. What is read
//! is bounded by what the header promises, and the header by [`LARGEST`] and by what a file of that
//! size can hold. Each fault is one line that names the file, what is wrong and what to do.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use md5::{Digest as _, Md5};
use ndarray::{Array1, Array3};

/// The most bytes that a file may have, compressed or not: 256 MiB.
pub const LARGEST: usize = 256 << 20;

/// The most that deflate can expand: 258 bytes from two bits (Deutsch, 1996, RFC 1951).
const DEFLATE_RATIO: usize = 1032;

/// The most dimensions that an array may have.
const MOST_DIMENSIONS: usize = 4;

/// A fault in a file that was given: one line, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}", one_line(.path))]
pub struct FileError {
    /// The file, as given.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with the bytes of a file, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {fix}")]
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub fix: &'static str,
}

fn fault<T>(what: impl Into<String>, fix: &'static str) -> Result<T, Fault> {
    Err(Fault { what: what.into(), fix })
}

const AGAIN: &str = "download it again";

/// An array of unsigned bytes, as an IDX file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    /// Length of each dimension, slowest first: `[60000, 28, 28]`.
    pub shape: Vec<usize>,
    /// The elements, the last index running fastest. As many as the product of `shape`.
    pub bytes: Vec<u8>,
}

impl Idx {
    /// Reads a gzipped IDX file.
    ///
    /// # Errors
    /// A [`FileError`] where it cannot be read or is not what it says.
    pub fn read(path: &Path) -> Result<Idx, FileError> {
        slurp(path)
            .and_then(|gz| decode(&gz))
            .map_err(|fault| FileError { path: path.into(), fault })
    }

    /// Reads a gzipped IDX file, and gives the MD5 sum of the compressed file beside it.
    ///
    /// # Errors
    /// As [`Idx::read`].
    pub fn read_with_sum(path: &Path) -> Result<(Idx, String), FileError> {
        let read = || slurp(path).and_then(|gz| Ok((decode(&gz)?, md5_of(&gz))));
        read().map_err(|fault| FileError { path: path.into(), fault })
    }

    /// Reads a gzipped IDX file after checking that it is the very file whose MD5 sum, in
    /// hexadecimal, is `md5`. The sum finds accidents, not adversaries (RFC 6151).
    ///
    /// # Errors
    /// As [`Idx::read`], or another sum.
    pub fn read_checked(path: &Path, md5: &str) -> Result<Idx, FileError> {
        let read = || {
            let gz = slurp(path)?;
            let found = md5_of(&gz);
            if found != md5 {
                return fault(format!("its MD5 sum is {found} where {md5} was published"), AGAIN);
            }
            decode(&gz)
        };
        read().map_err(|fault| FileError { path: path.into(), fault })
    }

    /// The bytes as pictures, `(N, H, W)`, without a copy.
    ///
    /// # Errors
    /// A [`Fault`] where there are not three dimensions.
    pub fn images(self) -> Result<Array3<u8>, Fault> {
        let [n, h, w] = self.shape[..] else {
            let what = format!("has the shape {}, not that of pictures", times(&self.shape));
            return fault(what, "give a file of images, whose name usually contains idx3");
        };
        // The decoder has checked that the bytes fill the shape.
        Array3::from_shape_vec((n, h, w), self.bytes)
            .or_else(|e| fault(format!("does not fill its shape: {e}"), AGAIN))
    }

    /// The bytes as labels, `(N,)`, without a copy.
    ///
    /// # Errors
    /// A [`Fault`] where there is not one dimension.
    pub fn labels(self) -> Result<Array1<u8>, Fault> {
        match self.shape[..] {
            [_] => Ok(Array1::from_vec(self.bytes)),
            _ => fault(
                format!("has the shape {}, not that of labels", times(&self.shape)),
                "give a file of labels, whose name usually contains idx1",
            ),
        }
    }
}

/// The bytes of a regular file that is not too large.
fn slurp(path: &Path) -> Result<Vec<u8>, Fault> {
    let cannot = |e: io::Error| Fault {
        what: format!("cannot be read: {e}"),
        fix: "check its path and rights",
    };
    let about = std::fs::metadata(path).map_err(cannot)?;
    if about.is_dir() {
        return fault("is a directory", "give the file itself");
    }
    if !about.is_file() {
        return fault("is not a regular file", "save what it holds to a file first");
    }
    let too_large = || fault("is larger than 256 MiB", "give one of the files of MNIST or its kin");
    if about.len() > LARGEST as u64 {
        return too_large();
    }
    let mut bytes = Vec::with_capacity(about.len() as usize);
    // It may grow while it is read.
    File::open(path)
        .and_then(|f| f.take(LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(cannot)?;
    if bytes.len() > LARGEST { too_large() } else { Ok(bytes) }
}

/// The MD5 sum of `bytes`, in hexadecimal.
fn md5_of(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The array that the bytes of a gzipped IDX file hold. The elements are decompressed into the
/// vector that the caller gets: they are never copied.
///
/// # Errors
/// A [`Fault`] where the bytes are not what they say. Never takes more memory than [`LARGEST`].
pub fn decode(gz: &[u8]) -> Result<Idx, Fault> {
    check_gzip(gz)?;
    let mut content = Members(GzDecoder::new(gz));
    let shape = read_header(&mut content)?;
    let size = checked_size(&shape, gz.len())?;
    let mut bytes = Vec::with_capacity(size);
    content.by_ref().take(size as u64).read_to_end(&mut bytes).or_else(broken)?;
    if bytes.len() < size {
        let what = format!("ends after {} of the {size} bytes of {}", bytes.len(), times(&shape));
        return fault(what, AGAIN);
    }
    // One byte more than promised is too many. Asking for it also verifies gzip's own checksum.
    match content.read(&mut [0]).or_else(broken)? {
        0 => Ok(Idx { shape, bytes }),
        _ => fault(format!("goes on after the {size} bytes of {}", times(&shape)), AGAIN),
    }
}

/// What gzip's members hold, one after another. Zeros behind the last are padding, as of a tape,
/// and what gunzip leaves alone.
struct Members<'a>(GzDecoder<&'a [u8]>);

impl Read for Members<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(buffer)?;
            let rest = *self.0.get_ref();
            if read > 0 || buffer.is_empty() || rest.iter().all(|&byte| byte == 0) {
                return Ok(read);
            }
            self.0 = GzDecoder::new(rest);
        }
    }
}

/// The product of the dimensions, unless the header lies.
// ANCHOR: size
fn checked_size(shape: &[usize], compressed: usize) -> Result<usize, Fault> {
    let promised = || format!("promises {} bytes", times(shape));
    let size = shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
    match size {
        Some(0) => fault(format!("{}: it is empty", promised()), "give a file with data"),
        Some(size) if size > LARGEST => fault(format!("{}, more than 256 MiB", promised()), AGAIN),
        Some(size) if size > compressed.saturating_mul(DEFLATE_RATIO) => {
            fault(format!("{}, which {compressed} compressed bytes cannot hold", promised()), AGAIN)
        }
        Some(size) => Ok(size),
        None => fault(format!("{}, more than can be counted", promised()), AGAIN),
    }
}
// ANCHOR_END: size

fn check_gzip(gz: &[u8]) -> Result<(), Fault> {
    match gz {
        [0x1f, 0x8b, ..] => Ok(()),
        [] => fault("is empty", AGAIN),
        [0, 0, 8..=14, ..] => {
            fault("is an IDX file that is not compressed", "compress it: gzip FILE")
        }
        _ => fault("is not compressed by gzip", "give the .gz file as it was published"),
    }
}

/// Two zeros, the type, the number of dimensions, then each length as a big-endian `u32`.
// ANCHOR: header
fn read_header(content: &mut impl Read) -> Result<Vec<usize>, Fault> {
    let mut four = || {
        let mut bytes = [0; 4];
        match content.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                fault("ends within its header", AGAIN)
            }
            Err(e) => broken(e),
        }
    };
    let [0, 0, kind, dimensions] = four()? else {
        return fault("is compressed, but not an IDX file", "give a file whose name contains idx");
    };
    check_type(kind)?;
    match usize::from(dimensions) {
        count @ 1..=MOST_DIMENSIONS => {
            (0..count).map(|_| Ok(u32::from_be_bytes(four()?) as usize)).collect()
        }
        count => fault(format!("has {count} dimensions"), "give an array of 1 to 4 dimensions"),
    }
}
// ANCHOR_END: header

fn check_type(kind: u8) -> Result<(), Fault> {
    let name = match kind {
        0x08 => return Ok(()),
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c => "32-bit integers",
        0x0d => "32-bit floating-point numbers",
        0x0e => "64-bit floating-point numbers",
        _ => {
            return fault(
                format!("has the unknown type {kind:#04x}"),
                "convert it to unsigned bytes, type 0x08",
            );
        }
    };
    fault(format!("holds {name}"), "convert it to unsigned bytes, type 0x08")
}

/// What the decompressor objected to.
fn broken<T>(error: io::Error) -> Result<T, Fault> {
    let what = match error.kind() {
        io::ErrorKind::UnexpectedEof => "is cut off: its compressed data end early".to_owned(),
        _ => format!("is damaged: {error}"),
    };
    fault(what, AGAIN)
}

/// `60000 × 28 × 28`.
fn times(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
}

/// A path that cannot break the line it is printed on.
fn one_line(path: &Path) -> String {
    path.display().to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// What the fuzz target and its corpus run: any bytes give an array that fills its shape, or a fault in
/// one line.
///
/// # Panics
/// If they do not: then this reader is wrong.
pub fn fuzz(bytes: &[u8]) {
    match decode(bytes) {
        Ok(idx) => assert_eq!(idx.bytes.len(), idx.shape.iter().product::<usize>()),
        Err(fault) => assert!(!fault.to_string().contains('\n'), "more than a line: {fault}"),
    }
}
