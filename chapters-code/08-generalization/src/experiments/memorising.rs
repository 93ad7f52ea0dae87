//! Can the network learn what has nothing to be learned? Labels by lot, and
//! pixels that are shuffled (Zhang et al., 2017).

use std::ops::ControlFlow;

use anyhow::Result;
use learning::bootstrap::mean;
use learning::fashion::CLASSES;
use learning::{FashionMnist, Labelled, split};
use notebook::{Estimate, Recorder, Rng, Table};
use optimization::mlp::{WIDTHS, mlp};
use optimization::{Garments, answers};
use rand::{RngExt as _, SeedableRng as _};

use super::common::each;
use crate::corruption::Corruption;
use crate::fit::Training;
use crate::regularisers::Regularisers;

/// Garments to learn.
const LEARN: usize = 5_000;
/// Epochs after which nobody waits any longer, and those that all arms train.
const MOST: u64 = 300;
/// Trainings of each arm.
const SEEDS: u64 = 3;

/// An arm: key, name, and what is done to its garments.
type Arm = (&'static str, &'static str, Corruption);
/// The arms, from the data as they are to pixels without any order.
const ARMS: [Arm; 6] = [
    ("true", "true labels", Corruption::Labels(0.0)),
    ("fifth", "20 % by lot", Corruption::Labels(0.2)),
    ("half", "50 % by lot", Corruption::Labels(0.5)),
    ("lot", "all by lot", Corruption::Labels(1.0)),
    ("shuffled", "pixels shuffled alike", Corruption::OneShuffle),
    ("each", "each shuffled its own way", Corruption::OwnShuffle),
];

/// Test garments that are asked about after every epoch; at the end it is all.
const ASKED: usize = 2_000;

/// What one training came to.
struct Run {
    /// Mean training loss, epoch by epoch.
    losses: Vec<f64>,
    /// The epoch after which all labels were found.
    fitted: Option<u64>,
    /// Epoch by epoch, of garments with a wrong label the share that is given
    /// its true class, and the share that is given its label; of test garments
    /// the share that is found.
    course: Vec<[f64; 3]>,
    /// For each test garment at the end: is it found?
    right: Vec<f64>,
}

/// Every arm, three times.
pub fn memorising(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let draws: Vec<(Vec<usize>, u64)> = (0..SEEDS)
        .map(|_| (split::draw(LEARN, data.train.len(), &mut rng), rng.random()))
        .collect();
    let jobs: Vec<(usize, usize)> =
        (0..ARMS.len()).flat_map(|arm| (0..draws.len()).map(move |seed| (arm, seed))).collect();
    let runs = each(recorder, &jobs, |&(arm, seed)| {
        let (rows, dice) = &draws[seed];
        let right = data.train.select(rows);
        // The same dice for both sets, so that pixels are shuffled alike.
        let [learn, test] = [&right, &data.test].map(|set| {
            let labels = matches!(ARMS[arm].2, Corruption::Labels(_)) && set.len() != LEARN;
            let mut dice = Rng::seed_from_u64(*dice);
            if labels { set.clone() } else { ARMS[arm].2.apply(set, &mut dice) }
        });
        train(&learn, right.y(), &test, seed as u64 + 1)
    })?;
    let arms: Vec<&[Run]> = runs.chunks(draws.len()).collect();
    recorder.value("garments", LEARN);
    recorder.value("seeds", draws.len());
    recorder.value("most", MOST);
    recorder.value("weights", mlp::<f32>()?.parameters());
    table(recorder, &arms);
    curves(recorder, &arms);
    claims(recorder, &arms);
    Ok(())
}

/// Trains until all labels are found, and looks after every epoch.
fn train(learn: &Labelled, truth: &[u8], test: &Labelled, seed: u64) -> Result<Run> {
    let training = Training { learn, widths: &WIDTHS, epochs: MOST, seed };
    let (mut losses, mut sum, mut course, mut fitted) = (vec![], vec![], vec![], None);
    let asked = test.select(&(0..ASKED).collect::<Vec<_>>());
    let mut fit = training.fit(&Regularisers::default(), 1, &mut |step, engine| {
        sum.push(step.loss);
        if !step.epoch_ends {
            return Ok(ControlFlow::Continue(()));
        }
        losses.push(mean(&std::mem::take(&mut sum)));
        let found = answers::classify(engine, &Garments::new(learn))?;
        let [through, by_heart] = mislabelled(&found, learn.y(), truth);
        course.push([through, by_heart, answers::accuracy(engine, &Garments::new(&asked))?]);
        if found != learn.y() {
            return Ok(ControlFlow::Continue(()));
        }
        fitted = Some(step.epoch + 1);
        Ok(ControlFlow::Break(()))
    })?;
    let right = answers::right(&mut fit.engine, &Garments::new(test))?;
    Ok(Run { losses, fitted, course, right })
}

/// Of the garments with a wrong label, how many are given their true class, and
/// how many their label.
fn mislabelled(found: &[u8], labels: &[u8], truth: &[u8]) -> [f64; 2] {
    let cases = || found.iter().zip(labels).zip(truth).filter(|((_, label), truth)| label != truth);
    let all = cases().count().max(1) as f64;
    let [through, by_heart] = [
        cases().filter(|((found, _), truth)| found == truth).count(),
        cases().filter(|((found, label), _)| found == label).count(),
    ];
    [through as f64 / all, by_heart as f64 / all]
}

