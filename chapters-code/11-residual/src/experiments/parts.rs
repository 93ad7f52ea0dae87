//! Depthwise convolutions and hard-swish by themselves; and what single layers and whole networks count: multiply-adds, bytes,
//! and multiply-adds for each byte.

use backprop::{Engine, Network, Options, Rows, Shape};
use convolution::Convolution;
use notebook::{Chapter, Experiment, Recorder, Rng, Table};
use rand::RngExt as _;

use crate::description::{Activation, Model};
use crate::operations::Depthwise;
use crate::parts::{LAYERS, Work};

/// The side of a photograph.
const SIDE: usize = 224;
/// Channels and window of the example whose counts are written out.
const CHANNELS: usize = 128;
const WINDOW: usize = 3;
/// The networks that are counted as wholes.
pub const WHOLE: [(&str, &str); 2] =
    [("resnet152", "ResNet-152"), ("mobilenet_v3_large", "MobileNetV3-Large")];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .experiment(Experiment::new("depthwise", "A channel by itself", depthwise).seed(117))
        .experiment(Experiment::new("swish", "Hard-swish beside swish and ReLU", swish))
        .experiment(Experiment::new("parts", "What layers count, and for each byte", parts))
        .bench("parts")
        .bench("parts_peak")
}

fn depthwise(recorder: &mut Recorder) -> anyhow::Result<()> {
    by_hand(recorder)?;
    same_as_full(recorder)?;
    kinds(recorder);
    Ok(())
}

/// What a network makes of one picture, with these weights of its convolutions.
fn answer(
    network: Network<f64>,
    weights: &[(&str, &[f64])],
    x: &[f64],
) -> anyhow::Result<Vec<f64>> {
    let options = Options { batch: 1, shards: 1, threads: 1, training: false };
    let mut engine = Engine::new(network, options)?;
    for (name, data) in weights {
        let shape = engine.get(name)?.shape;
        engine.set(name, &shape, data)?;
    }
    let mut y = vec![0.0; engine.output_shape().elements()];
    engine.predict(&Rows { x, labels: &[0] }, &mut y)?;
    Ok(y)
}

/// Each window, and then the mix.
fn separable(c: usize, d: usize, k: usize, side: usize) -> backprop::Result<Network<f64>> {
    Network::new(Shape::image(c, side, side))
        .then("look", Depthwise::new(c, k))?
        .then("mix", Convolution::new(c, d, 1).without_bias())
}

/// The full convolution.
fn full(c: usize, d: usize, k: usize, side: usize) -> backprop::Result<Network<f64>> {
    let convolution = Convolution::new(c, d, k).without_bias();
    Network::new(Shape::image(c, side, side)).then("full", convolution)
}

/// The windows `(D, C, K, K)` of the full convolution that is the two: products of their weights.
fn products(look: &[f64], mix: &[f64], c: usize) -> Vec<f64> {
    let window = look.len() / c;
    let of = |i: usize| mix[i / window] * look[i / window % c * window + i % window];
    (0..mix.len() * window).map(of).collect()
}

/// The example of the page.
pub const PICTURE: [f64; 18] =
    [1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 3.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
/// Its two windows of 2 × 2.
pub const LOOK: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 1.0, -1.0, -1.0, 1.0];
/// How its two outputs mix them.
pub const MIX: [f64; 4] = [1.0, 1.0, 1.0, -2.0];

fn by_hand(recorder: &mut Recorder) -> anyhow::Result<()> {
    let looked = Network::new(Shape::image(2, 3, 3)).then("look", Depthwise::new(2, 2))?;
    let looked = answer(looked, &[("look.weight", &LOOK)], &PICTURE)?;
    let weights: [(&str, &[f64]); 2] = [("look.weight", &LOOK), ("mix.weight", &MIX)];
    let mixed = answer(separable(2, 2, 2, 3)?, &weights, &PICTURE)?;
    for (key, numbers) in [("looked", &looked), ("mixed", &mixed)] {
        recorder
            .series(key, "place", (0..numbers.len()).map(|i| i as f64))
            .curve(key, numbers.iter().copied());
    }
    let expected =
        [[5.0, 7.0, 11.0, 5.0, -2.0, 2.0, 2.0, -2.0], [3.0, 9.0, 13.0, 3.0, 9.0, 3.0, 7.0, 9.0]];
    recorder
        .claim("by-hand", "The engine gives the numbers that the page computes by hand.")
        .record(looked == expected[0] && mixed == expected[1], format!("{looked:?} and {mixed:?}"));
    Ok(())
}

