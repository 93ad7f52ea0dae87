//! What a person meets at the command line: answers about photographs, and one line with exit status 2 for bad input. Weights are by
//! a formula, so that the answers mean nothing, and are the same everywhere.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use attention::fast::{Fast, Workspace};
use attention::vit::vit;
use attention::{Network, Tensor, Vit, formula};
use image::{Rgb, RgbImage};
use residual::preprocess::{Kernel, Way, read};
use serde_json::Value;

const PHOTOGRAPH: &str = "data/photographs/coffee.png";
const NAME: &str = "vit_b_32";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attention"));
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
#[derive(Clone, Copy, Debug, PartialEq)]
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

    fn width(self) -> usize {
        if self == Type::F32 { 4 } else { 2 }
    }
}

/// The half of a number that is neither huge nor tiny, cut off.
fn half(x: f32) -> u16 {
    let bits = x.to_bits();
    let exponent = (bits >> 23 & 0xff) as i32 - 127 + 15;
    let sign = (bits >> 16 & 0x8000) as u16;
    if exponent <= 0 { sign } else { sign | (exponent as u16) << 10 | (bits >> 13 & 0x3ff) as u16 }
}

/// A tensor of a file: its name and shape, and its numbers where they are not all zero.
type Stored = (String, Vec<usize>, Option<Vec<f32>>);

/// The length of a header and the header.
fn head(tensors: &[Stored], kind: Type) -> (Vec<u8>, usize) {
    let (mut header, mut at) = (serde_json::Map::new(), 0);
    for (name, shape, _) in tensors {
        let end = at + kind.width() * shape.iter().product::<usize>();
        let entry = serde_json::json!({
            "dtype": kind.name(), "shape": shape, "data_offsets": [at, end]
        });
        header.insert(name.clone(), entry);
        at = end;
    }
    let header = serde_json::to_vec(&header).unwrap();
    ([&(header.len() as u64).to_le_bytes()[..], &header].concat(), at)
}

/// A safetensors file. Zeros are left out, and take no room on most disks.
fn write(path: &Path, tensors: &[Stored], kind: Type) {
    let (head, length) = head(tensors, kind);
    let mut file = BufWriter::new(File::create(path).unwrap());
    file.write_all(&head).unwrap();
    for (_, shape, numbers) in tensors {
        let bytes = kind.width() * shape.iter().product::<usize>();
        match numbers {
            None => drop(file.seek(SeekFrom::Current(bytes as i64)).unwrap()),
            Some(numbers) => {
                numbers.iter().for_each(|&x| file.write_all(&kind.bytes(x)).unwrap());
            }
        }
    }
    let file = file.into_inner().unwrap();
    file.set_len((head.len() + length) as u64).unwrap();
}

/// Numbers of a tensor. The weights of all blocks but the first and the last are zero, so that their tokens pass by.
fn numbers(tensor: &Tensor) -> Option<Vec<f32>> {
    let block = tensor.name.strip_prefix("encoder.layers.encoder_layer_");
    let block = block.and_then(|rest| rest.split_once('.')).map(|(i, _)| i);
    matches!(block, None | Some("0" | "11")).then(|| formula::weights(tensor))
}

fn stored(name: &str, full: bool) -> Vec<Stored> {
    let of = |tensor: Tensor| {
        let numbers = if full { numbers(&tensor) } else { None };
        (tensor.name, tensor.shape, numbers)
    };
    vit(name).unwrap().tensors().into_iter().map(of).collect()
}

/// A file of the smallest network's weights, which is written once.
fn small() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("small.safetensors");
        write(&path, &stored(NAME, true), Type::F32);
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

    /// A file of zeros but for what is given.
    fn tensors(&self, name: &str, tensors: &[Stored]) -> String {
        let path = self.path(name);
        write(Path::new(&path), tensors, Type::F32);
        path
    }
}

