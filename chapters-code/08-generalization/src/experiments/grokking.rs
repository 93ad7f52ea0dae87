//! Fit early, generalise late: sums modulo a prime under weight decays from none to strong, and the waves in the weights.

use anyhow::Result;
use learning::bootstrap::mean;
use notebook::{Estimate, Recorder, Table};

use super::common::each;
use crate::grokking::{Setting, Watched};
use crate::spectrum::shares;

/// What all trainings share.
const SETTING: Setting = Setting {
    modulus: 47,
    shown: 0.5,
    hidden: 256,
    rate: 1e-2,
    decay: 1.0,
    steps: 2500,
    every: 10,
    seed: 1,
};
/// Weight decays, with their names.
const DECAYS: [(f64, &str); 4] = [(0.0, "0"), (0.1, "0.1"), (1.0, "1"), (3.0, "3")];
const SEEDS: u64 = 3;
/// The share of right answers that counts as fitted, or as generalised.
const ENOUGH: f64 = 0.95;

/// The experiment.
pub fn grokking(recorder: &mut Recorder) -> Result<()> {
    let jobs: Vec<Setting> = (1..=SEEDS)
        .flat_map(|seed| DECAYS.map(|(decay, _)| Setting { decay, seed, ..SETTING }))
        .collect();
    let found = each(recorder, &jobs, |setting| Ok(setting.train(1)?))?;
    settings(recorder);
    let of_decay = |decay: f64| -> Vec<&Watched> {
        jobs.iter().zip(&found).filter(|(job, _)| job.decay == decay).map(|(_, w)| w).collect()
    };
    let mut table = Table::new([
        "Weight decay | plain",
        "Steps to fit | int",
        "Steps to generalise | int",
        "Seeds that generalise",
        "Unseen pairs right at the end | percent 1",
        "Length of the weights at the end | fixed 1",
    ]);
    for (decay, name) in DECAYS {
        record(recorder, name, &of_decay(decay));
        table.row(row(decay, &of_decay(decay)));
    }
    recorder.table("decays", table);
    lengths(recorder, &of_decay(SETTING.decay));
    claims(recorder, &of_decay);
    waves(recorder, &of_decay(SETTING.decay));
    Ok(())
}

fn settings(recorder: &mut Recorder) {
    let Setting { modulus, hidden, rate, steps, shown, .. } = SETTING;
    recorder.value("modulus", modulus);
    recorder.value("pairs", modulus * modulus);
    recorder.value("shown", (shown * (modulus * modulus) as f64).round());
    recorder.value("hidden", hidden);
    recorder.value("frequencies", modulus / 2);
    recorder.value("rate", rate);
    recorder.value("steps", steps);
    recorder.value("seeds", SEEDS);
    recorder.value("decay", SETTING.decay);
    recorder.value("enough", ENOUGH);
    recorder.value("chance", 1.0 / modulus as f64);
}

fn band(values: &[f64]) -> [f64; 3] {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [low, mean(values), high]
}

/// Step of the first look at which each seed had fitted, or generalised; nothing where it did not.
fn fitted(watched: &[&Watched]) -> Vec<Option<u64>> {
    watched.iter().map(|w| w.first(&w.shown, ENOUGH)).collect()
}

fn generalised(watched: &[&Watched]) -> Vec<Option<u64>> {
    watched.iter().map(|w| w.first(&w.unseen, ENOUGH)).collect()
}

/// The mean where all have one.
fn all_of(steps: &[Option<u64>]) -> Option<f64> {
    let steps: Option<Vec<f64>> = steps.iter().map(|step| step.map(|step| step as f64)).collect();
    steps.map(|steps| mean(&steps))
}

fn last(shares: &[f64]) -> f64 {
    shares.last().copied().unwrap_or(0.0)
}

fn row(decay: f64, watched: &[&Watched]) -> Vec<notebook::Scalar> {
    let late = generalised(watched);
    let count = late.iter().flatten().count();
    vec![
        decay.into(),
        all_of(&fitted(watched)).into(),
        all_of(&late).into(),
        format!("{count} of {}", watched.len()).into(),
        mean(&watched.iter().map(|w| last(&w.unseen)).collect::<Vec<_>>()).into(),
        mean(&watched.iter().map(|w| last(&w.norms)).collect::<Vec<_>>()).into(),
    ]
}

fn record(recorder: &mut Recorder, name: &str, watched: &[&Watched]) {
    let steps: Vec<f64> = watched[0].steps.iter().map(|&step| step as f64).collect();
    let points = |of: fn(&Watched) -> &Vec<f64>| -> Vec<[f64; 3]> {
        let at = |i| band(&watched.iter().map(|w| of(w)[i]).collect::<Vec<f64>>());
        (0..steps.len()).map(at).collect()
    };
    recorder
        .series(&format!("accuracy/{name}"), "Step", steps.iter().copied())
        .banded("pairs shown", points(|w| &w.shown))
        .banded("unseen pairs", points(|w| &w.unseen));
    recorder
        .series(&format!("length/{name}"), "Step", steps.iter().copied())
        .banded(&format!("decay {name}"), points(|w| &w.norms));
    let ends: Vec<f64> = watched.iter().map(|w| last(&w.unseen)).collect();
    recorder.estimate(&format!("end/{name}"), band(&ends));
    let lengths: Vec<f64> = watched.iter().map(|w| last(&w.norms)).collect();
    recorder.estimate(&format!("length/{name}/end"), band(&lengths));
    for (what, found) in [("fit", fitted(watched)), ("generalise", generalised(watched))] {
        let found: Vec<f64> = found.into_iter().flatten().map(|step| step as f64).collect();
        recorder.value(&format!("{what}/{name}/seeds"), found.len());
        if !found.is_empty() {
            recorder.estimate(&format!("{what}/{name}"), band(&found));
        }
    }
}

