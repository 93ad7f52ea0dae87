//! When to stop: the course of a training that is not stopped, and what each
//! way to stop would have come to.

use std::ops::ControlFlow;

use anyhow::Result;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled, split};
use notebook::{Estimate, Format, Recorder, Table};
use optimization::Garments;
use optimization::mlp::WIDTHS;

use super::common::each;
use super::regularisers::{EPOCHS, FEW, SEEDS};
use crate::ensemble::{Verdict, probabilities};
use crate::fit::{ASIDE, Training};
use crate::regularisers::Regularisers;

/// Epochs without gain after which a training would be stopped.
const PATIENCES: [usize; 4] = [1, 3, 9, 27];

/// What is known after an epoch.
#[derive(Clone, Copy)]
struct Epoch {
    training: f64,
    kept: [f64; 2],
    test: [f64; 2],
}

/// Trains to the end, and stops in thought.
pub fn stopping(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let sets: Vec<(Labelled, Labelled)> = (0..SEEDS)
        .map(|_| {
            let rows = split::draw(FEW, data.train.len(), &mut rng);
            let (kept, learn): (Vec<_>, Vec<_>) =
                rows.iter().enumerate().partition(|(i, _)| i % ASIDE == ASIDE - 1);
            let select = |rows: Vec<(usize, &usize)>| {
                data.train.select(&rows.into_iter().map(|(_, &row)| row).collect::<Vec<_>>())
            };
            (select(learn), select(kept))
        })
        .collect();
    let jobs: Vec<usize> = (0..sets.len()).collect();
    let runs = each(recorder, &jobs, |&i| course(&sets[i], &data.test, i as u64 + 1))?;
    recorder.value("garments", FEW);
    recorder.value("learned", sets[0].0.len());
    recorder.value("kept", sets[0].1.len());
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS);
    curves(recorder, &runs);
    criteria(recorder, &runs);
    Ok(())
}

