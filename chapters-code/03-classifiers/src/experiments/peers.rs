//! What others take for the same jobs and what they reach, as a script wrote it down, beside what ours reach.

use std::collections::BTreeMap;

use learning::{Bootstrap, FashionMnist, accuracy, correct};
use ndarray::{Array2, Axis, concatenate, s};
use notebook::{Recorder, Table};

use super::pixels;
use crate::jobs::{BOOSTING, FEW, MACHINE, NEIGHBOURS, PLANES, SOFTMAX};
use crate::trees::RandomForest;
use crate::{Classifier as _, Description, Fit as _, Inputs, LinearSvmModel, SoftmaxModel};
use crate::{softmax, svm};

/// The file of [`peers`], from the workspace's root.
pub const PEERS: &str = "tests/peers/03-classifiers-time.json";

/// Objectives that differ by a smaller share are equal.
const EQUAL: f64 = 1e-3;

#[derive(serde::Deserialize)]
struct Report {
    processor: String,
    date: String,
    versions: BTreeMap<String, String>,
    seconds: BTreeMap<String, f64>,
    objectives: BTreeMap<String, f64>,
    answers: BTreeMap<String, String>,
}

/// What a fit of ours reached.
struct Reached {
    objective: Option<f64>,
    answers: Vec<u8>,
}

/// Seconds of others; and are ours at least as good at what is timed?
pub fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: Report = serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?)?;
    recorder.value("processor", report.processor.as_str());
    recorder.value("date", report.date.get(..10).unwrap_or(&report.date));
    for (name, version) in &report.versions {
        recorder.value(&format!("version/{name}"), version.as_str());
    }
    for (job, seconds) in &report.seconds {
        recorder.timing(job, *seconds);
    }
    let data = FashionMnist::of(recorder)?;
    let ours = ours(&data)?;
    objectives(recorder, &report, &ours);
    answers(recorder, &report, &ours, data.test.y());
    Ok(())
}

/// The job of a name such as `logreg_fit_60k/scikit-learn`, as ours did it, and whose the other is.
fn of<'a>(ours: &'a BTreeMap<&str, Reached>, name: &'a str) -> Option<(&'a Reached, &'a str)> {
    let (job, whose) = name.split_once('/')?;
    Some((ours.get(job)?, whose))
}

/// What was made small, ours and theirs.
fn objectives(recorder: &mut Recorder, report: &Report, ours: &BTreeMap<&str, Reached>) {
    let mut table = Table::new(["Job", "Whose", "Theirs | fixed 5", "Ours | fixed 5"]);
    let (mut low, mut all) = (0, 0);
    for (name, theirs) in &report.objectives {
        let Some((Reached { objective: Some(objective), .. }, whose)) = of(ours, name) else {
            continue;
        };
        let job = name.split('/').next().unwrap_or_default();
        table.row([job.into(), whose.into(), (*theirs).into(), (*objective).into()]);
        low += usize::from(*objective <= (1.0 + EQUAL) * theirs);
        all += 1;
    }
    recorder.table("objectives", table);
    recorder
        .claim(
            "as-low",
            "Our fits end at objectives that are at most a thousandth above the others'.",
        )
        .all(low, all, "comparisons");
}

/// Test garments that are right, ours and theirs, garment by garment.
fn answers(recorder: &mut Recorder, report: &Report, ours: &BTreeMap<&str, Reached>, truth: &[u8]) {
    let mut rng = recorder.rng();
    let mut table = Table::new([
        "Job",
        "Whose",
        "Theirs right | percent 1",
        "Ours right | percent 1",
        "Other answers | int",
    ]);
    let (mut good, mut all) = (0, 0);
    for (name, theirs) in &report.answers {
        let Some((reached, whose)) = of(ours, name) else { continue };
        let job = name.split('/').next().unwrap_or_default();
        let theirs: Vec<u8> = theirs.bytes().map(|digit| digit.wrapping_sub(b'0')).collect();
        let others = theirs.iter().zip(&reached.answers).filter(|(a, b)| a != b).count();
        let (right, own) = (accuracy(truth, &theirs), accuracy(truth, &reached.answers));
        table.row([job.into(), whose.into(), right.into(), own.into(), others.into()]);
        let hits = (correct(truth, &reached.answers), correct(truth, &theirs));
        let gain = Bootstrap::default().paired(&hits.0, &hits.1, &mut rng);
        recorder.estimate(&format!("gain/{name}"), gain);
        good += usize::from(gain.high >= 0.0);
        all += 1;
    }
    recorder.table("answers", table);
    recorder
        .claim(
            "as-right",
            "None of ours is right for fewer test garments than another, by an interval below zero.",
        )
        .all(good, all, "comparisons");
}