/// How many unseen pairs are known at the fit; how long the weights are at first, and when a tenth of those are known.
fn lengths(recorder: &mut Recorder, watched: &[&Watched]) {
    let first: Vec<f64> = watched.iter().map(|w| w.norms[0]).collect();
    recorder.value("length/first", mean(&first));
    let at_fit = watched.iter().filter_map(|w| {
        let at = w.shown.iter().position(|&share| share >= ENOUGH)?;
        Some(w.unseen[at])
    });
    recorder.estimate("at-fit/1", band(&at_fit.collect::<Vec<f64>>()));
    let tenth = watched.iter().filter_map(|w| {
        let at = w.unseen.iter().position(|&share| share >= 0.1)?;
        Some(w.norms[at])
    });
    let tenth: Vec<f64> = tenth.collect();
    let ends: Vec<f64> = watched.iter().map(|w| last(&w.norms)).collect();
    let changed = (mean(&ends) / mean(&tenth) - 1.0).abs();
    recorder.value("length/1/tenth", mean(&tenth));
    recorder
        .claim("length-does-not-tell", "With weight decay 1 the mean length of the weights at the end is within a tenth of that when a tenth of the unseen pairs are known.")
        .less(changed, 0.1);
}

fn claims<'a>(recorder: &mut Recorder, of: &dyn Fn(f64) -> Vec<&'a Watched>) {
    let with = of(SETTING.decay);
    let ratios: Vec<f64> = fitted(&with)
        .into_iter()
        .zip(generalised(&with))
        .filter_map(|(fit, late)| Some(late? as f64 / fit? as f64))
        .collect();
    if ratios.len() == with.len() {
        recorder.estimate("delay", band(&ratios));
    }
    let ten = ratios.iter().filter(|&&ratio| ratio >= 10.0).count();
    recorder
        .claim("late", "With weight decay 1 every seed needs at least ten times as many steps to generalise as to fit.")
        .all(ten, with.len(), "seeds");
    let without = of(0.0);
    let never = without.iter().filter(|w| last(&w.shown) >= ENOUGH && last(&w.unseen) < ENOUGH);
    recorder
        .claim("never-without", "Without weight decay every seed fits all pairs shown and has not generalised after the last step.")
        .all(never.count(), without.len(), "seeds");
    let gains: Vec<f64> =
        with.iter().zip(&without).map(|(a, b)| last(&a.unseen) - last(&b.unseen)).collect();
    let gain = Estimate::over_runs(&gains);
    recorder.estimate("gain", gain);
    recorder
        .claim("decay-is-the-control", "After the last step more of the unseen pairs are answered rightly with weight decay 1 than without, with the whole paired interval over seeds.")
        .above(gain, 0.0);
}

/// The weights of a unit to the inputs of `a`, and how much of their power is one wave.
fn waves(recorder: &mut Recorder, watched: &[&Watched]) {
    let p = SETTING.modulus;
    let rows = |weights: &[f32]| -> Vec<Vec<f64>> {
        weights
            .chunks_exact(2 * p)
            .map(|row| row[..p].iter().map(|&w| w.into()).collect())
            .collect()
    };
    let frequencies: Vec<f64> = (1..=p / 2).map(|rank| rank as f64).collect();
    let mut curves = Vec::new();
    let mut tops = Vec::new();
    for (name, pick) in
        [("before", (|w| &w.before) as fn(&Watched) -> &Vec<f32>), ("after", |w| &w.after)]
    {
        let mut ranked = vec![0.0; p / 2];
        let mut top = Vec::new();
        for w in watched {
            let rows = rows(pick(w));
            let of_seed: Vec<f64> =
                rows.iter().map(|row| shares(row).into_iter().fold(0.0, f64::max)).collect();
            top.push(mean(&of_seed));
            for row in &rows {
                let mut shares = shares(row);
                shares.sort_by(|a, b| b.total_cmp(a));
                let each = (rows.len() * watched.len()) as f64;
                ranked.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share / each);
            }
        }
        recorder.estimate(&format!("top/{name}"), band(&top));
        tops.push(top);
        curves.push((name, ranked));
    }
    let series =
        recorder.series("spectrum", "Frequencies of a unit, the strongest first", frequencies);
    for (name, ranked) in curves {
        series.curve(
            if name == "before" { "before the first step" } else { "after the last step" },
            ranked,
        );
    }
    let rises: Vec<f64> =
        tops[1].iter().zip(&tops[0]).map(|(after, before)| after - before).collect();
    recorder
        .claim("units-become-waves", "In the mean over units more of the power of a unit's weights lies at one frequency after training than before it, with the whole paired interval over seeds.")
        .above(Estimate::over_runs(&rises), 0.0);
    one_unit(recorder, watched[0], &rows);
}

/// The unit of the first seed with the longest weights at the end.
fn one_unit(recorder: &mut Recorder, watched: &Watched, rows: &dyn Fn(&[f32]) -> Vec<Vec<f64>>) {
    let (before, after) = (rows(&watched.before), rows(&watched.after));
    let length = |i: &usize| after[*i].iter().map(|w| w * w).sum::<f64>();
    let unit = (0..after.len()).max_by(|a, b| length(a).total_cmp(&length(b))).unwrap_or(0);
    let shares = shares(&after[unit]);
    let strongest = (0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b])).unwrap_or(0);
    recorder.value("unit/frequency", strongest + 1);
    recorder.value("unit/share", shares[strongest]);
    let places = (0..SETTING.modulus).map(|a| a as f64);
    recorder
        .series("unit", "a", places)
        .curve("before the first step", before[unit].iter().copied())
        .curve("after the last step", after[unit].iter().copied());
}
