//! What a person meets at the command line: answers about photographs, and one line with exit status 2 for bad input.

#![allow(clippy::unwrap_used)] // a test may panic

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use backprop::{Engine, Options};
use convolution::networks;
use notebook::{Stream, stream};
use optimization::{Checkpoint, Initialisation};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convolution"));
    command.current_dir(root()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A network with its first weights, under PyTorch's names.
fn untrained() -> String {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = Engine::new(networks::sequential().unwrap(), Options::default()).unwrap();
        Initialisation::He.draw(&mut engine, &mut stream(1, Stream::Weights)).unwrap();
        let checkpoint = Checkpoint { weights: engine.weights(), ..Checkpoint::default() };
        checkpoint.write(&folder.path().join("untrained.safetensors")).unwrap();
        folder
    });
    folder.path().join("untrained.safetensors").display().to_string()
}

const IMAGES: &str = "data/fashion-mnist/t10k-images-idx3-ubyte.gz";
const LABELS: &str = "data/fashion-mnist/t10k-labels-idx1-ubyte.gz";

#[test]
#[ignore = "takes a quarter of a minute: an epoch on all garments"]
fn what_was_learned_in_one_epoch_names_most_garments() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.safetensors").display().to_string();
    let output = run(&["train", "--epochs", "1", "--out", &model]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("accuracy 0."), "{}", text(&output.stdout));
    // From files of one's own, too.
    let output = run(&["evaluate", "--model", &model, "--idx", IMAGES, LABELS]);
    let said = text(&output.stdout);
    let accuracy: f64 = said.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(accuracy > 0.8 && said.ends_with("on 10000 images\n"), "{said}");
    let output = run(&["classify", "--model", &model, "book/assets/trousers.png"]);
    assert_eq!(output.status.code(), Some(2), "there is no such photograph");
}

