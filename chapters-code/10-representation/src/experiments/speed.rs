//! What does a pass cost? Multiply-adds, weights and what layers hand on, by kind of layer; whether all ways compute the same;
//! and what others take.

use anyhow::Context as _;
use backprop::kernels::{LANES, Path};
use ndarray::Array3;
use notebook::{Chapter, Experiment, Recorder, Table};

use crate::fused::{Fused, Way, Workspace};
use crate::lite0::description::{self, CLASSES, HEAD, SIDE};
use crate::lite0::{Convolution, Kind, Weights, plain, weights};

/// What `tests/peers/10-representation-time.py` wrote, from the workspace's root.
const PEERS: &str = "tests/peers/10-representation-time.json";

/// Adds what is measured here.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .experiment(Experiment::new("speed", "What a pass costs", speed).data(weights::FILE))
        .experiment(Experiment::new("speed-peers", "What a pass takes others", peers).data(PEERS))
        .bench("lite0")
        .bench("lite0_peak")
}

/// Kinds of layers, in the order of a block.
pub const KINDS: [(&str, &str); 6] = [
    ("stem", "stem"),
    ("expansion", "expansions, 1 × 1"),
    ("depthwise", "depthwise"),
    ("projection", "projections, 1 × 1"),
    ("head", "last convolution, 1 × 1"),
    ("linear", "linear layer"),
];

/// What layers of one kind cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    multiply_adds: u64,
    /// With outputs filled up to panels of sixteen.
    padded: u64,
    weights: u64,
    /// Numbers that are read and written, the input and the output of each layer.
    handed: u64,
}

/// Which of [`KINDS`] a convolution is.
fn kind(layer: &Convolution) -> usize {
    match (layer.kind, layer.inputs, layer.relu6, layer.outputs) {
        (_, 3, ..) => 0,
        (Kind::Depthwise, ..) => 2,
        (_, _, false, _) => 3,
        (.., HEAD) => 4,
        _ => 1,
    }
}

/// The costs of a photograph of `side` × `side` pixels.
fn costs(side: usize) -> [Cost; 6] {
    let mut costs = [Cost::default(); 6];
    let mut n = side;
    for layer in description::convolutions() {
        let cost = &mut costs[kind(&layer)];
        let (count, out) = (layer.multiply_adds(n), layer.output(n));
        let panels = layer.outputs.next_multiple_of(LANES);
        cost.multiply_adds += count;
        cost.padded += count / layer.outputs as u64 * panels as u64;
        cost.weights += layer.shape().iter().product::<usize>() as u64;
        cost.handed += (layer.inputs * n * n + layer.outputs * out * out) as u64;
        n = out;
    }
    let product = (HEAD * CLASSES) as u64;
    costs[5] = Cost {
        multiply_adds: product,
        padded: (HEAD * CLASSES.next_multiple_of(LANES)) as u64,
        weights: product,
        handed: (HEAD + CLASSES) as u64,
    };
    costs
}

fn speed(recorder: &mut Recorder) -> anyhow::Result<()> {
    counts(recorder);
    agreement(recorder)
}

fn counts(recorder: &mut Recorder) {
    let costs = costs(SIDE);
    let sum = |part: fn(&Cost) -> u64| costs.iter().map(part).sum::<u64>();
    let [all, padded, weights, handed] =
        [sum(|c| c.multiply_adds), sum(|c| c.padded), sum(|c| c.weights), sum(|c| c.handed)];
    let share = |part: u64, all: u64| part as f64 / all as f64;
    let mut table = Table::new([
        "Layers",
        "Multiply-adds | count 1",
        "Weights | bytes 1",
        "Read and written | bytes 1",
        "Multiply-adds for each number | fixed 1",
    ]);
    for ((key, name), cost) in KINDS.iter().zip(&costs) {
        let each = share(cost.multiply_adds, cost.weights + cost.handed);
        table.row([
            (*name).into(),
            cost.multiply_adds.into(),
            (4 * cost.weights).into(),
            (4 * cost.handed).into(),
            each.into(),
        ]);
        recorder.value(&format!("{key}/multiply-adds"), cost.multiply_adds);
        recorder.value(&format!("{key}/share"), share(cost.multiply_adds, all));
        recorder.value(&format!("{key}/weights"), share(cost.weights, weights));
        recorder.value(&format!("{key}/handed"), share(cost.handed, handed));
        recorder.value(&format!("{key}/each"), each);
    }
    recorder.table("kinds", table);
    recorder.value("multiply-adds", all);
    recorder.value("weights/bytes", 4 * weights);
    recorder.value("handed/bytes", 4 * handed);
    recorder.value("padded", share(padded, all) - 1.0);
    expansions(recorder, handed);
    let [depthwise, least] = [&costs[2], &costs[1]];
    let each = |cost: &Cost| share(cost.multiply_adds, cost.weights + cost.handed);
    recorder
        .claim(
            "depthwise",
            "Depthwise convolutions have less than a tenth of the multiply-adds, and more than two fifths of what layers read and write.",
        )
        .record(
            10 * depthwise.multiply_adds < all && 5 * depthwise.handed > 2 * handed,
            format!(
                "{} of {all} multiply-adds, {} of {handed} numbers; {:.1} multiply-adds for each number, expansions {:.1}",
                depthwise.multiply_adds,
                depthwise.handed,
                each(depthwise),
                each(least)
            ),
        );
}

