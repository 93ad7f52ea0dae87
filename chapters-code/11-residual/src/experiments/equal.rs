//! Our networks beside torchvision's: logits, counts, and what one changed convention does.

use anyhow::Context as _;
use learning::bootstrap::mean;
use ndarray::Array3;
use notebook::{Chapter, Experiment, Recorder, Table};
use rayon::prelude::*;
use serde_json::Value;

use crate::description::{Counted, Kind, Model, Part};
use crate::preprocess::{self, Kernel, Way};
use crate::{NAMES, Weights, apart, formula, plain};

/// What torchvision said, from the workspace's root.
const RECORD: &str = "tests/peers/11-residual.json";
/// The photographs that came with Chapter 2.
const PHOTOGRAPHS: [&str; 8] =
    ["astronaut", "brick", "chelsea", "coffee", "grass", "gravel", "hubble", "retina"];
/// Side of the images that are counted for.
pub const SIDE: usize = 224;
/// Multiply-adds of a network up to which the larger image is asked, too.
const QUICK: u64 = 5_000_000_000;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let reads = PHOTOGRAPHS.map(photograph).into_iter().chain([RECORD.to_owned()]);
    let title = "Networks beside torchvision's, and what one convention changes";
    chapter.experiment(Experiment::new("equal", title, equal).seed(110).reads(reads))
}

fn photograph(name: &str) -> String {
    format!("data/photographs/{name}.png")
}

/// Counts, asks and changes.
pub fn equal(recorder: &mut Recorder) -> anyhow::Result<()> {
    family(recorder)?;
    kinds(recorder)?;
    stages(recorder)?;
    block(recorder)?;
    beside(recorder)?;
    conventions(recorder)
}

/// How large each network is.
fn family(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Layers | int",
        "Parameters | int",
        "Bytes | bytes 0",
        "Multiply-adds | count 2",
        "Multiply-adds for each parameter | fixed 0",
    ]);
    for name in NAMES {
        let model = crate::model(name)?;
        let layers = model.layers(SIDE);
        let along = layers.iter().filter(|layer| !layer.around && layer.kind != Kind::Gate).count();
        let gates = layers.iter().filter(|layer| layer.kind == Kind::Gate).count();
        let (parameters, multiply_adds) = (model.parameters(), model.multiply_adds(SIDE));
        recorder.value(&format!("{name}/layers"), along);
        recorder.value(&format!("{name}/around"), layers.len() - along - gates);
        recorder.value(&format!("{name}/gates"), gates);
        recorder.value(&format!("{name}/parameters"), parameters);
        recorder.value(&format!("{name}/bytes"), 4 * parameters);
        recorder.value(&format!("{name}/multiply-adds"), multiply_adds);
        recorder.value(&format!("{name}/tensors"), model.tensors().len());
        let each = multiply_adds as f64 / parameters as f64;
        table.row([
            name.into(),
            along.into(),
            parameters.into(),
            (4 * parameters).into(),
            multiply_adds.into(),
            each.into(),
        ]);
    }
    recorder.table("family", table);
    recorder.value("networks", NAMES.len());
    recorder.value("side", SIDE);
    Ok(())
}

/// Parameters and multiply-adds of some layers.
fn sums<'a>(layers: impl Iterator<Item = &'a Counted>) -> [f64; 2] {
    layers.fold([0.0; 2], |[parameters, multiply_adds], layer| {
        [parameters + layer.parameters as f64, multiply_adds + layer.multiply_adds as f64]
    })
}

