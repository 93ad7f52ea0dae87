//! Everything moved. First one layer: does its output move as its input does? Then whole networks: who still knows the garment?

use backprop::{Activation, Engine, Network, Options, Rows, Shape};
use learning::fashion::flat;
use learning::moved::{Direction, Fate, moved};
use learning::{Bootstrap, FashionMnist, Interval, Labelled, NearestNeighbour, correct, split};
use notebook::{Recorder, Rng};
use optimization::Garments;
use optimization::answers::classify;
use optimization::recipe::Make;

use super::{draw, follow};
use crate::recipe::plain;
use crate::{Convolution, Pool, networks};

/// Side of the canvas in whose middle a garment lies, far from all edges.
const CANVAS: usize = 56;
/// Channels of the layers that are looked at.
const CHANNELS: usize = 8;
/// Garments that the layers see.
const GARMENTS: usize = 20;
/// How far they are moved.
const FAR: usize = 8;

/// Pixels by which test garments are moved.
const STEPS: [usize; 7] = [0, 1, 2, 3, 4, 6, 8];
/// Test garments that are moved.
const CASES: f64 = 2500.0;
/// How often the training garments are seen.
const EPOCHS: u64 = 3;

/// Layers, then networks.
pub fn equivariance(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    layers(recorder, &data.test)?;
    accuracy(recorder, &data)
}

/// A network of one convolution, and what may follow it.
struct Stack {
    key: &'static str,
    name: &'static str,
    /// By how many pixels the input moves for the output to move by one.
    stride: usize,
    network: fn(Network<f32>) -> backprop::Result<Network<f32>>,
}

fn convolution(stride: usize) -> Convolution {
    Convolution::new(1, CHANNELS, 3).padding(1).stride(stride).with(Activation::Relu)
}

/// What is looked at.
const STACKS: [Stack; 4] = [
    Stack {
        key: "convolution",
        name: "convolution",
        stride: 1,
        network: |n| n.then("0", convolution(1)),
    },
    Stack {
        key: "strided",
        name: "convolution with stride 2",
        stride: 2,
        network: |n| n.then("0", convolution(2)),
    },
    Stack {
        key: "max-pool",
        name: "convolution, max-pool",
        stride: 2,
        network: |n| n.then("0", convolution(1))?.then("1", Pool::max(2)),
    },
    Stack {
        key: "average-pool",
        name: "convolution, average-pool",
        stride: 2,
        network: |n| n.then("0", convolution(1))?.then("1", Pool::average(2)),
    },
];

fn layers(recorder: &mut Recorder, test: &Labelled) -> anyhow::Result<()> {
    let shifts = 0..=FAR;
    let mut errors = Vec::new();
    for stack in &STACKS {
        let network = (stack.network)(Network::new(Shape::image(1, CANVAS, CANVAS)))?;
        let options = Options { batch: 1, shards: 1, threads: 1, training: false };
        let mut engine = Engine::<f32>::new(network, options)?;
        draw(&mut engine, 1)?;
        let mut error = Vec::new();
        for shift in shifts.clone() {
            let mut sum = 0.0;
            for garment in 0..GARMENTS {
                sum += apart(&mut engine, stack.stride, test, garment, shift)?;
            }
            error.push(sum / GARMENTS as f64);
        }
        for shift in shifts.clone() {
            recorder.value(&format!("{}/{shift}", stack.key), error[shift]);
        }
        errors.push(error);
    }
    let series = recorder.series("apart", "Pixels", shifts.map(|s| s as f64));
    for (stack, error) in STACKS.iter().zip(&errors) {
        series.curve(stack.name, error.iter().copied());
    }
    let largest = |error: &[f64]| error.iter().copied().fold(0.0, f64::max);
    recorder
        .claim(
            "convolution-moves-along",
            "The output of a convolution with stride 1 moves exactly as its input does.",
        )
        .equal(largest(&errors[0]), 0.0);
    let (mut even, mut odd) = (true, true);
    for error in &errors[1..] {
        even &= error.iter().step_by(2).all(|&e| e == 0.0);
        odd &= error.iter().skip(1).step_by(2).all(|&e| e > 0.0);
    }
    let [strided, max, average] = [1, 2, 3].map(|stack: usize| errors[stack][1]);
    recorder
        .claim(
            "stride-breaks-it",
            "With stride 2 this holds for even shifts only, for convolution and pools alike.",
        )
        .record(
            even && odd,
            format!("relative error at one pixel: {strided:.3}, {max:.3} and {average:.3}"),
        );
    Ok(())
}