/// Our models of the timed jobs.
fn ours(data: &FashionMnist) -> anyhow::Result<BTreeMap<&'static str, Reached>> {
    let rows = |garments: &learning::Labelled| Description::Pixels.rows(garments.images.view());
    let (x, new, y) = (rows(&data.train), rows(&data.test), data.train.y());
    let (reals, asked) = (Inputs::Reals(x.view()), Inputs::Reals(new.view()));
    let (bytes, asked_bytes) = (pixels(&data.train)?, pixels(&data.test)?);
    let (all, new) = (Inputs::Bytes(bytes), Inputs::Bytes(asked_bytes));
    let few = (x.slice(s![..FEW, ..]), bytes.slice(s![..FEW, ..]), &y[..FEW]);
    let only = |answers| Reached { objective: None, answers };
    let linear = SOFTMAX.fit(reals, y)?;
    let machine = MACHINE.fit(Inputs::Reals(few.0), few.2)?;
    let planes = PLANES.fit(Inputs::Reals(few.0), few.2)?;
    let boosting = BOOSTING.fit(Inputs::Bytes(few.1), few.2)?;
    Ok(BTreeMap::from([
        ("knn_predict_10k_of_60k", only(NEIGHBOURS.fit(all, y)?.predict(new)?)),
        (
            "logreg_fit_60k",
            Reached {
                objective: Some(of_softmax(&linear, &x, y)),
                answers: linear.predict(asked)?,
            },
        ),
        (
            "linear_svm_fit_10k",
            Reached {
                objective: Some(of_machine(&machine, &few.0.to_owned(), few.2)),
                answers: machine.predict(asked)?,
            },
        ),
        (
            "linear_svm_primal_10k",
            Reached {
                objective: Some(of_machine(&planes, &few.0.to_owned(), few.2)),
                answers: planes.predict(asked)?,
            },
        ),
        ("random_forest_fit_60k", only(RandomForest::default().fit(all, y)?.predict(new)?)),
        ("boosting_fit_10k", only(boosting.predict(new)?)),
    ]))
}

/// The samples in 64 bits, with a last column of ones.
fn with_ones(x: &Array2<f32>) -> Array2<f64> {
    concatenate![Axis(1), x.mapv(f64::from), Array2::ones((x.nrows(), 1))]
}

/// Weights in 64 bits, with the intercepts as a last column.
fn planes(weights: &Array2<f32>, intercepts: &ndarray::Array1<f32>) -> Array2<f64> {
    let intercepts = intercepts.mapv(f64::from).insert_axis(Axis(1));
    concatenate![Axis(1), weights.mapv(f64::from), intercepts]
}

/// The objective of softmax regression, by its definition.
fn of_softmax(model: &SoftmaxModel, x: &Array2<f32>, y: &[u8]) -> f64 {
    let w = planes(&model.weights, &model.intercepts);
    let penalty = 1.0 / (SOFTMAX.c * y.len() as f64);
    softmax::plain::objective(with_ones(x).view(), y, w.view(), penalty).0
}

/// The objectives of all classes together, by their definition.
fn of_machine(model: &LinearSvmModel, x: &Array2<f32>, y: &[u8]) -> f64 {
    let (x, w) = (with_ones(x), planes(&model.weights, &model.intercepts));
    let one = |(class, w): (usize, ndarray::ArrayView1<'_, f64>)| {
        let sign = |label: &u8| if usize::from(*label) == class { 1.0 } else { -1.0 };
        let signs: Vec<f64> = y.iter().map(sign).collect();
        svm::plain::objective(x.view(), &signs, MACHINE.c, w)
    };
    w.rows().into_iter().enumerate().map(one).sum()
}
