//! Where two programs disagree: the extractors by our conventions, which are scikit-image's, and by those of
//! OpenCV and Pillow, as `tests/peers/02-features-conventions.py` wrote them down.

use anyhow::Context as _;
use notebook::{Recorder, Table};
use serde_json::Value;

use crate::glcm::{matrix, properties};
use crate::{EXTRACTORS, Hog, Hu, Image, features};

/// What the others said, and what scikit-image said of the same pictures, from the workspace's root.
pub const PEERS: [&str; 2] =
    ["tests/peers/02-features-conventions.json", "tests/peers/02-features.json"];
/// The folder of the pictures.
const PICTURES: &str = "tests/peers/02-features";

/// The files that the experiment reads.
pub fn paths() -> [String; 4] {
    let picture = |name: &str| format!("{PICTURES}/{name}.png");
    [PEERS[0].into(), PEERS[1].into(), picture("rgb-chelsea-64x80"), picture("grey-camera-96")]
}

/// Our numbers beside those of others.
pub fn conventions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let read = |path: &str| -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&std::fs::read(recorder.data(path))?)?)
    };
    let [theirs, asked] = [read(PEERS[0])?, read(PEERS[1])?];
    for (name, version) in theirs["versions"].as_object().context("versions")? {
        recorder.value(&format!("version/{name}"), version.as_str().context("a version")?);
    }
    let picture = |kind: &str| -> anyhow::Result<(String, Image)> {
        let name = theirs[kind].as_str().context("a picture")?.to_owned();
        let path = recorder.data(PICTURES).join(format!("{name}.png"));
        Ok((name, Image::open(&path)?))
    };
    let (colour, grey) = (picture("colour")?, picture("grey")?);
    same_as_scikit_image(recorder, &asked, [&colour, &grey])?;
    greys_and_colours(recorder, &theirs, &colour.1)?;
    moments(recorder, &theirs, &grey.1)?;
    patterns(recorder, &theirs)?;
    pairs(recorder, &theirs, &grey.1)?;
    gradients(recorder, &theirs, &grey.1)
}

/// The largest difference from scikit-image, relative to the value.
fn same_as_scikit_image(
    recorder: &mut Recorder,
    asked: &Value,
    pictures: [&(String, Image); 2],
) -> anyhow::Result<()> {
    let mut table = Table::new(["Extractor", "Features | int", "Largest difference | sci 0"]);
    for extractor in EXTRACTORS {
        let (mut length, mut largest) = (0, 0.0_f64);
        for (name, image) in pictures {
            let theirs = numbers(&asked["images"][name][extractor.name()]);
            let ours = features(extractor, image.view())?;
            anyhow::ensure!(ours.len() == theirs.len(), "{name} has other features");
            length += ours.len();
            let differences = ours.iter().zip(&theirs).filter(|(_, b)| **b != 0.0);
            largest = differences.map(|(a, b)| ((a - b) / b).abs()).fold(largest, f64::max);
        }
        table.row([extractor.name().into(), length.into(), largest.into()]);
    }
    recorder.table("scikit-image", table);
    Ok(())
}

/// Grey levels by other weights, and a histogram whose channels stand in another order.
fn greys_and_colours(recorder: &mut Recorder, theirs: &Value, image: &Image) -> anyhow::Result<()> {
    let ours: Vec<f64> = image.view().levels().iter().map(|&level| f64::from(level)).collect();
    for program in ["opencv", "pillow"] {
        let theirs = numbers(&theirs["greys"][program]);
        let apart: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).collect();
        let mean = apart.iter().sum::<f64>() / apart.len() as f64;
        recorder.value(&format!("greys/{program}/mean"), mean);
        recorder.value(&format!("greys/{program}/most"), apart.into_iter().fold(0.0, f64::max));
    }
    let (ours, theirs) =
        (features(&crate::ColourHistogram, image.view())?, numbers(&theirs["colours"]));
    let half = |b: &dyn Fn(usize) -> f64| {
        ours.iter().enumerate().map(|(i, a)| (a - b(i)).abs()).sum::<f64>() / 2.0
    };
    recorder.value("colours/as-they-come", half(&|i| theirs[i]));
    let turned = |i: usize| i % 8 * 64 + i / 8 % 8 * 8 + i / 64;
    recorder.value("colours/put-in-order", half(&|i| theirs[turned(i)]));
    Ok(())
}

/// Hu moments of levels and of a greyscale on [0, 1]; the sign of the seventh.
fn moments(recorder: &mut Recorder, theirs: &Value, image: &Image) -> anyhow::Result<()> {
    let theirs = numbers(&theirs["hu"]);
    let [raw, grey] = [features(&Hu::RAW, image.view())?, features(&Hu::GREYSCALE, image.view())?];
    recorder.value("hu/first/levels", raw[0]);
    recorder.value("hu/first/unit", grey[0]);
    recorder.value("hu/first/ratio", grey[0] / raw[0]);
    recorder.value("hu/seventh/ours", raw[6]);
    recorder.value("hu/seventh/opencv", theirs[6]);
    let same = (0..6).filter(|&i| ((raw[i] - theirs[i]) / theirs[i]).abs() < 1e-6).count();
    recorder.value("hu/same", same);
    Ok(())
}

/// Eight neighbours on a square instead of a circle.
fn patterns(recorder: &mut Recorder, theirs: &Value) -> anyhow::Result<()> {
    let patterns = &theirs["patterns"];
    let number = |key: &str| patterns[key].as_f64().context("a count");
    recorder.value("patterns/other-codes", number("other-codes")? / number("pixels")?);
    let shares = |key: &str| numbers(&patterns[key]);
    let apart =
        |a: Vec<f64>, b: Vec<f64>| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0;
    recorder.value("patterns/square", apart(shares("square"), shares("circle")));
    recorder.value("patterns/border", apart(shares("with-border"), shares("circle")));
    Ok(())
}

/// Properties of 256 levels instead of 16, and of pairs counted one way round.
fn pairs(recorder: &mut Recorder, theirs: &Value, image: &Image) -> anyhow::Result<()> {
    let ours = properties(&matrix(image.view(), (1, 0)));
    let mut table = Table::new([
        "Property",
        "16 levels, here | fixed 3",
        "16 levels, one way round | fixed 3",
        "256 levels | fixed 3",
    ]);
    for (at, name) in [(0, "contrast"), (2, "homogeneity"), (3, "energy"), (4, "correlation")] {
        let of = |key: &str| theirs["pairs"][name][key].as_f64().context("a property");
        table.row([name.into(), ours[at].into(), of("16")?.into(), of("256")?.into()]);
    }
    recorder.table("pairs", table);
    Ok(())
}

/// Votes shared between bins and cells, as Dalal and Triggs have it, against votes that are not.
fn gradients(recorder: &mut Recorder, theirs: &Value, image: &Image) -> anyhow::Result<()> {
    let (ours, theirs) = (features(&Hog::DEFAULT, image.view())?, numbers(&theirs["gradients"]));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    recorder.value("gradients/features", ours.len());
    recorder.value(
        "gradients/cosine",
        dot(&ours, &theirs) / (dot(&ours, &ours) * dot(&theirs, &theirs)).sqrt(),
    );
    Ok(())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}
