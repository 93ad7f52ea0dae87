//! Where two programs disagree: the same data judged by our conventions and by those of scikit-learn and
//! SciPy, as `tests/peers/01-learning-conventions.py` wrote them down.

use anyhow::Context as _;
use ndarray::{Array2, s};
use notebook::{Recorder, Table};
use serde_json::Value;

use crate::calibration::{calibration_error, confidences, log_loss, reliability, softmax};
use crate::cross_validation::cross_validate;
use crate::{
    Bootstrap, Confusion, FashionMnist, NearestMean, NearestNeighbour, Standardiser, accuracy,
};

/// What the others said, and what they were asked about, from the workspace's root.
pub const PEERS: [&str; 2] =
    ["tests/peers/01-learning-conventions.json", "tests/peers/01-learning.json"];

/// The garments whose cross-validation is compared.
const FEW: usize = 500;

/// Our numbers beside those of other conventions.
pub fn conventions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let read = |path: &str| -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&std::fs::read(recorder.data(path))?)?)
    };
    let [theirs, asked] = [read(PEERS[0])?, read(PEERS[1])?];
    for (name, version) in theirs["versions"].as_object().context("versions")? {
        recorder.value(&format!("version/{name}"), version.as_str().context("a version")?);
    }
    let data = FashionMnist::of(recorder)?;
    same_rules(recorder, &theirs, &data)?;
    let mut table = Table::new([
        "Number",
        "Here | fixed 3",
        "By the other convention | fixed 3",
        "The other convention",
    ]);
    let number = |path: &str| {
        theirs.pointer(path).and_then(Value::as_f64).with_context(|| format!("no number at {path}"))
    };
    let rows = [
        (
            "macro F1 of 60 answers",
            macro_f1(&asked, 1),
            number("/macro/f1-of-means")?,
            "F1 of the mean precision and the mean recall",
        ),
        (
            "macro F1, a class never answered",
            macro_f1(&asked, 2),
            number("/never-answered/left-out")?,
            "the class is left out",
        ),
        (
            "log-loss of one certain mistake",
            certain_mistake(),
            number("/certain-mistake")?,
            "scikit-learn: the least probability is another",
        ),
        (
            "calibration error",
            error_of_ten_bins(&asked),
            number("/calibration/fifteen-bins")?,
            "fifteen bins instead of ten",
        ),
        (
            "standard deviation of 80 numbers",
            deviation(&asked),
            number("/deviation/n-1")?,
            "division by n − 1",
        ),
        (
            "accuracy over five folds, sorted by class",
            folds(recorder, &data),
            number("/folds/in-order")?,
            "scikit-learn's KFold: folds in the order of the rows",
        ),
    ];
    for (name, ours, other, convention) in rows {
        table.row([name.into(), ours.into(), other.into(), convention.into()]);
    }
    recorder.table("numbers", table);
    intervals(recorder, &theirs)
}

/// Do both rules answer as scikit-learn's for every test garment?
fn same_rules(recorder: &mut Recorder, theirs: &Value, data: &FashionMnist) -> anyhow::Result<()> {
    let (x, y) = (data.train.x(), data.train.y());
    let (new, truth) = (data.test.x(), data.test.y());
    let ours = [
        ("nearest-mean", NearestMean::fit(x.view(), y).predict(new.view())),
        ("nearest-neighbour", NearestNeighbour::fit(x.view(), y).predict(new.view())),
    ];
    for (rule, ours) in ours {
        let digits = theirs["answers"][rule].as_str().context("answers")?;
        let theirs: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
        let differ = ours.iter().zip(&theirs).filter(|(a, b)| a != b).count();
        recorder.value(&format!("{rule}/differ"), differ);
        recorder.value(&format!("{rule}/ours"), accuracy(truth, &ours));
        recorder.value(&format!("{rule}/theirs"), accuracy(truth, &theirs));
    }
    recorder.value("cases", truth.len());
    Ok(())
}

/// Intervals of an accuracy of 28 in 30.
fn intervals(recorder: &mut Recorder, theirs: &Value) -> anyhow::Result<()> {
    let right: Vec<f64> = (0..30).map(|i| f64::from(u8::from(i < 28))).collect();
    let ours = Bootstrap::default().mean(&right, &mut recorder.rng());
    let mut table = Table::new(["Interval", "From | percent 1", "To | percent 1"]);
    table.row(["percentile, here".into(), ours.low.into(), ours.high.into()]);
    let names = [
        ("percentile", "percentile, SciPy"),
        ("bca", "BCa, SciPy's default"),
        ("wilson", "Wilson"),
        ("exact", "exact (Clopper and Pearson)"),
    ];
    for (key, name) in names {
        let ends = &theirs["interval"][key];
        let end = |i: usize| ends[i].as_f64().context("an end");
        table.row([name.into(), end(0)?.into(), end(1)?.into()]);
    }
    recorder.table("intervals", table);
    Ok(())
}

fn labels(value: &Value) -> Vec<u8> {
    numbers(value).iter().map(|&label| label as u8).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn rows(value: &Value) -> Array2<f32> {
    let rows: Vec<Vec<f64>> = value.as_array().into_iter().flatten().map(numbers).collect();
    let columns = rows.first().map_or(0, Vec::len);
    Array2::from_shape_fn((rows.len(), columns), |(i, j)| rows[i][j] as f32)
}

fn macro_f1(asked: &Value, case: usize) -> f64 {
    let case = &asked["predictions"][case];
    Confusion::of(&labels(&case["y"]), &labels(&case["p"])).macro_f1()
}

/// The log-loss of a rule that gave zero to what was true.
fn certain_mistake() -> f64 {
    log_loss(ndarray::array![[0.0, 1.0]].view(), &[0])
}

fn error_of_ten_bins(asked: &Value) -> f64 {
    let case = &asked["probabilities"][0];
    let temperature = case["temperature"].as_f64().unwrap_or(1.0);
    let p = softmax(rows(&case["distances"]).view(), temperature);
    calibration_error(&reliability(&confidences(p.view(), &labels(&case["y"])), 10))
}

fn deviation(asked: &Value) -> f64 {
    let case = &asked["rules"][0];
    let (x, n) = (rows(&case["x"]), numbers(&case["y"]).len());
    let train = case["train"].as_u64().map_or(n, |train| train as usize);
    f64::from(Standardiser::fit(x.slice(s![..train, ..])).deviation[1])
}

/// Five folds of the nearest mean on the first garments, whose order does not matter to them.
fn folds(recorder: &Recorder, data: &FashionMnist) -> f64 {
    let few = data.train.select(&(0..FEW).collect::<Vec<_>>());
    let (x, y) = (few.x(), few.y());
    let rule = |train: &[usize], test: &[usize]| {
        let of = |rows: &[usize]| x.select(ndarray::Axis(0), rows);
        let labels: Vec<u8> = train.iter().map(|&i| y[i]).collect();
        NearestMean::fit(of(train).view(), &labels).predict(of(test).view())
    };
    cross_validate(y, 5, &mut recorder.rng(), rule)
}
