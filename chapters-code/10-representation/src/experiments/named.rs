//! What does the network say of eight photographs, and what can it not say?

use backprop::operations::cross_entropy::softmax;
use features::photographs::{SCENES, SURFACES, paths};
use image::RgbImage;
use ndarray::Array3;
use notebook::{Chapter, Data, Experiment, Format, Recorder, Table};
use rand::RngExt as _;
use serde::Deserialize;

use crate::lite0::classes::{self, Classes, largest};
use crate::lite0::description::{self, BLOCKS, CLASSES, HEAD, Kind, SIDE};
use crate::lite0::{Lens, Weights, network, plain, weights};
use crate::preprocess;

/// What the original says.
const ORIGINAL: &str = "tests/peers/10-representation.json";
/// Multiply-adds as the README of `tensorflow/tpu`, `efficientnet/lite`, has them.
const PUBLISHED: f64 = 407e6;
/// Photographs that show something of which there is a class.
const KNOWN: [&str; 2] = ["chelsea", "coffee"];
/// Photographs that are cut at other places, too.
const MOVED: [&str; 3] = ["astronaut", "chelsea", "coffee"];
/// By how many pixels the square is moved in the photograph, down and to the right.
const MOVES: [isize; 5] = [-12, -6, 0, 6, 12];
/// Pictures of noise.
const NOISE: usize = 20;
/// The block that the page takes apart, counted from 1: the first whose input is added.
const EXAMPLE: usize = 3;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let experiment = Experiment::new("named", "What the network says of eight photographs", named);
    let experiment = experiment.seed(100).reads(paths());
    chapter.experiment(experiment.reads([weights::FILE, classes::FILE, ORIGINAL]))
}

fn named(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (weights, classes) = (Weights::of(recorder)?, Classes::of(recorder)?);
    counts(recorder)?;
    let photographs = photographs(recorder)?;
    let mut lens = Lens::new(&weights, SIDE, recorder.threads())?;
    original(recorder, &weights, &mut lens, &photographs)?;
    said(recorder, &classes, &mut lens, &photographs)?;
    moved(recorder, &classes, &mut lens, &photographs)?;
    nothing(recorder, &classes, &mut lens)
}

/// The eight photographs in colours, with their names.
fn photographs(data: &impl Data) -> anyhow::Result<Vec<(&'static str, RgbImage)>> {
    let mut names: Vec<&str> = SCENES.into_iter().chain(SURFACES).collect();
    names.sort_unstable();
    let read = |name| {
        let path = data.data(&format!("{}/{name}.png", features::photographs::FOLDER));
        anyhow::Ok((name, preprocess::colours(&path)?))
    };
    names.into_iter().map(read).collect()
}

/// Parameters and multiply-adds, block by block and stage by stage.
fn counts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (parameters, multiply_adds) = (description::parameters(), description::multiply_adds(SIDE));
    recorder.value("parameters", parameters);
    let file = std::fs::metadata(recorder.data(weights::FILE))?;
    recorder.value("file/bytes", file.len());
    recorder.value("multiply-adds", multiply_adds);
    recorder.value("multiply-adds/published", PUBLISHED);
    recorder.value("multiply-adds/share", multiply_adds as f64 / PUBLISHED);
    let folded = network::whole::<f32>(SIDE)?.network.parameters();
    let channels: usize = description::convolutions().map(|c| c.outputs).sum();
    recorder.value("parameters/folded", folded);
    recorder
        .claim(
            "folded-away",
            "Folded, it has one parameter fewer for each channel of a convolution.",
        )
        .equal(folded, parameters - channels);
    recorder
        .claim(
            "near-published",
            "Our count of multiply-adds is within ten per cent of the published one.",
        )
        .record(
            (multiply_adds as f64 / PUBLISHED - 1.0).abs() < 0.1,
            [multiply_adds as f64, PUBLISHED].map(|n| Format::Count(1).number(n)).join(" and "),
        );
    blocks(recorder);
    example(recorder);
    Ok(())
}

/// A part of the network: name, output, parameters and multiply-adds.
struct Part {
    name: String,
    shape: String,
    parameters: usize,
    multiply_adds: u64,
}

