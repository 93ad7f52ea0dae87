//! Double descent in trained networks: widths from 5 to 177 on MNIST-1D, with wrong labels and without, beside what its
//! authors published.

use std::sync::atomic::AtomicBool;

use anyhow::Result;
use learning::bootstrap::mean;
use notebook::{Estimate, Recorder, Rng, Table};
use optimization::{Trainer, answers, unwatched};
use rand::SeedableRng as _;

use super::common::each;
use crate::mnist1d::{LENGTH, Signals, signals};
use crate::signals_network::{begin, recipe};

/// Widths of both hidden layers: a part of those of the notebook, without its widest, which would take as long as all others, and its narrowest, which hardly
/// learns.
const WIDTHS: [usize; 9] = [5, 9, 16, 27, 36, 47, 61, 104, 177];
/// Test errors of the notebook, with noise and without, in per cent: one seed, 12,000 test signals.
const PUBLISHED: [[f64; 9]; 2] = [
    [57.45, 48.97, 47.24, 50.69, 52.80, 54.05, 54.02, 50.23, 47.88],
    [61.37, 49.33, 44.55, 41.02, 41.66, 41.01, 41.24, 38.61, 38.09],
];
const ARMS: [&str; 2] = ["noisy", "clean"];
const NOISE: f64 = 0.15;
const EPOCHS: u64 = 500;
const SEEDS: u64 = 3;
const TRAIN: usize = 4000;
const TEST: usize = 12_000;

/// One training.
#[derive(Clone, Copy)]
struct Job {
    width: usize,
    arm: usize,
    seed: u64,
}

/// What came of it.
#[derive(Clone, Copy)]
struct Found {
    training: f64,
    test: f64,
    weights: f64,
}

/// The experiment.
pub fn descent_trained(recorder: &mut Recorder) -> Result<()> {
    // Those that take equally long stand side by side.
    let of_width =
        |width| (1..=SEEDS).flat_map(move |seed| [0, 1].map(|arm| Job { width, arm, seed }));
    let jobs: Vec<Job> = WIDTHS.into_iter().flat_map(of_width).collect();
    let found = each(recorder, &jobs, |job| train(*job))?;
    let get = |arm: usize, width: usize, of: fn(&Found) -> f64| -> Vec<f64> {
        let these = jobs.iter().zip(&found).filter(|(job, _)| job.arm == arm && job.width == width);
        these.map(|(_, found)| of(found)).collect()
    };
    settings(recorder);
    for &width in &WIDTHS {
        recorder.value(&format!("weights/{width}"), get(0, width, |found| found.weights)[0] as u64);
    }
    for arm in 0..2 {
        curves(recorder, arm, &|width, of| get(arm, width, of));
    }
    table(recorder, &get);
    let peak = noisy(recorder, &|width| get(0, width, |found| found.test));
    recorder.value("noisy/peak/weights", get(0, peak, |found| found.weights)[0] as u64);
    clean(recorder, &|width| get(1, width, |found| found.test));
    published(recorder, &get);
    Ok(())
}

fn train(job: Job) -> Result<Found> {
    let [train, test] = signals(TRAIN, TEST, job.seed);
    let learned = match job.arm {
        0 => train.with_noise(NOISE, &mut Rng::seed_from_u64(100 + job.seed)),
        _ => train,
    };
    let recipe = recipe(&learned, job.width, EPOCHS, job.seed);
    let engine = begin(&recipe)?;
    let mut trainer = Trainer::with(recipe, engine)?;
    trainer.run(&AtomicBool::new(false), &mut unwatched)?;
    let mut engine = trainer.into_engine();
    let weights = engine.weights().iter().map(|tensor| tensor.data.len()).sum::<usize>() as f64;
    let mut error = |signals: &Signals| answers::accuracy(&mut engine, &signals).map(|a| 1.0 - a);
    Ok(Found { training: error(&learned)?, test: error(&test)?, weights })
}

fn settings(recorder: &mut Recorder) {
    recorder.value("train", TRAIN);
    recorder.value("test", TEST);
    recorder.value("noise", NOISE);
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS);
    recorder.value("widths", WIDTHS.len());
    recorder.value("numbers", LENGTH);
}

fn band(values: &[f64]) -> [f64; 3] {
    let found = Estimate::over_runs(values);
    [found.low, found.value, found.high]
}

fn difference(a: &[f64], b: &[f64]) -> Estimate {
    let pairs: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    Estimate::over_runs(&pairs)
}

/// A number of each seed, by width.
type Get<'a> = dyn Fn(usize, fn(&Found) -> f64) -> Vec<f64> + 'a;

/// The same by arm and width.
type OfArm<'a> = dyn Fn(usize, usize, fn(&Found) -> f64) -> Vec<f64> + 'a;

