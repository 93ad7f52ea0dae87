//! What a file says of itself is followed: which side is up, and where it ends.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use std::fs;
use std::io::Cursor;

use features::picture_file;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageFormat, Luma};

/// Three by two pixels of 16 × 16, all of them of another grey: JPEG keeps blocks of one grey.
fn picture() -> DynamicImage {
    GrayImage::from_fn(48, 32, |x, y| Luma([(40 * (x / 16 + 3 * (y / 16))) as u8])).into()
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// EXIF with two fields, of which the second is the orientation.
fn exif(value: u16, little: bool) -> Vec<u8> {
    let short = |x: u16| if little { x.to_le_bytes() } else { x.to_be_bytes() };
    let long = |x: u32| if little { x.to_le_bytes() } else { x.to_be_bytes() };
    let magic: &[u8] = if little { b"II*\0" } else { b"MM\0*" };
    let mut bytes = [magic, &long(8), &short(2)].concat();
    for (field, value) in [(0x100, 48), (0x112, value)] {
        bytes.extend([&short(field)[..], &short(3), &long(1), &short(value), &short(0)].concat());
    }
    bytes.extend(long(0));
    bytes
}

/// A JPEG with EXIF behind its first marker.
fn jpeg(exif: &[u8]) -> Vec<u8> {
    let body = [b"Exif\0\0", exif].concat();
    let length = (body.len() as u16 + 2).to_be_bytes();
    let whole = encoded(ImageFormat::Jpeg);
    [&whole[..2], &[0xff, 0xe1], &length, &body, &whole[2..]].concat()
}

/// A chunk of a PNG: length, kind, data, checksum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let crc = body.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 },
        )
    });
    [&(data.len() as u32).to_be_bytes(), body.as_slice(), &(!crc).to_be_bytes()].concat()
}

/// A PNG with EXIF behind its header, which ends after 33 bytes.
fn png(exif: &[u8]) -> Vec<u8> {
    let whole = encoded(ImageFormat::Png);
    [&whole[..33], &chunk(b"eXIf", exif), &whole[33..]].concat()
}

fn read(bytes: &[u8]) -> Result<DynamicImage, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    picture_file::open(file.path()).map_err(|e| e.to_string())
}

#[test]
fn the_side_that_the_file_says_is_up() {
    for value in 1..=8 {
        let mut upright = picture();
        upright.apply_orientation(Orientation::from_exif(value).unwrap());
        for little in [true, false] {
            let exif = exif(value.into(), little);
            assert_eq!(read(&png(&exif)).unwrap(), upright, "PNG {value}");
            let jpeg = read(&jpeg(&exif)).unwrap().into_luma8();
            let upright = upright.to_luma8();
            assert_eq!(jpeg.dimensions(), upright.dimensions(), "JPEG {value}");
            let near = jpeg.iter().zip(upright.iter()).all(|(a, b)| a.abs_diff(*b) < 6);
            assert!(near, "JPEG {value}");
        }
    }
}

#[test]
fn what_says_nothing_of_its_sides_lies_as_it_is() {
    for odd in [exif(0, true), exif(9, false), exif(6, true)[..20].to_vec(), Vec::new()] {
        assert_eq!(read(&png(&odd)).unwrap(), picture());
        assert_eq!(read(&jpeg(&odd)).unwrap().into_luma8().dimensions(), (48, 32));
    }
}

#[test]
fn what_is_cut_off_is_refused_wherever_it_is_cut() {
    for whole in [jpeg(&exif(1, true)), png(&exif(1, true))] {
        assert!(read(&whole).is_ok());
        for cut in 0..whole.len() - 1 {
            // Of a PNG the end mark may be missing: all its pixels are there, and checked.
            if let Ok(image) = read(&whole[..cut]) {
                assert!(whole[0] == 0x89 && cut + 16 > whole.len(), "cut at {cut}");
                assert_eq!(image, picture());
            }
        }
        let longer = [whole.clone(), whole].concat();
        assert!(read(&longer).is_ok(), "a second picture is nobody's fault");
    }
    let whole = jpeg(&[]);
    let half = read(&whole[..whole.len() - 2]).unwrap_err();
    assert!(half.ends_with("is damaged or cut off; copy or download it again"), "{half}");
}

/// What a broken copy leaves: the end is there, and something before it is not.
#[test]
fn a_jpeg_with_a_hole_is_refused() {
    let busy = GrayImage::from_fn(160, 160, |x, y| Luma([(x * y * 7 % 251) as u8]));
    for image in [DynamicImage::from(busy.clone()), DynamicImage::from(busy).into_rgb8().into()] {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        let whole = bytes.into_inner();
        assert!(read(&whole).is_ok());
        let n = whole.len();
        for middle in [n / 4, n / 2, 3 * n / 4, n - 20] {
            let shorter = [&whole[..middle], &whole[n - 2..]].concat();
            let said = read(&shorter).unwrap_err();
            assert!(said.contains("damaged or cut off"), "{middle} of {n}: {said}");
        }
    }
}

#[test]
fn fifty_megapixels_are_read_and_more_than_64_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let large = GrayImage::from_pixel(8192, 6144, Luma([200]));
    large.save_with_format(file.path(), ImageFormat::Png).unwrap();
    let read_again = picture_file::open(file.path()).unwrap();
    assert_eq!((read_again.width(), read_again.height()), (8192, 6144));
    // Refused by its header: 64 megapixels of 16 bits in four channels, and one row too many.
    for (rows, depth, colours, fault) in [
        (4096_u32, 16, 6, "asks for more than 256 MiB of memory; scale the image down"),
        (4097, 8, 0, "has 16384 × 4097 pixels, more than 16384 a side or 64 megapixels"),
    ] {
        let sides = [16_384_u32.to_be_bytes(), rows.to_be_bytes()].concat();
        let header = [sides, vec![depth, colours, 0, 0, 0]].concat();
        let parts =
            [chunk(b"IHDR", &header), chunk(b"IDAT", &[0x78, 0x9c, 3, 0]), chunk(b"IEND", &[])];
        let said = read(&[&b"\x89PNG\r\n\x1a\n"[..], &parts.concat()].concat()).unwrap_err();
        assert!(said.contains(fault), "{said}");
    }
}