/// Stem, blocks, head and last layer, in order.
fn parts() -> Vec<Part> {
    let mut n = SIDE;
    let mut part = |name: String, convolutions: &[description::Convolution]| {
        let (mut parameters, mut multiply_adds, mut outputs) = (0, 0, 0);
        for c in convolutions {
            parameters += c.shape().iter().product::<usize>() + 2 * c.outputs;
            multiply_adds += c.multiply_adds(n);
            (n, outputs) = (c.output(n), c.outputs);
        }
        Part { name, shape: format!("{outputs} × {n} × {n}"), parameters, multiply_adds }
    };
    let mut parts = vec![part("stem".into(), &[description::stem()])];
    for (i, block) in description::blocks().iter().enumerate() {
        parts.push(part(format!("block {}", i + 1), &block.convolutions));
    }
    parts.push(part("head".into(), &[description::head()]));
    parts.push(Part {
        name: "last layer".into(),
        shape: CLASSES.to_string(),
        parameters: HEAD * CLASSES + CLASSES,
        multiply_adds: (HEAD * CLASSES) as u64,
    });
    parts
}

fn blocks(recorder: &mut Recorder) {
    let (parts, all) = (parts(), description::blocks());
    let mut table = Table::new([
        "Part",
        "Window, stride",
        "Input added",
        "Output",
        "Parameters | int",
        "Multiply-adds | count 1",
    ]);
    let window = |c: &description::Convolution| format!("{0} × {0}, {1}", c.window, c.stride);
    for (i, part) in parts.iter().enumerate() {
        let block = i.checked_sub(1).and_then(|i| all.get(i));
        let (how, skip) = match block {
            Some(block) => {
                let depthwise = block.convolutions.iter().find(|c| c.kind == Kind::Depthwise);
                (depthwise.map(window).unwrap_or_default(), if block.skip { "yes" } else { "no" })
            }
            None if i == 0 => (window(&description::stem()), "no"),
            None if i == BLOCKS + 1 => (window(&description::head()), "no"),
            None => ("—".to_owned(), "no"),
        };
        table.row([
            part.name.as_str().into(),
            how.into(),
            skip.into(),
            part.shape.as_str().into(),
            part.parameters.into(),
            part.multiply_adds.into(),
        ]);
    }
    recorder.table("parts", table);
    let parameters: usize = parts.iter().map(|part| part.parameters).sum();
    let multiply_adds: u64 = parts.iter().map(|part| part.multiply_adds).sum();
    let share = |p: &Part| {
        [p.parameters as f64 / parameters as f64, p.multiply_adds as f64 / multiply_adds as f64]
    };
    let early = parts[..5].iter().map(share).fold([0.0; 2], |[a, b], [c, d]| [a + c, b + d]);
    let late =
        parts[BLOCKS + 1..].iter().map(share).fold([0.0; 2], |[a, b], [c, d]| [a + c, b + d]);
    for (key, [of_parameters, of_multiply_adds]) in [("early", early), ("late", late)] {
        recorder.value(&format!("{key}/parameters"), of_parameters);
        recorder.value(&format!("{key}/multiply-adds"), of_multiply_adds);
    }
    recorder
        .claim(
            "early-computes-late-stores",
            "The stem and the first four blocks have more of the multiply-adds than of the parameters, the head and the last \
             layer more of the parameters than of the multiply-adds.",
        )
        .record(
            early[1] > early[0] && late[0] > late[1],
            format!(
                "{} and {}; {} and {}",
                percent(early[1]),
                percent(early[0]),
                percent(late[0]),
                percent(late[1])
            ),
        );
}

/// The weights of one block, and those of a dense window in its place.
fn example(recorder: &mut Recorder) {
    let mut n = description::stem().output(SIDE);
    let blocks = description::blocks();
    for block in &blocks[..EXAMPLE - 1] {
        n = block.convolutions.iter().fold(n, |n, c| c.output(n));
    }
    let convolutions = &blocks[EXAMPLE - 1].convolutions;
    recorder.value("example/block", EXAMPLE);
    recorder.value("example/side", n);
    for (key, c) in ["expand", "depthwise", "project"].into_iter().zip(convolutions) {
        recorder.value(&format!("example/{key}/inputs"), c.inputs);
        recorder.value(&format!("example/{key}/outputs"), c.outputs);
        recorder.value(&format!("example/{key}/weights"), c.shape().iter().product::<usize>());
    }
    let [inner, window] = [convolutions[1].outputs, convolutions[1].window];
    let dense = inner * inner * window * window;
    let weights: usize = convolutions.iter().map(|c| c.shape().iter().product::<usize>()).sum();
    recorder.value("example/weights", weights);
    recorder.value("example/dense", dense);
    recorder.value("example/ratio", dense as f64 / weights as f64);
}

/// The record of what the original says.
#[derive(Deserialize)]
struct Original {
    step: usize,
    photographs: std::collections::BTreeMap<String, Answer>,
}

/// What it says of a photograph.
#[derive(Deserialize)]
struct Answer {
    top: Vec<(usize, f32)>,
    logits: Option<Vec<f32>>,
    every: Option<Vec<f32>>,
}

