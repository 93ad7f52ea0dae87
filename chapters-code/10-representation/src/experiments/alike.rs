//! Do two networks learn the same? Linear CKA between layers of networks, its controls, and its bias.

use backprop::Tensor;
use convolution::networks;
use convolution::recipe::plain;
use learning::{FashionMnist, normal};
use ndarray::{Array2, Axis};
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Rng, Table};
use rand::seq::SliceRandom as _;

use super::probes::{EPOCHS, Parts, SCALED, SIDE, enlarged, place, taps, trained};
use crate::cka::{Gram, by_features};
use crate::features::{self, HEAD};
use crate::inner::{self, LAYERS};
use crate::lite0::Weights;
use crate::lite0::weights::FILE;
use crate::probe::{Map, explained};
use crate::untrained;

/// Test garments on which representations are compared.
const GARMENTS: usize = 1_000;
/// Pairs of networks.
const PAIRS: u64 = 3;
/// Features of two Gaussian clouds that have nothing to do with each other.
const CLOUD: usize = 512;
/// Samples of which CKA is estimated.
const SAMPLES: [usize; 7] = [8, 16, 32, 64, 128, 256, 512];
/// How often the samples are drawn.
const DRAWS: usize = 10;
/// The ridge of the map between two networks, for each sample.
const RIDGE: f64 = 0.01;
/// The layers behind the pixels.
const INNER: std::ops::Range<usize> = 1..LAYERS.len();

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let reads = FashionMnist::paths().into_iter().chain([FILE.to_owned()]);
    let title = "Do two networks learn the same?";
    chapter.experiment(Experiment::new("alike", title, alike).seed(107).reads(reads))
}

/// A network: what its layers say of the garments, of others, and what it says before it has learned.
struct Network {
    /// Of the first garments of the test, by layer.
    layers: Vec<Array2<f32>>,
    /// The last hidden layer on as many garments behind them.
    others: Array2<f32>,
    answers: Vec<u8>,
    fresh: Vec<Array2<f32>>,
    fresh_others: Array2<f32>,
}

/// Compares networks with each other, with Lite0, and noise with noise.
pub fn alike(recorder: &mut Recorder) -> anyhow::Result<()> {
    let parts = Parts::of(&FashionMnist::of(recorder)?);
    let mut rng = recorder.rng();
    by_hand(recorder);
    recorder.value("garments", GARMENTS);
    recorder.value("learned", super::probes::LEARNED);
    recorder.value("pairs", PAIRS);
    recorder.value("side", SIDE);
    let progress = recorder.progress(2 * PAIRS, "networks");
    let (mut pairs, mut first) = (Vec::new(), None);
    for pair in 0..PAIRS {
        let network = |seed| {
            progress.advance(1);
            network(recorder, &parts, seed)
        };
        let two = [network(2 * pair + 1)?, network(2 * pair + 2)?];
        pairs.push(compare(&two, &parts)?);
        let [one, other] = two;
        first.get_or_insert((one, other));
    }
    record_pairs(recorder, &pairs);
    if let Some((one, other)) = &first {
        few_samples(recorder, one, other, &mut rng);
        with_lite0(recorder, &parts, one)?;
    }
    Ok(())
}

/// Three samples of two features, turned and enlarged, and three others.
fn by_hand(recorder: &mut Recorder) {
    let x = ndarray::array![[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]];
    let y = ndarray::array![[1.0, 1.0], [-1.0, 1.0], [0.0, -2.0]];
    let z = ndarray::array![[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]];
    let [k, l, m] = [&x, &y, &z].map(|x: &Array2<f32>| Gram::of(x.view()));
    recorder.value("hand/turned", k.biased(&l));
    recorder.value("hand/other", k.biased(&m));
    recorder.value("hand/other/features", by_features(x.view(), z.view()));
}