/// In which kinds of layer the parameters are, and the multiply-adds.
fn kinds(recorder: &mut Recorder) -> anyhow::Result<()> {
    for name in NAMES {
        let layers = crate::model(name)?.layers(SIDE);
        let whole = sums(layers.iter());
        let mut table = Table::new([
            "Kind of layer",
            "Layers | int",
            "Parameters | percent 1",
            "Multiply-adds | percent 1",
        ]);
        for (kind, title) in Kind::NAMES {
            let of_kind = || layers.iter().filter(|layer| layer.kind.key() == kind);
            let [parameters, multiply_adds] = sums(of_kind());
            let shares = [parameters / whole[0], multiply_adds / whole[1]];
            recorder.value(&format!("{name}/{kind}/parameters"), shares[0]);
            recorder.value(&format!("{name}/{kind}/multiply-adds"), shares[1]);
            if of_kind().count() > 0 {
                table.row([
                    title.into(),
                    of_kind().count().into(),
                    shares[0].into(),
                    shares[1].into(),
                ]);
            }
        }
        recorder.table(&format!("kinds/{name}"), table);
    }
    Ok(())
}

/// In which stages of the residual networks the parameters are, and the multiply-adds.
fn stages(recorder: &mut Recorder) -> anyhow::Result<()> {
    for name in NAMES.into_iter().filter(|name| name.starts_with("resnet")) {
        let layers = crate::model(name)?.layers(SIDE);
        let whole = sums(layers.iter());
        let mut table = Table::new([
            "Stage",
            "Layers | int",
            "Output",
            "Parameters | percent 1",
            "Multiply-adds | percent 1",
        ]);
        for stage in ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"] {
            let of_stage = || layers.iter().filter(|layer| layer.stage() == stage);
            let [parameters, multiply_adds] = sums(of_stage());
            let shares = [parameters / whole[0], multiply_adds / whole[1]];
            recorder.value(&format!("{name}/{stage}/parameters"), shares[0]);
            recorder.value(&format!("{name}/{stage}/multiply-adds"), shares[1]);
            let [channels, side] = of_stage().next_back().map_or([0; 2], |layer| layer.output);
            let along = of_stage().filter(|layer| !layer.around).count();
            table.row([
                stage.into(),
                along.into(),
                format!("{channels} × {side} × {side}").into(),
                shares[0].into(),
                shares[1].into(),
            ]);
        }
        recorder.table(&format!("stages/{name}"), table);
    }
    Ok(())
}

/// A bottleneck of ResNet-152's third stage, beside two convolutions of 3 × 3 on as many channels.
fn block(recorder: &mut Recorder) -> anyhow::Result<()> {
    let layers = crate::model("resnet152")?.layers(SIDE);
    let of_block: Vec<&Counted> =
        layers.iter().filter(|layer| layer.name.starts_with("layer3.1.")).collect();
    let weights = |layer: &Counted| layer.parameters - 2 * layer.output[0];
    let [one, three, last] = of_block[..] else { anyhow::bail!("a bottleneck has three layers") };
    let wide = last.output[0];
    let bottleneck = weights(one) + weights(three) + weights(last);
    let plain = 2 * 9 * wide * wide;
    recorder.value("block/wide", wide);
    recorder.value("block/narrow", one.output[0]);
    recorder.value("block/side", last.output[1]);
    recorder.value("block/one", weights(one));
    recorder.value("block/three", weights(three));
    recorder.value("block/bottleneck", bottleneck);
    recorder.value("block/plain", plain);
    recorder.value("block/ratio", plain as f64 / bottleneck as f64);
    let basic = crate::model("resnet34")?.multiply_adds(SIDE);
    let deeper = crate::model("resnet50")?.multiply_adds(SIDE);
    recorder.value("fifty-over-thirty-four", deeper as f64 / basic as f64);
    Ok(())
}

