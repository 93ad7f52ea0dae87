//! Photographs as the network takes them, against Pillow. `tests/peers/10-representation-pillow.py` asked it.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use image::{DynamicImage, GrayAlphaImage, ImageBuffer, LumaA, Rgb, RgbImage, Rgba};
use representation::preprocess::{colours, picture, read, square};
use serde_json::Value;

fn photograph(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../data/photographs/{name}.png"))
}

fn checksum(bytes: &[u8]) -> String {
    let step = |sum: u64, &byte: &u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As the script computes it.
fn computed(width: u32, height: u32) -> RgbImage {
    let level = |x, y, c| ((x * x + 3 * y * y + x * y * (c + 1)) / 32 % 256) as u8;
    RgbImage::from_fn(width, height, |x, y| Rgb([0_u32, 1, 2].map(|c| level(x, y, c))))
}

/// The part of a photograph that a case is about, or the computed picture.
fn given(case: &Value) -> RgbImage {
    let at = |i: usize| case["part"][i].as_u64().unwrap() as u32;
    let Some(name) = case["photograph"].as_str() else { return computed(at(0), at(1)) };
    let mut image = colours(&photograph(name)).unwrap();
    if case["part"].is_null() {
        return image;
    }
    image::imageops::crop(&mut image, at(0), at(1), at(2), at(3)).to_image()
}

#[test]
fn every_byte_is_pillows() {
    let said = include_str!("../../../tests/peers/10-representation-pillow.json");
    let said: Value = serde_json::from_str(said).unwrap();
    let cases = said["cases"].as_array().unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let side = case["side"].as_u64().unwrap() as usize;
        let ours = square(&given(case), side);
        let name = format!("{} {} at {side}", case["photograph"], case["part"]);
        for (row, theirs) in case["rows"].as_object().unwrap() {
            let from = row.parse::<usize>().unwrap() * side * 3;
            let ours = hexadecimal(&ours.as_raw()[from..from + side * 3]);
            assert_eq!(&ours, theirs.as_str().unwrap(), "{name}, row {row}");
        }
        assert_eq!(checksum(ours.as_raw()), case["digest"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn levels_become_numbers_round_zero_channels_first() {
    let mut image = RgbImage::from_pixel(256, 256, Rgb([127, 255, 0]));
    let x = picture(&image, 224);
    assert_eq!(x.dim(), (3, 224, 224));
    let corner = [x[[0, 0, 0]], x[[1, 0, 0]], x[[2, 0, 0]]];
    assert_eq!(corner, [0.0, 1.0, -127.0 / 128.0]);
    // The cut leaves what is at its offset: 16 of 256.
    image.put_pixel(20, 17, Rgb([255, 255, 0]));
    let x = picture(&image, 224);
    assert_eq!((x[[0, 1, 4]], x[[0, 4, 1]]), (1.0, 0.0));
}

#[test]
fn a_picture_of_any_size_is_a_picture() {
    for (width, height) in [(1, 1), (1, 5000), (5000, 1), (2, 2), (3, 300), (16_000, 9)] {
        let image = RgbImage::from_pixel(width, height, Rgb([10, 200, 90]));
        let small = square(&image, 224);
        assert!(small.pixels().all(|p| p.0 == [10, 200, 90]), "{width} × {height}");
    }
    assert_eq!(picture(&RgbImage::new(0, 0), 224).sum(), 0.0);
}

/// Grey, transparent, of 16 bits or all of them: the same picture.
#[test]
fn files_of_every_kind_show_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let grey = |x: u32, y: u32| ((x * 7 + y * 3) % 256) as u8;
    let plain = RgbImage::from_fn(90, 70, |x, y| Rgb([grey(x, y); 3]));
    let kinds: [DynamicImage; 6] = [
        DynamicImage::ImageRgb8(plain.clone()),
        DynamicImage::ImageRgb8(plain.clone()).into_luma8().into(),
        DynamicImage::ImageRgb8(plain.clone()).into_rgb16().into(),
        DynamicImage::ImageRgb8(plain.clone()).into_luma16().into(),
        DynamicImage::ImageRgb8(plain.clone()).into_rgba8().into(),
        DynamicImage::ImageRgb8(plain.clone()).into_luma_alpha16().into(),
    ];
    for (i, kind) in kinds.iter().enumerate() {
        let path = folder.path().join(format!("{i}.png"));
        kind.save(&path).unwrap();
        assert_eq!(colours(&path).unwrap(), plain, "kind {i}");
        assert_eq!(read(&path).unwrap(), picture(&plain, 224));
    }
}

#[test]
fn what_is_transparent_is_white() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.png");
    let levels = |path| colours(path).unwrap().pixels().map(|p| p.0).collect::<Vec<_>>();
    let pixels: GrayAlphaImage =
        ImageBuffer::from_fn(3, 1, |x, _| LumaA([100, [0, 128, 255][x as usize]]));
    pixels.save(&path).unwrap();
    assert_eq!(levels(&path), [[255; 3], [177; 3], [100; 3]]);
    let pixels: ImageBuffer<Rgba<u16>, _> =
        ImageBuffer::from_fn(2, 1, |x, _| Rgba([0, 25_700, 65_535, [0, 65_535][x as usize]]));
    pixels.save(&path).unwrap();
    assert_eq!(levels(&path), [[255; 3], [0, 100, 255]]);
}