/// Loss and error after each epoch.
fn course((learn, kept): &(Labelled, Labelled), test: &Labelled, seed: u64) -> Result<Vec<Epoch>> {
    let training = Training { learn, widths: &WIDTHS, epochs: EPOCHS, seed };
    let (mut losses, mut course) = (Vec::new(), Vec::new());
    training.fit(&Regularisers::default(), 1, &mut |step, engine| {
        losses.push(step.loss);
        if step.epoch_ends {
            let mut of = |set: &Labelled| -> optimization::Result<[f64; 2]> {
                let p = probabilities(engine, &Garments::new(set))?;
                let verdict = Verdict::of(p.view(), set.y());
                Ok([mean(&verdict.losses), 1.0 - mean(&verdict.right)])
            };
            let (kept, test) = (of(kept)?, of(test)?);
            course.push(Epoch { training: mean(&std::mem::take(&mut losses)), kept, test });
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(course)
}

/// Means over the trainings, epoch by epoch.
fn curves(recorder: &mut Recorder, runs: &[Vec<Epoch>]) {
    let x = || (1..=runs[0].len()).map(|epoch| epoch as f64);
    let over = |of: &dyn Fn(&Epoch) -> f64| -> Vec<f64> {
        let at = |epoch: usize| mean(&runs.iter().map(|run| of(&run[epoch])).collect::<Vec<_>>());
        (0..runs[0].len()).map(at).collect()
    };
    let [training, loss, error] =
        [over(&|at| at.training), over(&|at| at.test[0]), over(&|at| at.test[1])];
    let series = recorder.series("losses", "Epoch", x());
    series.curve("training", training).curve("test", loss.iter().copied());
    recorder.series("errors", "Epoch", x()).curve("test", error.iter().copied());
    for (key, curve) in [("loss", &loss), ("error", &error)] {
        let lowest = curve.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        let (epoch, value) = lowest.unwrap_or_default();
        recorder.value(&format!("lowest/{key}/epoch"), epoch + 1);
        recorder.value(&format!("lowest/{key}"), value);
        recorder.value(&format!("last/{key}"), curve.last().copied().unwrap_or_default());
    }
}

/// The epoch, from 0, to which a training would have gone back, and the one
/// after which it would have ended.
fn stopped(run: &[Epoch], by: usize, patience: usize) -> (usize, usize) {
    let mut best = 0;
    for (epoch, now) in run.iter().enumerate() {
        if now.kept[by] < run[best].kept[by] {
            best = epoch;
        }
        if epoch - best >= patience {
            return (best, epoch);
        }
    }
    (best, run.len() - 1)
}

/// What each criterion with each patience comes to, against the last epoch.
fn criteria(recorder: &mut Recorder, runs: &[Vec<Epoch>]) {
    let mut table = Table::new([
        "Stopped by",
        "Patience | int",
        "Goes back to epoch | fixed 0",
        "Ends after | fixed 0",
        "Test error | percent 1",
        "Test log-loss | fixed 3",
    ]);
    let last = |of: usize| -> Vec<f64> {
        runs.iter().filter_map(|run| Some(run.last()?.test[of])).collect()
    };
    for (by, name) in ["loss", "error"].into_iter().enumerate() {
        for patience in PATIENCES {
            let at: Vec<(usize, usize)> =
                runs.iter().map(|run| stopped(run, by, patience)).collect();
            let of =
                |value: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..runs.len()).map(value).collect() };
            let best = of(&|i| at[i].0 as f64 + 1.0);
            let end = of(&|i| at[i].1 as f64 + 1.0);
            let [loss, error] = [0, 1].map(|what| of(&|i| runs[i][at[i].0].test[what]));
            let key = format!("{name}/{patience}");
            recorder.estimate(&format!("{key}/best"), Estimate::over_runs(&best));
            recorder.estimate(&format!("{key}/end"), Estimate::over_runs(&end));
            for (what, found) in [("loss", &loss), ("error", &error)] {
                recorder.estimate(&format!("{key}/{what}"), Estimate::over_runs(found));
                let saved = last(usize::from(what == "error"));
                let saved: Vec<f64> = saved.iter().zip(found).map(|(last, at)| last - at).collect();
                recorder.estimate(&format!("{key}/{what}/saved"), Estimate::over_runs(&saved));
            }
            let means = [mean(&best), mean(&end), mean(&error), mean(&loss)].map(Into::into);
            table.row([name.into(), patience.into()].into_iter().chain(means));
        }
    }
    recorder.table("criteria", table);
    later(recorder, runs);
    saves(recorder, runs, &last);
}

/// What the loss gains by going back, and what the error loses by haste.
fn saves(recorder: &mut Recorder, runs: &[Vec<Epoch>], last: &dyn Fn(usize) -> Vec<f64>) {
    let saved = |by: usize, patience: usize, what: usize| {
        let at = runs.iter().map(|run| run[stopped(run, by, patience).0].test[what]);
        Estimate::over_runs(
            &last(what).iter().zip(at).map(|(last, at)| last - at).collect::<Vec<_>>(),
        )
    };
    let loss = saved(0, PATIENCES[2], 0);
    recorder
        .claim("stopping-lowers-the-loss", "Stopped by loss with a patience of nine, test log-losses are lower than at the end, with the whole interval over seeds.")
        .record(loss.low > 0.0, loss.in_words(Format::Fixed(3)));
    recorder
        .claim("haste-costs", "Stopped by loss at the first epoch without gain, networks find fewer test garments than at the end.")
        .below(saved(0, PATIENCES[0], 1), 0.0);
}

/// The two numbers do not turn at the same time.
fn later(recorder: &mut Recorder, runs: &[Vec<Epoch>]) {
    let most = PATIENCES[PATIENCES.len() - 1];
    let turns = |by: usize| runs.iter().map(move |run| stopped(run, by, most).0 as f64);
    let apart: Vec<f64> = turns(1).zip(turns(0)).map(|(error, loss)| error - loss).collect();
    let apart = Estimate::over_runs(&apart);
    recorder.estimate("apart", apart);
    recorder
        .claim("loss-turns-first", "On the garments kept aside the loss is lowest some epochs before the error is, with the whole interval over seeds.")
        .record(apart.low > 0.0, format!("{:.1} epochs ({:.1} to {:.1})", apart.value, apart.low, apart.high));
}
