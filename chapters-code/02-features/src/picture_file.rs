//! A picture from a file, PNG or JPEG, as a stranger has it: judged by its header, whole, and upright.
//!
//! The sizes in the header are judged before anything is decoded, so that a small file that claims to be a huge
//! picture costs nothing. What the file says of itself is followed: which side is up (EXIF's orientation, CIPA DC-008),
//! and what there should be of it: a decoder of JPEG fills with grey what is missing.

use std::fs::File;
use std::io::{self, Cursor, Read as _};
use std::path::Path;

use ::image::metadata::Orientation;
use ::image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};
use notebook::fault::FileFault;

use crate::error::Result;
use crate::exif::{number, orientation};
use crate::jpeg::Jpeg;

/// The longest side of a picture that is read.
pub const LONGEST_SIDE: u32 = 16_384;
/// The most pixels of a picture that is read: 64 megapixels.
pub const MOST_PIXELS: u64 = 1 << 26;
/// The most bytes that a file may have, and what is decoded from it: 256 MiB each.
const MOST_BYTES: u64 = 256 << 20;

/// What is wrong with a file, and the fix.
type Fault = (String, &'static str);

/// Reads a picture: grey or colour, with or without alpha, of 8 or 16 bits, the side up that the file says is.
///
/// # Errors
/// A file that is absent, a folder, too large, of another format, damaged or cut off.
pub fn open(path: &Path) -> Result<DynamicImage> {
    let shown = path.display().to_string();
    let shown = shown.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let read = slurp(path).and_then(|bytes| decode(&bytes));
    Ok(read.map_err(|(fault, fix)| FileFault { path: shown, fault, fix })?)
}

/// The bytes of a regular file that is not too large.
fn slurp(path: &Path) -> Result<Vec<u8>, Fault> {
    let unreadable = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => ("there is no such file".into(), "check the path"),
        io::ErrorKind::PermissionDenied => ("may not be read".into(), "check its permissions"),
        _ => (format!("cannot be read: {}", one_line(&e)), "check the file"),
    };
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if meta.is_dir() {
        return Err(("is a folder".into(), "name one image in it"));
    }
    if !meta.is_file() {
        return Err(("is not a regular file".into(), "save the image to a file first"));
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    let read = File::open(path).and_then(|f| f.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        let fault = format!("has more than the {} MiB that are read", MOST_BYTES >> 20);
        return Err((fault, "scale the image down"));
    }
    Ok(bytes)
}

/// The picture that the bytes of a file hold.
fn decode(bytes: &[u8]) -> Result<DynamicImage, Fault> {
    let format = match ::image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
        _ if bytes.is_empty() => return Err(("is empty".into(), "give a PNG or a JPEG")),
        _ => return Err(("is neither PNG nor JPEG".into(), "convert it to one of the two")),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(damaged)?;
    judge(decoder.dimensions(), decoder.total_bytes())?;
    let orientation = match format {
        ImageFormat::Jpeg => match Jpeg::read(bytes) {
            Some(whole) => whole.orientation,
            None => return Err(("is damaged or cut off".into(), "copy or download it again")),
        },
        _ => said_by_png(bytes),
    };
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(image)
}

fn judge((width, height): (u32, u32), bytes: u64) -> Result<(), Fault> {
    let sides = width.max(height) > LONGEST_SIDE;
    if sides || u64::from(width) * u64::from(height) > MOST_PIXELS {
        let most = MOST_PIXELS >> 20;
        let fault = format!(
            "has {width} × {height} pixels, more than {LONGEST_SIDE} a side or {most} megapixels"
        );
        return Err((fault, "scale the image down"));
    }
    if bytes > MOST_BYTES { Err(too_large()) } else { Ok(()) }
}

fn too_large() -> Fault {
    let fault = format!("asks for more than {} MiB of memory", MOST_BYTES >> 20);
    (fault, "scale the image down")
}

fn damaged(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => too_large(),
        e => (format!("cannot be decoded: {}", one_line(&e)), "save it again, as an 8-bit PNG"),
    }
}

/// What an error says, on one line.
fn one_line(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let line: Vec<_> = text.split_whitespace().collect();
    line.join(" ").trim_end_matches('.').to_owned()
}

/// Which side of a PNG is up, where it says so: chunks have a length, a kind, data and a checksum.
fn said_by_png(bytes: &[u8]) -> Option<Orientation> {
    let mut at = 8;
    loop {
        let length = number(bytes, at, 4, false)?;
        if bytes.get(at + 4..at + 8)? == b"eXIf" {
            return orientation(bytes.get(at + 8..)?.get(..length)?);
        }
        at = at.checked_add(length)?.checked_add(12)?;
    }
}