// ANCHOR: apart
/// How far the output for a garment that was moved is from the output for the garment, moved as much: the length of their
/// difference, relative to the output. A stride that does not divide the shift leaves a choice; the better one counts.
fn apart(
    engine: &mut Engine<f32>,
    stride: usize,
    test: &Labelled,
    garment: usize,
    shift: usize,
) -> anyhow::Result<f64> {
    let still = output(engine, test, garment, 0)?;
    let moved = output(engine, test, garment, shift)?;
    let side = CANVAS / stride;
    let length = still.iter().map(|y| f64::from(*y).powi(2)).sum::<f64>().sqrt();
    let difference = |by: usize| {
        let mut sum = 0.0;
        for k in 0..CHANNELS * side * side {
            let column = k % side;
            // The outermost outputs look at the border.
            if column > by && column + 1 < side && (1..side - 1).contains(&(k / side % side)) {
                sum += f64::from(moved[k] - still[k - by]).powi(2);
            }
        }
        sum.sqrt() / length
    };
    Ok(difference(shift / stride).min(difference(shift.div_ceil(stride))))
}
// ANCHOR_END: apart

/// The output for a garment on its canvas, `shift` pixels right of the middle.
fn output(
    engine: &mut Engine<f32>,
    test: &Labelled,
    garment: usize,
    shift: usize,
) -> anyhow::Result<Vec<f32>> {
    let margin = (CANVAS - 28) / 2;
    let mut x = vec![0.0; CANVAS * CANVAS];
    for ((i, j), &pixel) in test.images.index_axis(ndarray::Axis(0), garment).indexed_iter() {
        x[(margin + i) * CANVAS + margin + shift + j] = f32::from(pixel) / 255.0;
    }
    let mut y = vec![0.0; engine.outputs()];
    engine.predict(&Rows { x: &x, labels: &[0] }, &mut y)?;
    Ok(y)
}

/// Who is moved, and how.
struct Moves {
    cases: Labelled,
    directions: Vec<Direction>,
}

/// Accuracy on moved garments: chapter 1's nearest neighbour, an MLP, the CNN, and a CNN that keeps no place.
fn accuracy(recorder: &mut Recorder, data: &FashionMnist) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    let share = CASES / data.test.len() as f64;
    let rows = split::stratified(data.test.y(), &[share, 1.0 - share], &mut rng);
    let cases = data.test.select(&rows[0]);
    let directions = Direction::draw(cases.len(), &mut rng);
    let moves = Moves { cases, directions };
    recorder.value("cases", moves.cases.len());
    recorder.value("epochs", EPOCHS);
    let x = data.train.x();
    let neighbour = NearestNeighbour::fit(x.view(), data.train.y());
    let mut found = vec![(
        "neighbour",
        "nearest neighbour",
        judge(&moves, |new| Ok(neighbour.predict(flat(new.images.view()).view())))?,
    )];
    let progress = recorder.progress(3 * EPOCHS, "epochs");
    for (key, name, network) in [
        ("mlp", "MLP", networks::mlp as Make),
        ("cnn", "CNN", networks::sequential as Make),
        ("global", "CNN that keeps no place", networks::global as Make),
    ] {
        let run = follow(recorder, &plain(network, &data.train, EPOCHS, 1), &progress)?;
        let mut engine = run.engine;
        let mut answers = |new: &Labelled| Ok(classify(&mut engine, &Garments::new(new))?);
        found.push((key, name, judge(&moves, &mut answers)?));
    }
    record(recorder, &found, &mut rng);
    Ok(())
}

/// Which cases are right, for each step.
fn judge(
    moves: &Moves,
    mut predict: impl FnMut(&Labelled) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut right = Vec::new();
    for by in STEPS {
        let images = moved(moves.cases.images.view(), &moves.directions, by, Fate::Moved);
        let new = Labelled { images, labels: moves.cases.labels.clone() };
        right.push(correct(new.y(), &predict(&new)?));
    }
    Ok(right)
}

/// Key and name of a rule, and which cases it gets right, for each step.
type Found = (&'static str, &'static str, Vec<Vec<f64>>);

fn record(recorder: &mut Recorder, found: &[Found], rng: &mut Rng) {
    let bootstrap = Bootstrap::default();
    let mut curves = Vec::new();
    for (key, name, right) in found {
        let bands: Vec<Interval> = right.iter().map(|r| bootstrap.mean(r, rng)).collect();
        for ((by, band), r) in STEPS.iter().zip(&bands).zip(right) {
            recorder.estimate(&format!("{key}/moved/{by}"), *band);
            recorder.estimate(&format!("{key}/fall/{by}"), bootstrap.paired(&right[0], r, rng));
        }
        curves.push((*name, bands));
    }
    let series = recorder.series("accuracy", "Pixels", STEPS.map(|k| k as f64));
    for (name, bands) in curves {
        series.banded(name, bands.iter().map(|band| band.band()));
    }
    let mut compare = |id: &str, statement: &str, step: usize, [better, worse]: [usize; 2]| {
        let gap = bootstrap.paired(&found[better].2[step], &found[worse].2[step], rng);
        recorder.estimate(&format!("{id}/gap"), gap);
        recorder.claim(id, statement).above(gap, 0.0);
    };
    compare("cnn-beats-mlp", "On garments that stay, the CNN is better than the MLP.", 0, [2, 1]);
    compare("cnn-holds", "At two pixels the CNN is better than the MLP.", 2, [2, 1]);
    compare(
        "global-holds",
        "At four pixels the CNN that keeps no place is better than the CNN.",
        4,
        [3, 2],
    );
}
