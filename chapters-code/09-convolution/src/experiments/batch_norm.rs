//! With and without batch normalisation, at two rates; and what happens to it when the mini-batch is small.

use backprop::operations::cross_entropy;
use backprop::{Engine, Options, Rows};
use learning::bootstrap::mean;
use learning::{Bootstrap, FashionMnist, Labelled, correct};
use notebook::Recorder;
use optimization::recipe::Make;
use optimization::{Garments, Optimizer, Recipe, Schedule, answers};

use crate::networks::{self, CLASSES};
use crate::recipe::plain;

/// Garments that are learned from.
const FEW: usize = 10_000;
/// Garments, after those, on which accuracy is measured.
const HELD: usize = 5_000;
/// How often the first are seen.
const EPOCHS: u64 = 4;
/// The chapter's rate, and ten times that.
const RATES: [(&str, f64); 2] = [("low", 2e-3), ("high", 2e-2)];
/// Sizes of mini-batches whose statistics are used for prediction.
const SIZES: [usize; 6] = [2, 4, 8, 16, 32, 64];

/// Learning curves, then statistics.
pub fn batch_norm(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let rows: Vec<usize> = (0..FEW + HELD).collect();
    let (train, held) = (data.train.select(&rows[..FEW]), data.train.select(&rows[FEW..]));
    recorder.value("garments", FEW);
    recorder.value("held", HELD);
    recorder.value("epochs", EPOCHS);
    let mut normalised = None;
    for (key, rate) in RATES {
        recorder.value(&format!("{key}/rate"), rate);
        let (mut ends, mut last) = (Vec::new(), Vec::new());
        let mut losses = Vec::new();
        for (way, name, network) in [
            ("without", "without", networks::sequential as Make),
            ("with", "with batch normalisation", networks::normalised as Make),
        ] {
            let curve = learn(recorder, &usual(network, &train, rate), &held)?;
            let right = Bootstrap::default().mean(&curve.right, &mut recorder.rng());
            recorder.estimate(&format!("{key}/{way}/accuracy"), right);
            recorder.value(&format!("{key}/{way}/loss"), curve.loss.last().copied());
            ends.push(curve.accuracy.last().copied().unwrap_or_default());
            last.push(curve.loss.last().copied().unwrap_or_default());
            losses.push((name, curve.loss));
            if key == "low" {
                normalised = curve.engine;
            }
        }
        let series = recorder.series(
            &format!("loss/{key}"),
            "Epochs",
            (1..=EPOCHS).map(|epoch| epoch as f64),
        );
        for (name, loss) in losses {
            series.curve(name, loss);
        }
        recorder.value(&format!("{key}/gain"), ends[1] - ends[0]);
        if key == "low" {
            recorder
                .claim(
                    "lower-loss",
                    "At the usual rate, the training loss ends lower with normalisation than without.",
                )
                .less(last[1], last[0]);
        }
    }
    let Some(mut engine) = normalised else { return Ok(()) };
    small_batches(recorder, &mut engine, &data)?;
    shards(recorder, &engine, &data)
}

/// How a training went, epoch by epoch.
struct Curve {
    loss: Vec<f64>,
    accuracy: Vec<f64>,
    /// Which of the garments kept aside are right at the end.
    right: Vec<f64>,
    engine: Option<Engine<f32>>,
}

/// Adam, with the same rate from the first step to the last.
fn usual(network: Make, data: &Labelled, rate: f64) -> Recipe<Garments<'_>> {
    let (optimizer, schedule) = (Optimizer::ADAM, Schedule::constant(rate));
    Recipe { optimizer, schedule, ..plain(network, data, EPOCHS, 1) }
}

/// Trains; a training that diverges ends where it does, with the loss of knowing nothing.
fn learn(
    recorder: &Recorder,
    recipe: &Recipe<Garments<'_>>,
    held: &Labelled,
) -> anyhow::Result<Curve> {
    let (mut accuracy, mut right) = (Vec::new(), vec![0.0; held.len()]);
    let run = recipe.train(recorder.threads(), &mut |step, engine| {
        if step.epoch_ends {
            right = answers::right(engine, &Garments::new(held))?;
            accuracy.push(mean(&right));
        }
        Ok(())
    })?;
    let mut loss = run.epochs();
    loss.resize(EPOCHS as usize, (CLASSES as f64).ln());
    accuracy.resize(EPOCHS as usize, 1.0 / CLASSES as f64);
    if run.diverged.is_some() {
        // Numbers that are none leave the first class.
        right = correct(held.y(), &vec![0; held.len()]);
    }
    let engine = if run.diverged.is_some() { None } else { Some(run.engine) };
    Ok(Curve { loss, accuracy, right, engine })
}

/// A mini-batch of test garments.
fn rows(test: &Labelled, range: std::ops::Range<usize>) -> (Vec<f32>, Vec<usize>) {
    let some: Vec<usize> = range.collect();
    let some = test.select(&some);
    let x = some.images.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    (x, some.y().iter().map(|&label| usize::from(label)).collect())
}

/// The loss on the same garments: with the statistics of mini-batches of each size, and with the running ones.
fn small_batches(
    recorder: &mut Recorder,
    engine: &mut Engine<f32>,
    data: &FashionMnist,
) -> anyhow::Result<()> {
    let n = 2048;
    let test = data.test.select(&(0..n).collect::<Vec<_>>());
    let logits = answers::outputs(engine, &Garments::new(&test))?;
    let losses = logits
        .chunks_exact(CLASSES)
        .zip(test.y())
        .map(|(z, &label)| f64::from(cross_entropy::forward(z, label.into())));
    let running = losses.sum::<f64>() / n as f64;
    let mut by_size = Vec::new();
    for size in SIZES {
        let mut sum = 0.0;
        for batch in 0..n / size {
            let (x, labels) = rows(&test, batch * size..(batch + 1) * size);
            sum += engine.loss(&Rows { x: &x, labels: &labels })?;
        }
        let loss = sum / (n / size) as f64;
        recorder.value(&format!("size/{size}"), loss);
        by_size.push(loss);
    }
    recorder.value("size/running", running);
    recorder
        .series("sizes", "Garments of a mini-batch", SIZES.map(|size| size as f64))
        .curve("statistics of the mini-batch", by_size.iter().copied())
        .curve("running statistics", SIZES.map(|_| running));
    Ok(())
}

/// The same mini-batch in one shard and in eight: what they find together is what one finds alone.
fn shards(
    recorder: &mut Recorder,
    trained: &Engine<f32>,
    data: &FashionMnist,
) -> anyhow::Result<()> {
    let (x, labels) = rows(&data.test, 0..60);
    let mut losses = Vec::new();
    for (shards, threads) in [(1, 1), (7, 1), (8, 1), (8, 2)] {
        let options = Options { batch: 64, shards, threads, training: true };
        let mut engine = Engine::<f32>::new(networks::normalised()?, options)?;
        engine.set_weights(&trained.weights())?;
        losses.push(engine.loss(&Rows { x: &x, labels: &labels })?);
    }
    recorder
        .value("shards/apart", (losses[0] - losses[1]).abs().max((losses[0] - losses[2]).abs()));
    recorder
        .claim("shards-agree", "One shard, seven or eight find the same loss, but for rounding.")
        .record(
            losses.iter().all(|loss| (loss - losses[0]).abs() <= 1e-5 * losses[0]),
            format!("losses {losses:?}"),
        );
    recorder
        .claim("threads-agree", "One thread and two find the same loss to the last bit.")
        .record(
            losses[2].to_bits() == losses[3].to_bits(),
            format!("{} and {}", losses[2], losses[3]),
        );
    Ok(())
}