/// Logits of the eight photographs beside those of the original, and the plain pass beside the engine.
fn original(
    recorder: &mut Recorder,
    weights: &Weights,
    lens: &mut Lens<'_>,
    photographs: &[(&str, RgbImage)],
) -> anyhow::Result<()> {
    let original: Original = serde_json::from_slice(&std::fs::read(recorder.data(ORIGINAL))?)?;
    let (mut worst, mut ways, mut same) = (0_f64, 0_f64, 0);
    for (name, image) in photographs {
        let picture = preprocess::picture(image, SIDE);
        let logits = lens.logits(picture.view())?;
        let Some(answer) = original.photographs.get(*name) else { continue };
        let (step, expected) = match (&answer.logits, &answer.every) {
            (Some(all), _) => (1, all),
            (None, Some(some)) => (original.step, some),
            (None, None) => continue,
        };
        let found: Vec<f32> = logits.iter().copied().step_by(step).collect();
        worst = worst.max(apart(&found, expected));
        let places = |top: &[(usize, f32)]| top.iter().map(|(class, _)| *class).collect::<Vec<_>>();
        same += usize::from(places(&answer.top) == places(&largest(&logits, 5)));
        let plain = plain::forward(weights, picture.view()).logits.to_vec();
        ways = ways.max(apart(&logits, &plain));
    }
    recorder.value("original/apart", worst);
    recorder.value("original/ways-apart", ways);
    recorder
        .claim("top-five-equal", "On all eight photographs the first five classes are those of the original, in its order.")
        .all(same, photographs.len(), "photographs");
    recorder
        .claim(
            "logits-equal",
            "No logit is further from the original's than a thousandth of the largest.",
        )
        .less(worst, 1e-3);
    recorder
        .claim("ways-equal", "The engine and the plain pass differ by less than a ten-thousandth of the largest logit.")
        .less(ways, 1e-4);
    Ok(())
}

/// The largest difference, relative to the largest number.
fn apart(found: &[f32], expected: &[f32]) -> f64 {
    let size = expected.iter().fold(1e-12_f32, |m, x| m.max(x.abs()));
    let pairs = found.iter().zip(expected);
    f64::from(pairs.fold(0_f32, |m, (a, b)| m.max((a - b).abs())) / size)
}

/// What softmax makes of logits.
fn probabilities(logits: &[f32]) -> Vec<f32> {
    let mut p = vec![0.0; logits.len()];
    softmax(logits, &mut p);
    p
}

fn percent(share: f64) -> String {
    Format::Percent(1).number(share)
}

/// The five first classes of each photograph.
fn said(
    recorder: &mut Recorder,
    classes: &Classes,
    lens: &mut Lens<'_>,
    photographs: &[(&str, RgbImage)],
) -> anyhow::Result<()> {
    let mut table = Table::new(["Photograph", "Said", "Probability | percent 1", "Then"]);
    let (mut known, mut unknown) = (f64::INFINITY, 0_f64);
    for (name, image) in photographs {
        let p = probabilities(&lens.logits(preprocess::picture(image, SIDE).view())?);
        let top = largest(&p, 5);
        let rest: Vec<String> = top[1..]
            .iter()
            .map(|&(class, p)| format!("{} {}", classes.name(class), percent(p.into())))
            .collect();
        let first = f64::from(top[0].1);
        table.row([
            (*name).into(),
            classes.name(top[0].0).into(),
            first.into(),
            rest.join(", ").into(),
        ]);
        recorder.value(&format!("{name}/said"), classes.name(top[0].0));
        recorder.value(&format!("{name}/probability"), first);
        recorder.value(&format!("{name}/second"), classes.name(top[1].0));
        recorder.value(&format!("{name}/second/probability"), f64::from(top[1].1));
        if *name == "grass" {
            let balls = top.iter().filter(|(class, _)| classes.name(*class).ends_with("ball"));
            let balls = balls.count();
            recorder.value("grass/balls", balls);
            recorder
                .claim(
                    "grass-means-ball",
                    "Of the five names for grass more than two are of balls.",
                )
                .greater(balls, 2_usize);
        }
        recorder.value(&format!("{name}/five"), top.iter().map(|t| f64::from(t.1)).sum::<f64>());
        match KNOWN.contains(name) {
            true => known = known.min(first),
            false => unknown = unknown.max(first),
        }
    }
    recorder.table("said", table);
    recorder.value("known/least", known);
    recorder.value("unknown/most", unknown);
    let people = ["person", "man", "woman", "child", "face", "astronaut", "spacesuit"];
    let there =
        people.iter().filter(|word| classes.names().iter().any(|name| name == *word)).count();
    recorder
        .claim(
            "no-class-for-her",
            "No class is called person, man, woman, child, face, astronaut or spacesuit.",
        )
        .equal(there, 0_usize);
    recorder
        .claim(
            "known-above-unknown",
            "Both photographs for which there is a class are named with a higher probability than each of the six others.",
        )
        .record(known > unknown, format!("{} and {}", percent(known), percent(unknown)));
    Ok(())
}

