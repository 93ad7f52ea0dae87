//! What a person meets at the command line: answers about photographs, and one line with exit status 2 for bad input. Weights are by
//! a formula, so that the answers mean nothing, and are the same everywhere.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use image::{Rgb, RgbImage};
use proptest::prelude::*;
use residual::description::{Activation, Convolution, Linear, Norm, Part, Tensor};
use residual::preprocess::{Way, read};
use residual::{Model, Weights, formula, model, plain, timm};
use serde_json::Value;

const PHOTOGRAPH: &str = "data/photographs/coffee.png";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_residual"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command prints that ends well.
fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&said(arguments)).unwrap()
}

/// Bad input is told in a line with the fix.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(error.trim_end().lines().count(), 1, "{arguments:?}: {error}");
    assert!(error.starts_with("error: ") && error.contains("; "), "{arguments:?}: {error}");
    error
}

/// How numbers are written.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    F32,
    F16,
    Bf16,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Type::F32 => "F32",
            Type::F16 => "F16",
            Type::Bf16 => "BF16",
        }
    }

    fn bytes(self, x: f32) -> Vec<u8> {
        match self {
            Type::F32 => x.to_le_bytes().to_vec(),
            Type::Bf16 => ((x.to_bits() >> 16) as u16).to_le_bytes().to_vec(),
            Type::F16 => half(x).to_le_bytes().to_vec(),
        }
    }
}

/// The half of a number that is neither huge nor tiny, cut off.
fn half(x: f32) -> u16 {
    let bits = x.to_bits();
    let exponent = (bits >> 23 & 0xff) as i32 - 127 + 15;
    let sign = (bits >> 16 & 0x8000) as u16;
    if exponent <= 0 { sign } else { sign | (exponent as u16) << 10 | (bits >> 13 & 0x3ff) as u16 }
}

/// A tensor of a file: its name, shape and numbers.
type Stored = (String, Vec<usize>, Vec<f32>);

/// A safetensors file.
fn file(tensors: &[Stored], kind: Type) -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape, numbers) in tensors {
        let from = data.len();
        numbers.iter().for_each(|&x| data.extend(kind.bytes(x)));
        let entry = serde_json::json!({
            "dtype": kind.name(), "shape": shape, "data_offsets": [from, data.len()]
        });
        header.insert(name.clone(), entry);
    }
    let header = serde_json::to_vec(&header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

/// The tensors of a network, by the formula.
fn stored(name: &str, model: &Model) -> Vec<Stored> {
    let of = |tensor: Tensor| {
        let numbers = formula::tensor(&tensor, formula::scale(name));
        (tensor.name, tensor.shape, numbers)
    };
    model.tensors().into_iter().map(of).collect()
}

/// A file of the small MobileNet's weights, which is written once.
fn small() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("small.safetensors");
        let name = "mobilenet_v3_small";
        std::fs::write(&path, file(&stored(name, &model(name).unwrap()), Type::F32)).unwrap();
        path.display().to_string()
    })
}

/// A folder for a test's files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn logits(of: &Value) -> Vec<f64> {
    of["logits"].as_array().unwrap().iter().map(|z| z.as_f64().unwrap()).collect()
}

#[test]
fn logits_are_those_of_the_plain_pass() {
    let found =
        json(&["logits", "--model", "mobilenet_v3_small", "--weights", small(), PHOTOGRAPH]);
    let model = model("mobilenet_v3_small").unwrap();
    let weights = formula::weights("mobilenet_v3_small", &model);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let picture = read(&root.join(PHOTOGRAPH), Way::default()).unwrap();
    let expected = plain::forward(&model, &weights, picture.view());
    let found = logits(&found);
    assert_eq!(found.len(), 1000);
    let largest = expected.iter().fold(0_f32, |most, z| most.max(z.abs()));
    for (found, expected) in found.iter().zip(&expected) {
        assert!((*found as f32 - expected).abs() <= 1e-3 * largest, "{found} and not {expected}");
    }
}

