//! How far a change moves the features, against the distance between two pictures.

use std::f64::consts::TAU;

use ndarray::ArrayView2;
use notebook::{Recorder, Rng, Table};
use rand::RngExt as _;
use rayon::prelude::*;

use crate::describers::{Describer, RAW};
use crate::image::Image;
use crate::photographs::{Photograph, Picture, SCENES, Window};

/// A way to change a picture, applied where the window looks or to what it sees.
type Change = fn(&Photograph, Window, &mut Rng) -> Picture;

/// Pixels along a side of the pictures of the matrix.
const LOOK: usize = 64;

// ANCHOR: changes
/// What is done to a picture, by name. The first four move its content, the last scatters it.
const CHANGES: [(&str, Change); 9] = [
    ("turned 90°", |p, w, _| Window { angle: TAU / 4.0, ..w }.look(p, LOOK)),
    ("turned 30°", |p, w, _| Window { angle: TAU / 12.0, ..w }.look(p, LOOK)),
    ("enlarged 1.25 times", |p, w, _| Window { step: 0.8, ..w }.look(p, LOOK)),
    ("shifted 4 pixels", |p, w, _| {
        Window { centre: (w.centre.0, w.centre.1 + 4.0), ..w }.look(p, LOOK)
    }),
    ("brighter by 20 levels", |p, w, _| w.look(p, LOOK).map(|c| c.map(|v| v + 20.0))),
    ("contrast times 0.7", |p, w, _| w.look(p, LOOK).gain(0.7)),
    ("hue turned 60°", |p, w, _| w.look(p, LOOK).turn_hue(TAU / 6.0)),
    ("noise of 10 levels", |p, w, rng| w.look(p, LOOK).noise(10.0, rng)),
    ("pixels shuffled", |p, w, rng| w.look(p, LOOK).shuffled(rng)),
];
// ANCHOR_END: changes

/// Pictures of each photograph in the matrix.
const PICTURES: usize = 40;

/// How far does each change move each extractor's features, against the distance between pictures?
pub fn invariance(recorder: &mut Recorder) -> anyhow::Result<()> {
    let scenes = Photograph::read_all(recorder, &SCENES)?;
    let mut rng = recorder.rng();
    // The farthest corner of a window turned by 30°, and a shift, stay inside.
    let room = LOOK as f64 * 0.75;
    let windows: Vec<(usize, Window)> = (0..scenes.len() * PICTURES)
        .map(|i| {
            let side = scenes[i % scenes.len()].image.view().width() as f64;
            let mut place = || rng.random_range(room..side - room).floor() + 0.5;
            (i % scenes.len(), Window { centre: (place(), place()), angle: 0.0, step: 1.0 })
        })
        .collect();
    let see = |change: Change, rng: &mut Rng| -> Vec<Image> {
        windows
            .iter()
            .map(|(scene, window)| change(&scenes[*scene], *window, rng).colour())
            .collect()
    };
    let plain = see(|p, w, _| w.look(p, LOOK), &mut rng);
    let changed = CHANGES.map(|(_, change)| see(change, &mut rng));
    let columns = CHANGES.iter().map(|(name, _)| format!("{name} | fixed 2"));
    let mut table = Table::new(std::iter::once("Extractor".to_owned()).chain(columns));
    let progress = recorder.progress(6, "extractors moved");
    let mut moved = Vec::new();
    for describer in progress.over(Describer::all()) {
        let rows = describer.rows(&plain)?;
        let spread = spread(rows.view());
        let shares = changed
            .iter()
            .map(|images| Ok(distance(rows.view(), describer.rows(images)?.view()) / spread));
        let shares = shares.collect::<anyhow::Result<Vec<f64>>>()?;
        table.row(std::iter::once(describer.name().into()).chain(shares.iter().map(|&s| s.into())));
        moved.push((describer.name(), shares));
    }
    drop(progress);
    recorder.value("pictures", windows.len());
    recorder.value("side", LOOK);
    recorder.table("matrix", table);
    let cell = |extractor: &str, change: &str| -> f64 {
        let column = CHANGES.iter().position(|(name, _)| *name == change);
        let row = moved.iter().find(|(name, _)| *name == extractor);
        row.zip(column).map_or(f64::NAN, |((_, shares), column)| shares[column])
    };
    for (key, extractor, change) in [
        ("raw/shift", RAW, "shifted 4 pixels"),
        ("hog/shift", "hog", "shifted 4 pixels"),
        ("hog/turn", "hog", "turned 90°"),
        ("hog/contrast", "hog", "contrast times 0.7"),
        ("lbp/turn", "lbp", "turned 90°"),
        ("lbp/brightness", "lbp", "brighter by 20 levels"),
        ("lbp/noise", "lbp", "noise of 10 levels"),
        ("histogram/noise", "colour-histogram", "noise of 10 levels"),
        ("histogram/brightness", "colour-histogram", "brighter by 20 levels"),
        ("histogram/hue", "colour-histogram", "hue turned 60°"),
        ("hu/turn", "hu", "turned 90°"),
        ("hu/brightness", "hu", "brighter by 20 levels"),
        ("hu/contrast", "hu", "contrast times 0.7"),
        ("glcm/contrast", "glcm", "contrast times 0.7"),
    ] {
        recorder.value(key, cell(extractor, change));
    }
    recorder
        .claim(
            "histogram-forgets-order",
            "Shuffling the pixels does not change the colour histogram at all.",
        )
        .equal(cell("colour-histogram", "pixels shuffled"), 0.0);
    recorder
        .claim("histogram-turns", "A quarter turn does not change the colour histogram at all.")
        .equal(cell("colour-histogram", "turned 90°"), 0.0);
    let never = moved.iter().filter(|(_, shares)| shares.iter().any(|&s| s > 0.5)).count();
    recorder
        .claim("nobody-is-invariant", "Every extractor, and raw pixels too, is moved by some change more than half as far as by another picture.")
        .all(never, moved.len(), "rows have a cell above one half");
    Ok(())
}

/// Distance between two rows.
fn apart(a: ndarray::ArrayView1<'_, f32>, b: ndarray::ArrayView1<'_, f32>) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

/// Mean distance between rows of the same place.
fn distance(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> f64 {
    a.rows().into_iter().zip(b.rows()).map(|(a, b)| apart(a, b)).sum::<f64>() / a.nrows() as f64
}

/// Mean distance between all pairs of rows.
fn spread(rows: ArrayView2<'_, f32>) -> f64 {
    let n = rows.nrows();
    let of_row = |i: usize| (0..i).map(|j| apart(rows.row(i), rows.row(j))).sum::<f64>();
    // Collected in order and then added up, so that the sum does not depend on the threads.
    let sums: Vec<f64> = (0..n).into_par_iter().map(of_row).collect();
    sums.iter().sum::<f64>() / (n * (n - 1) / 2) as f64
}