#[test]
fn logits_are_rows_of_ten_numbers() {
    let output = run(&["logits", "--model", &untrained(), "--idx", IMAGES, "--first", "3"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: Vec<Vec<f64>> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(rows.len() == 3 && rows.iter().all(|row| row.len() == 10), "{rows:?}");
}

/// A pair of trousers, drawn: light or dark on the other, or cut out of a transparent ground.
fn trousers(garment: u8, ground: Option<u8>, path: &Path) {
    let image = image::GrayAlphaImage::from_fn(120, 200, |x, y| {
        let leg = (30..55).contains(&x) || (65..90).contains(&x);
        let belt = y < 60 && (30..90).contains(&x);
        let inside = (10..190).contains(&y) && (leg || belt);
        match (inside, ground) {
            (true, _) => image::LumaA([garment, 255]),
            (false, Some(light)) => image::LumaA([light, 255]),
            (false, None) => image::LumaA([0, 0]),
        }
    });
    image.save(path).unwrap();
}

/// `  25.3 %  Pullover`: the class and its probability.
fn answer(line: &str) -> Option<(String, f64)> {
    let (percent, class) = line.split_once(" %  ")?;
    Some((class.to_owned(), percent.trim().parse().ok()?))
}

#[test]
fn the_ground_and_the_polarity_of_a_photograph_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let kinds = [(20, Some(250)), (250, Some(10)), (20, None), (250, None)];
    let answers = kinds.map(|(garment, ground)| {
        let path = folder.path().join("trousers.png");
        trousers(garment, ground, &path);
        let found = answers(&path);
        assert_eq!(found.len(), 10, "{found:?}");
        found
    });
    // Greys are stretched after the garment is made small, so its edges round in other ways.
    for (one, other) in answers.windows(2).flat_map(|two| two[0].iter().zip(&two[1])) {
        assert!(one.0 == other.0 && (one.1 - other.1).abs() < 0.5, "{answers:#?}");
    }
}

/// The ten probabilities of a photograph, in the order of the classes' names.
fn answers(path: &Path) -> Vec<(String, f64)> {
    let output = run(&["classify", "--model", &untrained(), &path.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut answers: Vec<_> = text(&output.stdout).lines().filter_map(answer).collect();
    answers.sort_by(|a, b| a.0.cmp(&b.0));
    answers
}

/// Sensors give 12 bits, which lie in the lower ones of a file of 16.
#[test]
fn a_photograph_of_twelve_bits_in_sixteen_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (eight, twelve) = (folder.path().join("8.png"), folder.path().join("12.png"));
    trousers(250, Some(10), &eight);
    let of_eight = image::open(&eight).unwrap().into_luma8();
    let sixteen = image::ImageBuffer::from_fn(of_eight.width(), of_eight.height(), |x, y| {
        image::Luma([u16::from(of_eight.get_pixel(x, y).0[0]) << 4])
    });
    sixteen.save(&twelve).unwrap();
    for (one, other) in answers(&eight).iter().zip(&answers(&twelve)) {
        assert!(one.0 == other.0 && (one.1 - other.1).abs() < 0.5, "{one:?} {other:?}");
    }
}

/// What is made smaller before it is looked at shows the same garment.
#[test]
fn the_size_of_a_photograph_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let (small, large) = (folder.path().join("small.png"), folder.path().join("large.png"));
    trousers(250, Some(10), &small);
    let filter = image::imageops::FilterType::Nearest;
    image::open(&small).unwrap().resize(2400, 4000, filter).save(&large).unwrap();
    for (one, other) in answers(&small).iter().zip(&answers(&large)) {
        assert!(one.0 == other.0 && (one.1 - other.1).abs() < 1.0, "{one:?} {other:?}");
    }
}

#[test]
fn the_data_are_found_from_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    let output = program()
        .current_dir(folder.path())
        .args(["evaluate", "--model", &untrained()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let bare = ["evaluate", "--model", "model.safetensors", "--data", "data/fashion-mnist"];
    let output = program().current_dir(folder.path()).args(bare).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "what is given is meant from where one is");
}

/// Each command says what it does, not what its arguments are.
#[test]
fn help_begins_with_what_a_command_is_for() {
    for (command, about) in [
        ("train", "Train the network that the chapter chose on Fashion-MNIST"),
        ("evaluate", "The accuracy of a saved network"),
        ("classify", "What is on your own photographs"),
        ("logits", "The logits of the first images"),
    ] {
        let output = run(&[command, "--help"]);
        let said = text(&output.stdout);
        assert!(said.starts_with(about), "{command}: {said}");
        assert!(text(&run(&["--help"]).stdout).contains(about), "{command} in the list");
    }
}

/// Half a network of NaN answers nothing, at any of the commands.
#[test]
fn weights_that_are_no_numbers_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nan.safetensors");
    let mut bytes = std::fs::read(untrained()).unwrap();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&path, bytes).unwrap();
    let model = path.display().to_string();
    for rest in [&["evaluate"][..], &["logits", "--idx", IMAGES, "--first", "1"]] {
        let output = run(&[rest, &["--model", &model]].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.contains("nan.safetensors: weights \"") && error.contains(" is NaN; "),
            "{error}"
        );
    }
}

#[test]
fn bad_input_is_one_line_and_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (notes, blank, cut) = (path("notes.txt"), path("blank.png"), path("cut.safetensors"));
    std::fs::write(&notes, "neither a model nor a picture\n").unwrap();
    image::GrayImage::from_pixel(50, 50, image::Luma([9])).save(&blank).unwrap();
    let whole = std::fs::read(untrained()).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let (model, absent, out) = (untrained(), path("absent"), path("none/model.safetensors"));
    let cases: [&[&str]; 14] = [
        &["evaluate", "--model", &absent],
        &["evaluate", "--model", &notes],
        &["evaluate", "--model", &cut],
        &["evaluate", "--model", &model, "--data", &absent],
        &["evaluate", "--model", &model, "--idx", LABELS, IMAGES],
        &[
            "evaluate",
            "--model",
            &model,
            "--idx",
            IMAGES,
            "data/fashion-mnist/train-labels-idx1-ubyte.gz",
        ],
        &["classify", "--model", &model, &absent],
        &["classify", "--model", &model, &notes],
        &["classify", "--model", &model, &blank],
        &["logits", "--model", &model, "--idx", IMAGES, "--first", "0"],
        &["logits", "--model", &model, "--idx", LABELS, "--first", "1"],
        &["train", "--out", &out],
        &["train", "--out", &absent, "--resume"],
        &["train", "--out", &notes, "--resume"],
    ];
    for arguments in cases {
        let output = run(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert_eq!(error.trim_end().lines().count(), 1, "{arguments:?}: {error}");
        assert!(error.contains("; "), "no fix in {error}");
    }
    assert_eq!(run(&["train", "--out", &absent, "--epochs", "0"]).status.code(), Some(2));
    assert!(!Path::new(&absent).exists(), "nothing is left");
}
