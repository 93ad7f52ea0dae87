//! Where two programs disagree: what the conventions of the chapter are worth.

use anyhow::{Context as _, Result};
use backprop::{Engine, Options, Rows, Tensor};
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled, split};
use notebook::{Estimate, Recorder, Rng};
use optimization::mlp::WIDTHS;
use optimization::{Garments, answers};
use rand::{RngExt as _, SeedableRng as _};

use super::common::each;
use super::regularisers::FEW;
use crate::ensemble::{Verdict, probabilities};
use crate::fit::{self, BATCH, Training, unseen};
use crate::mixing::Mixed;
use crate::regularisers::Regularisers;

/// The share that is dropped where its scale and its switch are tried.
const DROPOUT: f64 = 0.5;
/// Trainings, and their epochs.
const SEEDS: u64 = 5;
const EPOCHS: u64 = 20;
/// The share of label smoothing, and classes.
const SMOOTHING: f64 = 0.1;
const CLASSES: f64 = 10.0;

/// Every convention.
pub fn conventions(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let rows = split::draw(FEW, data.train.len(), &mut recorder.rng());
    let learn = data.train.select(&rows);
    recorder.value("garments", FEW);
    recorder.value("epochs", EPOCHS);
    recorder.value("seeds", SEEDS);
    switch_and_scale(recorder, &learn, &data.test)?;
    smoothing(recorder);
    averages(recorder);
    mixing(recorder, &learn)
}

/// The chapter's network after a short training.
fn trained(learn: &Labelled, seed: u64, all: &Regularisers) -> Result<Engine<f32>> {
    let training = Training { learn, widths: &WIDTHS, epochs: EPOCHS, seed };
    Ok(training.fit(all, 1, &mut unseen)?.engine)
}

/// A network with dropout: asked as it should be, with the switch forgotten, and
/// by a program that scales in prediction what was scaled in training.
fn switch_and_scale(recorder: &mut Recorder, learn: &Labelled, test: &Labelled) -> Result<()> {
    let seeds: Vec<u64> = (1..=SEEDS).collect();
    let all = Regularisers { dropout: DROPOUT, ..Regularisers::default() };
    let found = each(recorder, &seeds, |&seed| {
        let mut engine = trained(learn, seed, &all)?;
        let samples = Garments::new(test);
        let right = answers::accuracy(&mut engine, &samples)?;
        let loss =
            mean(&Verdict::of(probabilities(&mut engine, &samples)?.view(), test.y()).losses);
        let dropping = dropping(&engine.weights(), test)?;
        // What stands behind a dropout sees 1 − p of what it saw.
        let mut weights = engine.weights();
        for tensor in weights.iter_mut().filter(|t| ["3.weight", "6.weight"].contains(&&*t.name)) {
            tensor.data.iter_mut().for_each(|w| *w *= (1.0 - DROPOUT) as f32);
        }
        engine.set_weights(&weights)?;
        let twice = answers::accuracy(&mut engine, &samples)?;
        let p = probabilities(&mut engine, &samples)?;
        let loss_twice = mean(&Verdict::of(p.view(), test.y()).losses);
        Ok([right, dropping, twice, loss, loss_twice])
    })?;
    recorder.value("dropout", DROPOUT);
    let of = |i: usize| found.iter().map(|found| found[i]).collect::<Vec<_>>();
    let keys = ["right", "left-on", "scaled-twice", "loss", "loss/scaled-twice"];
    for (i, key) in keys.into_iter().enumerate() {
        recorder.estimate(&format!("dropout/{key}"), Estimate::over_runs(&of(i)));
    }
    let lost: Vec<f64> = found.iter().map(|found| found[0] - found[1]).collect();
    recorder.estimate("dropout/left-on/lost", Estimate::over_runs(&lost));
    recorder
        .claim(
            "left-on-loses",
            "A network whose dropout is left on when it is asked finds fewer test garments.",
        )
        .above(Estimate::over_runs(&lost), 0.0);
    Ok(())
}

/// The accuracy of a network that drops while it is asked.
fn dropping(weights: &[Tensor<f32>], test: &Labelled) -> Result<f64> {
    let mut network = fit::network(&WIDTHS, DROPOUT)?;
    let last = network.last();
    network.keep(last)?;
    let options = Options { batch: BATCH, threads: 1, ..Options::default() };
    let mut engine = Engine::new(network, options)?;
    engine.set_weights(weights)?;
    let (x, labels) = (test.x(), test.y());
    let x = x.as_slice().context("rows stand one after another")?;
    let mut right = 0;
    for (step, labels) in labels.chunks(BATCH).enumerate() {
        let x = &x[step * BATCH * WIDTHS[0]..][..labels.len() * WIDTHS[0]];
        let labels: Vec<usize> = labels.iter().map(|&label| label.into()).collect();
        // A loss is computed as in training, with what is dropped in this step.
        engine.moment.step = step as u64;
        engine.loss(&Rows { x, labels: &labels })?;
        let mut outputs = vec![0.0; labels.len() * engine.outputs()];
        engine.read(last, &mut outputs)?;
        let found = answers::largest(&outputs, engine.outputs());
        right += found.zip(&labels).filter(|(found, label)| found == *label).count();
    }
    Ok(right as f64 / test.len() as f64)
}