fn network(recorder: &Recorder, parts: &Parts, seed: u64) -> anyhow::Result<Network> {
    let recipe = plain(networks::sequential, &parts.learned, EPOCHS, seed);
    let fresh = recipe.begin(recorder.threads())?.weights();
    let weights = trained(recorder, &recipe)?;
    let pixels = parts.tested.x();
    let (here, there) = pixels.view().split_at(Axis(0), GARMENTS);
    let there = there.split_at(Axis(0), GARMENTS.min(there.nrows())).0;
    let read = |weights: &[Tensor<f32>], x| inner::read(weights, x, recorder.threads());
    let hidden = |layers: Vec<Array2<f32>>| layers.into_iter().nth(3).unwrap_or_default();
    let layers = read(&weights, here)?;
    let logits: Vec<f32> = layers[LAYERS.len() - 1].iter().copied().collect();
    let answers = optimization::answers::largest(&logits, networks::CLASSES);
    Ok(Network {
        answers: answers.map(|class| class as u8).collect(),
        layers,
        others: hidden(read(&weights, there)?),
        fresh: read(&fresh, here)?,
        fresh_others: hidden(read(&fresh, there)?),
    })
}

/// What two networks have in common.
struct Compared {
    /// CKA by the unbiased estimate of each layer of one with each of the other, pixels included.
    layers: Array2<f64>,
    /// Of the same layer, between networks without training.
    fresh: Vec<f64>,
    /// Of the same layer of one network before and after.
    before: Vec<f64>,
    /// Share of the garments of which both say the same.
    agreement: f64,
    /// What independent mistakes of that size would give, and the shares that are right.
    right: [f64; 2],
    /// What a linear map explains of the other's hidden layer: from trained to trained, untrained to untrained, untrained to trained, pixels
    /// to trained.
    explained: [f64; 4],
}

fn compare([a, b]: &[Network; 2], parts: &Parts) -> anyhow::Result<Compared> {
    let grams = |layers: &[Array2<f32>]| -> Vec<Gram> {
        layers.iter().map(|x| Gram::of(x.view())).collect()
    };
    let [ga, gb, fa, fb] = [&a.layers, &b.layers, &a.fresh, &b.fresh].map(|layers| grams(layers));
    let same = |a: &[Gram], b: &[Gram]| a.iter().zip(b).map(|(a, b)| a.unbiased(b)).collect();
    let agree = a.answers.iter().zip(&b.answers).filter(|(a, b)| a == b).count();
    let truth = &parts.tested.y()[..GARMENTS];
    let pixels = parts.tested.x();
    let (here, there) = pixels.view().split_at(Axis(0), GARMENTS);
    let target = [b.layers[3].view(), b.others.view()];
    Ok(Compared {
        layers: Array2::from_shape_fn((ga.len(), gb.len()), |(i, j)| ga[i].unbiased(&gb[j])),
        fresh: same(&fa, &fb),
        before: same(&ga, &fa),
        agreement: agree as f64 / GARMENTS as f64,
        right: [&a.answers, &b.answers].map(|answers| learning::accuracy(truth, answers)),
        explained: [
            carried([a.layers[3].view(), a.others.view()], target)?,
            carried(
                [a.fresh[3].view(), a.fresh_others.view()],
                [b.fresh[3].view(), b.fresh_others.view()],
            )?,
            carried([a.fresh[3].view(), a.fresh_others.view()], target)?,
            carried([here, there], target)?,
        ],
    })
}

