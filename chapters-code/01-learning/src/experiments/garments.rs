//! What is in the four files: shapes, counts, mean pictures, and garments that occur twice.

use std::collections::HashMap;

use ndarray::ArrayView3;
use notebook::figure::hex;
use notebook::{Recorder, Table};

use crate::classes;
use crate::fashion::CLASSES;
use crate::{FashionMnist, NearestMean};

/// Counts what there is, draws the mean of each class, and looks for copies.
pub fn garments(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let (n, h, w) = data.train.images.dim();
    recorder.value("train", n);
    recorder.value("test", data.test.len());
    recorder.value("height", h);
    recorder.value("width", w);
    recorder.value("features", h * w);
    let (train, test) = (classes::counts(data.train.y()), classes::counts(data.test.y()));
    let mut table =
        Table::new(["Label | int", "Class", "Training images | int", "Test images | int"]);
    for (label, class) in CLASSES.iter().enumerate() {
        table.row([label.into(), (*class).into(), train[label].into(), test[label].into()]);
    }
    recorder.table("classes", table);
    let even = |counts: &[usize]| counts.iter().all(|c| *c == counts[0]);
    recorder
        .claim(
            "balanced",
            "Every class has as many garments as every other, in training and in test.",
        )
        .record(even(&train) && even(&test), format!("{train:?} and {test:?}"));
    let x = data.train.x();
    let rule = NearestMean::fit(x.view(), data.train.y());
    for (label, mean) in rule.means.outer_iter().enumerate() {
        let pixels = mean.iter().map(|&pixel| (255.0 * pixel).round() as u8);
        recorder.value(&format!("mean/{label}"), hex(pixels));
    }
    copies(recorder, &data);
    Ok(())
}

/// Garments whose bytes occur before, and test garments that stand among the training garments.
fn copies(recorder: &mut Recorder, data: &FashionMnist) {
    let seen = first_places(data.train.images.view());
    recorder.value("copies/within-train", data.train.len() - seen.len());
    let twins = data
        .test
        .images
        .outer_iter()
        .enumerate()
        .filter_map(|(row, image)| Some((row, *seen.get(image.as_slice()?)?)));
    let twins: Vec<(usize, usize)> = twins.collect();
    let agree =
        twins.iter().filter(|(test, train)| data.test.labels[*test] == data.train.labels[*train]);
    recorder.value("copies/test-in-train", twins.len());
    recorder.value("copies/same-label", agree.count());
}

/// Where each different picture occurs first.
fn first_places(images: ArrayView3<'_, u8>) -> HashMap<Vec<u8>, usize> {
    let mut places = HashMap::new();
    for (row, image) in images.outer_iter().enumerate() {
        places.entry(image.iter().copied().collect()).or_insert(row);
    }
    places
}
