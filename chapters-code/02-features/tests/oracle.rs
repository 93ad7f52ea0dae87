//! The extractors against scikit-image: pictures and values by `tests/peers/02-features.py`.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use std::collections::BTreeMap;
use std::path::Path;

use features::{EXTRACTORS, Extractor, Hog, Hu, Image, features};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixtures {
    images: BTreeMap<String, BTreeMap<String, Vec<f64>>>,
}

fn fixtures() -> Vec<(String, Image, BTreeMap<String, Vec<f64>>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
    let text = std::fs::read_to_string(folder.join("02-features.json")).unwrap();
    let fixtures: Fixtures = serde_json::from_str(&text).unwrap();
    let open =
        |name: &str| Image::open(&folder.join("02-features").join(format!("{name}.png"))).unwrap();
    fixtures
        .images
        .into_iter()
        .map(|(name, expected)| (name.clone(), open(&name), expected))
        .collect()
}

/// `|a − b| ≤ 1e-4·|b| + 1e-12`, value by value.
fn assert_close(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}: number of features");
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-4 * b.abs() + 1e-12, "{what}, feature {i}: {a}, not {b}");
    }
}

#[test]
fn every_extractor_agrees_with_scikit_image() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 10, "{} images", fixtures.len());
    for (name, image, expected) in &fixtures {
        for extractor in EXTRACTORS {
            let what = format!("{} of {name}", extractor.name());
            assert_close(
                &features(extractor, image.view()).unwrap(),
                &expected[extractor.name()],
                &what,
            );
        }
    }
}

#[test]
fn other_parameters_agree_with_scikit_image() {
    let others: [(&str, Box<dyn Extractor>); 3] = [
        ("hu-raw", Box::new(Hu::RAW)),
        ("hog-7", Box::new(Hog::new(9, (7, 7), (2, 2)).unwrap())),
        ("hog-6-4x5-3x2", Box::new(Hog::new(6, (4, 5), (3, 2)).unwrap())),
    ];
    for (name, image, expected) in &fixtures() {
        for (key, extractor) in &others {
            let Some(expected) = expected.get(*key) else { continue };
            // Raw Hu moments are of the rounded levels, whatever the file holds.
            let view = image.view();
            let levels = Image::from_levels(view.width(), view.height(), view.levels().to_vec());
            let of = if *key == "hu-raw" { levels.view() } else { view };
            assert_close(
                &features(extractor.as_ref(), of).unwrap(),
                expected,
                &format!("{key} of {name}"),
            );
        }
    }
}
