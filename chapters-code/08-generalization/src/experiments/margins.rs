//! Do lengths and margins rank the test errors of networks that all fit? Thirty-six of them, and Kendall's correlation.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use learning::Bootstrap;
use notebook::{Estimate, Format, Recorder, Table};
use optimization::{Recipe, Schedule, Trainer, answers};

use super::common::each;
use crate::margins::{kendall, margins, quantile, squares, stretch, travelled};
use crate::mnist1d::{CLASSES, signals};
use crate::signals_network::{begin, recipe};

/// Signals to learn from, and to be tested on.
const TRAIN: usize = 2000;
const TEST: usize = 4000;
const WIDTHS: [usize; 3] = [48, 96, 192];
const BATCHES: [usize; 2] = [25, 100];
const RATES: [f64; 2] = [0.005, 0.02];
const SEEDS: u64 = 3;
/// Training ends after the first epoch whose mean loss is at most this, as in the study of Jiang and others.
const LOSS: f64 = 0.01;
const EPOCHS: u64 = 600;
/// Rounds of power iteration.
const ROUNDS: usize = 200;
/// The measures, and whether more of each is held to be better.
const MEASURES: [(&str, &str, bool); 5] = [
    ("weights", "number of weights", false),
    ("squares", "squared length", false),
    ("travelled", "squared distance from the start", false),
    ("stretch", "product of largest stretches", false),
    ("margin", "margin over that product", true),
];

#[derive(Clone, Copy, PartialEq)]
struct Job {
    width: usize,
    batch: usize,
    rate: f64,
    seed: u64,
}

struct Found {
    error: f64,
    training: f64,
    epochs: u64,
    measures: [f64; 5],
}

/// The experiment.
pub fn measures(recorder: &mut Recorder) -> Result<()> {
    let mut jobs = Vec::new();
    for seed in 1..=SEEDS {
        for width in WIDTHS {
            for batch in BATCHES {
                jobs.extend(RATES.map(|rate| Job { width, batch, rate, seed }));
            }
        }
    }
    let found = each(recorder, &jobs, |job| train(*job))?;
    settings(recorder, &found);
    ranks(recorder, &jobs, &found);
    Ok(())
}

fn train(job: Job) -> Result<Found> {
    let [train, test] = signals(TRAIN, TEST, job.seed);
    let recipe = Recipe {
        batch: job.batch,
        schedule: Schedule::constant(job.rate),
        ..recipe(&train, job.width, EPOCHS, job.seed)
    };
    let of_epoch = recipe.steps_of_epoch();
    let engine = begin(&recipe)?;
    let first = engine.weights();
    let mut trainer = Trainer::with(recipe, engine)?;
    let stop = AtomicBool::new(false);
    let mut sum = 0.0;
    trainer.run(&stop, &mut |step, _| {
        sum += step.loss;
        if step.epoch_ends {
            stop.store(sum / of_epoch as f64 <= LOSS, Ordering::Relaxed);
            sum = 0.0;
        }
        Ok(())
    })?;
    let epochs = trainer.steps_taken() / of_epoch;
    let mut engine = trainer.into_engine();
    let outputs = answers::outputs(&mut engine, &&train)?;
    let margins = margins(&outputs, &train.labels, CLASSES);
    let weights = engine.weights();
    let stretch = stretch(&weights, ROUNDS);
    let numbers: usize = weights.iter().map(|tensor| tensor.data.len()).sum();
    Ok(Found {
        error: 1.0 - answers::accuracy(&mut engine, &&test)?,
        training: margins.iter().filter(|margin| **margin <= 0.0).count() as f64 / TRAIN as f64,
        epochs,
        measures: [
            numbers as f64,
            squares(&weights),
            travelled(&weights, &first),
            stretch,
            quantile(&margins, 0.1) / stretch,
        ],
    })
}

fn settings(recorder: &mut Recorder, found: &[Found]) {
    recorder.value("networks", found.len());
    recorder.value("train", TRAIN);
    recorder.value("test", TEST);
    recorder.value("seeds", SEEDS);
    recorder.value("settings", WIDTHS.len() * BATCHES.len() * RATES.len());
    recorder.value("loss", LOSS);
    let errors: Vec<f64> = found.iter().map(|f| f.error).collect();
    let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let most = errors.iter().copied().fold(0.0, f64::max);
    recorder.value("error/least", least);
    recorder.value("error/most", most);
    let training = found.iter().map(|f| f.training).fold(0.0, f64::max);
    recorder.value("training/most", training);
    recorder.value("epochs/most", EPOCHS);
    recorder.value("ended-by-epochs", found.iter().filter(|f| f.epochs == EPOCHS).count());
    recorder
        .claim(
            "all-fit",
            "Every network answers at least 99 in 100 of its training signals rightly.",
        )
        .less(training, 0.01);
}

