//! Several networks whose probabilities are averaged, against one that costs as
//! much as all of them.

use anyhow::Result;
use learning::bootstrap::{mean, paired_runs};
use learning::{FashionMnist, Labelled, split};
use ndarray::Array2;
use notebook::{Estimate, Format, Recorder};
use optimization::Garments;
use optimization::mlp::WIDTHS;
use optimization::speed::multiply_adds;

use super::common::each;
use super::regularisers::{EPOCHS, FEW, SEEDS};
use crate::ensemble::{self, Verdict, losses, probabilities, right};
use crate::fit::{Training, unseen};
use crate::regularisers::Regularisers;

/// Networks of an ensemble.
const MEMBERS: usize = 5;
/// Widths of a network with five times the multiply-adds of the chapter's.
const WIDE: [usize; 4] = [WIDTHS[0], 936, 468, WIDTHS[3]];

/// Ensembles, members and large networks, paired by their garments.
pub fn ensembles(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let sets: Vec<Labelled> = (0..SEEDS)
        .map(|_| data.train.select(&split::draw(FEW, data.train.len(), &mut rng)))
        .collect();
    // The large networks first: they take the longest.
    let large = (0..sets.len()).map(|set| (set, MEMBERS));
    let small = (0..sets.len()).flat_map(|set| (0..MEMBERS).map(move |member| (set, member)));
    let jobs: Vec<(usize, usize)> = large.chain(small).collect();
    let asked = each(recorder, &jobs, |&(set, member)| {
        let widths = if member == MEMBERS { &WIDE } else { &WIDTHS };
        let seed = (set * (MEMBERS + 1) + member + 1) as u64;
        let training = Training { learn: &sets[set], widths, epochs: EPOCHS, seed };
        let mut fitted = training.fit(&Regularisers::default(), 1, &mut unseen)?;
        Ok(probabilities(&mut fitted.engine, &Garments::new(&data.test))?)
    })?;
    let (large, small) = asked.split_at(sets.len());
    let y = data.test.y();
    let large: Vec<Verdict> = large.iter().map(|p| Verdict::of(p.view(), y)).collect();
    cost(recorder);
    recorder.value("garments", FEW);
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS);
    recorder.value("members", MEMBERS);
    record(recorder, &small.chunks(MEMBERS).collect::<Vec<_>>(), &large, y);
    Ok(())
}

/// What the two cost.
fn cost(recorder: &mut Recorder) {
    let [one, wide] = [&WIDTHS, &WIDE].map(|widths| multiply_adds(widths).forward);
    let all = one * MEMBERS as u64;
    recorder.value("products/member", one);
    recorder.value("products/ensemble", all);
    recorder.value("products/large", wide);
    recorder
        .claim(
            "equal-cost",
            "The large network multiplies as often as the ensemble, to within a hundredth.",
        )
        .close(wide as f64 / all as f64, 1.0, 0.01);
}

/// Accuracies and losses of one to five members together, and of the large
/// network.
fn record(recorder: &mut Recorder, sets: &[&[Array2<f64>]], large: &[Verdict], y: &[u8]) {
    let together = |members: usize| -> Vec<Verdict> {
        let of = |set: &&[Array2<f64>]| ensemble::mean(&set[..members]);
        sets.iter().filter_map(of).map(|p| Verdict::of(p.view(), y)).collect()
    };
    let verdicts: Vec<Vec<Verdict>> = (1..=MEMBERS).map(together).collect();
    let x = || (1..=MEMBERS).map(|members| members as f64);
    let test = verdicts.iter().map(|of| Estimate::over_runs_and_cases(&right(of)));
    let test: Vec<Estimate> = test.collect();
    let band = |found: &Estimate| [found.low, found.value, found.high];
    recorder.series("test", "Networks", x()).banded("found", test.iter().map(band));
    let loss: Vec<Estimate> =
        verdicts.iter().map(|of| Estimate::over_runs_and_cases(&losses(of))).collect();
    recorder.series("loss", "Networks", x()).banded("log-loss", loss.iter().map(band));
    let (one, all) = (&verdicts[0], &verdicts[MEMBERS - 1]);
    for (key, of) in [("one", one), ("all", all), ("large", &large.to_vec())] {
        recorder.estimate(&format!("test/{key}"), Estimate::over_runs_and_cases(&right(of)));
        recorder.estimate(&format!("loss/{key}"), Estimate::over_runs_and_cases(&losses(of)));
        let calibration: Vec<f64> = of.iter().map(|verdict| verdict.calibration).collect();
        recorder.estimate(&format!("calibration/{key}"), Estimate::over_runs(&calibration));
    }
    let gain = |a: &[Verdict], b: &[Verdict]| {
        Estimate::over_runs_and_cases(&paired_runs(&right(a), &right(b)))
    };
    let lower = |a: &[Verdict], b: &[Verdict]| {
        Estimate::over_runs_and_cases(&paired_runs(&losses(b), &losses(a)))
    };
    recorder.estimate("gain/all-over-one", gain(all, one));
    recorder.estimate("gain/large-over-one", gain(large, one));
    recorder.estimate("gain/all-over-large", gain(all, large));
    recorder.estimate("lower/all-over-one", lower(all, one));
    let saved = lower(all, large);
    recorder.estimate("lower/all-over-large", saved);
    recorder
        .claim(
            "together-beat-one",
            "Five networks together find more test garments than one of them.",
        )
        .above(gain(all, one), 0.0);
    recorder
        .claim("together-lose-less", "Five networks together have a lower test log-loss than one large network of the same cost.")
        .record(saved.low > 0.0, saved.in_words(Format::Fixed(3)));
    disagree(recorder, sets, y);
}

/// How often two members answer differently, and what the mean member and the
/// ensemble have wrong.
fn disagree(recorder: &mut Recorder, sets: &[&[Array2<f64>]], y: &[u8]) {
    let answers = |p: &Array2<f64>| -> Vec<usize> {
        let k = p.ncols();
        let rows = p.as_slice().unwrap_or_default();
        optimization::answers::largest(rows, k).collect()
    };
    let shares = |set: &&[Array2<f64>]| {
        let [a, b] = [answers(&set[0]), answers(&set[1])];
        let differ = a.iter().zip(&b).filter(|(a, b)| a != b).count();
        let wrong = a.iter().zip(y).filter(|(a, y)| **a != usize::from(**y)).count();
        [differ as f64 / y.len() as f64, wrong as f64 / y.len() as f64]
    };
    let found: Vec<[f64; 2]> = sets.iter().map(shares).collect();
    let of = |i: usize| found.iter().map(|shares| shares[i]).collect::<Vec<_>>();
    recorder.estimate("differ", Estimate::over_runs(&of(0)));
    recorder.value("wrong/one", mean(&of(1)));
}
