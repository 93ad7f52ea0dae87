//! How much memory a step takes: the tape against the arena, and what the plan of the arena saves.

use notebook::{Recorder, Table};

use super::scalar::{CLASSES, FEATURES, loss};
use crate::tape::Tape;
use crate::{Activation, Addition, Engine, Layout, Linear, Network, Options, Result, Shape, Value};

/// Units of the hidden layer.
const WIDTHS: [usize; 5] = [8, 16, 32, 64, 128];
/// Samples of a mini-batch.
const BATCHES: [usize; 4] = [1, 4, 16, 64];
/// Layers of the deep networks.
const DEPTHS: [usize; 5] = [2, 4, 8, 16, 32];
/// Their width, and their mini-batch.
const DEEP: (usize, usize) = (64, 128);

/// Bytes of tape and arena by width and batch, and bytes of the arena by depth.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    by_width(recorder)?;
    by_batch(recorder)?;
    by_depth(recorder)?;
    Ok(())
}

/// Lines and bytes of the tape of a mini-batch.
fn tape(hidden: usize, batch: usize) -> (usize, usize) {
    let tape = Tape::new();
    let weights = hidden * (FEATURES + 1) + CLASSES * (hidden + 1);
    let w: Vec<_> = (0..weights).map(|_| tape.var(0.1)).collect();
    for sample in 0..batch {
        let x: Vec<_> = (0..FEATURES).map(|_| tape.var(0.5)).collect();
        loss(&w, &x, hidden, sample % CLASSES);
    }
    (tape.len(), tape.bytes())
}

fn options(batch: usize, training: bool) -> Options {
    Options { batch, shards: 1, threads: 1, training }
}

/// Bytes of the arena for the same network in the same numbers.
fn arena(hidden: usize, batch: usize) -> Result<usize> {
    let network = Network::<f64>::new(Shape::row(FEATURES))
        .then("0", Linear::new(FEATURES, hidden).with(Activation::Tanh))?
        .then("1", Linear::new(hidden, CLASSES))?;
    Ok(Engine::new(network, options(batch, true))?.arena_bytes())
}

fn by_width(recorder: &mut Recorder) -> anyhow::Result<()> {
    let batch = BATCHES[2];
    recorder.value("width/batch", batch);
    let mut table = Table::new([
        "Hidden units | int",
        "Weights | int",
        "Lines of tape | int",
        "Tape | bytes 1",
        "Arena | bytes 1",
        "Tape over arena | ratio 0",
    ]);
    let (mut tapes, mut arenas) = (Vec::new(), Vec::new());
    for hidden in WIDTHS {
        let (lines, bytes) = tape(hidden, batch);
        let planned = arena(hidden, batch)?;
        let weights = hidden * (FEATURES + 1) + CLASSES * (hidden + 1);
        let ratio = bytes as f64 / planned as f64;
        table.row([
            hidden.into(),
            weights.into(),
            lines.into(),
            bytes.into(),
            planned.into(),
            ratio.into(),
        ]);
        tapes.push(bytes as f64);
        arenas.push(planned as f64);
    }
    recorder.table("width", table);
    let last = WIDTHS.len() - 1;
    recorder.value("width/tape", tapes[last]);
    recorder.value("width/arena", arenas[last]);
    recorder.value("width/ratio", tapes[last] / arenas[last]);
    recorder.value("line/bytes", size_of::<[(usize, f64); 2]>());
    recorder
        .claim(
            "arena-is-smaller",
            "At every width the arena takes less than a tenth of the tape's bytes.",
        )
        .all(
            tapes.iter().zip(&arenas).filter(|(t, a)| **a < **t / 10.0).count(),
            WIDTHS.len(),
            "widths",
        );
    recorder
        .series("width", "Hidden units", WIDTHS.map(|w| w as f64))
        .curve("tape", tapes)
        .curve("arena", arenas);
    Ok(())
}