fn curves(recorder: &mut Recorder, arm: usize, get: &Get<'_>) {
    let name = ARMS[arm];
    let tests: Vec<[f64; 3]> = WIDTHS.iter().map(|&w| band(&get(w, |f| f.test))).collect();
    let training: Vec<[f64; 3]> = WIDTHS.iter().map(|&w| band(&get(w, |f| f.training))).collect();
    for (width, (test, training)) in WIDTHS.iter().zip(tests.iter().zip(&training)) {
        recorder.estimate(&format!("{name}/test/{width}"), *test);
        recorder.estimate(&format!("{name}/training/{width}"), *training);
    }
    let series = recorder.series(name, "Hidden units of a layer", WIDTHS.map(|w| w as f64));
    series.banded("test", tests).banded("training", training);
    series.curve("published", PUBLISHED[arm].map(|percent| percent / 100.0));
}

fn table(recorder: &mut Recorder, get: &OfArm<'_>) {
    let mut table = Table::new([
        "Hidden units | int",
        "Weights | int",
        "Training error | percent 1",
        "Test error | percent 1",
        "Published | percent 1",
        "Test error without noise | percent 1",
        "Published without noise | percent 1",
    ]);
    for (i, &width) in WIDTHS.iter().enumerate() {
        let weights = get(0, width, |f| f.weights)[0] as u64;
        table.row([
            width.into(),
            weights.into(),
            mean(&get(0, width, |f| f.training)).into(),
            mean(&get(0, width, |f| f.test)).into(),
            (PUBLISHED[0][i] / 100.0).into(),
            mean(&get(1, width, |f| f.test)).into(),
            (PUBLISHED[1][i] / 100.0).into(),
        ]);
    }
    recorder.table("errors", table);
}

/// Where the error is lowest before the hump, highest, and then again. Gives the width of the hump.
fn noisy(recorder: &mut Recorder, error: &dyn Fn(usize) -> Vec<f64>) -> usize {
    let at = |width: &usize| mean(&error(*width));
    let valley = *WIDTHS[..4].iter().min_by(|a, b| at(a).total_cmp(&at(b))).unwrap_or(&16);
    let hump = WIDTHS.iter().filter(|width| **width > valley);
    let peak = *hump.max_by(|a, b| at(a).total_cmp(&at(b))).unwrap_or(&47);
    let widest = WIDTHS[WIDTHS.len() - 1];
    recorder.value("noisy/valley", valley);
    recorder.value("noisy/peak", peak);
    let rise = difference(&error(peak), &error(valley));
    let fall = difference(&error(peak), &error(widest));
    recorder.estimate("noisy/rise", rise);
    recorder.estimate("noisy/fall", fall);
    recorder.estimate("noisy/second-below-first", difference(&error(valley), &error(widest)));
    recorder
        .claim("hump", "With noise the test error rises from the first valley to the hump and falls behind it, each with the whole paired interval over seeds.")
        .record(rise.low > 0.0 && fall.low > 0.0, format!(
            "{} up and {} down",
            rise.in_words(notebook::Format::Points(1)),
            fall.in_words(notebook::Format::Points(1)),
        ));
    peak
}

/// Without noise: does any width have a higher error than a narrower one?
fn clean(recorder: &mut Recorder, error: &dyn Fn(usize) -> Vec<f64>) {
    let mut rises = Vec::new();
    for (i, &wide) in WIDTHS.iter().enumerate() {
        for &narrow in &WIDTHS[..i] {
            let rise = difference(&error(wide), &error(narrow));
            if rise.value > 0.0 {
                rises.push((narrow, wide, rise));
            }
        }
    }
    let largest = rises.iter().max_by(|a, b| a.2.value.total_cmp(&b.2.value));
    if let Some((narrow, wide, rise)) = largest {
        recorder.value("clean/rise/from", *narrow);
        recorder.value("clean/rise/to", *wide);
        recorder.estimate("clean/rise", *rise);
    }
    recorder.value("clean/rises", rises.len());
    let pairs = WIDTHS.len() * (WIDTHS.len() - 1) / 2;
    recorder.value("clean/pairs", pairs);
    let sure = rises.iter().filter(|(_, _, rise)| rise.low > 0.0).count();
    recorder
        .claim("no-hump-without-noise", "Without noise no network has a higher test error than a narrower one by a paired interval above zero.")
        .all(pairs - sure, pairs, "pairs of widths");
}

/// How far ours are from the published errors.
fn published(recorder: &mut Recorder, get: &OfArm<'_>) {
    for (arm, name) in ARMS.iter().enumerate() {
        let off = |(i, &width): (usize, &usize)| {
            (mean(&get(arm, width, |f| f.test)) - PUBLISHED[arm][i] / 100.0).abs()
        };
        let offs: Vec<f64> = WIDTHS.iter().enumerate().map(off).collect();
        let most = offs.iter().copied().fold(0.0, f64::max);
        recorder.value(&format!("{name}/off/most"), most);
        recorder.value(&format!("{name}/off/mean"), mean(&offs));
    }
}