/// Epochs to fit and what became of test garments, for each arm.
fn table(recorder: &mut Recorder, arms: &[&[Run]]) {
    let mut table = Table::new([
        "Data",
        "Fitted, of all trainings | int",
        "Epochs to fit | fixed 0",
        "Test garments found | percent 1",
    ]);
    for ((key, name, _), runs) in ARMS.iter().zip(arms) {
        let fitted = runs.iter().filter(|run| run.fitted.is_some()).count();
        // Those that are not there yet count with the epochs that they were given.
        let epochs: Vec<f64> = runs.iter().map(|run| run.fitted.unwrap_or(MOST) as f64).collect();
        let rights: Vec<&[f64]> = runs.iter().map(|run| &run.right[..]).collect();
        let test = Estimate::over_runs_and_cases(&rights);
        recorder.value(&format!("fitted/{key}"), fitted);
        recorder.estimate(&format!("epochs/{key}"), Estimate::over_runs(&epochs));
        recorder.estimate(&format!("test/{key}"), test);
        table.row([(*name).into(), fitted.into(), mean(&epochs).into(), test.value.into()]);
    }
    recorder.table("arms", table);
}

/// Losses of all arms as long as all of an arm's trainings last, and the course
/// of the arms with some labels by lot.
fn curves(recorder: &mut Recorder, arms: &[&[Run]]) {
    for ((key, name, _), runs) in ARMS.iter().zip(arms) {
        let epochs = runs.iter().map(|run| run.losses.len()).min().unwrap_or(0);
        let over = |of: &dyn Fn(&Run, usize) -> f64, epoch| {
            mean(&runs.iter().map(|run| of(run, epoch)).collect::<Vec<_>>())
        };
        let x = || (1..=epochs).map(|epoch| epoch as f64);
        let losses = (0..epochs).map(|epoch| over(&|run, epoch| run.losses[epoch], epoch));
        recorder.series(&format!("loss/{key}"), "Epoch", x()).curve(name, losses);
        if !["fifth", "half"].contains(key) {
            continue;
        }
        let series = recorder.series(&format!("course/{key}"), "Epoch", x());
        let names = ["given the true class", "given the wrong label", "test garments found"];
        for (which, name) in names.into_iter().enumerate() {
            let of = |run: &Run, epoch: usize| run.course[epoch][which];
            series.curve(name, (0..epochs).map(|epoch| over(&of, epoch)));
        }
    }
}

/// What the page says of them.
fn claims(recorder: &mut Recorder, arms: &[&[Run]]) {
    let all: usize = arms.iter().map(|runs| runs.len()).sum();
    let fitted = arms.iter().flat_map(|runs| runs.iter()).filter(|run| run.fitted.is_some());
    let fitted = fitted.count();
    recorder
        .claim(
            "everything-is-fitted",
            "Every training finds all its labels, whatever was done to labels or pixels.",
        )
        .all(fitted, all, "trainings");
    let later = arms[3]
        .iter()
        .zip(arms[0])
        .filter(|(lot, truth)| lot.fitted.unwrap_or(MOST) > truth.fitted.unwrap_or(MOST));
    let (later, seeds) = (later.count(), arms[0].len());
    recorder
        .claim(
            "by-lot-takes-longer",
            "Labels by lot take more epochs than true ones, with every seed.",
        )
        .all(later, seeds, "seeds");
    let chance = 1.0 / CLASSES.len() as f64;
    let lot = mean(&arms[3].iter().map(|run| mean(&run.right)).collect::<Vec<_>>());
    recorder
        .claim("by-lot-teaches-nothing", "A network that has learned labels by lot finds as many test garments as chance does, to within three points.")
        .close(lot, chance, 0.03);
    simple_first(recorder, arms[2]);
}

/// Where half of the labels were drawn by lot: how far a training comes with the
/// wrong ones before it knows them by heart.
fn simple_first(recorder: &mut Recorder, runs: &[Run]) {
    // The epoch after which most wrong labels are seen through.
    let peak = |run: &Run| {
        let share = |&epoch: &usize| run.course[epoch][0];
        let epochs = 0..run.course.len();
        epochs.max_by(|a, b| share(a).total_cmp(&share(b))).unwrap_or(0)
    };
    let of = |value: &dyn Fn(&Run) -> f64| -> Vec<f64> { runs.iter().map(value).collect() };
    let through = of(&|run| run.course[peak(run)][0]);
    recorder.estimate("through/most", Estimate::over_runs(&through));
    recorder.estimate("through/epoch", Estimate::over_runs(&of(&|run| (peak(run) + 1) as f64)));
    let then = of(&|run| run.course[peak(run)][2]);
    let last = of(&|run| run.course.last().map_or(0.0, |last| last[2]));
    recorder.estimate("half/then", Estimate::over_runs(&then));
    recorder.estimate("half/last", Estimate::over_runs(&last));
    let lost: Vec<f64> = then.iter().zip(&last).map(|(then, last)| then - last).collect();
    recorder.estimate("half/lost", Estimate::over_runs(&lost));
    let seen = through.iter().filter(|share| **share > 0.5).count();
    recorder
        .claim("true-classes-first", "Where half of the labels were drawn by lot, there is an epoch after which more than half of the garments with a wrong label are given their true class.")
        .all(seen, runs.len(), "trainings");
    recorder
        .claim("by-heart-costs", "From that epoch to the one in which it knows all labels, such a training loses test garments.")
        .above(Estimate::over_runs(&lost), 0.0);
}