#[test]
fn photographs_have_five_names_the_most_probable_first() {
    let ask = ["classify", "--model", "mobilenet_v3_small", "--weights", small()];
    let said = said(&[&ask[..], &[PHOTOGRAPH]].concat());
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], PHOTOGRAPH);
    assert_eq!(lines.iter().filter(|line| line.contains(" %  ")).count(), 5, "{said}");
    assert!(said.contains("not how often it is right"), "{said}");
    let named = json(&[&ask[..], &["--json", PHOTOGRAPH, "data/photographs/chelsea.png"]].concat());
    for one in named.as_array().unwrap() {
        let classes = one["classes"].as_array().unwrap();
        let probability = |i: usize| classes[i]["probability"].as_f64().unwrap();
        assert_eq!(classes.len(), 5);
        assert!((1..5).all(|i| probability(i - 1) >= probability(i)), "{one}");
    }
}

#[test]
fn one_that_cannot_be_read_does_not_keep_the_others_from_being_named() {
    let folder = Folder::new();
    let text_file = folder.write("b.png", "text");
    let ask = ["classify", "--model", "mobilenet_v3_small", "--weights", small()];
    let output = run(&[&ask[..], &[PHOTOGRAPH, &text_file]].concat());
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(error.contains("b.png: is neither PNG nor JPEG; "), "{error}");
    assert!(text(&output.stdout).contains(" %  "));
}

/// Halves, wrappers, counters of batches: the same network.
#[test]
fn the_same_weights_in_other_clothes() {
    let name = "mobilenet_v3_small";
    let (folder, model) = (Folder::new(), model(name).unwrap());
    let plain = Weights::read(&model, Path::new(small())).unwrap();
    let first = |weights: &Weights| weights.layer("features.0.0").unwrap().weight[5];
    for (kind, wrapper) in
        [(Type::F16, "module."), (Type::Bf16, "_orig_mod.module."), (Type::F32, "model.")]
    {
        let mut tensors = stored(name, &model);
        tensors.push(("features.0.1.num_batches_tracked".into(), vec![], vec![7.0]));
        tensors.iter_mut().for_each(|tensor| tensor.0.insert_str(0, wrapper));
        let path = folder.write("other.safetensors", file(&tensors, kind));
        let found = Weights::read(&model, Path::new(&path)).unwrap();
        let [found, plain] = [&found, &plain].map(first);
        assert!((found - plain).abs() <= 0.02 * plain.abs(), "{found} and not {plain}");
        assert_eq!(found == plain, kind == Type::F32);
    }
}

#[test]
fn timms_file_is_told_by_its_names() {
    let folder = Folder::new();
    let model = timm::model("mobilenetv3_small_100").unwrap().unwrap();
    let layers = timm::layers(&model);
    let mut tensors = stored("mobilenet", &model);
    for (name, shape, _) in &mut tensors {
        let (layer, part) = name.rsplit_once('.').unwrap();
        *name = format!("{}.{part}", layers[layer]);
        if name == "conv_head.weight" {
            shape.extend([1, 1]);
        }
    }
    let path = folder.write("timm.safetensors", file(&tensors, Type::F32));
    let ask = |name| ["logits", "--model", name, "--weights", &path, "--bicubic", PHOTOGRAPH];
    assert_eq!(logits(&json(&ask("mobilenetv3_small_100"))).len(), 1000);
    let error = refused(&ask("mobilenet_v3_small"));
    assert!(error.contains("give --model mobilenetv3_small_100"), "{error}");
    assert!(refused(&ask("tf_mobilenetv3_small_100")).contains("as TensorFlow does"));
}

