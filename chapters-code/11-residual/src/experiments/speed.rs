//! What does a pass cost, and does the fast one compute the same? And what others take.

use backprop::kernels::Path;
use ndarray::ArrayView3;
use notebook::{Chapter, Experiment, Recorder, Table, ladder};

use crate::fast::kernels::winograd::{Form, Four, Two};
use crate::fast::{Fast, SIDE, Threes, Way, Workspace, trial};
use crate::{Model, NAMES, Weights, apart, plain};

/// What `tests/peers/11-residual-time.py` wrote, from the workspace's root.
const PEERS: &str = "tests/peers/11-residual-time.json";

/// The networks that are timed.
const TIMED: [(&str, &str); 2] =
    [("resnet152", "ResNet-152"), ("mobilenet_v3_large", "MobileNetV3-Large")];

/// Side of the images on which all ways are compared.
const SMALL: usize = 64;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .experiment(Experiment::new("speed", "What a pass costs", speed))
        .experiment(Experiment::new("speed-peers", "What a pass takes others", peers).data(PEERS))
        .bench("residual")
        .bench("residual_sides")
        .bench("residual_batch")
        .bench("residual_peak")
}

fn speed(recorder: &mut Recorder) -> anyhow::Result<()> {
    short_products(recorder);
    counts(recorder)?;
    agreement(recorder)
}

/// What Winograd's products save in one window.
fn short_products(recorder: &mut Recorder) {
    let mut form = |name: &str, out: usize, read: usize| {
        recorder.value(&format!("{name}/products"), (read * read) as u64);
        recorder.value(&format!("{name}/by-hand"), (9 * out * out) as u64);
        recorder.value(&format!("{name}/saved"), (9 * out * out) as f64 / (read * read) as f64);
        recorder.value(&format!("{name}/weights"), (read * read) as f64 / 9.0);
    };
    form("two", Two::OUT, Two::IN);
    form("four", Four::OUT, Four::IN);
}

/// Multiply-adds and memory of the networks that are timed.
fn counts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Multiply-adds | count 2",
        "By tiles | count 2",
        "Weights | bytes 1",
        "Packed | bytes 1",
        "Maps and scratch | bytes 1",
        "Multiply-adds for each weight | fixed 0",
    ]);
    for (name, called) in TIMED {
        let model = crate::model(name)?;
        let fast = Fast::new(&model, &trial::weights(&model));
        let mut space = Workspace::new(1);
        fast.logits(&mut space, trial::picture(SIDE).view());
        let (all, products) = (model.multiply_adds(SIDE), fast.products(SIDE));
        let bytes = 4 * model.parameters() as u64;
        let each = all as f64 / model.parameters() as f64;
        let (packed, maps) = (fast.bytes() as u64, space.bytes() as u64);
        table.row([
            called.into(),
            all.into(),
            products.into(),
            bytes.into(),
            packed.into(),
            maps.into(),
            each.into(),
        ]);
        recorder.value(&format!("{name}/multiply-adds"), all);
        recorder.value(&format!("{name}/products"), products);
        recorder.value(&format!("{name}/products/share"), products as f64 / all as f64);
        recorder.value(&format!("{name}/weights"), bytes);
        recorder.value(&format!("{name}/packed"), packed);
        recorder.value(&format!("{name}/space"), maps);
        recorder.value(&format!("{name}/each"), each);
        for (way, count) in ["two", "four", "gathered"].into_iter().zip(fast.ways()) {
            recorder.value(&format!("{name}/{way}"), count as u64);
        }
        if name == "resnet152" {
            recorder
                .claim(
                    "tiles",
                    "By tiles, ResNet-152 needs less than three quarters of its multiplications.",
                )
                .record(4 * products < 3 * all, format!("{products} of {all}"));
        } else {
            recorder
                .claim("none", "MobileNetV3-Large has no 3 × 3 convolution for tiles.")
                .record(products == all, format!("{products} of {all}"));
        }
    }
    recorder.table("networks", table);
    Ok(())
}

/// The networks that are compared in every way; the others in the best.
const EVERY: [&str; 3] = ["resnet18", "resnet50", "mobilenet_v3_small"];

/// The furthest logits of one or every way from those of the plain pass.
fn furthest(model: &Model, weights: &Weights, image: ArrayView3<'_, f32>, every: bool) -> f64 {
    let expected = plain::forward(model, weights, image);
    let mut most = 0_f64;
    let (ways, paths) =
        ([Threes::Least, Threes::Two, Threes::Gathered], [Path::best(), Path::Portable]);
    for threes in &ways[..if every { ways.len() } else { 1 }] {
        // Planned for large images, so that tiles of four are among the ways.
        let fast = Fast::planned(model, weights, 8 * SMALL, *threes);
        for &path in &paths[..if every { paths.len() } else { 1 }] {
            let mut space = Workspace::with(1, Way { path, apart: false });
            most = most.max(apart(&fast.logits(&mut space, image), &expected));
        }
    }
    most
}

fn agreement(recorder: &mut Recorder) -> anyhow::Result<()> {
    let image = trial::picture(SMALL);
    let (mut most, mut same) = (0_f64, true);
    for name in NAMES {
        let model = crate::model(name)?;
        let weights = trial::weights(&model);
        most = most.max(furthest(&model, &weights, image.view(), EVERY.contains(&name)));
        let fast = Fast::new(&model, &weights);
        let [one, two, three] =
            [1, 2, 3].map(|threads| fast.logits(&mut Workspace::new(threads), image.view()));
        same &= one == two && one == three;
    }
    // How far they are apart depends on the processor's instructions; whether it is little does not.
    recorder
        .claim(
            "same",
            "For all seven networks, and for three of them in every way, no logit is further from the plain pass's than a thousandth of the largest.",
        )
        .record(most < 1e-3, format!("{} networks, an image of {SMALL} × {SMALL}", NAMES.len()));
    recorder
        .claim("threads", "One, two and three threads give the same logits, bit for bit.")
        .record(same, format!("{} networks", NAMES.len()));
    Ok(())
}

/// What others took, as the script wrote it.
fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    ladder::peers(recorder, PEERS)
}