/// The numbers between an expansion and the convolution of each channel, which fusing keeps in the cache.
fn expansions(recorder: &mut Recorder, handed: u64) {
    let mut n = SIDE;
    let (mut between, mut largest) = (0, 0);
    for layer in description::convolutions() {
        n = layer.output(n);
        if kind(&layer) <= 1 {
            let numbers = (layer.outputs * n * n) as u64;
            between += numbers;
            largest = largest.max(numbers);
        }
    }
    recorder.value("between/share", (2 * between) as f64 / handed as f64);
    recorder.value("between/largest", 4 * largest);
    recorder
        .claim(
            "between",
            "More than half of what layers read and write passes from the stem or an expansion to a depthwise convolution.",
        )
        .record(4 * between > handed, format!("{between} numbers, written and read, of {handed}"));
}

/// Logits of one picture in every way against those of the plain pass.
fn agreement(recorder: &mut Recorder) -> anyhow::Result<()> {
    let weights = Weights::of(recorder)?;
    let fused = Fused::new(&weights);
    let image = picture(SIDE);
    let expected = plain::forward(&weights, image.view()).logits;
    let mut largest = 0.0_f32;
    for path in [Path::Portable, Path::best()] {
        for apart in [true, false] {
            let mut space = Workspace::with(1, Way { path, apart });
            let logits = fused.logits(&mut space, image.view());
            let differences = logits.iter().zip(&expected).map(|(a, b)| (a - b).abs());
            largest = differences.fold(largest, f32::max);
        }
    }
    let scale = expected.iter().fold(0.0_f32, |max, z| max.max(z.abs()));
    // How far they are apart depends on the processor's instructions; whether it is little does not.
    recorder
        .claim(
            "same",
            "In every way, no logit of the picture is further from the plain pass's than a ten-thousandth of the largest.",
        )
        .record(largest < 1e-4 * scale, format!("against a largest logit of {scale:.2}"));
    let mut one = Workspace::new(1);
    let expected = fused.logits(&mut one, image.view());
    let same = [2, 3].map(|threads| fused.logits(&mut Workspace::new(threads), image.view()));
    recorder
        .claim("threads", "One, two and three threads give the same logits, bit for bit.")
        .record(same.iter().all(|logits| *logits == expected), format!("{CLASSES} logits"));
    Ok(())
}

/// A picture of rules, the same on every machine.
pub fn picture(side: usize) -> Array3<f32> {
    Array3::from_shape_fn((3, side, side), |(c, i, j)| {
        let level = (c * 37 + i * 101 + j * 53 + i * j) % 255;
        (level as f32 - 127.0) / 128.0
    })
}

/// What others took, as the script wrote it.
fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(recorder.data(PEERS))?).context(PEERS)?;
    let text = |key: &str| report[key].as_str().with_context(|| format!("{PEERS}: no `{key}`"));
    let object =
        |key: &str| report[key].as_object().with_context(|| format!("{PEERS}: no `{key}`"));
    recorder.value("processor", text("processor")?);
    recorder.value("date", text("date")?.get(..10).unwrap_or_default());
    for (name, version) in object("versions")? {
        recorder.value(&format!("version/{name}"), version.as_str().unwrap_or_default());
    }
    for (job, seconds) in object("seconds")? {
        let seconds = seconds.as_f64().with_context(|| format!("{PEERS}: {job} is no number"))?;
        recorder.timing(job, seconds);
    }
    Ok(())
}
