//! Constant, in steps, cosine, and cosine after a warm-up: equal epochs, the same seeds.

use anyhow::Result;
use learning::FashionMnist;
use learning::bootstrap::{mean, over_seeds, paired_runs};
use notebook::{Estimate, Recorder, Table};

use super::common::{BATCH, differences, halves, recipe, train};
use crate::schedule::{Course, Schedule};
use crate::{Garments, Optimizer, Recipe, answers};

/// Seeds of each schedule: their differences are small, so there are more than elsewhere.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;
/// How often all garments are seen.
const EPOCHS: u64 = 2;
/// The highest rate, the same for all: above Adam's best constant one.
const RATE: f64 = 2e-3;

/// The four, for a training of `steps`.
fn four(steps: u64) -> [(&'static str, &'static str, Schedule); 4] {
    let (rate, warm_up) = (RATE, steps / 20);
    let course = Course::Step { every: steps / 4, factor: 0.4 };
    [
        ("constant", "constant", Schedule::constant(rate)),
        ("step", "steps", Schedule { course, ..Schedule::constant(rate) }),
        ("cosine", "cosine", Schedule::cosine(rate, 0)),
        ("warm-up", "warm-up and cosine", Schedule::cosine(rate, warm_up)),
    ]
}

/// Accuracy and loss under each schedule, and paired differences to the constant rate.
pub fn schedules(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let split = halves(&data.train, &mut rng);
    let steps = EPOCHS * (split.learn.len() / BATCH) as u64;
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS.count());
    recorder.value("rate", RATE);
    recorder.value("steps", steps);
    let mut table = Table::new([
        "Schedule",
        "Training loss at the end | fixed 3",
        "Validation accuracy | percent 2",
        "Over the constant rate, points | fixed 2",
    ]);
    let (mut all, mut curves) = (Vec::new(), Vec::new());
    for (key, name, schedule) in four(steps) {
        let (mut right, mut losses) = (Vec::new(), Vec::new());
        for seed in SEEDS {
            let recipe = recipe(&split.learn, Optimizer::ADAM, schedule, seed);
            let mut run = train(recorder, &Recipe { epochs: EPOCHS, ..recipe })?;
            right.push(answers::right(&mut run.engine, &Garments::new(&split.choose))?);
            losses.push(run.losses);
        }
        let end: Vec<f64> = losses.iter().map(|l| mean(&l[l.len() - 100..])).collect();
        recorder.value(&format!("loss/{key}"), mean(&end));
        recorder.estimate(&format!("accuracy/{key}"), over_seeds(&right, &mut rng));
        curves.push((name, losses));
        all.push((key, name, right, end));
    }
    for (key, name, right, end) in &all {
        let gain = over_seeds(&paired_runs(right, &all[0].2), &mut rng);
        let accuracy = mean(&right.iter().map(|right| mean(right)).collect::<Vec<_>>());
        table.row([
            (*name).into(),
            mean(end).into(),
            accuracy.into(),
            (100.0 * gain.estimate).into(),
        ]);
        if *key != "constant" {
            recorder.estimate(&format!("gain/{key}"), gain);
        }
    }
    recorder.table("schedules", table);
    let over_cosine = over_seeds(&paired_runs(&all[3].2, &all[2].2), &mut rng);
    recorder.estimate("gain/warm-up-over-cosine", over_cosine);
    let lower = |end: &[f64]| Estimate::over_runs(&differences(&all[0].3, end)).low > 0.0;
    recorder
        .claim("falling-rates-end-lower", "All three schedules that fall to the end leave a lower training loss than the constant rate, with the whole paired interval over seeds.")
        .all(all[1..].iter().filter(|(.., end)| lower(end)).count(), 3, "schedules");
    shapes(recorder, steps);
    let series = recorder.series("loss", "Step", []);
    for (name, losses) in &curves {
        series.smoothed(name, losses, 40);
    }
    Ok(())
}

/// The rate of each schedule through training.
fn shapes(recorder: &mut Recorder, steps: u64) {
    let at: Vec<u64> = (0..=200).map(|i| (i * (steps - 1)) / 200).collect();
    let series = recorder.series("shapes", "Step", at.iter().map(|&step| step as f64));
    for (_, name, schedule) in four(steps) {
        series.curve(name, at.iter().map(|&step| schedule.at(step, steps)));
    }
}