/// Our logits and counts beside torchvision's.
fn beside(recorder: &mut Recorder) -> anyhow::Result<()> {
    let record: Value = serde_json::from_slice(&std::fs::read(recorder.data(RECORD))?)?;
    let networks = record["networks"].as_object().context(RECORD)?;
    recorder.value("torchvision", record["torchvision"].as_str().context(RECORD)?);
    let mut table = Table::new([
        "Network",
        "Logits compared | int",
        "Largest logit | fixed 2",
        "Largest difference, of the largest logit | sci 0",
    ]);
    let (mut worst, mut counted) = (0_f64, 0);
    for (name, said) in networks {
        let model = crate::model(name)?;
        counted += usize::from(said["parameters"] == model.parameters());
        let weights = formula::weights(name, &model);
        let (mut difference, mut largest, mut compared) = (0_f64, 0_f64, 0);
        for (i, said) in said["logits"].as_array().context(RECORD)?.iter().enumerate() {
            if formula::SIDES[i] == SIDE && model.multiply_adds(SIDE) > QUICK {
                continue;
            }
            let said = said.as_array().context(RECORD)?;
            let numbers = said.iter().map(|z| z.as_f64().unwrap_or(f64::NAN) as f32);
            let expected: Vec<f32> = numbers.collect();
            let found = plain::forward(&model, &weights, formula::image(i).view());
            difference =
                difference.max(apart(&found[..expected.len().min(found.len())], &expected));
            largest = expected.iter().fold(largest, |most, &z| most.max(f64::from(z).abs()));
            compared += expected.len();
        }
        recorder.value(&format!("{name}/difference"), difference);
        table.row([name.as_str().into(), compared.into(), largest.into(), difference.into()]);
        worst = worst.max(difference);
    }
    recorder.table("beside", table);
    recorder.value("beside/worst", worst);
    recorder.value("beside/networks", networks.len());
    recorder
        .claim("equal", "Of the first 200 logits of each of these networks, none differs from torchvision's by a ten-thousandth of the largest.")
        .less(worst, 1e-4);
    recorder
        .claim("counts-agree", "Our description has as many parameters as torchvision's network.")
        .all(counted, networks.len(), "networks");
    Ok(())
}

/// A convention that is changed: what it is called, the network on which it is tried, and what then comes out.
struct Change {
    key: &'static str,
    title: &'static str,
    network: &'static str,
    to: fn(Model) -> Model,
    weights: fn(&str, &Model) -> Weights,
}

const CHANGES: [Change; 5] = [
    Change {
        key: "epsilon-small",
        title: "ε 10⁻⁵, not 10⁻³",
        network: "mobilenet_v3_small",
        to: |model| model.with_epsilon(1e-5),
        weights: formula::weights,
    },
    Change {
        key: "epsilon-large",
        title: "ε 10⁻³, not 10⁻⁵",
        network: "resnet50",
        to: |model| model.with_epsilon(1e-3),
        weights: formula::weights,
    },
    Change {
        key: "stride",
        title: "stride on the first 1 × 1, not on the 3 × 3",
        network: "resnet50",
        to: stride_first,
        weights: formula::weights,
    },
    Change {
        key: "sigmoid",
        title: "hard sigmoid min(max(z/5 + 1/2, 0), 1)",
        network: "mobilenet_v3_small",
        to: |model| model,
        weights: steeper,
    },
    Change {
        key: "padding",
        title: "an odd zero behind the image, not before it",
        network: "mobilenet_v3_small",
        to: wider_windows,
        weights: moved,
    },
];

// ANCHOR: stride
/// The first networks of the paper: a bottleneck skips pixels in its first
/// convolution, which sees one of four, and not in its second.
fn stride_first(mut model: Model) -> Model {
    for part in &mut model.parts {
        if let Part::Residual(residual) = part
            && let [Part::Convolution(one), Part::Convolution(three), ..] = &mut residual.branch[..]
        {
            std::mem::swap(&mut one.stride, &mut three.stride);
        }
    }
    model
}
// ANCHOR_END: stride

/// z/5 + 1/2 is (6z/5 + 3)/6: the other hard sigmoid is ours on numbers that are a fifth larger.
fn steeper(name: &str, model: &Model) -> Weights {
    let numbers = |tensor: &crate::description::Tensor| {
        let by = if tensor.name.contains(".fc2.") { 1.2 } else { 1.0 };
        Ok(formula::tensor(tensor, formula::scale(name)).into_iter().map(|w| by * w).collect())
    };
    Weights::from(model, numbers).unwrap_or_default()
}