fn by_batch(recorder: &mut Recorder) -> anyhow::Result<()> {
    let hidden = WIDTHS[2];
    let lines = BATCHES.map(|batch| tape(hidden, batch).0);
    recorder.value("batch/hidden", hidden);
    // A line for each weight, whatever the batch, and then the same number for each sample.
    let each = (lines[1] - lines[0]) / (BATCHES[1] - BATCHES[0]);
    recorder.value("batch/lines-a-sample", each);
    recorder.value("batch/lines-for-64", lines[3]);
    let grows = (1..4).filter(|&i| lines[i] - lines[0] == each * (BATCHES[i] - BATCHES[0])).count();
    recorder
        .claim(
            "tape-grows-with-the-batch",
            "Each further sample adds the same number of lines to the tape.",
        )
        .all(grows, 3, "batches");
    Ok(())
}

/// A network of `layers` tanh layers, plain or with an addition around each layer after the first.
fn deep(layers: usize, residual: bool) -> Result<Network<f32>> {
    let (width, _) = DEEP;
    let mut network = Network::new(Shape::row(width));
    let mut value: Value = Network::<f32>::INPUT;
    for i in 0..layers {
        let layer = Linear::new(width, width).with(Activation::Tanh);
        let found = network.push(&format!("layer{i}"), layer, &[value])?;
        value = if residual && i > 0 {
            network.push(&format!("sum{i}"), Addition, &[value, found])?
        } else {
            found
        };
    }
    network.push("output", Linear::new(width, CLASSES), &[value])?;
    Ok(network)
}

/// Bytes that a deep network would take if each value and each gradient had a place of its own.
fn apart(layers: usize, residual: bool) -> usize {
    let (width, batch) = DEEP;
    let row = Layout::new(Shape::row(width), 0).stride;
    let last = Layout::new(Shape::row(CLASSES), 0).stride;
    // Input and outputs of layers, with a gradient for each but the input; a sum reads one value that has two readers.
    let sums = if residual { layers - 1 } else { 0 };
    let values = (1 + layers + sums) * row + last;
    let gradients = (layers + 2 * sums) * row + last;
    let losses = crate::kernels::LANES;
    (values + gradients + losses) * batch * size_of::<f32>()
}

fn by_depth(recorder: &mut Recorder) -> anyhow::Result<()> {
    let bytes = |layers, residual, training| -> Result<f64> {
        let engine = Engine::new(deep(layers, residual)?, options(DEEP.1, training))?;
        Ok(engine.arena_bytes() as f64)
    };
    let (mut plain, mut sums, mut predict, mut alone) = (vec![], vec![], vec![], vec![]);
    for layers in DEPTHS {
        plain.push(bytes(layers, false, true)?);
        predict.push(bytes(layers, true, false)?);
        sums.push(bytes(layers, true, true)?);
        alone.push(apart(layers, true) as f64);
    }
    recorder.value("depth/width", DEEP.0);
    recorder.value("depth/batch", DEEP.1);
    let last = DEPTHS.len() - 1;
    recorder.value("depth/layers", DEPTHS[last]);
    for (key, found) in
        [("training", &sums), ("predict", &predict), ("apart", &alone), ("plain", &plain)]
    {
        recorder.value(&format!("depth/{key}"), found[last]);
    }
    recorder.value("depth/saved", 1.0 - sums[last] / alone[last]);
    recorder
        .claim("nothing-to-share", "In a plain network of linear layers the arena shares nothing: it has the bytes of all values and gradients apart.")
        .equal(plain[last], apart(DEPTHS[last], false) as f64);
    recorder
        .claim("sums-share", "With additions, the arena takes fewer bytes than all values and gradients apart, at every depth.")
        .all(sums.iter().zip(&alone).filter(|(a, b)| a < b).count(), DEPTHS.len(), "depths");
    recorder
        .claim(
            "prediction-is-flat",
            "To predict, the arena takes the same bytes at any depth from the second on.",
        )
        .record(predict[1..].iter().all(|b| *b == predict[1]), format!("{predict:?}"));
    recorder
        .series("depth", "Layers", DEPTHS.map(|d| d as f64))
        .curve("all apart", alone)
        .curve("to train", sums)
        .curve("to predict", predict);
    Ok(())
}
