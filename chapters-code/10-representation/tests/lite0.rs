//! EfficientNet-Lite0 against the original, and its ways of a pass against each other.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use backprop::{Engine, Linear, Network, Options, Rows, Shape, check, fixtures};
use ndarray::{Array3, Axis};
use representation::lite0::classes::{self, Classes, largest};
use representation::lite0::relu6::Relu6;
use representation::lite0::same::Same;
use representation::lite0::weights::{self, Folded};
use representation::lite0::{
    BLOCKS, Convolution, Kind, Lens, Weights, description, network, plain,
};
use representation::preprocess;
use serde_json::Value;

static WEIGHTS: LazyLock<Weights> =
    LazyLock::new(|| Weights::read(&root().join(weights::FILE)).expect("the committed weights"));
static ORIGINAL: LazyLock<Value> = LazyLock::new(|| {
    let record = include_str!("../../../tests/peers/10-representation.json");
    serde_json::from_str(record).expect("a record")
});

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A picture of numbers that only integer arithmetic decides, from −1 to 1.
fn noise(side: usize) -> Array3<f32> {
    let numbers = fixtures::numbers(1, 3 * side * side);
    Array3::from_shape_vec((3, side, side), numbers).expect("as many") * 2.0
}

fn count(value: &Value) -> usize {
    value.as_u64().and_then(|n| usize::try_from(n).ok()).expect("a count")
}

#[test]
fn it_multiplies_about_as_often_as_published() {
    // 407 million, in the README of tensorflow/tpu's models/official/efficientnet/lite.
    let millions = description::multiply_adds(224) as f64 / 1e6;
    assert!((380.0..410.0).contains(&millions), "{millions} million multiply-adds");
}

#[test]
fn the_engine_computes_what_the_plain_pass_does() {
    for side in [2, 28, 33, 96] {
        let picture = noise(side);
        let pass = plain::forward(&WEIGHTS, picture.view());
        let mut lens = Lens::new(&WEIGHTS, side, 2).unwrap();
        let logits = lens.logits(picture.view()).unwrap();
        fixtures::assert_close("logits", &logits, &pass.logits.to_vec(), 1e-4);
        for block in [0, 1, 6, BLOCKS] {
            let (mean, _) = lens.channel_gradient(picture.view(), block, 3).unwrap();
            let expected = pass.blocks[block].index_axis(Axis(0), 3).mean().unwrap();
            let apart = (mean - expected).abs();
            assert!(apart < 1e-4 * expected.abs().max(1.0), "{side}, {block}: {mean}, {expected}");
        }
    }
}

/// The means of all outputs of the stem and the blocks, and those of their sizes.
fn holds_blocks(pass: &plain::Pass, record: &Value) {
    let means: Vec<f32> = pass.blocks.iter().filter_map(|y| y.mean()).collect();
    let sizes: Vec<f32> = pass.blocks.iter().filter_map(|y| y.mapv(f32::abs).mean()).collect();
    fixtures::assert_close("means", &means, &fixtures::floats(&record["means"]), 1e-3);
    fixtures::assert_close("sizes", &sizes, &fixtures::floats(&record["sizes"]), 1e-3);
}

#[test]
fn it_is_the_original_on_generated_pictures_with_its_gradients() {
    for record in ORIGINAL["generated"].as_array().unwrap() {
        let [side, label, block, channel, step] =
            ["side", "label", "block", "channel", "step"].map(|key| count(&record[key]));
        let picture = noise(side);
        let pass = plain::forward(&WEIGHTS, picture.view());
        let expected = fixtures::floats(&record["logits"]);
        fixtures::assert_close("plain logits", &pass.logits.to_vec(), &expected, 1e-3);
        holds_blocks(&pass, &record["blocks"]);
        let mut lens = Lens::new(&WEIGHTS, side, 1).unwrap();
        fixtures::assert_close("logits", &lens.logits(picture.view()).unwrap(), &expected, 1e-3);
        let some =
            |gradient: &Array3<f32>| gradient.iter().copied().step_by(step).collect::<Vec<_>>();
        let of_logit = lens.gradient(picture.view(), label).unwrap();
        let expected = fixtures::floats(&record["logit_gradient"]);
        fixtures::assert_close("gradient of a logit", &some(&of_logit), &expected, 1e-3);
        let (mean, of_channel) = lens.channel_gradient(picture.view(), block, channel).unwrap();
        let expected = record["channel_mean"].as_f64().unwrap() as f32;
        assert!((mean - expected).abs() < 1e-3 * expected.abs(), "{mean} and {expected}");
        let expected = fixtures::floats(&record["channel_gradient"]);
        fixtures::assert_close("gradient of a channel", &some(&of_channel), &expected, 1e-3);
    }
}