/// Windows with a stride that are two pixels wider, and so begin a pixel earlier.
fn wider_windows(mut model: Model) -> Model {
    model.each_convolution_mut(&mut |c| c.window += if c.stride > 1 { 2 } else { 0 });
    model
}

/// The weights of such windows: those of the narrow ones, at the end, so that every window has moved by one.
fn moved(name: &str, model: &Model) -> Weights {
    let mut wide = std::collections::BTreeSet::new();
    model.each_convolution(SIDE, &mut |c, _| {
        if c.stride > 1 {
            wide.insert(format!("{}.weight", c.name));
        }
    });
    let numbers = |tensor: &crate::description::Tensor| {
        if !wide.contains(&tensor.name) {
            return Ok(formula::tensor(tensor, formula::scale(name)));
        }
        let (k, mut narrow) = (tensor.shape[2] - 2, tensor.clone());
        narrow.shape[2..].fill(k);
        if let crate::description::Role::Weight { terms } = &mut narrow.role {
            *terms = narrow.shape[1..].iter().product();
        }
        let numbers = formula::tensor(&narrow, formula::scale(name));
        let at = |i: usize| {
            let (row, column) = (i / (k + 2) % (k + 2), i % (k + 2));
            let window = i / (k + 2).pow(2);
            match row < 2 || column < 2 {
                true => 0.0,
                false => numbers[(window * k + row - 2) * k + column - 2],
            }
        };
        Ok((0..tensor.shape.iter().product()).map(at).collect())
    };
    Weights::from(model, numbers).unwrap_or_default()
}

/// The root mean square of differences over that of the numbers.
fn distance(found: &[f32], from: &[f32]) -> f64 {
    let squares = |x: &mut dyn Iterator<Item = f32>| x.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let differences = squares(&mut found.iter().zip(from).map(|(a, b)| a - b));
    (differences / squares(&mut from.iter().copied())).sqrt()
}

/// What one changed convention does to parameters, multiply-adds and logits.
fn conventions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let pictures = pictures(recorder, Way::default())?;
    let mut table = Table::new([
        "Convention",
        "Network",
        "Parameters | percent 1",
        "Multiply-adds | percent 1",
        "Logits move by | percent 1",
    ]);
    let rounded = crate::model("mobilenet_v3_large")?;
    let mut moved = Vec::new();
    for change in CHANGES {
        let model = crate::model(change.network)?;
        let other = (change.to)(model.clone());
        let weights =
            [formula::weights(change.network, &model), (change.weights)(change.network, &other)];
        let ours = logits(&model, &weights[0], &pictures);
        let theirs = logits(&other, &weights[1], &pictures);
        let pairs = ours.iter().zip(&theirs);
        let by = mean(&pairs.map(|(ours, theirs)| distance(theirs, ours)).collect::<Vec<_>>());
        recorder.value(&format!("{}/moved", change.key), by);
        moved.push((change.key, by));
        // Wider windows are only a way to compute; what is counted is the network itself.
        let other = if change.key == "padding" { model.clone() } else { other };
        let counts = counts(&other, &model);
        recorder.value(&format!("{}/multiply-adds", change.key), counts[1]);
        table.row([
            change.title.into(),
            change.network.into(),
            counts[0].into(),
            counts[1].into(),
            by.into(),
        ]);
    }
    claims(recorder, &moved)?;
    let gates = unrounded(rounded.clone());
    let counted = counts(&gates, &rounded);
    recorder.value("rounding/parameters", gates.parameters());
    recorder.value("rounding/fewer", rounded.parameters() as i64 - gates.parameters() as i64);
    recorder.value("rounding/share", counted[0]);
    table.row([
        "a gate's channels not rounded".into(),
        "mobilenet_v3_large".into(),
        counted[0].into(),
        counted[1].into(),
        "does not fit".into(),
    ]);
    recorder.table("conventions", table);
    photographs(recorder, &pictures)
}

