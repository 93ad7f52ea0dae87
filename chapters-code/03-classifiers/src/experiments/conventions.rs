//! Where two programs disagree: the floor under the variances, the intercept in the penalty, votes that are equal.

use learning::{FashionMnist, accuracy, split};
use notebook::{Recorder, Table};

use super::MACHINE;
use crate::description::Description;
use crate::model::{Classifier, Fit, Inputs};
use crate::neighbours::votes;
use crate::{LinearSvm, NaiveBayes, Neighbours};

/// Floors that are tried; the first is scikit-learn's.
const FLOORS: [f64; 6] = [1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1];
/// Garments to learn from.
const GARMENTS: usize = 10_000;
/// Constants behind the features; with the larger one the intercept is nearly free.
const CONSTANTS: [f32; 2] = [1.0, 10.0];
/// An even number of neighbours, so that votes can be equal.
const EVEN: usize = 4;

/// Three conventions, and what each of them changes.
pub fn conventions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let train = data.train.select(&split::draw(GARMENTS, data.train.len(), &mut recorder.rng()));
    recorder.value("garments", GARMENTS).unit("garments");
    let pixels = |images: ndarray::ArrayView3<'_, u8>| Description::Pixels.rows(images);
    let (x, new) = (pixels(train.images.view()), pixels(data.test.images.view()));
    let (x, new) = (Inputs::Reals(x.view()), Inputs::Reals(new.view()));
    floors(recorder, (x, train.y()), (new, data.test.y()))?;
    intercepts(recorder, (x, train.y()), (new, data.test.y()))?;
    ties(recorder, &train, &data.test)
}

type Labelled<'a> = (Inputs<'a>, &'a [u8]);

fn floors(recorder: &mut Recorder, train: Labelled<'_>, test: Labelled<'_>) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for floor in FLOORS {
        let model = NaiveBayes { floor }.fit(train.0, train.1)?;
        found.push(accuracy(test.1, &model.predict(test.0)?));
        recorder.value(&format!("floor/{floor:e}"), found[found.len() - 1]);
    }
    let best = found.iter().copied().fold(0.0, f64::max);
    recorder.value("floor/best", best);
    recorder.value("floor/gain", best - found[0]);
    recorder
        .series("floors", "Floor, as a share of the largest variance", FLOORS)
        .curve("naive Bayes on pixels", found.clone());
    recorder
        .claim("floor-matters", "Another floor than the default gets at least one more in a hundred test garments right.")
        .greater(best - found[0], 0.01);
    Ok(())
}

fn intercepts(
    recorder: &mut Recorder,
    train: Labelled<'_>,
    test: Labelled<'_>,
) -> anyhow::Result<()> {
    let fit = |constant| {
        LinearSvm { constant, tolerance: 1e-3, passes: 300, ..MACHINE }.fit(train.0, train.1)
    };
    let [held, freer] = CONSTANTS.map(fit);
    let (held, freer) = (held?, freer?);
    let (a, b) = (held.predict(test.0)?, freer.predict(test.0)?);
    let moved = (&held.intercepts - &freer.intercepts).mapv(f32::abs);
    recorder.value("intercept/moved", f64::from(moved.iter().copied().fold(0.0, f32::max)));
    recorder.value("intercept/other-answers", a.iter().zip(&b).filter(|(a, b)| a != b).count());
    recorder.value("intercept/held", accuracy(test.1, &a));
    recorder.value("intercept/freer", accuracy(test.1, &b));
    recorder.value("intercept/constant", f64::from(CONSTANTS[1]));
    Ok(())
}

fn ties(
    recorder: &mut Recorder,
    train: &learning::Labelled,
    test: &learning::Labelled,
) -> anyhow::Result<()> {
    let samples =
        |garments: &learning::Labelled| Description::Pixels.samples(garments.images.view());
    let model = Neighbours { k: EVEN }.fit(samples(train).view(), train.y())?;
    let near = model.nearest(samples(test).view())?;
    let mut table = Table::new(["Of equal votes", "Accuracy | percent 1"]);
    let answers = |last: bool| -> Vec<u8> {
        let choose = |near: &Vec<crate::neighbours::Neighbour>| {
            let votes = votes(near, train.y(), model.classes());
            let most = votes.iter().copied().max().unwrap_or(0);
            let mut places = (0..votes.len()).filter(|class| votes[*class] == most);
            (if last { places.next_back() } else { places.next() }).unwrap_or(0) as u8
        };
        near.iter().map(choose).collect()
    };
    let (first, last) = (answers(false), answers(true));
    table.row(["the smaller label".into(), accuracy(test.y(), &first).into()]);
    table.row(["the larger label".into(), accuracy(test.y(), &last).into()]);
    recorder.table("ties", table);
    let equal = first.iter().zip(&last).filter(|(a, b)| a != b).count();
    recorder.value("ties/neighbours", EVEN);
    recorder.value("ties/equal", equal);
    recorder.value("ties/smaller", accuracy(test.y(), &first));
    recorder.value("ties/larger", accuracy(test.y(), &last));
    Ok(())
}