#[test]
fn it_is_the_original_on_ten_photographs() {
    let records = ORIGINAL["photographs"].as_object().unwrap();
    assert_eq!(records.len(), 10);
    let mut lens = Lens::new(&WEIGHTS, description::SIDE, 1).unwrap();
    for (name, record) in records {
        let file = name.split(' ').next().unwrap();
        let path = root().join(format!("data/photographs/{file}.png"));
        let mut image = preprocess::colours(&path).unwrap();
        match name.as_str() {
            "chelsea mirrored" => image::imageops::flip_horizontal_in_place(&mut image),
            "coffee corner" => image = image::imageops::crop_imm(&image, 0, 0, 181, 150).to_image(),
            _ => {}
        }
        let square = preprocess::square(&image, description::SIDE);
        let sum: u64 = square.as_raw().iter().map(|&level| u64::from(level)).sum();
        assert_eq!(sum, record["sum"].as_u64().unwrap(), "{name}: levels");
        let first: Vec<u64> = square.as_raw()[..12].iter().map(|&level| u64::from(level)).collect();
        let expected: Vec<u64> =
            record["first"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
        assert_eq!(first, expected, "{name}: the first levels");

        let picture = preprocess::tensor(&square);
        let logits = lens.logits(picture.view()).unwrap();
        let top: Vec<usize> = largest(&logits, 5).into_iter().map(|(class, _)| class).collect();
        let expected: Vec<usize> =
            record["top"].as_array().unwrap().iter().map(|pair| count(&pair[0])).collect();
        assert_eq!(top, expected, "{name}");
        let (step, expected) = match record.get("logits") {
            Some(all) => (1, all),
            None => (count(&ORIGINAL["step"]), &record["every"]),
        };
        let some: Vec<f32> = logits.iter().copied().step_by(step).collect();
        fixtures::assert_close(name, &some, &fixtures::floats(expected), 1e-3);
        if let Some(blocks) = record.get("blocks") {
            let pass = plain::forward(&WEIGHTS, picture.view());
            holds_blocks(&pass, blocks);
            fixtures::assert_close(name, &pass.logits.to_vec(), &logits, 1e-4);
        }
    }
}

#[test]
fn several_pictures_at_once_are_each_as_alone() {
    let side = 32;
    let pictures = [1.0, 0.5, -0.7, 0.1, 0.9].map(|share| noise(side) * share);
    let views: Vec<_> = pictures.iter().map(|picture| picture.view()).collect();
    let mut lens = Lens::new(&WEIGHTS, side, 2).unwrap();
    let together = lens.gradients(&views, 7).unwrap();
    assert_eq!(together.len(), pictures.len());
    for (picture, (logit, gradient)) in views.iter().zip(&together) {
        assert_eq!(lens.logits(*picture).unwrap()[7], *logit);
        let alone = lens.gradient(*picture, 7).unwrap();
        let [alone, gradient] = [&alone, gradient].map(|g| g.iter().copied().collect::<Vec<_>>());
        fixtures::assert_close("gradient", &alone, &gradient, 1e-6);
    }
}

#[test]
fn the_gradient_of_a_logit_is_that_of_differences() {
    let (side, class) = (32, 508);
    let network = network::whole::<f64>(side).unwrap().network;
    let network = network.with_input_gradient().with_loss(network::Pick);
    let options = Options { batch: 1, shards: 1, threads: 1, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    network::load(&mut engine, &WEIGHTS).unwrap();
    let mut x: Vec<f64> = noise(side).iter().map(|&x| f64::from(x)).collect();
    engine.loss(&Rows { x: &x, labels: &[class] }).unwrap();
    let mut gradient = vec![0.0; x.len()];
    engine.input_gradient(&mut gradient).unwrap();
    let largest = gradient.iter().fold(0.0_f64, |m, g| m.max(g.abs()));
    for i in (0..x.len()).step_by(101) {
        let (at, step) = (x[i], 1e-6);
        let mut logit = |moved: f64| {
            x[i] = moved;
            engine.loss(&Rows { x: &x, labels: &[class] }).unwrap()
        };
        let slope = (logit(at + step) - logit(at - step)) / (2.0 * step);
        x[i] = at;
        assert!((slope - gradient[i]).abs() < 1e-5 * largest, "{i}: {slope} and {}", gradient[i]);
    }
}

fn layer(kind: Kind, [inputs, outputs, window, stride]: [usize; 4], relu6: bool) -> Convolution {
    let (name, norm) = ("0.weight".into(), "1".into());
    Convolution { name, norm, kind, inputs, outputs, window, stride, relu6 }
}

#[test]
fn the_operations_have_the_gradients_of_differences() {
    let cases: [(Kind, [usize; 4], [usize; 2]); 5] = [
        (Kind::Dense, [3, 18, 3, 2], [6, 5]),
        (Kind::Dense, [2, 4, 1, 1], [3, 3]),
        (Kind::Depthwise, [17, 17, 5, 2], [5, 8]),
        (Kind::Depthwise, [16, 16, 3, 1], [4, 1]),
        (Kind::Depthwise, [2, 2, 5, 2], [1, 3]),
    ];
    for (kind, sizes, [height, width]) in cases {
        let c = layer(kind, sizes, true);
        let [outputs, stride] = [sizes[1], sizes[3]];
        let numbers = outputs * height.div_ceil(stride) * width.div_ceil(stride);
        let network = Network::<f64>::new(Shape::image(sizes[0], height, width))
            .then("first", Same::new(&layer(Kind::Depthwise, [sizes[0], sizes[0], 1, 1], false)))
            .unwrap()
            .then("tested", Relu6(Same::new(&c)))
            .unwrap()
            .then("last", Linear::new(numbers, 3))
            .unwrap();
        let options = Options { batch: 3, shards: 2, threads: 2, training: true };
        let mut engine = Engine::new(network, options).unwrap();
        let mut weights = engine.weights();
        for (seed, tensor) in weights.iter_mut().enumerate() {
            // Large enough that some are cut off at 6.
            let size = if tensor.name.starts_with("last") { 1.0 } else { 5.0 };
            let all = fixtures::numbers(seed as u64, tensor.data.len());
            tensor.data = all.into_iter().map(|x| f64::from(x) * size).collect();
        }
        engine.set_weights(&weights).unwrap();
        let x = fixtures::numbers(50, 3 * sizes[0] * height * width);
        let x: Vec<f64> = x.into_iter().map(|x| f64::from(x) * 2.0).collect();
        let worst = check::check(&mut engine, &Rows { x: &x, labels: &[0, 1, 2] }).unwrap();
        let worst = worst.expect("there are weights");
        assert!(worst.error < 1e-6, "{sizes:?}: {worst:?}");
    }
}

/// The page's example: three pixels in a line, expanded to two channels, and back.
#[test]
fn the_block_by_hand() {
    let pass = |kind, sizes, relu6, weight: &[f32], bias: &[f32], x: &Array3<f32>| {
        let (weight, bias) = (weight.to_vec(), bias.to_vec());
        plain::convolve(&Folded { convolution: layer(kind, sizes, relu6), weight, bias }, x.view())
    };
    let flat = |x: &Array3<f32>| x.iter().copied().collect::<Vec<_>>();
    let x = Array3::from_shape_vec((1, 1, 3), vec![1.0, 2.0, 4.0]).unwrap();
    let wide = pass(Kind::Dense, [1, 2, 1, 1], true, &[2.0, -1.0], &[0.0, 3.0], &x);
    assert_eq!(flat(&wide), [2.0, 4.0, 6.0, 2.0, 1.0, 0.0]);
    let line = |[a, b, c]: [f32; 3]| [0.0, 0.0, 0.0, a, b, c, 0.0, 0.0, 0.0];
    let windows = [line([1.0, 0.0, -1.0]), line([0.0, 1.0, 1.0])].concat();
    let seen = pass(Kind::Depthwise, [2, 2, 3, 1], true, &windows, &[0.0, 0.0], &wide);
    assert_eq!(flat(&seen), [0.0, 0.0, 4.0, 3.0, 1.0, 0.0]);
    let narrow = pass(Kind::Dense, [2, 1, 1, 1], false, &[0.5, -1.0], &[0.0], &seen);
    assert_eq!(flat(&narrow), [-3.0, -1.0, 2.0]);
    assert_eq!(flat(&(narrow + &x)), [-2.0, 1.0, 6.0]);
}

#[test]
fn there_are_a_thousand_names() {
    let names = Classes::read(&root().join(classes::FILE)).unwrap();
    let mut all = names.names().to_vec();
    assert_eq!((all.len(), names.name(0), names.name(999)), (1000, "tench", "toilet tissue"));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 1000, "no name stands twice");
    assert_eq!(names.name(1000), "");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.txt");
    std::fs::write(&file, "cat\ndog\n").unwrap();
    let fault = Classes::read(&file).unwrap_err().to_string();
    assert!(fault.ends_with("names.txt: has 2 names, not 1000; give one a line"), "{fault}");
}

/// The committed file with another header.
fn altered(alter: impl Fn(&str) -> String) -> Vec<u8> {
    let bytes = std::fs::read(root().join(weights::FILE)).expect("the committed weights");
    let (length, rest) = bytes.split_at(8);
    let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
    let (header, numbers) = rest.split_at(usize::try_from(length).expect("a length"));
    let header = alter(std::str::from_utf8(header).expect("a header"));
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), numbers].concat()
}