/// What of the targets on other garments a linear map from the features explains, which was fitted on the first ones.
fn carried(
    [x, other_x]: [ndarray::ArrayView2<'_, f32>; 2],
    [y, other_y]: [ndarray::ArrayView2<'_, f32>; 2],
) -> anyhow::Result<f64> {
    let map = Map::fit(x, y.mapv(f64::from).view(), RIDGE * x.nrows() as f64)?;
    Ok(explained(map.apply(other_x).view(), other_y.mapv(f64::from).view()))
}

fn record_pairs(recorder: &mut Recorder, pairs: &[Compared]) {
    let over = |of: &dyn Fn(&Compared) -> f64| {
        Estimate::over_runs(&pairs.iter().map(of).collect::<Vec<_>>())
    };
    let mut map = Table::new(
        std::iter::once("Layer".to_owned())
            .chain(LAYERS.into_iter().map(|layer| format!("{layer} | fixed 2"))),
    );
    for (i, layer) in LAYERS.into_iter().enumerate() {
        let mean = |j: usize| over(&|pair| pair.layers[[i, j]]).value;
        let cells = (0..LAYERS.len()).map(|j| mean(j).into());
        map.row(std::iter::once(layer.into()).chain(cells).collect::<Vec<_>>());
    }
    recorder.table("layers", map);
    let mut table = Table::new([
        "Layer",
        "Two trained | fixed 3",
        "Two untrained | fixed 3",
        "Before and after | fixed 3",
        "Pixels and trained | fixed 3",
    ]);
    for i in INNER {
        let key = LAYERS[i].replace(' ', "-");
        let four = [
            over(&|pair| pair.layers[[i, i]]),
            over(&|pair| pair.fresh[i]),
            over(&|pair| pair.before[i]),
            over(&|pair| pair.layers[[i, 0]]),
        ];
        for (name, found) in ["trained", "untrained", "before", "pixels"].into_iter().zip(four) {
            recorder.estimate(&format!("{name}/{key}"), found);
        }
        table.row([
            LAYERS[i].into(),
            four[0].value.into(),
            four[1].value.into(),
            four[2].value.into(),
            four[3].value.into(),
        ]);
    }
    recorder.table("same", table);
    let agreement = over(&|pair| pair.agreement);
    recorder.estimate("agreement", agreement);
    recorder.estimate("right", over(&|pair| pair.right.iter().sum::<f64>() / 2.0));
    let names = ["trained", "untrained", "untrained-to-trained", "pixels-to-trained"];
    for (i, name) in names.into_iter().enumerate() {
        recorder.estimate(&format!("explained/{name}"), over(&|pair| pair.explained[i]));
    }
    claims(recorder, pairs);
}

fn claims(recorder: &mut Recorder, pairs: &[Compared]) {
    let over = |of: &dyn Fn(&Compared) -> f64| {
        Estimate::over_runs(&pairs.iter().map(of).collect::<Vec<_>>())
    };
    // Which layer of the other network is most like each of one, both ways.
    let nearest = |pair: &Compared, i: usize, turned: bool| {
        let at = |j: usize| if turned { pair.layers[[j, i]] } else { pair.layers[[i, j]] };
        INNER.fold(1, |best, j| if at(j) > at(best) { j } else { best }) == i
    };
    let questions = || INNER.flat_map(|i| [(i, false), (i, true)]);
    let right = pairs
        .iter()
        .map(|pair| questions().filter(|&(i, turned)| nearest(pair, i, turned)).count())
        .sum();
    let total = pairs.len() * questions().count();
    recorder.value("nearest/right", right);
    recorder.value("nearest/all", total);
    let text = "Each layer is most like the same layer of the other network.";
    recorder.claim("same-layer-is-nearest", text).all(right, total, "layers");
    let more = over(&|pair| pair.layers[[3, 3]] - pair.fresh[3]);
    recorder.estimate("hidden/trained-less-untrained", more);
    let fresh = over(&|pair| pair.fresh[3]);
    let found = fresh.in_words(Format::Fixed(3));
    let text = "The hidden layers of two untrained networks are alike by more than a half.";
    recorder.claim("alike-untrained", text).record(fresh.low > 0.5, found);
    let before = over(&|pair| pair.layers[[3, 3]] - pair.before[3]);
    recorder.estimate("hidden/between-less-before", before);
    let found = before.in_words(Format::Fixed(3));
    let text = "The hidden layer of a trained network is more like that of another than like its own before training.";
    recorder.claim("more-like-the-other", text).record(before.low > 0.0, found);
    let carried = over(&|pair| pair.explained[0] - pair.explained[3]);
    recorder.estimate("explained/more-than-pixels", carried);
    let text =
        "A linear map explains more of a hidden layer from the other network's than from pixels.";
    recorder.claim("carried", text).record(carried.low > 0.0, carried.in_words(Format::Points(1)));
}

/// The two estimates for few samples: for clouds of noise, for one layer of garments in two orders, and for the hidden layers of two networks.
fn few_samples(recorder: &mut Recorder, one: &Network, other: &Network, rng: &mut Rng) {
    let mut found: Vec<[Vec<f64>; 6]> = Vec::new();
    for n in SAMPLES {
        let mut all: [Vec<f64>; 6] = Default::default();
        for _ in 0..DRAWS {
            for (i, [x, y]) in samples(one, other, n, rng).into_iter().enumerate() {
                let [x, y] = [x, y].map(|x| Gram::of(x.view()));
                all[2 * i].push(x.biased(&y));
                all[2 * i + 1].push(x.unbiased(&y));
            }
        }
        found.push(all);
    }
    let names = [
        "noise, biased",
        "noise, unbiased",
        "garments in two orders, biased",
        "garments in two orders, unbiased",
        "two networks, biased",
        "two networks, unbiased",
    ];
    let keys = ["noise", "orders", "networks"];
    let over = |all: &[Vec<f64>; 6], i: usize| Estimate::over_runs(&all[i]);
    for (n, all) in SAMPLES.into_iter().zip(&found) {
        for (i, key) in keys.into_iter().enumerate() {
            recorder.estimate(&format!("few/{key}/biased/{n}"), over(all, 2 * i));
            recorder.estimate(&format!("few/{key}/unbiased/{n}"), over(all, 2 * i + 1));
        }
    }
    recorder.value("few/cloud", CLOUD);
    recorder.value("few/draws", DRAWS);
    recorder.value("few/orders/features", one.layers[2].ncols());
    let series = recorder.series("few", "Samples", SAMPLES.into_iter().map(|n| n as f64));
    for (i, name) in names.into_iter().enumerate() {
        let band = |all: &[Vec<f64>; 6]| {
            let found = over(all, i);
            [found.low, found.value, found.high]
        };
        series.banded(name, found.iter().map(band));
    }
    // More than one interval is asked: that of the mean over all sizes.
    let runs: Vec<f64> = (0..DRAWS)
        .map(|draw| found.iter().map(|all| all[1][draw]).sum::<f64>() / SAMPLES.len() as f64)
        .collect();
    let mean = Estimate::over_runs(&runs);
    recorder.estimate("few/noise/unbiased", mean);
    let text =
        "Over all sizes together, the unbiased estimate for noise has nought within its interval.";
    let evidence = mean.in_words(Format::Fixed(3));
    recorder
        .claim("unbiased-is-unbiased", text)
        .record(mean.low <= 0.0 && mean.high >= 0.0, evidence);
    let [biased, unbiased] = [over(&found[1], 2), over(&found[1], 3)];
    recorder.value("few/n", SAMPLES[1]);
    let text = "Of sixteen garments in two orders, the biased estimate is above a quarter, and the unbiased one has nought within its interval.";
    let evidence =
        [biased, unbiased].map(|found| found.in_words(Format::Fixed(2))).join(" against ");
    let holds = biased.low > 0.25 && unbiased.low <= 0.0 && unbiased.high >= 0.0;
    recorder.claim("bias-finds-likeness", text).record(holds, evidence);
}

/// Three pairs of representations of `n` samples.
fn samples(one: &Network, other: &Network, n: usize, rng: &mut Rng) -> [[Array2<f32>; 2]; 3] {
    let mut cloud = || Array2::from_shape_fn((n, CLOUD), |_| normal(rng) as f32);
    let noise = [cloud(), cloud()];
    let mut rows: Vec<usize> = (0..GARMENTS).collect();
    rows.shuffle(rng);
    let (first, second) = (&rows[..n], &rows[GARMENTS - n..]);
    let take = |x: &Array2<f32>, rows: &[usize]| x.select(Axis(0), rows);
    let orders = [take(&one.layers[2], first), take(&other.layers[2], second)];
    let networks = [take(&one.layers[3], first), take(&other.layers[3], first)];
    [noise, orders, networks]
}

/// The book's network against Lite0, trained and untrained.
fn with_lite0(recorder: &mut Recorder, parts: &Parts, one: &Network) -> anyhow::Result<()> {
    let pictures = enlarged(&parts.tested.select(&(0..GARMENTS).collect::<Vec<_>>()));
    let scaled = enlarged(&parts.probed.select(&(0..SCALED).collect::<Vec<_>>()));
    let ours: Vec<Gram> = one.layers.iter().map(|x| Gram::of(x.view())).collect();
    let of = |weights: &Weights| -> Vec<Gram> {
        features::of(weights, &pictures, &taps(2)).iter().map(|x| Gram::of(x.view())).collect()
    };
    let trained = of(&Weights::of(recorder)?);
    let fresh = [1, 2].map(|seed| of(&untrained::draw(&scaled, seed)));
    let x = || (0..=HEAD).map(|i| i as f64);
    let series = recorder.series("lite0", "Block", x());
    for (layer, ours) in LAYERS.iter().zip(&ours) {
        series.curve(layer, trained.iter().map(|theirs| ours.unbiased(theirs)));
    }
    let same = |a: &[Gram], b: &[Gram]| -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| a.unbiased(b)).collect()
    };
    let (between, before) = (same(&fresh[0], &fresh[1]), same(&trained, &fresh[0]));
    let pixels = |of: &[Gram]| -> Vec<f64> { of.iter().map(|k| ours[0].unbiased(k)).collect() };
    let series = recorder.series("lite0-controls", "Block", x());
    series.curve("two untrained", between.clone());
    series.curve("trained and untrained", before.clone());
    series.curve("pixels and trained", pixels(&trained));
    series.curve("pixels and untrained", pixels(&fresh[0]));
    let mut map = Table::new(
        std::iter::once("Lite0".to_owned())
            .chain(LAYERS.into_iter().map(|layer| format!("{layer} | fixed 2"))),
    );
    for (i, theirs) in trained.iter().enumerate() {
        let cells = ours.iter().map(|ours| ours.unbiased(theirs).into());
        map.row(std::iter::once(place(i).into()).chain(cells).collect::<Vec<_>>());
    }
    recorder.table("lite0", map);
    let best = |layer: usize| {
        let at = |i: usize| ours[layer].unbiased(&trained[i]);
        (0..=HEAD).fold(0, |best, i| if at(i) > at(best) { i } else { best })
    };
    for i in INNER {
        let key = LAYERS[i].replace(' ', "-");
        recorder.value(&format!("lite0/{key}/place"), place(best(i)));
        recorder.value(&format!("lite0/{key}/number"), best(i));
        recorder.value(&format!("lite0/{key}/cka"), ours[i].unbiased(&trained[best(i)]));
    }
    recorder.value("lite0/untrained/least", between.iter().copied().fold(1.0, f64::min));
    recorder.value("lite0/untrained/head", between[HEAD]);
    recorder.value("lite0/before/head", before[HEAD]);
    let order: Vec<usize> = INNER.map(best).collect();
    let evidence = order.iter().map(|&i| place(i)).collect::<Vec<_>>().join(", ");
    let text = "The deeper a layer of the book's network, the deeper the place in Lite0 that is most like it, or as deep.";
    recorder.claim("depth-goes-with-depth", text).record(order.is_sorted(), evidence);
    Ok(())
}