/// What the table shows, in two sentences.
fn claims(recorder: &mut Recorder, moved: &[(&str, f64)]) -> anyhow::Result<()> {
    let by = |key: &str| moved.iter().find(|(found, _)| *found == key).map_or(0.0, |(_, by)| *by);
    recorder
        .claim(
            "sigmoid-more-than-padding",
            "With weights by the formula, the other hard sigmoid moves the logits more than zeros behind the image do.",
        )
        .greater(by("sigmoid"), by("padding"));
    let model = crate::model("resnet50")?;
    recorder
        .claim("stride-in-no-shape", "A stride on the first convolution changes no tensor's shape.")
        .record(
            stride_first(model.clone()).tensors() == model.tensors(),
            format!("{} tensors, compared one by one", model.tensors().len()),
        );
    Ok(())
}

/// Parameters and multiply-adds of one network, relative to another's.
fn counts(other: &Model, model: &Model) -> [f64; 2] {
    let more = |other: f64, ours: f64| other / ours - 1.0;
    [
        more(other.parameters() as f64, model.parameters() as f64),
        more(other.multiply_adds(SIDE) as f64, model.multiply_adds(SIDE) as f64),
    ]
}

/// The same network with a quarter of a gate's channels between its layers, whatever the quarter is.
fn unrounded(mut model: Model) -> Model {
    fn each(parts: &mut [Part]) {
        for part in parts {
            match part {
                Part::Gate(gate) => gate.squeezed = gate.channels / 4,
                Part::Residual(residual) => each(&mut residual.branch),
                _ => {}
            }
        }
    }
    each(&mut model.parts);
    model
}

/// The photographs, prepared.
fn pictures(recorder: &Recorder, way: Way) -> anyhow::Result<Vec<Array3<f32>>> {
    let read = |name: &&str| Ok(preprocess::read(&recorder.data(&photograph(name)), way)?);
    PHOTOGRAPHS.par_iter().map(read).collect()
}

fn logits(model: &Model, weights: &Weights, pictures: &[Array3<f32>]) -> Vec<Vec<f32>> {
    pictures.par_iter().map(|picture| plain::forward(model, weights, picture.view())).collect()
}

/// What it does to prepare photographs in another way.
fn photographs(recorder: &mut Recorder, pictures_before: &[Array3<f32>]) -> anyhow::Result<()> {
    let name = "mobilenet_v3_small";
    let model = crate::model(name)?;
    let weights = formula::weights(name, &model);
    let before = logits(&model, &weights, pictures_before);
    let mut table =
        Table::new(["Photographs", "Pixels move by | percent 1", "Logits move by | percent 1"]);
    recorder.value("photographs", PHOTOGRAPHS.len());
    for (key, title, way) in [
        ("bicubic", "bicubic, not bilinear", Way { kernel: Kernel::Bicubic, ..Way::default() }),
        ("shorter", "the shorter side 232 pixels, not 256", Way { shorter: 232, ..Way::default() }),
    ] {
        let others = pictures(recorder, way)?;
        let pixels = others.iter().zip(pictures_before).map(|(other, before)| {
            let [other, before] = [other, before].map(|x| x.iter().copied().collect::<Vec<f32>>());
            distance(&other, &before)
        });
        let pixels = mean(&pixels.collect::<Vec<_>>());
        let after = logits(&model, &weights, &others);
        let pairs = after.iter().zip(&before);
        let moved = mean(&pairs.map(|(after, before)| distance(after, before)).collect::<Vec<_>>());
        recorder.value(&format!("{key}/pixels"), pixels);
        recorder.value(&format!("{key}/moved"), moved);
        table.row([title.into(), pixels.into(), moved.into()]);
    }
    recorder.table("photographs", table);
    Ok(())
}