#[test]
fn a_file_that_is_not_the_network_s_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weights.safetensors");
    let whole = std::fs::read(root().join(weights::FILE)).unwrap();
    let absent = altered(|header| header.replace("\"_fc.bias\"", "\"_fc.bids\""));
    let reshaped = altered(|header| {
        let at = header.find("\"_fc.bias\"").unwrap();
        header[..at].to_owned() + &header[at..].replacen("[1000]", "[10,100]", 1)
    });
    for (bytes, thing, fault) in [
        (absent, "_fc.bias", ""),
        (reshaped, "_fc.bias", "[10, 100]"),
        (whole[..whole.len() / 2].to_vec(), "weights", "of 4682744"),
        (b"no weights".to_vec(), "file of weights", ""),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let said = Weights::read(&file).unwrap_err().to_string();
        assert!(said.contains(thing) && said.contains(fault) && said.contains(';'), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
    let said = Weights::read(&folder.path().join("none")).unwrap_err().to_string();
    assert!(said.contains(';') && !said.contains('\n'), "{said}");
}

#[test]
fn a_lens_refuses_what_does_not_fit() {
    let said =
        |fault: Result<_, representation::Error>| fault.map(|_: ()| ()).unwrap_err().to_string();
    assert_eq!(
        said(Lens::new(&WEIGHTS, 1, 1).map(|_| ())),
        "EfficientNet-Lite0: 16 blocks for pictures of 1 × 1; give up to 16 blocks, and a side from 2"
    );
    assert!(said(Lens::new(&WEIGHTS, 8, 0).map(|_| ())).contains("threads"));
    let mut lens = Lens::new(&WEIGHTS, 8, 1).unwrap();
    let wrong = noise(9);
    assert_eq!(
        said(lens.logits(wrong.view()).map(|_| ())),
        "picture: its shape is (3, 9, 9) and not (3, 8, 8); give it in the lens's size, channels first"
    );
    let right = noise(8);
    assert!(said(lens.gradient(right.view(), 1000).map(|_| ())).contains("class 1000"));
    assert!(said(lens.channel_gradient(right.view(), 17, 0).map(|_| ())).contains("17 blocks"));
    assert!(said(lens.channel_gradient(right.view(), 1, 16).map(|_| ())).contains("class 16"));
    // And still works.
    assert_eq!(lens.gradients(&[], 0).unwrap().len(), 0);
    assert_eq!(lens.logits(right.view()).unwrap().len(), 1000);
}
