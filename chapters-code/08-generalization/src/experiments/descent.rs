//! Double descent in closed form: features from few to many, with and without a ridge, with and without wrong labels.

use anyhow::Result;
use learning::FashionMnist;
use learning::bootstrap::mean;
use notebook::{Estimate, Recorder, Table};

use super::common::each;
use crate::descent::{Case, Found, NOISE, TESTED};

/// Garments to learn from.
const SAMPLES: usize = 1000;
/// Numbers of features.
const FEATURES: [usize; 18] = [
    30, 100, 200, 300, 500, 700, 850, 950, 1000, 1050, 1150, 1300, 1500, 2000, 3000, 5000, 7000,
    10_000,
];
/// Ridges; none is the first.
const RIDGES: [f64; 6] = [0.0, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
/// Their names in keys and figures.
const NAMES: [&str; 6] = ["none", "0.0001", "0.001", "0.01", "0.1", "1"];
const SEEDS: u64 = 10;
const ARMS: [&str; 2] = ["true", "noisy"];

/// By number of features, and then by seed.
type All = Vec<Vec<Found>>;

/// The experiment.
pub fn descent(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let seeds: Vec<u64> = (1..=SEEDS).collect();
    let seeds = each(recorder, &seeds, |&seed| case(&data, seed))?;
    let all: All =
        (0..FEATURES.len()).map(|i| seeds.iter().map(|found| found[i].clone()).collect()).collect();
    recorder.value("garments", SAMPLES);
    recorder.value("tested", TESTED);
    recorder.value("seeds", SEEDS);
    recorder.value("noise", NOISE);
    recorder.value("fewest", FEATURES[0]);
    recorder.value("most", FEATURES[FEATURES.len() - 1]);
    for (arm, name) in ARMS.iter().enumerate() {
        curves(recorder, &all, arm, name);
        claims(recorder, &all, arm, name);
        ridges(recorder, &all, arm, name);
    }
    singular(recorder, &all);
    table(recorder, &all);
    Ok(())
}

fn case(data: &FashionMnist, seed: u64) -> Result<Vec<Found>> {
    let most = FEATURES[FEATURES.len() - 1];
    let case = Case::draw(data, SAMPLES, most, seed)?;
    FEATURES.iter().map(|&features| Ok(case.fit(features, &RIDGES)?)).collect()
}

/// The place of a number of features.
fn place(features: usize) -> usize {
    FEATURES.iter().position(|&f| f == features).unwrap_or(0)
}

/// One number of each seed.
fn of(all: &All, i: usize, get: impl Fn(&Found) -> f64) -> Vec<f64> {
    all[i].iter().map(get).collect()
}

fn band(values: &[f64]) -> [f64; 3] {
    let found = Estimate::over_runs(values);
    [found.low, found.value, found.high]
}

/// The same of numbers whose ratios count: the interval of their logarithms.
fn ratio_band(values: &[f64]) -> [f64; 3] {
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    band(&logs).map(f64::exp)
}

fn difference(a: &[f64], b: &[f64]) -> Estimate {
    let pairs: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    Estimate::over_runs(&pairs)
}

fn features() -> impl Iterator<Item = f64> {
    FEATURES.iter().map(|&f| f as f64)
}

fn curves(recorder: &mut Recorder, all: &All, arm: usize, name: &str) {
    let each = 0..FEATURES.len();
    let error = |r: usize| move |found: &Found| found.error[arm][r];
    let series = recorder.series(&format!("{name}/error"), "Features N", features());
    for (r, ridge) in NAMES.iter().enumerate() {
        let title = if r == 0 { "no ridge".to_owned() } else { format!("ridge {ridge}") };
        series.banded(&title, each.clone().map(|i| band(&of(all, i, error(r)))));
    }
    let training = each.clone().map(|i| band(&of(all, i, |found| found.training[arm][0])));
    recorder
        .series(&format!("{name}/training"), "Features N", features())
        .banded("training garments", training);
    let norms = each.map(|i| ratio_band(&of(all, i, |found| found.norm[arm][0])));
    recorder
        .series(&format!("{name}/norm"), "Features N", features())
        .banded("length of the weights", norms);
    for at in [30, 300, 500, 1000, 1050, 2000, 10_000] {
        let i = place(at);
        recorder.estimate(&format!("{name}/error/{at}"), band(&of(all, i, error(0))));
        let norms = of(all, i, |found| found.norm[arm][0]);
        recorder.estimate(&format!("{name}/norm/{at}"), ratio_band(&norms));
    }
}

/// The number of features, below that of the samples, with the lowest mean error; and its place.
fn first_valley(all: &All, arm: usize) -> usize {
    let error = |i: &usize| mean(&of(all, *i, |found| found.error[arm][0]));
    (0..place(SAMPLES)).min_by(|a, b| error(a).total_cmp(&error(b))).unwrap_or(0)
}

fn claims(recorder: &mut Recorder, all: &All, arm: usize, name: &str) {
    let error = |i: usize| of(all, i, |found| found.error[arm][0]);
    let norms = |i: usize| of(all, i, |found| found.norm[arm][0]);
    let peak = place(SAMPLES);
    let highest = |get: &dyn Fn(usize) -> Vec<f64>, seed: usize| {
        (0..FEATURES.len()).all(|i| i == peak || get(i)[seed] < get(peak)[seed])
    };
    let seeds = 0..SEEDS as usize;
    recorder
        .claim(
            &format!("{name}/peak-at-n"),
            "In every seed the test error is highest where there are as many features as garments.",
        )
        .all(seeds.clone().filter(|&seed| highest(&error, seed)).count(), seeds.len(), "seeds");
    recorder
        .claim(
            &format!("{name}/longest-at-n"),
            "In every seed the weights are longest where there are as many features as garments.",
        )
        .all(seeds.clone().filter(|&seed| highest(&norms, seed)).count(), seeds.len(), "seeds");
    let (valley, last) = (first_valley(all, arm), FEATURES.len() - 1);
    recorder.value(&format!("{name}/valley"), FEATURES[valley]);
    recorder.estimate(&format!("{name}/valley/error"), band(&error(valley)));
    let gain = difference(&error(valley), &error(last));
    recorder.estimate(&format!("{name}/second-below-first"), gain);
    // With wrong labels the two are too near to each other to be told apart.
    if arm == 0 {
        recorder
        .claim("true/second-is-lower", "With true labels and the most features the test error is lower than at the lowest point with fewer features than garments, with the whole paired interval over seeds.")
        .above(gain, 0.0);
    }
    let fits = (peak..FEATURES.len())
        .all(|i| of(all, i, |f| f.training[arm][0]).iter().all(|e| *e == 0.0));
    recorder
        .claim(&format!("{name}/all-fit"), "From as many features as garments on, no garment that was learned is answered wrongly, in any seed.")
        .record(fits, format!("{} numbers of features, {SEEDS} seeds", FEATURES.len() - peak));
}

/// What a ridge does at the peak and elsewhere.
fn ridges(recorder: &mut Recorder, all: &All, arm: usize, name: &str) {
    let error = |i: usize, r: usize| of(all, i, |found| found.error[arm][r]);
    let peak = place(SAMPLES);
    for (r, ridge) in NAMES.iter().enumerate() {
        recorder.estimate(&format!("{name}/peak/{ridge}"), band(&error(peak, r)));
        recorder.estimate(&format!("{name}/end/{ridge}"), band(&error(FEATURES.len() - 1, r)));
    }
    // How far a ridge's worst number of features, from the first valley on, is above its error with the most.
    let last = FEATURES.len() - 1;
    for (r, ridge) in NAMES.iter().enumerate() {
        let rise = |seed: usize| {
            let from_valley = first_valley(all, arm)..FEATURES.len();
            let worst = from_valley.map(|i| error(i, r)[seed]).fold(0.0, f64::max);
            worst - error(last, r)[seed]
        };
        let rises: Vec<f64> = (0..SEEDS as usize).map(rise).collect();
        recorder.estimate(&format!("{name}/rise/{ridge}"), Estimate::over_runs(&rises));
    }
    let best =
        (1..RIDGES.len()).min_by(|&a, &b| mean(&error(peak, a)).total_cmp(&mean(&error(peak, b))));
    let best = best.unwrap_or(1);
    recorder.value(&format!("{name}/best-ridge"), RIDGES[best]);
    recorder.estimate(&format!("{name}/best-ridge/error"), band(&error(peak, best)));
    let saved = difference(&error(peak, 0), &error(peak, best));
    recorder.estimate(&format!("{name}/best-ridge/saves"), saved);
    recorder
        .claim(&format!("{name}/ridge-removes-the-peak"), "With the ridge that is best there, the error at as many features as garments is below that at the first valley without a ridge, with the whole paired interval over seeds.")
        .below(difference(&error(peak, best), &error(first_valley(all, arm), 0)), 0.0);
    let falls = (1..FEATURES.len())
        .filter(|&i| difference(&error(i, best), &error(i - 1, best)).low <= 0.0)
        .count();
    recorder
        .claim(&format!("{name}/no-rise-with-ridge"), "With that ridge no step to more features raises the test error by a paired interval above zero.")
        .all(falls, FEATURES.len() - 1, "steps");
    let gain = difference(&error(last, 0), &error(last, best));
    recorder.estimate(&format!("{name}/best-ridge/at-the-end"), gain);
}

/// The smallest singular value by the number of features.
fn singular(recorder: &mut Recorder, all: &All) {
    let smallest = |i: usize| of(all, i, |found| found.smallest);
    recorder
        .series("smallest", "Features N", features())
        .banded("smallest singular value", (0..FEATURES.len()).map(|i| ratio_band(&smallest(i))));
    for at in [500, 1000, 2000, 10_000] {
        recorder.estimate(&format!("smallest/{at}"), ratio_band(&smallest(place(at))));
    }
    let peak = place(SAMPLES);
    let least = |seed: &usize| {
        (0..FEATURES.len()).all(|i| i == peak || smallest(i)[*seed] > smallest(peak)[*seed])
    };
    let seeds = 0..SEEDS as usize;
    recorder
        .claim("smallest-at-n", "In every seed the smallest singular value of the features is lowest where there are as many features as garments.")
        .all(seeds.clone().filter(least).count(), seeds.len(), "seeds");
}

fn table(recorder: &mut Recorder, all: &All) {
    let mut table = Table::new([
        "Features | int",
        "Training error | percent 1",
        "Test error | percent 1",
        "Test error, labels with noise | percent 1",
        "Length of the weights | fixed 1",
        "Smallest singular value | fixed 4",
    ]);
    for at in [30, 100, 300, 500, 850, 1000, 1150, 1500, 3000, 10_000] {
        let i = place(at);
        let center = |get: &dyn Fn(&Found) -> f64| mean(&of(all, i, get));
        let middle = |get: &dyn Fn(&Found) -> f64| ratio_band(&of(all, i, get))[1];
        table.row([
            at.into(),
            center(&|found| found.training[0][0]).into(),
            center(&|found| found.error[0][0]).into(),
            center(&|found| found.error[1][0]).into(),
            middle(&|found| found.norm[0][0]).into(),
            middle(&|found| found.smallest).into(),
        ]);
    }
    recorder.table("errors", table);
}
