//! What does sharing save, and what does it assume? Parameters and multiplications, counted two ways; and garments whose pixels
//! are shuffled, all in one and the same way.

use backprop::{Linear, Network, Shape};
use learning::{Bootstrap, FashionMnist, Labelled};
use ndarray::Array3;
use notebook::{Estimate, Format, Recorder, Table};
use optimization::recipe::Make;
use optimization::{Garments, answers};
use rand::seq::SliceRandom as _;

use super::follow;
use crate::Convolution;
use crate::networks::{self, INPUT};
use crate::recipe::plain;

/// Outputs of the first layer.
const OUTPUTS: usize = 32;
/// Garments that are learned from, shuffled or not.
const FEW: usize = 20_000;
/// How often they are seen.
const EPOCHS: u64 = 3;

/// Counts, then shuffles.
pub fn sharing(recorder: &mut Recorder) -> anyhow::Result<()> {
    one_layer(recorder)?;
    whole_network(recorder)?;
    shuffled(recorder)
}

/// A layer of 32 outputs for each pixel: each with weights of its own, or all with the same.
fn one_layer(recorder: &mut Recorder) -> anyhow::Result<()> {
    let pixels = INPUT.elements();
    let dense = pixels * pixels * OUTPUTS + pixels * OUTPUTS;
    // What a pixel's outputs look at is 3 × 3, but every pixel has weights of its own.
    let local = pixels * (9 * OUTPUTS + OUTPUTS);
    let shared = 9 * OUTPUTS + OUTPUTS;
    let mut table = Table::new(["Layer", "Parameters | int", "Multiplications | int"]);
    for (key, name, parameters, multiplications) in [
        ("dense", "dense", dense, pixels * pixels * OUTPUTS),
        ("local", "3 × 3 windows, weights not shared", local, pixels * 9 * OUTPUTS),
        ("shared", "3 × 3 windows, weights shared", shared, pixels * 9 * OUTPUTS),
    ] {
        table.row([name.into(), parameters.into(), multiplications.into()]);
        recorder.value(&format!("{key}/parameters"), parameters);
        recorder.value(&format!("{key}/multiplications"), multiplications);
    }
    recorder.table("one-layer", table);
    recorder.value("parameters/ratio", dense as f64 / shared as f64);
    let linear = Network::<f32>::new(INPUT).then("0", Linear::new(pixels, pixels * OUTPUTS))?;
    let layer = Convolution::new(1, OUTPUTS, 3).padding(1);
    let convolution = Network::<f32>::new(INPUT).then("0", layer)?;
    recorder.claim("counts-agree", "The formulas count what the layers themselves have.").record(
        linear.parameters() == dense && convolution.parameters() == shared,
        format!("{} and {dense}; {} and {shared}", linear.parameters(), convolution.parameters()),
    );
    Ok(())
}

/// Where the network's parameters are, and where its multiplications.
fn whole_network(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new(["Layer", "Output", "Parameters | int", "Multiplications | int"]);
    let (mut parameters, mut multiplications) = ([0; 2], [0; 2]);
    let mut add = |name: &str, output: Shape, inputs: usize, channels: usize, places: usize| {
        let (p, m) = ((inputs + 1) * channels, places * inputs * channels);
        table.row([name.into(), output.to_string().into(), p.into(), m.into()]);
        let kind = usize::from(places == 1);
        parameters[kind] += p;
        multiplications[kind] += m;
    };
    add("convolution 3 × 3, ReLU, pool", Shape::image(32, 14, 14), 9, 32, 28 * 28);
    add("convolution 3 × 3, ReLU, pool", Shape::image(64, 7, 7), 9 * 32, 64, 14 * 14);
    add("linear, ReLU", Shape::row(128), 64 * 49, 128, 1);
    add("linear", Shape::row(10), 128, 10, 1);
    recorder.table("network", table);
    let (p, m) = (parameters[0] + parameters[1], multiplications[0] + multiplications[1]);
    recorder.value("network/parameters", p);
    recorder.value("network/multiplications", m);
    recorder.value("network/shared-parameters", parameters[0] as f64 / p as f64);
    recorder.value("network/shared-multiplications", multiplications[0] as f64 / m as f64);
    let counted = networks::sequential::<f32>()?.parameters();
    recorder
        .claim("network-counted", "The table's parameters are those of the network itself.")
        .equal(p, counted);
    recorder.value("mlp/parameters", networks::mlp::<f32>()?.parameters());
    recorder.value("global/parameters", networks::global::<f32>()?.parameters());
    Ok(())
}

/// Both networks on garments whose pixels keep their places, and on garments whose pixels were given others.
fn shuffled(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let mut places: Vec<usize> = (0..INPUT.elements()).collect();
    places.shuffle(&mut rng);
    let first: Vec<usize> = (0..FEW).collect();
    let train = data.train.select(&first);
    let sides = [
        ("in-place", train.clone(), data.test.clone()),
        ("shuffled", reorder(&train, &places), reorder(&data.test, &places)),
    ];
    let progress = recorder.progress(4 * EPOCHS, "epochs");
    let bootstrap = Bootstrap::default();
    recorder.value("shuffled/garments", FEW);
    recorder.value("shuffled/epochs", EPOCHS);
    for (key, name, network) in [
        ("mlp", "A network of dense layers", networks::mlp as Make),
        ("cnn", "A convolutional network", networks::sequential as Make),
    ] {
        let mut right = Vec::new();
        for (way, garments, test) in &sides {
            let mut run = follow(recorder, &plain(network, garments, EPOCHS, 1), &progress)?;
            let hits = answers::right(&mut run.engine, &Garments::new(test))?;
            recorder.estimate(&format!("{key}/{way}"), bootstrap.mean(&hits, &mut rng));
            right.push(hits);
        }
        let loss = bootstrap.paired(&right[0], &right[1], &mut rng);
        recorder.estimate(&format!("{key}/loss"), loss);
        if key == "cnn" {
            recorder
                .claim(
                    "cnn-needs-places",
                    &format!("{name} loses accuracy when pixels are shuffled."),
                )
                .above(loss, 0.0);
        } else {
            recorder
                .claim("mlp-needs-none", &format!("{name} loses or gains less than two points."))
                .record(
                    loss.low > -0.02 && loss.high < 0.02,
                    Estimate::from(loss).in_words(Format::Points(2)),
                );
        }
    }
    Ok(())
}

/// Every garment with its pixels in other places, the same for all.
fn reorder(data: &Labelled, places: &[usize]) -> Labelled {
    let mut images = Array3::zeros(data.images.dim());
    for (from, mut to) in data.images.outer_iter().zip(images.outer_iter_mut()) {
        let from: Vec<u8> = from.iter().copied().collect();
        to.iter_mut().zip(places).for_each(|(to, &place)| *to = from[place]);
    }
    Labelled { images, labels: data.labels.clone() }
}