fn logits(of: &Value) -> Vec<f64> {
    of["logits"].as_array().unwrap().iter().map(|z| z.as_f64().unwrap()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn logits_are_those_of_the_plain_pass() {
    let network = Network::read(vit(NAME).unwrap(), Path::new(small())).unwrap();
    for (more, way) in [
        (vec![], Way { shorter: 256, kernel: Kernel::Bilinear }),
        (vec!["--resize", "224", "--bicubic"], Way { shorter: 224, kernel: Kernel::Bicubic }),
    ] {
        let ask = ["logits", "--model", NAME, "--weights", small(), PHOTOGRAPH];
        let found = logits(&json(&[&ask[..], &more].concat()));
        let picture = read(&root().join(PHOTOGRAPH), way).unwrap();
        let expected = network.forward(picture.view()).unwrap();
        assert_eq!(found.len(), 1000);
        let largest = expected.iter().fold(0_f32, |most, z| most.max(z.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            assert!((*found as f32 - expected).abs() <= 1e-4 * largest, "{found}, not {expected}");
        }
    }
}

#[test]
fn photographs_have_five_names_the_most_probable_first() {
    let ask = ["classify", "--model", NAME, "--weights", small()];
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
    let output = run(&["classify", "--model", NAME, "--weights", small(), PHOTOGRAPH, &text_file]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(error.contains("b.png: is neither PNG nor JPEG; "), "{error}");
    assert!(text(&output.stdout).contains(" %  "));
}

/// Halves, wrappers, former names: the same network.
#[test]
fn the_same_weights_in_other_clothes() {
    let model = Vit { side: 8, patch: 4, layers: 2, heads: 2, width: 8, hidden: 16, classes: 3 };
    let (folder, picture) = (Folder::new(), formula::picture(0, 8));
    let answer = |fast: Fast| fast.logits(&mut Workspace::new(1), picture.view()).unwrap();
    let plain = answer(Fast::from(model, |tensor| Ok(formula::weights(tensor))).unwrap());
    let largest = plain.iter().fold(0_f32, |most, z| most.max(z.abs()));
    for (kind, wrapper, former) in [
        (Type::F16, "module.", false),
        (Type::Bf16, "_orig_mod.module.", true),
        (Type::F32, "model.", false),
        (Type::F32, "", true),
    ] {
        let mut tensors: Vec<Stored> = Vec::new();
        for tensor in model.tensors() {
            let mut name = format!("{wrapper}{}", tensor.name);
            if former {
                name = name.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2.");
            }
            tensors.push((name, tensor.shape.clone(), Some(formula::weights(&tensor))));
        }
        let path = folder.path("other.safetensors");
        write(Path::new(&path), &tensors, kind);
        let read = answer(Fast::read(model, Path::new(&path)).unwrap());
        for (found, expected) in read.iter().zip(&plain) {
            assert!((found - expected).abs() <= 0.05 * largest, "{kind:?}: {found}, {expected}");
        }
        assert_eq!(read == plain, kind == Type::F32);
    }
}

#[test]
fn timms_file_is_told_by_its_names() {
    let folder = Folder::new();
    let mut tensors = stored(NAME, false);
    for (tensor, (name, ..)) in vit(NAME).unwrap().tensors().iter().zip(&mut tensors) {
        *name = attention::weights::Names::Timm.of(tensor);
    }
    let names: Vec<&str> = tensors.iter().map(|tensor| tensor.0.as_str()).collect();
    for name in ["cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.11.attn.qkv.weight"] {
        assert!(names.contains(&name), "{name}");
    }
    for name in ["blocks.0.norm1.bias", "blocks.3.mlp.fc2.weight", "norm.weight", "head.bias"] {
        assert!(names.contains(&name), "{name}");
    }
    let path = folder.tensors("timm.safetensors", &tensors);
    let error = refused(&["logits", "--model", NAME, "--weights", &path, PHOTOGRAPH]);
    assert!(
        error.contains("has timm's tensors") && error.contains("give torchvision's"),
        "{error}"
    );
}

#[test]
fn weights_that_do_not_fit_are_refused_in_a_line() {
    let folder = Folder::new();
    let tensors = stored(NAME, false);
    let refuse = |path: &str, fault: &str| {
        let error = refused(&["classify", "--model", NAME, "--weights", path, PHOTOGRAPH]);
        assert!(error.contains(fault) && error.contains(path), "{path}: {error}");
        // Where the tensors are the network's own, another network would be no help.
        assert!(!error.contains("give --model"), "{path}: {error}");
    };
    let changed = |name: &str, fault: &str, change: &dyn Fn(&mut Vec<Stored>)| {
        let mut tensors = tensors.clone();
        change(&mut tensors);
        refuse(&folder.tensors(name, &tensors), fault);
    };
    changed("missing", "lacks the tensor heads.head.bias; ", &|t| drop(t.pop()));
    changed("none", "lacks the tensor class_token and 151 more; ", &|t| t.clear());
    let more = ("pre_logits.bias".to_owned(), vec![1], None);
    changed("extra", "has the tensor pre_logits.bias, ", &|t| t.push(more.clone()));
    changed("shape", "has conv_proj.weight of [768, 3072], ", &|t| t[1].1 = vec![768, 3072]);
    // A network for photographs of 384 pixels.
    changed("384", "has encoder.pos_embedding of [1, 145, 768], ", &|t| t[3].1 = vec![1, 145, 768]);
    changed("twice", "twice", &|t| {
        t.push((format!("module.{}", t[2].0), t[2].1.clone(), None));
    });
    changed("nan", "number 2 is NaN", &|t| {
        t[2].2 = Some([&[0.5, f32::NAN][..], &[0.5; 766]].concat());
    });
    // The last layer's bias, and nothing else: beyond all bounds.
    changed("infinite", "is inf", &|t| {
        t[2].2 = Some(vec![f32::INFINITY; 768]);
    });

    let (head, length) = head(&tensors, Type::F32);
    let whole = folder.tensors("whole", &tensors);
    File::options().write(true).open(&whole).unwrap().set_len((length / 2) as u64).unwrap();
    refuse(&whole, "; save the file again");
    let mut long = head.clone();
    long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    for (file, bytes, fault) in [
        ("header", head[..head.len() / 2].to_vec(), "cut off within its header"),
        ("nothing", vec![], "shorter than the length of its header"),
        ("long", long, "promises a header"),
        (
            "text",
            b"weights, they said, and more of them".to_vec(),
            "; give a whole safetensors file",
        ),
        ("a.pth", b"PK\x03\x04\x14\0\0\0\0\0".to_vec(), "convert it: python -c \"import torch"),
        ("b.pt", vec![0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46], "weights_only=True"),
    ] {
        refuse(&folder.write(file, bytes), fault);
    }
    refuse(&folder.path("absent.safetensors"), "there is no such file");
    refuse(&folder.path(""), "not a regular file");
}

#[test]
fn numbers_that_grow_beyond_all_bounds_are_no_answer() {
    let folder = Folder::new();
    let mut tensors = stored(NAME, false);
    for (name, shape, numbers) in &mut tensors {
        let huge = matches!(name.as_str(), "conv_proj.bias" | "class_token");
        *numbers = huge.then(|| vec![3e38; shape.iter().product()]);
    }
    let path = folder.tensors("huge", &tensors);
    let error = refused(&["logits", "--model", NAME, "--weights", &path, PHOTOGRAPH]);
    assert!(error.contains("grow beyond all bounds") && error.contains(&path), "{error}");
}

#[test]
fn the_fix_names_the_network_whose_tensors_a_file_has() {
    let folder = Folder::new();
    let path = folder.tensors("b16", &stored("vit_b_16", false));
    let error = refused(&["classify", "--model", NAME, "--weights", &path, PHOTOGRAPH]);
    assert!(error.contains("give --model vit_b_16"), "{error}");
}

#[test]
fn arguments_that_mean_nothing_are_refused_in_a_line() {
    let folder = Folder::new();
    let ask = |model: &str, photograph: &str, resize: &str| {
        refused(&["logits", "--model", model, "--weights", small(), "--resize", resize, photograph])
    };
    assert!(ask("vit_h_14", PHOTOGRAPH, "256").contains("give one of vit_b_16, "));
    assert!(ask("", PHOTOGRAPH, "256").contains("give one of"));
    assert!(ask("a\nb", PHOTOGRAPH, "256").contains("give one of"));
    assert!(ask(NAME, PHOTOGRAPH, "223").contains("--resize"));
    assert!(ask(NAME, PHOTOGRAPH, "99999999").contains("--resize"));
    assert!(ask(NAME, &folder.path("none.png"), "256").contains("no such file"));
    assert!(ask(NAME, &folder.path(""), "256").contains("is a folder"));
    for side in ["0", "225", "99999999"] {
        assert!(refused(&["count", "--model", NAME, "--side", side]).contains("--side"));
    }
}

#[test]
fn photographs_of_odd_sizes_are_named_and_huge_ones_refused() {
    let folder = Folder::new();
    let ask = ["classify", "--json", "--model", NAME, "--weights", small()];
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
fn a_network_is_counted_by_parts() {
    let found = said(&["count", "--model", "vit_l_32"]);
    for words in ["block 24", "306,535,400", "100.0", "50 tokens"] {
        assert!(found.contains(words), "{words}: {found}");
    }
    let found = json(&["count", "--model", "vit_b_16", "--json", "--side", "448"]);
    let parts = found.as_array().unwrap();
    assert_eq!(parts.len(), 1 + 12 + 1 + 1);
    let of = |part: &Value, key: &str| part[key].as_u64().unwrap();
    let (whole, parts) = parts.split_last().unwrap();
    for key in ["parameters", "multiply_adds", "between_tokens"] {
        let sum: u64 = parts.iter().map(|part| of(part, key)).sum();
        assert_eq!(sum, of(whole, key), "{key}");
    }
    let model = Vit { side: 448, ..vit("vit_b_16").unwrap() };
    assert_eq!(of(whole, "parameters"), model.parameters() as u64);
}

#[test]
fn help_begins_with_what_a_command_is_for() {
    for (command, about) in [
        ("classify", "What is on your own photographs"),
        ("logits", "The thousand numbers that a vision transformer says of a photograph"),
        ("count", "How many parameters and multiply-adds"),
    ] {
        let said = said(&[command, "--help"]);
        assert!(said.starts_with(about), "{command}: {said}");
        assert!(said.contains("Examples:\n"), "{command}: {said}");
    }
}