/// The lowest loss that a target with a share for all classes allows, and with
/// one for the other classes only.
fn smoothing(recorder: &mut Recorder) {
    let entropy = |share: f64, others: f64| {
        let own = 1.0 - others * share;
        -own * own.ln() - others * share * share.ln()
    };
    recorder.value("smoothing", SMOOTHING);
    recorder.value("smoothing/all", entropy(SMOOTHING / CLASSES, CLASSES - 1.0));
    recorder.value("smoothing/others", entropy(SMOOTHING / (CLASSES - 1.0), CLASSES - 1.0));
    recorder.value("smoothing/as", SMOOTHING * CLASSES / (CLASSES - 1.0));
}

/// What the first weights weigh in an exponential average that begins with them.
fn averages(recorder: &mut Recorder) {
    for (key, keep, steps) in [("short", 0.999_f64, 1_000), ("long", 0.9999, 1_000)] {
        recorder.value(&format!("average/{key}/keep"), keep);
        recorder.value(&format!("average/{key}/steps"), steps);
        recorder.value(&format!("average/{key}/first"), keep.powi(steps));
    }
}

/// The two forms of mixup on one trained network: the mean of their losses, and
/// how far the loss of one sample strays.
fn mixing(recorder: &mut Recorder, learn: &Labelled) -> Result<()> {
    const ROUNDS: u64 = 60;
    let mut engine = trained(learn, 1, &Regularisers::default())?;
    let (mut own, mut both) = (Vec::new(), Vec::new());
    let mut rng = Rng::seed_from_u64(2);
    for round in 0..ROUNDS {
        let name = String::new();
        let mixed = Mixed { samples: Garments::new(learn), alpha: 1.0, seed: round, name };
        own.extend(Verdict::of(probabilities(&mut engine, &mixed)?.view(), learn.y()).losses);
        both.extend(two_labels(&mut engine, learn, &mut rng)?);
    }
    let spread = |losses: &[f64]| {
        let middle = mean(losses);
        mean(&losses.iter().map(|loss| (loss - middle).powi(2)).collect::<Vec<_>>())
    };
    let apart = mean(&own) - mean(&both);
    let half = 1.96 * ((spread(&own) + spread(&both)) / own.len() as f64).sqrt();
    recorder.value("mixing/draws", own.len());
    recorder.value("mixing/own", mean(&own));
    recorder.value("mixing/both", mean(&both));
    let apart = Estimate { low: apart - half, value: apart, high: apart + half };
    recorder.estimate("mixing/apart", apart);
    recorder.value("mixing/spread", (spread(&own) / spread(&both)).sqrt());
    recorder
        .claim("mixing-same-mean", "Over many draws both forms of mixup have the same mean loss: the interval of their difference holds nought.")
        .record(apart.low <= 0.0 && apart.high >= 0.0, apart.in_words(notebook::Format::Fixed(3)));
    Ok(())
}

/// The authors' form: a uniform share, and both labels.
fn two_labels(engine: &mut Engine<f32>, learn: &Labelled, rng: &mut Rng) -> Result<Vec<f64>> {
    let n = learn.len();
    let others: Vec<usize> = (0..n).map(|_| rng.random_range(0..n)).collect();
    let shares: Vec<f32> = (0..n).map(|_| rng.random()).collect();
    let mut x = learn.x();
    let pixels = x.clone();
    for (i, mut row) in x.rows_mut().into_iter().enumerate() {
        let other = pixels.row(others[i]);
        row.zip_mut_with(&other, |x, other| *x = shares[i] * *x + (1.0 - shares[i]) * other);
    }
    let x = x.as_slice().context("rows stand one after another")?;
    let (k, mut losses) = (engine.outputs(), Vec::new());
    for first in (0..n).step_by(BATCH) {
        let rows = first..n.min(first + BATCH);
        let labels: Vec<usize> = rows.clone().map(|i| learn.y()[i].into()).collect();
        let x = &x[first * WIDTHS[0]..rows.end * WIDTHS[0]];
        let mut z = vec![0.0; labels.len() * k];
        engine.predict(&Rows { x, labels: &labels }, &mut z)?;
        for ((i, z), &label) in rows.zip(z.chunks_exact(k)).zip(&labels) {
            let of = |label| f64::from(backprop::operations::cross_entropy::forward(z, label));
            let share = f64::from(shares[i]);
            let other = learn.y()[others[i]].into();
            losses.push(share * of(label) + (1.0 - share) * of(other));
        }
    }
    Ok(losses)
}