fn same_as_full(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (c, d, k, side) = (16, 24, WINDOW, 10);
    let mut rng = recorder.rng();
    let random = |rng: &mut Rng, n: usize| -> Vec<f64> {
        (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
    };
    let [look, mix, x] = [c * k * k, c * d, c * side * side].map(|n| random(&mut rng, n));
    let two =
        answer(separable(c, d, k, side)?, &[("look.weight", &look), ("mix.weight", &mix)], &x)?;
    let weights = products(&look, &mix, c);
    let one = answer(full(c, d, k, side)?, &[("full.weight", &weights)], &x)?;
    let apart = one.iter().zip(&two).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let most = one.iter().fold(0.0, |most: f64, y| most.max(y.abs()));
    recorder.value("same/free", look.len() + mix.len());
    recorder.value("same/full", weights.len());
    recorder
        .claim("same", "A depthwise and a pointwise convolution are one full convolution, whose weights are the products of theirs.")
        .record(apart < 1e-12 * most, format!("{} outputs, equal to twelve digits", one.len()));
    Ok(())
}

/// Full, grouped, depthwise, and depthwise with 1 × 1 behind, for one layer.
fn kinds(recorder: &mut Recorder) {
    let (c, window) = (CHANNELS, WINDOW * WINDOW);
    let mut table = Table::new([
        "Layer",
        "Inputs that an output sees | int",
        "Multiply-adds a pixel | int",
        "Share of full | percent 1",
    ]);
    let mut row = |name: String, seen: usize, count: usize| {
        let share = count as f64 / (window * c * c) as f64;
        table.row([name.into(), seen.into(), count.into(), share.into()]);
        share
    };
    for groups in [1, 4, 32, c] {
        let name = match groups {
            1 => "full".to_owned(),
            groups if groups == c => "depthwise".to_owned(),
            groups => format!("{groups} groups"),
        };
        row(name, window * c / groups, window * c * c / groups);
    }
    let two = window * c + c * c;
    let share = row("depthwise, then 1 × 1".into(), window * c, two);
    recorder.table("kinds", table);
    recorder.value("channels", c);
    recorder.value("full", window * c * c);
    recorder.value("separable", two);
    recorder.value("share", share);
    recorder.value("mix/share", (c * c) as f64 / two as f64);
    recorder
        .claim("ratio", "The two together take 1/D + 1/K² of the full convolution's multiply-adds.")
        .record(
            (share - (1.0 / c as f64 + 1.0 / window as f64)).abs() < 1e-12,
            format!("{two} of {} a pixel, {c} channels in and out", window * c * c),
        );
}

/// Swish, `x` times the sigmoid of `x`.
fn smooth(x: f64) -> f64 {
    x / (1.0 + (-x).exp())
}

fn hard(x: f64) -> f64 {
    x * (x + 3.0).clamp(0.0, 6.0) / 6.0
}

fn swish(recorder: &mut Recorder) -> anyhow::Result<()> {
    let x: Vec<f64> = (-50..=50).map(|i| f64::from(i) / 10.0).collect();
    let of = |f: fn(f64) -> f64| x.iter().map(|&x| f(x)).collect::<Vec<_>>();
    recorder
        .series("curves", "x", x.iter().copied())
        .curve("ReLU", of(|x| x.max(0.0)))
        .curve("swish", of(smooth))
        .curve("hard-swish", of(hard));
    let fine = || (-80_000..=80_000).map(|i| f64::from(i) / 1e4);
    let furthest = |f: fn(f64) -> f64, g: fn(f64) -> f64| {
        let apart = |x: f64| (f(x) - g(x)).abs();
        let at = fine().fold(0.0, |best, x| if apart(x) > apart(best) { x } else { best });
        (at, apart(at))
    };
    let (at, most) = furthest(hard, smooth);
    recorder.value("furthest", most);
    recorder.value("furthest/at", at.abs());
    recorder.value("relu/furthest", furthest(|x| x.max(0.0), smooth).1);
    let lowest = fine().fold(0.0, |best, x| if hard(x) < hard(best) { x } else { best });
    recorder.value("lowest/at", lowest);
    recorder.value("lowest", hard(lowest));
    recorder
        .claim("corners", "Hard-swish is furthest from swish at its two corners, 3 and −3, and nearer to it than ReLU is.")
        .record(
            (at.abs() - 3.0).abs() < 1e-3 && most < furthest(|x| x.max(0.0), smooth).1,
            format!("{most:.4} at {at}; ReLU {:.4}", furthest(|x| x.max(0.0), smooth).1),
        );
    let same = x.iter().all(|&x| {
        (f64::from(Activation::HardSwish.of(x as f32)) - hard(x)).abs()
            < 1e-6 * hard(x).abs().max(1.0)
    });
    recorder
        .claim("same", "The forward pass of the described networks computes the same hard-swish.")
        .record(same, format!("{} numbers", x.len()));
    Ok(())
}

fn parts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Layer",
        "Multiply-adds | count 1",
        "Read and written | bytes 1",
        "Multiply-adds a byte | fixed 1",
    ]);
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for layer in LAYERS {
        let (count, bytes) = (layer.multiply_adds(), layer.bytes());
        let each = count as f64 / bytes as f64;
        table.row([layer.name().into(), count.into(), bytes.into(), each.into()]);
        recorder.value(&format!("{}/multiply-adds", layer.id), count);
        recorder.value(&format!("{}/bytes", layer.id), bytes);
        recorder.value(&format!("{}/each", layer.id), each);
        match layer.work {
            Work::Full(_) | Work::Pointwise(_) => least = least.min(each),
            Work::Depthwise(_) => most = most.max(each),
            _ => {}
        }
    }
    recorder.table("layers", table);
    recorder
        .claim("each", "Every full and every pointwise convolution of the table does more multiply-adds a byte than every depthwise one.")
        .greater(least, most);
    networks(recorder)
}

