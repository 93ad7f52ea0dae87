//! A table of results gives 0.926 for "HOG + SVM" without a way to run it again. What does an honest search reach, and what does
//! the one open factor, mirrored garments, add?

use std::time::Instant;

use learning::fashion::Labelled;
use learning::{Bootstrap, FashionMnist, accuracy, correct, split};
use ndarray::{Axis, concatenate, s};
use notebook::{Recorder, Table};

use super::WAVES;
use crate::description::Description;
use crate::evidence::McNemar;
use crate::model::{Classifier, Fit, Inputs};
use crate::random_features::{RandomFeaturesModel, scale_gamma};
use crate::{RandomFeatures, Softmax};

/// What the table says.
pub const CLAIMED: f64 = 0.926;
/// Garments that are searched with, and those that judge the search: both from the training set.
const SEARCH: usize = 6_000;
const JUDGE: usize = 6_000;
/// The settings that are tried.
const INPUTS: [Description; 3] = [Description::Hog, Description::FineHog, Description::All];
const GAMMAS: [f64; 3] = [0.25, 0.5, 1.0];
const CS: [f64; 4] = [10.0, 30.0, 100.0, 300.0];

/// Searches on a part of the training set, then looks at the test set once.
pub fn lamp(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let start = Instant::now();
    let drawn = split::draw(SEARCH + JUDGE, data.train.len(), &mut rng);
    // Every other garment of a sorted draw judges.
    let part = |odd: usize| drawn.iter().copied().skip(odd).step_by(2).collect::<Vec<_>>();
    let (train, judge) = (data.train.select(&part(0)), data.train.select(&part(1)));
    let progress = recorder.progress((INPUTS.len() * GAMMAS.len()) as u64, "kernels");
    let mut table =
        Table::new(["Input", "γ, of the default | fixed 2", "C | int", "Accuracy | percent 1"]);
    let mut best = (0.0, INPUTS[0], GAMMAS[0], CS[0]);
    for input in INPUTS {
        let (x, new) = (input.rows(train.images.view()), input.rows(judge.images.view()));
        let (x, new) = (Inputs::Reals(x.view()), Inputs::Reals(new.view()));
        for gamma in progress.over(GAMMAS) {
            // The waves do not depend on C, so they are computed once.
            let waves = settings(gamma * scale_gamma(x), CS[0]).projection(x)?;
            let (x, new) = (waves.apply(x), waves.apply(new));
            for c in CS {
                let model = softmax(c).fit(Inputs::Reals(x.view()), train.y())?;
                let found = accuracy(judge.y(), &model.predict(Inputs::Reals(new.view()))?);
                table.row([input.title().into(), gamma.into(), c.into(), found.into()]);
                if found > best.0 {
                    best = (found, input, gamma, c);
                }
            }
        }
    }
    drop(progress);
    recorder.table("search", table);
    recorder.value("settings", INPUTS.len() * GAMMAS.len() * CS.len());
    recorder.value("searched-with", SEARCH).unit("garments");
    recorder.timing("search", start.elapsed().as_secs_f64());
    let (found, input, gamma, c) = best;
    recorder.value("validation", found);
    recorder.value("input", input.title());
    recorder.value("gamma", gamma);
    recorder.value("c", c);
    last(recorder, &data, input, (gamma, c))
}

fn softmax(c: f64) -> Softmax {
    Softmax { c, ..WAVES.softmax }
}

fn settings(gamma: f64, c: f64) -> RandomFeatures {
    RandomFeatures { gamma: Some(gamma), softmax: softmax(c), ..WAVES }
}

/// The chosen settings on all training garments, without and with their mirror images, and the test set.
fn last(
    recorder: &mut Recorder,
    data: &FashionMnist,
    input: Description,
    (gamma, c): (f64, f64),
) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let test = input.rows(data.test.images.view());
    let fit = |train: &Labelled| -> anyhow::Result<RandomFeaturesModel> {
        let x = input.rows(train.images.view());
        let x = Inputs::Reals(x.view());
        Ok(settings(gamma * scale_gamma(x), c).fit(x, train.y())?)
    };
    let start = Instant::now();
    let once = fit(&data.train)?.predict(Inputs::Reals(test.view()))?;
    recorder.timing("once", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let twice = fit(&with_mirrored(&data.train))?.predict(Inputs::Reals(test.view()))?;
    recorder.timing("mirrored", start.elapsed().as_secs_f64());
    let (once_hits, twice_hits) = (correct(data.test.y(), &once), correct(data.test.y(), &twice));
    let bootstrap = Bootstrap::default();
    let plain = bootstrap.mean(&once_hits, &mut rng);
    recorder.estimate("accuracy/once", plain);
    let reached = bootstrap.mean(&twice_hits, &mut rng);
    recorder.estimate("accuracy/mirrored", reached);
    recorder.estimate("gain", bootstrap.paired(&twice_hits, &once_hits, &mut rng));
    recorder.value("p", McNemar::of(data.test.y(), &twice, &once).p_value());
    recorder.value("claimed", CLAIMED);
    recorder
        .claim(
            "below",
            "The whole interval of what the search reaches lies below what the table claims, with mirrored garments and without.",
        )
        .less(reached.high.max(plain.high), CLAIMED);
    Ok(())
}

/// The garments, and behind them their mirror images.
fn with_mirrored(garments: &Labelled) -> Labelled {
    let mirrored = garments.images.slice(s![.., .., ..;-1]);
    Labelled {
        images: concatenate![Axis(0), garments.images, mirrored],
        labels: concatenate![Axis(0), garments.labels, garments.labels],
    }
}
