//! AdaGrad and RMSProp on the sweep of the other rules, and how long their steps are.

use anyhow::Result;
use backprop::Engine;
use learning::FashionMnist;
use learning::bootstrap::mean;
use notebook::{Estimate, Recorder, Table};

use super::common::{SEEDS, Split, differences, each, half_power, halves, range, recipe};
use crate::answers::accuracy;
use crate::{Garments, Optimizer, Schedule, unwatched};

/// Steps at the end of the epoch whose loss counts.
const LAST: usize = 50;
/// The step with which the last is compared.
const EARLY: usize = 20;
/// The rules: key, name, and the half powers of ten of their rates. Adam has its best rate of the sweep.
const RULES: [(&str, &str, Optimizer, [i32; 2]); 3] = [
    ("adagrad", "AdaGrad", Optimizer::ADAGRAD, [-6, -1]),
    ("rmsprop", "RMSProp", Optimizer::RMSPROP, [-8, -3]),
    ("adam", "Adam", Optimizer::ADAM, [-5, -5]),
];

/// A rule at one rate: by seed.
struct Cell {
    rate: f64,
    losses: Vec<f64>,
    accuracies: Vec<f64>,
}

/// The sweep, then steps.
pub fn adaptive(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    recorder.value("seeds", SEEDS.count());
    let mut table = Table::new([
        "Rule",
        "Best rate | sci 0",
        "Training loss | fixed 3",
        "Validation accuracy | percent 1",
        "Below Adam, points | fixed 1",
    ]);
    let mut best = Vec::new();
    for (_, name, rule, [low, high]) in RULES {
        let mut cells = Vec::new();
        for half in low..=high {
            cells.push(cell(recorder, rule, half_power(half), &split)?);
        }
        let lowest = (0..cells.len())
            .min_by(|&a, &b| mean(&cells[a].losses).total_cmp(&mean(&cells[b].losses)));
        let i = lowest.unwrap_or(0);
        let inside = cells.len() == 1 || (i > 0 && i + 1 < cells.len());
        best.push((name, cells.swap_remove(i), inside));
    }
    let adam = best[2].1.accuracies.clone();
    for ((key, ..), (name, cell, _)) in RULES.iter().zip(&best) {
        let behind = Estimate::over_runs(&differences(&adam, &cell.accuracies));
        recorder.value(&format!("{key}/rate"), cell.rate);
        recorder.estimate(&format!("{key}/loss"), range(&cell.losses));
        recorder.estimate(&format!("{key}/accuracy"), range(&cell.accuracies));
        let below = if *key == "adam" { None } else { Some(100.0 * behind.value) };
        if *key != "adam" {
            recorder.estimate(&format!("{key}/behind"), behind);
        }
        table.row([
            (*name).into(),
            cell.rate.into(),
            mean(&cell.losses).into(),
            mean(&cell.accuracies).into(),
            below.into(),
        ]);
    }
    recorder.table("best", table);
    recorder
        .claim("rates-suffice", "The best rate of AdaGrad and of RMSProp is neither the lowest nor the highest that was tried.")
        .all(best[..2].iter().filter(|(.., inside)| *inside).count(), 2, "rules");
    steps(recorder, &best.iter().map(|(_, cell, _)| cell.rate).collect::<Vec<_>>(), &split)
}

fn cell(recorder: &Recorder, rule: Optimizer, rate: f64, split: &Split) -> Result<Cell> {
    let seeds: Vec<u64> = SEEDS.collect();
    let runs = each(recorder, &seeds, |&seed| {
        let recipe = recipe(&split.learn, rule, Schedule::constant(rate), seed);
        let mut run = recipe.train(1, &mut unwatched)?;
        let right = accuracy(&mut run.engine, &Garments::new(&split.choose))?;
        Ok((run.last_loss(LAST), right))
    })?;
    let (losses, accuracies) = runs.into_iter().unzip();
    Ok(Cell { rate, losses, accuracies })
}

/// All weights in one row.
fn flat(engine: &Engine<f32>) -> Vec<f32> {
    engine.weights().into_iter().flat_map(|tensor| tensor.data).collect()
}

/// The root mean square of the weights that are not noughts.
fn size(of: impl Iterator<Item = f32>) -> f64 {
    let (n, sum) =
        of.filter(|x| *x != 0.0).fold((0, 0.0), |(n, sum), x| (n + 1, sum + f64::from(x).powi(2)));
    (sum / f64::from(n.max(1))).sqrt()
}

/// How far a weight that moves moves in a step, in units of the rate: with the first seed, through the epoch.
fn steps(recorder: &mut Recorder, rates: &[f64], split: &Split) -> Result<()> {
    let jobs: Vec<(Optimizer, f64)> =
        RULES.iter().map(|rule| rule.2).zip(rates.iter().copied()).collect();
    let curves = each(recorder, &jobs, |&(rule, rate)| {
        let recipe = recipe(&split.learn, rule, Schedule::constant(rate), *SEEDS.start());
        let mut before = flat(&recipe.begin(1)?);
        let mut sizes = Vec::new();
        recipe.train(1, &mut |_, engine| {
            let after = flat(engine);
            sizes.push(size(after.iter().zip(&before).map(|(a, b)| a - b)) / rate);
            before = after;
            Ok(())
        })?;
        Ok(sizes)
    })?;
    let n = curves[0].len();
    let at: Vec<usize> = (0..=60).map(|i| (n as f64).powf(f64::from(i) / 60.0) as usize).collect();
    let at: Vec<usize> = at
        .into_iter()
        .filter(|&i| i > 0)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let series = recorder.series("steps", "Step", at.iter().map(|&i| i as f64));
    for ((_, name, ..), curve) in RULES.iter().zip(&curves) {
        series.curve(name, at.iter().map(|&i| curve[i - 1]));
    }
    for ((key, ..), curve) in RULES.iter().zip(&curves) {
        let ends = [mean(&curve[EARLY - 10..EARLY + 10]), mean(&curve[n - 20..])];
        recorder.value(&format!("step/{key}/first"), curve[0]);
        recorder.value(&format!("step/{key}/early"), ends[0]);
        recorder.value(&format!("step/{key}/last"), ends[1]);
        recorder.value(&format!("step/{key}/left"), ends[1] / ends[0]);
    }
    recorder.value("step/early-at", EARLY);
    let left = |i: usize| {
        let curve: &Vec<f64> = &curves[i];
        mean(&curve[n - 20..]) / mean(&curve[EARLY - 10..EARLY + 10])
    };
    recorder
        .claim("adagrads-steps-shrink", "From around step 20 to the end of the epoch AdaGrad's steps lose a larger share of their length than RMSProp's.")
        .less(left(0), left(1));
    Ok(())
}