#[test]
fn weights_that_do_not_fit_are_refused_in_a_line() {
    let (folder, name) = (Folder::new(), "mobilenet_v3_small");
    let whole = std::fs::read(small()).unwrap();
    let tensors = stored(name, &model(name).unwrap());
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let changed = |change: &dyn Fn(&mut Vec<Stored>)| {
        let mut tensors = tensors.clone();
        change(&mut tensors);
        file(&tensors, Type::F32)
    };
    let mut long = whole.clone();
    long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut negative = tensors.clone();
    negative.iter_mut().for_each(|t| {
        if t.0.ends_with("running_var") {
            t.2[0] = -1.0
        }
    });
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("missing", changed(&|t| drop(t.pop())), "lacks the tensor classifier.3.bias; "),
        ("none", file(&[], Type::F32), "lacks the tensor classifier.0.bias and 209 more; "),
        (
            "extra",
            changed(&|t| t.push(("more.weight".into(), vec![1], vec![0.0]))),
            "has the tensor more.weight, ",
        ),
        ("shape", changed(&|t| t[0].1 = vec![16, 27]), "has features.0.0.weight of [16, 27], "),
        (
            "twice",
            changed(&|t| t.push((format!("module.{}", t[1].0), t[1].1.clone(), t[1].2.clone()))),
            "twice",
        ),
        ("nan", changed(&|t| t[3].2[0] = f32::NAN), "number 1 is NaN"),
        ("negative", file(&negative, Type::F32), "has a negative variance"),
        (
            "huge",
            changed(&|t| t.iter_mut().for_each(|t| t.2.iter_mut().for_each(|x| *x *= 1e30))),
            "; ",
        ),
        ("half", whole[..whole.len() / 2].to_vec(), "; "),
        ("header", whole[..8 + header / 2].to_vec(), "cut off within its header"),
        ("nothing", vec![], "shorter than the length of its header"),
        ("long", long, "promises a header"),
        (
            "text",
            b"weights, they said, and more of them".to_vec(),
            "; give a whole safetensors file",
        ),
        ("a.pth", b"PK\x03\x04\x14\0\0\0\0\0".to_vec(), "convert it: python -c \"import torch"),
        ("b.pt", vec![0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46], "weights_only=True"),
    ];
    for (file, bytes, fault) in &cases {
        let path = folder.write(file, bytes);
        let error = refused(&["classify", "--model", name, "--weights", &path, PHOTOGRAPH]);
        assert!(error.contains(fault) && error.contains(&path), "{file}: {error}");
        // Where the tensors are the network's own, another network would be no help.
        assert!(!error.contains("give --model"), "{file}: {error}");
    }
    let absent = folder.path("absent.safetensors");
    for (path, fault) in
        [(absent.as_str(), "there is no such file"), (&folder.path(""), "not a regular file")]
    {
        let error = refused(&["classify", "--model", name, "--weights", path, PHOTOGRAPH]);
        assert!(error.contains(fault), "{error}");
    }
    let error = refused(&["classify", "--model", "resnet18", "--weights", small(), PHOTOGRAPH]);
    assert!(error.contains("give --model mobilenet_v3_small"), "{error}");
}

#[test]
fn arguments_that_mean_nothing_are_refused_in_a_line() {
    let folder = Folder::new();
    let ask = |model: &str, photograph: &str, resize: &str| {
        refused(&["logits", "--model", model, "--weights", small(), "--resize", resize, photograph])
    };
    assert!(ask("resnet153", PHOTOGRAPH, "256").contains("did you mean resnet152?"));
    assert!(
        ask("MobileNet_V3_Small", PHOTOGRAPH, "256").contains("did you mean mobilenet_v3_small?")
    );
    assert!(ask("", PHOTOGRAPH, "256").contains("give one of"));
    assert!(ask("mobilenet_v3_small", PHOTOGRAPH, "223").contains("--resize"));
    assert!(ask("mobilenet_v3_small", PHOTOGRAPH, "99999999").contains("--resize"));
    assert!(ask("mobilenet_v3_small", &folder.path("none.png"), "256").contains("no such file"));
    assert!(ask("mobilenet_v3_small", &folder.path(""), "256").contains("is a folder"));
    assert!(refused(&["count", "--model", "resnet18", "--side", "0"]).contains("--side"));
}