/// Rank correlation with the test error over some of the networks; the sign is turned for a measure of which more is better,
/// so that a positive number always says that the measure ranks as it should.
fn correlation(found: &[Found], measure: usize, of: &[usize]) -> f64 {
    let sign = if MEASURES[measure].2 { -1.0 } else { 1.0 };
    let a: Vec<f64> = of.iter().map(|&i| sign * found[i].measures[measure]).collect();
    let b: Vec<f64> = of.iter().map(|&i| found[i].error).collect();
    kendall(&a, &b)
}

/// How a measure ranks: over all networks, and in the mean over groups in which the width, the mini-batch or the rate alone
/// differs.
struct Ranks {
    all: Estimate,
    alone: [f64; 3],
}

fn ranks(recorder: &mut Recorder, jobs: &[Job], found: &[Found]) {
    let mut table = Table::new([
        "Measure",
        "Correlation with the test error | fixed 2",
        "From | fixed 2",
        "To | fixed 2",
        "Width alone differs | fixed 2",
        "Mini-batch alone | fixed 2",
        "Rate alone | fixed 2",
    ]);
    let mut rng = recorder.rng();
    let bootstrap = Bootstrap::default();
    let ranks_of: [Ranks; 5] = std::array::from_fn(|m| {
        let (key, name, _) = MEASURES[m];
        let all = bootstrap.statistic(found.len(), &mut rng, |drawn| correlation(found, m, drawn));
        let all = Estimate::from(all);
        recorder.estimate(&format!("tau/{key}"), all);
        // The share of the pairs that stand in the same order.
        recorder.value(&format!("order/{key}"), (1.0 + all.value) / 2.0);
        let alone: [f64; 3] = [
            within(jobs, found, m, |job| Job { width: 0, ..job }),
            within(jobs, found, m, |job| Job { batch: 0, ..job }),
            within(jobs, found, m, |job| Job { rate: 0.0, ..job }),
        ];
        for (what, tau) in ["width", "batch", "rate"].iter().zip(alone) {
            recorder.value(&format!("tau/{key}/{what}"), tau);
        }
        let mut row = vec![name.into(), all.value.into(), all.low.into(), all.high.into()];
        row.extend(alone.map(notebook::Scalar::from));
        table.row(row);
        for width in WIDTHS {
            let of_width = || jobs.iter().zip(found).filter(move |(job, _)| job.width == width);
            let x = of_width().map(|(_, found)| found.measures[m]);
            recorder
                .series(&format!("points/{key}/{width}"), name, x)
                .curve("test error", of_width().map(|(_, found)| found.error));
        }
        Ranks { all, alone }
    });
    recorder.table("ranks", table);
    claims(recorder, &ranks_of);
}

/// The mean correlation over groups of networks that differ in one thing alone.
fn within(jobs: &[Job], found: &[Found], measure: usize, but: impl Fn(Job) -> Job) -> f64 {
    let mut sum = 0.0;
    for &job in jobs {
        let group: Vec<usize> = (0..jobs.len()).filter(|&i| but(jobs[i]) == but(job)).collect();
        sum += correlation(found, measure, &group);
    }
    sum / jobs.len() as f64
}

/// What the columns say: over all networks, and where one thing alone differs.
fn claims(recorder: &mut Recorder, ranks: &[Ranks; 5]) {
    recorder.value("measures", ranks.len());
    // Four in five in one order leave one in five in the other: a correlation of 0.6.
    let weak = ranks.iter().filter(|rank| rank.all.value.abs() < 0.6).count();
    recorder
        .claim("none-ranks-all", "No measure puts four in five of the pairs of networks in the order of their test errors, or in the opposite one.")
        .all(weak, ranks.len(), "measures");
    let [weights, squares, travelled, stretch, margin] = ranks;
    let wider = weights.all;
    let wider = Estimate { low: -wider.high, value: -wider.value, high: -wider.low };
    recorder.estimate("tau/wider", wider);
    let words = |rank: &Ranks| rank.all.in_words(Format::Fixed(2));
    recorder
        .claim("count-is-upside-down", "The number of weights ranks the networks against their test errors, with the whole interval of the correlation.")
        .record(weights.all.high < 0.0, words(weights));
    let turns = |rank: &&Ranks| {
        let [width, batch, rate] = rank.alone;
        width > 0.0 && batch < 0.0 && rate < 0.0
    };
    recorder
        .claim("norms-turn", "Squared length and squared distance rank with the test errors where the width alone differs, and against them where the mini-batch or the rate does.")
        .all([squares, travelled].into_iter().filter(turns).count(), 2, "measures");
    let holds = |rank: &Ranks| {
        rank.all.low > 0.0 && rank.alone.iter().all(|correlation| *correlation > 0.0)
    };
    recorder
        .claim("stretch-and-margin", "The product of largest stretches and the margin over it rank with the test errors: over all networks with the whole interval, and in the mean where one thing alone differs.")
        .record(holds(stretch) && holds(margin), format!("{} and {}", words(stretch), words(margin)));
}
