//! Which side of a picture is up, as EXIF notes it (CIPA DC-008): a phone stores what its sensor saw, and beside it how
//! it was held.

use ::image::metadata::Orientation;

/// The orientation that EXIF holds: field 0x112 of the first directory of a TIFF.
pub(crate) fn orientation(tiff: &[u8]) -> Option<Orientation> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let directory = number(tiff, 4, 4, little)?;
    let fields = number(tiff, directory, 2, little)?;
    let mut places = (0..fields).map(|field| directory + 2 + 12 * field);
    let place = places.find(|&place| number(tiff, place, 2, little) == Some(0x112))?;
    Orientation::from_exif(u8::try_from(number(tiff, place + 8, 2, little)?).ok()?)
}

/// The number in two or four bytes, the least first or last.
pub(crate) fn number(bytes: &[u8], at: usize, width: usize, little: bool) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    let join = |number: usize, &byte: &u8| number << 8 | usize::from(byte);
    Some(if little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) })
}
