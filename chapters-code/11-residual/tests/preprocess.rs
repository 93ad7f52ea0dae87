//! Photographs as torchvision prepares them. `tests/peers/11-residual-pillow.py` asked it.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use image::{Rgb, RgbImage};
use representation::preprocess::colours;
use residual::preprocess::{Kernel, SIDE, Way, read, square, tensor};
use serde_json::Value;

fn record() -> Value {
    serde_json::from_str(include_str!("../../../tests/peers/11-residual-pillow.json")).unwrap()
}

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

fn way(case: &Value) -> Way {
    let kernel = if case["kernel"] == "bicubic" { Kernel::Bicubic } else { Kernel::Bilinear };
    Way { shorter: case["side"].as_u64().unwrap() as usize, kernel }
}

#[test]
fn every_byte_is_torchvisions() {
    let record = record();
    let cases = record["cases"].as_array().unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let ours = square(&given(case), way(case));
        let name = format!("{} {} to {}", case["photograph"], case["part"], case["side"]);
        for (row, theirs) in case["rows"].as_object().unwrap() {
            let from = row.parse::<usize>().unwrap() * SIDE * 3;
            let ours = hexadecimal(&ours.as_raw()[from..from + SIDE * 3]);
            assert_eq!(&ours, theirs.as_str().unwrap(), "{name}, row {row}");
        }
        assert_eq!(checksum(ours.as_raw()), case["digest"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn every_level_is_torchvisions_number() {
    let levels = RgbImage::from_fn(256, 1, |x, _| Rgb([x as u8; 3]));
    let (x, record) = (tensor(&levels), record());
    for c in 0..3 {
        for level in 0..256 {
            let theirs = record["levels"][c][level].as_f64().unwrap() as f32;
            assert!((x[[c, 0, level]] - theirs).abs() < 1e-6, "channel {c}, level {level}");
        }
    }
}

#[test]
fn a_picture_of_any_size_is_a_picture() {
    for (width, height) in [(1, 1), (1, 16_384), (16_384, 1), (2, 2), (3, 300), (16_000, 9)] {
        let image = RgbImage::from_pixel(width, height, Rgb([10, 200, 90]));
        for kernel in [Kernel::Bilinear, Kernel::Bicubic] {
            let small = square(&image, Way { shorter: 256, kernel });
            assert!(small.pixels().all(|p| p.0 == [10, 200, 90]), "{width} × {height}");
        }
    }
    assert_eq!(square(&RgbImage::new(0, 0), Way::default()).dimensions(), (224, 224));
    let smaller = Way { shorter: 1, kernel: Kernel::Bilinear };
    assert_eq!(square(&computed(300, 400), smaller).dimensions(), (224, 224));
}

#[test]
fn a_file_is_read_as_it_is_seen() {
    let x = read(&photograph("coffee"), Way::default()).unwrap();
    let image = colours(&photograph("coffee")).unwrap();
    assert_eq!(x, tensor(&square(&image, Way::default())));
}