/// Multiply-adds, and bytes that convolutions read and write.
#[derive(Clone, Copy, Default)]
struct Counted {
    multiply_adds: u64,
    numbers: usize,
}

/// What the convolutions of a network count, of those that `wanted` picks.
fn convolutions(model: &Model, depthwise: bool) -> Counted {
    let mut counted = Counted::default();
    model.each_convolution(SIDE, &mut |c, side| {
        if (c.groups > 1) == depthwise {
            let (out, weights) = (c.output(side).pow(2), c.shape().iter().product::<usize>());
            counted.multiply_adds += (weights * out) as u64;
            counted.numbers += c.inputs * side.pow(2) + c.outputs * out + weights;
        }
    });
    counted
}

/// What the network would count if its depthwise convolutions were full ones.
fn all_full(model: &Model) -> u64 {
    let mut more = 0;
    model.each_convolution(SIDE, &mut |c, side| {
        let one = c.shape().iter().product::<usize>() * c.output(side).pow(2);
        more += (one * (c.groups - 1)) as u64;
    });
    model.multiply_adds(SIDE) + more
}

fn networks(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Parameters | count 1",
        "Multiply-adds | count 1",
        "Read and written by convolutions | bytes 1",
        "Multiply-adds a byte | fixed 1",
    ]);
    let mut found = Vec::new();
    for (key, name) in WHOLE {
        let model = crate::model(key)?;
        let (count, parameters) = (model.multiply_adds(SIDE), model.parameters());
        let [mixing, looking] = [false, true].map(|depthwise| convolutions(&model, depthwise));
        let bytes = 4 * (mixing.numbers + looking.numbers);
        let each = (mixing.multiply_adds + looking.multiply_adds) as f64 / bytes as f64;
        table.row([name.into(), parameters.into(), count.into(), bytes.into(), each.into()]);
        recorder.value(&format!("{key}/multiply-adds"), count);
        recorder.value(&format!("{key}/parameters"), parameters);
        recorder.value(&format!("{key}/bytes"), bytes);
        recorder.value(&format!("{key}/each"), each);
        let share = |part: u64, all: u64| part as f64 / all as f64;
        recorder.value(&format!("{key}/depthwise"), share(looking.multiply_adds, count));
        let of_bytes = share(4 * looking.numbers as u64, bytes as u64);
        recorder.value(&format!("{key}/depthwise/bytes"), of_bytes);
        recorder.value(&format!("{key}/all-full"), share(all_full(&model), count));
        found.push((count, bytes));
    }
    recorder.table("networks", table);
    let [large, small] = [found[0], found[1]];
    let operations = large.0 as f64 / small.0 as f64;
    let bytes = large.1 as f64 / small.1 as f64;
    recorder.value("fewer/multiply-adds", operations);
    recorder.value("fewer/bytes", bytes);
    recorder
        .claim("fewer", "From ResNet-152 to MobileNetV3-Large, multiply-adds fall by a larger factor than the bytes that convolutions read and write.")
        .greater(operations, bytes);
    Ok(())
}