#[test]
fn photographs_of_odd_sizes_are_named_and_huge_ones_refused() {
    let folder = Folder::new();
    let ask = ["classify", "--json", "--model", "mobilenet_v3_small", "--weights", small()];
    let saved = |name: &str, width, height| {
        RgbImage::from_pixel(width, height, Rgb([9, 80, 7])).save(folder.path(name)).unwrap();
        folder.path(name)
    };
    let odd = [saved("one.png", 1, 1), saved("tall.png", 1, 16_000), saved("wide.jpg", 9000, 2)];
    let paths: Vec<&str> = odd.iter().map(String::as_str).collect();
    let named = json(&[&ask[..], &paths].concat());
    let classes: Vec<&Value> =
        named.as_array().unwrap().iter().map(|one| &one["classes"]).collect();
    assert_eq!(classes[0], classes[1], "one colour is one colour");
    // A hundred megapixels.
    let huge = saved("huge.png", 10_000, 10_000);
    let error = refused(&[&ask[..], &[huge.as_str()]].concat());
    assert!(error.contains("10000 × 10000 pixels"), "{error}");
}

#[test]
fn a_network_is_counted_by_stages() {
    let found = said(&["count", "--model", "resnet152"]);
    for words in ["layer3", "60,192,808", "11,513,626,624", "100.0"] {
        assert!(found.contains(words), "{words}: {found}");
    }
    let found = json(&["count", "--model", "mobilenet_v3_large", "--json"]);
    let stages = found.as_array().unwrap();
    assert_eq!(stages.len(), 17 + 2 + 1);
    let of = |stage: &Value, key: &str| stage[key].as_u64().unwrap();
    let (whole, parts) = stages.split_last().unwrap();
    for key in ["layers", "parameters", "multiply_adds"] {
        let sum: u64 = parts.iter().map(|stage| of(stage, key)).sum();
        assert_eq!(sum, of(whole, key), "{key}");
    }
    assert_eq!(of(whole, "parameters"), 5_483_032);
}

#[test]
fn help_begins_with_what_a_command_is_for() {
    for (command, about) in [
        ("classify", "What is on your own photographs"),
        ("logits", "The thousand numbers that a network says of a photograph"),
        ("count", "How many layers, parameters and multiply-adds"),
    ] {
        let said = said(&[command, "--help"]);
        assert!(said.starts_with(about), "{command}: {said}");
        assert!(said.contains("Examples:\n"), "{command}: {said}");
    }
}

/// A network of three layers, whose file is small.
fn tiny() -> Model {
    let norm = |name: &str| Norm { name: name.into(), epsilon: 1e-5 };
    let convolution = |name: &str, inputs, window| {
        Part::Convolution(Convolution {
            name: name.into(),
            norm: norm(&format!("{name}.norm")),
            inputs,
            outputs: 2,
            window,
            stride: 1,
            groups: 1,
            activation: Activation::Relu,
        })
    };
    let activation = Activation::None;
    let linear = Linear { name: "fc".into(), inputs: 2, outputs: 3, activation };
    Model {
        parts: vec![
            convolution("a", 3, 3),
            convolution("b", 2, 1),
            Part::Mean,
            Part::Linear(linear),
        ],
    }
}

/// Reads weights from bytes, by a file that is there for that.
fn read_bytes(model: &Model, bytes: &[u8]) -> residual::Result<Weights> {
    thread_local! {
        static PLACE: (tempfile::TempDir, PathBuf) = {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bytes.safetensors");
            (folder, path)
        };
    }
    PLACE.with(|(_, path)| {
        std::fs::write(path, bytes).unwrap();
        Weights::read(model, path)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever is done to a file, its reader gives a whole network or a fault in one line.
    #[test]
    fn damaged_bytes_are_weights_or_a_fault(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..6),
        in_header in any::<bool>(),
    ) {
        let model = tiny();
        let mut bytes = file(&stored("tiny", &model), Type::F32);
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        for (at, byte, what) in changes {
            let at = at.index(if in_header { header.min(bytes.len()) } else { bytes.len() }.max(1));
            match what {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), byte),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|old| *old = byte),
            }
        }
        match read_bytes(&model, &bytes) {
            Ok(weights) => {
                for (name, weight, bias) in [("a", 54, 2), ("b", 4, 2), ("fc", 6, 3)] {
                    let layer = weights.layer(name).unwrap();
                    prop_assert_eq!((layer.weight.len(), layer.bias.len()), (weight, bias));
                }
            }
            Err(fault) => {
                let fault = fault.to_string();
                prop_assert!(!fault.contains(|c: char| c.is_control()) && fault.contains("; "), "{}", fault);
            }
        }
    }
}
