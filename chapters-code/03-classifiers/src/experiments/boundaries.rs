//! Shirts and T-shirts on one plane, and where each model says which.

use learning::fashion::Labelled;
use learning::{FashionMnist, accuracy};
use ndarray::{Array2, Axis};
use notebook::figure::hex;
use notebook::{Recorder, Table};

use super::CONTENDERS;
use crate::description::Description;
use crate::model::Inputs;
use crate::principal::Principal;

/// T-shirt and shirt.
const PAIR: [u8; 2] = [0, 6];
/// Points along a side of the picture.
pub const SIDE: usize = 90;
/// Of the test garments, those that are drawn.
const DRAWN: usize = 150;
/// The picture reaches so many deviations from the middle.
const REACH: f32 = 2.5;

/// Fits every model to two numbers for each garment, and asks it for each point of the plane.
pub fn boundaries(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let (train, labels) = pair(&data.train);
    let (test, truth) = pair(&data.test);
    let hog = |garments: &Labelled| Description::Hog.rows(garments.images.view());
    let (train, test) = (hog(&train), hog(&test));
    let principal = Principal::fit(train.view(), 2);
    let (train, test) = (principal.apply(train.view()), principal.apply(test.view()));
    let deviation = train.std_axis(Axis(0), 0.0);
    let (train, test) = (&train / &deviation, &test / &deviation);
    let at = |i: usize| REACH * (2.0 * (i as f32 + 0.5) / SIDE as f32 - 1.0);
    // The first row of a picture is its top.
    let grid =
        Array2::from_shape_fn(
            (SIDE * SIDE, 2),
            |(i, j)| {
                if j == 0 { at(i % SIDE) } else { -at(i / SIDE) }
            },
        );
    let mut table = Table::new(["Model", "Accuracy on the plane | percent 1"]);
    for model in &CONTENDERS {
        let fitted = (model.fit)(Inputs::Reals(train.view()), &labels)?;
        let found = accuracy(&truth, &fitted.predict(Inputs::Reals(test.view()))?);
        table.row([model.name.into(), found.into()]);
        recorder.value(&format!("accuracy/{}", model.key), found);
        let answers = fitted.predict(Inputs::Reals(grid.view()))?;
        recorder.value(&format!("picture/{}", model.key), hex(picture(&answers, &test, &truth)));
    }
    recorder.table("accuracy", table);
    recorder.value("garments", labels.len()).unit("garments");
    Ok(())
}

/// The garments of the pair; 1 is a shirt.
fn pair(garments: &Labelled) -> (Labelled, Vec<u8>) {
    let rows: Vec<usize> =
        (0..garments.len()).filter(|row| PAIR.contains(&garments.y()[*row])).collect();
    let chosen = garments.select(&rows);
    let labels = chosen.y().iter().map(|label| u8::from(*label == PAIR[1])).collect();
    (chosen, labels)
}

/// Dark where the answer is T-shirt, light where it is shirt, with some garments on it: black T-shirts, white shirts.
fn picture(answers: &[u8], test: &Array2<f32>, truth: &[u8]) -> Vec<u8> {
    let mut picture: Vec<u8> = answers.iter().map(|a| if *a == 1 { 176 } else { 80 }).collect();
    for (point, label) in test.rows().into_iter().zip(truth).take(DRAWN) {
        let place = |v: f32| ((v / REACH + 1.0) / 2.0 * SIDE as f32) as usize;
        if point.iter().all(|v| v.abs() < REACH) {
            let (x, y) = (place(point[0]), SIDE - 1 - place(point[1]).min(SIDE - 1));
            picture[y * SIDE + x.min(SIDE - 1)] = if *label == 1 { 255 } else { 0 };
        }
    }
    picture
}