/// Some of the photographs, the square cut a little elsewhere.
fn moved(
    recorder: &mut Recorder,
    classes: &Classes,
    lens: &mut Lens<'_>,
    photographs: &[(&str, RgbImage)],
) -> anyhow::Result<()> {
    let mut counts = Vec::new();
    for (name, image) in photographs.iter().filter(|(name, _)| MOVED.contains(name)) {
        let views = views(image);
        let pictures: Vec<_> = views.iter().map(|view| view.view()).collect();
        let mut names: Vec<&str> = Vec::new();
        for logits in lens.logits_of(&pictures)? {
            names.push(classes.name(largest(&logits, 1)[0].0));
        }
        let said = names[views.len() / 2];
        let same = names.iter().filter(|name| **name == said).count();
        names.sort_unstable();
        names.dedup();
        recorder.value(&format!("{name}/moved/names"), names.len());
        recorder.value(&format!("{name}/moved/same"), same as f64 / views.len() as f64);
        recorder.value(&format!("{name}/moved/all"), names.join(", "));
        counts.push((*name, names.len()));
    }
    let of = |who: &str| counts.iter().find(|(name, _)| *name == who).map_or(0, |(_, n)| *n);
    recorder.value("moved/squares", MOVES.len().pow(2));
    recorder.value("moved/most", MOVES[MOVES.len() - 1] as f64);
    recorder
        .claim(
            "moved-astronaut-renamed",
            "Cut at other places, the astronaut gets more different names than the cup of coffee.",
        )
        .greater(of("astronaut"), of("coffee"));
    Ok(())
}

/// The square cut at other places of a photograph; the middle one in the middle of the list.
fn views(image: &RgbImage) -> Vec<Array3<f32>> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let cut = width.min(height) * SIDE / (SIDE + 32);
    let at = |n: usize, by: isize| (n - cut).div_ceil(2).saturating_add_signed(by).min(n - cut);
    let view = |down: isize, right: isize| {
        let corner = (at(width, right), at(height, down));
        preprocess::tensor(&preprocess::resize(image, corner, (cut, cut), SIDE))
    };
    MOVES
        .iter()
        .flat_map(|&down| MOVES.iter().map(move |&right| (down, right)))
        .map(|(d, r)| view(d, r))
        .collect()
}

/// Pictures of nothing: one grey, and noise.
fn nothing(recorder: &mut Recorder, classes: &Classes, lens: &mut Lens<'_>) -> anyhow::Result<()> {
    let grey = probabilities(&lens.logits(Array3::zeros((3, SIDE, SIDE)).view())?);
    let mut rng = recorder.rng();
    let mut draw = || {
        let level = |_| (f32::from(rng.random::<u8>()) - 127.0) / 128.0;
        Array3::from_shape_fn((3, SIDE, SIDE), level)
    };
    let noise: Vec<Array3<f32>> = (0..NOISE).map(|_| draw()).collect();
    let pictures: Vec<_> = noise.iter().map(|picture| picture.view()).collect();
    let (mut names, mut mean) = (Vec::new(), 0.0);
    for logits in lens.logits_of(&pictures)? {
        let (class, p) = largest(&probabilities(&logits), 1)[0];
        names.push(classes.name(class));
        mean += f64::from(p) / NOISE as f64;
    }
    let (class, p) = largest(&grey, 1)[0];
    recorder.value("grey/said", classes.name(class));
    recorder.value("grey/probability", f64::from(p));
    recorder.value("noise/pictures", NOISE);
    recorder.value("noise/probability", mean);
    recorder.value("noise/said", names[0]);
    let all = names.iter().filter(|name| **name == names[0]).count();
    recorder.value("noise/same", all);
    recorder.value("even", 1.0 / CLASSES as f64);
    let even = 1.0 / CLASSES as f64;
    recorder
        .claim(
            "grey-nearly-even",
            "On one single grey the most probable class has less than twice the probability of an even guess.",
        )
        .less(f64::from(p), 2.0 * even);
    recorder
        .claim(
            "noise-is-named",
            "On noise the most probable class has more than a hundred times the probability of an even guess, in the mean.",
        )
        .greater(mean, 100.0 * even);
    recorder
        .claim("noise-has-one-name", "All pictures of noise get the same name.")
        .all(all, NOISE, "pictures");
    Ok(())
}
